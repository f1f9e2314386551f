"""The one writer. A move is a batch of one: lock the set, decide in Python, write the set.

Nothing else writes ``Case.stage``. One click and ten thousand rows take the same number of
statements: case, item finished, item opened, event, pending event. The hand-written UPDATE is here
and nowhere else (docs/adr); ``write_plainly`` is the same in plain ORM, the tests' reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from cases.errors import Refused, Stale
from cases.flow import CaseFlow
from cases.models import Case, CaseEvent, Counter, PendingEvent, WorkItem
from cases.rulebook import rules_of
from cases.stages import TERMINAL, WITHDRAWN
from organisations.scope import Actor

CHUNK = 500

# what a move may change on a case, beside version; written together, so one statement serves all
CASE_COLUMNS = (
    "stage",
    "status",
    "finished",
    "grade",
    "lacking",
    "lacking_count",
    "county_id",
    "township_id",
    "responsible_unit_id",
    "competent_unit_id",
    "liaison_unit_id",
    "rule",
    "applied_by_id",
    "reviewed_by_id",
    "reviewed_on",
    "closed_on",
    "closing_serial",
    "progress",
    "progress_at",
)
ITEM_COLUMNS = (
    "unit",
    "post",
    "due_on",
    "budget",
    "phrase",
    "provisional",
    "deadline_version",
    "rungs_from",
    "next_check_at",
    "is_declined",
    "is_suspended",
)


@dataclass
class Step:
    """One case under lock, and what a verb wants written about it."""

    case: Case
    item: WorkItem | None
    verb: str = ""
    to_stage: str | None = None
    next_item: WorkItem | None = None
    finishes_item: bool = False
    changes_item: bool = False
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    from_stage: str = ""
    # a remark or a paper changes nothing that a page's buttons depend on: other pages stay valid
    bumps_version: bool = True

    def __post_init__(self) -> None:
        self.from_stage = self.case.stage


def lock(ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[Step]:
    """Lock cases by id, parents before children, with their open items; one statement when open.

    ``versions`` are those of the pages that people looked at: a difference is ``Stale``.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("engine.lock needs a transaction")
    items = (
        WorkItem.objects.select_for_update(of=("process",))
        .filter(process_id__in=ids, finished=None)
        .select_related("process__programme", "post", "unit")
        .order_by("process_id")
    )
    steps = {item.process_id: Step(item.process, item) for item in items}
    missing = [pk for pk in ids if pk not in steps]
    if missing:
        finished = (
            Case.objects.select_for_update(of=("self",))
            .filter(pk__in=missing)
            .select_related("programme")
            .order_by("pk")
        )
        steps.update({case.pk: Step(case, None) for case in finished})
    for pk, seen in (versions or {}).items():
        if pk in steps and steps[pk].case.version != seen:
            raise Stale("stale", _stale_words())
    return [steps[pk] for pk in sorted(steps)]


def lock_one(pk: int, version: int | None = None) -> Step:
    """Lock one case; ``Stale`` when the page is older, ``Refused`` when there is none."""
    found = lock([pk], {pk: version} if version is not None else None)
    if not found:
        raise Refused("no_case", _("This case does not exist."))
    return found[0]


def write(steps: Sequence[Step], *, by: Actor, at: datetime) -> None:
    """Write what the verbs decided: a fixed number of statements per ``CHUNK`` cases.

    Raises ``Stale`` (and thereby rolls back) when a version moved in between.
    """
    for start in range(0, len(steps), CHUNK):
        chunk = steps[start : start + CHUNK]
        for step in chunk:
            _apply(step, by, at)
        _update_cases(chunk)
        _write_items(chunk, by, at)
        _write_events(chunk, by, at)


def record(steps: Sequence[Step], *, by: Actor, at: datetime) -> None:
    """Events without any change of the case: what the ladder said, a letter that went out."""
    for start in range(0, len(steps), CHUNK):
        _write_events(steps[start : start + CHUNK], by, at)


def _apply(step: Step, by: Actor, at: datetime) -> None:
    """Move the instance through the guard; nothing is in the database yet."""
    if by.user is not None:
        step.case.progress_at = at
    if step.to_stage is None:
        return
    step.case.planned = (rules_of(step.case).procedure, step.verb, step.to_stage)
    step.case.move_to(step.to_stage)
    step.case.planned = None
    if step.to_stage in TERMINAL:
        canceled = step.to_stage == WITHDRAWN
        step.case.status = PROCESS.CANCELED if canceled else PROCESS.DONE
        step.case.finished = at
    else:
        step.case.status = PROCESS.NEW
        step.case.finished = None
    if step.item is not None:
        step.finishes_item = True


