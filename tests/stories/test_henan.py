"""Henan 2023 runs: bulletin, meetings that are passed on, filing and Four Haves, firm by firm."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.actions import plan_measures, recurring
from cases.errors import NotYours, Refused
from cases.models import Case
from reports.documents.list_papers import bulletin as compile_bulletin
from reports.indicators import indicators
from tests.stories.town import Town, town
from tests.world import SYSTEM, at

START = date(2023, 9, 1)  # a Friday
WORKER, LEAD = "许昌市科技局/county_worker", "许昌市科技局/county_lead"
OFFICE, SECOND = "厅工作专班/office", "厅工作专班/office/2"
FIRM = "样本0有限公司"
HAVES = ("institution", "staff", "spending", "cooperation")


@pytest.fixture
def city(db: None, tmp_path: Path) -> Town:
    found = town("henan-2023", START)
    counties = ("许昌市", "许昌市", "周口市", "洛阳市")
    found.list_firms(tmp_path, [{"county": c} for c in counties], date(2023, 8, 1))
    every = {f"has_{have}": True for have in HAVES}
    found.file("样本3有限公司", date(2023, 7, 1), filed=True, **every)
    found.file("样本1有限公司", date(2023, 7, 1), filed=True, has_staff=True)
    return found


def test_a_firm_is_closed_one_by_one_when_it_has_all_four(city: Town) -> None:
    """000-11 item by item, 000-16 per-firm duty, 000-17 one by one, 000-26 classes by ease."""
    assert (city.open_cases().opened, Case.objects.filter(is_main=True).count()) == (3, 3)
    case = city.root(FIRM)
    city.go(case, WORKER)
    missing = {have: {"state": "none", "note": ""} for have in HAVES}
    missing["staff"]["state"] = "regular"
    city.go(case, WORKER, haves=missing, grade="B")
    remedies = {c.criterion: c for c in case.children.filter(procedure="remedy")}
    assert set(remedies) == {"institution", "spending", "cooperation"}
    for have in HAVES:
        city.prove(case, have, WORKER, LEAD, START)
    for remedy in case.children.exclude(stage="closed"):  # some ended with their paper
        city.close(remedy, LEAD)
    city.go(case, WORKER)
    with pytest.raises(NotYours):
        city.close(case, WORKER)
    assert city.close(case, LEAD).closing_serial == 1


def test_nobody_acts_and_the_ladder_climbs(city: Town) -> None:
    city.open_cases()
    rungs = city.climbed(city.root(FIRM))
    assert rungs[:2] == ["due_today", "overdue"]
    assert rungs[-1] == "supervision_letter"


def test_filing_and_four_haves_are_two_rates(city: Town) -> None:
    """000-09 fill-rate with its base, 000-10, 000-11, 000-35 the provincial system's state."""
    row = indicators(city.programme, date(2023, 9, 1)).city
    assert (row.listed, row.filed, row.four_haves) == (4, 2, 1)
    assert (str(row.filing_rate), str(row.four_haves_rate)) == ("50.0", "25.0")


def test_a_bulletin_is_put_together_from_the_cities_items(city: Town) -> None:
    """000-01 number, 000-02 two lists, 000-03 items by city edited into one issue."""
    city.open_cases()
    day = date(2023, 9, 20)
    recurring.open_due(at(day))
    bulletin = Case.objects.get(procedure="bulletin")
    assert bulletin.title == "2023年9月 工作简报"
    items = bulletin.children.filter(procedure="bulletin_item")
    assert items.count() == 19
    mine = items.get(responsible_unit__short_name="许昌市科技局")
    city.go(mine, WORKER, day, title="许昌市召开第三次调度会", held_on="2023-09-15")
    city.close(mine, OFFICE, day)
    city.go(bulletin, OFFICE, day)
    answers: dict[str, Any] = {
        "number": 14,
        "year": 2023,
        "reported_to": "厅领导",
        "items": [{"title": "许昌市召开第三次调度会", "city": "许昌市"}],
    }
    with pytest.raises(Refused) as refusal:
        city.go(bulletin, OFFICE, day, **answers)
    assert refusal.value.code == "children_open"
    for item in items.exclude(pk=mine.pk):
        city.go(item, f"{item.responsible_unit.short_name}/county_worker", day)
        city.close(item, OFFICE, day)
    issue = compile_bulletin(city.programme, day, day).paragraphs
    place = issue.index("# 许昌市召开第三次调度会")
    assert issue[place + 1].endswith("（许昌市）")
    city.go(bulletin, OFFICE, day, **answers)
    assert city.item(bulletin).due_on == date(2023, 9, 22)
    with pytest.raises(Refused):
        city.close(bulletin, OFFICE, day)
    assert city.close(bulletin, SECOND, day).stage == "closed"
    paper = city.pack.papers[0]
    assert "万人助万企" in paper.issued_by  # 000-33: the campaign above it
    assert (paper.number, len(paper.reported_to), len(paper.sent_to)) == ("2023年第14期", 2, 4)


