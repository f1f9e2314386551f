"""What a correction would change, the months' ranking and indicators as workbooks, by part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from enterprises.models import Enterprise, MoneyFigure, MonthlyFact
from reports.figures.freezing import freeze
from reports.figures.matters import matters, matters_of, measures_in
from reports.figures.months import live, state_of
from reports.figures.nouns import Freeze, PublishedRate
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json, refused, run
from tests.world import World, at

MARCH, NOW = date(2022, 3, 31), date(2022, 4, 6)
AUGUST = date(2022, 8, 31)


@pytest.fixture
def spring(shared_city: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world = shared_city
    for name, place, spends in (
        ("甲有限公司", "涧西区", False),
        ("乙有限公司", "涧西区", True),
        ("丙有限公司", "嵩县", True),
    ):
        world.fact(world.firm(name, place), date(2022, 3, 1), has_spending=spends)
    world.open()
    monkeypatch.setattr("organisations.clock.today", lambda: NOW)
    monkeypatch.setattr("organisations.clock.now", lambda: at(NOW))
    return world


def sheets(client: Client, path: str) -> Any:
    answer: Any = client.get(path)
    return load_workbook(BytesIO(b"".join(answer.streaming_content)))


def test_a_correction_is_shown_before_it_is_frozen(spring: World) -> None:
    """Indicator by indicator, firm by firm; the page and the command write nothing."""
    row = freeze(spring.programme, MARCH, by=spring.office, at=at(NOW))
    office, url = sign_in(spring, "office/1"), f"/progress/months/{row.pk}/correction/"
    assert "没有变动。" in office.get(url).content.decode()
    assert url in office.get(f"/progress/months/{row.pk}/").content.decode()
    MonthlyFact.objects.filter(enterprise__name="甲有限公司").update(has_spending=True)
    page = office.get(url)
    told = [
        (line["part"], str(line["label"]), line["before"], line["after"])
        for line in page.context["figures"]
    ]
    assert ("洛阳市", "覆盖率", "66.7%", "100.0%") in told
    assert ("涧西区", "有研发活动", "1", "2") in told
    assert not any(part == "嵩县" for part, *_rest in told)
    (firm,) = page.context["page"].object_list
    assert (firm.name, firm.county) == ("甲有限公司", "涧西区")
    assert ("研发经费", "", "✓") in firm.cells
    assert "甲有限公司" in page.content.decode()
    key = spring.programme.key
    line = ("freeze", key, "--month", "2022-03", "--dry-run", "--at", "2022-04-06")
    dry = as_json(*line)
    assert (dry["version"], dry["dry_run"], dry["city"]["coverage_rate"]) == (2, True, 100.0)
    assert [one["name"] for one in dry["firms_changed"]] == ["甲有限公司"]
    assert {"name": "洛阳市", "indicator": "coverage_rate", "before": 66.7, "after": 100.0} in dry[
        "figures_changed"
    ]
    assert "66.7% → 100.0%" in run(*line)
    assert Freeze.objects.frozen().count() == 1
    assert refused(*line, "--known-until", "2022-03-01")[0]["code"] == "known_before"
    done = office.post(
        "/progress/months/freeze/",
        {"programme": key, "as_of": "2022-03-31", "edition": "month", "reason": "补报"},
    )
    last = Freeze.objects.frozen().order_by("-number")[0]
    assert (done["Location"], last.number) == (f"/progress/months/{last.pk}/", 2)
    kept = {firm.name: firm.covered for firm in state_of(last).rows}
    assert kept["甲有限公司"]
    assert sign_in(spring, "涧西区/county_worker").get(url).status_code == 404


def test_the_months_ranking_in_excel_has_what_the_page_has(spring: World) -> None:
    """省通报口径, 第一方阵, the average, the city's own planned line and change."""
    PublishedRate.objects.create(
        programme=spring.programme, month=date(2022, 3, 1), county=spring.counties["嵩县"],
        base=12, coverage_rate=Decimal("58.30"), cut_off=MARCH, source="省通报第3期", at=at(NOW),
    )  # fmt: skip
    book = sheets(sign_in(spring, "office/1"), "/progress/ranking/xlsx/?month=2022-03")
    page = book.worksheets[0]
    head = {cell.value: n for n, cell in enumerate(page[4], start=1)}
    rows = {
        page.cell(n, head["县区"]).value: {
            name: page.cell(n, at).value for name, at in head.items()
        }
        for n in range(5, page.max_row + 1)
    }
    song, jianxi, city = rows["嵩县"], rows["涧西区"], rows["洛阳市"]
    assert (song["省通报口径"], song["第一方阵"], song["全市平均"]) == (58.3, "第一方阵", "高于")
    assert (jianxi["省通报口径"], jianxi["第一方阵"], jianxi["全市平均"]) == (None, "", "低于")
    assert city["全市平均"] == "平均线"
    assert city["序时目标"] is not None
    assert city["较上月"] is not None
    terms = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert terms["省通报口径"] == "省通报口径：省通报第3期，截至2022年3月31日，基数12家。"


