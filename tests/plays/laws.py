"""What must hold whatever the plan, whoever acts and whenever (design: the engine's invariants).

Each law looks at the rows of a game as ``Seen`` read them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise

from cases import policies
from cases.actions.placing import PLACE
from cases.models import Evidence, PendingEvent, ProgrammeFirm, WorkItem
from cases.rulebook import calendar, rules_of
from cases.stages import CARRIED_OVER, CLOSED, TERMINAL
from organisations.days import day_of
from tests.plays.game import Game
from tests.plays.seen import Line, Seen

Law = Callable[[Game, Seen], None]
ACCEPTED = frozenset(Evidence.ACCEPTED)


def _once(keys: Iterable[object]) -> bool:
    return max(Counter(keys).values(), default=1) == 1


# --- where a case stands -------------------------------------------------------------------------
def at_most_one_unfinished_item(game: Game, seen: Seen) -> None:
    open_ = Counter(item.process_id for item in seen.open)
    for case in seen.cases:
        assert open_[case.pk] == (0 if case.is_finished else 1)
        assert (case.stage in TERMINAL) == (case.finished is not None) == (case.status != "NEW")


def a_case_stands_in_a_stage_of_its_plan_and_can_leave_it(game: Game, seen: Seen) -> None:
    for item in seen.open:
        case = seen.by_pk[item.process_id]
        rules = rules_of(case)
        assert rules.stage is not None
        assert item.stage == case.stage
        onward = [move for move in rules.stage.moves if move.verb != "send_back"]
        assert onward
        assert not case.grade or any(move.fits(case.grade) for move in onward)


def the_trail_leads_to_where_each_case_stands(game: Game, seen: Seen) -> None:
    stood: dict[int, str] = {}
    for line in seen.trail.lines:
        assert line.old == stood.get(line.case, "")
        stood[line.case] = line.new
    assert stood == {case.pk: case.stage for case in seen.cases}


def the_trail_only_grows_and_time_only_rises(game: Game, seen: Seen) -> None:
    lines = seen.trail.lines
    assert all(before.at <= after.at for before, after in pairwise(lines))
    # each line waits for whoever tells people of it: none was taken away, none is told twice
    assert PendingEvent.objects.count() == len(lines)


def a_page_that_is_older_loses(game: Game, seen: Seen) -> None:
    """The version that a page must name rises with every move of its case."""
    for case in seen.cases:
        moves = [line for line in seen.trail.by_case[case.pk] if line.old != line.new]
        assert case.version >= len(moves) - 1


def numbers_have_no_gaps(game: Game, seen: Seen) -> None:
    for programme in game.programmes:
        mine = [case for case in seen.cases if case.programme_id == programme.pk]
        assert sorted(case.serial for case in mine) == list(range(1, len(mine) + 1))
        told = [line for case in mine for line in seen.lines_of(case, "close")]
        closed = sorted(n for line in told if (n := line.data.get("closing_serial")))
        assert closed == list(range(1, len(closed) + 1))


def no_remedy_twice(game: Game, seen: Seen) -> None:
    pairs = [(one.parent_id, one.criterion) for one in seen.cases if one.parent_id]
    assert _once(pair for pair in pairs if pair[1])


def one_case_of_a_firm_in_each_programme(game: Game, seen: Seen) -> None:
    roots = [case for case in seen.cases if case.is_main and case.parent_id is None]
    assert _once((case.programme_id, case.enterprise_id, case.procedure) for case in roots)


# --- closing -------------------------------------------------------------------------------------
def closed_means_proven_and_by_two_persons(game: Game, seen: Seen) -> None:
    """Of every kind of case that has criteria; a remedy's firm has another closing over it."""
    held = {name for stage in game.pack.root.stages for name in stage.waits_for}
    for case in seen.cases:
        asks = rules_of(case).procedure.closes_when is not None
        if case.stage != CLOSED or case.criterion or not asks:
            continue
        papers = seen.papers_of(case)
        assert policies.lacking(case, papers) == []
        closer = seen.lines_of(case, "close")[-1].by
        assert closer is not None
        assert closer not in (case.applied_by_id, case.reviewed_by_id)
        assert case.applied_by_id is None or case.applied_by_id != case.reviewed_by_id
        applies = any(s.leaves_by("apply_for_closure") for s in rules_of(case).procedure.stages)
        assert (case.applied_by_id is not None) == applies
        if not applies:
            # another official has accepted, verified or handed in what decides
            others = [paper for paper in papers if _officials(paper) - {closer, None}]
            assert policies.lacking(case, others) == []
        children = [child for child in seen.children[case.pk] if child.procedure in held]
        assert all(child.is_finished for child in children)


def _officials(paper: Evidence) -> set[int | None]:
    return {paper.reviewed_by_id, paper.submitted_by_id if paper.on_behalf else None}


