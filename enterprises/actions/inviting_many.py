"""Verb: 批量邀请企业: an invitation for each of many firms; as of one, only hashes are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from enterprises.actions.clerks import INVITING
from enterprises.actions.inviting import DAYS, KIND, OF_PERSON, check_days, no_right
from enterprises.contacts import hashed, new_code
from enterprises.invitation_words import Sheet, hosts_of
from enterprises.models import Clerk, Contact, Enterprise, Invitation, Membership
from enterprises.permissions import may_write
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record_many
from organisations.models import User
from organisations.phones import is_phone
from organisations.scope import Actor

# what is printed and handed out in one go
MOST = 300


@dataclass(frozen=True)
class Guest:
    """A firm that gets an invitation: where it lies, and whom it is meant for, if one is known;
    ``host``: who serves it and is called, where somebody does."""

    firm: Enterprise
    city: str
    county: str
    person: str
    phone: str
    host: User | None = None


@dataclass(frozen=True)
class Plan:
    """Who would be invited, by county and name; the others by id, with the reason in words.

    ``newest``: the last invitation that these firms have had: whoever confirms has seen it.
    """

    guests: Sequence[Guest]
    left_out: dict[int, str]
    newest: int


@dataclass(frozen=True)
class Made:
    """An invitation as it is handed over, in this moment only."""

    guest: Guest
    invitation: Invitation
    code: str

    def sheet(self, site: str) -> Sheet:
        host = self.guest.host or self.invitation.made_by
        return Sheet(self.invitation, self.code, site, self.guest.city, host)


def made_of_one(invitation: Invitation, code: str) -> Made:
    """One that was made by itself, as those of many are handed over; for whom it says."""
    [guest] = _guests([invitation.enterprise_id])
    meant = replace(guest, person=invitation.person, phone=invitation.phone)
    return Made(meant, invitation, code)


def plan_many(firms: Collection[int], *, by: Actor, on: date, again: bool = False) -> Plan:
    """Who of these would be invited. A firm that has somebody with access already is left out,
    unless ``again``. Seven statements whatever their number; raises ``Refused``: whoever may
    invite nobody, too many at once.
    """
    if not by.is_system and not any(by.may(act) for act in INVITING):
        raise Refused("may_not", no_right())
    if len(firms) > MOST:
        words = _("At most %(n)d firms at a time. Narrow the filter first.")
        raise Refused("many", words % {"n": MOST})
    allowed = may_write(by, firms, *INVITING)
    left_out = {pk: no_right() for pk in firms if pk not in allowed}
    working = set() if again else _with_people(allowed, on)
    words = _("Somebody of the firm has access already.")
    left_out |= dict.fromkeys(working, words)
    chosen = allowed - working
    newest = Invitation.objects.filter(enterprise__in=firms).aggregate(last=Max("pk"))["last"]
    return Plan(_guests(chosen), left_out, newest or 0)


def _with_people(firms: Collection[int], on: date) -> set[int]:
    rows = Clerk.objects.filter(enterprise__in=firms, user__is_active=True)
    return {clerk.enterprise_id for clerk in rows if clerk.is_on(on)}


def _guests(firms: Collection[int]) -> list[Guest]:
    """In the order in which a county hands them out: by county, township and name."""
    rows = Membership.objects.newest().filter(enterprise__in=firms)
    places = {
        row.enterprise_id: row
        for row in rows.select_related("city", "county", "township").order_by("joined_on", "pk")
    }
    known: dict[int, Contact] = {}
    contacts = Contact.objects.filter(enterprise__in=firms).exclude(phone="")
    for contact in contacts.order_by("duty", "id"):
        if is_phone(contact.phone) and len(contact.name) <= OF_PERSON:
            known[contact.enterprise_id] = contact
    found = sorted(
        Enterprise.objects.filter(pk__in=firms), key=lambda one: _order(one, places.get(one.pk))
    )
    hosts = hosts_of(firms)
    return [_guest(one, places.get(one.pk), known.get(one.pk), hosts.get(one.pk)) for one in found]


def _order(firm: Enterprise, place: Membership | None) -> tuple[int, int, str, int]:
    if place is None:
        return 0, 0, firm.pinyin, firm.pk
    return place.county_id, place.township_id or 0, firm.pinyin, firm.pk


def _guest(
    firm: Enterprise, place: Membership | None, known: Contact | None, host: User | None
) -> Guest:
    return Guest(
        firm=firm,
        city=place.city.name if place else "",
        county=place.county.name if place else "",
        person=known.name.strip() if known else "",
        phone=known.phone.strip() if known else "",
        host=host,
    )


@transaction.atomic
def invite_many(
    firms: Collection[int],
    *,
    by: Actor,
    at: datetime,
    days: int = DAYS,
    again: bool = False,
    newest: int | None = None,
) -> list[Made]:
    """An invitation for each firm of ``plan_many``, with its code, which is kept nowhere.

    ``newest``: of the plan that was looked at; raises ``Refused`` if others came since, as they do
    when a page is sent twice, or when nobody is left to be invited.
    """
    check_days(days)
    on = day_of(at)
    plan = plan_many(firms, by=by, on=on, again=again)
    if newest is not None and newest != plan.newest:
        words = _("Some of these firms were invited meanwhile. Look at the preview again.")
        raise Refused("stale_preview", words)
    if not plan.guests:
        raise Refused("nobody", _("None of these firms is to be invited."))
    made = []
    for guest in plan.guests:
        code = new_code()
        row = Invitation(
            enterprise=guest.firm,
            code_hash=hashed(code),
            person=guest.person,
            phone=guest.phone,
            made_by=by.user,
            made_at=at,
            until_on=on + timedelta(days=days),
        )
        made.append(Made(guest, row, code))
    Invitation.objects.bulk_create([one.invitation for one in made])
    record_many(
        KIND,
        "invite_clerk",
        [
            (
                one.guest.firm,
                {"invitation": one.invitation.pk, "last_on": one.invitation.last_on.isoformat()},
            )
            for one in made
        ],
        by=by,
        at=at,
    )
    return made
