"""Steps whose moment has come, taken by kind, and what was decided about each kind written.

Thousands of steps fall due on one morning for the same reason. Whatever the ladder's decision
depends on is a ``Kind``; the sweep decides once for each. On PostgreSQL taking and writing are a
statement each, whatever the number of steps (docs/adr/0032); elsewhere the same rows go by ORM.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, transaction

from cases import parcels
from cases.models import Case, CaseEvent, PendingEvent, PhoneReminder, RungFired, WorkItem
from cases.statements import add_rows, update_rows
from organisations.days import day_of
from organisations.reading import fresh

RUNG = "rung"
# the lock of whoever sweeps from the oldest on: any number that nobody else takes
FIRST = 735_512_005


class Kind(NamedTuple):
    """All that the decision about a due step depends on: of its case, of itself, and the rungs on
    record (``1:due_soon 1:due_today``: deadline version and key). ``lacking`` is JSON."""

    pack_version_id: int
    procedure: str
    stage: str
    lacking: str
    next_check_at: datetime
    started_on: date
    due_on: date | None
    rungs_from: date
    budget: int | None
    deadline_version: int
    waits_higher: bool
    is_chased: bool
    is_suspended: bool
    is_declined: bool
    fired: str

    @property
    def item(self) -> WorkItem:
        """A step of this kind, none in particular."""
        return fresh(WorkItem, **{name: getattr(self, name) for name in OF_ITEM})

    @property
    def case(self) -> Case:
        """The case of such a step."""
        told = {name: getattr(self, name) for name in OF_CASE[:-1]}
        return fresh(Case, lacking=json.loads(self.lacking), **told)

    @property
    def rungs(self) -> tuple[frozenset[str], frozenset[str]]:
        """Those on record for the date that the step has now, and those for earlier ones."""
        now: set[str] = set()
        earlier: set[str] = set()
        for one in self.fired.split():
            version, key = one.split(":", 1)
            (now if int(version) == self.deadline_version else earlier).add(key)
        return frozenset(now), frozenset(earlier)


OF_CASE = Kind._fields[:4]
OF_ITEM = Kind._fields[4:-1]


@dataclass
class Taken:
    """Steps of one kind, ``count`` of them: numbers as they stand in an array of PostgreSQL's, with
    commas between, and where their rows lie, which changes for nobody else while they are under
    lock. Elsewhere ``cases`` in the order of the steps instead."""

    kind: Kind
    count: int
    numbers: str
    rows: str = ""
    cases: Sequence[int] = ()

    @property
    def items(self) -> list[int]:
        """The steps' numbers."""
        return [int(number) for number in self.numbers.split(",")]


@dataclass(frozen=True)
class Decision:
    """What becomes of a step: the rungs that fire (key, whether it speaks), the event's data
    where one speaks, whether that puts it on the call list, and when to look again."""

    rungs: tuple[tuple[str, bool], ...]
    data: dict[str, Any] | None
    is_call: bool
    next_check_at: datetime | None


def take(at: datetime, most: int) -> list[Taken]:
    """Open steps whose moment has come, under lock; another sweep's are skipped.

    Not their cases: whatever a move decides about a step it writes to the step, so either it waits
    for the sweep there, or the sweep sees that the step is not due any more (docs/adr/0042).
    """
    if not parcels.is_possible():
        return _take_plainly(at, most)
    with connection.cursor() as cursor:
        # whoever is alone or first begins with the oldest, the others at the other end: they would
        # walk through what he holds. Steps are put together, not sorted, by sixteen columns: a kind
        # or five thousand are all one to a planner that knows nothing of them. And the disk is
        # waited for once, by ``keep``
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s), set_config('enable_sort', 'off', true), "
            "set_config('synchronous_commit', 'off', true)",
            [FIRST],
        )
        is_first, *_off = cursor.fetchone()
        cursor.execute(_taking(is_first), [at, most])
        return [
            Taken(Kind(*told), count, numbers[1:-1], rows[1:-1])
            for *told, count, numbers, rows in cursor.fetchall()
        ]


