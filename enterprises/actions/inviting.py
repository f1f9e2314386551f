"""Verbs: 邀请企业联络员, taking an invitation back, and entering by it.

A link is passed on in chats and opened again weeks later: it opens one firm's page until a day, for
several clerks, and again for whoever entered by it before. Only a hash of its code is stored.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from enterprises.actions.clerks import INVITING, check_no_official, link_clerk, unlink_clerk
from enterprises.contacts import hashed, hashes, new_code
from enterprises.models import Clerk, Enterprise, Invitation
from enterprises.permissions import may_write
from organisations.actions import users
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record
from organisations.lengths import check_length
from organisations.models import AuditEvent, Tenure, User
from organisations.phones import NOT_A_PHONE, is_phone
from organisations.scope import Actor

KIND = AuditEvent.Kind.USER
DAYS, MOST_DAYS = 30, 180
OF_PERSON = 40
# at a firm three people do this; a link that went astray lets no crowd in
MOST_CLERKS = 10
# wrong codes from one address, and for how long it is shut then (as for passwords)
TRIES, SHUT_FOR = 5, timedelta(minutes=15)
WRONG = "wrong_invitation"


@transaction.atomic
def invite(
    firm: Enterprise,
    *,
    by: Actor,
    at: datetime,
    person: str = "",
    phone: str = "",
    days: int = DAYS,
) -> tuple[Invitation, str]:
    """An invitation for ``days`` days and its code, which is shown once and kept nowhere.

    ``person`` with ``phone``: then the page asks him nothing. Raises ``Refused``.
    """
    _check_may(firm, by)
    person, phone = person.strip(), phone.strip()
    check_length(person, OF_PERSON)
    if phone and not is_phone(phone):
        raise Refused("phone_wrong", str(NOT_A_PHONE))
    check_days(days)
    code = new_code()
    made = Invitation.objects.create(
        enterprise=firm,
        code_hash=hashed(code),
        person=person,
        phone=phone,
        made_by=by.user,
        made_at=at,
        until_on=day_of(at) + timedelta(days=days),
    )
    last = made.last_on.isoformat()
    record(KIND, "invite_clerk", firm, by=by, at=at, invitation=made.pk, last_on=last)
    return made, code


@transaction.atomic
def revoke(invitation_id: int, *, by: Actor, at: datetime) -> Invitation:
    """Nobody new enters by it; who has entered stays a clerk until he is removed."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("enterprise")
    found = rows.filter(pk=invitation_id).first()
    if found is None:
        raise Refused("no_invitation", _("This invitation does not exist."))
    _check_may(found.enterprise, by)
    if found.revoked_at is not None:
        raise Refused("revoked", _("This invitation has been taken back already."))
    found.revoked_by, found.revoked_at = by.user, at
    found.save(update_fields=["revoked_by", "revoked_at"])
    record(KIND, "revoke_invitation", found.enterprise, by=by, at=at, invitation=found.pk)
    return found


@transaction.atomic
def remove(clerk: Clerk, *, by: Actor, at: datetime) -> None:
    """Shut the firm's page to a clerk from today; the firm's open invitations end with it, as he
    may have any of them. What he handed in stays.
    """
    _check_may(clerk.enterprise, by)
    if not clerk.is_on(day_of(at)):
        raise Refused("removed", _("This person has no access any more."))
    unlink_clerk(clerk, until_on=day_of(at), by=by, at=at)


def find(code: str, *, at: datetime, address: str | None) -> Invitation:
    """The open invitation of a code. A wrong one is put down; five shut the address for a while.

    Raises ``Refused``: ``shut``, ``wrong_code``, or why it opens no more.
    """
    rows = Invitation.objects.filter(code_hash__in=hashes(code)).select_related("enterprise")
    found = rows.first()
    # a right code enters all the same: it is not guessed, and a whole park may share an address
    if found is None and is_shut(address, at):
        raise Refused(
            "shut",
            _(
                "Five wrong codes came from here; wait 15 minutes, or ask your contact at the "
                "task force for a new invitation."
            ),
        )
    if found is None:
        record(AuditEvent.Kind.SIGN_IN, WRONG, by=Actor(None, day_of(at)), at=at, address=address)
        raise Refused(
            "wrong_code",
            _("This invitation is not known. Check the code, or ask for a new invitation."),
        )
    check_open(found, at)
    return found


def is_shut(address: str | None, at: datetime) -> bool:
    """Whether too many wrong codes came from an address lately; one statement."""
    rows = AuditEvent.objects.filter(kind=AuditEvent.Kind.SIGN_IN, at__gt=at - SHUT_FOR, at__lte=at)
    return rows.filter(verb=WRONG, address=address).count() >= TRIES


