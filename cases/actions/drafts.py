"""Letters that the ladder drafts and a person releases: one per addressee, with a list as annex."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import DraftLine, EscalationDraft, PhoneReminder
from cases.permissions import refusal
from cases.rulebook import pack_of
from cases.steps import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.ladder import Rung

State = EscalationDraft.State


class Letter(NamedTuple):
    """What makes two items share a letter: kind and addressee in a programme."""

    programme_id: int
    kind: str
    unit_id: int
    county_id: int | None


def collect(spoken: Sequence[tuple[Step, Rung]], *, at: datetime) -> None:
    """Put the items of drafting rungs on the open draft of their addressee, made if need be.

    Must run inside the sweep's transaction; a fixed number of statements. Writes the draft's id
    into each step's event.
    """
    drafting = [(step, rung, found) for step, rung in spoken if (found := _letter(step, rung))]
    if not drafting:
        return
    drafts = _open_drafts({letter for _step, _rung, letter in drafting}, at)
    lines = []
    for step, rung, letter in drafting:
        draft = drafts[letter.programme_id, letter.kind, letter.unit_id]
        step.data |= {"draft": draft, "kind": letter.kind}
        lines.append(DraftLine(draft_id=draft, item=step.item, rung=rung.key))
    DraftLine.objects.bulk_create(lines, ignore_conflicts=True)


def _letter(step: Step, rung: Rung) -> Letter | None:
    if rung.act != "draft" or rung.draft_kind is None or step.item is None:
        return None
    case = step.case
    if rung.addressee == "department":
        return Letter(case.programme_id, rung.draft_kind, case.competent_unit_id, None)
    return Letter(case.programme_id, rung.draft_kind, case.responsible_unit_id, case.county_id)


def _open_drafts(letters: Collection[Letter], at: datetime) -> dict[tuple[int, str, int], int]:
    """The open draft of each letter, ids by programme, kind and unit; three statements."""
    made = [
        EscalationDraft(
            programme_id=letter.programme_id,
            kind=letter.kind,
            unit_id=letter.unit_id,
            county_id=letter.county_id,
            made_at=at,
            month=day_of(at).replace(day=1),
        )
        # two sweeps at once insert in the same order and so never wait for each other in a circle
        for letter in sorted(letters, key=lambda letter: letter[:3])
    ]
    EscalationDraft.objects.bulk_create(made, ignore_conflicts=True)
    rows = EscalationDraft.objects.filter(
        state=State.DRAFTED, unit__in=[letter.unit_id for letter in letters]
    )
    keys = rows.values_list("programme", "kind", "unit", "pk")
    return {(programme, kind, unit): pk for programme, kind, unit, pk in keys}


@transaction.atomic
def release(draft_id: int, *, by: Actor, at: datetime, body: str) -> EscalationDraft:
    """Let a draft go out under a person's name; the text is frozen as it went."""
    draft, steps = _open_draft(draft_id, by)
    if not body.strip():
        raise Refused("no_text", _("The letter has no text."))
    _check_cap(draft, at)
    draft.state, draft.body = State.RELEASED, body
    draft.decided_by, draft.decided_at = by.user, at
    draft.month = day_of(at).replace(day=1)
    draft.save()
    _tell(draft, steps, "release_draft", by, at)
    return draft


@transaction.atomic
def drop(draft_id: int, *, by: Actor, at: datetime, reason: str) -> EscalationDraft:
    """Not sent, with a reason; the rungs stay fired."""
    policies.check_reason(reason)
    draft, steps = _open_draft(draft_id, by)
    draft.state, draft.reason = State.DROPPED, reason[:300]
    draft.decided_by, draft.decided_at = by.user, at
    draft.save()
    _tell(draft, steps, "drop_draft", by, at, reason)
    return draft


@transaction.atomic
def record_call(reminder_id: int, *, by: Actor, at: datetime, result: str) -> PhoneReminder:
    """电话提醒: what the call brought; a line in the case's timeline."""
    policies.check_reason(result)
    row = PhoneReminder.objects.select_related("item").filter(pk=reminder_id).first()
    if row is None:
        raise Refused("no_call", _("This line is not on the call list."))
    step = engine.lock_one(row.item.process_id)
    permissions.check(by, Act.RELEASE_DRAFT, step.case, step.item)
    row.result, row.by, row.called_at = result[:300], by.user, at
    row.save()
    step.verb, step.reason, step.bumps_version = "call", result, False
    engine.write([step], by=by, at=at)
    return row


def _open_draft(draft_id: int, by: Actor) -> tuple[EscalationDraft, list[Step]]:
    """The draft and the open cases of its annex under lock; cases first, as the sweep does."""
    lines = DraftLine.objects.filter(draft=draft_id).values_list("item__process", flat=True)
    steps = [s for s in engine.lock(lines.distinct()) if not s.case.is_finished]
    draft = (
        EscalationDraft.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__city")
        .filter(pk=draft_id)
        .first()
    )
    if draft is None:
        raise Refused("no_draft", _("This draft does not exist."))
    if not by.may_in(Act.RELEASE_DRAFT, draft.programme.city):
        raise NotYours("not_yours", refusal(Act.RELEASE_DRAFT))
    if draft.state != State.DRAFTED:
        raise Refused("decided", _("This draft has been decided already."))
    return draft, steps


def _check_cap(draft: EscalationDraft, at: datetime) -> None:
    """At most one letter per addressee and month, where the ladder says so."""
    line = draft.lines.select_related("item__process").first()
    if line is None or not _is_monthly(line):
        return
    sent = EscalationDraft.objects.filter(
        programme=draft.programme_id,
        kind=draft.kind,
        unit=draft.unit_id,
        state=State.RELEASED,
        month=day_of(at).replace(day=1),
    )
    if sent.exists():
        raise Refused(
            "cap",
            _("One such letter has gone to this addressee this month. Release it next month."),
        )


def _is_monthly(line: DraftLine) -> bool:
    """Whether the rung that drafted it is capped to one a month."""
    pack = pack_of(line.item.process.pack_version_id)
    stage = pack.procedure(line.item.process.procedure).stage(line.item.stage)
    rungs = pack.ladder(stage.ladder).rungs if stage.ladder else ()
    return any(rung.key == line.rung and rung.once_per == "month" for rung in rungs)


def _tell(
    draft: EscalationDraft,
    steps: Sequence[Step],
    verb: str,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """A line in the timeline of every case in the annex that is still open."""
    for step in steps:
        step.verb, step.reason, step.bumps_version = verb, reason, False
        step.data = {"draft": draft.pk, "kind": draft.kind}
    engine.record(steps, by=by, at=at)
