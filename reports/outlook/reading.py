"""The steps of a programme's cases as the trail has them; one statement, any day out of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from cases.models import Case
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from organisations.days import day_of
from reports.outlook.durations import Step, Waiting
from workflows.calendar import WorkCalendar
from workflows.models import Programme

Item = tuple[str, date, date | None]  # stage, begun, ended


@dataclass(frozen=True)
class Trail:
    """One firm's own case: its county, its firm, how it ended, its steps in their order."""

    county: int
    firm: int
    end: str
    closed_on: date | None
    items: Sequence[Item]

    def after(self, place: int) -> str:
        """Where the case went from a step that has ended: the next one begins on the same day,
        else the case was closed first and taken up again later."""
        following = self.items[place + 1 :]
        ended = self.items[place][2]
        if following:
            stage, begun, _ended = following[0]
            return stage if ended is None or begun <= ended else CLOSED
        return self.end


def trails(programme: Programme) -> list[Trail]:
    """Every main case that was not opened by mistake, with its steps; one statement."""
    rows: Any = Case.objects.main().filter(programme=programme).exclude(stage=WITHDRAWN)
    rows = rows.order_by("pk", "task_set__pk").values_list(
        "pk", "county_id", "enterprise_id", "stage", "closed_on",
        "task_set__stage", "task_set__started_on", "task_set__finished",
    )  # fmt: skip
    found: dict[int, Trail] = {}
    items: defaultdict[int, list[Item]] = defaultdict(list)
    for pk, county, firm, stage, closed_on, step, begun, ended in rows:
        if pk not in found:
            end = stage if stage in TERMINAL else ""
            found[pk] = Trail(county, firm, end, closed_on, items[pk])
        if begun is not None:
            items[pk].append((step, begun, day_of(ended) if ended else None))
    return list(found.values())


@dataclass(frozen=True)
class Known:
    """As of the end of a day: steps that were left, where cases stood with their firms, and which
    were closed (firm, county)."""

    steps: Sequence[Step]
    waiting: Sequence[tuple[int, Waiting]]
    closed: Sequence[tuple[int, int]]


def known_on(found: Sequence[Trail], day: date, calendar: WorkCalendar) -> Known:
    """What one knew on a day; ``waiting`` with the firm of each."""
    steps: list[Step] = []
    waiting: list[tuple[int, Waiting]] = []
    closed: list[tuple[int, int]] = []
    # between a few hundred days lie the steps of half a million firms
    worked = cache(lambda first, last: max(calendar.between(first, last), 0))
    for trail in found:
        last = ""
        for place, (stage, begun, ended) in enumerate(trail.items):
            if begun > day:
                break
            if ended is None or ended > day:
                waiting.append((trail.firm, Waiting(trail.county, stage, worked(begun, day))))
                last = stage
                break
            last = trail.after(place)
            steps.append(Step(trail.county, stage, worked(begun, ended), last))
        # a running ledger that was taken over says when, and has no steps
        taken_over = not trail.items and trail.closed_on is not None and trail.closed_on <= day
        if last == CLOSED or taken_over:
            closed.append((trail.firm, trail.county))
    return Known(steps, waiting, closed)
