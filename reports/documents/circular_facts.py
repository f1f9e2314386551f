"""What a circular states: of a frozen day what was frozen, of another day what is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from reports.documents.beside import Beside, Standing, beside, standing
from reports.documents.circular_more import More, more_of
from reports.figures.months import State, before_of, frozen_at, live, month_before, state_of
from reports.indicators import Indicators, Row, indicators, indicators_of
from reports.ledger_figures import Figures, figures
from workflows.models import Programme
from workflows.packs import Pack


@dataclass(frozen=True)
class Line:
    """A county in its zone: gap to the planned line in points, of the figures as printed."""

    row: Row
    rank: int | None
    gap: Decimal | None
    before: Decimal | None  # change against the month before, in points
    moved: int | None = None  # ranks that it has risen since then


@dataclass(frozen=True)
class Facts:
    """Everything that the circular states, as of the end of ``on``, lateness too (``today`` is
    that day); what lacks one item as of ``lacking_on``; ``more``: what a frozen month tells."""

    pack: Pack
    on: date
    now: Indicators
    before: Indicators
    ledger: Figures
    zones: Sequence[tuple[str, Sequence[Line]]]
    today: date
    beside: Mapping[int, Beside]
    standing: Standing
    lacking_on: date = date.min
    more: More | None = None
    state: State | None = None


def facts_of(programme: Programme, as_of: date, today: date) -> Facts:
    """A fixed number of statements."""
    freeze = frozen_at(programme, as_of)
    if freeze is not None:
        return _frozen(state_of(freeze), today)
    pack = programme.current.pack
    now = indicators(programme, as_of, pack)
    before = indicators(programme, month_before(as_of), pack)
    ledger, more = figures(programme, today, pack), beside(programme, as_of, today)
    stood = standing(programme, as_of)
    state = live(programme, as_of, today=today, pack=pack)
    if as_of < today:
        ledger, more, stood = _as_of_then(state, ledger, more)
    return Facts(pack, as_of, now, before, ledger, (), as_of, more, stood, today, state=state)


def _as_of_then(
    state: State, ledger: Figures, more: Mapping[int, Beside]
) -> tuple[Figures, dict[int, Beside], Standing]:
    """One cut-off: who was closed, open and late on the circular's day, not who is today."""
    counts = state.total.counts
    besides = {}
    for county, one in more.items():
        there = state.of_county(county).counts
        besides[county] = replace(one, closed=there["closed"], late=there["overdue"])
    stood = Standing(counts["closed"], counts["running"])
    late, long_late = counts["overdue"], counts["overdue_long"]
    return replace(ledger, overdue=late, overdue_long=long_late), besides, stood


def _frozen(now: State, today: date) -> Facts:
    """From the freeze alone: no statement is asked of what goes on changing."""
    before, counts = before_of(now, today=today), now.total.counts
    more = more_of(now, before)
    besides = {
        county: Beside(
            now.of_county(county).counts["closed"],
            now.of_county(county).counts["overdue"],
            now.names.groups.get(county, ""),
        )
        for county in now.names.counties
    }
    return Facts(
        now.pack,
        now.as_of,
        indicators_of(now),
        indicators_of(now, before),
        _ledger(now),
        (),
        now.as_of,
        besides,
        Standing(counts["closed"], counts["running"]),
        more.lacking_on,
        more,
        now,
    )


def _ledger(state: State) -> Figures:
    """Of the frozen ledger what a circular names; lights are for pages."""
    counts = state.total.counts
    names = ("opened", "running", "closed", "delisted", "overdue", "overdue_long", "lacks_one")
    unasked = ("soon", "fine", "resting", "reviews", "carried_in", "carried_out")
    given: dict[str, Any] = {name: counts[name] for name in names}
    given |= dict.fromkeys(unasked, 0)
    return Figures(**given, stages=())
