"""Words without a move: comment (备注、批示), urge (催办)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.actions.people import BulkResult
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent
from cases.rulebook import rules_of
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length, excerpt
from organisations.roles import Act
from organisations.scope import Actor


@transaction.atomic
def comment(
    case_id: int, *, by: Actor, at: datetime, text: str, version: int | None = None
) -> Case:
    """备注; a leader's is a 批示. Legal on a finished case too."""
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.COMMENT, step.case, step.item)
    if not text.strip():
        raise Refused("no_text", _("Write something first."))
    step.verb, step.reason, step.bumps_version = "comment", text.strip(), False
    step.case.progress = excerpt(text, OF_NAME)
    engine.write([step], by=by, at=at)
    return step.case


@transaction.atomic
def urge(
    case_id: int, *, by: Actor, at: datetime, text: str = "", version: int | None = None
) -> Case:
    """催办 one case; at most once in two working days."""
    step = engine.lock_one(case_id, version)
    last = CaseEvent.objects.filter(case_id=case_id, verb="urge").order_by("-id").first()
    _plan_urge(step, last.at if last else None, by, at, text)
    engine.write([step], by=by, at=at)
    return step.case


@transaction.atomic
def urge_many(ids: Sequence[int], *, by: Actor, at: datetime, text: str = "") -> BulkResult:
    """催办 a selection, set-based; refusals by case id in words."""
    steps = engine.lock(ids)
    last = dict(
        CaseEvent.objects.filter(case_id__in=ids, verb="urge")
        .order_by("id")
        .values_list("case_id", "at")
    )
    result, ready = BulkResult(), []
    for step in steps:
        try:
            _plan_urge(step, last.get(step.case.pk), by, at, text)
        except Refused as refusal:
            result.refused[step.case.pk] = refusal.words
            continue
        ready.append(step)
        result.done.append(step.case)
    engine.write(ready, by=by, at=at)
    return result


def _plan_urge(step: Step, previous: datetime | None, by: Actor, at: datetime, text: str) -> None:
    permissions.check(by, Act.URGE, step.case, step.item)
    policies.check_clock(step.case, step.item, "urge")
    check_length(text)
    limits = rules_of(step.case).pack.limits
    policies.check_urge(limits, day_of(previous) if previous else None, day_of(at))
    step.verb, step.reason, step.bumps_version = "urge", text.strip(), False
