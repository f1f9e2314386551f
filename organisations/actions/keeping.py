"""How long what is kept: set by the system administrator, within what the law leaves open."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.journal import changed, record
from organisations.keeping import KINDS, KeepingRule, days_kept
from organisations.models import AuditEvent
from organisations.roles import Act
from organisations.scope import Actor


def check_may_keep(by: Actor) -> None:
    if not (by.is_system or by.may(Act.MANAGE_SETTINGS)):
        raise Refused("may_not", _("How long what is kept is set by the system administrator."))


@transaction.atomic
def keep_for(kind: str, *, days: int, by: Actor, at: datetime) -> bool:
    """Keep ``kind`` for so many days from now on; False where it was so already."""
    check_may_keep(by)
    found = KINDS.get(kind)
    if found is None or not found.is_open:
        raise Refused("no_such_kind", _("For this there is nothing to choose."))
    if not found.least <= days <= found.most:
        words = _("%(label)s: between %(least)d and %(most)d days.")
        told = {"label": found.label, "least": found.least, "most": found.most}
        raise Refused("wrong_days", words % told)
    before = days_kept()[kind]
    if before == days:
        return False
    rule, _made = KeepingRule.objects.update_or_create(
        kind=kind, defaults={"days": days, "by": by.user, "at": at}
    )
    record(
        AuditEvent.Kind.SETTING, "keep_for", rule, by=by, at=at, words=str(found.label),
        **changed({"days": before}, {"days": days}),
    )  # fmt: skip
    return True
