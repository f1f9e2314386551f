"""What was decided about a case, kept for the next one that is like it in all a rule looks at.

A county signs for its firms on a morning, and the second of them is decided as the first was. What
a decision may look at is a ``Kind`` (``alike``), the day, whoever acts in his posts, the plan, the
desks around the case and the calendar; under the same of all these the same is written again, with
the case's own keys and the moment. A kind that is met a second time is decided about for all of its
cases, by the very words of the verb, on a case that holds nothing but its kind. docs/adr/0055.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from cases import alike, alone, engine
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.rulebook import calendar, pack_of
from cases.written import CASE_COLUMNS, ITEM_COLUMNS
from organisations.days import day_of
from organisations.scope import Actor

# kinds that a process keeps: some 6 KB each
MOST = 1024
# plans for a kind as a verb does for one case; false where cases of it may differ
Plan = Callable[[Step, Desks, Actor, datetime], bool]

_of_case, _of_item = itemgetter(*alike.OF_CASE), itemgetter(*alike.OF_ITEM)


class Decided(NamedTuple):
    """What is written, and what the case is then, but for its keys and the moment."""

    template: alone.Template
    is_now: dict[str, Any]
    # of these columns the moment is the value
    at_the_moment: tuple[str, ...]


class Entry(NamedTuple):
    # none as long as the kind was met once; or where its cases may differ
    decided: Decided | None
    was_tried: bool
    # what the key names by its place in memory, so that nothing else takes it
    held: tuple[object, ...]


_known: dict[tuple[Any, ...], Entry] = {}


def forget() -> None:
    """As a process that has just begun."""
    _known.clear()


def write_as_decided(step: Step, verb: str, plan: Plan, *, by: Actor, at: datetime) -> bool:
    """Write about a case under lock what was decided about those like it, as the verb's last act;
    false where nothing was: then nothing is done. Raises as ``engine.write`` does.
    """
    case, item, around = step.case, step.item, step.around
    if (
        # the system is no click, and of one's own firms other rules hold
        by.user is None
        or by.enterprise_ids
        or by.served_ids
        or item is None
        or around is None
        or step.children
        or not case.is_main
        or case.finished is not None
    ):
        return False
    desks, days, pack = around.desks, calendar(), pack_of(case.pack_version_id)
    of_case, of_item = _of_case(vars(case)), _of_item(vars(item))
    places = (id(desks), id(days), id(pack), timezone.get_default_timezone())
    key = (verb, day_of(at), by.user.pk, by.standings, places, of_case, of_item)
    entry = _known.get(key)
    if entry is None or (entry.decided is None and not entry.was_tried):
        if len(_known) >= MOST:
            _known.clear()
        kind, is_second = alike.Kind(*of_case, *of_item), entry is not None
        found = _decide(step, kind, plan, desks, by, at) if is_second else None
        entry = _known[key] = Entry(found, is_second, (desks, days, pack))
    decided = entry.decided
    if decided is None:
        return False
    engine.check_time(step, at)
    alone.write_again(decided.template, case.id, item.id, at, engine.stale)
    # past the machine that guards the stage: this very move went through it for the kind
    case.__dict__.update(decided.is_now)
    case.__dict__.update(dict.fromkeys(decided.at_the_moment, at))
    return True


def _decide(
    step: Step, kind: alike.Kind, plan: Plan, desks: Desks, by: Actor, at: datetime
) -> Decided | None:
    """Decide about the kind of a case under lock; none where its cases may differ."""
    if step.item is None:
        return None
    one = alike.step_of(kind, step.case.programme, step.item.post)
    was = one.was
    try:
        if not plan(one.step, desks, by, at):
            return None
        event = engine.first_event(one.step, by=by, at=at)
    except (Refused, alike.Beyond):
        # whoever asks hears it of his own case
        return None
    case, item, new = one.step.case, one.step.item, one.step.next_item
    if item is None or new is None or one.step.forms or not one.step.bumps_version:
        return None
    now = case.__dict__
    now["version"] = kind.version + 1
    names = ("version", *_changed(CASE_COLUMNS, was[0], now))
    alone_ = alone.Alone(
        case,
        kind.version,
        names,
        (item, _changed(ITEM_COLUMNS, was[1], item.__dict__)),
        new,
        (),
        event,
    )
    moments = tuple(name for name in names if now[name] is at)
    return Decided(
        alone.template(alone_, at),
        {name: now[name] for name in names if name not in moments},
        moments,
    )


def _changed(names: tuple[str, ...], was: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    return tuple(n for n in names if n in now and (n not in was or was[n] != now[n]))
