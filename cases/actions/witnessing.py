"""线下核验: the colleague who was named as the second person speaks for himself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, lasting, policies
from cases.actions import corrections, filling, remedies
from cases.around import look
from cases.errors import NotYours, Refused
from cases.models import Evidence
from organisations.days import day_of
from organisations.lengths import check_length
from organisations.scope import Actor

State = Evidence.State


@transaction.atomic
def attest(
    evidence_id: int,
    *,
    saw: bool,
    reason: str = "",
    by: Actor,
    at: datetime,
    seen: Mapping[int, int] | None = None,
) -> Evidence:
    """He saw it, or he did not: then it proves nothing, and the remedy that it had closed begins
    anew. ``reason``: what he has to say if he did not; ``seen``: the versions that he looked at."""
    step = engine.lock_family(engine.OF_PAPER, evidence_id, seen)
    if step is None:
        raise Refused("no_evidence", _("This paper does not exist."))
    policies.check_person(by.user)
    there = look([step.case, *(child.case for child in step.children)])
    row = next(row for row in there.papers if row.pk == evidence_id)
    if by.user is None or row.offline_witness_account_id != by.user.pk:
        words = _("Only the second person who was named says whether he saw the paper.")
        raise NotYours("not_yours", words)
    policies.check_clock(step.case, step.item, "evidence")
    if row.state != State.VERIFIED_OFFLINE or row.is_witnessed:
        raise Refused("reviewed", _("This is settled already. Look at it again."))
    row.case = step.case
    data = {"criterion": row.criterion, "name": str(by.user)}
    if saw:
        row.is_witnessed = True
        row.save(update_fields=["is_witnessed"])
        step.verb, step.bumps_version, step.data = "offline_witnessed", False, data
        engine.write([step], by=by, at=at)
        return row
    check_length(reason)
    step.reason = reason.strip()
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    lasting.stand_again(row, there, State.VERIFIED_OFFLINE, on=day_of(at))
    if filling.is_surveyed(step.case, there.forms):
        filling.set_lacking(step.case, there.papers)
    step.verb, step.bumps_version = "offline_denied", False
    step.data = {**data, "readers": [row.reviewed_by_id]}
    words = step.reason or _("The second person did not see the paper.")
    given = corrections.given(step, row.criterion)
    again = remedies.prove_again(
        step, row.criterion, there, at=at, correction=words, not_before=given
    )
    engine.write([step, *again], by=by, at=at)
    return row