def _update_cases(steps: Sequence[Step]) -> None:
    """UPDATE … FROM (VALUES …): one statement for the chunk, the version tested in it."""
    version = Case._meta.get_field("version")
    fields = [Case._meta.pk, version, version]
    fields += [Case._meta.get_field(name.removesuffix("_id")) for name in CASE_COLUMNS]
    cast = _casts(fields)
    row = "(" + ", ".join(cast) + ")"
    names = ["id", "version", "next_version", *CASE_COLUMNS]
    params: list[Any] = []
    for step in steps:
        case = step.case
        params += [case.pk, case.version, case.version + int(step.bumps_version)]
        params += [_prepared(f, getattr(case, f.attname)) for f in fields[3:]]
    table = connection.ops.quote_name(Case._meta.db_table)
    sets = ", ".join(f"{name} = v.{name}" for name in CASE_COLUMNS)
    sql = (
        f"UPDATE {table} SET version = v.next_version, {sets} FROM "
        f"(WITH w({', '.join(names)}) AS (VALUES {', '.join([row] * len(steps))}) "
        f"SELECT * FROM w) AS v WHERE {table}.id = v.id AND {table}.version = v.version"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        if cursor.rowcount != len(steps):
            raise Stale("stale", _stale_words())
    for step in steps:
        step.case.version += int(step.bumps_version)


def _casts(fields: Sequence[Any]) -> list[str]:
    """PostgreSQL needs the type of a bare value; SQLite's CAST would spoil dates."""
    if connection.vendor != "postgresql":
        return ["%s"] * len(fields)
    return [
        f"CAST(%s AS {f.rel_db_type(connection) if f.is_relation else _type(f)})" for f in fields
    ]


def _type(field_: Any) -> str:
    return str(field_.rel_db_type(connection) if field_.primary_key else field_.db_type(connection))


def _prepared(field_: Any, value: Any) -> Any:
    if field_.get_internal_type() == "JSONField":
        return json.dumps(value, ensure_ascii=False)
    return field_.get_db_prep_save(value, connection)


def _write_items(chunk: Sequence[Step], by: Actor, at: datetime) -> None:
    finished = [s.item.pk for s in chunk if s.finishes_item and s.item is not None]
    if finished:
        WorkItem.objects.filter(pk__in=finished).update(
            finished=at,
            status=STATUS.DONE,
            owner=by.user,
            next_check_at=None,
            is_suspended=False,
        )
    changed = [s.item for s in chunk if s.changes_item and s.item is not None]
    if changed:
        WorkItem.objects.bulk_update(changed, ITEM_COLUMNS)
    opened = [s.next_item for s in chunk if s.next_item is not None]
    for item in opened:
        item.created = at
    if opened:
        WorkItem.objects.bulk_create(opened)


def _write_events(chunk: Sequence[Step], by: Actor, at: datetime) -> None:
    events = CaseEvent.objects.bulk_create([_event(s, by, at) for s in chunk])
    PendingEvent.objects.bulk_create([PendingEvent(event=e) for e in events])


def _event(step: Step, by: Actor, at: datetime) -> CaseEvent:
    item = step.next_item or step.item
    return CaseEvent(
        case=step.case,
        item_id=item.pk if item else None,
        verb=step.verb,
        at=at,
        by=by.user,
        by_post_id=_post_of(by, step.case),
        from_stage=step.from_stage,
        to_stage=step.case.stage,
        reason=step.reason,
        data=step.data,
    )


def _post_of(by: Actor, case: Case) -> int | None:
    """The post that a person acted in: the one nearest to the case."""
    for standing in by.standings:
        if standing.unit_id in (case.responsible_unit_id, case.competent_unit_id):
            return standing.post_id
    return by.standings[0].post_id if by.standings else None


def take_numbers(programme_id: int, name: str, count: int) -> int:
    """The first of ``count`` consecutive numbers of a series; one statement that locks the series.

    Rolled back with the transaction, so a series has neither gaps nor doubles.
    """
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (programme_id, name, value) VALUES (%s, %s, %s) "
            "ON CONFLICT (programme_id, name) "
            f"DO UPDATE SET value = {table}.value + excluded.value RETURNING value",
            [programme_id, name, count],
        )
        last = int(cursor.fetchone()[0])
    return last - count + 1


def new_item(case: Case, **values: Any) -> WorkItem:
    """An open step as viewflow would have made it; not saved."""
    node = CaseFlow.instance.node("step")
    return WorkItem(
        process=case,
        flow_task=node,
        flow_task_type=node.task_type,
        status=STATUS.NEW,
        token=Token("start"),
        **values,
    )


def write_plainly(step: Step, *, by: Actor, at: datetime) -> None:
    """One move as ordinary ORM saves: slow, readable, the tests' reference for ``write``."""
    _apply(step, by, at)
    values = {name: getattr(step.case, name) for name in CASE_COLUMNS if name != "stage"}
    hit = Case.objects.filter(pk=step.case.pk, version=step.case.version).update(
        stage=step.case.stage, version=F("version") + int(step.bumps_version), **values
    )
    if hit != 1:
        raise Stale("stale", _stale_words())
    step.case.version += int(step.bumps_version)
    if step.finishes_item and step.item is not None:
        step.item.finished, step.item.status = at, STATUS.DONE
        step.item.owner, step.item.next_check_at, step.item.is_suspended = by.user, None, False
        step.item.save()
    elif step.changes_item and step.item is not None:
        step.item.save()
    if step.next_item is not None:
        step.next_item.created = at
        step.next_item.save()
    event = _event(step, by, at)
    event.save()
    PendingEvent.objects.create(event=event)


def _stale_words() -> str:
    return _("Somebody has just acted on this case. Load the page again and look before you act.")
