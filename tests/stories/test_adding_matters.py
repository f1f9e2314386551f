"""Section 12 of docs/adding-a-city.md alone: the plan's own work of a new city runs too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cases.actions import listed, matters, opening, plan_measures, recurring, stages
from cases.actions.matters import Asked
from cases.errors import Refused
from cases.models import Case, WorkItem
from cases.offers import offers
from enterprises.models import Enterprise, MonthlyFact
from organisations.scope import Actor
from reports.goals import standings
from tests.plain import dumped, loaded
from tests.stories.test_adding_a_city import CITY, DOC, START, blocks, merged, register, staffed
from tests.world import SYSTEM, at
from workflows.issuing import issue_and_set_up
from workflows.models import ProgrammeVersion


@pytest.fixture
def version(db: None) -> ProgrammeVersion:
    """The city of the page with every part of section 12 put in."""
    _before, _mark, rest = DOC.read_text("utf-8").partition("## 12.")
    parts = [block for block in blocks(DOC, "yaml also") if block in rest.partition("## 13.")[0]]
    assert len(parts) == 8
    data = loaded(CITY)
    for part in parts:
        data = merged(data, loaded(part))
    text = dumped(data)
    return issue_and_set_up(text, by=SYSTEM, at=at(date(2026, 1, 5)), source="qinghu-2026.yaml")


@pytest.fixture
def people(version: ProgrammeVersion, tmp_path: Path) -> dict[str, Actor]:
    found = staffed(version)
    register(version, tmp_path)
    return found


def item(case: Case) -> WorkItem:
    open_: WorkItem = WorkItem.objects.get(process=case, finished=None)
    return open_


def test_measures_reach_counties_departments_and_groups(
    version: ProgrammeVersion, people: dict[str, Actor]
) -> None:
    plan_measures.open_measures(version.programme, by=SYSTEM, at=at(START))
    found = {case.measure: case for case in Case.objects.filter(parent=None)}
    plans = found["plans"].children.values_list("responsible_unit__short_name", flat=True)
    assert sorted(plans) == sorted(
        ["临湖区推进组", "北岸新区推进组", "青山县推进组", "市工信局", "市能源局"]
    )
    assert found["visits"].children.filter(procedure="part").count() == 2
    assert item(found["events"]).due_on == date(2026, 12, 31)
    science = people["市科技局/department_officer"]
    with pytest.raises(Refused) as refusal:
        stages.advance(found["events"].pk, by=science, at=at(START, 10), form={"entries": []})
    assert refusal.value.code == "count"


def test_policies_find_their_firms(version: ProgrammeVersion, people: dict[str, Actor]) -> None:
    plan_measures.open_measures(version.programme, by=SYSTEM, at=at(START))
    bonus = Case.objects.get(measure="bonus", parent=None)
    offered = bonus.children.values_list("county__name", "enterprise__name")
    # industry 3451 in two of the three counties: every third firm, the new shore left out
    assert sorted(offered) == [
        ("临湖区", "青湖样本0有限公司"),
        ("临湖区", "青湖样本9有限公司"),
        ("青山县", "青湖样本3有限公司"),
    ]
    asked = Asked("policy", unit="市能源局", answers={"title": "节能奖补", "industries": "44"})
    by = people["市能源局/department_officer"]
    later = matters.open_matter(version.programme, asked, by=by, at=at(START))
    assert later.children.count() == 3


def test_what_firms_say_to_a_policy_is_counted(
    version: ProgrammeVersion, people: dict[str, Actor]
) -> None:
    plan_measures.open_measures(version.programme, by=SYSTEM, at=at(START))
    offer = Case.objects.filter(measure="bonus", parent__isnull=False, county__name="青山县").get()
    form = {"told_on": START.isoformat(), "grade": "wants"}
    stages.advance(offer.pk, by=people["青山县推进组/county_worker"], at=at(START, 10), form=form)
    [bonus] = offers(version.programme, START)
    assert (bonus.fits, bonus.told, bonus.by_class) == (3, 1, {"wants": 1})


def test_orders_and_what_the_register_opens(
    version: ProgrammeVersion, people: dict[str, Actor]
) -> None:
    """A leader's order, the same by a letter, at most one a month; who lacks one of two things."""
    asked = Asked("supervision", unit="市工信局", answers={"matter": "限期完成诊断"})
    for opener in ("市领导/leader", "市督查室/supervisor"):
        order = matters.open_matter(version.programme, asked, by=people[opener], at=at(START))
        assert item(order).unit.short_name == "市工信局"
    by_letter = version.pack.opened_by("reminder_letter")
    assert by_letter is not None
    assert (by_letter.key, by_letter.at_most_a_month) == ("supervision", 1)
    firm = Enterprise.objects.order_by("pk")[0]
    MonthlyFact.objects.create(
        enterprise=firm, city=version.programme.city, about_month=date(2026, 1, 1),
        known_on=date(2026, 1, 31), registered=True, filed=True,
        has_institution=False, has_staff=False, has_spending=True, has_cooperation=False,
    )  # fmt: skip
    assert listed.open_listed(version.programme, by=SYSTEM, at=at(START)) == {"completion": 1}
    assert Case.objects.get(procedure="completion").lacking == ["institution"]


def test_an_answer_waits_for_the_joint_units(
    version: ProgrammeVersion, people: dict[str, Actor]
) -> None:
    answers = {"number": "第1号", "matter": "支持企业研发"}
    asked = Asked("proposal", unit="市工信局", joint=["市科技局"], answers=answers)
    office = people["市推进办/office"]
    proposal = matters.open_matter(version.programme, asked, by=office, at=at(START))
    officer = people["市工信局/department_officer"]
    stages.acknowledge(proposal.pk, by=officer, at=at(START))
    with pytest.raises(Refused) as refusal:
        stages.advance(proposal.pk, by=officer, at=at(START, 10), form={"text": "答复"})
    assert refusal.value.code == "children_open"
    opinion = proposal.children.get()
    assert item(opinion).unit.short_name == "市科技局"


def test_the_calendar_opens_reports_and_the_week(
    version: ProgrammeVersion, people: dict[str, Actor]
) -> None:
    opening.open_cases(version.programme, by=SYSTEM, at=at(START))
    recurring.open_due(at(date(2026, 3, 25)))
    report = Case.objects.get(procedure="report")
    assert report.children.filter(procedure="part_report").count() == 3 + 2 + 1
    weeks = Case.objects.filter(procedure="meeting").values_list("period", flat=True)
    assert sorted(weeks) == [date(2026, 3, day) for day in (2, 9, 16, 23)]


def test_aims_say_how_far_they_are(version: ProgrammeVersion, people: dict[str, Actor]) -> None:
    found = {one.goal.key: one for one in standings(version.programme, START)}
    assert found["covered"].actual == 0
    assert found["rank"].is_reached is False
    assert found["spending"].actual is None
