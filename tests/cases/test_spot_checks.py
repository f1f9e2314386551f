"""材料复核: drawn with a seed, looked at by others, explained by the county, taken back or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import endings, spot_checks, stages
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, Evidence, SpotCheck, SpotDraw
from cases.wording import words_of
from notifications.delivery import deliver
from notifications.models import Notice
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, WORKER
from tests.cases.test_life import HAVES
from tests.cases.views.test_closing import reviewed
from tests.config.test_commands import as_json
from tests.taken import taken
from tests.world import START, World, at, build
from workflows.models import load_calendar

WHY = "名册与社保不符"
OFFICE, OTHER = "office/1", "office/2"


def plus(n: int) -> date:
    return load_calendar().add(START, n)


@pytest.fixture
def city_maker() -> Callable[[], World]:
    return _three_closed


def _three_closed() -> World:
    world = build()
    cases = [reviewed(world, f"洛阳示例{n}有限公司") for n in range(3)]
    stages.close_many([case.pk for case in cases], by=world.actor(OFFICE), at=at(START, 15))
    return world


@pytest.fixture
def closed(world: World) -> list[Case]:
    return list(Case.objects.filter(is_main=True).order_by("pk"))


def drawn(world: World, percent: int = 30, seed: str = "20220301") -> SpotDraw:
    return spot_checks.draw(
        world.programme, closed_from=START, closed_until=START, percent=percent, seed=seed,
        by=world.actor(OTHER), at=at(START, 16),
    )  # fmt: skip


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.words
    return refusal.value.code


def failed(world: World, criteria: tuple[str, ...] = ("staff",)) -> SpotCheck:
    check = drawn(world).checks.get()
    return spot_checks.fail_check(
        check.pk,
        by=world.actor(OTHER),
        at=at(START, 17),
        reason=WHY,
        criteria=criteria,
    )


# --- the draw -------------------------------------------------------------------------------------
def test_a_draw_keeps_seed_and_population_and_is_drawn_again(
    world: World, closed: list[Case]
) -> None:
    row = drawn(world)
    assert row.population == {"涧西区": sorted(case.number for case in closed)}
    assert len(row.drawn) == 1
    assert spot_checks.redrawn(row) == row.drawn
    # the same word twice is two draws: whom it would draw cannot be tried beforehand
    seeds = {row.seed, drawn(world).seed}
    assert len(seeds) == 2
    assert all(re.fullmatch("20220301-[0-9a-f]{16}", seed) for seed in seeds)
    assert [check.case.number for check in row.checks.all()] == row.drawn
    event = CaseEvent.objects.filter(verb="spot_listed").earliest("id")
    assert words_of(event) == "列入3月复核名单"
    row.population = {"涧西区": row.population["涧西区"][1:]}
    assert len(spot_checks.redrawn(row)) == 1


def test_only_closings_in_force_of_these_days_are_drawn(world: World, closed: list[Case]) -> None:
    def draw(
        first: date = START,
        last: date = START,
        percent: int = 100,
        seed: str = "",
        at_least: int = 1,
    ) -> SpotDraw:
        return spot_checks.draw(
            world.programme, closed_from=first, closed_until=last, percent=percent, seed=seed,
            at_least=at_least,
            by=world.actor(OTHER), at=at(START, 16),
        )  # fmt: skip

    day = START + timedelta(days=1)
    assert refused(lambda: draw(day, day)) == "nobody_closed"
    assert refused(lambda: draw(day)) == "backwards"
    assert refused(lambda: draw(percent=0)) == "share"
    assert refused(lambda: draw(at_least=-1)) == "at_least"
    assert refused(lambda: draw(at_least=1000)) == "at_least"
    assert refused(lambda: draw(seed="x" * 41)) == "seed"
    row = draw()
    assert len(row.drawn) == 3
    assert len(row.seed) == 16  # drawn by the machine
    with pytest.raises(NotYours):
        spot_checks.draw(
            world.programme, closed_from=START, closed_until=START, percent=5,
            by=world.actor(LEAD), at=at(START, 16),
        )  # fmt: skip


# --- what comes out -------------------------------------------------------------------------------
def test_whoever_granted_a_closing_does_not_recheck_it(world: World, closed: list[Case]) -> None:
    check = drawn(world).checks.get()

    def passing(who: str) -> SpotCheck:
        return spot_checks.pass_check(check.pk, by=world.actor(who), at=at(START, 17))

    assert refused(lambda: passing(OFFICE)) == "four_eyes"
    assert refused(lambda: passing(LEAD)) == "not_yours"
    assert passing(OTHER).state == "passed"
    assert refused(lambda: passing(OTHER)) == "checked"


def test_a_failed_recheck_is_explained_and_stands(world: World, closed: list[Case]) -> None:
    check = drawn(world).checks.get()
    assert (
        refused(
            lambda: spot_checks.fail_check(
                check.pk, by=world.actor(OTHER), at=at(START, 17), reason=" "
            )
        )
        == "no_reason"
    )
    by = world.actor(OTHER)
    nothing = refused(lambda: spot_checks.fail_check(check.pk, by=by, at=at(START, 17), reason=WHY))
    assert nothing == "no_criteria"
    spot_checks.fail_check(check.pk, by=by, at=at(START, 17), reason=WHY, criteria=["staff"])
    check.refresh_from_db()
    assert check.explain_by == plus(5)
    deliver(at(START, 18))
    told = Notice.objects.filter(kind="recheck_failed").values_list("recipient__pk", "body")
    assert {pk for pk, _body in told} == {world.people[who].pk for who in (WORKER, LEAD)}
    assert "复核未通过：名册与社保不符" in told[0][1]
    office, lead, on = world.actor(OTHER), world.actor(LEAD), plus(2)

    def stand() -> SpotCheck:
        return spot_checks.accept_explanation(check.pk, by=office, at=at(on, 12), reason="属实")

    assert refused(stand) == "may_explain"
    assert (
        refused(lambda: spot_checks.explain_check(check.pk, by=office, at=at(on), reason="x"))
        == "not_yours"
    )
    spot_checks.explain_check(check.pk, by=lead, at=at(on), reason="新员工社保次月缴纳")
    assert stand().state == "let_stand"
    assert Case.objects.get(pk=check.case_id).stage == "closed"
    assert refused(stand) == "not_failed"


def test_whoever_granted_a_closing_does_not_let_it_stand(
    world: World, closed: list[Case], today: Callable[[date], object]
) -> None:
    """He may take it back; whether the explanation holds, somebody else decides."""
    check, on = failed(world), plus(2)
    spot_checks.explain_check(check.pk, by=world.actor(LEAD), at=at(on), reason="次月缴纳")
    own: dict[str, Any] = {"by": world.actor(OFFICE), "at": at(on, 12), "reason": "属实"}
    assert refused(lambda: spot_checks.accept_explanation(check.pk, **own)) == "four_eyes"
    today(on)
    page = reverse("spot_check_draw_page", args=[check.draw_id])
    html = {who: sign_in(world, who).get(page).content.decode() for who in (OFFICE, OTHER)}
    assert [('value="let_stand"' in one, 'value="strike"' in one) for one in html.values()] == [
        (False, True), (True, True),
    ]  # fmt: skip
    assert spot_checks.strike(check.pk, **own).state == "struck"


def test_a_failed_recheck_reopens_with_its_reason(world: World, closed: list[Case]) -> None:
    check = failed(world)
    case = check.case
    serial, office = case.closing_serial, world.actor(OTHER)
    assert refused(lambda: spot_checks.strike(check.pk, by=office, at=at(plus(5)))) == "may_explain"
    assert spot_checks.strike(check.pk, by=office, at=at(plus(6))).state == "struck"
    case = Case.objects.get(pk=case.pk)
    assert (case.stage, case.lacking, case.closing_serial) == ("rectification", ["staff"], None)
    assert Evidence.objects.get(case=case, criterion="staff").state == "returned"
    event = CaseEvent.objects.get(case=case, verb="reopen")
    assert event.reason == WHY
    assert event.data["closing_serial"] == serial
    assert case.applied_by is None
    assert set(HAVES) > set(case.lacking)


def test_a_closing_taken_back_meanwhile_has_no_result(
    world: World, closed: list[Case], today: Callable[[date], object]
) -> None:
    today(START)
    check = drawn(world).checks.get()
    endings.reopen(
        check.case_id, by=world.actor(OFFICE), at=at(START, 16), reason="复核有误",
        criteria=["staff"],
    )  # fmt: skip
    by = world.actor(OTHER)
    code = refused(lambda: spot_checks.pass_check(check.pk, by=by, at=at(START, 17)))
    assert code == "not_closed"
    there = reverse("spot_check_draw_page", args=[check.draw_id])

    def page() -> str:
        return sign_in(world, OTHER).get(there).content.decode()

    assert "抽取1家：待复核0家，通过0家，未通过待审定0家，核减0家，已另行恢复办理1家" in page()
    assert 'name="do"' not in page()
    # closed anew: that closing was not drawn
    Case.objects.filter(pk=check.case_id).update(
        stage="closed", status="DONE", finished=at(START, 18), closing_serial=99,
        closed_on=START,
    )  # fmt: skip
    code = refused(lambda: spot_checks.pass_check(check.pk, by=by, at=at(START, 19)))
    assert code == "not_closed"
    assert 'name="do"' not in page()


def test_what_they_cost(world: World, closed: list[Case]) -> None:
    def cost(deed: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as asked:
            deed()
        return len(asked)

    one, all_ = cost(lambda: drawn(world, 1)), cost(lambda: drawn(world, 100))
    assert all_ <= one <= 10
    first, second, *_rest = SpotCheck.objects.filter(draw=SpotDraw.objects.latest("pk"))
    by, lead, on = world.actor(OTHER), world.actor(LEAD), plus(1)
    when = at(START, 17)
    deeds: tuple[Callable[[], object], ...] = (
        lambda: spot_checks.pass_check(first.pk, by=by, at=when),
        lambda: spot_checks.fail_check(second.pk, by=by, at=when, reason=WHY, criteria=["staff"]),
        lambda: spot_checks.explain_check(second.pk, by=lead, at=at(on), reason="属实"),
    )
    assert max(cost(deed) for deed in deeds) <= 10
    assert cost(lambda: spot_checks.strike(second.pk, by=by, at=at(on, 15))) <= 20


# --- the pages ------------------------------------------------------------------------------------
def test_from_the_preview_to_the_decision(
    world: World, closed: list[Case], today: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    today(plus(1))  # type: ignore[operator]
    office, lead = sign_in(world, OTHER), sign_in(world, LEAD)
    asked = {"programme": "luoyang-2022", "closed_from": "2022-03-01", "closed_until": "2022-03-01",
             "percent": "30", "at_least": "1", "seed": "20220301"}  # fmt: skip
    there = reverse("spot_checks_draw")
    assert "抽取1家" in office.post(there, asked).content.decode()
    assert not SpotDraw.objects.exists()
    assert office.post(there, asked | {"percent": "x"}).status_code == 422
    answer = office.post(there, asked | {"step": "confirm"})
    check = SpotCheck.objects.get()
    page = reverse("spot_check_draw_page", args=[check.draw_id])
    assert answer["Location"] == page
    decide = reverse("spot_check_decide", args=[check.pk])
    html = lead.get(page).content.decode()
    assert check.case.subject in html
    # what the closing stands on is opened from its card
    for paper in check.case.evidence.all():
        assert reverse("evidence", args=[paper.pk]) in html
    assert 'name="do"' not in html
    # 复核通过 is asked again, and says how many papers one has opened
    opened = check.case.evidence.first()
    assert opened is not None
    office.get(reverse("evidence", args=[opened.pk]))
    asks = office.get(page).content.decode()
    n = check.case.evidence.count()
    assert f"共{n}份材料，您已查看1份" in asks
    assert asks.index("复核通过</summary>") < asks.index('value="pass"')
    assert sign_in(world, "嵩县/county_lead").get(page).status_code == 404
    assert office.post(decide, {"do": "fail", "reason": "", "criteria": "staff"}).status_code == 422
    told = {"do": "fail", "reason": WHY, "criteria": ["staff"]}
    assert office.post(decide, told)["Location"] == page
    assert 'value="strike"' not in office.get(page).content.decode()
    assert 'value="explain"' in lead.get(page).content.decode()
    lead.post(decide, {"do": "explain", "reason": "确有差错"})
    assert 'value="strike"' in office.get(page).content.decode()
    office.post(decide, {"do": "strike"})
    check.refresh_from_db()
    assert (check.state, check.case.stage) == ("struck", "rectification")
    html = office.get(reverse("spot_checks")).content.decode()
    assert "抽取1家：待复核0家，通过0家，未通过待审定0家，核减1家" in html
    # older draws have a page of their own
    mended = spot_checks.draw(
        world.programme, closed_from=START, closed_until=START, percent=100, seed="2",
        by=world.actor(OTHER), at=at(START, 17),
    )  # fmt: skip
    monkeypatch.setattr("cases.views.spot_checks.DRAWS", 1)
    newest = office.get(reverse("spot_checks")).content.decode()
    assert (page in newest, "?after=" in newest) == (False, True)
    assert page in office.get(reverse("spot_checks") + "?last=1").content.decode()
    assert reverse("spot_check_draw_page", args=[mended.pk]) in newest
    text = office.get(reverse("spot_check_population", args=[check.draw_id])).content.decode()
    assert text.count("\n") == 4
    assert text.count("*") == 1
    assert [what for what, _who in taken()] == ["spot_checks"]


def test_by_the_command_line(world: World, closed: list[Case]) -> None:
    other, lead = (world.people[who].username for who in (OTHER, LEAD))
    days = ("luoyang-2022", "--from", "2022-03-01", "--until", "2022-03-31", "--percent", "30")
    office = ("--by", other, "--at", "2022-03-02")
    draw = ("spot_checks", "draw", *days, "--at-least", "1", "--seed", "x", *office)
    assert as_json(*draw, "--dry-run") == {"of": 3, "drawn": {"涧西区": 1}}
    made = as_json(*draw)
    assert as_json("spot_checks", "redraw", str(made["id"]), *office)["same"] is True
    [row] = as_json("spot_checks", "list", "--draw", str(made["id"]), *office)
    why = ("--reason", WHY, "--criteria", "staff")
    [failing] = as_json("spot_checks", "fail", str(row["id"]), *why, *office)
    assert failing["state"] == "failed"
    said = ("--reason", "新员工社保次月缴纳", "--by", lead, "--at", "2022-03-03")
    as_json("spot_checks", "explain", str(row["id"]), *said)
    late = ("--by", other, "--at", "2022-03-04")
    [done] = as_json("spot_checks", "let_stand", str(row["id"]), "--reason", "属实", *late)
    assert done["state"] == "let_stand"
    second = as_json("spot_checks", "draw", *days, "--seed", "y", *office)
    [again] = as_json("spot_checks", "list", "--draw", str(second["id"]), *office)
    [passed] = as_json("spot_checks", "pass", str(again["id"]), *office)
    assert passed["state"] == "passed"
    third = as_json("spot_checks", "draw", *days, "--seed", "z", *office)
    [last] = as_json("spot_checks", "list", "--draw", str(third["id"]), *office)
    as_json("spot_checks", "fail", str(last["id"]), *why, *office)
    [struck] = as_json(
        "spot_checks", "strike", str(last["id"]), "--by", other, "--at", "2022-03-20"
    )
    assert struck["state"] == "struck"


def test_a_failed_recheck_stands_at_the_head_until_it_is_decided(
    world: World, closed: list[Case]
) -> None:
    """Not only in the timeline; a refused decision keeps what was typed for it."""
    check, client = failed(world), sign_in(world, LEAD)
    page = reverse("case", args=[check.case_id])
    decide = reverse("spot_check_decide", args=[check.pk])
    head = client.get(page).content.decode().partition("case-head__facts")[0]
    assert WHY in head
    early = sign_in(world, OFFICE).post(decide, {"do": "let_stand", "reason": "已电话核实"})
    assert early.status_code == 422
    assert ">已电话核实</textarea>" in early.content.decode()
    spot_checks.explain_check(check.pk, by=world.actor(LEAD), at=at(START, 18), reason="已补名册")
    head = client.get(page).content.decode().partition("case-head__facts")[0]
    assert "待市专班办决定" in head
    assert "已补名册" in head
