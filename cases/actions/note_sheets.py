"""进展填报: a county's ledger handed back; only 进展, 问题, 预计完成 change, with an undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.importing.note_plan import Change, NotePlan, Verdict, notes_of, plan_of, values_of
from cases.importing.note_rows import Filled, FilledRow
from cases.models import Case, CaseEvent, NoteSheet, StandingNote
from cases.permissions import refusal
from organisations import journal
from organisations.days import day_of
from organisations.lengths import OF_NAME, excerpt
from organisations.models import AuditEvent
from organisations.roles import Act
from organisations.scope import Actor

UNDO_WITHIN = timedelta(hours=24)
# a preview that nobody confirmed: what was typed is not kept longer
KEPT = timedelta(days=2)
State = NoteSheet.State


@dataclass
class Undone:
    cases: list[Case] = field(default_factory=list)
    # written to since: they stay as they are
    stays: list[Case] = field(default_factory=list)


def check_may_fill(by: Actor) -> None:
    if not (by.is_system or by.may(Act.RECORD_FORM)):
        raise NotYours("not_yours", refusal(Act.RECORD_FORM))


@transaction.atomic
def hand_in_sheet(filled: Filled, file_name: str, *, by: Actor, at: datetime) -> NoteSheet:
    """Keeps the cells for the preview; nothing of the cases changes."""
    check_may_fill(by)
    forget_old(at)
    return NoteSheet.objects.create(
        file_name=file_name[:OF_NAME] or "?",
        sha256=filled.sha256,
        rows=[row.stored() for row in filled.rows],
        by=by.user,
        at=at,
    )


def forget_old(at: datetime, *, dry: bool = False) -> int:
    """Previews that nobody confirmed lose what was typed; how many."""
    old = NoteSheet.objects.filter(state=State.PREVIEWED, at__lt=at - KEPT)
    return old.count() if dry else old.update(state=State.DROPPED, rows=[])


def plan_for(sheet: NoteSheet, by: Actor, today: date) -> NotePlan:
    """As of now: what others wrote meanwhile is seen."""
    return plan_of([FilledRow(**row) for row in sheet.rows], by, today)


@transaction.atomic
def take_sheet(sheet: NoteSheet, *, by: Actor, at: datetime, knowing: bool = False) -> NotePlan:
    """Writes what is new and changed; with ``knowing`` also over what others wrote meanwhile."""
    check_may_fill(by)
    held = _hold(sheet, State.PREVIEWED)
    plan = plan_for(held, by, day_of(at))
    engine.lock(sorted({v.case.pk for v in plan.to_take(knowing=knowing) if v.case}))
    # what was written between the look and the lock counts as well
    plan = plan_for(held, by, day_of(at))
    verdicts = plan.to_take(knowing=knowing)
    _write(held, verdicts, by=by, at=at)
    held.state, held.taken_at, held.counts, held.rows = State.TAKEN, at, plan.counts(), []
    held.save(update_fields=["state", "taken_at", "counts", "rows"])
    journal.record(AuditEvent.Kind.IMPORT, "note_sheet", held, by=by, at=at, rows=len(verdicts))
    return plan


@transaction.atomic
def drop_sheet(sheet: NoteSheet, *, by: Actor) -> None:
    """放弃: nothing was written."""
    held = _hold(sheet, State.PREVIEWED)
    held.state, held.rows = State.DROPPED, []
    held.save(update_fields=["state", "rows"])


@transaction.atomic
def undo_sheet(sheet: NoteSheet, *, by: Actor, at: datetime) -> Undone:
    """The cells are as before, but where somebody has written since; the trail keeps both."""
    check_may_fill(by)
    held = _hold(sheet, State.TAKEN)
    if not by.is_system and held.by_id != (by.user.pk if by.user else None):
        raise NotYours("not_yours", _("Whoever handed the sheet in takes it back."))
    if held.taken_at is None or at - held.taken_at > UNDO_WITHIN:
        raise Refused("undo_late", _("A sheet can be taken back within 24 hours."))
    written = CaseEvent.objects.filter(verb="note", at=held.taken_at, by=held.by)
    events = list(written.filter(data__sheet=held.pk).order_by("case_id"))
    steps = {step.case.pk: step for step in engine.lock([e.case_id for e in events])}
    notes, outcome, ready = notes_of(sorted(steps)), Undone(), []
    for event in events:
        step, note = steps[event.case_id], notes.get(event.case_id)
        if note is None or note.revision != event.data["revision"]:
            outcome.stays.append(step.case)
            continue
        _put_back(note, event.data["was"], by, at)
        _resume(step.case, event, held.taken_at)
        step.verb, step.data, step.bumps_version = "note_undone", {"sheet": held.pk}, False
        ready.append(step)
        outcome.cases.append(step.case)
    kept = [notes[step.case.pk] for step in ready]
    StandingNote.objects.bulk_update(kept, NOTED, batch_size=500)
    engine.write(ready, by=by, at=at)
    held.state = State.UNDONE
    held.save(update_fields=["state"])
    journal.record(
        AuditEvent.Kind.IMPORT, "note_sheet_undo", held, by=by, at=at, rows=len(outcome.cases)
    )
    return outcome


NOTED = ["progress", "problem", "expected_on", "revision", "by", "at"]


def _hold(sheet: NoteSheet, state: str) -> NoteSheet:
    held = NoteSheet.objects.select_for_update().get(pk=sheet.pk)
    if held.state != state:
        words = _("This sheet is done with already: %(state)s.")
        raise Refused("not_waiting", words % {"state": held.get_state_display()})
    return held


def _write(sheet: NoteSheet, verdicts: Sequence[Verdict], *, by: Actor, at: datetime) -> None:
    by_case = {v.case.pk: v for v in verdicts if v.case is not None}
    steps = engine.lock(sorted(by_case))
    notes = notes_of(sorted(by_case))
    new, old = [], []
    for step in steps:
        changes = by_case[step.case.pk].changes
        note = notes.get(step.case.pk)
        was = values_of(note)
        if note is None:
            note = StandingNote(case_id=step.case.pk, revision=0)
            new.append(note)
        else:
            old.append(note)
        _put(note, changes, by, at)
        _plan(step, changes, note, was, sheet)
    StandingNote.objects.bulk_create(new, batch_size=500)
    StandingNote.objects.bulk_update(old, NOTED, batch_size=500)
    engine.write(steps, by=by, at=at)


def _plan(
    step: Step, changes: Sequence[Change], note: StandingNote, was: dict[str, str], sheet: NoteSheet
) -> None:
    step.verb, step.bumps_version = "note", False
    said = {change.name: change.new for change in changes}
    step.data = {"said": said, "was": was, "revision": note.revision, "sheet": sheet.pk}
    case = step.case
    words = excerpt(said.get("progress") or said.get("problem") or case.progress, OF_NAME)
    moved = case.progress_at.isoformat() if case.progress_at else ""
    step.data["line"] = {"was": case.progress, "wrote": words, "moved": moved}
    case.progress = words


def _resume(case: Case, event: CaseEvent, taken_at: datetime) -> None:
    """The ledger's 进展 and the day of the last move as before, where nobody has acted since."""
    line = event.data.get("line")
    if line is None:  # handed in before these were kept
        return
    if case.progress == line["wrote"]:
        case.progress = line["was"]
    if case.progress_at == taken_at:
        case.progress_at = datetime.fromisoformat(line["moved"]) if line["moved"] else None


def _put(note: StandingNote, changes: Sequence[Change], by: Actor, at: datetime) -> None:
    _set(note, {change.name: change.new for change in changes}, by, at)


def _put_back(note: StandingNote, was: dict[str, str], by: Actor, at: datetime) -> None:
    _set(note, was, by, at)


def _set(note: StandingNote, values: dict[str, str], by: Actor, at: datetime) -> None:
    note.progress = values.get("progress", note.progress)
    note.problem = values.get("problem", note.problem)
    if "expected" in values:
        text = values["expected"]
        note.expected_on = date.fromisoformat(text) if text else None
    note.revision += 1
    note.by, note.at = by.user, at
