"""Letters that the ladder drafts and a person releases: one per addressee, with a list as annex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, policies
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import DraftLine, EscalationDraft, PhoneReminder
from cases.permissions import refusal
from cases.steps import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.ladder import Rung

State = EscalationDraft.State
# at most one of these per addressee and month (etiquette of escalation)
ONCE_A_MONTH = (EscalationDraft.Kind.SUPERVISION_LETTER,)


def collect(spoken: Sequence[tuple[Step, Rung]], *, at: datetime) -> None:
    """Put the items of drafting rungs on the open draft of their addressee, made if need be.

    Must run inside the sweep's transaction; writes the draft's id into each step's event.
    """
    by_letter: dict[tuple[int, str, int, int | None], list[Step]] = defaultdict(list)
    rungs: dict[int, str] = {}
    for step, rung in spoken:
        if rung.act != "draft" or rung.draft_kind is None or step.item is None:
            continue
        to_department = rung.addressee == "department"
        unit = step.case.competent_unit_id if to_department else step.case.responsible_unit_id
        county = None if to_department else step.case.county_id
        by_letter[step.case.programme_id, rung.draft_kind, unit, county].append(step)
        rungs[step.item.pk] = rung.key
    lines = []
    for (programme, kind, unit, county), steps in by_letter.items():
        draft, _made = EscalationDraft.objects.get_or_create(
            programme_id=programme,
            kind=kind,
            unit_id=unit,
            state=State.DRAFTED,
            defaults={"county_id": county, "made_at": at, "month": day_of(at).replace(day=1)},
        )
        for step in steps:
            assert step.item is not None
            step.data["draft"] = draft.pk
            step.data["kind"] = kind
            lines.append(DraftLine(draft=draft, item=step.item, rung=rungs[step.item.pk]))
    DraftLine.objects.bulk_create(lines, ignore_conflicts=True)


@transaction.atomic
def release(draft_id: int, *, by: Actor, at: datetime, body: str) -> EscalationDraft:
    """Let a draft go out under a person's name; the text is frozen as it went."""
    draft = _open_draft(draft_id, by)
    if not body.strip():
        raise Refused("no_text", _("The letter has no text."))
    _check_cap(draft, at)
    draft.state, draft.body = State.RELEASED, body
    draft.decided_by, draft.decided_at = by.user, at
    draft.month = day_of(at).replace(day=1)
    draft.save()
    _tell(draft, "release_draft", by, at)
    return draft


@transaction.atomic
def drop(draft_id: int, *, by: Actor, at: datetime, reason: str) -> EscalationDraft:
    """Not sent, with a reason; the rungs stay fired."""
    policies.check_reason(reason)
    draft = _open_draft(draft_id, by)
    draft.state, draft.reason = State.DROPPED, reason[:300]
    draft.decided_by, draft.decided_at = by.user, at
    draft.save()
    _tell(draft, "drop_draft", by, at, reason)
    return draft


@transaction.atomic
def record_call(reminder_id: int, *, by: Actor, at: datetime, result: str) -> PhoneReminder:
    """电话提醒: what the call brought; a line in the case's timeline."""
    if not by.may(Act.RELEASE_DRAFT):
        raise NotYours("not_yours", refusal(Act.RELEASE_DRAFT))
    policies.check_reason(result)
    row = PhoneReminder.objects.select_related("item").filter(pk=reminder_id).first()
    if row is None:
        raise Refused("no_call", _("This line is not on the call list."))
    step = engine.lock_one(row.item.process_id)
    row.result, row.by, row.called_at = result[:300], by.user, at
    row.save()
    step.verb, step.reason, step.bumps_version = "call", result, False
    engine.write([step], by=by, at=at)
    return row


def _open_draft(draft_id: int, by: Actor) -> EscalationDraft:
    if not by.may(Act.RELEASE_DRAFT):
        raise NotYours("not_yours", refusal(Act.RELEASE_DRAFT))
    draft = EscalationDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise Refused("no_draft", _("This draft does not exist."))
    if draft.state != State.DRAFTED:
        raise Refused("decided", _("This draft has been decided already."))
    return draft


def _check_cap(draft: EscalationDraft, at: datetime) -> None:
    if draft.kind not in ONCE_A_MONTH:
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


def _tell(draft: EscalationDraft, verb: str, by: Actor, at: datetime, reason: str = "") -> None:
    """A line in the timeline of every case in the annex that is still open."""
    ids = list(draft.lines.values_list("item__process_id", flat=True).distinct())
    steps = [s for s in engine.lock(ids) if not s.case.is_finished]
    for step in steps:
        step.verb, step.reason, step.bumps_version = verb, reason, False
        step.data = {"draft": draft.pk, "kind": draft.kind}
    engine.record(steps, by=by, at=at)
