"""What the facts suggest and a person decides: 停产 → 建议暂缓 (practice: 停产 is not 退库).

A proposal changes no clock; it waits on the case until somebody suspends it or says why not.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from cases import engine, permissions, policies
from cases.models import Case
from cases.stages import TERMINAL
from organisations.lengths import check_length
from organisations.roles import Act
from organisations.scope import Actor

SUSPEND = "suspend"


@transaction.atomic
def propose_suspension(
    firms: Collection[int], *, city_id: int, reason: str, by: Actor, at: datetime
) -> int:
    """建议暂缓 on the open cases of firms that stopped production; set-based, once a case."""
    check_length(reason)
    roots = Case.objects.filter(
        enterprise__in=list(firms), programme__city=city_id, is_main=True, proposal=""
    )
    ids = roots.exclude(stage__in=TERMINAL).values_list("pk", flat=True)
    steps = [s for s in engine.lock(ids) if s.item is not None and not s.item.is_suspended]
    for step in steps:
        step.case.proposal, step.case.proposal_reason = SUSPEND, reason.strip()
        step.verb, step.reason, step.bumps_version = "propose_suspension", reason, False
    engine.write(steps, by=by, at=at)
    return len(steps)


@transaction.atomic
def drop_proposal(
    case_id: int, *, by: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """不予暂缓: the case goes on, and the history says why."""
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.SUSPEND, step.case, step.item)
    policies.check_open(step.case)
    policies.check_proposal(step.case)
    policies.check_clock(step.case, step.item, "drop_proposal")
    policies.check_reason(reason)
    step.verb, step.reason = "drop_proposal", reason
    step.case.proposal = step.case.proposal_reason = ""
    engine.write([step], by=by, at=at)
    return step.case
