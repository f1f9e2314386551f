"""Who of a firm may open its page: the link between a user and a firm."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.models import Clerk, Enterprise, Invitation
from enterprises.permissions import may_write
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Tenure, User
from organisations.roles import Act
from organisations.scope import Actor

# the office, the county and its townships: those who ask the firm for papers
INVITING = (Act.IMPORT, Act.RECORD_FORM)
_MAY = (Act.MANAGE_USERS, *INVITING)
_USER = AuditEvent.Kind.USER


@transaction.atomic
def link_clerk(
    user: User,
    firm: Enterprise,
    *,
    from_on: date,
    by: Actor,
    at: datetime,
    invitation: Invitation | None = None,
) -> Clerk:
    """The user sees the firm from a day on; linking again opens an ended link anew.

    The office and the county's people may do it for firms that they see, the system
    administrator for every firm. An official cannot be a firm's clerk: four eyes would be two.
    ``invitation``: the one by which he came, whoever made it has added him.
    """
    _check(firm, by)
    check_no_official(user, from_on)
    clerk, made = Clerk.objects.get_or_create(
        user=user, enterprise=firm, defaults={"from_on": from_on}
    )
    if made or clerk.until_on is not None:
        clerk.from_on, clerk.until_on = from_on, None
        clerk.invitation, clerk.removed_by, clerk.removed_at = invitation, None, None
        clerk.added_by = invitation.made_by if invitation is not None else by.user
        clerk.save()
    record(_USER, "link_clerk", user, by=by, at=at, firm=firm.name, enterprise=firm.pk)
    return clerk


@transaction.atomic
def unlink_clerk(clerk: Clerk, *, until_on: date, by: Actor, at: datetime) -> None:
    """The user no longer sees the firm from a day on; what he handed in stays.

    The firm's open invitations end with it by whatever door: he may have any of them.
    """
    _check(clerk.enterprise, by)
    rows = clerk.enterprise.invitations.filter(revoked_at=None)
    ended = list(rows.values_list("pk", flat=True))
    rows.update(revoked_by=by.user, revoked_at=at)
    for pk in ended:
        record(_USER, "revoke_invitation", clerk.enterprise, by=by, at=at, invitation=pk)
    clerk.until_on, clerk.removed_by, clerk.removed_at = until_on, by.user, at
    clerk.save(update_fields=["until_on", "removed_by", "removed_at"])
    firm = clerk.enterprise
    record(_USER, "unlink_clerk", clerk.user, by=by, at=at, firm=firm.name, enterprise=firm.pk)


def check_no_official(user: User, on: date) -> None:
    """Whoever holds a post, on that day or later, is nobody's clerk."""
    if Tenure.objects.ahead(on).filter(user=user).exists():
        raise Refused(
            "official", _("%(name)s holds a post; a firm's contact has none.") % {"name": user}
        )


def _check(firm: Enterprise, by: Actor) -> None:
    if not any(by.may(act) for act in _MAY):
        raise Refused("may_not", _("Firms' contacts are linked by the office or the county."))
    if by.is_system or firm.pk in may_write(by, [firm.pk], *INVITING):
        return
    # whoever only administers accounts sees no firm and may link to every one
    if not by.may(Act.MANAGE_USERS) or any(by.may(act) for act in INVITING):
        raise Refused("no_firm", _("This firm does not lie in your area."))
