"""The reference of ``reports.outlook.reading``: trail by trail, firm by firm, in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from cases.models import Case
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from enterprises.filing import HAVES
from enterprises.models import Membership, MonthlyFact
from organisations.days import day_of
from reports.figures.reading import base_day, first_month, last_month
from reports.figures.tally import ASSESSMENT
from reports.outlook.durations import Step, Waiting
from reports.outlook.facts import Counts
from workflows.calendar import WorkCalendar
from workflows.models import Programme
from workflows.packs import Pack

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
    for trail in found:
        last = ""
        for place, (stage, begun, ended) in enumerate(trail.items):
            if begun > day:
                break
            if ended is None or ended > day:
                waiting.append(
                    (trail.firm, Waiting(trail.county, stage, max(calendar.between(begun, day), 0)))
                )
                last = stage
                break
            last = trail.after(place)
            steps.append(Step(trail.county, stage, max(calendar.between(begun, ended), 0), last))
        # a running ledger that was taken over says when, and has no steps
        taken_over = not trail.items and trail.closed_on is not None and trail.closed_on <= day
        if last == CLOSED or taken_over:
            closed.append((trail.firm, trail.county))
    return Known(steps, waiting, closed)


@dataclass
class Coverage:
    """Of a programme's city: who is on the base and who is covered, as of the end of any day."""

    programme: Programme
    pack: Pack
    last: date
    _known: dict[tuple[bool, ...], bool] = field(default_factory=dict)

    @cached_property
    def _members(self) -> list[tuple[int, int, date, date | None]]:
        rows = Membership.objects.filter(city=self.programme.city_id, joined_on__lte=self.last)
        return list(rows.values_list("county_id", "enterprise_id", "joined_on", "left_on"))

    @cached_property
    def _facts(self) -> list[tuple[Any, ...]]:
        """The newest last, as ``enterprises.facts`` has it."""
        rows = MonthlyFact.objects.filter(
            city=self.programme.city_id,
            known_on__lte=self.last,
            about_month__gte=first_month(self.pack).replace(day=1),
            about_month__lte=last_month(self.pack),
        )
        ordered = rows.order_by("about_month", "known_on", "pk")
        return list(ordered.values_list("enterprise_id", "known_on", *HAVES))

    def base(self, day: date) -> dict[int, int]:
        """County by firm: the register of the day, or of the year's base."""
        return self._last_base if day == self.last else self._base(day)

    @cached_property
    def _last_base(self) -> dict[int, int]:
        """Of the day that is asked again and again."""
        return self._base(self.last)

    def _base(self, day: date) -> dict[int, int]:
        found = {
            firm: county
            for county, firm, joined, left in self._members
            if joined <= day and (left is None or left > day)
        }
        if self.pack.base != ASSESSMENT:
            return found
        on = min(self._base_day, day)
        fixed = {
            firm
            for _county, firm, joined, left in self._members
            if joined <= on and (left is None or left > on)
        }
        return {firm: county for firm, county in found.items() if firm in fixed}

    @cached_property
    def _base_day(self) -> date:
        return base_day(self.programme, self.pack)

    def covered(self, day: date) -> set[int]:
        return self._last_covered if day == self.last else self._covered(day)

    @cached_property
    def _last_covered(self) -> set[int]:
        return self._covered(self.last)

    def _covered(self, day: date) -> set[int]:
        newest = {row[0]: row[2:] for row in self._facts if row[1] <= day}
        return {firm for firm, haves in newest.items() if self._covers(haves)}

    def _covers(self, haves: tuple[bool, ...]) -> bool:
        if haves not in self._known:
            given = dict(zip(HAVES, map(bool, haves), strict=True))
            self._known[haves] = self.pack.is_covered(given)
        return self._known[haves]

    def counts(self, day: date) -> Counts:
        base, covered = self.base(day), self.covered(day)
        found: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for firm, county in base.items():
            found[county][0] += firm in covered
            found[county][1] += 1
        return {county: (part, whole) for county, (part, whole) in found.items()}
