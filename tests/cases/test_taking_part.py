"""Whoever owes a step, leads, does or helps with a matter sees it wherever it lies, and is told."""

from __future__ import annotations

from django.urls import reverse

from cases import permissions
from cases.actions import matters
from cases.actions.matters import Asked
from cases.models import Case, WorkItem
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import Post
from organisations.roles import Act
from tests.cases.lists import entered
from tests.cases.test_matters import ISSUE
from tests.world import START, World, at

FORCE = "嵩县工作专班"


def opened(world: World, *helping: str) -> Case:
    """An issue of a firm of another county than the force's, with 市科技局."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    asked = Asked(
        "issue",
        unit="市科技局",
        helping=helping,
        enterprise_id=world.case().enterprise_id,
        answers=ISSUE,
    )
    return matters.open_matter(world.programme, asked, by=world.office, at=at(START))


def test_whoever_helps_with_a_firms_issue_sees_it_and_is_told(world: World) -> None:
    issue = opened(world, "市财政局", FORCE)
    item = world.item(issue)
    deliver(at(START))
    for who in ("市财政局/department_officer", "嵩县/county_worker"):
        helper = world.actor(who)
        assert helper.user is not None
        [notice] = Notice.objects.filter(recipient=helper.user, event__case=issue)
        assert notice.body.endswith("由市科技局主办，市财政局、嵩县工作专班协办。")
        page = entered(helper.user).get(reverse("case", args=[issue.pk]))
        assert (page.status_code, issue.title in page.content.decode()) == (200, True)
        # to see it and to say a word is all: the step is the leading unit's
        may = {act for act in Act if permissions.can(helper, act, issue, item)}
        assert may == {Act.READ, Act.COMMENT}


def test_a_step_that_came_to_another_county_is_its_leads_too(world: World) -> None:
    """Scope does not stand between a unit and what it owes: its lead acts as at home."""
    issue = opened(world)
    before = world.item(issue)
    post = Post.objects.get(tenures__user=world.people["嵩县/county_worker"])
    lead = world.actor("嵩县/county_lead")

    def rights(case: Case) -> list[Act]:
        acts = (Act.READ, Act.ACKNOWLEDGE, Act.DECLINE, Act.REASSIGN, Act.CLOSE_REMEDY)
        return [act for act in acts if permissions.can_move(lead, act, case, world.item(case))]

    assert rights(issue) == []
    WorkItem.objects.filter(pk=before.pk).update(unit=post.unit, post=post)
    issue = Case.objects.get(pk=issue.pk)
    assert rights(issue) == [Act.READ, Act.ACKNOWLEDGE, Act.DECLINE, Act.REASSIGN]
