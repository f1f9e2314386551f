"""与序时差 and 较上月 of a county: the same number on the page, in the workbook, in JSON and in the
circular, and the difference of the two figures beside which it is printed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from organisations.rounding import half_up, points
from reports.documents.circulars import circular
from reports.documents.route import State
from reports.figures.freezing import freeze
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json
from tests.reports.offices import DAY, HEAD, drafted, until
from tests.world import World, at

MARCH, NOW = date(2022, 3, 31), date(2022, 4, 6)


def test_a_gap_is_one_number_wherever_it_is_printed(
    shared_city: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the exact fraction it would be another in one county at least: who holds the circular
    beside the page, or subtracts what stands there, would find a mistake."""
    world = shared_city
    for name, place, spends in (
        ("甲有限公司", "涧西区", False),
        ("乙有限公司", "涧西区", True),
        ("丙有限公司", "涧西区", True),
        ("丁有限公司", "嵩县", True),
    ):
        world.fact(world.firm(name, place), date(2022, 3, 1), has_spending=spends)
    monkeypatch.setattr("organisations.clock.today", lambda: NOW)
    monkeypatch.setattr("organisations.clock.now", lambda: at(NOW))
    freeze(world.programme, MARCH, by=world.office, at=at(NOW))
    key, client = world.programme.key, sign_in(world, "office/1")
    rows = as_json("rank", key, "--month", "2022-03")["counties"]
    told = {row["name"]: row for row in rows if row["gap"] is not None}
    pack = world.programme.current.pack
    share = pack.planned_share(MARCH)
    exact = {}
    for name, rate in (("涧西区", Fraction(200, 3)), ("嵩县", Fraction(100))):
        target = pack.target(name)
        assert target is not None
        exact[name] = rate - Fraction(target) * share
    assert set(told) == set(exact)
    gaps = {}
    for name, row in told.items():
        gaps[name] = points(Decimal(str(row["coverage_rate"])), Decimal(str(row["planned"])))
        assert Decimal(str(row["gap"])) == gaps[name]
    assert any(half_up(exact[name]) != gap for name, gap in gaps.items())

    page = client.get("/progress/ranking/", {"as_of": MARCH.isoformat()})
    answer: Any = client.get("/progress/ranking/xlsx/", {"as_of": MARCH.isoformat()})
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [heads] = [row for row in cells if "与序时目标相比" in row]
    annex = circular(world.programme, MARCH, NOW).annexes[0]
    lines = {row[1]: row for table in annex.tables for row in table.rows}
    titles = [column.title for column in annex.tables[0].columns]
    column = titles.index("与序时差")
    for name, gap in gaps.items():
        assert gap is not None
        [own] = [row for row in cells if name in row]
        assert Decimal(str(own[heads.index("与序时目标相比")])) == gap
        signed = f"{gap:+}".replace("-", "−")
        assert lines[name][column] == signed
        assert str(abs(gap)) in page.content.decode()


def test_a_second_circular_of_the_same_figures_is_told_of_the_first(
    shared_city: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the draft and again where it is signed; none was out when the first was made."""
    world = shared_city
    monkeypatch.setattr("organisations.clock.now", lambda: at(DAY, 10))
    head = sign_in(world, HEAD)
    first = drafted(world)
    assert "同一期数据的" not in head.get(f"/documents/{first.pk}/").content.decode()
    first = until(world, first, State.ISSUED)
    second = drafted(world)
    for state, times in ((State.DRAFTING, 1), (State.TO_SIGN, 3)):
        page = head.get(f"/documents/{second.pk}/").content.decode()
        assert page.count("同一期数据的") >= times, state
        assert f"（{first.number}）已印发" in page
        second = until(world, second, State.TO_SIGN)
    later = drafted(world, date(2022, 4, 1))
    assert "同一期数据的" not in head.get(f"/documents/{later.pk}/").content.decode()
