"""How cases and register rows stood at the end of a past day, told from what was written since.

Rows say how things are; the trail says what they were before. What happened after the day is taken
back in thought: the first event after it names the stage and the date that stood until then, the
first import after it keeps the industry that it corrected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cases.models import CaseEvent, Suspension, WorkItem
from enterprises.models import ImportBatch, ImportChange
from organisations.among import Among
from organisations.days import day_of
from workflows.calendar import WorkCalendar
from workflows.models import Programme

CORRECTED = ("industry_code", "ownership")


@dataclass(frozen=True)
class Step:
    """A work item as of the day: its stage, its date then, and whether its clock ran; ``watched``:
    only reviewed from time to time (class D). ``unit`` owes it today."""

    stage: str
    due: date | None
    runs: bool
    watched: bool = False
    item: int = 0
    unit: int = 0


@dataclass(frozen=True)
class Past:
    """By case: the stage where it differs from today's, the open step, days spent by stage, the day
    of the last step that was left by then; ``late``: of which one was left late; ``counties``:
    where it lay, if it was handed over since."""

    stages: Mapping[int, str]
    open: Mapping[int, Step]
    spent: Mapping[int, Mapping[str, int]]
    left: Mapping[int, date]
    late: frozenset[int]
    counties: Mapping[int, int]


def end_of(day: date) -> datetime:
    """The first moment after the day, in the city's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def stood(
    programme: Programme,
    day: date,
    calendar: WorkCalendar,
    firms: Collection[int] | None = None,
) -> Past:
    """Main cases of a programme at the end of ``day``, of ``firms`` only; three statements."""
    mine = Q(case__programme=programme, case__is_main=True)
    if firms is not None:
        mine &= Q(Among("case__enterprise", firms))
    stages, dues, counties = taken_back(mine, day)
    stopped = set(
        Suspension.objects.filter(mine, from_on__lte=day)
        .filter(Q(resumed_on=None) | Q(resumed_on__gt=day))
        .values_list("case_id", flat=True)
    )
    opened: dict[int, Step] = {}
    spent: dict[int, dict[str, int]] = {}
    left: dict[int, date] = {}
    late: set[int] = set()
    for row in _items(programme, day, firms):
        case, stage = row["process_id"], row["stage"]
        ended = day_of(row["finished"]) if row["finished"] is not None else None
        if ended is not None and ended <= day:
            days = spent.setdefault(case, {})
            worked = calendar.between(row["started_on"], ended)
            days[stage] = days.get(stage, 0) + max(worked, 0)
            left[case] = max(left.get(case, ended), ended)
            if row["days_late"] and not row["waits_higher"]:
                late.add(case)
            continue
        runs = row["is_chased"] and not row["waits_higher"] and not row["is_declined"]
        due = dues.get(row["pk"], row["due_on"])
        watched = not (row["is_chased"] or row["is_declined"] or case in stopped)
        runs = runs and case not in stopped
        opened[case] = Step(stage, due, runs, watched, row["pk"], row["unit_id"])
    return Past(stages, opened, spent, left, frozenset(late), counties)


def _items(
    programme: Programme, day: date, firms: Collection[int] | None
) -> Iterable[dict[str, Any]]:
    rows = WorkItem.objects.filter(
        process__programme=programme, process__is_main=True, started_on__lte=day
    )
    if firms is not None:
        rows = rows.filter(Among("process__enterprise", firms))
    names = ("pk", "process_id", "stage", "started_on", "due_on", "finished", "is_chased",
             "waits_higher", "is_declined", "days_late", "unit_id")  # fmt: skip
    return list(rows.order_by("pk").values(*names))


def taken_back(which: Q, day: date) -> tuple[dict[int, str], dict[int, date], dict[int, int]]:
    """The stage of each case that moved on since, the date of each item that was dated anew since,
    the county of each case that was handed over since; ``which``: events. One statement."""
    since = CaseEvent.objects.filter(which, at__gte=end_of(day))
    stages: dict[int, str] = {}
    dues: dict[int, date] = {}
    counties: dict[int, int] = {}
    rows = since.order_by("pk").values_list(
        "case_id", "item_id", "from_stage", "data__old_due", *OLD_COUNTY
    )
    for case, item, stage, due, handed, undone in rows:
        stages.setdefault(case, stage)
        if handed or undone:
            counties.setdefault(case, int(handed or undone))
        if item and due:
            dues.setdefault(item, date.fromisoformat(due))
    return stages, dues, counties


# as handing over and its undoing write it
OLD_COUNTY = ("data__was__county_id", "data__old_county")


def corrected(programme: Programme, day: date) -> dict[int, tuple[str, str]]:
    """Industry and ownership by register row, as they were before the imports of later days; one
    statement."""
    later = ImportChange.objects.filter(
        batch__city=programme.city_id,
        batch__kind=ImportBatch.Kind.REGISTER,
        batch__state=ImportBatch.State.APPLIED,
        batch__as_of__gt=day,
        model="membership",
        before__isnull=False,
    )
    found: dict[int, tuple[str, str]] = {}
    for row, before in later.order_by("batch__as_of", "pk").values_list("row_id", "before"):
        if before is not None:
            industry, ownership = (str(before.get(name) or "") for name in CORRECTED)
            found.setdefault(row, (industry, ownership))
    return found
