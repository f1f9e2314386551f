"""What no row of a firm says: needs, the plan's measures, growth of the R&D spending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _

from cases.models import Case
from cases.nouns.matching import MatchRecord
from cases.stages import CLOSED, WITHDRAWN
from enterprises.models import Membership, MoneyFigure
from organisations.rounding import half_up
from reports.figures.breakdown import BY, named_part
from reports.figures.months import State
from reports.figures.past import taken_back
from reports.figures.rows import FirmRow
from workflows.models import Programme

NEED = "need"
FEWEST = 3  # firms: a sum of fewer would tell a single firm's figure (统计法)


@dataclass(frozen=True)
class Growth:
    """R&D spending of firms whose figures of both years are kept; only shares are told."""

    firms: int
    exact: Fraction | None

    @property
    def rate(self) -> Decimal | None:
        return None if self.exact is None else half_up(self.exact)

    def as_json(self) -> list[Any]:
        return [self.firms, None if self.exact is None else str(self.exact)]

    @classmethod
    def of_json(cls, kept: Sequence[Any]) -> Growth:
        firms, exact = kept
        return cls(firms, None if exact is None else Fraction(exact))


@dataclass(frozen=True)
class Matters:
    """``needs``, ``matched``: by county; ``measures``: (done, in all); ``done``: the keys of those
    done, None where an older freeze kept their number alone; ``growths``: by kind of part and its
    name, as ``breakdown`` calls it; ``asked``: so needs and those matched, by the firm's department
    and industry, empty in older freezes."""

    needs: Mapping[int, int]
    matched: Mapping[int, int]
    measures: tuple[int, int]
    growth: Growth
    done: tuple[str, ...] | None = None
    growths: Mapping[str, Mapping[str, Growth]] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As a freeze keeps it; keys of numbers as pairs."""
        return {
            "needs": sorted(self.needs.items()),
            "matched": sorted(self.matched.items()),
            "measures": list(self.measures),
            "growth": self.growth.as_json(),
            "done": None if self.done is None else list(self.done),
            "growths": {
                per: {name: one.as_json() for name, one in parts.items()}
                for per, parts in self.growths.items()
            },
            "asked": {per: dict(parts) for per, parts in self.asked.items()},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Matters:
        done, in_all = kept["measures"]
        growth = Growth.of_json(kept["growth"])
        keys = kept.get("done")
        growths = {
            per: {name: Growth.of_json(one) for name, one in parts.items()}
            for per, parts in kept.get("growths", {}).items()
        }
        needs, matched = (
            {int(county): int(n) for county, n in kept[name]} for name in ("needs", "matched")
        )
        named = None if keys is None else tuple(keys)
        asked = {
            per: {name: (n, met) for name, (n, met) in parts.items()}
            for per, parts in kept.get("asked", {}).items()
        }
        return cls(needs, matched, (done, in_all), growth, named, growths, asked)


def matters_of(state: State, per: str = "") -> Matters:
    """As it was frozen, where the freeze holds it, else counted now; ``per``: by this kind of part
    alone."""
    kept: Any = state.more.get("matters") if state.freeze else None
    return Matters.of_json(kept) if kept else matters(state, per)


def matters(state: State, per: str = "") -> Matters:
    """As of the end of its day, whatever was withdrawn, closed or taken up again since; four
    statements, five with figures of spending."""
    by_firm = [kind for kind in ("department", "industry") if per in ("", kind)]
    programme, pack, day = state.programme, state.pack, state.as_of
    mine = Q(case__procedure=NEED) | ~Q(case__measure="")
    stages, _others, counties = taken_back(Q(case__programme=programme) & mine, day)
    keys = {measure.key for measure in pack.measures}
    needs: Counter[int] = Counter()
    matched: Counter[int] = Counter()
    done: set[str] = set()
    firms: list[tuple[int | None, bool]] = []
    for pk, there, firm, parent, procedure, measure, stage, is_met in _rows(programme, keys, day):
        stood, county = stages.get(pk, stage), counties.get(pk, there)
        if procedure == NEED and stood != WITHDRAWN:
            needs[county] += 1
            matched[county] += is_met or stood == CLOSED
            firms.append((firm, is_met or stood == CLOSED))
        if parent is None and measure in keys and stood == CLOSED:
            done.add(measure)
    pairs = _spending(programme, day)
    asked = {firm for firm, _met in firms if firm is not None} if by_firm else set()
    rows = state.placed({*pairs, *asked})
    return Matters(
        dict(needs),
        dict(matched),
        (len(done), len(keys)),
        _growth(pairs.values()),
        tuple(sorted(done)),
        {kind: _growths(state, kind, pairs, rows) for kind in BY if per in ("", kind)}
        if pairs
        else {},
        {kind: _asked(state, kind, firms, rows) for kind in by_firm},
    )


def _asked(
    state: State,
    per: str,
    firms: Iterable[tuple[int | None, bool]],
    rows: Mapping[int, FirmRow],
) -> dict[str, tuple[int, int]]:
    """Needs and those matched by the part of the firm that has them."""
    part_of = named_part(state, per)
    found: dict[str, tuple[int, int]] = {}
    for firm, is_met in firms:
        name = part_of(rows[firm]) if firm is not None and firm in rows else _("Without")
        n, met = found.get(name, (0, 0))
        found[name] = n + 1, met + is_met
    return found


def measures_in(state: State, by: str, found: Matters) -> dict[str, tuple[int, int]]:
    """(done, in all) by the department that leads, a measure of several counted with each; empty
    for other parts, and where an older freeze does not say which were done."""
    if by != "department" or found.done is None:
        return {}
    counts: dict[str, tuple[int, int]] = {}
    for measure in state.pack.measures:
        for lead in dict.fromkeys(measure.leads):
            done, in_all = counts.get(lead, (0, 0))
            counts[lead] = done + (measure.key in found.done), in_all + 1
    return counts


def _rows(programme: Programme, measures: Iterable[str], day: date) -> Iterable[tuple[Any, ...]]:
    """Needs, whether one of them found a partner by the day, and turns of the plan's measures."""
    partner = (MatchRecord.Result.SIGNED, MatchRecord.Result.INTENTION)
    met = MatchRecord.objects.filter(is_draft=False, case=OuterRef("pk"), met_on__lte=day)
    asked = Q(procedure=NEED) | Q(measure__in=measures, parent=None)
    rows = Case.objects.filter(asked, programme=programme, opened_on__lte=day).order_by()
    names = (
        "pk",
        "county_id",
        "enterprise_id",
        "parent_id",
        "procedure",
        "measure",
        "stage",
        "is_met",
    )
    found = rows.annotate(is_met=Exists(met.filter(result__in=partner)))
    return list(found.values_list(*names))


Pair = tuple[Decimal, Decimal]


def _spending(programme: Programme, day: date) -> dict[int, Pair]:
    """By firm the newest figure of the year and that of the same month a year earlier, of the firms
    on the register for which both are kept; as known by the day, so that what comes in late, of
    either year, moves no past day (ADR 23)."""
    listed = Membership.objects.on(day).filter(city=programme.city_id).values("enterprise")
    place = Window(
        RowNumber(), partition_by=F("enterprise_id"), order_by=[F("on").desc(), F("known").desc()]
    )
    year = programme.statistical_year
    spending = MoneyFigure.objects.filter(kind=MoneyFigure.Kind.SPENDING, enterprise__in=listed)
    kept = spending.annotate(known=Coalesce("known_on", "on")).filter(known__lte=day)
    newest = kept.filter(on__year=year).annotate(place=place).filter(place=1)
    now = {firm: (on.month, amount) for firm, on, amount in newest.values_list(*_MONEY)}
    if not now:
        return {}
    # a month's figure is a state: of several the newest counts, none is added to another
    before = kept.filter(on__year=year - 1).order_by("on", "known").values_list(*_MONEY)
    was = {(firm, on.month): amount for firm, on, amount in before}
    return {
        firm: (amount, was[firm, month])
        for firm, (month, amount) in now.items()
        if (firm, month) in was
    }


def _growth(given: Iterable[Pair]) -> Growth:
    pairs = list(given)
    old = sum((pair[1] for pair in pairs), Decimal(0))
    if len(pairs) < FEWEST or not old:
        return Growth(len(pairs), None)
    new = sum((pair[0] for pair in pairs), Decimal(0))
    return Growth(len(pairs), Fraction(new) / Fraction(old) * 100 - 100)


def _growths(
    state: State, per: str, pairs: Mapping[int, Pair], rows: Mapping[int, FirmRow]
) -> dict[str, Growth]:
    """By the parts' names; a part of fewer than three firms has a number of firms and no rate."""
    found: dict[str, list[Pair]] = {}
    part_of = named_part(state, per)
    for firm, pair in pairs.items():
        if firm in rows:
            found.setdefault(part_of(rows[firm]), []).append(pair)
    return {name: _growth(those) for name, those in found.items()}


_MONEY = ("enterprise_id", "on", "amount")