def test_growth_and_measures_are_told_by_part(spring: World) -> None:
    """Growth never of fewer than three firms; measures by who leads them; a freeze keeps both."""
    for n, county in enumerate(("涧西区", "涧西区", "嵩县")):
        spring.firm(f"第{n}有限公司", county)
    for n, firm in enumerate(Enterprise.objects.filter(name__startswith="第").order_by("name")):
        for on, amount in ((date(2021, 3, 31), 100), (MARCH, 110 + 10 * n)):
            MoneyFigure.objects.create(
                enterprise=firm, kind="spending", on=on, amount=amount, source="年报"
            )
    two = Enterprise.objects.get(name="乙有限公司")
    for on, amount in ((date(2021, 3, 31), 100), (MARCH, 150)):
        MoneyFigure.objects.create(
            enterprise=two, kind="spending", on=on, amount=amount, source="年报"
        )
    state = live(spring.programme, MARCH, today=NOW)
    found = matters(state)
    by_county = {name: (one.firms, one.rate) for name, one in found.growths["county"].items()}
    assert by_county == {"涧西区": (3, Decimal("26.7")), "嵩县": (1, None)}
    assert found.growths["industry"]["通用设备制造业"].firms == 4
    leads = measures_in(state, "department", found)
    assert sum(of for _done, of in leads.values()) >= found.measures[1]
    assert matters_of(state_of(freeze(spring.programme, MARCH, by=spring.office, at=at(NOW)))) == (
        found
    )
    office = sign_in(spring, "office/1")
    page = office.get("/progress/figures/?on=2022-03-31").content.decode()
    assert "26.7%" in page
    head, *rows = (
        sheets(office, "/progress/figures.xlsx?on=2022-03-31")
        .worksheets[0]
        .iter_rows(min_row=4, values_only=True)
    )
    place, firms = head.index("研发经费增长"), head.index("可比企业（家）")
    told = {row[1]: (row[place], row[firms]) for row in rows}
    assert told["涧西区"] == (26.7, 3)
    assert told["嵩县"] == (None, 1)
    lines = as_json("indicators", spring.programme.key, "--as-of", "2022-03-31", "--per", "county")
    assert {one["name"]: one["spending_growth"] for one in lines["besides"]} == {
        "涧西区": 26.7, "嵩县": None,
    }  # fmt: skip


def test_growth_of_spending_compares_states_and_adds_none(spring: World) -> None:
    """Last August was read in twice: the newer figure counts, not the sum of both."""
    for firm in Enterprise.objects.all()[:3]:
        for on, amount in ((date(2021, 8, 10), 90), (date(2021, 8, 31), 100), (AUGUST, 110)):
            MoneyFigure.objects.create(
                enterprise=firm, kind="spending", on=on, amount=amount, source="年报"
            )
        # last year's year-end table, and August's once more, came in only in September
        for on, amount in ((date(2021, 8, 31), 55), (AUGUST, 132)):
            MoneyFigure.objects.create(
                enterprise=firm, kind="spending", on=on, known_on=date(2022, 9, 5), amount=amount,
                source="年报",
            )  # fmt: skip
    found = matters(live(spring.programme, AUGUST, today=AUGUST))
    assert (found.growth.firms, str(found.growth.rate)) == (3, "10.0")
    later = matters(live(spring.programme, date(2022, 9, 5), today=date(2022, 9, 5)))
    assert str(later.growth.rate) == "140.0"
