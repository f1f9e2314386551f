"""The steps of a programme's cases as the trail has them, as of several days at once.

The database counts (docs/adr/0058): what is said of half a million firms' steps is said of a few
thousand kinds of them. ``tests/reports/trails.py``, case by case, is the reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Case as Either
from django.db.models import Exists, F, Max, OuterRef, Q, Value, When, Window
from django.db.models.expressions import RowRange
from django.db.models.functions import Lead, TruncDate

from cases.models import Case, WorkItem
from cases.rulebook import calendar
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from enterprises.filing import HAVES
from enterprises.told import SAID, counted_with, meaning, said_of_each
from reports.figures.past import end_of
from reports.figures.reading import first_month, last_month
from reports.outlook.durations import Step, Waiting
from reports.outlook.facts import asked_day
from workflows.models import Programme
from workflows.packs import Pack

# a step on a day: not come to, stood in, left, left for the end
ELSEWHERE, STANDS, LEFT, ENDED = range(4)
OFF = -1  # said of a firm that is not on the base


@dataclass
class Known:
    """As of the end of a day: steps that were left, where cases stood, and closed cases by county.
    Of the first day asked alone: whether they ``count``; ``based``: of the closed ones those whose
    firm is on the base, ``covered``: and covered."""

    steps: list[Step] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    closed: Counter[int] = field(default_factory=Counter)
    based: int = 0
    covered: int = 0


def known_on(programme: Programme, days: Sequence[date], pack: Pack | None = None) -> list[Known]:
    """What one knew on each day; with ``pack``, which firms were covered on the first. Every main
    case that was not opened by mistake; two statements, one more on the year's base."""
    covers = _covering(pack)
    worked = cache(lambda first, last: max(calendar().between(first, last), 0))
    found = [Known() for _day in days]
    for county, stage, to, began, left, said, *states, cases in _steps(programme, days, pack):
        begun, ended = _date(began), _date(left)
        lacks = said != OFF and not covers(said)
        for day, known, state in zip(days, found, states, strict=True):
            if state == STANDS:
                counts = lacks and known is found[0]
                known.waiting.append(Waiting(county, stage, worked(begun, day), counts, cases))
            elif state in (LEFT, ENDED):
                known.steps.append(Step(county, stage, worked(begun, ended), to, cases))
            if state == ENDED:
                known.closed[county] += cases
        if states[0] == ENDED:
            found[0].based += cases * (said != OFF)
            found[0].covered += cases * covers(said)
    for county, closed_on, said, cases in _taken_over(programme, days, pack):
        for day, known in zip(days, found, strict=True):
            if _date(closed_on) <= day:
                known.closed[county] += cases
        if _date(closed_on) <= days[0]:
            found[0].based += cases * (said != OFF)
            found[0].covered += cases * covers(said)
    return found


def _covering(pack: Pack | None) -> Any:
    """Whether the plan calls a firm covered of which so much is said."""

    @cache
    def covers(number: int) -> bool:
        said = None if pack is None or number == OFF else meaning(number)
        given = dict(zip(SAID, said, strict=True)) if said else None
        return bool(given and pack and pack.is_covered({name: given[name] for name in HAVES}))

    return covers


def _date(value: Any) -> Any:
    """SQLite answers with texts where no field converts them."""
    return date.fromisoformat(value) if isinstance(value, str) else value


# --- statements -----------------------------------------------------------------------------------
def _steps(programme: Programme, days: Sequence[date], pack: Pack | None) -> list[tuple[Any, ...]]:
    """(county, stage, next, begun, ended, said, what it was on each day, how many)."""
    trail: dict[str, Any] = {"partition_by": F("process_id"), "order_by": F("pk").asc()}
    before = RowRange(start=None, end=-1)
    rows = WorkItem.objects.filter(process__programme=programme, process__is_main=True)
    rows = rows.exclude(process__stage=WITHDRAWN).order_by()
    rows = rows.annotate(
        ended=TruncDate("finished"),
        next_stage=Window(Lead("stage"), **trail),
        next_begun=Window(Lead("started_on"), **trail),
        # behind a step that went on nothing was known
        **{f"behind{n}": Window(Max(_went_on(day)), frame=before, **trail)
           for n, day in enumerate(days)},
    )  # fmt: skip
    behind = tuple(f"behind{n}" for n in range(len(days)))
    columns = ("process__county_id", "process__enterprise_id", "process__stage", "stage",
               "started_on", "ended", "next_stage", "next_begun", *behind)  # fmt: skip
    named = ("county", "firm", "at", "stage", "begun", "ended", "next_stage", "next_begun", *behind)
    terminal = ", ".join(f"'{stage}'" for stage in TERMINAL)
    # the next step begins on the same day, else the case was closed first and taken up again later
    to = (
        f"CASE WHEN next_stage IS NULL THEN CASE WHEN at IN ({terminal}) THEN at ELSE '' END "
        f"WHEN ended IS NULL OR next_begun <= ended THEN next_stage ELSE '{CLOSED}' END"
    )
    states = [_state(n, to) for n in range(len(days))]
    # what the filing says matters of what stands or ended; asked of each step alike it would make
    # more kinds of them
    said = f"CASE WHEN {states[0]} IN ({STANDS}, {ENDED}) THEN {SAYS} ELSE {OFF} END"
    told = ["county", "stage", to, "begun", "ended", said, *states]
    given = {f"day{n}": day for n, day in enumerate(days)}
    found = rows.values_list(*columns)
    return counted_with(found, named, _said(programme, days[0], pack), told, given)


def _went_on(day: date) -> Either:
    """Whether a step had not begun or not ended by the end of a day."""
    ended = Q(started_on__lte=day, finished__lt=end_of(day))
    return Either(When(ended, then=Value(0)), default=Value(1))


def _state(n: int, to: str) -> str:
    day = f"%(day{n})s"
    return (
        f"CASE WHEN behind{n} = 1 OR begun > {day} THEN {ELSEWHERE} "
        f"WHEN ended IS NULL OR ended > {day} THEN {STANDS} "
        f"WHEN {to} = '{CLOSED}' AND (next_begun IS NULL OR next_begun > {day}) THEN {ENDED} "
        f"ELSE {LEFT} END"
    )


def _taken_over(
    programme: Programme, days: Sequence[date], pack: Pack | None
) -> list[tuple[Any, ...]]:
    """A running ledger that was taken over says when a case was closed, and has no steps; (county,
    day, said, how many)."""
    rows = Case.objects.main().filter(programme=programme, closed_on__lte=max(days))
    rows = rows.exclude(stage=WITHDRAWN).order_by()
    rows = rows.filter(~Exists(WorkItem.objects.filter(process=OuterRef("pk"))))
    named = ("county", "firm", "closed_on")
    found = rows.values_list("county_id", "enterprise_id", "closed_on")
    said = _said(programme, days[0], pack)
    return counted_with(found, named, said, ("county", "closed_on", SAYS))


SAYS = f"coalesce(said, {OFF})"


def _said(programme: Programme, day: date, pack: Pack | None) -> tuple[str, dict[str, Any]] | None:
    """Of the firms on the base of a day; without a pack of none."""
    if pack is None:
        return None
    since, until = first_month(pack), last_month(pack)
    return said_of_each(programme.city, asked_day(programme, pack, day), since=since, until=until)
