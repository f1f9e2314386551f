"""At most one letter of a kind per county (or department) and month, where the ladder says."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from cases.models import DraftLine, EscalationDraft
from cases.rulebook import pack_of

State = EscalationDraft.State


def waiting(drafts: QuerySet[EscalationDraft], on: date) -> dict[int, bool]:
    """Those of ``drafts`` that wait → whether they can go out next month only; one statement."""
    sent = EscalationDraft.objects.filter(
        Q(county=OuterRef("county")) | Q(county=None, unit=OuterRef("unit")),
        programme=OuterRef("programme"),
        kind=OuterRef("kind"),
        state=State.RELEASED,
        month=on.replace(day=1),
    )
    lines = DraftLine.objects.filter(draft=OuterRef("pk")).order_by("pk")
    rows = (
        drafts.filter(state=State.DRAFTED)
        .order_by()
        .annotate(has_sent=Exists(sent))
        .annotate(version=Subquery(lines.values("item__process__pack_version_id")[:1]))
    )
    found = rows.values_list("pk", "kind", "has_sent", "version")
    return {pk: has_sent and _is_monthly(version, kind) for pk, kind, has_sent, version in found}


def held_back(drafts: QuerySet[EscalationDraft], on: date) -> set[int]:
    """Those of ``drafts`` that wait and can go out next month only; one statement."""
    return {pk for pk, is_held in waiting(drafts, on).items() if is_held}


def next_month(on: date) -> date:
    """The first day of the month in which what is held back may go out."""
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)


def _is_monthly(version: int | None, kind: str) -> bool:
    """Whether the pack caps letters of this kind to one a month."""
    if version is None:
        return False
    rungs = [rung for ladder in pack_of(version).ladders.values() for rung in ladder.rungs]
    return any(rung.once_per == "month" for rung in rungs if rung.draft_kind == kind)
