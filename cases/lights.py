"""The light of a case: shape, words, colour; computed from its open item, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case, WorkItem
from cases.rulebook import calendar, procedure_of
from cases.stages import CARRIED_OVER, CLOSED, DELISTED, WITHDRAWN

Kind = Literal["overdue", "soon", "fine", "rest"]
SOON = 3  # working days


@dataclass(frozen=True)
class Light:
    """``days``: working days late (positive) or left (negative or zero)."""

    kind: Kind
    shape: str
    words: str
    days: int = 0


def light_of(
    case: Case,
    item: WorkItem | None,
    on: date,
    *,
    own: bool = False,
    handed_up: bool = False,
    waits_for_parts: bool = False,
) -> Light:
    """■ late, ▲ within three working days, ● in time, ○ clock stands, ◇ waits higher, ✓ closed.

    ``own``: for whoever owes the step, a review has a date like any other work. ``handed_up``: for
    who handles it, a case that his own county reviews waits, and says when the county is late.
    ``waits_for_parts``: a matter whose parts are open is not late; they may be.
    """
    if case.is_finished or item is None:
        return _finished(case)
    if item.is_suspended:
        return Light("rest", "○", _("Clock stopped"))
    if item.is_declined:
        return Light("rest", "◇", _("Waits for reassignment"))
    if item.waits_higher and not own:
        return Light("rest", "◇", _("Waits for the higher level"))
    if handed_up:
        return _in_review(item, on)
    if not item.is_chased:
        return _watched(item, on)
    if item.due_on is None:
        return Light("fine", "●", _("Ongoing"))
    light = _by_date(item.due_on, on)
    if waits_for_parts and light.kind == "overdue":
        return Light("rest", "◇", _("Waits for its parts"))
    return light


def soon_until(on: date) -> date:
    """The last day that counts as 3个工作日内到期; a day off after it counts too."""
    return date.fromordinal(calendar().add(on, SOON + 1).toordinal() - 1)


def late_before(on: date, days: int) -> date:
    """What was due before this day is ``days`` working days late or more."""
    worked = calendar()
    return worked.add(worked.on_or_before(on), 1 - days)


def _watched(item: WorkItem, on: date) -> Light:
    """A review of what is only watched comes due, and waits; it is neither near nor late."""
    if item.due_on is None or on < item.due_on:
        return Light("rest", "○", _("Reviewed every quarter"))
    return Light("rest", "○", _("Waits for the quarterly review"))


def _in_review(item: WorkItem, on: date) -> Light:
    late = max(calendar().between(item.due_on, on), 1) if item.due_on and on > item.due_on else 0
    if not late:
        return Light("rest", "◇", _("Waits for the higher level"))
    words = ngettext(
        "In review, %(n)d working day late", "In review, %(n)d working days late", late
    )
    return Light("rest", "◇", words % {"n": late}, late)


def _by_date(due_on: date, on: date) -> Light:
    days = calendar().between(due_on, on)
    if on > due_on:
        if days == 0:
            # late over days off: it counts as one, and does not say that one was worked
            return Light("overdue", "■", _("Overdue, not one working day yet"), 1)
        words = ngettext("%(n)d working day late", "%(n)d working days late", days)
        return Light("overdue", "■", words % {"n": days}, days)
    left = -days
    if on == due_on:
        return Light("soon", "▲", _("Due today"))
    if left <= SOON:
        words = ngettext("Due in %(n)d working day", "Due in %(n)d working days", left)
        return Light("soon", "▲", words % {"n": left}, -left)
    words = ngettext("In time, %(n)d working day left", "In time, %(n)d working days left", left)
    return Light("fine", "●", words % {"n": left}, -left)


def _finished(case: Case) -> Light:
    words = {
        CLOSED: ("fine", "✓", procedure_of(case).closed_words),
        DELISTED: ("rest", "○", _("Left the register")),
        WITHDRAWN: ("rest", "○", _("Withdrawn")),
        CARRIED_OVER: ("rest", "○", _("Carried over")),
    }
    kind, shape, text = words.get(case.stage, ("rest", "○", case.stage))
    return Light(kind, shape, text)
