"""Procedures besides assistance as data: how they begin, what they are about, what they spawn."""

from datetime import date

import pytest

from workflows.calendar import WorkCalendar
from workflows.deadlines import Phrase, compute
from workflows.measures import Measure
from workflows.packs import Pack, PackError, parse_pack, shipped_text
from workflows.text import Text

TEXT = shipped_text("luoyang-2022")
FORMS = "\nforms:\n"
# a job that the office gives a unit, with an assembly whose notes give them
KINDS = """
  job:
    title: 会议交办 | Order of an assembly
    about: unit
    initial: doing
    closer: office
    grades:
      - {key: major, label: 重大事项 | Major}
      - {key: ordinary, label: 一般事项 | Ordinary}
    opens:
      - {from: hand, by: [office, leader], form: job}
      - parent
    title_from: matter
    phases: [{key: doing, title: 办理 | Handling}]
    stages:
      - key: doing
        title: 办理 | Handling
        state_label: 办理中 | Handling
        firm_label: 办理中 | Handling
        phase: doing
        owner: responsible
        time:
          - {grades: [major], as_given: true, otherwise: 20 working_days}
          - {as_given: true, otherwise: 7 working_days}
        moves: [{verb: advance, to: review, label: 反馈 | Report}]
      - key: review
        title: 复核 | Review
        state_label: 待复核 | For review
        firm_label: 办理中 | Handling
        phase: doing
        owner: office
        moves: [{verb: close, to: closed, label: 办结 | Done}]
  assembly:
    title: 调度会 | Dispatch assembly
    about: unit
    initial: held
    closer: office
    opens: [{from: hand, by: [office]}]
    phases: [{key: held, title: 召开 | Held}]
    stages:
      - key: held
        title: 召开 | Held
        state_label: 召开 | Held
        firm_label: 召开 | Held
        phase: held
        owner: office
        form: notes
        spawns:
          - procedure: job
            when: leaving
            for: rows
            field: orders
            columns: {title: matter, unit: unit, due: due_on}
        waits_for: [job]
        moves: [{verb: close, to: closed, label: 办结 | Done}]
"""
PAPERS = """
  job:
    title: 交办单 | Order
    fields:
      - {key: matter, kind: text, required: true, label: 事项 | Matter}
  notes:
    title: 会议纪要 | Minutes
    fields:
      - key: orders
        kind: rows
        label: 交办事项 | Orders
        columns:
          - {key: matter, kind: text, required: true, label: 事项 | Matter}
          - {key: unit, kind: text, label: 责任单位 | Unit}
          - {key: due_on, kind: date, label: 完成时限 | Due}
"""
MEASURES = """
measures:
  - key: m1
    number: "（一）1"
    title: 做好统计报表填报 | Statistical forms
    leads: [市统计局]
    responsible: [counties]
    procedure: job
    time: {by: 2022-03-31}
"""
BEHIND = "\n# The 13 measures"


def with_kinds(kinds: str = KINDS, papers: str = PAPERS) -> str:
    text = TEXT.replace(BEHIND, kinds + BEHIND, 1)
    return text.replace(FORMS, FORMS + papers.lstrip("\n"), 1)


def with_measures(measures: str = MEASURES) -> str:
    """The plan's own ones behind those of a test."""
    text = with_kinds(KINDS.replace("- parent", "- parent\n      - plan"))
    return text.replace("\nmeasures:\n", measures, 1)


def pack(text: str | None = None) -> Pack:
    return parse_pack(text or with_kinds(), "kinds.yaml")


def codes(text: str) -> set[tuple[str, str]]:
    with pytest.raises(PackError) as caught:
        parse_pack(text, "wrong.yaml")
    lines = text.splitlines()
    return {(f.code, lines[f.line - 1].strip()) for f in caught.value.findings}


def test_an_order_is_about_a_unit_and_has_classes_of_its_own() -> None:
    found = pack().procedure("job")
    assert (found.about, found.closer, found.title_from) == ("unit", "office", "matter")
    assert [grade.key for grade in pack().grades_of("job")] == ["major", "ordinary"]
    assert [grade.key for grade in pack().grades_of("assistance")] == ["A", "B", "C", "D"]
    assert pack().grades_of("assembly") == ()
    assert pack().grade("major", "job").label == Text(zh="重大事项", en="Major")
    with pytest.raises(KeyError):
        pack().grade("major")


def test_how_its_cases_begin() -> None:
    job = pack().procedure("job")
    hand = job.opening("hand")
    assert hand is not None
    assert (hand.by, hand.form) == (("office", "leader"), "job")
    assert job.opening("register") is None
    assert job.opening("parent") is not None
    # a pack that says nothing opens its root for the firms that are not covered
    listed = pack().listed_by("uncovered")
    assert listed is not None
    assert listed.key == "assistance"
    closed = pack().listed_by("closed_before")
    assert closed is not None
    assert closed.key == "consolidation"


