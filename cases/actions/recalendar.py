"""日历调整: announced working days are entered, and every open deadline is computed anew.

The preview writes nothing. A date that somebody gave by name (an extension) never moves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from cases import engine
from cases.dating import anew, stored_phrase
from cases.engine import Step
from cases.models import Case, CaseEvent, WorkItem
from cases.rulebook import rules_of
from cases.rungs import Fired, rungs_fired
from cases.statements import save_rows
from cases.steps import moment_of, set_next_check
from organisations.days import day_of
from organisations.scope import Actor
from workflows.calendar import WorkCalendar
from workflows.deadlines import Due
from workflows.issuing import set_days
from workflows.models import as_entered, calendar_with, forget_calendar, load_calendar

BATCH = 500  # firms' own cases, with their children
Days = Mapping[date, tuple[bool, str]]


@dataclass(frozen=True)
class Moved:
    """One open deadline and what becomes of it."""

    case: Case
    before: date | None
    after: date | None
    # 暂定 becomes firm (or, the other way, what was taken for known is not)
    was_provisional: bool
    provisional: bool


@dataclass
class Redating:
    """What entering days does, or would do."""

    days: tuple[date, ...] = ()
    moved: list[Moved] = field(default_factory=list)
    firm: list[Moved] = field(default_factory=list)

    def by_county(self) -> list[tuple[str, int, int]]:
        """(county, dates that move, dates that only become firm), in the order of the counties."""
        moves = Counter(one.case.county for one in self.moved)
        firm = Counter(one.case.county for one in self.firm)
        counties = sorted({*moves, *firm}, key=lambda county: (county.position, county.pk))
        return [(county.name, moves[county], firm[county]) for county in counties]


@dataclass(frozen=True)
class Dated:
    """A step of a tree with the deadline that the new table gives it."""

    step: Step
    due: Due

    @property
    def item(self) -> WorkItem:
        assert self.step.item is not None  # only open steps are dated
        return self.step.item

    @property
    def moves(self) -> bool:
        return self.due.due_on != self.item.due_on

    @property
    def is_changed(self) -> bool:
        return self.moves or self.due.provisional != self.item.provisional


@transaction.atomic
def preview(days: Days) -> Redating:
    """What would become of the open deadlines; nothing is written. Whoever sees the page may look;
    a rehearsal of entering asks ``check_may_set`` first."""
    old = load_calendar()
    new = calendar_with({day: worked for day, (worked, _name) in days.items()})
    found = Redating(_differing(days, old))
    for roots in _trees():
        for dated in _dated(roots, old, new):
            _tell(dated, found)
    return found


def enter_days(days: Days, *, by: Actor, at: datetime) -> Redating:
    """Enter announced days and move the open deadlines; a fixed number of statements per ``BATCH``
    firms. Journalled by ``set_days``; each change is an event of its case.
    """
    try:
        with transaction.atomic():
            return _enter(days, by=by, at=at)
    except BaseException:
        forget_calendar()  # what was rolled back is not the table
        raise


def _enter(days: Days, *, by: Actor, at: datetime) -> Redating:
    old = load_calendar()
    found = Redating(set_days(days, by=by, at=at))
    with as_entered() as new:
        for roots in _trees():
            _redate(list(_dated(roots, old, new)), found, by=by, at=at)
    return found


def _redate(every: Sequence[Dated], found: Redating, *, by: Actor, at: datetime) -> None:
    fired = rungs_fired(dated.item for dated in every)
    for dated in every:
        _tell(dated, found)
    changed = [dated for dated in every if dated.is_changed]
    for dated in changed:
        _change(dated, fired, day_of(at))
    rest = [dated.item for dated in every if not dated.moves and _look_anew(dated, fired, at)]
    engine.write([dated.step for dated in changed], by=by, at=at)
    save_rows(rest, ["next_check_at"])


def _differing(days: Days, calendar: WorkCalendar) -> tuple[date, ...]:
    known = calendar.days
    return tuple(sorted(day for day, (worked, _n) in days.items() if known.get(day) != worked))


def _trees() -> Iterator[list[Step]]:
    """Every open case of the city with what is below it, under lock batch by batch; what goes on
    below a case that has ended stands for itself."""
    going = Case.objects.open()
    tops = going.exclude(parent__in=going.values("pk")).order_by("pk")
    ids = list(tops.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield engine.lock_trees(ids[start : start + BATCH])


def _dated(roots: Sequence[Step], old: WorkCalendar, new: WorkCalendar) -> Iterator[Dated]:
    """Children before their parent, whose date may be the latest of theirs."""
    named = _named([step for root in roots for step in root.tree])
    for root in roots:
        below, own = _dated_tree(root, named, old, new)
        yield from below
        if own is not None:
            yield own


def _dated_tree(
    step: Step, named: Collection[int], old: WorkCalendar, new: WorkCalendar
) -> tuple[list[Dated], Dated | None]:
    """What is below a step, and its own deadline if it is open."""
    below: list[Dated] = []
    near: list[Dated] = []
    for child in step.children:
        deeper, own = _dated_tree(child, named, old, new)
        below += deeper
        near += [own] if own else []
    if step.item is None:
        return [*below, *near], None
    before = max((d.item.due_on for d in near if d.item.due_on), default=None)
    after = max((d.due.due_on for d in near if d.due.due_on), default=None)
    return [*below, *near], Dated(step, _due(step, named, old, new, (before, after)))


def _due(
    step: Step,
    named: Collection[int],
    old: WorkCalendar,
    new: WorkCalendar,
    children: tuple[date | None, date | None] = (None, None),
) -> Due:
    item = step.item
    assert item is not None
    if item.due_on is None:
        return Due(None, item.budget, item.phrase, False)
    if item.pk in named:
        is_open = item.provisional and not new.is_known(item.due_on)
        return Due(item.due_on, item.budget, item.phrase, is_open)
    phrase, until = stored_phrase(item), rules_of(step.case).pack.work_until
    term = (phrase, until)
    return anew(item, was=term, now=term, old=old, new=new, children=children)


def _named(steps: Sequence[Step]) -> set[int]:
    """Items whose date somebody named: an extension is until a day, and a day never rolls."""
    items = {step.item.pk: step.item.due_on for step in steps if step.item and step.item.due_on}
    # the trail is read by case
    events = CaseEvent.objects.filter(
        case__in=[step.case.pk for step in steps], item__in=list(items), verb="decide_extension"
    )
    return {
        event.item_id
        for event in events
        if event.item_id and event.data.get("new_due") == items[event.item_id].isoformat()
    }


def _tell(dated: Dated, found: Redating) -> None:
    if not dated.is_changed:
        return
    item = dated.item
    told = Moved(
        dated.step.case, item.due_on, dated.due.due_on, item.provisional, dated.due.provisional
    )
    (found.moved if dated.moves else found.firm).append(told)


def _change(dated: Dated, fired: Fired, on: date) -> None:
    """The item's new date; only rungs that still lie ahead can fire."""
    step, item, due = dated.step, dated.item, dated.due
    step.verb, step.bumps_version, step.changes_item = "calendar", False, True
    step.data = {
        "old_due": item.due_on.isoformat() if item.due_on else None,
        "new_due": due.due_on.isoformat() if due.due_on else None,
        "provisional": due.provisional,
    }
    item.provisional, item.budget, item.phrase = due.provisional, due.budget, due.phrase
    if not dated.moves:
        return
    item.due_on, item.rungs_from = due.due_on, on
    item.deadline_version += 1
    rules = rules_of(step.case)
    if rules.stage is not None:
        set_next_check(item, rules, rules.stage, after=on, earlier=fired.earlier(item))


def _look_anew(dated: Dated, fired: Fired, at: datetime) -> bool:
    """Whether a step that keeps its date is looked at on another day: its rungs are counted in
    working days too. What is due already is left to the sweep."""
    item, rules = dated.item, rules_of(dated.step.case)
    before = item.next_check_at
    if before is None or before <= moment_of(day_of(at)) or rules.stage is None:
        return False
    now, earlier = fired.now(item), fired.earlier(item)
    set_next_check(item, rules, rules.stage, after=day_of(at), fired=now, earlier=earlier)
    return item.next_check_at != before and not dated.is_changed
