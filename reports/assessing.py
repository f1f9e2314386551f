"""年度考核: each county's score sheet with its arithmetic, and whom the plan's rules would name.

Counted from the year's edition: 年报核定版 where there is one, else 12月31日版, else as known now
and called provisional. Points come from rates as printed, so that whoever reads the sheet can add
it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from organisations.rounding import half_up
from reports.figures.definitions import BY_KEY
from reports.figures.months import State, live, state_of, target_of
from reports.figures.nouns import Freeze
from reports.figures.tally import Tally
from workflows.assessment import Assessment, Scored
from workflows.models import Programme
from workflows.packs import Pack
from workflows.text import localised


@dataclass(frozen=True)
class Score:
    """``points`` None: there is nothing to judge by (no firm, no case, no target)."""

    scored: Scored
    value: Decimal | None
    full: Decimal | None
    points: Decimal | None

    @property
    def arithmetic(self) -> str:
        """40 × 72.6 ÷ 75 = 38.7, with the lower end where it is not nought; 40 × 80 ÷ 75 ≥ 40 →
        40.0 where more than the whole was reached."""
        if self.points is None or self.value is None or self.full is None:
            return "—"
        one, zero = self.scored, self.scored.zero
        if zero:
            above = f"({_plain(self.value)} − {_plain(zero)})"
            below = f"({_plain(self.full)} − {_plain(zero)})"
        else:
            above, below = _plain(self.value), _plain(self.full)
        told = f"{_plain(one.weight)} × {above} ÷ {below}"
        part = Fraction(self.value - zero) / Fraction(self.full - zero)
        if part > 1:
            return f"{told} ≥ {_plain(one.weight)} → {self.points}"
        return f"{told} ≤ 0 → {self.points}" if part < 0 else f"{told} = {self.points}"


@dataclass(frozen=True)
class Sheet:
    """``rank`` among all counties that were judged; ``reached``: the coverage target."""

    county: int
    name: str
    scores: tuple[Score, ...]
    reached: bool | None
    rank: int | None = None

    @property
    def total(self) -> Decimal | None:
        """The sum of the printed points; None where one of them is missing."""
        points = [score.points for score in self.scores]
        known = [one for one in points if one is not None]
        return sum(known, Decimal(0)) if len(known) == len(points) else None


@dataclass(frozen=True)
class Named:
    """A county that the rules would name, and why."""

    sheet: Sheet
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Assessed:
    """``rules`` None: the plan names no indicators. ``freeze`` None: provisional, as known now."""

    programme: Programme
    rules: Assessment | None
    as_of: date
    freeze: Freeze | None
    sheets: tuple[Sheet, ...] = ()
    commended: tuple[Named, ...] = ()
    criticised: tuple[Named, ...] = ()


def assess(programme: Programme, pack: Pack, today: date) -> Assessed:
    """``pack``: the newest rules, for a year frozen before its plan named any indicators."""
    year_end = date(pack.statistical_year, 12, 31)
    freeze = _edition(programme, year_end)
    as_of = year_end if freeze else min(today, year_end)
    if pack.assessment is None and freeze is None:
        return Assessed(programme, None, as_of, None)
    state = state_of(freeze) if freeze else live(programme, as_of, today=today, pack=pack)
    rules = state.pack.assessment or pack.assessment
    if rules is None:
        return Assessed(programme, None, as_of, freeze)
    sheets = ranked([_sheet(state, rules, pk, name) for pk, name in state.names.counties.items()])
    named = _commended(rules, sheets), _criticised(rules, sheets)
    return Assessed(programme, rules, as_of, freeze, sheets, *named)


def _edition(programme: Programme, year_end: date) -> Freeze | None:
    """年报核定版 before 12月31日版, the newest version of it; one statement."""
    editions = (Freeze.Edition.ANNUAL_REPORT, Freeze.Edition.YEAR_END)
    rows = Freeze.objects.frozen().filter(programme=programme, as_of=year_end, edition__in=editions)
    found = {row.edition: row for row in rows.select_related("programme__city").order_by("number")}
    return next((found[one] for one in editions if one in found), None)


def _sheet(state: State, rules: Assessment, county: int, name: str) -> Sheet:
    tally, target = state.of_county(county), target_of(state.pack, name)
    scores = tuple(_score(one, tally, target) for one in rules.indicators)
    rate = BY_KEY["coverage_rate"].value(tally)
    reached = None if rate is None or target is None else rate >= target
    return Sheet(county, name, scores, reached)


def _score(one: Scored, tally: Tally, target: Decimal | None) -> Score:
    value, full = value_of(one.of, tally), one.full_for(target)
    if value is None or full is None or full == one.zero:
        return Score(one, value, full, None)
    return Score(one, value, full, half_up(one.points(value, full)))


def value_of(key: str, tally: Tally) -> Decimal | None:
    """As printed: per cent with one decimal."""
    if key == "overdue_rate":
        if not tally.counts["opened"]:
            return None
        running = tally.counts["running"]
        share = Fraction(100 * tally.counts["overdue"], running) if running else Fraction(0)
        return half_up(share)
    value = BY_KEY[key].value(tally)
    return None if value is None else Decimal(value)


def ranked(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """The most points first; equal totals share a place, and who was not judged has none."""
    totals = [sheet.total for sheet in sheets]
    known = [total for total in totals if total is not None]
    placed = [
        Sheet(
            s.county, s.name, s.scores, s.reached,
            None if total is None else 1 + sum(other > total for other in known),
        )
        for s, total in zip(sheets, totals, strict=True)
    ]  # fmt: skip
    return tuple(sorted(placed, key=lambda sheet: (sheet.rank is None, sheet.rank or 0)))


def _commended(rules: Assessment, sheets: Sequence[Sheet]) -> tuple[Named, ...]:
    """拟通报表扬 (002-08): who reached the target, the first so many, from so many points."""
    fit = [
        sheet
        for sheet in sheets
        if sheet.reached
        and sheet.total is not None
        and (rules.commend_from is None or sheet.total >= rules.commend_from)
    ]
    if not fit:
        return ()
    last = fit[: rules.commend_first][-1:]
    worst = last[0].rank if last else 0  # who shares the last place is named with it
    return tuple(
        Named(sheet, (_("target reached"), _("place %(rank)d, %(total)s points")
                      % {"rank": sheet.rank, "total": sheet.total}))
        for sheet in fit
        if sheet.rank is not None and worst is not None and sheet.rank <= worst
    )  # fmt: skip


def _criticised(rules: Assessment, sheets: Sequence[Sheet]) -> tuple[Named, ...]:
    """拟通报批评 (002-08): who missed the target, or earned too little."""
    found = []
    for sheet in sheets:
        reasons = []
        if rules.criticise_missed and sheet.reached is False:
            reasons.append(_("target missed"))
        below = rules.criticise_below
        if below is not None and sheet.total is not None and sheet.total < below:
            words = _("%(total)s points, below %(below)s")
            reasons.append(words % {"total": sheet.total, "below": _plain(below)})
        if reasons:
            found.append(Named(sheet, tuple(reasons)))
    return tuple(found)


def edition_words(found: Assessed) -> str:
    """On what the sheet stands."""
    if found.freeze is None:
        return _("Provisional: as known now, the year is not frozen yet.")
    words = _("%(edition)s, version %(n)d")
    label = found.freeze.get_edition_display()
    told = words % {"edition": label, "n": found.freeze.number}
    if found.freeze.edition == Freeze.Edition.YEAR_END:
        return told + _("; the edition of the annual report is not frozen yet")
    return told


def rule_words(rules: Assessment) -> list[str]:
    """How points are given, and that the lists are nothing but proposals."""
    draft = _("The lists are drafts: a person decides who is named, nothing is sent by itself.")
    return [*point_words(rules), draft]


def point_words(rules: Assessment) -> list[str]:
    """How points are given, said plainly."""
    lines = [
        _(
            "Points: weight × (value − lower end) ÷ (full value − lower end), at most the weight"
            " and at least nought; from values as printed, half-up to one decimal. The total is the"
            " sum of the printed points; equal totals share a place (1, 1, 3)."
        )
    ]
    for one in rules.indicators:
        full = _("the county's target") if one.full == "target" else f"{_plain(Decimal(one.full))}%"
        words = _("%(title)s: weight %(weight)s, whole from %(full)s, nothing from %(zero)s%%.")
        values = {"title": localised(one.title), "weight": _plain(one.weight), "full": full}
        lines.append(words % {**values, "zero": _plain(one.zero)})
    return lines


def _plain(value: Decimal) -> str:
    """40 and 72.6, never 40.0."""
    return f"{value.normalize():f}"
