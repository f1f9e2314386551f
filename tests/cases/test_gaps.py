"""Gaps (004-04) and groups (004-13, 004-15): what is missing is listed, with its number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases import groups as checking
from cases.actions import endings, handing_over, stages
from cases.actions.matters import Asked, open_matter
from cases.actions.pairing import pair
from cases.errors import Refused
from cases.gaps import Gap, gaps
from cases.groups import groups
from cases.handing import open_cases_of
from enterprises.actions.pairing import Wish
from enterprises.models import Membership
from organisations.actions import users
from organisations.models import AuditEvent, Tenure, Unit, User
from organisations.scope import Actor
from tests.cases.standing import proven
from tests.cases.test_matters import ORDER
from tests.cases.views.conftest import Enter, clock_at_start, enter
from tests.config.test_commands import as_json, run
from tests.world import START, SYSTEM, World, at, closing_form, person
from workflows.groups import GroupRule
from workflows.packs import Pack

__all__ = ["clock_at_start", "enter"]
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def found(world: World) -> dict[str, Gap]:
    return {gap.key: gap for gap in gaps(world.office, START, world.city)}


def names(gap: Gap) -> list[str]:
    return [name for name, _where, _url in gap.lines]


def test_a_firm_that_nobody_answers_for(world: World) -> None:
    world.firm("洛阳示例有限公司")
    assert names(found(world)["firms"]) == ["洛阳示例有限公司"]
    world.open()
    assert found(world)["firms"].count == 0
    world.firm("洛阳新来有限公司", joined_on=START)
    world.firm("嵩县示例有限公司", county="嵩县")
    world.open(START, wave="county=嵩县")
    assert names(found(world)["unopened"]) == ["洛阳新来有限公司"]
    world.open()
    assert found(world)["unopened"].count == 0


def test_a_listed_firm_whose_case_was_ended_by_hand_is_not_forgotten(world: World) -> None:
    world.firm("洛阳早退有限公司")
    world.open()
    case = world.case()
    assert found(world)["ended"].count == 0
    endings.delist(world.gone(case), by=world.office, at=at(START, 11), reason="据称已停产")
    assert found(world)["ended"].count == 0
    Membership.objects.update(left_on=None)  # as a delisting of earlier versions left it
    assert names(found(world)["ended"]) == ["洛阳早退有限公司"]
    endings.reopen(case.pk, by=world.office, at=at(START, 12), reason="仍在库")
    assert found(world)["ended"].count == 0


def test_items_posts_and_units_without_anybody(world: World) -> None:
    world.firm("洛阳示例有限公司")
    world.open()
    before = found(world)
    assert before["items"].count == 0
    post = Tenure.objects.select_related("post__unit__region").get(user=world.people[WORKER]).post
    handing_over.hand_over([post], to=None, from_on=START, by=world.office, at=at(START))
    after = found(world)
    assert names(after["items"]) == ["洛阳示例有限公司"]
    assert after["posts"].count == before["posts"].count + 1
    assert "涧西区工作专班经办人" in names(after["posts"])
    # whoever stands in handles it
    handing_over.delegate(
        post,
        to_user=person("new", "代办人"),
        from_on=START,
        until_on=START + timedelta(days=3),
        reason="空岗期间",
        by=world.office,
        at=at(START),
    )
    assert found(world)["items"].count == 0
    assert open_cases_of([post.pk], Actor.system()).count() == 1


def test_a_step_that_nobody_of_its_unit_opens(world: World) -> None:
    """A matter with a liaison group is opened by its people; not when their accounts are closed."""
    group = Unit.objects.get(kind=Unit.Kind.LIAISON_GROUP)
    asked = Asked("supervision", unit=group.name, answers=ORDER)
    order = open_matter(world.programme, asked, by=world.office, at=at(START))
    stages.advance(order.pk, by=world.office, at=at(START, 9))
    assert world.item(order).unit == group
    assert (found(world)["unseen"].count, found(world)["items"].count) == (0, 0)
    User.objects.filter(tenures__post__unit=group).update(is_active=False)
    after = found(world)
    assert names(after["unseen"]) == [order.subject]
    assert (after["items"].count, after["second"].count) == (0, 0)


def test_firms_without_an_officer_once_there_are_officers(world: World) -> None:
    for name in ("洛阳示例有限公司", "洛阳样本厂"):
        world.firm(name)
    assert found(world)["officers"].count == 0  # this city does not pair firms
    wish = Wish(1, "洛阳样本厂", "officer", world.people[WORKER].username)
    pair([wish], city=world.city, by=world.office, at=at(START))
    assert names(found(world)["officers"]) == ["洛阳示例有限公司"]


def test_units_and_counties(world: World) -> None:
    Unit.objects.create(region=world.city, name="无岗位单位", kind=Unit.Kind.DEPARTMENT)
    report = found(world)
    assert names(report["units"]) == ["无岗位单位"]
    assert "嵩县" in names(report["liaison"])
    assert "涧西区" not in names(report["liaison"])
    assert report["task_force"].count == 0


def test_the_page_and_the_command(
    world: World, enter: Enter, django_assert_max_num_queries: Any
) -> None:
    world.firm("洛阳示例有限公司")
    client = enter("office/1")
    client.get("/me/")
    with django_assert_max_num_queries(12):
        html = client.get(reverse("gaps")).content.decode()
    assert "洛阳示例有限公司" in html
    figures = as_json("gaps", "--city", "洛阳市", "--as-of", "2022-03-01")
    assert {"key": "firms", "count": 1}.items() <= figures["gaps"][0].items()
    assert figures["total"] == sum(gap["count"] for gap in figures["gaps"])
    assert enter(LEAD).get(reverse("gaps")).status_code == 403


# --- groups --------------------------------------------------------------------------------------
@pytest.fixture
def ruled(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The city's pack with the rules of the papers."""
    rules = (
        GroupRule(kind="liaison_group", members=1, ranks={"division": 1}, technical=1),
        GroupRule(kind="task_force", members=2, ranks={"section": 1}),
    )
    pack: Pack = world.programme.current.pack.model_copy(update={"groups": rules})
    monkeypatch.setattr(checking, "pack_of", lambda _version: pack)
    return world


