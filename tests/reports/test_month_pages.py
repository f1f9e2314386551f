"""月度封账, 县区排名, 变动清单: the office freezes, everybody reads, firms only where they lie."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, cast

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cases.actions import pairing
from enterprises.actions.pairing import Wish
from enterprises.models import Enterprise, Membership, MonthlyFact
from organisations.scope import Actor
from reports.figures.freezing import freeze, propose_due
from reports.figures.months import live, state_of
from reports.figures.nouns import Freeze, PublishedRate
from reports.outlook.glance import glance
from tests.cases.lists import sign_in
from tests.world import World, at

FEBRUARY, MARCH, NOW = date(2022, 2, 28), date(2022, 3, 31), date(2022, 4, 6)
AUGUST = date(2022, 8, 31)


@pytest.fixture
def spring(shared_city: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world = shared_city
    for name, place, spends in (
        ("甲有限公司", "涧西区", False),
        ("乙有限公司", "涧西区", True),
        ("丙有限公司", "嵩县", True),
    ):
        firm = world.firm(name, place)
        for month in (2, 3):
            world.fact(firm, date(2022, month, 1), has_spending=spends)
    world.open()
    monkeypatch.setattr("organisations.clock.today", lambda: NOW)
    monkeypatch.setattr("organisations.clock.now", lambda: at(NOW))
    return world


def text(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def workbook(client: Client, path: str) -> Any:
    answer: Any = client.get(path)
    return load_workbook(BytesIO(b"".join(answer.streaming_content)))


def both(world: World) -> tuple[Freeze, Freeze]:
    """February, then March in which one firm left, one joined and one was covered."""
    first = freeze(world.programme, FEBRUARY, by=world.office, at=at(NOW))
    Membership.objects.filter(enterprise__name="丙有限公司").update(left_on=date(2022, 3, 9))
    world.firm("丁有限公司", "嵩县", joined_on=date(2022, 3, 10))
    changed = Enterprise.objects.get(name="甲有限公司")
    changed.facts.filter(about_month=date(2022, 3, 1)).update(has_spending=True)
    return first, freeze(world.programme, MARCH, by=world.office, at=at(NOW))


def test_the_office_freezes_a_proposal_and_a_refusal_is_said(spring: World) -> None:
    propose_due(at(NOW))
    office = sign_in(spring, "office/1")
    page = text(office, "/progress/months/")
    assert "在库3家企业中，3家已有当月填报数据" in page
    assert page.count('data-dialog="freeze-') == 4  # three months and a cut
    given = {"programme": spring.programme.key, "as_of": "2022-03-31", "edition": "month"}
    answer = office.post("/progress/months/freeze/", given, follow=True)
    row = Freeze.objects.frozen().get()
    assert answer.redirect_chain[-1][0] == f"/progress/months/{row.pk}/"
    assert (row.number, row.by) == (1, spring.people["office/1"])
    page = office.post("/progress/months/freeze/", given, follow=True).content.decode()
    assert "已封账。更正将形成新的版本，请说明更正原因" in page
    office.post("/progress/months/freeze/", {**given, "reason": "补报"}, follow=True)
    page = text(office, "/progress/months/")
    assert "补报" in page
    assert Freeze.objects.frozen().count() == 2
    wrong = office.post("/progress/months/freeze/", {**given, "as_of": "2022-02-30"}, follow=True)
    assert "请选择日期" in wrong.content.decode()


def test_a_ranking_reads_the_freeze_and_says_so(spring: World) -> None:
    leader = sign_in(spring, "leader")
    live = text(leader, "/progress/ranking/", month="2022-03")
    assert "尚未封账，数据仍可能变化" in live
    first, march = both(spring)
    page = text(leader, "/progress/ranking/", month="2022-03")
    assert "2022年4月6日封账，第1版" in page
    assert f"/progress/months/{march.pk}/" in page
    assert page.index("涧西区") < page.index("嵩县")
    copied = text(leader, "/progress/ranking/text/", month="2022-03")
    assert "【截至2022年3月31日县区排名】" in copied
    assert "1.涧西区 100.0%，超序时80.0个百分点" in copied.replace("73.3", "80.0")
    plain = text(leader, "/progress/ranking/text/", month="2022-02", plain="1")
    assert plain.index("嵩县") < plain.index("涧西区")
    assert first.as_of == FEBRUARY


def test_what_disagrees_is_copied_in_short_lines(spring: World) -> None:
    lines = text(sign_in(spring, "leader"), "/progress/reconciling/text/").splitlines()
    assert lines[0].startswith("账表比对（截至")
    assert [line.partition("：")[0] for line in lines[1:] if not line.startswith("  ")] == [
        "可销号", "账表不一致", "催报", "底数不一致",
    ]  # fmt: skip


def test_the_months_ranking_is_a_workbook_with_its_rule(spring: World) -> None:
    answer = cast(Any, sign_in(spring, "office/1").get("/progress/ranking/xlsx/?month=2022-03"))
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["县区排名", "口径说明"]
    page = book.worksheets[0]
    head = {cell.value: n for n, cell in enumerate(page[4], start=1)}
    assert {"位次", "县区", "覆盖率", "只差一项"} <= head.keys()
    assert page.max_row == 4 + 16 + 1  # counties, then the city
    rate = page.cell(5, head["覆盖率"])
    assert rate.number_format == "0.0"
    # numbers, so that a sheet sorts 10 behind 9; without a target there is none, nor for the city
    places = [page.cell(row, head["位次"]).value for row in range(5, page.max_row)]
    ranked = [place for place in places if place is not None]
    assert ranked
    assert {type(place) for place in ranked} == {int}
    assert page.cell(page.max_row, head["位次"]).value is None
    assert isinstance(rate.value, int | float)
    assert "制表" in page["A2"].value
    assert (page.freeze_panes, page.print_title_rows) == ("A5", "$4:$4")
    assert page.sheet_properties.pageSetUpPr.fitToPage


def test_what_a_month_must_gain_stands_beside_the_planned_line(
    spring: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """000-13: two firms filed nothing in February, one of them files in March."""
    rules = spring.programme.current.pack
    plan = rules.model_copy(update={"increments": {"filing_rate": {"2022-03": Decimal(5)}}})
    monkeypatch.setattr("reports.views.ranking.pack_shown", lambda _programme: plan)
    facts = MonthlyFact.objects.filter(enterprise__name__in=("甲有限公司", "丙有限公司"))
    facts.filter(about_month__month=2).update(filed=False)
    facts.filter(enterprise__name="丙有限公司").update(filed=False)
    page = text(sign_in(spring, "leader"), "/progress/ranking/", month="2022-03")
    said = "3月填报率须再提高5个百分点：全市提高33.4个百分点，2个县区中1个达到。"
    assert said in page.replace("16个县区", "2个县区")
    assert "填报率增幅（目标+5）" in page
    later = text(sign_in(spring, "leader"), "/progress/ranking/", month="2022-04")
    assert "须再提高" not in later


def test_in_the_next_year_every_page_still_reads_this_one(
    spring: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organisations.clock.today", lambda: date(2023, 2, 15))
    office = sign_in(spring, "office/1")
    rates = [
        office.get("/progress/").context["city"].coverage_rate,
        office.get("/progress/leader/").context["found"].city.coverage_rate,
        office.get("/progress/ranking/?month=2023-01").context["city"]["row"].coverage_rate,
    ]
    for firm in Enterprise.objects.all():
        spring.fact(firm, date(2023, 1, 1), registered=False, filed=False)
    assert rates[0] > 0
    assert rates == [
        office.get("/progress/").context["city"].coverage_rate,
        office.get("/progress/leader/").context["found"].city.coverage_rate,
        office.get("/progress/ranking/?month=2023-01").context["city"]["row"].coverage_rate,
    ]


def test_a_county_sees_all_sums_and_its_own_firms_only(spring: World) -> None:
    first, march = both(spring)
    path = f"/progress/changes/?from={first.pk}&to={march.pk}"
    own = text(sign_in(spring, "涧西区/county_worker"), path)
    for words in ("新增覆盖 1", "退库 1", "入库 1"):
        assert words in own
    assert "甲有限公司" in own
    assert "丁有限公司" not in own
    office = sign_in(spring, "office/1")
    assert "丁有限公司" in text(office, "/progress/changes/")
    book = workbook(office, "/progress/changes.xlsx")
    rows = {row[2]: row[4] for row in book.active.iter_rows(min_row=5, values_only=True)}
    assert rows["甲有限公司"] == "新增覆盖"
    assert set(rows) == {"甲有限公司", "丙有限公司", "丁有限公司"}
    lead = sign_in(spring, "嵩县/county_lead")
    book = workbook(lead, f"/progress/months/{march.pk}/firms.xlsx")
    names = {row[1] for row in book.active.iter_rows(min_row=5, values_only=True)}
    assert names == {"丙有限公司", "丁有限公司"}


def test_where_the_truths_disagree_each_number_opens_its_list(spring: World) -> None:
    world = spring
    late = world.firm("戊有限公司", "嵩县")  # on the register, not in March's list
    MonthlyFact.objects.filter(enterprise__name="乙有限公司").update(filed=False)
    MonthlyFact.objects.filter(enterprise__name="甲有限公司").update(
        has_institution=True, has_staff=True, has_spending=True, has_cooperation=True
    )
    page = text(sign_in(world, "office/1"), "/progress/reconciling/")
    song, jianxi = (world.counties[name].pk for name in ("嵩县", "涧西区"))
    for link in (
        f'href="/ledger/?chip=closable&amp;county={jianxi}">1</a>',
        f'href="/progress/reconciling/?list=unfiled&amp;county={jianxi}">1</a>',
        f'href="/progress/reconciling/?list=unmatched&amp;county={song}">1</a>',
    ):
        assert link in page, link
    lead = sign_in(world, "嵩县/county_lead")
    assert late.name in text(lead, "/progress/reconciling/?list=unmatched")
    worker = sign_in(world, "涧西区/county_worker")
    assert late.name not in text(worker, "/progress/reconciling/?list=unmatched")


def test_every_figure_of_any_day_by_every_part_opens_its_firms(spring: World) -> None:
    """Provincial filing and ledger apart; what nothing tells of a past day is a dash."""
    world = spring
    song = world.counties["嵩县"].pk
    office, worker = sign_in(world, "office/1"), sign_in(world, "涧西区/county_worker")
    for per, words in (
        ("county", "嵩县"), ("zone", "都市核心区"), ("department", "市工信局"),
        ("group", "包联第一组"), ("industry", "通用设备制造业"),
    ):  # fmt: skip
        page = text(office, "/progress/figures/", per=per, on="2022-03-20")
        assert words in page, per
    asked = f"programme={world.programme.key}&amp;on=2022-03-20&amp;per=county"
    asked += "&amp;base=current_register&amp;figure=coverage_rate"
    page = text(office, "/progress/figures/", on="2022-03-20")
    assert f'href="/progress/figures/?{asked}&amp;part={song}">100.0%</a>' in page
    assert f'href="/progress/figures/?{asked}">66.7%</a>' in page
    assert "市科技局" not in page
    # another county's sums are seen, its firms are not
    page = text(worker, "/progress/figures/", on="2022-03-20")
    assert "100.0%" in page
    assert f"&amp;part={song}" not in page
    query = {"on": "2022-03-20", "figure": "with_rd"}
    assert "丙有限公司" in text(office, "/progress/figures/", part=str(song), **query)
    assert "丙有限公司" not in text(worker, "/progress/figures/", **query)
    book = workbook(office, f"/progress/figures.xlsx?on=2022-03-20&figure=with_rd&part={song}")
    assert [row[1] for row in book.active.iter_rows(min_row=5, values_only=True)] == ["丙有限公司"]
    book = workbook(office, "/progress/figures.xlsx?on=2022-03-20")
    table = list(book.active.iter_rows(min_row=4, values_only=True))
    place = table[0].index("覆盖率")
    assert {row[1]: row[place] for row in table[1:]} == {
        "涧西区": 50, "嵩县": 100, "洛阳市": pytest.approx(66.7),
    }  # fmt: skip
    lacks = table[0].index("只差一项")
    assert {row[lacks] for row in table[1:]} == {None}
    copied = text(office, "/progress/figures/text/", on="2022-03-20")
    assert "嵩县：覆盖率 100.0%，填报率 100.0%" in copied
    assert "日期格式不正确" in text(office, "/progress/figures/", on="2022-02-30")


def test_a_county_reads_no_firm_that_has_moved_away(spring: World) -> None:
    """Totals stay, names go where the newest row of the register is."""
    world, moved_on = spring, date(2022, 3, 25)
    firm = Enterprise.objects.get(name="甲有限公司")
    Membership.objects.filter(enterprise=firm).update(left_on=moved_on)
    song, jianxi = (world.counties[name] for name in ("嵩县", "涧西区"))
    Membership.objects.create(
        city=world.city, enterprise=firm, county=song, industry_code="3411", joined_on=moved_on
    )
    old, new = (sign_in(world, f"{name}/county_worker") for name in ("涧西区", "嵩县"))
    asked = {"on": "2022-03-20", "figure": "listed", "part": str(jianxi.pk)}
    assert firm.name not in text(old, "/progress/figures/", **asked)
    assert firm.name in text(new, "/progress/figures/", **asked)
    # a number that is more than the list behind it opens nothing
    page = text(old, "/progress/figures/", on="2022-03-20")
    assert f"figure=current&amp;part={jianxi.pk}" not in page
    assert f"figure=with_rd&amp;part={jianxi.pk}" in page  # of 乙 alone


def test_the_ledger_counts_a_case_where_it_lies(spring: World) -> None:
    """统计归属 for the filing, 实际服务 for the ledger: pages, lists, frozen months, also of a day
    before the case was handed over."""
    world = spring
    pairing.pair(
        [Wish(1, "甲有限公司", "county", "嵩县")], city=world.city, by=world.office, at=at(MARCH)
    )
    song, jianxi = (world.counties[name].pk for name in ("嵩县", "涧西区"))

    def opened(day: date) -> tuple[int, int]:
        state = live(world.programme, day, today=NOW)
        return state.of_county(jianxi).counts["opened"], state.of_county(song).counts["opened"]

    assert (opened(date(2022, 3, 30)), opened(MARCH)) == ((1, 0), (0, 1))
    state = state_of(freeze(world.programme, MARCH, by=world.office, at=at(NOW)))
    lines = {
        line.row.county_id: line.cases
        for line in glance(world.programme, state.pack, NOW, Actor.system()).lines
    }
    for county, listed, there in ((jianxi, 2, 0), (song, 1, 1)):
        counts = state.of_county(county).counts
        assert counts["listed"] == listed
        assert counts["opened"] == lines[county]["opened"] == there
    office = sign_in(world, "office/1")
    asked = {"on": "2022-03-31", "part": str(song)}
    assert "甲有限公司" in text(office, "/progress/figures/", figure="opened", **asked)
    assert "甲有限公司" not in text(office, "/progress/figures/", figure="listed", **asked)


def test_the_figures_of_a_day_stand_on_either_base_frozen_or_counted_anew(spring: World) -> None:
    _first, march = both(spring)
    office = sign_in(spring, "office/1")
    page = text(office, "/progress/figures/", on="2022-03-31")
    assert "基数：当期在库3家" in page
    assert f"/progress/months/{march.pk}/" in page
    MonthlyFact.objects.update(has_spending=False)
    opens = "figure=with_rd"  # a number without firms opens nothing
    assert opens in text(office, "/progress/figures/", on="2022-03-31")
    assert opens not in text(office, "/progress/figures/", on="2022-03-31", live="1")
    year = text(office, "/progress/figures/", on="2022-03-31", base="assessment_base")
    assert "基数：考核基数2家" in year


def test_a_frozen_month_is_shown_by_every_part(spring: World) -> None:
    _first, march = both(spring)
    leader = sign_in(spring, "leader")
    for per, words in (("industry", "通用设备制造业"), ("zone", "都市核心区"), ("group", "未归属")):
        assert words in text(leader, f"/progress/months/{march.pk}/", per=per)


def test_the_province_s_figures_stand_beside_ours(spring: World) -> None:
    _first, march = both(spring)
    office, url = sign_in(spring, "office/1"), f"/progress/months/{march.pk}/province/"
    given = {
        "lines": "全市合计\t1912\t78.5%\t60.2\t-\n嵩  县 100 50 40.0 30",
        "cut_off": "2022-03-31",
        "source": "省通报第3期",
    }
    office.post(url, given)
    kept = {row.county_id: row for row in PublishedRate.objects.all()}
    assert (kept[None].base, kept[None].four_haves_rate) == (1912, None)
    page = text(office, f"/progress/months/{march.pk}/")
    assert "60.2%" in page  # then three bases in one sentence, and the province's own
    assert "以当期在库3家为分母；考核基数2家（年度固定，不含新入库1家）" in page
    assert "省通报以省系统名单1912家为基数" in page
    assert "省通报第3期，截至2022年3月31日，基数1912家" in page
    for lines, words in (
        ("洛阳市 1912 78.5 160 -", "第1行：请依次填写"),
        ("某县 1 2 3 4", "“某县”不是本市"),
        ("嵩县 1 2 3\n嵩县 1 2 3", "有县区重复"),
        ("", "请至少填写全市一行"),
    ):
        answer = office.post(url, {**given, "lines": lines, "cut_off": "2022-03-25"})
        dialog = answer.content.decode().partition('id="province"')[2].partition("</dialog>")[0]
        assert (answer.status_code, "data-open" in dialog.partition(">")[0]) == (422, True)
        for part in (words, f">{lines}</textarea>", 'value="2022-03-25"'):
            assert part in dialog, part
    assert PublishedRate.objects.count() == 2
    again = text(office, f"/progress/months/{march.pk}/").partition('id="province"')[2]
    assert "data-open" not in again.partition(">")[0]
    assert ">洛阳市 1912 78.5 60.2 —\n嵩县 100 50 40 30</textarea>" in again


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("ranking/", 12), ("ranking/?month=2022-01", 12), ("changes/", 12), ("months/", 12),
        ("{}", 12),
        # counted from all that is told of firms and cases, whatever their number
        ("figures/", 28), ("figures/?figure=closed&on=2022-03-10", 25),
        ("figures/?on=2022-03-31", 16),
    ],
)  # fmt: skip
def test_pages_ask_a_fixed_number_of_statements(spring: World, path: str, most: int) -> None:
    _first, march = both(spring)
    client = sign_in(spring, "office/1")
    client.get("/progress/months/")
    with CaptureQueriesContext(connection) as seen:
        answer = client.get("/progress/" + path.format(f"months/{march.pk}/"))
    assert answer.status_code == 200
    assert len(seen) <= most, "\n".join(q["sql"][:150] for q in seen)
