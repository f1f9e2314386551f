"""The plan's own tasks and the monthly report: classes that fan out, turns, two hops."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict

from cases import columns, ledger, oversight, sheet
from cases.actions import plan_measures, recurring, stages
from cases.actions.matters import Asked
from cases.errors import NotYours, Refused
from cases.models import Case, CaseUnit
from config.management.case_figures import lines, whole
from tests.world import START, World, at
from workflows.models import load_calendar

JIANXI, LEAD = "涧西区/county_worker", "涧西区/county_lead"
BUREAU, BUREAU_LEAD = "市科技局/department_officer", "市科技局/department_lead"


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(JIANXI), at=at(START))


def asked(procedure: str, **values: object) -> Asked:
    return Asked(procedure=procedure, **values)  # type: ignore[arg-type]


def test_the_thirteen_measures_with_their_units_and_times(world: World) -> None:
    opened = plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    assert len(opened) == 13
    rows = {case.measure: case for case in Case.objects.filter(parent=None)}
    dues = {key: world.item(case).due_on for key, case in rows.items()}
    march = [key for key, due in dues.items() if due == date(2022, 3, 31)]
    december = [key for key, due in dues.items() if due == date(2022, 12, 31)]
    assert (len(march), len(december)) == (4, 4)  # 001-02
    assert [key for key, due in dues.items() if due == date(2022, 11, 30)] == ["joining"]
    assert sum(due is None for due in dues.values()) == 4
    parts = CaseUnit.objects.filter(case=rows["publicity"], part="lead")
    assert [part.unit.short_name for part in parts] == [
        "市科技局",
        "市工信局",
        "市统计局",
    ]  # 001-03
    assert plan_measures.open_measures(world.programme, by=world.office, at=at(START)) == []


def test_a_class_of_units_fans_out_to_every_county(world: World) -> None:
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    part = Case.objects.get(parent__measure="clearing", county__name="嵩县")
    item = world.item(part)
    assert (item.unit.short_name, item.due_on) == ("嵩县工作专班", date(2022, 3, 31))
    assert Case.objects.filter(parent__measure="clearing").count() == 16  # 001-04
    # led by the counties themselves (001-20)
    led = Case.objects.get(measure="county_policies", parent=None)
    assert world.item(led).unit.kind == "office"
    assert led.children.count() == 16


def test_a_measure_waits_for_the_counties_and_is_closed_by_another_person(world: World) -> None:
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    root = Case.objects.get(measure="resources", parent=None)
    parts = list(root.children.order_by("id"))
    assert [p.responsible_unit.short_name for p in parts] == ["市工信局", "市发展改革委"]
    lead = world.actor(BUREAU)
    done = {"summary": "已完成"}
    with pytest.raises(Refused) as refusal:
        stages.advance(root.pk, by=lead, at=at(START, 10), form=done)
    assert refusal.value.code == "children_open"
    for part, unit in zip(parts, ("市工信局", "市发展改革委"), strict=True):
        officer = world.actor(f"{unit}/department_officer")
        stages.advance(part.pk, by=officer, at=at(START, 11), form=done)
        stages.close(part.pk, by=lead, at=at(START, 12))
    stages.advance(root.pk, by=lead, at=at(START, 13), form=done)
    closed = stages.close(root.pk, by=world.office, at=at(START, 14))
    assert (closed.stage, closed.closing_serial) == ("closed", None)


def test_a_kinds_figures_are_those_of_their_lists(world: World) -> None:
    """One that waits for its parts is nobody's work: they are."""
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    late = date(2022, 4, 20)
    kinds = {row.key: row for row in oversight.lateness(world.office, late).kinds}
    assert kinds["measure"].open < 13
    assert any(row.overdue for row in kinds.values())
    for row in kinds.values():
        for chip, n in (("", row.open), ("overdue", row.overdue), ("soon", row.soon)):
            query = QueryDict(f"{row.counts}&chip={chip}")
            held = ledger.Ledger(world.office, late, ledger.Asked.of_query(query)).ids()
            assert len(held) == n, (row.key, chip)
    # nor do its own page and ``case show`` say that it is late; its parts do
    root, late = Case.objects.get(measure="resources", parent=None), date(2023, 3, 1)
    words = sheet.load(root, late).light_for(world.office).words
    shown = whole(root, late)
    assert (words, shown["light"]["words"]) == ("待下级事项办结",) * 2
    assert all("逾期" in one["light"]["words"] for one in shown["children"])
    assert shown["late_days"] == 0
    # nor the list of its kind, its chip and ``case list``
    kind = ledger.Ledger(world.office, late, ledger.Asked(procedure="measure"))
    listed = {r.pk: r.light.words for r in columns.Reader(world.office, late).rows(kind.rows())}
    behind = ledger.Ledger(world.office, late, ledger.Asked(procedure="measure", chip="overdue"))
    assert {pk for pk, said in listed.items() if "逾期" in said} == set(behind.ids())
    assert (listed[root.pk], root.pk in behind.ids()) == ("待下级事项办结", False)
    assert [line["light"]["words"] for line in lines([root], late)] == ["待下级事项办结"]


def test_each_month_has_its_turn(world: World) -> None:
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    root = Case.objects.get(measure="publicity", parent=None)
    turns = root.children.filter(procedure="measure_turn").order_by("period")
    recurring.open_due(at(START))
    assert [(t.title, t.given_due) for t in turns.all()] == [
        ("2022年3月 每月1次分县区或片区开展创新惠企政策宣传", date(2022, 3, 31))
    ]
    # two months of silence are made up for, and nothing comes twice
    recurring.open_due(at(date(2022, 6, 2)))
    assert recurring.open_due(at(date(2022, 6, 2), 10)) == 0
    assert [t.period for t in turns.all()] == [date(2022, m, 1) for m in (3, 4, 5, 6)]
    recurring.open_due(at(date(2023, 3, 2)))
    assert turns.count() == 10  # until December (001-05)


# --- monthly reports ------------------------------------------------------------------------------
def test_a_report_goes_in_two_hops(world: World, case: Case) -> None:
    assert recurring.open_due(at(date(2022, 3, 24))) == 0
    assert recurring.open_due(at(date(2022, 3, 25))) == 1
    report = Case.objects.get(procedure="monthly_report", period=date(2022, 3, 1))
    assert report.title == "2022年3月 工作月报"
    assert world.item(report).due_on == date(2022, 4, 6)  # the 5th is a holiday
    mine = report.children.get(county__name="涧西区")
    assert world.item(mine).due_on == date(2022, 3, 28)
    day = date(2022, 3, 28)
    worker, lead = world.actor(JIANXI, day), world.actor(LEAD, day)
    stages.advance(mine.pk, by=worker, at=at(day), form={"progress": "摸底过半"})
    assert world.item(mine).due_on == date(2022, 3, 31)  # sealed on the last working day
    with pytest.raises(NotYours):
        stages.close(mine.pk, by=worker, at=at(day, 10))
    stages.close(mine.pk, by=lead, at=at(day, 10))
    office = world.actor("office/1", day)
    with pytest.raises(Refused) as refusal:
        stages.advance(report.pk, by=office, at=at(day, 11), form={"progress": "全市"})
    assert refusal.value.code == "children_open"


def test_nobody_reports_before_the_first_firm_is_handed_out(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    assert recurring.open_due(at(date(2022, 4, 26))) == 0
    world.open(date(2022, 4, 27))
    assert recurring.open_due(at(date(2022, 4, 28))) == 0
    assert recurring.open_due(at(date(2022, 5, 25))) == 1


# --- supervision ----------------------------------------------------------------------------------
