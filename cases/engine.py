"""The one writer. A move is a batch of one: lock the set, decide in Python, write the set.

Nothing else writes ``Case.stage``. One click and ten thousand rows take the same number of
statements: cases, items, forms, events, pending events; new cases go with those that they come
from. The first three are hand-written (``statements``); ``write_plainly`` is the same in plain ORM,
the tests' reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models as db
from django.db.models import F, Value, When
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from cases import alone, parcels
from cases.acted_as import for_whom, standing_of
from cases.errors import Stale
from cases.flow import CaseFlow
from cases.locking import (
    OF_CASE,
    OF_PAPER,
    Step,
    check_time,
    lock,
    lock_family,
    lock_one,
    lock_trees,
    stale_words,
)
from cases.models import Case, CaseEvent, FormRecord, PendingEvent, WorkItem
from cases.rulebook import calendar, procedure_of
from cases.stages import DELISTED, TERMINAL, WITHDRAWN
from cases.statements import Part, add_part, add_rows, put_part, put_rows, update_by, update_part
from cases.together import (
    FORM_KEY,
    ITEM_KEY,
    SAVED_ROWS,
    Whole,
    write_at_end,
    write_together,
)
from cases.written import CASE_COLUMNS, FORM_COLUMNS, ITEM_COLUMNS, WRITTEN
from organisations.days import day_of
from organisations.lengths import check_length
from organisations.models import Post
from organisations.reading import fresh
from organisations.scope import Actor

__all__ = [
    "OF_CASE",
    "OF_PAPER",
    "Step",
    "check_time",
    "first_event",
    "lock",
    "lock_family",
    "lock_one",
    "lock_trees",
    "new_item",
    "record",
    "rename_passed",
    "stale",
    "write",
    "write_plainly",
]

# both items of so many moves stay below the 32,766 parameters that SQLite takes
CHUNK = 400
# of a procedure that never splits
TOKEN = Token("start")

# what somebody does about a case without bringing it on: 30天无进展 runs on
NO_PROGRESS = frozenset(
    {
        "urge", "call", "reassign", "release_draft", "drop_draft", "redate", "migrate", "calendar",
        "request_extension", "withdraw_extension", "decide_extension", "draft_supervision",
        "undo_carry", "note_undone",
    }
)  # fmt: skip


def write(steps: Sequence[Step], *, by: Actor, at: datetime, is_last: bool = False) -> None:
    """Write what the verbs decided: a fixed number of statements per ``CHUNK`` cases.

    Raises ``Stale`` (and thereby rolls back) when a version moved in between. ``is_last``: the verb
    does nothing more, so the write may travel with the COMMIT and raise there; only then do new
    rows have their numbers.
    """
    for step in steps:
        check_time(step, at)
        check_length(step.reason)
    for start in range(0, len(steps), CHUNK):
        chunk = steps[start : start + CHUNK]
        for step in chunk:
            _apply(step, by, at)
        if _goes_alone(chunk, is_last=is_last):
            _write_alone(chunk[0], by, at, is_last=is_last and len(steps) == 1)
        elif parcels.is_possible() and not any(step.is_birth for step in chunk):
            _write_together(chunk, by, at, is_last=is_last and len(steps) <= CHUNK)
        else:
            _write_cases(chunk)
            _write_items(chunk)
            _write_forms(chunk, by, at)
            _write_events(chunk, by, at)


def record(steps: Sequence[Step], *, by: Actor, at: datetime) -> None:
    """Events without any change of the case: what the ladder said, a letter that went out."""
    for start in range(0, len(steps), CHUNK):
        _write_events(steps[start : start + CHUNK], by, at)


def first_event(step: Step, *, by: Actor, at: datetime) -> CaseEvent:
    """What ``write`` tells of a birth, nothing written: for many that are alike (``births``)."""
    check_length(step.reason)
    _apply(step, by, at)
    return _event(step, by, at)


def _apply(step: Step, by: Actor, at: datetime) -> None:
    """Move the instances through the guard; nothing is in the database yet."""
    case = step.case
    begins = step.is_birth or step.is_again
    if by.user is not None and step.verb not in NO_PROGRESS and not begins:
        case.progress_at = at
    if step.next_item is not None:
        step.next_item.created = at
    if step.to_stage is None:
        return
    case.planned = (procedure_of(case), step.verb, step.to_stage)
    case.move_to(step.to_stage)
    case.planned = None
    if step.to_stage in TERMINAL:
        canceled = step.to_stage == WITHDRAWN
        case.status = PROCESS.CANCELED if canceled else PROCESS.DONE
        case.finished = at
    else:
        case.status = PROCESS.NEW
        case.finished = None
    if step.item is not None:
        if not step.keeps_item:
            _keep_lateness(step, step.item, at)
            _finish(step.item, by, at)
    elif step.revives_last and step.last is not None:
        step.last.finished, step.last.status, step.last.owner = None, STATUS.NEW, None


def _keep_lateness(step: Step, item: WorkItem, at: datetime) -> None:
    """How late a step was left stays with it, and with its case: the next step starts afresh.

    What ends by leaving the register or as a mistake was not left late; ◇ is the higher level's.
    """
    runs = item.is_chased and not item.is_suspended and not item.is_declined
    if not runs or item.due_on is None or step.to_stage in (DELISTED, WITHDRAWN):
        return
    on = day_of(at)
    item.days_late = max(calendar().between(item.due_on, on), 1) if on > item.due_on else 0
    if item.waits_higher:
        return
    if "no_later:" in item.phrase and item.due_on < item.started_on:
        # taken back by whoever was late: the days before are counted at the step that he left
        step.case.late_days += calendar().between(item.started_on, on)
    else:
        step.case.late_days += item.days_late


def _finish(item: WorkItem, by: Actor, at: datetime) -> None:
    item.finished, item.status = at, STATUS.DONE
    item.owner_id = by.user.pk if by.user else None
    item._state.fields_cache["owner"] = by.user
    item.next_check_at, item.is_suspended = None, False


def _goes_alone(chunk: Sequence[Step], *, is_last: bool) -> bool:
    """One case; on SQLite only a click's, as it is a statement more, though a quicker one."""
    return len(chunk) == 1 and not chunk[0].is_birth and (is_last or parcels.is_possible())


