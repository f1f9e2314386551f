"""Two verbs at once on one case: one wins, the other is told, and never a second open step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.actions import endings, evidence, extending, pauses, people, remedies, stages
from cases.errors import Refused, Stale
from cases.models import Case, CaseEvent, Evidence, PendingEvent, RungFired, WorkItem
from cases.sweeps import sweep
from tests.cases.at_once import after, together
from tests.cases.standing import (
    LEAD,
    OFFICE,
    WORKER,
    applied,
    handed_in,
    proven,
    rectifying,
    reviewed,
    signed,
    surveyed,
)
from tests.world import START, World, at, build, closing_form, matching_form, survey_form
from workflows.models import load_calendar

pytestmark = pytest.mark.postgres
Deed = Callable[[], object]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def settled(case: Case) -> None:
    """What holds whoever won: one open step a case, in its stage, and a trail without a gap."""
    open_items = Counter(
        WorkItem.objects.filter(finished=None).values_list("process_id", flat=True)
    )
    for one in Case.objects.all():
        assert open_items[one.pk] == (0 if one.is_finished else 1)
        at_step = WorkItem.objects.filter(process=one, finished=None)
        assert all(item.stage == one.stage for item in at_step)
        stood = ""
        for event in CaseEvent.objects.filter(case=one).order_by("id"):
            assert event.from_stage == stood
            stood = event.to_stage
        assert stood == one.stage
    assert PendingEvent.objects.count() == CaseEvent.objects.count()


def one_wins(case: Case, first: Deed, second: Deed) -> Refused:
    """Both at the same moment; the refusal of whoever lost, in words."""
    answers = together(first, second)
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(lost) == 1, answers
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, Refused)]
    assert lost[0].words
    settled(case)
    return lost[0]


def test_the_same_form_from_two_tabs(world: World) -> None:
    case, by = signed(world), world.actor(WORKER)

    def submit(grade: str) -> Deed:
        return lambda: stages.advance(
            case.pk, by=by, at=at(START, 10), form=survey_form(grade), version=case.version
        )

    assert isinstance(one_wins(case, submit("A"), submit("B")), Stale)
    assert case.events.filter(verb="advance").count() == 1
    # class A opens four remedies, B three: those of the form that won, each once
    found = Case.objects.get(pk=case.pk)
    assert Case.objects.filter(parent=case).count() == {"A": 4, "B": 3}[found.grade]
    assert case.forms.filter(form="survey", is_draft=False).count() == 1


def test_an_application_twice(world: World) -> None:
    case, by = proven(world), world.actor(WORKER)
    version = Case.objects.get(pk=case.pk).version

    def apply() -> object:
        return stages.apply_for_closure(
            case.pk, by=by, at=at(START, 13), form=closing_form(), version=version
        )

    assert isinstance(one_wins(case, apply, apply), Stale)
    assert Case.objects.get(pk=case.pk).stage == "county_review"


def test_matching_is_left_once_on_the_command_line_too(world: World) -> None:
    """Without a version the second one finds the case in another stage."""
    case, by = surveyed(world), world.actor(WORKER)

    def leave() -> object:
        return stages.advance(case.pk, by=by, at=at(START, 10), form=matching_form(), to=None)

    one_wins(case, leave, leave)
    assert Case.objects.filter(parent=case, criterion="cooperation").count() == 1


def test_confirmed_or_sent_back(world: World) -> None:
    case = reviewed(world)
    one, two = world.actor(OFFICE), world.actor("office/2")
    one_wins(
        case,
        lambda: stages.close(case.pk, by=one, at=at(START, 15), version=case.version),
        lambda: stages.send_back(
            case.pk, by=two, at=at(START, 15), reason="缺页", version=case.version
        ),
    )
    found = Case.objects.get(pk=case.pk)
    assert (found.stage == "closed") == (found.closing_serial is not None)


def test_accepted_or_returned(world: World) -> None:
    case = rectifying(world)
    pk = handed_in(world, case)
    lead, office = world.actor(LEAD), world.actor("office/2")
    answers = together(
        lambda: evidence.accept(pk, by=lead, at=at(START, 12)),
        lambda: evidence.return_(pk, reason=1, by=office, at=at(START, 12)),
    )
    # a paper that was returned first is not accepted; one that was accepted may still be returned,
    # and then its remedy, closed with it, is open again
    codes = [getattr(answer, "code", "") for answer in answers]
    assert codes in (["reviewed", ""], ["", ""])
    assert Evidence.objects.get(pk=pk).state == "returned"
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert not remedy.is_finished
    closed = remedy.events.filter(verb="close").count()
    assert closed == remedy.events.filter(verb="reopen").count() == int(codes == ["", ""])
    settled(case)


def test_reassigned_or_advanced(world: World) -> None:
    case = signed(world)
    worker, office = world.actor(WORKER), world.office
    force = world.units["嵩县工作专班"]
    one_wins(
        case,
        lambda: people.reassign(
            case.pk,
            by=office,
            at=at(START),
            reason="划转",
            unit=force,
            version=case.version,
            knowing=True,
        ),
        lambda: stages.advance(
            case.pk, by=worker, at=at(START), form=survey_form("A"), version=case.version
        ),
    )
    # remedies lie with the unit of their case, whichever came first
    units = Case.objects.values_list("responsible_unit", flat=True)
    assert len(set(units)) == 1


def test_whoever_waited_for_a_reassignment_no_longer_owes_it(world: World) -> None:
    case, worker = signed(world), world.actor(WORKER)
    force, office = world.units["嵩县工作专班"], world.office
    answer = after(
        lambda: people.reassign(
            case.pk, by=office, at=at(START), reason="划转", unit=force, knowing=True
        ),
        lambda: stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B")),
    )
    assert isinstance(answer, Refused)
    assert answer.code == "not_yours"
    settled(case)


def test_a_remedy_by_hand_twice(world: World) -> None:
    case, by = rectifying(world, staff="regular"), world.actor(WORKER)

    def spawn() -> object:
        return remedies.spawn(case.pk, criterion="staff", by=by, at=at(START, 11))

    assert one_wins(case, spawn, spawn).code == "remedy_open"
    assert Case.objects.filter(parent=case, criterion="staff").count() == 1


def test_reviewed_or_delisted(world: World) -> None:
    case, lead, office = applied(world), world.actor(LEAD), world.office
    world.gone(case)
    one_wins(
        case,
        lambda: stages.advance(case.pk, by=lead, at=at(START, 14), version=case.version),
        lambda: endings.delist(
            case.pk, by=office, at=at(START, 14), reason="退库", version=case.version
        ),
    )


def test_suspended_while_the_sweep_looks(world: World) -> None:
    """Whichever comes first: what rests is not looked at, and a rung says its word once."""
    case, lead = signed(world), world.actor(LEAD)
    item = world.item(case)
    assert item.due_on is not None
    late = load_calendar().add(item.due_on, 30)
    rest = load_calendar().add(late, 5)
    found = together(
        lambda: pauses.suspend(case.pk, by=lead, at=at(late, 9), until=rest, reason="检修"),
        lambda: sweep(at(late, 9)),
        lambda: sweep(at(late, 9)),
    )
    assert not [answer for answer in found if isinstance(answer, Exception)]
    item.refresh_from_db()
    assert (item.is_suspended, item.next_check_at) == (True, None)
    assert RungFired.objects.filter(item=item, spoke=True).count() <= 1
    settled(case)
    assert sweep(at(late + timedelta(days=1))).rungs == 0


def test_two_sweepers_say_it_once(world: World) -> None:
    case = signed(world)
    item = world.item(case)
    assert item.due_on is not None
    late = load_calendar().add(item.due_on, 30)
    found = together(*[lambda: sweep(at(late, 9))] * 4)
    assert not [answer for answer in found if isinstance(answer, Exception)]
    keys = Counter(RungFired.objects.filter(item=item).values_list("rung", flat=True))
    assert keys
    assert max(keys.values()) == 1
    assert RungFired.objects.filter(item=item, spoke=True).count() == 1
    assert case.events.filter(verb="rung").count() == 1
    settled(case)


def test_extended_while_the_sweepers_come(world: World) -> None:
    """Whichever comes first: each date speaks for itself, once; and once after nine days."""
    case, lead = signed(world), world.actor(LEAD)
    item, days = world.item(case), load_calendar()
    assert item.due_on is not None
    asked_on, new = days.add(item.due_on, -1), days.add(item.due_on, 3)
    worker = world.actor(WORKER)
    extending.request(case.pk, by=worker, at=at(asked_on), until=new, reason="资料未齐")
    moment = at(item.due_on, 9)
    found = together(
        lambda: extending.decide(case.pk, by=lead, at=moment, is_granted=True, reason="属实"),
        *[lambda: sweep(moment)] * 3,
    )
    assert not [answer for answer in found if isinstance(answer, Exception)]
    item.refresh_from_db()
    assert (item.due_on, item.deadline_version) == (new, 2)
    silence = at(days.add(new, 9), 9)
    spoken = together(*[lambda: sweep(silence)] * 4)
    assert not [answer for answer in spoken if isinstance(answer, Exception)]
    rows = RungFired.objects.filter(item=item)
    assert max(Counter(rows.values_list("deadline_version", "rung")).values()) == 1
    assert rows.filter(deadline_version=2, spoke=True).count() == 1
    assert all(row.at >= moment for row in rows.filter(deadline_version=2))
    settled(case)
