"""Several runs of a plan as ranges: what is likely, and between what in eight runs of ten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from config.simulation.assumptions import Assumptions, kinds, matter_procedures
from config.simulation.campaign import Campaign
from config.simulation.firms import Firm, Register, counties_of
from config.simulation.ground import Days, Ground
from config.simulation.matters import Matter, matters
from config.simulation.tally import Tally
from config.simulation.titles import limit_words, rung_title
from organisations.rounding import half_up, percent, points
from workflows.calendar import WorkCalendar, end_of_month
from workflows.ladder import Rung
from workflows.packs import Pack
from workflows.text import localised

# 建档: all at once, the likeliest class first, or zone by zone
WAVES = ("once", "class", "zone")


@dataclass(frozen=True)
class Plan:
    """What is asked: from when to when, how cases are opened, with what luck, how often."""

    start: date
    until: date
    seed: int = 1
    runs: int = 9
    wave: str = "once"
    every: int = 15  # working days from one wave to the next


@dataclass(frozen=True)
class Range:
    """The middle of all runs, and between what eight of ten lie."""

    middle: int
    low: int
    high: int

    @classmethod
    def of(cls, values: Iterable[int]) -> Range:
        found = sorted(values)
        return cls(*(_part(found, percent) for percent in (50, 10, 90)))


@dataclass(frozen=True)
class UnitLine:
    """A unit by month: to-dos open at once at the most (``matters``: of measures, reports and
    issues alone), and overdue at the month's end.

    ``visits``: of the open ones those that need a visit; ``week``: visits that it manages in one.
    """

    unit: str
    is_force: bool
    open: tuple[Range, ...]
    late: tuple[Range, ...]
    visits: tuple[Range, ...]
    matters: tuple[Range, ...]
    week: int

    @property
    def worst(self) -> int:
        """The month, by place, in which most is open."""
        return max(range(len(self.open)), key=lambda place: self.open[place].middle)


@dataclass(frozen=True)
class CountyLine:
    """A county (or the city) by month: firms covered and struck off, rates in per cent."""

    name: str
    listed: int
    target: Decimal | None
    covered: tuple[Range, ...]
    closed: tuple[Range, ...]
    planned: tuple[Decimal | None, ...]

    def rate(self, count: int) -> Decimal:
        return percent(count, self.listed) or Decimal(0)

    def gap(self, month: int) -> Decimal | None:
        """Points above (or below) the planned line at a month's end."""
        return points(self.rate(self.covered[month].middle), self.planned[month])


@dataclass(frozen=True)
class RungLine:
    """A rung: steps that it speaks about, papers that it makes (one a county and month)."""

    title: str
    is_paper: bool
    months: tuple[Range, ...]
    total: Range


@dataclass(frozen=True)
class StepLine:
    """A kind of step: how long it takes against how long it may take, in working days."""

    title: str
    limit: str
    begun: Range
    late: Range  # per cent of those that ended
    usual: int
    most: int  # nine of ten are done by then


@dataclass(frozen=True)
class MatterLine:
    """A kind of matter: how many are opened in the run, and how many are done by its end."""

    title: str
    opened: Range
    done: Range


@dataclass(frozen=True)
class Outcome:
    """What a plan is likely to come to."""

    pack: Pack
    plan: Plan
    assumed: Assumptions
    days: Days
    firms: int
    opened: int
    refused: int
    units: tuple[UnitLine, ...]
    counties: tuple[CountyLine, ...]
    city: CountyLine
    late: tuple[Range, ...]  # of all units, at each month's end
    rungs: tuple[RungLine, ...]
    steps: tuple[StepLine, ...]
    matters: tuple[MatterLine, ...]
    rests: Range
    extensions: Range  # asked for
    granted: Range
    known_on: date | None = None  # the day of the newest fact that coverage starts from
    is_undated: bool = False  # facts of an uploaded list, which does not say of which day it is

    @property
    def starts_behind(self) -> bool:
        """Facts from after the first day: coverage begins with what came later."""
        return self.known_on is not None and self.known_on > self.plan.start

    @property
    def months(self) -> tuple[str, ...]:
        return self.days.months


