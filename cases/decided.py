"""What was decided about a kind of case, written about each that is of it.

A county signs for its firms on a morning, and the second of them is decided as the first was. What
a decision may look at is a ``Kind`` (``alike``), the day, whoever acts in his posts, the plan, the
desks around the case and the calendar; under the same of all these the same is written, with the
case's own keys and the moment. A kind is decided about by the very words of the verb, on a case
that holds nothing but its kind; of the case itself a glance is enough. docs/adr/0055, 0063.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cases import alike, alone, engine, glance, near
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case
from cases.rulebook import calendar
from cases.written import CASE_COLUMNS, ITEM_COLUMNS
from organisations.days import day_of
from organisations.reading import only
from organisations.scope import Actor

# kinds that a process keeps: some 6 KB each
MOST = 1024
# plans for a kind as a verb does for one case; false where cases of it may differ
Plan = Callable[[Step, Desks, Actor, datetime], bool]


class Entry(NamedTuple):
    """What is written of a kind, but for its keys and the moment; None where its cases may differ,
    or nobody may do this."""

    template: alone.Template | None
    version: int
    # what the key names by its place in memory, so that nothing else takes it
    days: object


class _Now:
    # whether a glance would have been enough for the last case
    is_likely = True


_known: dict[tuple[Any, ...], Entry] = {}


def forget() -> None:
    """As a process that has just begun."""
    _known.clear()
    _Now.is_likely = True


def write_at_a_glance(
    pk: int, version: int | None, verb: str, plan: Plan, *, by: Actor, at: datetime
) -> Case | None:
    """Lock a case and write about it what is decided about its kind, as the verb's only act; the
    case by its key. None where that is not possible, or is refused: then nothing is done, and
    whoever asks hears it of his own case. Raises as ``engine.write`` does.
    """
    # the system is no click, and of one's own firms other rules hold
    if by.user is None or by.enterprise_ids or by.served_ids:
        return None
    if not (_Now.is_likely and near.is_likely()):
        return None
    seen = glance.at(pk)
    if seen is None:
        _Now.is_likely = False
        return None
    on = day_of(at)
    # the mark stands for the desks; the days are those that are reckoned by
    who, zone, days = (by.user.pk, by.standings), timezone.get_default_timezone(), calendar()
    key = (verb, on, who, zone, id(days), seen.mark, seen.told)
    entry = _known.get(key)
    if entry is None:
        entry = _decide(seen, plan, days, by, at)
        if entry is None:
            return None
        if len(_known) >= MOST:
            _known.clear()
        _known[key] = entry
    if entry.template is None or on < day_of(seen.last_at):
        return None
    if version is not None and version != entry.version:
        return None
    alone.write_again(entry.template, pk, seen.item, at, engine.stale)
    return only(Case, id=pk)


def looked(step: Step) -> Step:
    """A case was read in full: whether for the next one, if it is like it, a glance is enough."""
    _Now.is_likely = step.case.is_main and not step.children
    return step


def _decide(seen: glance.Seen, plan: Plan, days: object, by: Actor, at: datetime) -> Entry | None:
    """Decide about the kind of a case under lock; None where what is around it is not known."""
    kind = seen.kind()
    around = near.known(seen.mark, kind)
    if around is None:
        return None
    return Entry(_decided(kind, plan, around, by, at), kind.version, days)


def _decided(
    kind: alike.Kind, plan: Plan, around: near.Around, by: Actor, at: datetime
) -> alone.Template | None:
    one = alike.step_of(kind, around.programme, around.post)
    was = one.was
    try:
        if not plan(one.step, around.desks, by, at):
            return None
        event = engine.first_event(one.step, by=by, at=at)
    except (Refused, alike.Beyond):
        return None
    case, item, new = one.step.case, one.step.item, one.step.next_item
    if item is None or new is None or one.step.forms or not one.step.bumps_version:
        return None
    now = case.__dict__
    now["version"] = kind.version + 1
    names = ("version", *_changed(CASE_COLUMNS, was[0], now))
    kept = (item, _changed(ITEM_COLUMNS, was[1], item.__dict__))
    return alone.template(alone.Alone(case, kind.version, names, kept, new, (), event), at)


def _changed(names: tuple[str, ...], was: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    return tuple(n for n in names if n in now and (n not in was or was[n] != now[n]))
