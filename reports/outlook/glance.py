"""一屏: the state of a programme for whoever decides: city, counties, who lags. One statement
beside those of the ranking; the same figures for the page, the paper and the command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from enterprises.models import Enterprise
from organisations.scope import Actor
from reports.figures import counted
from reports.figures.months import State, zones_of
from reports.figures.ranking import Place
from reports.indicators import Row
from reports.ledger_figures import seen_whole
from reports.placing import Placed, placed
from workflows.models import Programme
from workflows.packs import Pack

COUNTED = ("opened", "running", "closed", "overdue", "overdue_long", "lacks_one")


@dataclass(frozen=True)
class Line:
    """A county: its rates, its place, its cases; ``mine``: whether the reader may open its rows."""

    row: Row
    place: Place
    cases: Mapping[str, int | None]
    mine: bool = False

    @property
    def lags(self) -> bool:
        return self.place.gap is not None and self.place.gap < 0


@dataclass(frozen=True)
class Glance:
    """``lines`` zone by zone in the order of the places."""

    programme: Programme
    pack: Pack
    as_of: date
    placed: Placed
    lines: tuple[Line, ...]
    cases: Mapping[str, int | None]
    by_zone: bool
    sees_all: bool = field(default=False)
    is_past: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Of the city, without what nothing tells of a past day."""
        return {name: n for name, n in self.cases.items() if n is not None}

    @property
    def city(self) -> Row:
        return self.placed.now.city

    @property
    def change(self) -> Decimal | None:
        """Of the city's rate on last month, in points."""
        now, was = self.city.coverage_rate, self.placed.before.city.coverage_rate
        return None if now is None or was is None else now - was

    @property
    def lagging(self) -> list[Line]:
        """Behind the planned line, the furthest first."""
        behind = [line for line in self.lines if line.lags]
        return sorted(behind, key=lambda line: line.place.gap or Decimal(0))


def glance(programme: Programme, pack: Pack, on: date, actor: Actor) -> Glance:
    """As it is today."""
    counts, mine = _counts(programme, on, actor)
    return _glance(programme, pack, on, counts, mine)


def glance_then(programme: Programme, pack: Pack, state: State, actor: Actor) -> Glance:
    """As of a day, from a state that was read or frozen; what nothing tells of it is None."""
    counts: dict[int, dict[str, int | None]] = {
        pk: {
            name: None if name in state.unknown else state.of_county(pk).counts[name]
            for name in COUNTED
        }
        for pk in state.names.counties
    }
    mine = set(Enterprise.objects.visible_to(actor).order_by().values_list("pk", flat=True))
    hidden = {row.works_in for row in state.rows if row.stage and row.firm not in mine}
    return _glance(programme, pack, state.as_of, counts, set(counts) - hidden, is_past=True)


def _glance(
    programme: Programme,
    pack: Pack,
    on: date,
    counts: Mapping[int, Mapping[str, int | None]],
    mine: set[int],
    *,
    is_past: bool = False,
) -> Glance:
    by_zone = bool(zones_of(pack))
    lacking = None if is_past else {pk: one["lacks_one"] or 0 for pk, one in counts.items()}
    found = placed(programme, on, by_zone=by_zone, pack=pack, lacking=lacking)
    rows = {row.name: row for row in found.now.counties}
    none = dict.fromkeys(COUNTED, 0)
    lines = tuple(
        Line(
            rows[place.name],
            place,
            counts.get(rows[place.name].county_id or 0, none),
            rows[place.name].county_id in mine,
        )
        for place in found.places
    )
    total = {name: _sum(one[name] for one in counts.values()) for name in COUNTED}
    sees_all = {pk for pk, one in counts.items() if one["opened"]} <= mine
    return Glance(programme, pack, on, found, lines, total, by_zone, sees_all, is_past)


def _sum(given: Iterable[int | None]) -> int | None:
    """None where one of them is not known."""
    counts = list(given)
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None


def _counts(
    programme: Programme, on: date, actor: Actor
) -> tuple[dict[int, dict[str, int]], set[int]]:
    """Firms' own cases by county, as the ledger's lists count them, and the counties of which the
    actor sees every one; three statements at most."""
    found: dict[int, dict[str, int]] = {}
    whole: Counter[int] = Counter()
    for county, _stage, *figures in counted.lines(programme, on):
        told = dict(zip(counted.FIGURES, figures, strict=True))
        whole[county] += told["firms"]
        here = found.setdefault(county, dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            here[name] += told[name]
    return found, seen_whole(programme, actor, whole)