def simulate(
    pack: Pack, register: Register, calendar: WorkCalendar, assumed: Assumptions, plan: Plan
) -> Outcome:
    """Play the plan ``plan.runs`` times. Pure: the same arguments give the same answer."""
    ground = Ground(pack, calendar, assumed)
    days = Days(calendar, plan.start, plan.until)
    firms = [firm for firm in register.firms if _is_known(pack, firm)]
    todo = [f for f in firms if not pack.is_covered(dict.fromkeys(f.facts, True))]
    waves = list(_waves(ground, todo, plan))
    besides = matters(ground, days)
    tallies = [
        _run(ground, days, firms, waves, besides, plan, number) for number in range(plan.runs)
    ]
    refused = register.refused + len(register.firms) - len(firms)
    outcome = _Summary(ground, days, plan, firms, tallies).outcome(len(todo), refused)
    undated = register.has_facts and register.known_on is None
    return replace(outcome, known_on=register.known_on, is_undated=undated)


def _run(
    ground: Ground,
    days: Days,
    firms: Sequence[Firm],
    waves: Sequence[tuple[int, Firm]],
    besides: Sequence[Matter],
    plan: Plan,
    number: int,
) -> Tally:
    tally = Tally(ground, days, firms)
    campaign = Campaign(ground, days, tally, seed=plan.seed, run=number)
    campaign.run(waves, besides)
    return tally.done(campaign)


def _is_known(pack: Pack, firm: Firm) -> bool:
    try:
        pack.county(firm.county)
    except KeyError:
        return False
    return True


def _waves(ground: Ground, firms: Iterable[Firm], plan: Plan) -> Iterable[tuple[int, Firm]]:
    """(working day, firm): on which day each case is opened."""
    pack = ground.pack
    zones = list(pack.zones)
    place_of = {grade.key: place for place, grade in enumerate(pack.grades)}
    for firm in firms:
        wave = 0
        if plan.wave == "class":
            wave = place_of.get(pack.likely_grade(dict.fromkeys(firm.facts, True)), 0)
        elif plan.wave == "zone":
            wave = zones.index(pack.county(firm.county).zone)
        yield wave * plan.every, firm