def test_the_day_that_was_set_counts_and_the_limit_where_none_was() -> None:
    calendar = WorkCalendar({}, date(2022, 12, 31))
    stage = pack().procedure("job").stage("doing")
    for grade, days in (("major", 20), ("ordinary", 7)):
        phrase = stage.time_for(grade)
        assert phrase is not None
        given = compute(
            phrase,
            start=date(2022, 6, 1),
            calendar=calendar,
            work_until=date(2022, 12, 31),
            given=date(2022, 6, 4),
        )
        assert given.due_on == date(2022, 6, 4)  # a Saturday: a named day never rolls
        otherwise = compute(
            phrase, start=date(2022, 6, 1), calendar=calendar, work_until=date(2022, 12, 31)
        )
        assert otherwise.budget == days
        assert Phrase.parse(str(phrase)) == phrase


def test_children_of_a_latest_child_phrase_do_not_take_the_given_day() -> None:
    due = compute(
        "latest: child, otherwise: 5 working_days",
        start=date(2022, 6, 1),
        calendar=WorkCalendar({}, date(2022, 12, 31)),
        work_until=date(2022, 12, 31),
        given=date(2022, 6, 20),
    )
    assert due.due_on == date(2022, 6, 8)


def test_a_measure_names_leads_in_order_and_a_class_of_units() -> None:
    found = pack(with_measures())
    measure = found.measure("m1")
    assert measure.leads == ("市统计局",)
    assert (measure.responsible, measure.led_by_counties) == (("counties",), False)
    assert measure.named_units == ("市统计局",)
    led = Measure(key="m", title=Text(zh="x"), leads=("counties",), time=Phrase.parse("ongoing"))
    assert led.led_by_counties
    with pytest.raises(ValueError, match="Measure"):
        Measure(key="m", title=Text(zh="x"), leads=(), time=Phrase.parse("ongoing"))


COLUMNS = "            columns: {title: matter, unit: unit, due: due_on}\n"
ROWS = "            for: rows\n            field: orders\n" + COLUMNS

FAULTS = {
    "a form at the opening that is not there": (
        "form: job}",
        "form: orders}",
        "unknown_form",
        "- {from: hand, by: [office, leader]",
    ),
    "a title from a field that is not there": (
        "title_from: matter",
        "title_from: subject",
        "unknown_field",
        "title_from: subject",
    ),
    "rows of a field that is not there": (
        "field: orders",
        "field: job",
        "unknown_field",
        "- procedure: job",
    ),
    "a column that is not there": (
        "due: due_on}",
        "due: day}",
        "unknown_field",
        "- procedure: job",
    ),
    "children for missing haves of what is no firm": (
        ROWS,
        "            for: missing\n",
        "not_about_a_firm",
        "- procedure: job",
    ),
    "opened by the register": (
        "[{from: hand, by: [office]}]",
        "[{from: register, when: covered_incomplete}]",
        "not_about_a_firm",
        "opens: [{from: register, when: covered_incomplete}]",
    ),
    "a class that the procedure does not have": (
        "{grades: [major], as_given",
        "{grades: [A], as_given",
        "unknown_class",
        "moves: [{verb: advance",
    ),
    "when without register": (
        "- parent",
        "- {from: parent, when: uncovered}",
        "field",
        "- {from: parent, when: uncovered}",
    ),
    "by nobody": ("by: [office, leader], ", "", "field", "- {from: hand, form: job}"),
    "by a stranger": (
        "by: [office, leader]",
        "by: [mayor]",
        "field",
        "- {from: hand, by: [mayor], form: job}",
    ),
    "a calendar without turns": (
        "- parent",
        "- {from: calendar}",
        "field",
        "- {from: calendar}",
    ),
    "rows without columns": (
        COLUMNS,
        "",
        "field",
        "- procedure: job",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_where_it_stands(name: str) -> None:
    old, new, code, line = FAULTS[name]
    assert KINDS.count(old) == 1, name
    found = codes(with_kinds(KINDS.replace(old, new)))
    assert [where for found_code, where in found if found_code == code and where.startswith(line)]


MEASURE_FAULTS = {
    "a unit that is not there": ("leads: [市统计局]", "leads: [市气象局]", "unknown_unit"),
    "a date behind the verification": ("2022-03-31", "2024-03-31", "outside"),
    "a procedure that the plan does not open": (
        "procedure: job",
        "procedure: assembly",
        "unknown_procedure",
    ),
    "nobody leads": ("leads: [市统计局]", "leads: []", "field"),
}


@pytest.mark.parametrize("name", MEASURE_FAULTS)
def test_a_fault_of_a_measure_is_named(name: str) -> None:
    old, new, code = MEASURE_FAULTS[name]
    found = codes(with_measures(MEASURES.replace(old, new)))
    assert code in {code for code, _line in found}


def test_a_measure_given_twice() -> None:
    twice = MEASURES + MEASURES.replace("\nmeasures:\n", "")
    assert "measure_twice" in {code for code, _line in codes(with_measures(twice))}
