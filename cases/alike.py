"""Firms' own cases that are alike, taken under lock by kind: a bulk verb decides once for each.

Thousands of cases differ in nothing that a rule looks at. Whatever a verb may look at is a
``Kind``; a verb plans for one ``Step`` of each kind, the same way as for a single case. That step's
case holds the kind and nothing else: whatever asks it for more raises ``Beyond``, and its cases go
one by one, as do matters, firms with open children, and all on SQLite (docs/adr/0041).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeVar

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from cases import engine, parcels
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent, WorkItem
from organisations.days import day_of
from organisations.models import Post
from organisations.reading import only
from organisations.scope import Actor
from workflows.models import Programme

M = TypeVar("M", bound=Model)
# kinds from which on it matters how many cases each of them has
MANY = 400


class Beyond(Exception):
    """A decision asked for more than cases of a kind have in common."""


class Kind(NamedTuple):
    """All that is known of a case when it is decided about, beside that it is a firm's own and
    open; from ``item_stage`` on of its open step."""

    programme_id: int
    pack_version_id: int
    procedure: str
    criterion: str
    stage: str
    status: str
    grade: str
    period: date | None
    given_due: date | None
    county_id: int
    township_id: int | None
    responsible_unit_id: int
    competent_unit_id: int
    liaison_unit_id: int | None
    rule: str
    version: int
    applied_by_id: int | None
    reviewed_by_id: int | None
    late_days: int
    item_status: str
    item_stage: str
    item_unit_id: int
    item_post_id: int
    item_started_on: date
    item_due_on: date | None
    item_budget: int | None
    item_phrase: str
    item_provisional: bool
    item_deadline_version: int
    item_rungs_from: date
    item_next_check_at: datetime | None
    item_waits_higher: bool
    item_is_chased: bool
    item_days_late: int
    item_is_correction: bool
    item_is_declined: bool
    item_is_suspended: bool


ITEM = "item_"
OF_CASE = tuple(name for name in Kind._fields if not name.startswith(ITEM))
OF_ITEM = tuple(name.removeprefix(ITEM) for name in Kind._fields if name.startswith(ITEM))


class _AnyOf:
    """The key of any case of a kind, of its step or its firm: there is one, and which it is nobody
    may ask."""

    def __int__(self) -> NoReturn:
        raise Beyond

    def __str__(self) -> NoReturn:
        raise Beyond

    __index__ = __int__


@dataclass
class Alike:
    """Cases of one kind under lock, their open steps in the same order, and what is planned."""

    kind: Kind
    cases: list[int]
    items: list[int]
    # a case of the kind and its open step, none in particular
    step: Step
    was: tuple[dict[str, Any], dict[str, Any]]
    # what is told of each, once it is planned
    event: CaseEvent | None = None


@dataclass
class Decided:
    """What is to be written, refusals by case id in words, and those that go one by one."""

    ready: list[Alike] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    apart: list[int] = field(default_factory=list)


def take(
    ids: Iterable[int], *, by: Actor, at: datetime, with_children: bool = False
) -> tuple[list[Alike], list[int]]:
    """Lock cases in the order of their ids (``with_children``: their children among them); those
    that are alike by kind, and those that go one by one, to be read by ``engine.lock``.

    The actor's own firms, cases about which something is told of a later day than ``at``, and those
    that somebody else has just changed are among the latter.
    """
    wanted = sorted(set(ids))
    if not parcels.is_possible():
        return [], wanted
    if not connection.in_atomic_block:
        raise RuntimeError("alike.take needs a transaction")
    tomorrow = timezone.make_aware(
        datetime.combine(day_of(at) + timedelta(days=1), datetime.min.time())
    )
    asked = parcels.of_numbers(wanted)
    own = [*by.enterprise_ids, *by.served_ids]
    params: list[Any] = [asked, *([asked, asked] if with_children else []), own, tomorrow]
    with connection.cursor() as cursor:
        cursor.execute(_taking(with_children), params)
        rows = cursor.fetchall()
    found, apart = [], []
    for is_apart, cases, items, *told in rows:
        if is_apart:
            apart += cases
        else:
            found.append((Kind._make(told), cases, items))
    if len(found) > MANY and 2 * len(found) > sum(len(cases) for _kind, cases, _items in found):
        # hardly two of a kind: the kinds would cost more than they spare
        return [], sorted([*apart, *(pk for _kind, cases, _items in found for pk in cases)])
    # cases that are not there are nobody's
    return _with_steps(found), sorted(apart)


def decide(
    many: Iterable[Alike], plan: Callable[[Step], bool], *, by: Actor, at: datetime
) -> Decided:
    """Plan for each kind as ``plan`` does for one case; what it says no to goes apart."""
    done = Decided()
    for one in many:
        try:
            is_planned = plan(one.step)
        except Refused as refusal:
            done.refused |= dict.fromkeys(one.cases, refusal.words)
            continue
        except Beyond:
            is_planned = False
        if is_planned and _is_told(one, by, at):
            done.ready.append(one)
        else:
            done.apart += one.cases
    return done


def _is_told(one: Alike, by: Actor, at: datetime) -> bool:
    """Through the guard, as ``engine.write`` does; what that refuses is refused for all."""
    try:
        one.event = engine.first_event(one.step, by=by, at=at)
    except Beyond:
        return False
    return True


def cases_of(many: Iterable[Alike]) -> list[Case]:
    """The cases by their keys; what else is asked of one is read then."""
    return [only(Case, id=pk) for one in many for pk in one.cases]


@cache
def _taking(with_children: bool) -> str:
    case, item, event = (
        connection.ops.quote_name(model._meta.db_table) for model in (Case, WorkItem, CaseEvent)
    )
    own = ", ".join(f"c.{name}" for name in OF_CASE)
    of_item = ", ".join(f"i.{name} AS {ITEM}{name}" for name in OF_ITEM)
    wanted = f"SELECT id, ctid, true AS asked FROM {case} WHERE id = ANY(%s::bigint[])"
    has_child = ""
    if with_children:
        wanted += (
            f" UNION ALL SELECT id, ctid, false FROM {case} "
            "WHERE parent_id = ANY(%s::bigint[]) AND NOT id = ANY(%s::bigint[])"
        )
        has_child = (
            f" OR EXISTS (SELECT FROM {case} o WHERE o.parent_id = c.id AND o.finished IS NULL)"
        )
    last = f"(SELECT e.at FROM {event} e WHERE e.case_id = c.id ORDER BY e.id DESC LIMIT 1)"
    # a row that was waited for comes as it is now, with the step as it was: its place tells, also
    # where the version stays (a calendar moves dates, and every page stays valid)
    apart = (
        "i.id IS NULL OR NOT c.is_main OR c.ctid <> w.ctid OR c.enterprise_id = ANY(%s) "
        f"OR COALESCE({last}, c.created) >= %s{has_child}"
    )
    return (
        f"WITH wanted AS ({wanted}), held AS MATERIALIZED (SELECT w.asked, c.id, i.id AS item_id, "
        f"{own}, {of_item}, {apart} AS apart FROM wanted w JOIN {case} c ON c.id = w.id "
        f"LEFT JOIN {item} i ON i.process_id = c.id AND i.finished IS NULL "
        "ORDER BY c.id FOR NO KEY UPDATE OF c) "
        f"SELECT apart, array_agg(id), array_agg(item_id), {', '.join(Kind._fields)} "
        f"FROM held WHERE asked GROUP BY apart, {', '.join(Kind._fields)}"
    )


def _with_steps(found: Sequence[tuple[Kind, list[int], list[int]]]) -> list[Alike]:
    if not found:
        return []
    kinds = [kind for kind, _cases, _items in found]
    programmes = Programme.objects.in_bulk({kind.programme_id for kind in kinds})
    posts = Post.objects.select_related("unit").in_bulk({kind.item_post_id for kind in kinds})
    made = []
    for kind, cases, items in found:
        one = step_of(kind, programmes[kind.programme_id], posts[kind.item_post_id])
        one.cases, one.items = cases, items
        made.append(one)
    return made


def step_of(kind: Kind, programme: Programme, post: Post) -> Alike:
    """A step of a case of the kind, of none in particular."""
    case, item = _case_of(kind), _item_of(kind)
    case.programme, item.post, item.process = programme, post, case
    if item.post.unit_id == item.unit_id:
        item.unit = item.post.unit
    was = dict(vars(case)), dict(vars(item))
    return Alike(kind, [], [], Step.of(case, item, None), was)


def _case_of(kind: Kind) -> Case:
    told = {name: getattr(kind, name) for name in OF_CASE}
    some: Any = _AnyOf()
    case = _only(
        Case, id=some, enterprise_id=some, parent_id=None, is_main=True, finished=None, **told
    )
    # as its own query would say
    case.__dict__["open_unit_id"] = kind.item_unit_id
    return case


def _item_of(kind: Kind) -> WorkItem:
    told = {name: getattr(kind, ITEM + name) for name in OF_ITEM}
    some: Any = _AnyOf()
    return _only(WorkItem, id=some, process_id=some, finished=None, **told)


def _only(model: type[M], **values: Any) -> M:
    """An instance that has these columns, and is not asked for any other."""
    one = only(model, **values)
    one.__dict__["refresh_from_db"] = _refuse
    return one


def _refuse(*_args: Any, **_more: Any) -> NoReturn:
    raise Beyond
