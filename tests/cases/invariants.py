"""What must always hold, whatever people do: looked at after every step of a game."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import F

from cases import policies
from cases.actions.placing import PLACE
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
from cases.rulebook import calendar, rules_of
from cases.stages import CLOSED, DELISTED, TERMINAL, WITHDRAWN
from organisations.days import day_of
from reports.figures.months import live
from reports.figures.past import end_of
from reports.ledger_figures import figures
from tests.cases.machine import Game


def one_open_item_iff_not_finished(game: Game) -> None:
    open_items = Counter(
        WorkItem.objects.filter(finished=None).values_list("process_id", flat=True)
    )
    for case in Case.objects.all():
        assert open_items[case.pk] == (0 if case.is_finished else 1), case.pk


def stage_status_and_item_agree(game: Game) -> None:
    for case in Case.objects.all():
        assert (case.stage in TERMINAL) == (case.finished is not None) == (case.status != "NEW")
    wrong = WorkItem.objects.filter(finished=None).exclude(stage=F("process__stage"))
    assert not wrong.exists()


def versions_only_rise(game: Game) -> None:
    now = dict(Case.objects.values_list("pk", "version"))
    for pk, version in game.versions.items():
        assert now[pk] >= version
    game.versions = now


def the_trail_only_grows(game: Game) -> None:
    fields = ("pk", "case_id", "at", "verb", "from_stage", "to_stage", "reason")
    now = list(CaseEvent.objects.order_by("pk").values_list(*fields))
    assert now[: len(game.trail)] == game.trail
    assert [row[2] for row in now] == sorted(row[2] for row in now)
    game.trail = now


def every_event_waits_once_for_delivery(game: Game) -> None:
    assert PendingEvent.objects.count() == CaseEvent.objects.count()


def the_trail_leads_to_where_the_case_stands(game: Game) -> None:
    stood: dict[int, str] = {}
    for case_id, old, new in CaseEvent.objects.order_by("pk").values_list(
        "case_id", "from_stage", "to_stage"
    ):
        assert old == stood.get(case_id, "")
        stood[case_id] = new
    assert stood == dict(Case.objects.values_list("pk", "stage"))


def numbers_have_no_gaps(game: Game) -> None:
    serials = sorted(Case.objects.values_list("serial", flat=True))
    assert serials == list(range(1, len(serials) + 1))
    closings = CaseEvent.objects.filter(verb="close", data__has_key="closing_serial")
    given = sorted(closings.values_list("data__closing_serial", flat=True))
    assert given == list(range(1, len(given) + 1))


def no_remedy_twice(game: Game) -> None:
    pairs = Case.objects.exclude(parent=None).values_list("parent_id", "criterion")
    assert max(Counter(pairs).values(), default=1) == 1


def what_ended_rests_nowhere(game: Game) -> None:
    ended = WorkItem.objects.exclude(finished=None)
    assert not ended.exclude(next_check_at=None).exists()
    assert not ended.filter(is_suspended=True).exists()
    assert not Suspension.objects.filter(resumed_on=None, case__stage__in=TERMINAL).exists()


def a_resting_item_has_its_row(game: Game) -> None:
    resting = WorkItem.objects.filter(finished=None, is_suspended=True)
    rows = Suspension.objects.filter(resumed_on=None).values_list("case_id", flat=True)
    assert sorted(rows) == sorted(resting.values_list("process_id", flat=True))
    children = WorkItem.objects.filter(
        finished=None, process__parent__in=resting.values("process_id")
    )
    assert not children.filter(is_suspended=False).exists()


def who_stands_off_the_ladder_is_not_looked_at(game: Game) -> None:
    off = WorkItem.objects.filter(finished=None).exclude(next_check_at=None)
    assert not off.filter(is_suspended=True).exists()
    assert not off.filter(is_declined=True).exists()
    assert not off.filter(is_chased=False).exists()
    assert not RungFired.objects.filter(item__is_chased=False).exists()


def a_contested_step_lies_with_the_office(game: Game) -> None:
    office = game.world.units["市专班办"]
    contested = WorkItem.objects.filter(finished=None, is_declined=True)
    assert not contested.exclude(unit=office).exists()


def posts_sit_in_their_units(game: Game) -> None:
    assert not WorkItem.objects.exclude(unit=F("post__unit")).exists()


def closed_means_proven_by_three_people(game: Game) -> None:
    for case in Case.objects.filter(stage=CLOSED, parent=None):
        papers = Evidence.objects.filter(case=case)
        assert policies.lacking(case, papers) == []
        closer = case.events.filter(verb="close").latest("pk").by_id
        assert len({case.applied_by_id, case.reviewed_by_id, closer}) == 3
        assert None not in (case.applied_by_id, case.reviewed_by_id, closer)
        assert not Case.objects.filter(parent=case).exclude(stage__in=TERMINAL).exists()


def nobody_accepted_his_own(game: Game) -> None:
    filed = Evidence.objects.filter(state__in=Evidence.ACCEPTED)
    filed = filed.exclude(state__in=Evidence.UNFILED)
    assert not filed.filter(submitted_by=F("reviewed_by")).exists()


def dates_are_working_days(game: Game) -> None:
    for item in WorkItem.objects.exclude(due_on=None).select_related("process"):
        pack = rules_of(item.process).pack
        stops = {pack.work_until, date(2022, 11, 30)}
        assert item.due_on is not None
        named = item.phrase.startswith("every") or item.due_on in stops
        assert named or calendar().is_working(item.due_on), (item.phrase, item.due_on)


def dates_follow_from_one_another(game: Game) -> None:
    """Each change of a date is an event with the old one and the new one, and a version."""
    for item in WorkItem.objects.filter(deadline_version__gt=1):
        told = CaseEvent.objects.filter(item=item, data__has_key="new_due").order_by("pk")
        days = [(event.data["old_due"], event.data["new_due"]) for event in told]
        assert item.deadline_version == 1 + len(days)
        assert all(before[1] == after[0] for before, after in pairwise(days))
        assert days[-1][1] == (item.due_on and item.due_on.isoformat())


def more_time_is_asked_for_early_and_given_by_somebody_else(game: Game) -> None:
    given: Counter[int] = Counter()
    for row in Extension.objects.select_related("item"):
        assert day_of(row.asked_at) < row.old_due
        assert not row.is_granted or row.asked_by_id != row.decided_by_id
        given[row.item_id] += row.granted_days
        assert 2 * given[row.item_id] <= (row.item.budget or 0)


def a_firm_is_never_due_before_its_remedies(game: Game) -> None:
    for item in WorkItem.objects.filter(finished=None, stage="rectification"):
        children = WorkItem.objects.filter(process__parent=item.process_id, finished=None)
        dues = [child.due_on for child in children if child.due_on]
        assert item.due_on is not None
        assert item.is_suspended or all(item.due_on >= due for due in dues)


def what_lacks_is_what_no_paper_proves(game: Game) -> None:
    for case in Case.objects.filter(parent=None).exclude(grade="").exclude(stage__in=TERMINAL):
        assert case.lacking == policies.lacking(case, Evidence.objects.filter(case=case))
        assert case.lacking_count == len(case.lacking)


def the_firms_row_follows_its_case(game: Game) -> None:
    rows = {row.enterprise_id: row for row in ProgrammeFirm.objects.all()}
    for case in Case.objects.exclude(stage__in=TERMINAL):
        row = rows[case.firm_id]
        assert [getattr(case, name) for name in PLACE] == [getattr(row, name) for name in PLACE]


EVERY, SELDOM = 3, 7  # events: the figures are asked each third time, those of past days less


def what_pages_sum_up_is_what_the_trail_tells(game: Game) -> None:
    """The pages' aggregates, the rows that a freeze keeps, and a naive count over trail and steps
    are one."""
    if len(game.trail) % EVERY:
        return
    on, programme = day_of(game.now()), game.world.programme
    main = set(Case.objects.filter(is_main=True).values_list("pk", flat=True))
    stood = dict(CaseEvent.objects.order_by("pk").values_list("case_id", "to_stage"))
    told = Counter(stage for pk, stage in stood.items() if pk in main)
    late = [
        item
        for item in WorkItem.objects.filter(process__in=main, finished=None)
        if item.due_on and item.due_on < on and item.is_chased
        and not (item.waits_higher or item.is_declined or item.is_suspended)
    ]  # fmt: skip
    wanted = {
        "opened": sum(n for stage, n in told.items() if stage not in (DELISTED, WITHDRAWN)),
        "running": sum(n for stage, n in told.items() if stage not in TERMINAL),
        "closed": told[CLOSED],
        "overdue": len(late),
    }
    state = live(programme, on, today=on)
    shown, rows = figures(programme, on), state.total
    assert {key: getattr(shown, key) for key in wanted} == wanted
    assert {key: rows.counts[key] for key in wanted} == wanted
    lists = Case.objects.filter(is_main=True).exclude(stage__in=TERMINAL)
    lie = Counter(lists.values_list("county_id", flat=True))
    assert {
        pk: n for pk in state.names.counties if (n := state.of_county(pk).counts["running"])
    } == lie
    stages = {stage: n for stage, n in told.items() if stage != WITHDRAWN}
    assert dict(rows.stages) == stages
    assert {key: n for key, _label, n in shown.stages if n} == {
        key: n for key, n in stages.items() if key not in TERMINAL
    }


def a_past_day_stays_as_it_was(game: Game) -> None:
    """Whatever is done later: stage, day, lateness and closing as of the end of a past day."""
    if len(game.trail) % SELDOM:
        return
    on, programme = day_of(game.now()), game.world.programme
    for day in {*list(game.days)[-2:], *_closed_once(), on - timedelta(days=1)}:
        rows = live(programme, day, today=on).rows
        told = [(r.firm, r.works_in, r.stage, r.due, r.late, r.closed_on) for r in rows]
        assert game.days.setdefault(day, told) == told, day
        _as_the_trail_tells(day, {row.case: (row.stage, row.closed_on) for row in rows if row.case})


def _closed_once() -> set[date]:
    """The eve of the first day on which a closing was taken back."""
    taken_back = CaseEvent.objects.filter(case__is_main=True, from_stage=CLOSED)
    first = taken_back.exclude(to_stage=CLOSED).order_by("pk").first()
    return {day_of(first.at) - timedelta(days=1)} if first else set()


def _as_the_trail_tells(day: date, told: dict[int, tuple[str, date | None]]) -> None:
    """The last line until then of each case names its stage, and the day on which it was closed."""
    stood: dict[int, tuple[str, date | None]] = {}
    main = CaseEvent.objects.filter(case__is_main=True, at__lt=end_of(day))
    for case, old, new, moment in main.order_by("pk").values_list(
        "case_id", "from_stage", "to_stage", "at"
    ):
        before = stood.get(case, ("", None))[1] if new == old else day_of(moment)
        stood[case] = (new, before if new == CLOSED else None)
    wanted = {case: known for case, known in stood.items() if known[0] != WITHDRAWN}
    assert told == wanted, day


INVARIANTS: tuple[Callable[[Game], None], ...] = (
    one_open_item_iff_not_finished,
    stage_status_and_item_agree,
    versions_only_rise,
    the_trail_only_grows,
    every_event_waits_once_for_delivery,
    the_trail_leads_to_where_the_case_stands,
    numbers_have_no_gaps,
    no_remedy_twice,
    what_ended_rests_nowhere,
    a_resting_item_has_its_row,
    who_stands_off_the_ladder_is_not_looked_at,
    a_contested_step_lies_with_the_office,
    posts_sit_in_their_units,
    closed_means_proven_by_three_people,
    nobody_accepted_his_own,
    dates_are_working_days,
    dates_follow_from_one_another,
    more_time_is_asked_for_early_and_given_by_somebody_else,
    a_firm_is_never_due_before_its_remedies,
    what_lacks_is_what_no_paper_proves,
    the_firms_row_follows_its_case,
    what_pages_sum_up_is_what_the_trail_tells,
    a_past_day_stays_as_it_was,
)


def look(game: Game) -> None:
    for invariant in INVARIANTS:
        invariant(game)