def _write_alone(step: Step, by: Actor, at: datetime, *, is_last: bool) -> None:
    """The same as the four below, of one case."""
    case, kept = step.case, _kept_item(step)
    if step.next_item is not None:
        step.next_item.process_id = case.pk
    was = case.version
    case.version += int(step.bumps_version)
    whole = alone.Alone(
        case,
        was,
        ("version", *step.changed(CASE_COLUMNS)),
        (kept, step.changed_of_item(ITEM_COLUMNS) or ("status",)) if kept is not None else None,
        step.next_item,
        _forms([step], by, at),
        _event(step, by, at),
    )
    if not (is_last and alone.write_at_end(whole, stale)):
        _check_hit(alone.write(whole), [step])


def stale() -> Stale:
    return Stale("stale", stale_words())


def _write_together(chunk: Sequence[Step], by: Actor, at: datetime, *, is_last: bool) -> None:
    """The same as the four below, as one statement."""
    items, forms = _items(chunk), _forms(chunk, by, at)
    new, saved = [item for item in items if item.pk is None], _saved_items(chunk)
    # whose number is the database's answer
    events = [(_event(s, by, at), s.next_item is not None) for s in chunk]
    after = SAVED_ROWS if saved else ""
    whole = Whole(
        _update_of_cases(chunk),
        saved,
        (new, add_part(WorkItem, new, key="process_id", after=after)) if new else None,
        (forms, put_part(FormRecord, forms, FORM_COLUMNS, FORM_KEY)) if forms else None,
        events,
        len(chunk),
    )
    if not (is_last and write_at_end(whole, Stale("stale", stale_words()))):
        _check_hit(write_together(whole), chunk)


def _saved_items(chunk: Sequence[Step]) -> Part | None:
    """What is written of the steps that end or change: no more than what differs."""
    kept = [(step, item) for step in chunk if (item := _kept_item(step)) is not None]
    if not kept:
        return None
    changed = set().union(*(step.changed_of_item(ITEM_COLUMNS) for step, _item in kept))
    names = tuple(name for name in ITEM_COLUMNS if name in changed) or ("status",)
    rows = [[item.pk, *(getattr(item, name) for name in names)] for _step, item in kept]
    return update_part(WorkItem, names, rows)


def _write_cases(steps: Sequence[Step]) -> None:
    """One statement for the chunk, the version tested in it."""
    if any(step.is_birth for step in steps):
        hit = _bear(steps)
    else:
        hit = update_by(_update_of_cases(steps))
    _check_hit(hit, steps)


def _check_hit(hit: int, steps: Sequence[Step]) -> None:
    if hit != len(steps):
        raise Stale("stale", stale_words())


def _update_of_cases(steps: Sequence[Step]) -> Part:
    """What is written of the cases, no more than what differs, where their version is still that
    which was read."""
    changed = set().union(*(step.changed(CASE_COLUMNS) for step in steps))
    names = tuple(name for name in CASE_COLUMNS if name in changed)
    rows = []
    for step in steps:
        case = step.case
        values = [getattr(case, name) for name in names]
        rows.append([case.pk, case.version, case.version + int(step.bumps_version), *values])
        case.version += int(step.bumps_version)
    return update_part(Case, ("version", *names), rows, "version")


