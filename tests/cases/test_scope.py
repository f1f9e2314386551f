"""Row scope: what a list shows and what a verb allows are one answer, for every post that can be.

Generated: role × kind of unit × region level, each against cases of two counties, two townships,
two departments and two cities. And by date: duty follows the post, not the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from cases import permissions
from cases.actions import matters, stages
from cases.actions.matters import Asked
from cases.errors import NotYours
from cases.models import Case, WorkItem
from cases.querysets import PART_ACTS, scope_of
from organisations.models import Post, Region, Tenure, Unit
from organisations.roles import POLICY, Act, Role
from organisations.scope import Actor, Standing, actor_of
from tests.cases.test_matters import ISSUE, ORDER
from tests.world import START, SYSTEM, World, at, person

Level = Region.Level
ACTS = (Act.READ, Act.ADVANCE, Act.COUNTY_REVIEW, Act.CLOSE, Act.REASSIGN, Act.COMMENT, Act.URGE)


@pytest.fixture
def regions(world: World) -> list[Region]:
    """One or two places of each level, another city's too."""
    province = Region.objects.create(key="河南省", name="河南省", level=Level.PROVINCE)
    world.city.parent = province
    world.city.save()
    for county in Region.objects.filter(parent=world.city):
        county.save()  # its path leads through the province now
    other = Region.objects.create(key="别市", name="别市", level=Level.CITY)
    return [
        province,
        world.city,
        other,
        place("别市/别县", Level.COUNTY, other),
        Region.objects.get(pk=world.counties["涧西区"].pk),
        Region.objects.get(pk=world.counties["嵩县"].pk),
        place("甲乡", Level.TOWNSHIP, world.counties["涧西区"]),
        place("乙乡", Level.TOWNSHIP, world.counties["嵩县"]),
    ]


def place(key: str, level: str, parent: Region) -> Region:
    parent = Region.objects.get(pk=parent.pk)
    return Region.objects.create(key=key, name=key, level=level, parent=parent)


@pytest.fixture
def cases(world: World, regions: list[Region]) -> list[Case]:
    """What scope can tell apart: county, township, department; and remedies of one firm."""
    townships = {region.name: region for region in regions}
    for number, (county, industry, township) in enumerate(
        [
            ("涧西区", "3411", ""),
            ("涧西区", "3031", ""),
            ("涧西区", "3411", "甲乡"),
            ("嵩县", "3411", ""),
            ("嵩县", "3031", "乙乡"),
            ("老城区", "0610", ""),
        ]
    ):
        firm = world.firm(f"示例{number}", county, industry=industry)
        firm.memberships.update(township=townships.get(township))
    world.open()
    case = Case.objects.filter(county__name="涧西区").order_by("pk")[0]
    world.survey(case, "B")
    matters_of_groups(world, case)
    found = list(Case.objects.select_related("programme__city").order_by("pk"))
    assert len(found) == 6 + 3 + 3  # three remedies need no partner; three matters
    return found


def matters_of_groups(world: World, case: Case) -> None:
    """One that a liaison group must do, one that it helps with, one whose step came to a county
    that has nothing else in it."""
    group = Unit.objects.get(kind=Unit.Kind.LIAISON_GROUP).name
    firm = case.enterprise_id
    for asked in (
        Asked("supervision", unit=group, answers=ORDER),
        Asked("issue", unit="市科技局", helping=[group], enterprise_id=firm, answers=ISSUE),
        Asked("issue", unit="市科技局", enterprise_id=firm, answers=ISSUE),
    ):
        made = matters.open_matter(world.programme, asked, by=SYSTEM, at=at(START, 10))
    force = world.units["嵩县工作专班"]
    WorkItem.objects.filter(process=made).update(unit=force, post=force.posts.all()[0])