def a_matter_is_not_closed_by_whoever_reported(game: Game, seen: Seen) -> None:
    """Four eyes for orders, issues, measures and reports too; nor over the head of a part."""
    for case in seen.cases:
        if case.stage != CLOSED or case.is_main or case.criterion:
            continue
        told = seen.lines_of(case, "advance", "close")
        assert told[-1].verb == "close"
        reports = [line.by for line in told[:-1] if line.verb == "advance"]
        assert told[-1].by not in reports[-1:]
        for part in seen.children[case.pk]:
            # a part may be taken up again by itself, later
            assert part.procedure != "part" or part.is_finished or seen.lines_of(part, "reopen")


def a_closed_remedy_is_proven_or_no_longer_asked_for(game: Game, seen: Seen) -> None:
    """Of criteria of which some are enough, one may fall away after its remedy was done."""
    for case in seen.cases:
        if case.stage != CLOSED or case.parent_id is None:
            continue
        parent, papers = seen.by_pk[case.parent_id], seen.papers[case.parent_id]
        if policies.lacking(case, papers) and not parent.is_finished:
            assert case.criterion not in policies.lacking(parent, papers)


def what_lacks_is_what_no_paper_proves(game: Game, seen: Seen) -> None:
    """Once the first visit has said what is there."""
    for case in seen.cases:
        if case.pk in seen.visited and not case.is_finished:
            assert case.lacking == policies.lacking(case, seen.papers_of(case))
            assert case.lacking_count == len(case.lacking)


def nobody_accepts_his_own_paper(game: Game, seen: Seen) -> None:
    for papers in seen.papers.values():
        for paper in papers:
            if paper.state in ACCEPTED and paper.state not in Evidence.UNFILED:
                assert (
                    paper.submitted_by_id is None or paper.submitted_by_id != paper.reviewed_by_id
                )


# --- time ----------------------------------------------------------------------------------------
def clocks_add_up(game: Game, seen: Seen) -> None:
    """Each date follows from the one before: a rest moves it by the working days it took."""
    told: defaultdict[int, list[Line]] = defaultdict(list)
    for line in seen.trail.lines:
        if "new_due" in line.data:
            told[line.item or 0].append(line)
    for item in seen.items:
        changes = told[item.pk]
        assert item.deadline_version == 1 + len(changes), item
        for before, line in zip([None, *changes], changes, strict=False):
            old, new = line.data["old_due"], line.data["new_due"]
            if before is not None:
                assert before.data["new_due"] == old
            fixed = not game.moves_days and line.verb in ("resume", "decide_extension")
            if fixed and old is not None:
                moved = _moved(old, line.data["working_days"])
                # never due before its children, which have moved as well
                assert new == moved or (bool(seen.children[line.case]) and new > moved)
        if changes:
            assert changes[-1].data["new_due"] == (item.due_on and item.due_on.isoformat())
        if item.due_on is not None and item.budget is not None and not game.moves_days:
            assert item.budget == max(calendar().between(item.started_on, item.due_on), 0)


def _moved(day: str, working_days: int) -> str:
    return calendar().add(date.fromisoformat(day), working_days).isoformat()


def rests_are_on_the_ledger(game: Game, seen: Seen) -> None:
    resting = sorted(item.process_id for item in seen.open if item.is_suspended)
    assert sorted(row.case_id for row in seen.rests if row.resumed_on is None) == resting
    if game.moves_days:
        return
    # what a case has rested by its ledger is what its clock was given back, at an end too
    taken: Counter[int] = Counter()
    for row in seen.rests:
        if row.resumed_on is not None:
            end = min(row.resumed_on, row.until_on)
            taken[row.case_id] += max(calendar().between(row.from_on, end), 0)
    given: Counter[int] = Counter()
    for line in seen.trail.lines:
        if line.verb == "resume" or line.new in TERMINAL:
            given[line.case] += line.data.get("working_days", 0)
    assert all(days == given[case] for case, days in taken.items())


def a_rest_is_short(game: Game, seen: Seen) -> None:
    """At most 30 working days a time, unless days of work were moved meanwhile."""
    if not game.moves_days:
        between = calendar().between
        assert all(between(row.from_on, row.until_on) <= 30 for row in seen.rests)


def extensions_are_few_small_and_granted_by_somebody_else(game: Game, seen: Seen) -> None:
    """Asked for before the date, twice, half of the time together, one after the other."""
    budgets = {item.pk: item.budget for item in seen.items}
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row in seen.extensions:
        rows[row.item_id].append(row.granted_days)
        assert day_of(row.asked_at) < row.old_due
        assert not row.is_granted or row.asked_by_id != row.decided_by_id
        assert not row.is_granted or (row.new_due or row.old_due) <= row.wished_on
    assert _once(row.item_id for row in seen.extensions if row.is_granted is None)
    for item, granted in rows.items():
        assert len(granted) <= 2
        # the budget of now has grown by what was granted; rests lengthen it too
        assert 2 * sum(granted) <= (budgets[item] or 0)