def check_open(invitation: Invitation, at: datetime) -> None:
    if invitation.revoked_at is not None:
        words = _("This invitation was taken back. Please ask for a new one.")
        raise Refused("revoked", words)
    if not invitation.is_open(day_of(at)):
        words = _("This invitation ended on %(day)s. Please ask for a new one.")
        raise Refused("expired", words % {"day": date_format(invitation.last_on)})


@transaction.atomic
def enter(
    invitation_id: int, *, at: datetime, name: str = "", phone: str = "", user: User | None = None
) -> Clerk:
    """The firm's clerk whoever opened the invitation is from now on, or has been since before.

    ``user``: whoever is signed in, and the firm is added to his account. Otherwise by name and
    phone: those of the invitation, unless others are given.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("enterprise")
    invitation = rows.get(pk=invitation_id)
    # two invitations of one firm used at once: the people are counted, and named, one by one
    Enterprise.objects.select_for_update(no_key=True).get(pk=invitation.enterprise_id)
    check_open(invitation, at)
    if user is None:
        name, phone = _named(invitation, name, phone, day_of(at))
        user = _known(invitation.enterprise, name, phone)
    if user is not None:
        _check_not_removed(user, invitation, day_of(at))
    there = Clerk.objects.filter(enterprise=invitation.enterprise_id, until_on=None)
    if there.count() >= MOST_CLERKS and not there.filter(user=user).exists():
        words = _("%(n)d people of this firm are entered already. Ask your contact to remove one.")
        raise Refused("full", words % {"n": MOST_CLERKS})
    user = user or _made(invitation.enterprise, name, phone, at)
    invitation.entered, invitation.entered_at = invitation.entered + 1, at
    invitation.save(update_fields=["entered", "entered_at"])
    return link_clerk(
        user,
        invitation.enterprise,
        from_on=day_of(at),
        by=Actor.system(),
        at=at,
        invitation=invitation,
    )


def can_invite(firm: Enterprise, by: Actor) -> bool:
    return by.is_system or firm.pk in may_write(by, [firm.pk], *INVITING)


def _check_may(firm: Enterprise, by: Actor) -> None:
    if can_invite(firm, by):
        return
    raise Refused("may_not", no_right())


def no_right() -> str:
    return _("A firm is invited by its county or township, or by the city office.")


def check_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        words = _("An invitation lasts from 1 to %(most)d days.")
        raise Refused("days_wrong", words % {"most": MOST_DAYS})


def _named(invitation: Invitation, name: str, phone: str, on: date) -> tuple[str, str]:
    """Name and phone, checked; nobody enters under an official's number."""
    if not name.strip() and not phone.strip():
        name, phone = invitation.person, invitation.phone
    name, phone = name.strip(), phone.strip()
    check_length(name, OF_PERSON)
    if not name:
        raise Refused("no_name", _("Please give your name."))
    if not is_phone(phone):
        raise Refused("phone_wrong", _("Please give a telephone number at which you are reached."))
    digits = _digits(phone)
    held = Tenure.objects.ahead(on).exclude(user__phone="")
    if any(_digits(known) == digits for known in held.values_list("user__phone", flat=True)):
        words = _("This is an official's number. A firm's page is for its own people.")
        raise Refused("official", words)
    return name, phone


def _known(firm: Enterprise, name: str, phone: str) -> User | None:
    """Who entered for this firm before, by name and phone.

    Nobody who has a password or another firm: a name and a number are no key to those.
    """
    digits = _digits(phone)
    rows = Clerk.objects.filter(enterprise=firm, user__is_active=True, user__name=name)
    for clerk in rows.select_related("user").order_by("pk"):
        if _digits(clerk.user.phone) != digits or clerk.user.has_usable_password():
            continue
        if not clerk.user.clerkships.exclude(enterprise=firm).exists():
            return clerk.user
    return None


def _check_not_removed(user: User, invitation: Invitation, on: date) -> None:
    """Whom the county removed comes back by a newer invitation only."""
    check_no_official(user, on)
    gone = Clerk.objects.filter(
        user=user, enterprise=invitation.enterprise_id, removed_at__gte=invitation.made_at
    )
    if gone.exists():
        words = _("Your access to this firm's page was ended. Please ask for a new invitation.")
        raise Refused("removed", words)


def _made(firm: Enterprise, name: str, phone: str, at: datetime) -> User:
    """A fresh account without a password, named after the firm's row."""
    number = Clerk.objects.filter(enterprise=firm).count() + 1
    while User.objects.filter(username=f"firm{firm.pk}-{number}").exists():
        number += 1
    user, _none = users.create_user(
        username=f"firm{firm.pk}-{number}",
        name=name,
        phone=phone,
        with_password=False,
        by=Actor.system(),
        at=at,
    )
    return user


def _digits(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit())