def write(found: Iterable[tuple[Taken, Decision]], at: datetime) -> None:
    """Rungs, events with their place in the outbox, calls and the next moments, for all of them."""
    decided = list(found)
    if not decided:
        return
    if not parcels.is_possible():
        _write_plainly(decided, at)
        return
    kinds, rungs = [], []
    places: list[int] = []
    for place, (taken, decision) in enumerate(decided):
        told = {"next_check_at": decision.next_check_at, "data": decision.data}
        kinds.append({"kind": place, "stage": taken.kind.stage, **told})
        rungs += [{"kind": place, "rung": key, "spoke": spoke} for key, spoke in decision.rungs]
        places += [place] * taken.count
    calls: list[Any] = [place for place, (_taken, d) in enumerate(decided) if d.is_call]
    params: list[Any] = [
        f"{{{','.join(taken.rows for taken, _decision in decided)}}}",
        parcels.of_numbers(places),
        json.dumps(kinds, ensure_ascii=False, default=datetime.isoformat),
        json.dumps(rungs, ensure_ascii=False),
        at,
        *([day_of(at), calls] if calls else []),
        at,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_writing(bool(calls)), params)
        [hit] = cursor.fetchone()
    if hit != len(places):
        raise RuntimeError("a step under lock was not there any more")


def keep() -> None:
    """Wait until all that was written is on the disk.

    What a crash of the database takes back before that is due again; nobody has been told of it,
    as whoever tells commits behind it, and the log keeps its order (docs/adr/0057).
    """
    if parcels.is_possible():
        # an empty transaction waits for nothing: this writes a line into the log, read by nobody
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'xiaohao', 'swept')")


@cache
def _taking(is_first: bool) -> str:
    order = "" if is_first else " DESC"
    case, item, rung = (_named(model) for model in (Case, WorkItem, RungFired))
    own = ", ".join(f"i.{name}" for name in OF_ITEM)
    of_case = ", ".join(f"c.{name}" for name in OF_CASE)
    # a column of JSON has no order to be grouped by; its text has
    told = ", ".join(f"{name}::text" if name == "lacking" else name for name in Kind._fields[:-1])
    return (
        f"WITH due AS MATERIALIZED (SELECT i.id, i.ctid AS place, {of_case}, {own} "
        f"FROM {item} i JOIN {case} c ON c.id = i.process_id "
        "WHERE i.finished IS NULL AND i.next_check_at <= %s "
        f"ORDER BY i.next_check_at{order} LIMIT %s FOR NO KEY UPDATE OF i SKIP LOCKED) "
        # arrays as texts, which go back as they came: the driver would look at each number
        f"SELECT {told}, COALESCE(f.fired, ''), count(*), array_agg(due.id)::text, "
        "array_agg(due.place)::text "
        "FROM due LEFT JOIN LATERAL (SELECT string_agg(o.told, ' ') AS fired "
        # as they stand in the index
        f"FROM (SELECT r.deadline_version || ':' || r.rung AS told FROM {rung} r "
        "WHERE r.item_id = due.id ORDER BY r.deadline_version, r.rung) o) f ON true "
        f"GROUP BY {', '.join(str(n + 1) for n in range(len(Kind._fields)))}"
    )


