"""Acts in the browser: dialog and page, one verb each, stale and refused pages, double submits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import remarks, stages
from cases.dates import day_words
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, WorkItem
from config.management.case_figures import whole
from tests.cases.families import group_of
from tests.cases.views.conftest import Enter
from tests.cases.views.test_bar import (
    applied,
    assigned,
    closed,
    in_confirmation,
    in_matching,
    in_survey,
    suspended,
)
from tests.world import START, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
State = Callable[[World], Case]


def url(case: Case, act: str) -> str:
    return reverse("case_act", args=[case.pk, act])


def post(client: Client, case: Case, act: str, **values: object) -> tuple[int, str]:
    data = {"version": Case.objects.get(pk=case.pk).version} | values
    answer = client.post(url(case, act), data)
    return answer.status_code, answer.content.decode()


def stage(case: Case) -> str:
    return str(Case.objects.get(pk=case.pk).stage)


def events(case: Case, verb: str) -> int:
    return CaseEvent.objects.filter(case=case, verb=verb).count()


def test_signing_in_one_click(world: World, enter: Enter) -> None:
    case = assigned(world)
    assert post(enter(WORKER), case, "acknowledge")[0] == 302
    assert stage(case) == "survey"


def test_a_dialog_by_htmx_and_a_page_without(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(LEAD)
    whole = client.get(url(case, "comment")).content.decode()
    part = client.get(url(case, "comment"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert 'method="post"' in whole
    assert "<html" not in part
    assert "<dialog" in part
    assert "data-open" in part


def gone(world: World) -> Case:
    case = in_survey(world)
    world.gone(case)
    return case


@pytest.mark.parametrize(
    ("who", "state", "act", "values", "verb"),
    [
        (WORKER, in_survey, "decline", {"reason": "不属本区"}, "decline"),
        (WORKER, in_survey, "comment", {"reason": "已电话联系"}, "comment"),
        (LEAD, in_survey, "urge", {}, "urge"),
        (LEAD, in_survey, "suspend", {"until": "2022-03-08", "reason": "检修"}, "suspend"),
        (LEAD, suspended, "resume", {}, "resume"),
        (LEAD, in_matching, "send_back-survey", {"reason": "缺页"}, "send_back"),
        (LEAD, applied, "advance-confirmation", {}, "advance"),
        (LEAD, applied, "send_back-rectification", {"number": "2"}, "send_back"),
        ("office/1", in_confirmation, "close", {}, "close"),
        ("office/1", in_survey, "withdraw", {"reason": "误建"}, "withdraw"),
        ("office/1", gone, "delist", {"reason": "注销", "left_on": "2022-03-01"}, "delist"),
        ("office/2", closed, "reopen", {"reason": "复核", "criteria": ["staff"]}, "reopen"),
        (
            LEAD, in_matching, "waive", {"criterion": "staff", "reason": "省系统已有"},
            "evidence_waived",
        ),
        (
            LEAD, in_matching, "offline",
            {"criterion": "staff", "number": "3号", "dated": "2022-02-01", "witness": "孟示例"},
            "evidence_verified_offline",
        ),
    ],
)  # fmt: skip
def test_each_act_calls_its_verb(
    world: World,
    enter: Enter,
    who: str,
    state: State,
    act: str,
    values: dict[str, object],
    verb: str,
) -> None:
    case = state(world)
    world.in_province(case, "staff")
    client, before = enter(who), events(case, verb)
    assert client.get(url(case, act)).status_code == 200
    status, html = post(client, case, act, **values)
    assert status == 302, html
    assert events(case, verb) == before + 1


def test_reassign_to_a_colleague(world: World, enter: Enter) -> None:
    case = in_survey(world)
    html = enter(LEAD).get(url(case, "reassign")).content.decode()
    lead_post = world.actor(LEAD).standings[0].post_id
    assert f'value="post-{lead_post}"' in html
    status, _html = post(enter(LEAD), case, "reassign", target=f"post-{lead_post}", reason="轮岗")
    assert status == 302
    assert WorkItem.objects.get(process=case, finished=None).post_id == lead_post


def test_another_county_than_the_firms_own_is_asked_about(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter("office/1")
    force = world.units["嵩县工作专班"]
    given = {"target": f"unit-{force.pk}", "reason": "企业已搬迁"}
    status, html = post(client, case, "reassign", **given)
    assert status == 422
    assert "企业在涧西区，拟改派至嵩县工作专班。" in html
    assert "note--soon" in html
    assert f'name="elsewhere" value="unit-{force.pk}"' in html
    # the answer holds for the county that was asked about
    away = world.units["洛宁县工作专班"]
    asked = {**given, "elsewhere": given["target"]}
    assert post(client, case, "reassign", **{**asked, "target": f"unit-{away.pk}"})[0] == 422
    assert events(case, "reassign") == 0
    assert post(client, case, "reassign", **asked)[0] == 302
    assert Case.objects.get(pk=case.pk).county.name == "嵩县"
    # back to where the firm is: nothing is asked
    home = world.units["涧西区工作专班"]
    given = {"target": f"unit-{home.pk}", "reason": "改回"}
    assert post(client, case, "reassign", **given)[0] == 302


def test_the_group_of_a_case_names_its_rule_where_it_holds(world: World, enter: Enter) -> None:
    group = group_of(world, "涧西区")
    case = in_survey(world)
    client, rule = enter("office/1"), "规则：包联随县区 → 涧西区"
    Case.objects.filter(pk=case.pk).update(liaison_unit=group)
    assert rule in client.get(reverse("case", args=[case.pk])).content.decode()
    group.paired_counties.clear()  # given by hand: the county is another group's
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert group.name in page
    assert rule not in page


def test_a_target_that_was_not_offered_is_none(world: World, enter: Enter) -> None:
    case = in_survey(world)
    there = world.actor("嵩县/county_lead").standings[0].post_id
    status, _html = post(enter(LEAD), case, "reassign", target=f"post-{there}", reason="轮岗")
    assert status == 422
    assert events(case, "reassign") == 0


@pytest.mark.parametrize("version", ["", "0", "999", "x", "-1", "99999999999999"])
def test_a_stale_page_is_told_and_keeps_what_was_typed(
    world: World, enter: Enter, version: str
) -> None:
    case = in_matching(world)
    status, html = post(
        enter(LEAD), case, "send_back-survey", version=version, reason="缺第三页请补"
    )
    assert status == 409
    assert "缺第三页请补" in html
    assert "您填写的内容保留在下方" in html
    assert reverse("case", args=[case.pk]) in html
    assert stage(case) == "matching"


def test_a_stale_page_without_fields_promises_nothing(world: World, enter: Enter) -> None:
    case = assigned(world)
    status, html = post(enter(WORKER), case, "acknowledge", version="999")
    assert status == 409
    assert "请先查看办件，如仍需办理再操作。" in html
    assert "保留在下方" not in html
    assert 'name="version"' in html
    # once it is done by somebody else there is nothing left to press
    version = case.version
    answers = [post(enter(WORKER), case, "acknowledge", version=version) for _ in range(2)]
    assert [code for code, _html in answers] == [302, 409]
    assert 'name="version"' not in answers[1][1]


def test_a_double_submit_acts_once(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    version = case.version
    first, _html = post(client, case, "decline", version=version, reason="不属本区")
    second, _html = post(client, case, "decline", version=version, reason="不属本区")
    assert (first, second) == (302, 409)
    assert events(case, "decline") == 1


def test_the_same_remark_twice_is_one(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    for _turn in range(2):
        assert post(client, case, "comment", reason="已联系")[0] == 302
    assert events(case, "comment") == 1
    assert post(client, case, "comment", reason="又联系")[0] == 302
    assert events(case, "comment") == 2


def test_the_browser_says_what_the_verb_says(world: World, enter: Enter) -> None:
    """The same exception, so the same words as on the command line."""
    case = in_survey(world)
    with pytest.raises(Refused) as refusal:
        stages.send_back(case.pk, by=world.actor(LEAD), at=at(START), reason="")
    status, html = post(enter(LEAD), case, "send_back-survey", reason="")
    assert status == 422
    assert refusal.value.words in html
    with pytest.raises(NotYours) as not_yours:
        stages.close(case.pk, by=world.actor(LEAD), at=at(START))
    status, html = post(enter(LEAD), case, "close")
    assert status == 403
    assert not_yours.value.words in html


def test_a_return_from_the_closing_names_one_of_the_reasons(world: World, enter: Enter) -> None:
    """What the page calls compulsory the post needs: free words are no reason of the ten."""
    case = applied(world)
    status, html = post(enter(LEAD), case, "send_back-rectification", reason="缺页")
    assert (status, events(case, "send_back")) == (422, 0)
    select = html[html.index('name="number"') :]
    assert "required" in select[: select.index(">")]


def test_a_shut_act_talks_on_its_page_and_on_the_bar(world: World, enter: Enter) -> None:
    case, client = suspended(world), enter(WORKER)
    bar = client.get(reverse("case", args=[case.pk])).content.decode()
    assert 'aria-disabled="true" aria-describedby="why-1"' in bar
    page = client.get(url(case, "urge"))
    assert page.status_code == 403  # not the worker's act at all
    page = enter(LEAD).get(url(case, "urge"))
    assert "暂缓" in page.content.decode()
    assert "<form" not in page.content.decode().split("<main")[1].split("</main")[0]


def test_an_unknown_act_is_not_there(world: World, enter: Enter) -> None:
    case = in_survey(world)
    assert enter(LEAD).get(url(case, "explode")).status_code == 404


def test_suspension_keeps_what_was_typed(world: World, enter: Enter) -> None:
    case = in_survey(world)
    far = (START + timedelta(days=300)).isoformat()
    status, html = post(enter(LEAD), case, "suspend", until=far, reason="等待技改完成")
    assert status == 422
    assert far in html
    assert "等待技改完成" in html


def test_reopening_needs_to_say_what_fails(world: World, enter: Enter) -> None:
    case = closed(world)
    status, _html = post(enter("office/2"), case, "reopen", reason="复核不符")
    assert status == 422
    assert stage(case) == "closed"


def test_the_filter_survives_an_act(world: World, enter: Enter) -> None:
    case = in_survey(world)
    answer = enter(LEAD).post(
        url(case, "comment") + "?chip=soon", {"version": case.version, "reason": "好"}
    )
    assert answer["Location"].endswith("?chip=soon")


def test_previous_and_next_under_the_filter(world: World, enter: Enter) -> None:
    firms = [world.firm(name) for name in ("甲公司", "乙公司", "丙公司")]
    world.open()
    cases = [world.case(firm) for firm in firms]
    html = enter(WORKER).get(reverse("case", args=[cases[1].pk]) + "?of=").content.decode()
    for other in (cases[0], cases[2]):
        assert f"/cases/{other.pk}/?" in html
    assert "第2家，共3家" in html


# --- returns to oneself, long words, order --------------------------------------------------------
def test_the_dialog_says_what_a_return_does(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = in_matching(world)
    own = enter(WORKER).get(url(case, "send_back-survey")).content.decode()
    # 3月23日 is the survey's own day, and earlier than that of the matching
    assert "退回后仍由本单位办理，期限为3月23日，不因退回延长。" in own
    assert "对方" not in own
    assert "请选择" not in own
    lead = enter(LEAD).get(url(case, "send_back-survey")).content.decode()
    rule = "不少于15个工作日，原定时限更晚的按原定时限"
    [(day, said)] = re.findall(r"请填写退回原因（必填）。对方应于(\S+?)前补正（(\S+?)）。", lead)
    assert said == rule
    late = date(2022, 12, 1)
    monkeypatch.setattr("organisations.clock.today", lambda: late)
    own = enter(WORKER).get(url(case, "send_back-survey")).content.decode()
    assert "已过，退回后仍按逾期计算。" in own
    back = stages.send_back(case.pk, by=world.actor(LEAD), at=at(START, 15), reason="补充")
    # the very day that the step then has, and that the notice names
    assert day == day_words(world.item(back).due_on, START)


def test_a_remark_has_a_longest(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(LEAD)
    for act in ("comment", "urge", "send_back-survey"):
        status, html = post(client, case, act, reason="字" * 1001)
        assert status in (403, 422), act
        if act != "send_back-survey":
            assert "最多1000个字，现有1001个字，请删减后再提交。" in html
    assert (events(case, "comment"), events(case, "urge")) == (0, 0)
    assert post(client, case, "comment", reason="字" * 1000)[0] == 302
    html = client.get(reverse("case", args=[case.pk])).content.decode()
    # a long one is folded
    assert '<details class="long">' in html


def test_a_reason_has_a_longest_on_the_command_line_too(world: World) -> None:
    case = in_matching(world)
    with pytest.raises(Refused) as refusal:
        stages.send_back(case.pk, by=world.actor(LEAD), at=at(START, 14), reason="字" * 1001)
    assert refusal.value.code == "too_long"
    assert stage(case) == "matching"


def test_the_timeline_goes_by_the_moments(world: World, enter: Enter) -> None:
    """An entry for an earlier hour of the day stands at its hour, whenever it was typed."""
    case, worker = in_survey(world), world.actor(WORKER)
    for hour, text in ((16, "下午"), (8, "上午"), (12, "中午")):
        remarks.comment(case.pk, by=worker, at=at(START, hour), text=text)
    html = enter(WORKER).get(reverse("case", args=[case.pk])).content.decode()
    html = html[html.index('class="timeline"') :]
    places = [html.index(text) for text in ("下午", "中午", "上午")]
    assert places == sorted(places)
    told = [line["at"] for line in whole(case, START)["events"]]
    assert told == sorted(told)
