"""No law is blind: each fails as soon as the rows say otherwise, somewhere in a game.

``Sight`` tries the breaks where a game stands, on a savepoint of its own; what has failed once is
proven to see.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from cases.models import (
    Case,
    CaseEvent,
    Evidence,
    Extension,
    PendingEvent,
    ProgrammeFirm,
    RungFired,
    Suspension,
    WorkItem,
)
from cases.stages import CARRIED_OVER
from organisations import trail
from organisations.models import Tenure, User
from tests.plays import laws
from tests.plays.game import Game
from tests.plays.laws import LAWS, Law
from tests.plays.seen import Seen, Trail

Break = Callable[[Game], object]
FAR = date(2029, 3, 1)


def _open() -> QuerySet[WorkItem]:
    items: QuerySet[WorkItem] = WorkItem.objects.filter(finished=None)
    return items


def _rewritten(**columns: object) -> Break:
    """Lines of the trail say something else, which the database itself refuses as a rule."""

    def rewrite(game: Game) -> object:
        trail.lift(connection)
        return CaseEvent.objects.update(**columns)

    return rewrite


def _by_one(game: Game) -> object:
    trail.lift(connection)
    return CaseEvent.objects.exclude(by=None).update(by=User.objects.order_by("pk")[0])


def _unproven(game: Game) -> object:
    return Evidence.objects.filter(state__in=Evidence.ACCEPTED).update(state="returned")


def _left_long_ago(game: Game) -> object:
    game.left = dict.fromkeys(Case.objects.values_list("enterprise_id", flat=True), 10**12)
    return game.left


def _late_children(game: Game) -> object:
    return _open().exclude(process__parent=None).update(due_on=FAR, is_suspended=False)


def _said_again(game: Game) -> object:
    WorkItem.objects.update(deadline_version=9, rungs_from=FAR)
    last = list(RungFired.objects.order_by("-pk").values_list("pk", flat=True)[:1])
    return RungFired.objects.filter(pk__in=last).update(deadline_version=9)


def _elsewhere(game: Game) -> object:
    return WorkItem.objects.update(unit=game.units["市政府督查室"])


BREAKS: dict[Law, Break] = {
    laws.at_most_one_unfinished_item: lambda g: _open().update(finished=g.now()),
    laws.a_case_stands_in_a_stage_of_its_plan_and_can_leave_it: lambda g: _open().update(
        stage="nowhere"
    ),
    laws.the_trail_leads_to_where_each_case_stands: _rewritten(from_stage="nowhere"),
    laws.the_trail_only_grows_and_time_only_rises: lambda g: PendingEvent.objects.all().delete(),
    laws.a_page_that_is_older_loses: lambda g: Case.objects.update(version=0),
    laws.numbers_have_no_gaps: lambda g: Case.objects.update(serial=F("serial") + 100),
    laws.no_remedy_twice: lambda g: Case.objects.exclude(parent=None).update(criterion="one"),
    laws.one_case_of_a_firm_in_each_programme: lambda g: Case.objects.filter(
        is_main=True, parent=None
    ).update(enterprise_id=Case.objects.filter(is_main=True).values("enterprise_id")[:1]),
    laws.closed_means_proven_and_by_two_persons: _unproven,
    laws.a_matter_is_not_closed_by_whoever_reported: _by_one,
    laws.a_closed_remedy_is_proven_or_no_longer_asked_for: _unproven,
    laws.what_lacks_is_what_no_paper_proves: lambda g: Case.objects.update(lacking_count=9),
    laws.nobody_accepts_his_own_paper: lambda g: Evidence.objects.update(
        reviewed_by=F("submitted_by")
    ),
    laws.clocks_add_up: lambda g: WorkItem.objects.update(
        deadline_version=F("deadline_version") + 1
    ),
    laws.rests_are_on_the_ledger: lambda g: Suspension.objects.update(resumed_on=None),
    laws.a_rest_is_short: lambda g: Suspension.objects.update(until_on=FAR),
    laws.extensions_are_few_small_and_granted_by_somebody_else: lambda g: Extension.objects.update(
        granted_days=200
    ),
    laws.a_firm_is_not_due_before_its_remedies: _late_children,
    laws.a_rung_speaks_once: lambda g: RungFired.objects.update(spoke=True),
    laws.after_another_date_only_what_lies_ahead_speaks: _said_again,
    laws.who_is_off_the_ladder_is_left_alone: lambda g: WorkItem.objects.update(
        next_check_at=g.now()
    ),
    laws.posts_sit_in_their_units: _elsewhere,
    laws.a_contested_step_lies_with_the_office: lambda g: _open().update(is_declined=True),
    laws.the_firms_row_follows_its_case: lambda g: ProgrammeFirm.objects.update(rule="其他"),
    laws.whoever_acts_holds_the_post_or_stands_in: lambda g: Tenure.objects.update(
        from_on=FAR, until_on=FAR + timedelta(days=1)
    ),
    laws.carried_over_goes_on_once_and_is_not_closed: lambda g: Case.objects.filter(
        carried_from__stage=CARRIED_OVER
    ).update(carried_from=None),
    laws.whoever_left_the_register_is_owed_nothing: _left_long_ago,
}


class Sight:
    """``blind``: laws that have not failed yet, whatever was done to the rows."""

    def __init__(self) -> None:
        self.blind = dict(BREAKS)
        assert set(self.blind) == set(LAWS)

    def look(self, game: Game) -> None:
        """Where a game stands: the laws hold there already."""
        for law, spoil in list(self.blind.items()):
            left = dict(game.left)
            try:
                with transaction.atomic():
                    spoil(game)
                    law(game, Seen(Trail()))
                    transaction.set_rollback(True)
            except (AssertionError, IntegrityError):  # the database guards some by itself
                del self.blind[law]
            game.left = left
