"""Opening the next step: who owes it, by when, and when the ladder looks at it first."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo

from django.utils import timezone

from cases import engine
from cases.desks import Desks
from cases.engine import Step
from cases.models import Case, WorkItem
from cases.rulebook import Rules, calendar, pack_of, procedure_of, rules_of
from organisations.days import day_of
from workflows import ladder
from workflows.calendar import DAY, WorkCalendar
from workflows.deadlines import Due, Phrase
from workflows.packs import Pack
from workflows.procedure import Move, Stage
from workflows.same import by_which
from workflows.terms import term

# rungs speak at the start of the working day
CHECK_AT = time(8, 30)


def moment_of(day: date) -> datetime:
    """The moment at which a sweep looks at a rung of ``day``."""
    return timezone.make_aware(datetime.combine(day, CHECK_AT))


def is_missed(check_at: datetime | None, at: datetime) -> bool:
    """Whether a working day has passed since a sweep should have looked: nobody called it."""
    if check_at is None:
        return False
    return calendar().between(day_of(check_at) - DAY, day_of(at) - DAY) > 0


def open_step(
    case: Case,
    stage_key: str,
    *,
    on: date,
    desks: Desks,
    time_override: Phrase | None = None,
    children_due: date | None = None,
    reason: str = "",
    is_correction: bool = False,
    not_before: date | None = None,
    no_later: date | None = None,
    days: WorkCalendar | None = None,
) -> WorkItem:
    """The open item of a stage, not saved; ``reason``: why it comes back.

    ``is_correction``: whether somebody else sent it back (退回补正), not its owner to himself.

    ``not_before``: the date that had been planned for it; its own time never ends earlier.
    ``no_later``: the date that a return to oneself does not better.
    ``days``: the calendar of now, where somebody has just asked for it.
    """
    rules, days = rules_of(case), days or calendar()
    stage = rules.procedure.stage(stage_key)
    due = due_of(
        case,
        stage,
        on=on,
        override=time_override,
        children_due=children_due,
        not_before=not_before,
        no_later=no_later,
        days=days,
    )
    post = desks.place(case, stage.owner)
    item = engine.new_item(
        case,
        stage=stage_key,
        unit_id=post.unit_id,
        post=post,
        started_on=on,
        due_on=due.due_on,
        budget=due.budget if due.budget is None else max(due.budget, 0),
        phrase=due.phrase,
        provisional=due.provisional,
        rungs_from=on,
        waits_higher=stage.waits_higher,
        is_chased=is_chased(case, rules),
        is_correction=is_correction,
        return_reason=reason,
    )
    set_next_check(item, rules, stage, after=on, days=days)
    look_at_late(item, stage, on=on)
    return item


def is_chased(case: Case, rules: Rules) -> bool:
    """Whether lateness counts; not for a class that the pack only watches."""
    return not case.grade or rules.pack.grade(case.grade, rules.procedure).chased


def due_of(
    case: Case,
    stage: Stage,
    *,
    on: date,
    override: Phrase | None = None,
    children_due: date | None = None,
    not_before: date | None = None,
    no_later: date | None = None,
    days: WorkCalendar | None = None,
) -> Due:
    """The deadline of a stage entered on ``on``; no date where the pack gives none; ``days``: the
    calendar of now, as above."""
    return _term(
        stage,
        days or calendar(),
        override,
        case.grade or None,
        case.criterion or None,
        on,
        pack_of(case.pack_version_id).work_until,
        children_due,
        not_before,
        no_later,
        case.given_due,
    )


@by_which(3)
def _term(
    stage: Stage,
    days: WorkCalendar,
    override: Phrase | None,
    grade: str | None,
    have: str | None,
    start: date,
    work_until: date,
    children_due: date | None,
    not_before: date | None,
    no_later: date | None,
    given: date | None,
) -> Due:
    """Of ten thousand firms that are taken on in one go it is the same day."""
    return term(
        stage,
        grade=grade,
        have=have,
        start=start,
        calendar=days,
        work_until=work_until,
        override=override,
        children_due=children_due,
        not_before=not_before,
        no_later=no_later,
        given=given,
    )


def signing(case: Case) -> Move | None:
    """The move by which a case is signed for (签收) where it begins."""
    procedure = procedure_of(case)
    moves = procedure.stage(procedure.initial).moves
    return next((move for move in moves if move.verb == "acknowledge"), None)


def due_when_signed(
    case: Case, move: Move, signed_on: date | None, days: WorkCalendar | None = None
) -> date | None:
    """When the step behind 签收 ends for whoever signs on a day.

    Of the last day for signing it is what 任务交办 tells; who signs earlier keeps that date.
    """
    if signed_on is None:
        return None
    stage = procedure_of(case).stage(move.to)
    return due_of(case, stage, on=signed_on, override=move.time, days=days).due_on


def set_next_check(
    item: WorkItem,
    rules: Rules,
    stage: Stage,
    *,
    after: date,
    fired: frozenset[str] = frozenset(),
    earlier: frozenset[str] = frozenset(),
    days: WorkCalendar | None = None,
) -> None:
    """Set the moment of the next rung after a day, given what `fired` for the step's date and for
    the `earlier` ones."""
    item.next_check_at = None
    if stage.ladder is None or not is_on_ladder(item):
        return
    item.next_check_at = _next_check(
        rules.pack,
        stage,
        days or calendar(),
        item.due_on,
        item.started_on,
        after,
        item.budget,
        fired,
        earlier,
        item.rungs_from,
        timezone.get_default_timezone(),
    )


@by_which(3)
def _next_check(
    pack: Pack,
    stage: Stage,
    days: WorkCalendar,
    due_on: date | None,
    started_on: date,
    after: date,
    budget: int | None,
    fired: frozenset[str],
    earlier: frozenset[str],
    not_before: date,
    _zone: tzinfo,
) -> datetime | None:
    """The moment of ``set_next_check``: many steps begin and end on the same days."""
    assert stage.ladder is not None  # asked of a stage with a ladder
    day = ladder.next_check(
        pack.ladder(stage.ladder),
        due_on=due_on,
        started_on=started_on,
        after=after,
        calendar=days,
        budget=budget,
        fired=fired,
        earlier=earlier,
        not_before=not_before,
        quiet=pack.quiet_for(stage),
    )
    return None if day is None else moment_of(day)


def is_on_ladder(item: WorkItem) -> bool:
    """Whether the clock runs against whoever owes the step."""
    return item.is_chased and not item.is_suspended and not item.is_declined


def look_again(item: WorkItem, *, on: date) -> None:
    """An item that stood off the ladder is looked at on the next working day, whatever passed."""
    if is_on_ladder(item) and item.next_check_at is None:
        item.next_check_at = moment_of(calendar().add(on, 1))


def follow(parent: Step, due_on: date | None, *, on: date) -> None:
    """A case that waits for its children is never due before the latest of them."""
    item, stage = parent.item, rules_of(parent.case).stage
    if item is None or stage is None or not stage.waits_for:
        return
    if due_on is None or item.due_on is None or item.due_on >= due_on:
        return
    old = item.due_on
    if "new_due" in parent.data:  # moved once in this event already: one change, one version
        item.deadline_version -= 1
    move_deadline(item, parent.case, due_on, on=on)
    parent.changes_item = True
    parent.verb = parent.verb or "redate"
    parent.data.setdefault("old_due", old.isoformat())
    parent.data["new_due"] = due_on.isoformat()


def move_deadline(item: WorkItem, case: Case, due_on: date | None, *, on: date) -> None:
    """A changed date: a new deadline version, and only rungs that still lie ahead; of what is
    late by then the sweep sees on the next day whether a letter is missing."""
    rules = rules_of(case)
    item.due_on = due_on
    if due_on is not None:
        item.budget = max(calendar().between(item.started_on, due_on), 0)
        # counted in days that are not announced yet: 暂定
        item.provisional = item.provisional or not calendar().is_known(due_on)
    item.deadline_version += 1
    item.rungs_from = on
    if rules.stage is not None:
        set_next_check(item, rules, rules.stage, after=on)
        look_at_late(item, rules.stage, on=on)


def look_at_late(item: WorkItem, stage: Stage, *, on: date) -> None:
    """What is late on the day on which its date is given is looked at on the next working day:
    a note that the next letter builds on may be missing."""
    if stage.ladder is None or not is_on_ladder(item):
        return
    if item.due_on is not None and item.due_on < on:
        soon = moment_of(calendar().add(on, 1))
        item.next_check_at = min(item.next_check_at or soon, soon)
