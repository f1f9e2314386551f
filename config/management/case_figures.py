"""A case as JSON for ``case show`` and as a line of ``case list``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from cases.lights import light_of
from cases.models import Case, CaseEvent, WorkItem
from cases.names import Names, holders_of
from cases.row_words import stage_label
from cases.rulebook import rule_words, rules_of
from cases.supervised import orders_about, origin_of
from cases.waiting import waiting_for_parts
from cases.wording import words_of
from organisations.scope import Actor


def line_of(
    case: Case, item: WorkItem | None, on: date, *, waits_for_parts: bool = False
) -> dict[str, Any]:
    """What the ledger says of a case on a day."""
    light = light_of(case, item, on, waits_for_parts=waits_for_parts)
    return {
        "number": case.number,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "credit_code": case.enterprise.credit_code if case.enterprise else None,
        "county": case.county.name,
        "procedure": case.procedure,
        "criterion": case.criterion or None,
        "stage": case.stage,
        "stage_label": stage_label(case, item),
        "grade": case.grade or None,
        "due_on": item.due_on if item else None,
        "light": {"kind": light.kind, "words": light.words, "days": light.days},
        "lacking": list(case.lacking),
        "unit": (item.unit.short_name or item.unit.name) if item else None,
        "version": case.version,
    }


def lines(cases: Iterable[Case], on: date) -> list[dict[str, Any]]:
    """Lines for many cases, with a query for their open items, one for open parts."""
    found = list(cases)
    waiting = waiting_for_parts(found)
    both = zip(found, items_of(found), strict=True)
    return [line_of(case, item, on, waits_for_parts=case.pk in waiting) for case, item in both]


def items_of(cases: Sequence[Case]) -> list[WorkItem | None]:
    rows = WorkItem.objects.filter(process__in=[c.pk for c in cases], finished=None)
    by_case = {item.process_id: item for item in rows.select_related("unit", "post")}
    return [by_case.get(case.pk) for case in cases]


def whole(case: Case, on: date) -> dict[str, Any]:
    """Everything that the case page says: line, units, papers, children, timeline."""
    [item] = items_of([case])
    pack = rules_of(case).pack
    rows = Case.objects.filter(parent=case).select_related("enterprise", "county", "programme")
    children = list(rows)
    waits = case.is_matter and not all(child.is_finished for child in children)
    light = light_of(case, item, on, waits_for_parts=waits)
    return {
        **line_of(case, item, on, waits_for_parts=waits),
        "opened_on": case.opened_on,
        "closed_on": case.closed_on,
        "closing_number": case.closing_number or None,
        "responsible_unit": case.responsible_unit.name,
        "competent_unit": case.competent_unit.name,
        "rule": rule_words(case.rule, pack),
        "post": item.post.name if item else None,
        "handler": holders_of([item.post_id], on)[item.post_id] if item else None,
        # of the steps done, and of the one that is late now
        "late_days": case.late_days + (light.days if light.kind == "overdue" else 0),
        "proposal": case.proposal or None,
        "proposal_reason": case.proposal_reason or None,
        "suspended": bool(item and item.is_suspended),
        "declined": bool(item and item.is_declined),
        "evidence": _papers(case),
        "children": lines(children, on),
        "orders": [one.case.number for one in orders_about(case, Actor.system())],
        "origin": _origin(case),
        "events": _timeline(case, on),
    }


def _origin(case: Case) -> dict[str, Any] | None:
    """What a supervision order came of: a letter, or a case and the words that were said on it."""
    found = origin_of(case)
    if found is None:
        return None
    return {
        "letter": found.letter.number if found.letter else None,
        "about": found.about.number if found.about else None,
        "instruction": found.instruction.reason if found.instruction else None,
    }


def _papers(case: Case) -> list[dict[str, Any]]:
    fields = ("id", "criterion", "paper", "file_name", "state", "submitted_at", "return_reason")
    return [dict(row) for row in case.evidence.values(*fields)]


def _timeline(case: Case, on: date) -> list[dict[str, Any]]:
    events = list(
        CaseEvent.objects.filter(case=case)
        .select_related("case", "by", "by_post__unit")
        .order_by("at", "id")
    )
    names = Names.of(events, on)
    return [
        {
            "at": event.at,
            "verb": event.verb,
            "by": str(event.by) if event.by else None,
            "from": event.from_stage or None,
            "to": event.to_stage or None,
            "reason": event.reason or None,
            "words": words_of(event, names),
        }
        for event in events
    ]