class _Summary:
    """Ranges over the runs."""

    def __init__(
        self,
        ground: Ground,
        days: Days,
        plan: Plan,
        firms: Sequence[Firm],
        tallies: Sequence[Tally],
    ) -> None:
        self.ground, self.days, self.plan = ground, days, plan
        self.firms, self.tallies, self.pack = firms, tallies, ground.pack

    def outcome(self, opened: int, refused: int) -> Outcome:
        units = {unit: None for tally in self.tallies for unit in tally.peak}
        order = {unit: place for place, unit in enumerate(self._unit_order())}
        lines = [self._unit(unit) for unit in sorted(units, key=lambda u: order.get(u, 999))]
        listed = counties_of(self.firms)
        counties = [self._county(c.name, listed.get(c.name, 0)) for c in self.pack.counties]
        return Outcome(
            self.pack,
            self.plan,
            self.ground.assumed,
            self.days,
            firms=len(self.firms),
            opened=opened,
            refused=refused,
            units=tuple(lines),
            counties=tuple(county for county in counties if county.listed),
            city=self._city(len(self.firms)),
            late=self._by_month(lambda t, m: sum(late[m] for late in t.late.values())),
            rungs=tuple(self._rungs()),
            steps=tuple(self._steps()),
            matters=tuple(self._matters()),
            rests=Range.of(tally.rests for tally in self.tallies),
            extensions=Range.of(tally.asked_for for tally in self.tallies),
            granted=Range.of(tally.granted for tally in self.tallies),
        )

    def _by_month(self, value: Callable[[Tally, int], int]) -> tuple[Range, ...]:
        months = range(len(self.days.months))
        return tuple(Range.of(value(tally, month) for tally in self.tallies) for month in months)

    def _unit_order(self) -> list[str]:
        units = self.pack.units
        forces = [units.county_unit.of(county.name).short_name for county in self.pack.counties]
        departments = [unit.short_name for unit in units.departments]
        groups = [unit.short_name for unit in units.liaison_groups]
        return [*forces, *departments, *groups, units.office.short_name]

    def _unit(self, unit: str) -> UnitLine:
        nothing = [0] * len(self.days.months)
        return UnitLine(
            unit,
            unit in self.ground.forces,
            open=self._by_month(lambda t, m: t.peak.get(unit, nothing)[m]),
            late=self._by_month(lambda t, m: t.late.get(unit, nothing)[m]),
            visits=self._by_month(lambda t, m: t.visits.get(unit, nothing)[m]),
            matters=self._by_month(lambda t, m: t.of_matters.get(unit, nothing)[m]),
            week=self.ground.week(unit, "visit"),
        )

    def _county(self, name: str, listed: int) -> CountyLine:
        target = self.pack.target(name)
        nothing = [0] * len(self.days.months)
        return CountyLine(
            name,
            listed,
            target,
            covered=self._by_month(lambda t, m: t.covered.get(name, nothing)[m]),
            closed=self._by_month(lambda t, m: t.closed.get(name, nothing)[m]),
            planned=self._planned(target),
        )

    def _city(self, listed: int) -> CountyLine:
        target = self.pack.city_target
        return CountyLine(
            self.pack.city,
            listed,
            target,
            covered=self._by_month(lambda t, m: sum(n[m] for n in t.covered.values())),
            closed=self._by_month(lambda t, m: sum(n[m] for n in t.closed.values())),
            planned=self._planned(target),
        )

    def _planned(self, target: Decimal | None) -> tuple[Decimal | None, ...]:
        """The planned line (序时目标) at the end of each month, in per cent."""
        if target is None:
            return (None,) * len(self.days.months)
        ends = [end_of_month(date.fromisoformat(f"{month}-01")) for month in self.days.months]
        return tuple(half_up(Fraction(target) * self.pack.planned_share(end)) for end in ends)

    def _rungs(self) -> Iterable[RungLine]:
        seen = {rung: None for tally in self.tallies for rung, _month in tally.rungs}
        known: dict[str, Rung] = {}
        for ladder in self.pack.ladders.values():
            for rung in ladder.rungs:
                known.setdefault(rung.key, rung)
        order = {k: (r.act == "draft", r.anchor != "start", r.offset) for k, r in known.items()}
        for key in sorted(seen, key=order.__getitem__):
            rung = known[key]
            is_paper = rung.act == "draft"
            counts = [_papers(t, key) if is_paper else _spoken(t, key) for t in self.tallies]
            months = tuple(
                Range.of(count.get(month, 0) for count in counts)
                for month in range(len(self.days.months))
            )
            title = rung_title(self.pack, rung)
            if not is_paper and rung.offset < 0:  # several may speak in the same words
                title = _("%(title)s (%(days)d working days before)") % {
                    "title": title,
                    "days": -rung.offset,
                }
            yield RungLine(title, is_paper, months, Range.of(sum(c.values()) for c in counts))

    def _matters(self) -> Iterable[MatterLine]:
        for procedure in matter_procedures(self.pack):
            key = procedure.key
            opened = Range.of(tally.matters[key] for tally in self.tallies)
            if opened.high:
                done = Range.of(tally.matters_done[key] for tally in self.tallies)
                yield MatterLine(localised(procedure.title), opened, done)

    def _steps(self) -> Iterable[StepLine]:
        stages = {f"{p.key}.{s.key}": s for p in self.pack.procedures.values() for s in p.stages}
        for kind in kinds(self.pack):
            begun = [tally.begun[kind.key] for tally in self.tallies]
            if not any(begun):
                continue
            late = [
                100 * tally.ended_late[kind.key] // max(tally.lengths[kind.key].total(), 1)
                for tally in self.tallies
            ]
            lengths = [n for tally in self.tallies for n in tally.lengths[kind.key].elements()]
            lengths.sort()
            procedure, _dot, rest = kind.key.partition(".")
            stage, _dot, have = rest.partition(".")
            yield StepLine(
                kind.title,
                limit_words(stages[f"{procedure}.{stage}"], have),
                Range.of(begun),
                Range.of(late),
                usual=_part(lengths, 50),
                most=_part(lengths, 90),
            )


def _papers(tally: Tally, key: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for (rung, _addressee, month), count in tally.letters.items():
        if rung == key:
            found[month] = found.get(month, 0) + count
    return found


def _spoken(tally: Tally, key: str) -> dict[int, int]:
    return {month: count for (rung, month), count in tally.rungs.items() if rung == key}


def _part(found: Sequence[int], percent: int) -> int:
    """The value below which a share of the sorted values lies, in whole numbers."""
    if not found:
        return 0
    place, rest = divmod((len(found) - 1) * percent, 100)
    after = found[min(place + 1, len(found) - 1)]
    return (found[place] * (100 - rest) + after * rest + 50) // 100
