"""建档交办 in the browser: a wave is chosen, previewed and opened; a preview opens nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from enterprises.models import Membership
from organisations.models import Delegation, Post, Tenure
from tests.cases.views.conftest import Enter
from tests.world import START, World, at, person

OPEN = ("programme_open", ["luoyang-2022"])


@pytest.fixture
def listed(world: World) -> World:
    world.firm("甲", "涧西区")
    world.firm("乙", "涧西区")
    world.firm("丙", "嵩县")
    world.firm("丁", "嵩县", spending=True)
    return world


def url() -> str:
    return reverse(OPEN[0], args=OPEN[1])


def test_a_preview_says_how_many_and_opens_nothing(listed: World, enter: Enter) -> None:
    page = enter("office/1").post(url(), {"kind": "all"}).content.decode()
    assert "将为3家企业建档并交办，办理时限自2022年3月1日起算。" in page
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("wave", "names"),
    [
        ({"kind": "all"}, {"甲", "乙", "丙"}),
        ({"kind": "county", "county": ["嵩县"]}, {"丙"}),
        ({"kind": "county", "county": ["嵩县", "涧西区"]}, {"甲", "乙", "丙"}),
        ({"kind": "number", "number": "1", "county": ["嵩县"]}, {"乙"}),
        ({"kind": "class", "class": ["C"]}, {"甲", "乙", "丙"}),
        ({"kind": "class", "class": ["A"]}, set()),
    ],
)
def test_a_wave_opens_what_it_names(
    listed: World, enter: Enter, wave: dict[str, object], names: set[str]
) -> None:
    office = enter("office/1")
    assert office.post(url(), {**wave, "step": "confirm"}).status_code == 302
    assert set(Case.objects.values_list("enterprise__name", flat=True)) == names
    office.post(url(), {**wave, "step": "confirm"})
    assert Case.objects.count() == len(names)


@pytest.mark.parametrize(
    "wave",
    [
        {"kind": "county"},
        {"kind": "number"},
        {"kind": "number", "number": "x"},
        {"kind": "z", "z": "1"},
    ],
)
def test_an_empty_wave_is_refused_in_words(
    listed: World, enter: Enter, wave: dict[str, str]
) -> None:
    answer = enter("office/1").post(url(), wave)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_list_counts_firms_and_cases(listed: World, enter: Enter) -> None:
    office = enter("office/1")
    office.post(url(), {"kind": "all", "step": "confirm"})
    page = office.get(reverse("programmes")).content.decode()
    assert url() in page
    assert "其中已覆盖1家" in page
    with CaptureQueriesContext(connection) as seen:
        office.get(reverse("programmes"))
    assert len(seen) <= 12


def test_firms_that_left_are_counted_apart(listed: World, enter: Enter) -> None:
    office = enter("office/1")
    office.post(url(), {"kind": "all", "step": "confirm"})
    Membership.objects.filter(enterprise__name__in=["甲", "丁"]).update(
        left_on=START, left_reason=Membership.LeftReason.values[0]
    )
    page = office.get(reverse("programmes")).content.decode()
    assert '<dd>2 <span class="quiet small">其中已覆盖0家' in page
    assert "另有2家已退库" in page


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市住建局/department_lead"])
def test_outsiders_do_not_come_in(listed: World, enter: Enter, who: str) -> None:
    client = enter(who)
    assert client.get(reverse("programmes")).status_code == 403
    assert client.post(url(), {"kind": "all", "step": "confirm"}).status_code == 403
    assert Case.objects.count() == 0


def test_a_programme_that_is_not_there(listed: World, enter: Enter) -> None:
    assert enter("office/1").get(reverse(OPEN[0], args=["jincheng-2020"])).status_code == 404


# --- posts that nobody holds ----------------------------------------------------------------------
def test_a_preview_warns_of_cases_that_nobody_would_see(listed: World, enter: Enter) -> None:
    listed.firm("戊", "新安县")  # its posts are there, its people are not
    listed.firm("己", "新安县")
    office = enter("office/1")
    answer = office.post(url(), {"kind": "all"})
    unit = listed.units["新安县工作专班"]
    assert [(one.county, one.post, one.count) for one in answer.context["plan"].vacancies] == [
        ("新安县", "新安县工作专班经办人", 2)
    ]
    page = answer.content.decode()
    assert "其中2家交办到的岗位在2022年3月1日无人任职，交办后无人办理。" in page
    assert (
        f'新安县2家： <a href="{reverse("unit", args=[unit.pk])}">新安县工作专班经办人</a>' in page
    )
    assert "请先点开岗位、在单位页面任命人员" in page
    assert Case.objects.count() == 0
    # only of what this wave would open
    rest = office.post(url(), {"kind": "county", "county": ["嵩县", "涧西区"]})
    assert rest.context["plan"].vacancies == []
    office.post(url(), {"kind": "county", "county": ["新安县"], "step": "confirm"})
    assert office.post(url(), {"kind": "all"}).context["plan"].vacancies == []


@pytest.mark.parametrize("way", ["appointed", "colleague", "stand-in", "ended"])
def test_a_post_is_held_by_whoever_may_act_on_that_day(
    listed: World, enter: Enter, way: str
) -> None:
    listed.firm("戊", "新安县")
    unit = listed.units["新安县工作专班"]
    post = Post.objects.get(unit=unit, role="county_worker")
    heir = person("heir", "接任人")
    since = date(2022, 1, 1)
    if way == "colleague":
        post = Post.objects.create(unit=unit, name="经办二", role="county_worker", position=9)
    if way == "stand-in":
        last = START + timedelta(days=9)
        Delegation.objects.create(
            post=post, to_user=heir, from_on=since, until_on=last, at=at(since)
        )
    else:
        until = START if way == "ended" else None
        Tenure.objects.create(post=post, user=heir, from_on=since, until_on=until)
    found = enter("office/1").post(url(), {"kind": "all"}).context["plan"].vacancies
    assert [one.count for one in found] == ([1] if way == "ended" else [])


def test_the_preview_costs_as_much_for_many_vacancies(listed: World, enter: Enter) -> None:
    office, seen = enter("office/1"), []
    for n in (1, 6):
        for place in range(n):
            listed.firm(f"新安{n}-{place}", "新安县")
            listed.firm(f"伊川{n}-{place}", "伊川县")
        with CaptureQueriesContext(connection) as statements:
            office.post(url(), {"kind": "all"})
        seen.append(len(statements))
    assert seen[1] <= seen[0]