def test_a_meeting_is_passed_on_and_its_orders_are_cases(city: Town) -> None:
    """000-04 numbered, 000-05 一要…二要…, 000-06 cascade, 000-07 opinions answered on the spot,
    000-08 progress told, 000-29 who spoke."""
    meeting = city.open(
        "meeting", OFFICE, answers={"topic": "第三次调度会", "number": 3, "chair": "冀示例"}
    )
    city.go(
        meeting,
        OFFICE,
        opinions=[{"unit": "周口市科技局", "opinion": "系统操作复杂", "answer": "组织培训"}],
        progress=[{"county": "洛阳市", "firms": 1501, "rate": "78.5%"}],
        speeches="睢县、夏邑县",
        orders=[
            {"matter": "克服畏难情绪", "unit": "许昌市科技局"},
            {"matter": "努力争先进位", "unit": "周口市科技局", "due_on": "2023-09-30"},
        ],
    )
    assert meeting.children.filter(procedure="relay").count() == 19
    orders = {c.title: city.item(c) for c in meeting.children.filter(procedure="order")}
    assert orders["努力争先进位"].due_on == date(2023, 9, 30)
    relay = meeting.children.get(procedure="relay", county__name="许昌市")
    city.go(relay, WORKER, told_progress=True)
    with pytest.raises(NotYours):
        city.close(relay, WORKER)
    assert city.close(relay, LEAD).stage == "closed"


def test_a_weak_firm_is_coached_by_a_third_party(city: Town) -> None:
    """000-19, 000-27: auxiliary accounts, compared with the filing by somebody else."""
    city.open_cases()
    firm = city.root(FIRM).enterprise_id
    coaching = city.open("coaching", WORKER, enterprise_id=firm, answers={"matter": "建辅助账"})
    assert coaching.title == "建辅助账"
    city.go(coaching, WORKER, third_party="示例会计师事务所", account="built")
    with pytest.raises(NotYours):
        city.close(coaching, WORKER)
    assert city.close(coaching, LEAD).stage == "closed"


def test_measures_go_to_the_cities_and_to_the_paired_sections(city: Town) -> None:
    """000-20 paired sections every month, 000-21 upward, 000-25, 000-28 policies by what lacks,
    000-30 training, 000-31, 000-32 responsibility by level, 000-34 two programmes."""
    city.open_cases()
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    measures = {case.measure: case for case in Case.objects.filter(parent=None, is_main=False)}
    parts = measures["section_visits"].children.filter(procedure="measure_part")
    assert {case.responsible_unit.kind for case in parts} == {"liaison_group"}
    assert measures["training"].children.count() == 19
    lacking = {case.enterprise.name[2] for case in measures["talents"].children.all()}
    assert lacking == {"0", "2"}
    assert city.item(measures["sprint"]).due_on == date(2023, 9, 30)
    recurring.open_due(at(date(2023, 9, 4)))
    assert measures["section_visits"].children.filter(procedure="measure_turn").count() == 1


def test_it_lives_beside_its_cities(city: Town) -> None:
    """洛阳市 is an area of the province's programme and a city of its own."""
    other = town("luoyang-2022", date(2022, 3, 1))
    assert other.programme.city.name == "洛阳市"
    assert other.programme.city.pk not in set(
        Case.objects.filter(programme=city.programme).values_list("county_id", flat=True)
    )