@cache
def _writing(with_calls: bool) -> str:
    event, pending, item, rung, call = (
        _named(model) for model in (CaseEvent, PendingEvent, WorkItem, RungFired, PhoneReminder)
    )
    kinds = "kind integer, stage varchar, next_check_at timestamptz, data jsonb"
    parts = [
        # side by side in the table, so that its pages are met once. A row under lock stays where it
        # is, so no index is asked for it
        "places AS MATERIALIZED (SELECT * FROM unnest(%s::tid[], %s::integer[]) p(place, kind) "
        "ORDER BY place)",
        f"kinds AS MATERIALIZED (SELECT * FROM json_to_recordset(%s::json) k({kinds}))",
        "rungs AS (SELECT * FROM json_to_recordset(%s::json) "
        "r(kind integer, rung varchar, spoke boolean))",
        f"items AS (UPDATE {item} i SET next_check_at = k.next_check_at "
        "FROM places p JOIN kinds k USING (kind) WHERE i.ctid = p.place "
        "RETURNING i.id, i.process_id, i.deadline_version, p.kind)",
        # the unique key has the last word: a rung that was there already undoes the whole batch
        f"fired AS (INSERT INTO {rung} (item_id, deadline_version, rung, at, spoke) "
        "SELECT items.id, items.deadline_version, rungs.rung, %s, rungs.spoke "
        "FROM items JOIN rungs USING (kind))",
    ]
    if with_calls:
        parts.append(
            f"calls AS (INSERT INTO {call} (item_id, deadline_version, listed_on, result) "
            "SELECT id, deadline_version, %s, '' FROM items WHERE kind = ANY(%s) "
            "ON CONFLICT DO NOTHING)"
        )
    parts += [
        f"said AS (INSERT INTO {event} "
        "(case_id, item_id, verb, at, from_stage, to_stage, reason, data) "
        f"SELECT items.process_id, items.id, '{RUNG}', %s, kinds.stage, kinds.stage, '', "
        "kinds.data FROM items JOIN kinds USING (kind) WHERE kinds.data IS NOT NULL "
        "ORDER BY items.id RETURNING id)",
        f"waiting AS (INSERT INTO {pending} (event_id) SELECT id FROM said ORDER BY id)",
    ]
    return f"WITH {', '.join(parts)} SELECT count(*) FROM items"


def _named(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _take_plainly(at: datetime, most: int) -> list[Taken]:
    """Where one writer has the database for himself there is nothing to lock."""
    names = [*(f"process__{name}" for name in OF_CASE), *OF_ITEM]
    due = WorkItem.objects.filter(finished=None, next_check_at__lte=at)
    rows = list(due.order_by("next_check_at", "id")[:most].values_list("id", "process", *names))
    fired = defaultdict(list)
    known = RungFired.objects.filter(item__in=[item for item, *_rest in rows])
    for item, version, key in known.order_by("deadline_version", "rung").values_list(
        "item_id", "deadline_version", "rung"
    ):
        fired[item].append(f"{version}:{key}")
    found: dict[Kind, list[tuple[int, int]]] = defaultdict(list)
    for item, case, *told in rows:
        told[3] = json.dumps(told[3])
        found[Kind._make([*told, " ".join(fired[item])])].append((item, case))
    return [
        Taken(
            kind, len(some), ",".join(str(item) for item, _case in some), "", [c for _i, c in some]
        )
        for kind, some in found.items()
    ]


def _write_plainly(decided: Sequence[tuple[Taken, Decision]], at: datetime) -> None:
    every = sorted(
        (item, case, taken.kind, decision)
        for taken, decision in decided
        for item, case in zip(taken.items, taken.cases, strict=True)
    )
    update_rows(WorkItem, ["next_check_at"], [[pk, d.next_check_at] for pk, _c, _k, d in every])
    RungFired.objects.bulk_create(
        RungFired(item_id=pk, deadline_version=kind.deadline_version, rung=key, at=at, spoke=spoke)
        for pk, _case, kind, decision in every
        for key, spoke in decision.rungs
    )
    PhoneReminder.objects.bulk_create(
        [
            PhoneReminder(item_id=pk, deadline_version=k.deadline_version, listed_on=day_of(at))
            for pk, _case, k, decision in every
            if decision.is_call
        ],
        ignore_conflicts=True,
    )
    events = [
        CaseEvent(
            case_id=case,
            item_id=pk,
            verb=RUNG,
            at=at,
            from_stage=kind.stage,
            to_stage=kind.stage,
            data=decision.data,
        )
        for pk, case, kind, decision in every
        if decision.data is not None
    ]
    numbers = add_rows(CaseEvent, events)
    add_rows(PendingEvent, [PendingEvent(event_id=number) for number in numbers])
