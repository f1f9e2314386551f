"""What a visit record is filled in with before anybody types: the register, the newest visit in
sight, what a form of the firm said before, who writes, today (004-17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.prefilling import EMPTY, answered, fitted, sound
from cases.visit_answers import Questions
from cases.visits import Visits
from enterprises.models import Membership
from organisations.scope import Actor


def facts(row: Membership, called: Visits, by: Actor, on: date) -> dict[str, Any]:
    """By the names of ``workflows.form_visit.KNOWN``; no statement."""
    firm = row.enterprise
    last = called.lines[0] if called.lines else None
    return {
        "name": firm.name,
        "credit_code": firm.credit_code or "",
        "county": str(row.county),
        "township": str(row.township or ""),
        "industry": f"{row.industry_code} {row.industry_name}".strip(),
        "me": str(by.user or ""),
        "today": on.isoformat(),
        "visit_on": last.day.isoformat() if last else "",
        "visit_kind": last.way if last else "",
        "visit_people": last.people if last else "",
        "visit_met": last.met if last else "",
    }


def first_answers(
    questions: Questions, row: Membership, known: Mapping[str, Any], by: Actor, on: date
) -> dict[str, Any]:
    """Answers by key, sound ones only; one statement where earlier forms are asked."""
    form = questions.form
    before = answered(form, row.enterprise_id, row.city_id, by)
    held: dict[str, Any] = {}
    for field in form.inputs:
        name = field.prefilled or ""
        value = fitted(field, before.get(name) if "." in name else known.get(name))
        if value in EMPTY and field.role == "visited_on":
            value = on.isoformat()
        if value in EMPTY and field.role == "way":
            value = questions.first_way()
        if value not in EMPTY:
            held[field.key] = value
    return sound(form, held, on)
