"""总体进度 and what belongs to it: numbers that open exactly what they count, two days side by
side, the leader's page on paper, the same by a command."""

from __future__ import annotations

import json
import re
from datetime import date
from fractions import Fraction
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions import pauses
from cases.ledger import Asked, Ledger
from cases.models import Case
from organisations.scope import Actor, actor_of
from reports.figures.freezing import freeze
from reports.figures.months import state_of
from reports.outlook.compare import compared_days
from reports.outlook.forecast import Reach
from reports.outlook.outlooks import outlooks
from reports.outlook.reading import known_on
from reports.views import leader
from reports.views.leader import leader_paper
from reports.views.outlook_words import reach_words, trend_svg
from tests.cases.board import township_of
from tests.world import START, SYSTEM, World, at
from workflows.calendar import WorkCalendar
from workflows.issuing import issue_pack
from workflows.models import Programme
from workflows.packs import shipped_text

NUMBER = re.compile(r'<a[^>]*href="(/[^"]*)"[^>]*>([0-9][0-9,]*)</a>')
FIGURE = re.compile(
    r'<a class="figure[^"]*" href="(/ledger/[^"]*)">.*?figure__value">([0-9,]+)<', re.DOTALL
)
LATE = date(2022, 3, 31)


@pytest.fixture
def spring(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Four firms in two counties; one rests, the others are late at the month's end."""
    for name, county in (("甲", "涧西区"), ("乙", "涧西区"), ("丙", "嵩县")):
        world.firm(f"{name}有限公司", county)
    world.firm("丁有限公司", "嵩县", spending=True)
    world.open()
    case = Case.objects.get(enterprise__name="甲有限公司")
    lead = world.actor("涧西区/county_lead")
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    monkeypatch.setattr("organisations.clock.today", lambda: LATE)
    monkeypatch.setattr("organisations.clock.now", lambda: at(LATE))
    return world


def client_of(world: World, key: str) -> Client:
    client = Client()
    client.force_login(world.people[key])
    return client


def opened(world: World, client: Client, url: str) -> int:
    """How many rows the list behind a number has."""
    path, _mark, query = unescape(url).partition("?")
    if path == "/ledger/":
        actor = actor_of(world.people["office/1"], on=LATE)
        return Ledger(actor, LATE, Asked.of_query(QueryDict(query))).counts["shown"]
    assert path == "/progress/figures/", url
    return int(client.get(unescape(url)).context["page"].paginator.count)


def test_every_number_opens_a_list_of_its_length(spring: World) -> None:
    client = client_of(spring, "office/1")
    seen: dict[str, int] = {}
    for page in ("/progress/", "/progress/leader/", "/progress/units/"):
        html = client.get(page).content.decode()
        for url, number in (*NUMBER.findall(html), *FIGURE.findall(html)):
            seen[url] = int(number.replace(",", ""))
    assert {url: opened(spring, client, url) for url in seen} == seen
    asked = " ".join(map(unescape, seen))
    # each light and stage, a county, a unit, and what the filing counts
    for part in ("chip=overdue", "chip=rest", "stage=assigned", "county=", "unit=", "with_rd"):
        assert part in asked, part


def test_a_county_opens_its_own_lists_only(spring: World) -> None:
    html = client_of(spring, "涧西区/county_worker").get("/progress/leader/").content.decode()
    assert f"county={spring.counties['涧西区'].pk}" in html
    assert f"county={spring.counties['嵩县'].pk}" not in html
    assert "document_compile" not in html
    assert "/documents/compile/" not in html
    assert (
        "/documents/compile/"
        in client_of(spring, "office/1").get("/progress/leader/").content.decode()
    )


def test_a_part_of_a_county_opens_none_of_its_lists(spring: World) -> None:
    """A township, and another county's worker: no number opens a shorter list than it says."""
    firm = Case.objects.get(enterprise__name="乙有限公司").enterprise
    assert firm is not None
    region = township_of(spring)
    firm.memberships.update(township=region)
    Case.objects.filter(enterprise=firm).update(township=region)
    spring.fact(firm, date(2022, 2, 1), has_spending=True)
    [township] = [key for key in spring.people if "township" in key]
    days = "?first=2022-02-28&last=2022-03-31"
    for key, links in ((township, 0), ("嵩县/county_worker", 0), ("涧西区/county_worker", 2)):
        html = client_of(spring, key).get(f"/progress/compare/{days}").content.decode()
        assert html.count(f"part={spring.counties['涧西区'].pk}") == links, key
    html = client_of(spring, township).get("/progress/").content.decode()
    assert f"county={spring.counties['涧西区'].pk}" not in html
    assert f"part={spring.counties['涧西区'].pk}" not in html
    assert (
        f"county={spring.counties['涧西区'].pk}"
        in client_of(spring, "涧西区/county_worker").get("/progress/").content.decode()
    )


def test_a_leader_says_a_word_in_one_click(spring: World) -> None:
    client = client_of(spring, "leader")
    words = client.get("/progress/leader/words/").content.decode()
    case = Case.objects.get(enterprise__name="乙有限公司")
    assert f'href="/cases/{case.pk}/acts/comment/"' in words
    for url in re.findall(r'href="(/(?:cases|matters)/[^"]+)"', words):
        assert client.get(unescape(url)).status_code == 200, url


def test_too_few_cases_are_called_so(spring: World) -> None:
    html = client_of(spring, "office/1").get("/progress/outlook/").content.decode()
    assert "无法推算" in html
    assert "<svg" in html
    found = outlooks(spring.programme, spring.programme.current.pack, LATE)
    assert (found.why, found.by, found.forecast.open) == ("few", date(2022, 12, 31), 3)
    assert [point.day for point in found.points][-1] == LATE
    over = outlooks(spring.programme, spring.programme.current.pack, date(2023, 6, 30))
    assert over.why == "over"
    # the years stand beneath the months where they are not all of this one; days of another year
    # say which
    svgs = [str(trend_svg(one, spring.programme.current.pack)) for one in (found, over)]
    assert ["2022年" in svgs[0], *(svgs[1].count(f">{y}年<") for y in (2022, 2023))] == [
        False,
        1,
        1,
    ]
    soon = reach_words(found, Reach(5, 230, None, Fraction(1, 2)))
    assert (soon[:5], "（2022年4月" in soon) == ("2023年", True)
    next_year = reach_words(found, Reach(229, 230, 231, Fraction(1, 2)))
    assert next_year.count("年") == 1


def test_the_trail_is_told_as_of_any_day(spring: World) -> None:
    days = WorkCalendar({}, date(2022, 12, 31))
    late, start, before = known_on(spring.programme, (LATE, START, date(2022, 2, 1)))
    assert sum(one.cases for one in start.waiting) == 3
    assert not before.waiting
    assert {one.days for one in late.waiting} == {days.between(START, LATE)}


def test_two_days_side_by_side(spring: World) -> None:
    office = spring.office
    client = client_of(spring, "office/1")
    html = client.get("/progress/compare/?first=2022-02-28&last=2022-03-31").content.decode()
    assert "当前掌握数" in html
    assert "month_changes" not in html
    spring.fact(Case.objects.get(enterprise__name="丙有限公司").enterprise, date(2022, 3, 1),
                has_spending=True)  # fmt: skip
    cut = freeze(spring.programme, date(2022, 3, 15), by=office, at=at(LATE), reason="攻坚周")
    last = freeze(spring.programme, date(2022, 3, 30), by=office, at=at(LATE), reason="攻坚周")
    query = "?first=2022-03-30&last=2022-03-15"  # the other way round
    html = client.get(f"/progress/compare/{query}").content.decode()
    assert f"from={cut.pk}&amp;to={last.pk}" in html
    assert "为封账数（第1版）" in html
    with CaptureQueriesContext(connection) as few:
        client.get("/progress/compare/?first=2022-02-28&last=2022-03-31")
    assert len(few) <= 12


def test_a_frozen_day_beside_another_is_the_frozen_one(spring: World) -> None:
    """Its targets, its line and its closings, whatever the plan and the ledger said later."""
    case = Case.objects.get(enterprise__name="丙有限公司")
    kept = {name: getattr(case, name) for name in ("stage", "status", "finished", "closed_on")}
    ended = {"stage": "closed", "status": "DONE", "finished": at(START), "closed_on": START}
    Case.objects.filter(pk=case.pk).update(**ended)
    cut = date(2022, 3, 30)
    row = freeze(spring.programme, cut, by=spring.office, at=at(LATE), reason="攻坚周")
    Case.objects.filter(pk=case.pk).update(**kept)
    old = "涧西区: {2021: 75, 2022: 80}"
    text = shipped_text("luoyang-2022")
    assert old in text
    issue_pack(text.replace(old, "涧西区: {2021: 75, 2022: 40}"), by=SYSTEM, at=at(LATE))
    programme = Programme.objects.get(pk=spring.programme.pk)
    found = compared_days(programme, programme.current.pack, cut, LATE, by_zone=False)
    song = spring.counties["嵩县"].pk
    counts = state_of(row).of_county(song).counts
    assert found.first.closed == {song: counts["closed"]} == {song: 1}
    targets = [str(side.places["涧西区"].share.target) for side in (found.first, found.last)]
    assert targets == ["80", "40"]


def test_the_leaders_paper_is_one_page(spring: World) -> None:
    """Sixteen counties and more, with everything that the screen says."""
    data = leader_paper(spring.programme, LATE, Actor.system(), today=LATE)
    with pdfplumber.open(BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1
        text = pdf.pages[0].extract_text()
    counties = {name for name in spring.counties if name in text}
    assert len(counties) == len(spring.counties) >= 16
    assert "无法推算" in text.replace("\n", "")


def test_the_longest_days_leave_the_leaders_paper_its_margins(
    spring: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days of two years, in every county's line: still one page, and nothing beyond its edge."""
    words = "2023年1月15日（2022年12月30日–2023年1月26日）"
    told = {county.pk: leader.SPAN.split(words) for county in spring.counties.values()}
    assert {len(parts) for parts in told.values()} == {2}
    real = leader._paper
    monkeypatch.setattr(leader, "_paper", lambda *found: {**real(*found), "told": told})
    data = leader_paper(spring.programme, LATE, Actor.system(), today=LATE)
    with pdfplumber.open(BytesIO(data)) as pdf:
        [page] = pdf.pages
        assert page.extract_text().count("2022年12月30日–2023年1月26日") == len(spring.counties)
        edge = page.width - 14 * 72 / 25.4
        spans = page.search(r"2023年1月26日）", regex=True)
    assert max(float(span["x1"]) for span in spans) <= edge


def test_a_part_by_itself_is_a_page_with_a_name_and_the_tabs(spring: World) -> None:
    """… and what the page still waits for is no words for paper."""
    client = client_of(spring, "office/1")
    for part, name in (
        ("outlook", "走势与预计"), ("late", "逾期最久"), ("units", "承办单位负荷"),
    ):  # fmt: skip
        html = client.get(f"/progress/{part}/").content.decode()
        assert (f"<h1>{name}</h1>" in html, 'class="tabs"' in html) == (True, True), part
    whole = client.get("/progress/").content.decode()
    assert whole.count("正在载入") == whole.count('no-print">正在载入') == 3


def test_an_empty_city_has_its_pages(world: World) -> None:
    """Before the first list: no rate, no point, no case, and no page that breaks."""
    client = client_of(world, "office/1")
    for path in ("", "outlook/", "late/", "units/", "compare/", "leader/", "leader/expected/",
                 "leader/words/", "assessment/"):  # fmt: skip
        answer = client.get(f"/progress/{path}")
        # whole pages, the parts too where somebody opens their address
        assert (answer.status_code, b'class="topbar' in answer.content) == (200, True), path
    assert "名录中还没有企业" in client.get("/progress/leader/").content.decode()


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_command_says_the_same(spring: World, tmp_path: Path) -> None:
    key = spring.programme.key
    found: dict[str, Any] = json.loads(run("progress", key, "--json"))
    assert (found["city"]["running"], found["city"]["overdue"]) == (3, 2)
    assert found["forecast"]["why_not"] == "few"
    assert len(found["counties"]) == len(spring.counties)
    assert [one["firm"] for one in found["longest_overdue"]] != []
    assert sum(one["open"] for one in found["units"]) == 3
    past: dict[str, Any] = json.loads(run("progress", key, "--as-of", "2022-03-01", "--json"))
    assert (past["city"]["overdue"], past["as_of"]) == (0, "2022-03-01")
    assert sum(past["lights"].values()) == past["city"]["running"] == 3
    assert sum(one["open"] for one in past["units"]) == 3
    assert "无法推算" in run("progress", key)
    paper = tmp_path / "page.pdf"
    run("progress", key, "--output", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