def broken(world: World) -> dict[str, str]:
    states = groups(world.office, START)
    return {str(s.unit.short_name or s.unit): s.fault_words for s in states if s.is_broken}


def test_broken_groups_are_listed_and_mended_by_marks(ruled: World) -> None:
    faults = broken(ruled)
    assert faults["包联第一组"] == "应有处级以上1人，现有0人；应有专业技术人员1人，现有0人"
    assert faults["涧西区工作专班"] == "应有科级以上1人，现有0人"
    member, lead = ruled.people["liaison_member"], ruled.people[LEAD]
    users.mark(member, rank="bureau", is_technical=True, by=SYSTEM, at=at(START))
    users.mark(lead, rank="section", is_technical=False, by=SYSTEM, at=at(START))
    after = broken(ruled)
    assert "包联第一组" not in after
    assert "涧西区工作专班" not in after
    assert AuditEvent.objects.filter(verb="mark_user").count() == 2
    assert not users.mark(lead, rank="section", is_technical=False, by=SYSTEM, at=at(START))


def test_a_group_is_saved_and_said_to_be_broken(ruled: World, enter: Enter) -> None:
    """Appointing is never refused for it; the unit's page says what is missing."""
    unit = Unit.objects.get(name="包联第一组")
    html = enter("office/1").get(reverse("group_note", args=[unit.pk])).content.decode()
    assert "应有处级以上1人" in html
    page = enter("office/1").get(reverse("unit", args=[unit.pk])).content.decode()
    assert reverse("group_note", args=[unit.pk]) in page


def test_a_hand_over_warns_before_it_breaks_a_group(ruled: World, enter: Enter) -> None:
    users.mark(ruled.people[LEAD], rank="section", is_technical=False, by=SYSTEM, at=at(START))
    post = Tenure.objects.get(user=ruled.people[LEAD]).post
    person("new", "接任者")
    given = {"posts": [post.pk], "offered": str(post.pk), "to": "接任者", "from_on": START}
    html = enter("office/1").post(reverse("hand_over"), given).content.decode()
    assert "移交后涧西区工作专班不符合组成要求：应有科级以上1人，现有0人" in html


def test_groups_page_command_and_scope(
    ruled: World, enter: Enter, django_assert_max_num_queries: Any
) -> None:
    client = enter("office/1")
    client.get("/me/")
    with django_assert_max_num_queries(12):
        html = client.get(reverse("groups")).content.decode()
    assert "包联第一组" in html
    own = enter(LEAD).get(reverse("groups")).content.decode()
    assert "包联第一组" not in own
    # whoever does not set up units is offered no page of a unit, which would be refused
    assert "涧西区工作专班" in own
    assert "/people/units/" not in own
    assert f"/people/units/{ruled.units['涧西区工作专班'].pk}/" in html
    rows = as_json("groups", "check", "--as-of", "2022-03-01")
    assert {"包联第一组"} <= {row["unit"] for row in rows}
    assert all(row["faults"] for row in rows)
    assert len(as_json("groups", "check", "--all", "--as-of", "2022-03-01")) >= len(rows)
    assert enter(WORKER).get(reverse("groups")).status_code == 403


def test_without_rules_nothing_is_asked(world: World) -> None:
    assert groups(world.office, START) == []
    assert "没有需要核对" in run("groups", "check")


def test_the_command_says_that_all_is_well(ruled: World) -> None:
    lead = ("--by", ruled.people[LEAD].username, "--as-of", "2022-03-01")
    assert "均符合" not in run("groups", "check", *lead)
    users.mark(ruled.people[LEAD], rank="section", is_technical=False, by=SYSTEM, at=at(START))
    assert run("groups", "check", *lead).strip() == "已核对1个组，均符合组成要求。"


def test_a_closing_that_waits_for_a_second_person(world: World) -> None:
    """The county's only reviewer applied himself: somebody else is needed, and it says so."""
    case = proven(world)
    assert found(world)["second"].count == 0
    lead = world.actor(LEAD)
    stages.apply_for_closure(case.pk, by=lead, at=at(START, 13), form=closing_form())
    assert names(found(world)["second"]) == ["洛阳示例轴承有限公司"]
    with pytest.raises(Refused, match="需另一名审核人"):
        stages.advance(case.pk, by=lead, at=at(START, 14))
    post = Tenure.objects.get(user=world.people[LEAD]).post
    second = post.unit.posts.create(name="审核人二", role=post.role)
    Tenure.objects.create(post=second, user=person("second", "另一名"), from_on=START)
    assert found(world)["second"].count == 0