def _bear(steps: Sequence[Step]) -> int:
    """New cases with those that they come from, whose pages are older now in any case."""
    for step in steps:
        if not step.is_birth:
            step.case.version += 1
    return put_rows(
        Case,
        [step.case for step in steps],
        WRITTEN,
        key=("programme_id", "serial"),
        guard="version",
    )


def _write_items(chunk: Sequence[Step]) -> None:
    put_rows(WorkItem, _items(chunk), ITEM_COLUMNS, key=ITEM_KEY)


def _items(chunk: Sequence[Step]) -> list[WorkItem]:
    """What ends, changes or goes on, and what begins, which comes after it."""
    items: list[WorkItem] = []
    for step in chunk:
        items += [item for item in (_kept_item(step), step.next_item) if item is not None]
        if step.next_item is not None:
            step.next_item.process_id = step.case.pk
    return items


def _write_forms(chunk: Sequence[Step], by: Actor, at: datetime) -> None:
    put_rows(FormRecord, _forms(chunk, by, at), FORM_COLUMNS, key=FORM_KEY)


def _forms(chunk: Sequence[Step], by: Actor, at: datetime) -> list[FormRecord]:
    records = []
    for step in chunk:
        for record in step.forms:
            record.case_id, record.by, record.at = step.case.pk, by.user, at
            record.pack_version_id = step.case.pack_version_id
            records.append(record)
    return records


def _kept_item(step: Step) -> WorkItem | None:
    """The saved item that this move writes again, if any."""
    if step.revives_last:
        return step.last
    return step.item if step.changes_item or step.to_stage is not None else None


def _write_events(chunk: Sequence[Step], by: Actor, at: datetime) -> None:
    numbers = add_rows(CaseEvent, [_event(step, by, at) for step in chunk])
    add_rows(PendingEvent, [fresh(PendingEvent, event_id=number) for number in numbers])


def _event(step: Step, by: Actor, at: datetime) -> CaseEvent:
    item = step.next_item or step.item or (step.last if step.revives_last else None)
    standing = standing_of(by, step)
    return fresh(
        CaseEvent,
        case_id=step.case.pk,
        item_id=item.pk if item else None,
        verb=step.verb,
        at=at,
        by_id=by.user.pk if by.user else None,
        by_post_id=standing.post_id if standing else None,
        from_stage=step.from_stage,
        to_stage=step.case.stage,
        reason=step.reason,
        data=step.data | for_whom(standing),
    )


def new_item(case: Case, *, post: Post, **values: Any) -> WorkItem:
    """An open step as viewflow would have made it; not saved. ``values`` by columns."""
    node, kind = _node()
    item = fresh(
        WorkItem,
        flow_task=node,
        flow_task_type=kind,
        status=STATUS.NEW,
        token=TOKEN,
        process_id=case.pk,
        post_id=post.pk,
        **values,
    )
    item._state.fields_cache = {"process": case, "post": post}
    return item


@cache
def _node() -> tuple[Any, str]:
    node = CaseFlow.instance.node("step")
    return node, node.task_type


def rename_passed(ids: Sequence[int], names: Mapping[str, str]) -> None:
    """Other keys for the stages that cases have behind them, all at once, as two may be exchanged:
    the same steps under the names of another version of the plan."""
    to = [When(stage=old, then=Value(new)) for old, new in names.items()]
    for start in range(0, len(ids), CHUNK):
        passed = WorkItem.objects.filter(process__in=ids[start : start + CHUNK])
        passed.filter(stage__in=list(names)).exclude(finished=None).update(
            stage=db.Case(*to, output_field=db.CharField())
        )


def write_plainly(step: Step, *, by: Actor, at: datetime) -> None:
    """One move as ordinary ORM saves: slow, readable, the tests' reference for ``write``."""
    _apply(step, by, at)
    values = {name: getattr(step.case, name) for name in CASE_COLUMNS if name != "stage"}
    hit = Case.objects.filter(pk=step.case.pk, version=step.case.version).update(
        stage=step.case.stage, version=F("version") + int(step.bumps_version), **values
    )
    if hit != 1:
        raise Stale("stale", stale_words())
    step.case.version += int(step.bumps_version)
    for item in (_kept_item(step), step.next_item):
        if item is not None:
            item.save()
    for record in step.forms:
        record.by, record.at = by.user, at
        record.save()
    event = _event(step, by, at)
    event.save()
    PendingEvent.objects.create(event=event)
