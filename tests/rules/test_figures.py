"""Figures, places and changes from plain rows: exact fractions, half-up, ties, sums that agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organisations.rounding import half_up
from reports.figures.changes import EXPLAINED, changes, counts_in, explained
from reports.figures.definitions import BY_KEY, INDICATORS
from reports.figures.increments import asked_of, gains
from reports.figures.ranking import Month, Place, Share, places
from reports.figures.rows import HAVES, FirmRow, packed, unpacked
from reports.figures.tally import ASSESSMENT, CURRENT, tally
from reports.indicators import Indicators, Row
from reports.reconciled import compared
from workflows.packs import parse_pack, shipped_text

PLAN = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022")


def firm(number: int, county: int = 1, **more: Any) -> FirmRow:
    return FirmRow(number, f"企业{number}", f"code{number}", county, **more)


def firms(covered: int, of: int, county: int = 1) -> list[FirmRow]:
    return [firm(1000 * county + n, county, covered=n < covered) for n in range(of)]


def share(part: int, whole: int, target: int | None = 70) -> Share:
    return Share(part, whole, None if target is None else Decimal(target))


# --- what is printed (002-04, 002-05, 000-09) ----------------------------------------------------
@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (328, 444, "73.9"),
        (34, 39, "87.2"),
        (24, 28, "85.7"),
        (77, 96, "80.2"),
        (28, 36, "77.8"),
        (24, 32, "75.0"),
        (1, 16, "6.3"),  # 6.25: half-up, not half-even
        (1, 2000, "0.1"),  # 0.05
        (1, 2001, "0.0"),
        (1999, 2000, "100.0"),  # 99.95
        (19989, 20000, "99.9"),  # 99.945
    ],
)
def test_coverage_is_rounded_half_up_on_the_exact_fraction(
    part: int, whole: int, printed: str
) -> None:
    assert str(BY_KEY["coverage_rate"].value(tally(firms(part, whole)))) == printed


def test_filing_of_the_bulletin_prints_as_there() -> None:
    rows = [firm(n, registered=n < 1745, filed=n < 1501) for n in range(1912)]
    assert str(BY_KEY["filing_rate"].value(tally(rows))) == "78.5"


def test_the_paper_s_counties_stand_above_the_average() -> None:
    """002-05: 卢氏县87.2%…超过全市平均水平; the rest of the 444 firms below it."""
    counted = {"卢氏县": (34, 39), "灵宝市": (24, 28), "渑池县": (77, 96), "陕州区": (28, 36),
               "义马市": (24, 32)}  # fmt: skip
    others = 328 - sum(c for c, _n in counted.values()), 444 - sum(n for _c, n in counted.values())
    shares = {name: share(*pair) for name, pair in counted.items()} | {"其他": share(*others)}
    found = {p.name: p for p in places(Month(shares, Fraction(1)), None, {}, by_zone=False)}
    assert [str(found[name].rate) for name in counted] == ["87.2", "85.7", "80.2", "77.8", "75.0"]
    assert [found[name].above for name in (*counted, "其他")] == [True] * 5 + [False]


def test_without_firms_there_is_no_rate_and_no_zero() -> None:
    found = tally([])
    rates = {one.key: one.value(found) for one in INDICATORS if one.whole}
    assert set(rates.values()) == {None}
    assert len({one.key for one in INDICATORS}) == len(INDICATORS)
    assert all(str(one.says) and str(one.label) for one in INDICATORS)


@given(st.fractions(min_value=-200, max_value=200, max_denominator=5000))
def test_half_up_is_never_further_than_half_a_tenth(exact: Fraction) -> None:
    printed = Fraction(half_up(exact))
    assert abs(printed - exact) <= Fraction(1, 20)
    if abs(printed - exact) == Fraction(1, 20):
        assert abs(printed) > abs(exact)


# --- bases and truths ----------------------------------------------------------------------------
def test_the_two_bases_stand_beside_each_other() -> None:
    rows = [
        firm(1, covered=True),
        firm(2),
        firm(3, assessed=False, covered=True),  # new on the register
        firm(4, listed=False, assessed=False, covered=True),  # has left it
    ]
    now, year = tally(rows), tally(rows, ASSESSMENT)
    keys = ("current", "assessed", "entered", "entered_covered")
    assert [now.counts[k] for k in keys] == [year.counts[k] for k in keys] == [3, 2, 1, 1]
    assert [str(BY_KEY["coverage_rate"].value(t)) for t in (now, year)] == ["66.7", "50.0"]


def test_the_ledger_is_counted_on_its_cases_alone() -> None:
    rows = [
        firm(1, case=1, stage="closed", closed_on=date(2022, 3, 1)),
        firm(2, case=2, stage="closed", was_late=True),
        firm(3, case=3, stage="survey", late=12, lacking=1, spent={"assigned": 2}),
        firm(4, case=4, stage="survey", late=3, lacking=2, spent={"assigned": 5}),
        firm(5, case=5, stage="delisted", listed=False),
        firm(6, covered=True),
    ]
    found = tally(rows)
    keys = ("opened", "running", "closed", "overdue", "overdue_long", "lacks_one", "delisted")
    assert [found.counts[key] for key in keys] == [4, 2, 2, 2, 1, 1, 1]
    rates = [str(BY_KEY[key].value(found)) for key in ("closing_rate", "on_time_rate")]
    assert rates == ["50.0", "50.0"]
    assert (found.days("assigned"), found.days("survey")) == (Fraction(7, 2), None)


# --- places --------------------------------------------------------------------------------------
def ranked(now: Month, before: Month | None = None, **more: Any) -> list[Place]:
    return places(now, before, more.pop("zones", {}), **more)


def test_places_go_by_the_gap_to_the_line_ties_share_and_the_next_is_skipped() -> None:
    shares = {
        "甲县": share(5001, 10000, 50),
        "乙县": share(5000, 10000, 50),
        "丙县": share(50, 100, 50),
        "丁县": share(80, 100, 85),  # the highest rate, and below its line
        "戊县": share(0, 0, 50),
        "己县": share(1, 2, None),
    }
    found = ranked(Month(shares, Fraction(1)), by_zone=False)
    assert [(p.name, p.rank) for p in found] == [
        ("甲县", 1), ("乙县", 2), ("丙县", 2), ("丁县", 4), ("戊县", None), ("己县", None),
    ]  # fmt: skip
    assert [str(p.gap) for p in found[:4]] == ["0.0", "0.0", "0.0", "-5.0"]
    assert [p.short for p in found] == [0, 0, 0, 5, 0, None]
    assert [p.first_tier for p in found] == [True, True, True, False, False, False]


def test_whoever_stands_on_the_line_of_a_plan_is_not_below_it() -> None:
    """Eight of twelve months are two thirds, and 50 of 100 are two thirds of 75."""
    line = PLAN.planned_share(date(2022, 8, 31))
    shares = {"甲县": share(50, 100, 75), "乙县": share(40, 100, 60), "丙县": share(39, 100, 60)}
    found = ranked(Month(shares, line), by_zone=False)
    assert [(p.rank, str(p.gap), p.short) for p in found] == [
        (1, "0.0", 0), (1, "0.0", 0), (3, "-1.0", 1),
    ]  # fmt: skip


def test_a_printed_gap_is_one_printed_figure_less_the_other() -> None:
    for part, whole, target, month in ((1, 22, 55, 1), (47, 96, 75, 7), (13, 60, 80, 3)):
        line = PLAN.planned_share(date(2022, month, 28))
        [found] = ranked(Month({"甲县": share(part, whole, target)}, line), by_zone=False)
        assert found.rate is not None
        assert found.planned is not None
        assert found.gap == found.rate - found.planned


def test_inside_zones_each_zone_begins_with_the_first_place() -> None:
    zones = {"甲县": "south", "乙县": "core", "丙县": "core"}
    shares = {"甲县": share(9, 10), "乙县": share(1, 10), "丙县": share(2, 10)}
    found = ranked(Month(shares, Fraction(1)), zones=zones)
    assert [(p.name, p.zone, p.rank) for p in found] == [
        ("甲县", "south", 1), ("丙县", "core", 1), ("乙县", "core", 2),
    ]  # fmt: skip


def test_against_last_month_in_points_and_places() -> None:
    """The line moves on too: who stood still has lost ground, whatever his rate."""
    before = Month({"甲县": share(40, 100), "乙县": share(41, 100)}, Fraction(1, 2))
    now = Month(
        {"甲县": share(46, 100), "乙县": share(41, 100), "丙县": share(0, 2)}, Fraction(2, 3)
    )
    found = {p.name: p for p in ranked(now, before, by_zone=False)}
    assert [str(found[n].change) for n in ("甲县", "乙县")] == ["6.0", "0.0"]
    assert [found[n].moved for n in ("甲县", "乙县", "丙县")] == [1, -1, None]
    assert found["乙县"].short == 6  # 46.67 % of 100 firms are 47


def test_what_a_month_must_gain_is_a_line_of_its_own() -> None:
    """000-13: from where each stood before, on printed rates; nobody gains past all."""
    pack = parse_pack(shipped_text("henan-2023"))
    assert asked_of(pack, date(2023, 9, 22)) == {"filing_rate": 5}
    assert asked_of(pack, date(2023, 10, 1)) == {}

    def of(as_of: date, **filed: int) -> Indicators:
        rows = [Row(n, None, 200, 200, k, 0, 0) for n, k in filed.items()]
        return Indicators(as_of, rows[0], tuple(rows[1:]))

    before = of(date(2023, 8, 31), 全省=150, 洛阳市=147, 周口市=192, 许昌市=0)
    now = of(date(2023, 9, 30), 全省=160, 洛阳市=156, 周口市=200)
    found = {name: lines[0] for name, lines in gains(pack, now, before).items()}
    assert {n: (str(g.gained), str(g.line), g.reached) for n, g in found.items()} == {
        "全省": ("5.0", "80.0", True),
        "洛阳市": ("4.5", "78.5", False),
        "周口市": ("4.0", "100", True),
    }


# --- what is kept --------------------------------------------------------------------------------
ROWS = st.builds(
    FirmRow,
    firm=st.integers(1, 40),
    name=st.just("企业"),
    code=st.just("c"),
    county=st.integers(1, 3),
    listed=st.booleans(),
    assessed=st.booleans(),
    filed=st.booleans(),
    covered=st.booleans(),
    stage=st.sampled_from(["", "survey", "closed", "delisted"]),
    closed_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    spent=st.none() | st.dictionaries(st.sampled_from(["survey", "assigned"]), st.integers(0, 9)),
    **{have: st.booleans() for have in HAVES},
)
STATES = st.lists(ROWS, max_size=12, unique_by=lambda row: row.firm)


@given(STATES)
def test_rows_are_read_as_they_were_kept(rows: list[FirmRow]) -> None:
    kept = packed(rows)
    assert unpacked(kept) == tuple(rows)
    older = {
        "fields": [*kept["fields"][:5], "forgotten"],
        "rows": [[*values[:5], 7] for values in kept["rows"]],
    }
    names = ("firm", "name", "code", "county", "industry")
    for old, row in zip(unpacked(older), rows, strict=True):
        assert [getattr(old, name) for name in names] == [getattr(row, name) for name in names]


# --- what changed --------------------------------------------------------------------------------
BASES = st.sampled_from([CURRENT, ASSESSMENT])


@given(STATES, STATES, st.tuples(BASES, BASES))
def test_the_changes_add_up_to_the_difference_and_name_every_firm(
    before: list[FirmRow], after: list[FirmRow], bases: tuple[str, str]
) -> None:
    """On either base; the figures are those that the pages print of both states."""
    gains = ("joined", "filed", "covered", "complete", "closed")
    first, last = (tally(rows, base) for rows, base in zip((before, after), bases, strict=True))
    for one in explained(before, after, bases):
        name = {"covered": "with_rd"}.get(one.figure, one.figure)
        assert (one.before, one.after) == (first.counts[name], last.counts[name])
        signed = sum(n if kind in gains else -n for kind, n in one.by_kind.items())
        assert one.after - one.before == signed
    named = {one.firm for one in changes(before, after, bases)}
    old, new = ({row.firm: row for row in rows} for rows in (before, after))
    for key in {*old, *new}:
        was, now = old.get(key), new.get(key)
        if any(counts_in(was, f, bases[0]) != counts_in(now, f, bases[1]) for f in EXPLAINED):
            assert key in named


def test_a_firm_is_named_with_what_happened_to_it() -> None:
    first = firm(1, stage="closed", covered=True)
    before = [first, firm(2), firm(3, covered=True), firm(4, filed=True)]
    after = [
        replace(first, stage="survey", covered=True),
        replace(before[1], county=2, covered=True),
        replace(before[2], listed=False),
        before[3],
        firm(5, filed=True, covered=True),
    ]
    found = {one.firm: one.kinds for one in changes(before, after)}
    assert found == {
        1: ("reopened",), 2: ("moved", "covered"), 3: ("left",),
        5: ("joined", "filed", "covered"),
    }  # fmt: skip
    covered = next(one for one in explained(before, after) if one.figure == "covered")
    assert (covered.before, covered.after) == (2, 3)
    assert covered.by_kind == {"covered": 1, "left": 1, "joined": 1}


def test_whoever_is_asked_to_file_and_where_registers_differ() -> None:
    """催报 and 底数不一致 never overlap; without a list of the month nothing is said."""
    listed = {1: 10, 2: 10, 3: 20, 4: 20}
    facts = {1: (True, True), 2: (True, False), 3: (False, False), 5: (True, True)}
    unfiled, unmatched = compared(listed, facts, {**listed, 5: 20})
    assert (unfiled, unmatched) == ({2: 10, 3: 20}, {4: 20, 5: 20})
    assert compared(listed, {}, listed) == ({}, {})
