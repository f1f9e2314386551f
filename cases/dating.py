"""A deadline computed anew: under another version's rules, or by another working-day table."""

from __future__ import annotations

from datetime import date

from cases.models import WorkItem
from workflows import deadlines
from workflows.calendar import WorkCalendar
from workflows.deadlines import Due, Phrase

Term = tuple[Phrase | None, date]  # the phrase, and the last day of the programme's work


def anew(
    item: WorkItem,
    *,
    was: Term,
    now: Term,
    old: WorkCalendar,
    new: WorkCalendar,
    children: tuple[date | None, date | None] = (None, None),
) -> Due:
    """The item's deadline if ``now`` and ``new`` had always held.

    What moved the date since it was computed is kept: the working days lost while the clock stood,
    an extension, a correction's own time, a date that had been given before. ``children``: the
    latest child's date before and after.
    """
    before, after = _due(item, was, old, children[0]), _due(item, now, new, children[1])
    if item.due_on is None:
        return after
    if after.due_on is None:
        # a date that no rule ever gave stays with whoever named it
        kept = Due(item.due_on, item.budget, item.phrase, item.provisional)
        return kept if before.due_on is None else after
    if before.due_on == item.due_on:
        return after._replace(phrase=_phrase_of(item, after, after.due_on, old, new))
    if before.due_on is None:
        moved = new.add(item.started_on, old.between(item.started_on, item.due_on))
    else:
        moved = new.add(after.due_on, old.between(before.due_on, item.due_on))
    budget = max(new.between(item.started_on, moved), 0)
    return Due(moved, budget, _phrase_of(item, after, moved, old, new), not new.is_known(moved))


def stored_phrase(item: WorkItem) -> Phrase | None:
    """The phrase that the item's date came from, as the pack has it."""
    return Phrase.parse(item.phrase).bare if item.phrase else None


def _phrase_of(
    item: WorkItem, after: Due, moved: date, old: WorkCalendar, new: WorkCalendar
) -> str:
    """A date that had been given before goes along, in words too."""
    if not item.phrase or not after.phrase:
        return after.phrase
    given = Phrase.parse(item.phrase)
    if given.no_later is not None:
        lost = old.between(item.due_on, given.no_later) if item.due_on else 0
        kept = {"no_later": new.add(moved, lost)}
    elif given.not_before is not None:
        kept = {"not_before": moved}
    else:
        return after.phrase
    return str(Phrase.parse(after.phrase).model_copy(update=kept))


def _due(item: WorkItem, term: Term, calendar: WorkCalendar, children_due: date | None) -> Due:
    phrase, work_until = term
    if phrase is None:
        return Due(None, None, "", False)
    return deadlines.compute(
        phrase,
        start=item.started_on,
        calendar=calendar,
        work_until=work_until,
        children_due=children_due,
        given=item.process.given_due,
    )
