"""What a person decides about a message: to send it again, or that it arrived."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.models import Delivery
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent
from organisations.scope import Actor

State = Delivery.State
RESENT = frozenset({State.IN_DOUBT, State.FAILED})


@transaction.atomic
def resend(pk: int, *, by: Actor, at: datetime) -> Delivery:
    """Send it once more, knowing that it may arrive twice."""
    found = _locked(pk, by)
    if found.state not in RESENT:
        raise Refused("not_to_resend", _("Only what is in doubt or failed can be sent again."))
    if found.is_overtaken(at):
        raise Refused(
            "overtaken", _("This is a digest of an earlier day; a newer one has taken its place.")
        )
    found.state, found.token, found.leased_until = State.WAITING, None, None
    found.attempts, found.next_try_at, found.settled_at = 0, at, None
    found.decided_by = by.user
    found.save()
    _journal("delivery_resent", found, by, at)
    return found


@transaction.atomic
def confirm(pk: int, *, by: Actor, at: datetime) -> Delivery:
    """It arrived: somebody asked the reader."""
    found = _locked(pk, by)
    if found.state != State.IN_DOUBT:
        raise Refused("not_in_doubt", _("Only what is in doubt can be confirmed."))
    # no token any more: whoever sent it and comes back late changes nothing
    found.state, found.token, found.settled_at = State.CONFIRMED, None, at
    found.decided_by = by.user
    found.save()
    _journal("delivery_confirmed", found, by, at)
    return found


def _locked(pk: int, by: Actor) -> Delivery:
    found = Delivery.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise Refused("no_delivery", _("There is no such message among those of your city."))
    return found


def _journal(verb: str, found: Delivery, by: Actor, at: datetime) -> None:
    record(AuditEvent.Kind.SETTING, verb, found, by=by, at=at, words=found.key)
