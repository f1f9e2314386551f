"""What a letter lacks before it may go out: a number in its text, somebody who receives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.letter_facts import BLANK, contact_of
from cases.models import EscalationDraft
from organisations.models import Delegation, Tenure, Unit, User
from organisations.roles import POLICY, Act
from organisations.scope import Actor

Kind = EscalationDraft.Kind
READERS = sorted(role for role, acts in POLICY.items() if Act.READ in acts)


@dataclass(frozen=True)
class Lack:
    """In words; ``url`` and ``link`` lead to where it is entered, for whoever may."""

    words: str
    url: str = ""
    link: str = ""


def check_no_blank(draft: EscalationDraft, body: str, on: date, by: Actor) -> None:
    if BLANK in body:
        raise Refused("blank", _blank_words(*contact_of(draft, on, by.user)))


def lacks_of(draft: EscalationDraft, body: str, on: date, by: Actor) -> list[Lack]:
    """To be said before it is released; one that is decided lacks nothing any more."""
    if draft.state != EscalationDraft.State.DRAFTED:
        return []
    found = [_blank(draft, on, by)] if BLANK in body else []
    return [*found, *_vacant(draft, on, by)]


def _blank_words(contact: User | None, phone: str) -> str:
    if contact is None or phone:
        return _("The text still has a blank “____”. Fill it in, then release.")
    return _(
        "The text still has a blank “____”: no telephone number of %(contact)s is known. Enter it "
        "on his page or on the page of his account, or write it into the text."
    ) % {"contact": contact}


def _blank(draft: EscalationDraft, on: date, by: Actor) -> Lack:
    contact, phone = contact_of(draft, on, by.user)
    words = _blank_words(contact, phone)
    if contact is None or phone:
        return Lack(words)
    if by.user is not None and contact.pk == by.user.pk:
        return Lack(words, reverse("profile") + "#phone", _("Enter my telephone number"))
    if by.may(Act.MANAGE_USERS):
        return Lack(words, reverse("account", args=[contact.pk]), _("Enter the number"))
    return Lack(words)


def _vacant(draft: EscalationDraft, on: date, by: Actor) -> list[Lack]:
    """Where nobody holds a post of the unit that it goes to; who reads it in its place."""
    if _is_held({draft.unit_id}, on):
        return []
    forces = Unit.objects.none()
    if draft.kind not in (Kind.TALK, Kind.COORDINATION_LETTER) and draft.county_id is not None:
        forces = Unit.objects.filter(kind=Unit.Kind.TASK_FORCE, region=draft.county_id)
    others = {unit.pk: unit for unit in forces if unit.pk != draft.unit_id}
    if others and _is_held(others, on):
        words = _(
            "Nobody holds a post of %(unit)s; in the system only %(other)s receives this letter."
        ) % {"unit": draft.unit.name, "other": next(iter(others.values())).name}
    else:
        words = _("Nobody holds a post of %(unit)s; in the system nobody receives this letter.")
        words %= {"unit": draft.unit.name}
    if by.may_in(Act.MANAGE_USERS, draft.programme.city):
        return [Lack(words, reverse("unit", args=[draft.unit_id]), _("Appoint somebody"))]
    return [Lack(words)]


def _is_held(units: object, on: date) -> bool:
    asked = {"post__unit__in": units, "post__role__in": READERS}
    held = Tenure.objects.on(on).filter(**asked, user__is_active=True)
    return held.exists() or Delegation.objects.on(on).filter(**asked).exists()