def standings(world: World, regions: list[Region]) -> Iterator[Standing]:
    """Posts of every role in every kind of unit on every level, departments and groups by name."""
    group = Unit.objects.get(kind=Unit.Kind.LIAISON_GROUP).pk
    force = world.units["嵩县工作专班"].pk
    departments = [world.units["市工信局"].pk, world.units["市住建局"].pk, 10**6]
    pairs = [frozenset[int](), frozenset({world.counties["涧西区"].pk})]
    for role, region, kind in product(Role, regions, Unit.Kind):
        if kind == Unit.Kind.DEPARTMENT:
            units = departments
        else:
            own = {Unit.Kind.LIAISON_GROUP: group, Unit.Kind.TASK_FORCE: force}
            units = [own.get(kind, departments[-1])]
        for unit in units:
            for paired in pairs if kind == Unit.Kind.LIAISON_GROUP else pairs[:1]:
                yield Standing(
                    post_id=1,
                    unit_id=unit,
                    unit_name="",
                    role=role,
                    unit_kind=kind,
                    region_id=region.pk,
                    region_level=region.level,
                    region_path=region.path,
                    city_id=None,
                    paired_county_ids=paired,
                )


def test_lists_and_verbs_agree_for_every_post(
    world: World, regions: list[Region], cases: list[Case]
) -> None:
    seen: dict[str, set[int]] = {}
    count = 0
    for standing in standings(world, regions):
        actor = Actor(world.people["office/1"], START, (standing,))
        visible = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
        allowed = {case.pk for case in cases if permissions.can_see(actor, case)}
        assert visible == allowed, standing
        covered = {case.pk for case in cases if permissions.covers(standing, case)}
        parts = {case.pk for case in cases if permissions.takes_part(standing, case)}
        for act in ACTS:
            mine = covered | parts if act in PART_ACTS else covered
            rows = set(Case.objects.filter(scope_of(actor, act=act)).values_list("pk", flat=True))
            assert rows == (mine if act in POLICY[standing.role] else set()), (standing, act)
            assert rows == {c.pk for c in cases if permissions.can(actor, act, c)}, (standing, act)
        seen.setdefault(standing.region_level, set()).update(visible)
        count += 1
    assert count == len(Role) * len(regions) * (len(Unit.Kind) + 2 + 1)
    # the matrix says something on every level
    everything = {case.pk for case in cases}
    assert seen[Level.PROVINCE] == seen[Level.CITY] == everything
    assert set() < seen[Level.COUNTY]
    assert set() < seen[Level.TOWNSHIP]


def test_lists_and_verbs_agree_for_the_people_of_the_city(world: World, cases: list[Case]) -> None:
    case = cases[0]
    assert case.enterprise is not None
    actors = [world.actor(key) for key in world.people]
    actors += [world.clerk(case.enterprise), Actor.nobody(START), Actor.system()]
    for actor in actors:
        visible = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
        assert visible == {c.pk for c in cases if permissions.can_see(actor, c)}
    clerk = world.clerk(case.enterprise)
    assert {c.enterprise_id for c in Case.objects.visible_to(clerk)} == {case.enterprise_id}


def test_a_successor_sees_and_acts_from_the_first_minute(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    before, after = world.people["涧西区/county_worker"], person("successor", "接任者")
    day = START + timedelta(days=1)
    post = Post.objects.get(tenures__user=before)
    Tenure.objects.filter(user=before).update(until_on=day)
    Tenure.objects.create(post=post, user=after, from_on=day)

    def sees(user: object, on: date) -> bool:
        actor = actor_of(user, on)  # type: ignore[arg-type]
        return case.pk in set(Case.objects.visible_to(actor).values_list("pk", flat=True))

    assert (sees(before, START), sees(after, START)) == (True, False)
    assert (sees(before, day), sees(after, day)) == (False, True)
    with pytest.raises(NotYours):
        stages.acknowledge(case.pk, by=actor_of(before, day), at=at(day, 0))
    with pytest.raises(NotYours):
        stages.acknowledge(case.pk, by=actor_of(after, START), at=at(START))
    # the work lies with the post: nothing had to be handed over
    assert world.item(case).post_id == post.pk
    stages.acknowledge(case.pk, by=actor_of(after, day), at=at(day, 0))
    event = case.events.get(verb="acknowledge")
    assert (event.by, event.by_post) == (after, post)
