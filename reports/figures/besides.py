"""What no firm's row says, by part of the city: needs, measures, growth of the R&D spending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reports.figures.breakdown import Line, breakdown, needs_in
from reports.figures.definitions import BESIDES
from reports.figures.matters import Growth, Matters, measures_in
from reports.figures.months import State

Value = int | Decimal | None
# (key, what it is called, the definition it belongs to)
HEADS: tuple[tuple[str, str | Promise, str], ...] = (
    ("needs", _("Needs collected"), "needs"),
    ("matched", pgettext_lazy("needs", "Matched"), "needs"),
    ("measures_done", _("Measures done"), "measures"),
    ("measures", _("Measures of the plan"), "measures"),
    ("spending_growth", _("Growth of R&D spending"), "spending_growth"),
    ("spending_firms", _("Firms compared"), "spending_growth"),
)
SAYS: Mapping[str, str | Promise] = {key: says for key, _label, says in BESIDES}
RATES = frozenset({"spending_growth"})
DASH = _("A dash: this part cannot be told apart, or fewer than three firms.")
SHARED = _(
    "A measure that several departments lead is counted with each of them, and once for the city."
)


@dataclass(frozen=True)
class Besides:
    """``values`` by key of ``HEADS``; None where this kind of part cannot say."""

    name: str
    values: Mapping[str, Value]


def besides(
    state: State, by: str, found: Matters, lines: Iterable[Line] | None = None
) -> list[Besides]:
    """The parts of ``breakdown`` in its order, and those that only the plan's measures name;
    ``lines``: the breakdown, where the caller has it."""
    needs, matched = (needs_in(state, by, counts) for counts in (found.needs, found.matched))
    asked = found.asked.get(by, {})
    needs = needs or {name: n for name, (n, _met) in asked.items()}
    matched = matched or {name: met for name, (_n, met) in asked.items()}
    measures, growths = measures_in(state, by, found), found.growths.get(by, {})
    names = [line.name for line in (breakdown(state, by) if lines is None else lines)]
    more = [name for name in (*needs, *measures, *growths) if name not in names]
    counts_needs = by in ("county", "zone", "group") or by in found.asked
    counts_measures = bool(measures)
    return [
        Besides(
            name,
            {
                "needs": needs.get(name, 0) if counts_needs else None,
                "matched": matched.get(name, 0) if counts_needs else None,
                **_measured(measures.get(name, (0, 0)) if counts_measures else None),
                **_grown(growths.get(name)),
            },
        )
        for name in dict.fromkeys([*names, *more])
    ]


def besides_of_city(state: State, found: Matters) -> Besides:
    return Besides(
        state.programme.city.name,
        {
            "needs": sum(found.needs.values()),
            "matched": sum(found.matched.values()),
            **_measured(found.measures),
            **_grown(found.growth),
        },
    )


def _measured(found: tuple[int, int] | None) -> dict[str, Value]:
    done, in_all = found or (None, None)
    return {"measures_done": done, "measures": in_all}


def _grown(found: Growth | None) -> dict[str, Value]:
    one = found or Growth(0, None)
    return {"spending_growth": one.rate, "spending_firms": one.firms}


def notes(state: State, by: str) -> list[str | Promise]:
    """What must be known of these columns; of measures that several departments lead, which the
    departments' lines count more often than the city's does."""
    found: list[str | Promise] = [DASH]
    if by == "department" and any(len({*one.leads}) > 1 for one in state.pack.measures):
        found.append(SHARED)
    return found
