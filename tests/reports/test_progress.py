"""进度调度: every county's totals for every official, links only to rows that he may open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import oversight
from cases.actions import endings, pauses, stages
from cases.ledger import Asked, Ledger
from cases.models import Case
from reports.ledger_figures import figures
from tests.world import START, World, at, person


@pytest.fixture
def spring(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two firms in one county and one in another, opened; it is the day of opening."""
    world.firm("甲有限公司")
    world.firm("乙有限公司")
    world.firm("丙有限公司", "嵩县")
    world.firm("丁有限公司", "嵩县", spending=True)
    world.open()
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    monkeypatch.setattr("organisations.clock.now", lambda: at(START))
    return world


def page(world: World, key: str, query: str = "") -> Any:
    client = Client()
    client.force_login(world.people[key])
    return client.get(f"/progress/{query}")


def test_totals_of_every_county_are_open_but_only_own_rows_are_linked(spring: World) -> None:
    jianxi, song = (spring.counties[name].pk for name in ("涧西区", "嵩县"))
    text = page(spring, "涧西区/county_worker").content.decode()
    assert "嵩县" in text
    assert f"/ledger/?county={jianxi}" in text
    assert f"/ledger/?county={song}" not in text
    assert "丙" not in text  # no firm's name stands on this page
    office = page(spring, "office/1").content.decode()
    assert f"/ledger/?county={song}" in office


@pytest.mark.parametrize(
    "key", ["leader", "supervisor", "liaison_member", "市工信局/department_lead"]
)
def test_every_official_reads_it(spring: World, key: str) -> None:
    answer = page(spring, key)
    assert answer.status_code == 200
    assert "50.0%" in answer.content.decode()  # 嵩县: one of two


def test_outsiders_do_not(spring: World) -> None:
    clerk = spring.clerk(spring.firm("戊有限公司"))
    assert clerk.user is not None
    charlie = person("charlie", "外人")
    for user in (clerk.user, charlie):
        client = Client()
        client.force_login(user)
        answer = client.get("/progress/")
        assert answer.status_code == 403
        assert "涧西区" not in answer.content.decode()
    assert Client().get("/progress/").status_code == 302


def test_another_day_and_nonsense(spring: World) -> None:
    early = page(spring, "office/1", "?as_of=2022-01-30").content.decode()
    assert "截至2022年1月30日24时" in early
    assert "0.0%" in early  # nothing was known yet
    # nobody had a case then, and no number leads to today's list
    assert "截至2022年1月30日，建档0家" in early
    assert "/ledger/?chip" not in early
    assert "/ledger/?stage" not in early
    for nonsense, told in (
        ("?as_of=2022-99-99", "日期格式不正确"),
        ("?as_of=2999-01-01", "所选日期尚未到来"),
        ("?as_of=1%00x", "日期格式不正确"),
    ):
        html = page(spring, "office/1", nonsense).content.decode()
        assert "截至2022年3月1日24时" in html
        assert told in html
        assert "stage=assigned" in html
    assert "日期格式" not in page(spring, "office/1").content.decode()
    assert page(spring, "office/1", "?programme=nowhere").status_code == 404


def test_ledger_figures_count_each_case_once(spring: World) -> None:
    case = Case.objects.get(enterprise__name="甲有限公司")
    lead = spring.actor("涧西区/county_lead")
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    found = figures(spring.programme, START)
    assert (found.opened, found.running, found.closed) == (3, 3, 0)
    assert found.lights == (0, 2, 0, 0, 1)
    assert sum(found.lights) == found.running
    assert [n for _key, _label, n in found.stages] == [3, 0, 0, 0, 0, 0, 0]
    # of the three one rests: the ledger's chip 待签收 counts two, and the page says why
    assert len(Ledger(spring.office, START, Asked(chip="sign")).ids()) == 3 - found.unsigned == 2
    assert "含申请改派、暂缓1家" in page(spring, "office/1").content.decode()
    late = figures(spring.programme, date(2022, 3, 31))
    assert (late.overdue, late.overdue_long) == (2, 2)


def test_the_ledger_of_a_past_day_is_told_from_its_trail(
    spring: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lights, stages and lists of a day are the same when it is over; a later deed changes none."""
    case = Case.objects.get(enterprise__name="甲有限公司")
    lead = spring.actor("涧西区/county_lead")
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    then, later = figures(spring.programme, START), date(2022, 3, 31)
    stages.acknowledge(
        Case.objects.get(enterprise__name="丙有限公司").pk,
        by=spring.actor("嵩县/county_worker"),
        at=at(later),
    )
    monkeypatch.setattr("organisations.clock.today", lambda: later)
    monkeypatch.setattr("organisations.clock.now", lambda: at(later))
    found = page(spring, "office/1", f"?as_of={START}").context
    assert [one["n"] for one in found["lights"]] == list(then.lights)
    assert [one["n"] for one in found["funnel"]] == [n for _key, _label, n in then.stages]
    client = Client()
    client.force_login(spring.people["office/1"])
    numbers = [one for one in (*found["lights"], *found["funnel"]) if one["n"]]
    for one in numbers:
        rows = client.get(one["url"]).context["page"].paginator.count
        assert rows == one["n"], one["url"]
    assert client.get(f"/progress/late/?as_of={START}").status_code == 200
    units = client.get(f"/progress/units/?as_of={START}").context
    assert (units["open"], units["overdue"]) == (3, 0)
    for line in units["lines"]:
        assert client.get(line["url"]).context["page"].paginator.count == line["open"]
    # the leader's screen and paper are of that day too, without what waits today
    leader = client.get(f"/progress/leader/?as_of={START}").content.decode()
    assert "2022年3月1日" in leader
    assert "leader/words" not in leader


def test_the_base_is_that_of_every_page_and_what_is_outside_is_named(spring: World) -> None:
    case = Case.objects.get(enterprise__name="甲有限公司")
    endings.delist(spring.gone(case), by=spring.office, at=at(START), reason="注销")
    found = figures(spring.programme, START)
    assert (found.opened, found.delisted) == (2, 1)
    (row,) = [one for one in oversight.counties(spring.office, START) if one.name == "涧西区"]
    assert row.firms == 1
    client = Client()
    client.force_login(spring.people["office/1"])
    for url, n in (
        (f"/ledger/?county={row.pk}&chip=counted", row.firms),
        (f"/progress/figures/?on={START}&figure=delisted", 1),
    ):
        assert client.get(url).context["page"].paginator.count == n
    html = page(spring, "office/1").content.decode()
    assert "建档2家" in html
    assert '<a href="/ledger/?stage=delisted&amp;year=2022">另有已退库1家</a>' in html
    assert "另有已退库1家</a>" not in page(spring, "涧西区/county_worker").content.decode()


def test_the_citys_floor_is_no_guideline_of_a_county(spring: World) -> None:
    """001: 2022年底覆盖率达到50%以上 for the city, 55 to 85 % as 指导目标 of the counties."""
    html = page(spring, "office/1").content.decode()
    assert "50%以上" in html
    assert "距市级底线" in html or "高于市级底线" in html
    assert "县区指导目标" in html


def test_statements(spring: World) -> None:
    client = Client()
    client.force_login(spring.people["office/1"])
    with CaptureQueriesContext(connection) as seen:
        client.get("/progress/")
    # six of the frame, eight of the page, three that keep the session
    assert len(seen) <= 17, [query["sql"][:150] for query in seen.captured_queries]
