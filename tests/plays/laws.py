"""What must hold whatever the plan, whoever acts and whenever (design: the engine's invariants)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date

from django.db.models import F

from cases import policies
from cases.models import (
    Case,
    CaseEvent,
    Evidence,
    FormRecord,
    PendingEvent,
    RungFired,
    Suspension,
    WorkItem,
)
from cases.rulebook import calendar, rules_of
from cases.stages import CLOSED, TERMINAL
from organisations.days import day_of
from tests.plays.game import Game


def at_most_one_unfinished_item(game: Game) -> None:
    open_ = Counter(WorkItem.objects.filter(finished=None).values_list("process_id", flat=True))
    for case in Case.objects.all():
        assert open_[case.pk] == (0 if case.is_finished else 1)
        assert (case.stage in TERMINAL) == (case.finished is not None) == (case.status != "NEW")


def a_case_stands_in_a_stage_of_its_plan_and_can_leave_it(game: Game) -> None:
    for case in Case.objects.exclude(stage__in=TERMINAL):
        rules = rules_of(case)
        assert rules.stage is not None
        item = WorkItem.objects.get(process=case, finished=None)
        assert item.stage == case.stage
        onward = [move for move in rules.stage.moves if move.verb != "send_back"]
        assert onward
        assert not case.grade or any(move.fits(case.grade) for move in onward)


def closed_means_proven_and_by_two_persons(game: Game) -> None:
    for case in Case.objects.filter(stage=CLOSED, is_main=True):
        assert policies.lacking(case, Evidence.objects.filter(case=case)) == []
        closer = case.events.filter(verb="close").latest("pk").by_id
        assert None not in (closer, case.applied_by_id)
        assert closer not in (case.applied_by_id, case.reviewed_by_id)
        assert case.applied_by_id != case.reviewed_by_id
        held = {name for stage in game.pack.root.stages for name in stage.waits_for}
        children = Case.objects.filter(parent=case, procedure__in=held)
        assert not children.exclude(stage__in=TERMINAL).exists()


def a_matter_is_not_closed_by_whoever_reported(game: Game) -> None:
    """Four eyes for orders, issues, measures and reports too; nor over the head of a part."""
    for case in Case.objects.filter(stage=CLOSED, is_main=False, criterion=""):
        told = list(case.events.filter(verb__in=("advance", "close")).order_by("pk"))
        assert told[-1].verb == "close"
        reports = [event.by_id for event in told[:-1] if event.verb == "advance"]
        assert told[-1].by_id not in reports[-1:]
        # a part may be taken up again by itself, later
        parts = Case.objects.filter(parent=case, procedure="part")
        assert not parts.exclude(stage__in=TERMINAL).exclude(events__verb="reopen").exists()


def a_closed_remedy_is_proven_or_no_longer_asked_for(game: Game) -> None:
    """Of criteria of which some are enough, one may fall away after its remedy was done."""
    for case in Case.objects.filter(stage=CLOSED).exclude(parent=None):
        assert case.parent is not None
        papers = Evidence.objects.filter(case=case.parent)
        if policies.lacking(case, papers) and not case.parent.is_finished:
            assert case.criterion not in policies.lacking(case.parent, papers)


def what_lacks_is_what_no_paper_proves(game: Game) -> None:
    """Once the first visit has said what is there."""
    seen = FormRecord.objects.filter(form="visit", is_draft=False).values("case")
    for case in Case.objects.filter(pk__in=seen).exclude(stage__in=TERMINAL):
        assert case.lacking == policies.lacking(case, Evidence.objects.filter(case=case))
        assert case.lacking_count == len(case.lacking)


def nobody_accepts_his_own_paper(game: Game) -> None:
    filed = Evidence.objects.filter(state__in=Evidence.ACCEPTED)
    filed = filed.exclude(state__in=Evidence.UNFILED)
    assert not filed.filter(submitted_by=F("reviewed_by")).exists()


def clocks_add_up(game: Game) -> None:
    """Each date follows from the one before: a rest moves it by the working days it took."""
    told: defaultdict[int, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(data__has_key="new_due").order_by("pk"):
        told[event.item_id or 0].append(event)
    for item in WorkItem.objects.all():
        changes = told[item.pk]
        assert item.deadline_version == 1 + len(changes), item
        for before, event in zip([None, *changes], changes, strict=False):
            old, new = event.data["old_due"], event.data["new_due"]
            if before is not None:
                assert before.data["new_due"] == old
            fixed = not game.moves_days and event.verb in ("resume", "decide_extension")
            if fixed and old is not None:
                moved = _moved(old, event.data["working_days"])
                # never due before its children, which have moved as well
                waits = Case.objects.filter(parent=item.process_id).exists()
                assert new == moved or (waits and new > moved)
        if changes:
            assert changes[-1].data["new_due"] == (item.due_on and item.due_on.isoformat())
        if item.due_on is not None and item.budget is not None and not game.moves_days:
            assert item.budget == max(calendar().between(item.started_on, item.due_on), 0)


def _moved(day: str, working_days: int) -> str:
    return calendar().add(date.fromisoformat(day), working_days).isoformat()


def rests_are_on_the_ledger(game: Game) -> None:
    resting = WorkItem.objects.filter(finished=None, is_suspended=True)
    rows = Suspension.objects.filter(resumed_on=None).values_list("case_id", flat=True)
    assert sorted(rows) == sorted(resting.values_list("process_id", flat=True))
    # what a case has rested by its ledger is what its clock was given back; an end ends a rest too
    ended = CaseEvent.objects.filter(to_stage__in=TERMINAL).values("case")
    taken: Counter[int] = Counter()
    for row in Suspension.objects.exclude(resumed_on=None).exclude(case__in=ended):
        assert row.resumed_on is not None
        end = min(row.resumed_on, row.until_on)
        taken[row.case_id] += max(calendar().between(row.from_on, end), 0)
    given: Counter[int] = Counter()
    for event in CaseEvent.objects.filter(verb="resume"):
        given[event.case_id] += event.data["working_days"]
    for case_id, days in () if game.moves_days else taken.items():
        assert days == given[case_id]


def a_rung_speaks_once(game: Game) -> None:
    rows = RungFired.objects.values_list("item_id", "deadline_version", "rung")
    assert max(Counter(rows).values(), default=1) == 1
    spoke = RungFired.objects.filter(spoke=True).values_list("item_id", "at")
    assert max(Counter(spoke).values(), default=1) == 1  # of several only the highest
    events = CaseEvent.objects.filter(verb="rung").count()
    assert events == RungFired.objects.filter(spoke=True).count()


def after_another_date_only_what_lies_ahead_speaks(game: Game) -> None:
    """An extension, or days that are given back: no rung of a day before the change."""
    for row in RungFired.objects.filter(deadline_version__gt=1).select_related("item"):
        if row.deadline_version == row.item.deadline_version:
            assert day_of(row.at) >= row.item.rungs_from


def extensions_are_few_and_granted_by_somebody_else(game: Game) -> None:
    for item in WorkItem.objects.filter(extensions__isnull=False).distinct():
        rows = list(item.extensions.all())
        assert len(rows) <= 2
        assert sum(row.is_granted is None for row in rows) <= 1
        assert all(row.asked_by_id != row.decided_by_id for row in rows if row.is_granted)


def who_is_off_the_ladder_is_left_alone(game: Game) -> None:
    waiting = WorkItem.objects.exclude(next_check_at=None)
    assert not waiting.exclude(finished=None).exists()
    for flag in ("is_suspended", "is_declined"):
        assert not waiting.filter(**{flag: True}).exists()
    assert not waiting.filter(is_chased=False).exists()


def the_trail_leads_to_where_each_case_stands(game: Game) -> None:
    stood: dict[int, str] = {}
    last = None
    rows = CaseEvent.objects.order_by("pk").values_list("case_id", "from_stage", "to_stage", "at")
    for case_id, old, new, when in rows:
        assert old == stood.get(case_id, "")
        assert last is None or when >= last
        stood[case_id], last = new, when
    assert stood == dict(Case.objects.values_list("pk", "stage"))
    assert PendingEvent.objects.count() == CaseEvent.objects.count()


def numbers_have_no_gaps(game: Game) -> None:
    serials = sorted(Case.objects.values_list("serial", flat=True))
    assert serials == list(range(1, len(serials) + 1))


def posts_sit_in_their_units(game: Game) -> None:
    assert not WorkItem.objects.exclude(unit=F("post__unit")).exists()


def no_remedy_twice(game: Game) -> None:
    children = Case.objects.exclude(parent=None).exclude(criterion="")
    pairs = children.values_list("parent_id", "criterion")
    assert max(Counter(pairs).values(), default=1) == 1


LAWS: tuple[Callable[[Game], None], ...] = (
    at_most_one_unfinished_item,
    a_case_stands_in_a_stage_of_its_plan_and_can_leave_it,
    closed_means_proven_and_by_two_persons,
    a_matter_is_not_closed_by_whoever_reported,
    a_closed_remedy_is_proven_or_no_longer_asked_for,
    what_lacks_is_what_no_paper_proves,
    nobody_accepts_his_own_paper,
    clocks_add_up,
    rests_are_on_the_ledger,
    a_rung_speaks_once,
    after_another_date_only_what_lies_ahead_speaks,
    extensions_are_few_and_granted_by_somebody_else,
    who_is_off_the_ladder_is_left_alone,
    the_trail_leads_to_where_each_case_stands,
    numbers_have_no_gaps,
    posts_sit_in_their_units,
    no_remedy_twice,
)
