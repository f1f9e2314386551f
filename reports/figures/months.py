"""The figures of a day: from the freeze where there is one, else as the facts are known now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, overload

from cases.rulebook import pack_of
from organisations.scope import Actor
from reports.figures.changes import explained
from reports.figures.nouns import Freeze, FrozenRows
from reports.figures.ranking import Month, Place, Share, places
from reports.figures.reading import Names, Reading, names_of
from reports.figures.rows import FirmRow
from reports.figures.summing import sum_of
from reports.figures.sums import Sums
from reports.figures.tables import Tables
from reports.figures.tally import COUNTED, Tally, tallies, tally
from workflows.calendar import end_of_month
from workflows.models import Programme
from workflows.packs import Pack

# what a case lacked on a past day nobody wrote down (ADR 18)
UNKNOWN = frozenset({"lacks_one"})


@dataclass(frozen=True)
class State:
    """Everything that is said of a programme as of the end of a day. ``freeze`` None: not frozen,
    the figures may still change. ``unknown``: figures that nothing tells of a past day."""

    programme: Programme
    pack: Pack
    as_of: date
    known_until: date
    rows: Sequence[FirmRow]
    names: Names
    freeze: Freeze | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    # by the kind of part that is asked: counted by the database
    sums: Sums | None = None

    @cached_property
    def total(self) -> Tally:
        if self.sums is not None:
            return sum_of(self.sums, self.pack.base)
        return tally(self.rows, self.pack.base)

    def placed(self, firms: Collection[int]) -> Mapping[int, FirmRow]:
        """Rows of some firms, of which nothing but their parts is asked."""
        if self.sums is not None:
            return self.sums.placed(firms)
        return {row.firm: row for row in self.rows if row.firm in firms}

    @cached_property
    def by_county(self) -> Mapping[str | int, Tally]:
        """The filing's figures by the county that the register counts a firm in, the ledger's by
        the one where its case lies (practice: two counties of a firm)."""
        return tallies(
            self.rows,
            lambda row: row.county,
            self.pack.base,
            ledger=lambda row: row.works_in,
        )

    def of_county(self, county: int) -> Tally:
        return self.by_county.get(county, Tally())

    @property
    def counts(self) -> dict[int, dict[str, int]]:
        """By county, what rates and places are made of."""
        counted = {pk: self.of_county(pk).counts for pk in self.names.counties}
        return {pk: {name: counts[name] for name in COUNTED} for pk, counts in counted.items()}


@dataclass(frozen=True)
class Before:
    """What a month is compared with: the counts of the month before, and the closings gained and
    taken back since. A freeze keeps it, so that its comparison never changes either."""

    as_of: date
    counts: Mapping[int, Mapping[str, int]]
    closed: int = 0
    reopened: int = 0
    version: int | None = None

    def as_json(self) -> dict[str, Any]:
        rows = [[pk, [counts[name] for name in COUNTED]] for pk, counts in self.counts.items()]
        return {**vars(self), "as_of": self.as_of.isoformat(), "counts": rows}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Before:
        counts = {pk: dict(zip(COUNTED, row, strict=True)) for pk, row in kept["counts"]}
        return cls(**{**kept, "as_of": date.fromisoformat(kept["as_of"]), "counts": counts})


def before_of(now: State, *, today: date) -> Before:
    """As it was kept with a freeze, else counted now; a fixed number of statements."""
    if now.freeze is not None:
        kept: Any = now.more["before"]
        return Before.of_json(kept)
    return compared(
        now, state_on(now.programme, month_before(now.as_of), today=today, pack=now.pack)
    )


def compared(now: State, was: State) -> Before:
    closings = next(one for one in explained(was.rows, now.rows) if one.figure == "closed")
    return Before(
        was.as_of,
        was.counts,
        closings.by_kind.get("closed", 0),
        closings.by_kind.get("reopened", 0),
        was.freeze.number if was.freeze else None,
    )


def target_of(pack: Pack, county: str) -> Decimal | None:
    try:
        return pack.target(county)
    except KeyError:  # a county that the plan does not name has no target
        return None


def frozen_at(programme: Programme, as_of: date) -> Freeze | None:
    """The newest version of the freeze of a day; of two editions the month's own. One statement."""
    rows = Freeze.objects.frozen().filter(programme=programme, as_of=as_of)
    return _of_day(rows.select_related("programme__city").order_by("number"), as_of)


def frozen_pair(programme: Programme, as_of: date) -> tuple[Freeze | None, Freeze | None]:
    """The freeze of a day, and that of the end of the month before; one statement."""
    days = as_of, month_before(as_of)
    rows = Freeze.objects.frozen().filter(programme=programme, as_of__in=days)
    found = list(rows.select_related("programme__city").order_by("number"))
    return _of_day(found, days[0]), _of_day(found, days[1])


