"""What opening would do: the run itself, rehearsed, told per county, unit and department."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from cases.actions import opening
from cases.actions.opening import Opened, Run
from cases.actions.rehearsal import rehearse
from cases.gaps import Vacancy, vacancies
from organisations.days import day_of
from organisations.models import Region, Unit
from organisations.scope import Actor
from workflows.models import Programme


@dataclass(frozen=True)
class Line:
    """One unit's share: whose cases, with which competent department (归口部门), how many."""

    county: str
    unit: str
    department: str
    opened: int
    covered: int


@dataclass(frozen=True)
class Homeless:
    """A listed firm that nobody would have, and where it lies."""

    firm: str
    county: str


@dataclass(frozen=True)
class OpeningPlan:
    """The sums of a run, its lines in the order of the counties, the firms without a unit, and the
    posts that nobody holds on the day."""

    sums: Opened
    lines: list[Line]
    homeless: list[Homeless]
    vacancies: list[Vacancy]

    @property
    def unseen(self) -> int:
        """How many cases would go to a post that nobody holds."""
        return sum(one.count for one in self.vacancies)

    @property
    def counties(self) -> list[tuple[str, int]]:
        """How many cases each county would get; those that get none are left out."""
        found: Counter[str] = Counter()
        for line in self.lines:
            found[line.county] += line.opened
        return [(county, n) for county, n in found.items() if n]


def plan_opening(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> OpeningPlan:
    """The same checks and the same choice as ``open_cases``; nothing is written."""
    return rehearse(lambda: _told(opening.run(programme, by=by, at=at, wave=wave), day_of(at)))


def _told(run: Run, on: date) -> OpeningPlan:
    keys = {*run.opened, *run.covered}
    counties = {c.pk: c for c in Region.objects.filter(pk__in={key[0] for key in keys})}
    units = {u.pk: u for u in Unit.objects.filter(pk__in={pk for key in keys for pk in key[1:]})}

    def place(key: tuple[int, ...]) -> tuple[int, ...]:
        return (counties[key[0]].position, *key)

    lines = [
        Line(
            counties[key[0]].name,
            _short(units[key[1]]),
            _short(units[key[2]]),
            run.opened[key],
            run.covered[key],
        )
        for key in sorted(keys, key=place)
    ]
    homeless = [Homeless(firm, county) for firm, county in run.homeless]
    return OpeningPlan(run.sums, lines, homeless, vacancies(run.posts, on))


def _short(unit: Unit) -> str:
    return unit.short_name or unit.name
