"""Papers that end: 即将失效 is said once, in time; on the day after the last one they are 已失效.

Costs what is due: ``Evidence.valid_until`` is indexed where there is one, which is the case of
agreements and of what a reviewer read a last day on. A test asks that nothing due is two questions.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases import engine
from cases.actions import expiring
from cases.engine import Step
from cases.errors import Refused
from cases.models import Evidence, WorkItem
from cases.rulebook import pack_of
from cases.stages import WITHDRAWN
from organisations.days import day_of
from organisations.scope import Actor

BATCH = 200
# the longest time before its end at which a plan may have a paper reminded of
LONGEST = 366


def sweep_expiry(at: datetime) -> tuple[int, int]:
    """(said to end soon, ended) on a moment's day; idempotent."""
    on = day_of(at)
    return _tell(on, at), _end(on, at)


def _end(on: date, at: datetime) -> int:
    """Cases that rest keep theirs until they go on, and hold nobody else's up."""
    item = WorkItem.objects.filter(process=OuterRef("case"), finished=None)
    resting = item.filter(Q(is_suspended=True) | Q(is_declined=True))
    due = _live().filter(~Exists(resting), valid_until__lt=on, case__finished=None)
    ended = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        if ended == BATCH:
            break
        try:
            expiring.expire(pk, by=Actor.system(), at=at)
        except Refused:  # somebody was first: the next tick looks again
            continue
        ended += 1
    return ended


@transaction.atomic
def _tell(on: date, at: datetime) -> int:
    """A closed case's too: the next year begins with what still holds."""
    rows = _claim(_live().filter(expiry_told=False, valid_until__gte=on), on)
    Evidence.objects.filter(pk__in=[row.pk for row in rows]).update(expiry_told=True)
    items = WorkItem.objects.filter(process__in=[row.case_id for row in rows], finished=None)
    by_case = {item.process_id: item for item in items}
    steps = []
    for row in rows:
        step = Step(row.case, by_case.get(row.case_id))
        step.verb = "evidence_ends"
        step.data = {
            "criterion": row.criterion,
            "names": row.file_name or row.offline_number,
            "until": row.valid_until.isoformat() if row.valid_until else "",
        }
        steps.append(step)
    engine.record(steps, by=Actor.system(), at=at)
    return len(rows)


def _claim(untold: QuerySet[Evidence], on: date) -> list[Evidence]:
    """Only what its plan has said by now (defaults: 60 days before): what ends later would fill
    every batch."""
    versions = untold.filter(valid_until__lte=on + timedelta(days=LONGEST)).order_by()
    near = Q()
    for version in versions.values_list("case__pack_version", flat=True).distinct():
        for plan in pack_of(version).evidence:
            last = on + timedelta(days=plan.remind_days)
            near |= Q(case__pack_version=version, criterion=plan.criterion, valid_until__lte=last)
    if not near.children:
        return []
    skip = connection.features.has_select_for_update_skip_locked
    rows = untold.filter(near).select_for_update(of=("self",), skip_locked=skip, no_key=True)
    told = rows.select_related("case__programme", "case__pack_version")
    return list(told.order_by("pk")[:BATCH])


def _live() -> QuerySet[Evidence]:
    return Evidence.objects.filter(state__in=Evidence.ACCEPTED).exclude(case__stage=WITHDRAWN)
