"""撤销入库名单导入: what the import had delisted stands as it stood, as if it had never ended.

A list taken back is neither progress nor a resumption: the pause runs until its day, the ladder
looks at the day on which it would have looked, and 30天无进展 counts on from the last progress.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from cases import engine
from cases.engine import Step
from cases.models import Case, CaseEvent, Suspension
from cases.rulebook import rules_of
from cases.stages import DELISTED
from cases.statements import save_rows
from cases.steps import is_on_ladder, move_deadline
from enterprises.models import ImportBatch
from organisations.days import day_of


def as_it_stands(step: Step) -> dict[str, Any]:
    """What leaving the register takes from an open case and no other row keeps, for its event."""
    item = step.item
    assert item is not None  # only open steps end
    moved = step.case.progress_at
    return {
        "progress_at": moved.isoformat() if moved else None,
        "next_check_at": item.next_check_at.isoformat() if item.next_check_at else None,
        "provisional": item.provisional,
    }


def stand_again(firms: Iterable[int], batch: ImportBatch, at: datetime) -> list[Step]:
    """What ended since the import of the firms that are listed again, their own cases and whatever
    lies below or beside them: locked, as it stood, to be written. Its pauses are open again.
    """
    rows = Case.objects.filter(enterprise__in=list(firms), programme__city=batch.city_id)
    gone = rows.filter(stage=DELISTED, finished__gte=batch.applied_at)
    steps = [
        step
        for step in engine.lock(gone.values_list("pk", flat=True))
        if step.case.stage == DELISTED and step.last is not None
    ]
    told = _told(steps, batch)
    rests = _rests(told)
    reason = _("Import no. %(id)s of the register was undone") % {"id": batch.pk}
    for step in steps:
        step.data = {"from": step.from_stage, "import": batch.pk}
        step.verb, step.reason, step.is_again = "reopen", reason, True
        _stand(step, told.get(step.case.pk), rests.get(step.case.pk), at)
    save_rows(list(rests.values()), ["resumed_on"])
    return steps


def _told(steps: Sequence[Step], batch: ImportBatch) -> dict[int, CaseEvent]:
    """By which event each case ended first since the import; one statement."""
    ended = CaseEvent.objects.filter(case__in=[s.case.pk for s in steps], verb="delist")
    newest_first = ended.filter(at__gte=batch.applied_at).order_by("-id")
    return {event.case_id: event for event in newest_first}


def _rests(told: Mapping[int, CaseEvent]) -> dict[int, Suspension]:
    """The pauses that ended with the cases, open again; one statement."""
    ended = {pk: day_of(event.at) for pk, event in told.items() if "working_days" in event.data}
    rows = Suspension.objects.filter(case__in=list(ended), resumed_on__isnull=False)
    found = {
        row.case_id: row for row in rows.order_by("id") if row.resumed_on == ended[row.case_id]
    }
    for row in found.values():
        row.resumed_on = None
    return found


def _stand(step: Step, event: CaseEvent | None, rest: Suspension | None, at: datetime) -> None:
    item, case = step.last, step.case
    assert item is not None
    step.to_stage, step.revives_last = item.stage, True
    # of a version before, that kept nothing: as for a firm that comes back
    was = event.data.get("was") if event is not None else None
    if was is not None:
        case.progress_at = _moment(was["progress_at"])
    if event is not None and rest is not None:
        _rest_on(step, event, at)
        item.provisional = was["provisional"] if was is not None else item.provisional
    stage = rules_of(case).procedure.stage(item.stage)
    if stage.ladder and is_on_ladder(item):
        item.next_check_at = _moment(was["next_check_at"]) if was is not None else at


def _rest_on(step: Step, event: CaseEvent, at: datetime) -> None:
    """The clock stands on, with the date that it had: it moves once, when the rest is over."""
    assert step.last is not None
    now, told = step.last.due_on, event.data["old_due"]
    step.last.is_suspended = True
    move_deadline(step.last, step.case, date.fromisoformat(told) if told else None, on=day_of(at))
    step.data |= {"old_due": now.isoformat() if now else None, "new_due": told}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