def _of_day(rows: Iterable[Freeze], day: date) -> Freeze | None:
    found = {row.edition: row for row in rows if row.as_of == day}
    order = (Freeze.Edition.MONTH, Freeze.Edition.YEAR_END, Freeze.Edition.CUT)
    return next((found[edition] for edition in order if edition in found), None)


def state_of(freeze: Freeze) -> State:
    """What was frozen, by the rules that held then; one statement, and one for the rules that this
    process has not read yet."""
    kept = FrozenRows.objects.get(freeze=freeze)
    if freeze.pack_version_id is None or freeze.known_until is None:
        raise ValueError("a proposal holds no figures")
    return State(
        freeze.programme,
        pack_of(freeze.pack_version_id),
        freeze.as_of,
        freeze.known_until,
        kept.firms,
        freeze.called,
        freeze,
        freeze.more,
    )


def state_on(programme: Programme, as_of: date, *, today: date, pack: Pack | None = None) -> State:
    """The state of a day, frozen or not; a fixed number of statements."""
    freeze = frozen_at(programme, as_of)
    return state_of(freeze) if freeze else live(programme, as_of, today=today, pack=pack)


def live(
    programme: Programme,
    as_of: date,
    *,
    today: date,
    pack: Pack | None = None,
    known_until: date | None = None,
) -> State:
    """As of the end of a day, counted now."""
    pack = pack or programme.current.pack
    until = known_until or as_of
    is_live = as_of >= today
    reading = Reading(programme, pack, as_of, known_until=until, live=is_live)
    unknown = frozenset() if is_live else UNKNOWN
    rows, names = reading.rows(), names_of(programme)
    return State(programme, pack, as_of, until, rows, names, unknown=unknown)


def counted_on(
    programme: Programme, as_of: date, *, today: date, by: str, reader: Actor, pack: Pack
) -> State:
    """The same, counted by the database: by one kind of part, with what a reader sees of it. No
    firm is asked for."""
    is_live = as_of >= today
    reading = Reading(programme, pack, as_of, live=is_live)
    sums = Sums(Tables(programme, pack, as_of, reader, is_past=not is_live), by)
    unknown = frozenset() if is_live else UNKNOWN
    rows, names = Rows(reading.rows), names_of(programme)
    return State(programme, pack, as_of, as_of, rows, names, unknown=unknown, sums=sums)


class Rows(Sequence[FirmRow]):
    """Read when they are looked at, which figures that the database counts do not need."""

    def __init__(self, read: Callable[[], Sequence[FirmRow]]) -> None:
        self._read = read

    @cached_property
    def _rows(self) -> Sequence[FirmRow]:
        return self._read()

    @overload
    def __getitem__(self, place: int) -> FirmRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[FirmRow]: ...
    def __getitem__(self, place: int | slice) -> FirmRow | Sequence[FirmRow]:
        return self._rows[place]

    def __iter__(self) -> Iterator[FirmRow]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def on_base(state: State, base: str) -> State:
    """The same state, its rates on the base that a reader chose."""
    if base == state.pack.base:
        return state
    return replace(state, pack=state.pack.model_copy(update={"base": base}))


def month_before(day: date) -> date:
    """The end of the month before the one in which a day lies."""
    return day.replace(day=1) - timedelta(days=1)


def month_end(month: date) -> date:
    return end_of_month(month)


def zones_of(pack: Pack) -> dict[str, str]:
    """The key of each county's zone, by its name."""
    return {county.name: county.zone for county in pack.counties if county.zone in pack.zones}


def ranking(now: State, before: Before, *, by_zone: bool = True) -> list[Place]:
    """The counties in their order, by the rules of the month itself."""
    months = [_month(now, now.as_of, now.counts), _month(now, before.as_of, before.counts)]
    return places(months[0], months[1], zones_of(now.pack), by_zone=by_zone)


@dataclass(frozen=True)
class Gap:
    """A county against its line, as printed; ``below``: before rounding."""

    below: bool
    rate: Decimal | None
    planned: Decimal | None
    gap: Decimal | None
    short: int | None


def gaps_of(state: State) -> dict[int, Gap]:
    """By county, where it has a target and firms."""
    month = _month(state, state.as_of, state.counts)
    lines = {line.name: line for line in places(month, None, {}, by_zone=False)}
    found = {}
    for pk, name in state.names.counties.items():
        exact = month.shares[name].gap(month.planned) if name in month.shares else None
        if exact is not None:
            line = lines[name]
            found[pk] = Gap(exact < 0, line.rate, line.planned, line.gap, line.short)
    return found


def _month(now: State, on: date, counts: Mapping[int, Mapping[str, int]]) -> Month:
    shares = {
        name: Share(counts[pk]["with_rd"], counts[pk]["listed"], target_of(now.pack, name))
        for pk, name in now.names.counties.items()
        if pk in counts
    }
    return Month(shares, now.pack.planned_share(on))
