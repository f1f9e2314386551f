"""The one writer. A move is a batch of one: lock the set, decide in Python, write the set.

Nothing else writes ``Case.stage``. One click and ten thousand rows take the same number of
statements: case, item finished, item changed, item opened, event, pending event. The UPDATE itself
is hand-written (``statements``); ``write_plainly`` is the same in plain ORM, the tests' reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from cases.errors import Refused, Stale
from cases.flow import CaseFlow
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from cases.rulebook import procedure_of
from cases.stages import TERMINAL, WITHDRAWN
from cases.statements import save_rows, update_rows
from organisations.scope import Actor

CHUNK = 500

# what somebody does about a case without bringing it on: 30天无进展 runs on
NO_PROGRESS = frozenset(
    {"urge", "call", "reassign", "release_draft", "drop_draft", "redate", "migrate", "calendar"}
)

# what a move may change on a case, beside version; written together, so one statement serves all
CASE_COLUMNS = (
    "pack_version_id",
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
    "stage",
    "waits_higher",
    "is_chased",
    "unit_id",
    "post_id",
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
    # the same step under another name (a migration): it stays open, with its clock and its ladder
    keeps_item: bool = False
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    from_stage: str = ""
    # the newest step there was, finished or not: what a case that is taken up again goes on with
    last: WorkItem | None = None
    revives_last: bool = False
    # a remark or a paper changes nothing that a page's buttons depend on: other pages stay valid
    bumps_version: bool = True
    # the child cases, open and finished, under the same lock (``lock(…, with_children=True)``)
    children: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.from_stage = self.case.stage


def lock(
    ids: Iterable[int],
    versions: Mapping[int, int] | None = None,
    *,
    with_children: bool = False,
    with_parents: bool = False,
) -> list[Step]:
    """Lock cases in the order of their ids, with their open items; one statement as a rule.

    A child is younger than its parent, so rising ids lock parents before children, and two
    transactions never wait for each other in a circle. ``with_children`` fills ``Step.children``;
    ``with_parents`` adds the parents to the answer. ``versions`` are those of the pages that people
    looked at: a difference is ``Stale``.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("engine.lock needs a transaction")
    asked = set(ids)
    wanted = Q(pk__in=asked)
    if with_parents:
        wanted |= Q(children__in=asked)
    if with_children:
        wanted |= Q(parent__in=asked)
    steps, raced = _locked(wanted)
    if raced:
        # held now, so a second look sees what the transaction before us left
        again = Q(pk__in=raced) | (Q(parent__in=raced) if with_children else Q())
        steps |= _locked(again)[0]
    steps |= _itemless(asked - set(steps))
    for pk, seen in (versions or {}).items():
        if pk in steps and steps[pk].case.version != seen:
            raise Stale("stale", _stale_words())
    if with_children:
        for step in steps.values():
            if step.case.parent_id in asked:
                steps[step.case.parent_id].children.append(step)
    return [steps[pk] for pk in sorted(steps) if with_parents or pk in asked]


def _locked(wanted: Q) -> tuple[dict[int, Step], list[int]]:
    """Cases by id with their newest item, under lock; and the ids whose items may be older.

    PostgreSQL answers a row that it had to wait for with the case as it is now and the item as it
    was when the statement began: the version of the beginning tells.
    """
    newest = WorkItem.objects.filter(process=OuterRef("process")).order_by("-id").values("pk")[:1]
    version = Case.objects.filter(pk=OuterRef("process")).values("version")
    items = (
        WorkItem.objects.select_for_update(of=("process",), no_key=True)
        .filter(process__in=Case.objects.filter(wanted).values("pk"), pk=Subquery(newest))
        .annotate(seen_version=Subquery(version))
        .select_related("process__programme", "post", "unit")
        .order_by("process_id")
    )
    steps, raced = {}, []
    for item in items:
        case = item.process
        steps[case.pk] = Step(case, item if item.is_open else None, last=item)
        if item.seen_version != case.version:
            raced.append(case.pk)
    return steps, raced


def _itemless(ids: set[int]) -> dict[int, Step]:
    """Cases that never had a step of ours: they had ended when the running ledger was taken."""
    if not ids:
        return {}
    cases = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .select_related("programme")
        .order_by("pk")
    )
    return {case.pk: Step(case, None) for case in cases}


def lock_one(pk: int, version: int | None = None, *, with_children: bool = False) -> Step:
    """Lock one case; ``Stale`` when the page is older, ``Refused`` when there is none."""
    versions = {pk: version} if version is not None else None
    found = lock([pk], versions, with_children=with_children)
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
    if by.user is not None and step.verb not in NO_PROGRESS:
        step.case.progress_at = at
    if step.to_stage is None:
        return
    step.case.planned = (procedure_of(step.case), step.verb, step.to_stage)
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
        step.finishes_item = not step.keeps_item
    elif step.revives_last and step.last is not None:
        step.last.finished, step.last.status, step.last.owner = None, STATUS.NEW, None


def _update_cases(steps: Sequence[Step]) -> None:
    """One statement for the chunk, the version tested in it."""
    rows = []
    for step in steps:
        case = step.case
        values = [getattr(case, name) for name in CASE_COLUMNS]
        rows.append([case.pk, case.version, case.version + int(step.bumps_version), *values])
    if update_rows(Case, ("version", *CASE_COLUMNS), rows, guard="version") != len(steps):
        raise Stale("stale", _stale_words())
    for step in steps:
        step.case.version += int(step.bumps_version)


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
    revived = [s.last for s in chunk if s.revives_last and s.last is not None]
    save_rows(revived, ("finished", "status", "owner_id", *ITEM_COLUMNS))
    save_rows([s.item for s in chunk if s.changes_item and s.item is not None], ITEM_COLUMNS)
    opened = [s.next_item for s in chunk if s.next_item is not None]
    for item in opened:
        item.created = at
    if opened:
        WorkItem.objects.bulk_create(opened)


def _write_events(chunk: Sequence[Step], by: Actor, at: datetime) -> None:
    events = CaseEvent.objects.bulk_create([_event(s, by, at) for s in chunk])
    PendingEvent.objects.bulk_create([PendingEvent(event=e) for e in events])


def _event(step: Step, by: Actor, at: datetime) -> CaseEvent:
    item = step.next_item or step.item or (step.last if step.revives_last else None)
    return CaseEvent(
        case=step.case,
        item_id=item.pk if item else None,
        verb=step.verb,
        at=at,
        by=by.user,
        by_post_id=_post_of(by, step),
        from_stage=step.from_stage,
        to_stage=step.case.stage,
        reason=step.reason,
        data=step.data,
    )


def _post_of(by: Actor, step: Step) -> int | None:
    """The post that a person acted in: the one nearest to the case."""
    units = [step.case.responsible_unit_id, step.case.competent_unit_id]
    if step.item is not None:
        units.insert(0, step.item.unit_id)
    for unit in units:
        for standing in by.standings:
            if standing.unit_id == unit:
                return standing.post_id
    return by.standings[0].post_id if by.standings else None


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
    elif step.revives_last and step.last is not None:
        step.last.save()
    if step.next_item is not None:
        step.next_item.created = at
        step.next_item.save()
    event = _event(step, by, at)
    event.save()
    PendingEvent.objects.create(event=event)


def _stale_words() -> str:
    return _("Somebody has just acted on this case. Load the page again and look before you act.")
