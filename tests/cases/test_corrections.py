"""退回补正: a paper that came back has five working days, and so has its remedy; told once."""

from __future__ import annotations

from datetime import date

from cases.actions import evidence
from cases.dates import day_words
from cases.lights import light_of
from cases.models import Case, CaseEvent, Evidence, WorkItem
from cases.sheet import load
from cases.views.evidence import _correction
from cases.wording import words_of
from notifications import texts
from notifications.delivery import deliver
from notifications.models import Notice
from tests.cases.standing import LEAD, OFFICE, WORKER, applied, handed_in, rectifying
from tests.world import START, World, at
from workflows.models import load_calendar


def test_the_remedy_of_a_paper_that_came_back_is_not_late_meanwhile(world: World) -> None:
    case = rectifying(world)
    pk = handed_in(world, case)
    child = case.children.get(criterion="staff")
    given = world.item(child).due_on
    assert given is not None
    late = load_calendar().add(given, 3)
    row = evidence.return_(pk, reason=1, by=world.actor(LEAD, late), at=at(late))
    child = Case.objects.get(pk=child.pk)
    item = world.item(child)
    assert item.due_on == row.correct_by == load_calendar().add(late, 5)
    assert light_of(child, item, late).kind == "fine"
    # how late it was stays on record, and the timeline says why the day is another
    assert child.late_days == 3
    event = CaseEvent.objects.get(case=child, verb="redate")
    assert words_of(event).startswith("退回补正，时限至")
    # the firm's own case waits for it
    parent = WorkItem.objects.get(process=case, finished=None)
    assert parent.due_on is not None
    assert parent.due_on >= item.due_on


def test_whoever_has_longer_keeps_it(world: World) -> None:
    case = rectifying(world)
    pk = handed_in(world, case)
    child = case.children.get(criterion="staff")
    given = world.item(child).due_on
    assert given is not None
    row = Evidence.objects.get(pk=pk)
    said = _correction(load(case, START), row)  # the page, before anything is returned
    evidence.return_(pk, reason=1, by=world.actor(LEAD), at=at(START, 12))
    row.refresh_from_db()
    assert row.correct_by == given
    assert f"应于{day_words(given, START)}前补正（不少于5个工作日" in said
    assert world.item(child).due_on == given
    assert not CaseEvent.objects.filter(verb="redate").exists()


def test_the_notice_names_the_year_of_another_year() -> None:
    """The same day on the dialog, on the page and in the notice; 1月14日 of next year says so."""
    told = at(date(2026, 11, 20))
    assert texts.day("2027-01-14", told) == "2027年1月14日"
    assert texts.day("2026-11-27", told) == "11月27日"


def test_a_remedy_that_starts_anew_is_told_of_once(world: World) -> None:
    applied(world)
    deliver(at(START, 16))
    Notice.objects.all().delete()
    pk = Case.objects.get(is_main=True).evidence.get(criterion="staff").pk
    evidence.return_(pk, reason=1, by=world.actor(OFFICE), at=at(START, 17))
    deliver(at(START, 18))
    assert CaseEvent.objects.filter(verb="reopen").count() == 1
    mine = Notice.objects.filter(recipient=world.people[WORKER])
    assert list(mine.values_list("kind", flat=True)) == ["returned"]


def test_a_unit_that_returns_to_itself_what_came_too_late_stays_late(world: World) -> None:
    """Else a county would clear its oldest items every five days by a blank sheet of its own."""
    case = rectifying(world)
    given = world.item(case.children.get(criterion="staff")).due_on
    assert given is not None
    late = load_calendar().add(given, 3)
    pk = handed_in(world, case)
    Evidence.objects.filter(pk=pk).update(submitted_at=at(late))
    row = evidence.return_(pk, reason=1, by=world.actor(LEAD, late), at=at(late, 15))
    child = Case.objects.get(parent=case, criterion="staff")
    item = world.item(child)
    assert item.due_on == given
    assert light_of(child, item, late).kind == "overdue"
    assert row.correct_by == load_calendar().add(late, 5)  # the paper's own time is as ever
    assert child.late_days == 0  # counted when the step ends, not twice