def a_firm_is_not_due_before_its_remedies(game: Game, seen: Seen) -> None:
    for item in seen.open:
        case = seen.by_pk[item.process_id]
        stage = rules_of(case).stage
        if not case.is_main or stage is None or not stage.waits_for or item.due_on is None:
            continue
        below = [seen.item_of.get(child.pk) for child in seen.children[case.pk]
                 if child.procedure in stage.waits_for]  # fmt: skip
        dues = [one.due_on for one in below if one is not None and one.due_on and _runs(one)]
        assert not _runs(item) or all(due <= item.due_on for due in dues)


def _runs(item: WorkItem) -> bool:
    return not item.is_suspended


# --- the ladder ----------------------------------------------------------------------------------
def a_rung_speaks_once(game: Game, seen: Seen) -> None:
    assert _once((row.item_id, row.deadline_version, row.rung) for row in seen.rungs)
    spoke = [(row.item_id, row.at) for row in seen.rungs if row.spoke]
    assert _once(spoke)  # of several only the highest
    assert len(spoke) == sum(line.verb == "rung" for line in seen.trail.lines)


def after_another_date_only_what_lies_ahead_speaks(game: Game, seen: Seen) -> None:
    """An extension, or days that are given back: no rung of a day before the change."""
    items = {item.pk: item for item in seen.items}
    for row in seen.rungs:
        item = items[row.item_id]
        if 1 < row.deadline_version == item.deadline_version:
            assert day_of(row.at) >= item.rungs_from


def who_is_off_the_ladder_is_left_alone(game: Game, seen: Seen) -> None:
    for item in seen.items:
        if item.next_check_at is not None:
            assert item.finished is None
            assert item.is_chased
            assert not item.is_suspended
            assert not item.is_declined
        assert item.finished is None or not item.is_suspended


# --- who owes it ---------------------------------------------------------------------------------
def posts_sit_in_their_units(game: Game, seen: Seen) -> None:
    assert all(item.unit_id == item.post.unit_id for item in seen.items)


def a_contested_step_lies_with_the_office(game: Game, seen: Seen) -> None:
    office = game.units["市专班办"].pk
    assert all(item.unit_id == office for item in seen.open if item.is_declined)


def the_firms_row_follows_its_case(game: Game, seen: Seen) -> None:
    rows = {(row.programme_id, row.enterprise_id): row for row in ProgrammeFirm.objects.all()}
    for case in seen.cases:
        if case.is_main and not case.is_finished:
            row = rows[case.programme_id, case.firm_id]
            assert [getattr(case, name) for name in PLACE] == [getattr(row, name) for name in PLACE]


def whoever_acts_holds_the_post_or_stands_in(game: Game, seen: Seen) -> None:
    """Rights follow the post on the day; whoever stands in is named with whom he stands in for."""
    for line in seen.trail.lines:
        if line.by is None or line.post is None or "for" in line.data:
            continue
        on = day_of(line.at)
        # handed on twice on one day: who had it in between has left no trace
        assert (line.post, on) in game.handed or line.by in seen.holders(line.post, on), line


# --- the end of a year, and of a place on the register -------------------------------------------
def carried_over_goes_on_once_and_is_not_closed(game: Game, seen: Seen) -> None:
    going = [case.carried_from_id for case in seen.cases if case.carried_from_id is not None]
    assert _once(going)
    for case in seen.cases:
        if case.stage == CARRIED_OVER:
            assert case.programme_id == game.programme.pk
            assert (case.closed_on, case.closing_serial) == (None, None)
            assert case.parent_id is not None or case.pk in going
            assert all(child.is_finished for child in seen.children[case.pk])


def whoever_left_the_register_is_owed_nothing(game: Game, seen: Seen) -> None:
    """No case of a firm that is off the list runs, but what was opened or taken up after it."""
    for firm, left in game.left.items():
        for case in seen.cases:
            if case.enterprise_id == firm and not case.is_finished:
                assert max(line.pk for line in seen.trail.by_case[case.pk]) > left


LAWS: tuple[Law, ...] = (
    at_most_one_unfinished_item,
    a_case_stands_in_a_stage_of_its_plan_and_can_leave_it,
    the_trail_leads_to_where_each_case_stands,
    the_trail_only_grows_and_time_only_rises,
    a_page_that_is_older_loses,
    numbers_have_no_gaps,
    no_remedy_twice,
    one_case_of_a_firm_in_each_programme,
    closed_means_proven_and_by_two_persons,
    a_matter_is_not_closed_by_whoever_reported,
    a_closed_remedy_is_proven_or_no_longer_asked_for,
    what_lacks_is_what_no_paper_proves,
    nobody_accepts_his_own_paper,
    clocks_add_up,
    rests_are_on_the_ledger,
    a_rest_is_short,
    extensions_are_few_small_and_granted_by_somebody_else,
    a_firm_is_not_due_before_its_remedies,
    a_rung_speaks_once,
    after_another_date_only_what_lies_ahead_speaks,
    who_is_off_the_ladder_is_left_alone,
    posts_sit_in_their_units,
    a_contested_step_lies_with_the_office,
    the_firms_row_follows_its_case,
    whoever_acts_holds_the_post_or_stands_in,
    carried_over_goes_on_once_and_is_not_closed,
    whoever_left_the_register_is_owed_nothing,
)
