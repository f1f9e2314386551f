"""The deadline of a step of a stage: which phrase of the pack holds, and what it comes to.

The engine and the simulator ask here, so that a plan is judged by the dates that it will have.
"""

from __future__ import annotations

from datetime import date

from workflows import deadlines
from workflows.calendar import WorkCalendar
from workflows.deadlines import Due, Phrase
from workflows.procedure import Stage


def term(
    stage: Stage,
    *,
    grade: str | None,
    have: str | None,
    start: date,
    calendar: WorkCalendar,
    work_until: date,
    override: Phrase | None = None,
    children_due: date | None = None,
    given: date | None = None,
    not_before: date | None = None,
    no_later: date | None = None,
) -> Due:
    """The deadline of a stage entered on ``start``; no date where the pack gives none.

    ``override``: the time of the move that leads here; ``children_due``: the latest date of the
    open child cases; ``given``: the date that whoever opened the case has set; ``not_before``: the
    date that had been planned, which nothing shortens; ``no_later``: the date that a return to
    oneself does not better.
    """
    phrase = override or stage.time_for(grade, have)
    if phrase is None:
        return Due(None, None, "", False)
    due = deadlines.compute(
        phrase,
        start=start,
        calendar=calendar,
        work_until=work_until,
        children_due=children_due,
        given=given,
        not_before=not_before,
        no_later=no_later,
    )
    if not (stage.waits_for and due.due_on and children_due and due.due_on < children_due):
        return due
    # a correction's own time never ends before the children that it waits for
    return due._replace(due_on=children_due, budget=calendar.between(start, children_due))
