"""Property: whatever people do in whatever order, what must always hold holds.

``XIAOHAO_PLAYS`` and ``XIAOHAO_STEPS`` play longer than the quick suite does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cases.models import (
    Case,
    CaseEvent,
    Evidence,
    Extension,
    PendingEvent,
    ProgrammeFirm,
    WorkItem,
)
from organisations import trail
from organisations.models import Post
from tests.cases import invariants
from tests.cases.invariants import INVARIANTS, look
from tests.cases.machine import DEEDS, PEOPLE, Game
from tests.world import START, World, at

PLAYS = int(os.environ.get("XIAOHAO_PLAYS", "4"))
STEPS = int(os.environ.get("XIAOHAO_STEPS", "35"))


def test_people_at_random(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.firm("洛阳示例电机有限公司")
    world.firm("嵩县示例矿业有限公司", "嵩县")
    played: Counter[str] = Counter()

    class Machine(RuleBasedStateMachine):
        """A game in a transaction of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()
            world.open()
            self.game = Game(world, START)

        @rule(
            verb=st.sampled_from(sorted(DEEDS)),
            who=st.sampled_from(PEOPLE),
            which=st.integers(0, 11),
            choice=st.integers(0, 60),
        )
        def somebody_acts(self, verb: str, who: str, which: int, choice: int) -> None:
            self.game.play(verb, who, which, choice)

        @rule(which=st.integers(0, 2))
        def the_work_goes_on(self, which: int) -> None:
            self.game.proceed(which)

        @rule(which=st.integers(0, 2), times=st.integers(2, 5))
        def the_work_goes_on_well(self, which: int, times: int) -> None:
            for _turn in range(times):
                self.game.proceed(which)

        @rule(hours=st.integers(1, 200))
        def time_passes(self, hours: int) -> None:
            self.game.wait(hours)
            self.game.sweep()

        @invariant()
        def what_must_hold(self) -> None:
            look(self.game)

        def teardown(self) -> None:
            played.update(self.game.done)
            print(self.game.done, self.game.refused) if "XIAOHAO_PLAYS" in os.environ else None
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=PLAYS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # the play has reached the ends, not only the refusals
    assert {"acknowledge", "advance", "apply", "close", "sweep"} <= set(played), played


# --- each invariant sees what it is there for ----------------------------------------------------
def _open() -> QuerySet[WorkItem]:
    items: QuerySet[WorkItem] = WorkItem.objects.filter(finished=None)
    return items


def _late_child(game: Game) -> None:
    child = _open().exclude(process__parent=None).first()
    assert child is not None
    WorkItem.objects.filter(pk=child.pk).update(due_on=date(2022, 11, 25))


def _elsewhere(game: Game) -> object:
    post = Post.objects.filter(unit=game.world.units["市住建局"]).first()
    return _open().update(post=post)


def _forgotten_row(game: Game) -> object:
    return _open().filter(process__parent=None).update(is_suspended=True, next_check_at=None)


def _unproven(game: Game) -> object:
    papers = Evidence.objects.filter(case__stage="closed", criterion="staff")
    return papers.update(state="submitted")


def _two_in_a_row(game: Game) -> object:
    """A line of the trail that does not start where the one before it ended."""
    trail.lift(connection)
    return CaseEvent.objects.filter(verb="advance").update(from_stage="assigned")


def _rewritten(game: Game) -> object:
    trail.lift(connection)
    return CaseEvent.objects.update(reason="改")


def _uncounted(game: Game) -> None:
    """A case that the pages no longer count as the firm's own, and the trail still tells of."""
    game.trail = []
    WorkItem.objects.filter(finished=None, process__is_main=True).update(stage="survey")
    Case.objects.filter(is_main=True, stage="closed").update(stage="delisted")


def _told_anew(game: Game) -> None:
    """A closing dated back: yesterday would say something else than it did."""
    game.trail, game.day = [], game.day + timedelta(days=1)
    invariants.a_past_day_stays_as_it_was(game)
    trail.lift(connection)
    CaseEvent.objects.update(at=at(START - timedelta(days=9)))
    WorkItem.objects.update(started_on=date(2030, 1, 1))


BREAKS: dict[Callable[[Game], None], Callable[[Game], object]] = {
    invariants.one_open_item_iff_not_finished: lambda g: _open().update(finished=at(START)),
    invariants.stage_status_and_item_agree: lambda g: _open().update(stage="watching"),
    invariants.versions_only_rise: lambda g: Case.objects.update(version=0),
    invariants.the_trail_only_grows: _rewritten,
    invariants.every_event_waits_once_for_delivery: lambda g: PendingEvent.objects.all().delete(),
    invariants.the_trail_leads_to_where_the_case_stands: _two_in_a_row,
    invariants.numbers_have_no_gaps: lambda g: Case.objects.update(serial=F("serial") + 100),
    invariants.no_remedy_twice: lambda g: Case.objects.exclude(parent=None).update(criterion=""),
    invariants.what_ended_rests_nowhere: lambda g: WorkItem.objects.exclude(finished=None).update(
        next_check_at=at(START)
    ),
    invariants.a_resting_item_has_its_row: _forgotten_row,
    invariants.who_stands_off_the_ladder_is_not_looked_at: lambda g: _open().update(
        is_chased=False, next_check_at=at(START)
    ),
    invariants.a_contested_step_lies_with_the_office: lambda g: _open().update(is_declined=True),
    invariants.posts_sit_in_their_units: _elsewhere,
    invariants.closed_means_proven_by_three_people: _unproven,
    invariants.nobody_accepted_his_own: lambda g: Evidence.objects.update(
        reviewed_by=F("submitted_by")
    ),
    invariants.dates_are_working_days: lambda g: _open().update(due_on=date(2022, 5, 1)),
    invariants.dates_follow_from_one_another: lambda g: WorkItem.objects.update(deadline_version=7),
    invariants.more_time_is_asked_for_early_and_given_by_somebody_else: lambda g: (
        Extension.objects.update(old_due=START, wished_on=date(2022, 5, 6))
    ),
    invariants.a_firm_is_never_due_before_its_remedies: _late_child,
    invariants.what_lacks_is_what_no_paper_proves: lambda g: Case.objects.update(lacking_count=9),
    invariants.the_firms_row_follows_its_case: lambda g: ProgrammeFirm.objects.update(rule="其他"),
    invariants.what_pages_sum_up_is_what_the_trail_tells: _uncounted,
    invariants.a_past_day_stays_as_it_was: _told_anew,
}


def test_no_invariant_is_blind(world: World) -> None:
    """Each holds for one firm on the straight way to its end and one in rectification, and fails as
    soon as the rows say otherwise.
    """
    world.firm("洛阳示例轴承有限公司")
    world.firm("洛阳示例电机有限公司")
    world.open()
    game = Game(world, START)
    for _turn in range(7):
        game.proceed(0)
    for _turn in range(3):
        game.proceed(1)
    stages_ = Case.objects.filter(parent=None).order_by("pk").values_list("stage", flat=True)
    assert list(stages_) == ["closed", "rectification"]
    place = list(Case.objects.order_by("pk")).index(Case.objects.get(stage="rectification"))
    game.play("ask_longer", "涧西区/county_worker", place, 1)
    look(game)
    for check in INVARIANTS:
        point = transaction.savepoint()
        BREAKS[check](game)
        with pytest.raises(AssertionError):
            check(game)
        transaction.savepoint_rollback(point)
