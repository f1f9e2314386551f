"""一企一案 flows on: what survey and matching planned stands in the form of each 整改事项.

A remedy carries measure, owner and date from its first day; it is not closed with one of them
empty (the fields that the pack names under ``closes_with``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.engine import Step
from cases.models import Case, FormRecord
from cases.rulebook import Rules, rules_of
from cases.steps import day_of
from organisations.scope import Actor
from workflows import forms
from workflows.form_fields import Form

Answers = Mapping[str, Any]


def draft(
    children: Sequence[Step],
    parents: Mapping[int, Case],
    *,
    by: Actor,
    at: datetime,
    note: str = "",
) -> None:
    """A draft of each new remedy's form out of what is planned; two statements for all of them.

    ``note``: the measure where nothing was planned (a remedy by hand, a running ledger's remark).
    """
    told = _newest(children)
    drafts = []
    for child in children:
        case, parent = child.case, parents[child.case.parent_id or 0]
        form = form_of(case)
        if form is None or child.item is None:
            continue
        facts = _facts(case, child, parent, told.get(parent.pk, {}), note)
        data = {
            field.key: facts[field.prefilled]
            for field in form.inputs
            if field.prefilled and facts.get(field.prefilled)
        }
        cleaned, errors = forms.validate(form, data, today=day_of(at), complete=False)
        sound = {key: value for key, value in cleaned.items() if key not in errors}
        drafts.append(FormRecord(case=case, form=form.key, data=sound, by=by.user, at=at))
    FormRecord.objects.bulk_create(drafts)


def form_of(case: Case) -> Form | None:
    """The form of the step that a case is in."""
    rules = rules_of(case)
    return rules.pack.form_for(rules.stage, case.criterion or None) if rules.stage else None


def lacking(case: Case, data: Answers) -> list[str]:
    """Keys of the fields that the step's form lacks for a closing."""
    stage = rules_of(case).stage
    return [key for key in (stage.closes_with if stage else ()) if not data.get(key)]


def held(cases: Iterable[Case]) -> dict[int, Answers]:
    """What is filled in of each case's own form, the newest first; one query, none for none."""
    wanted = {case.pk: form for case in cases if (form := form_of(case)) is not None}
    if not wanted:
        return {}
    rows = FormRecord.objects.filter(case__in=list(wanted)).order_by("is_draft", "id")
    return {row.case_id: row.data for row in rows if wanted[row.case_id].key == row.form}


def _newest(children: Sequence[Step]) -> dict[int, dict[str, Answers]]:
    """The sealed forms of the parents, the newest of each kind; one query."""
    parents = {child.case.parent_id for child in children if child.case.parent_id}
    if not parents:
        return {}
    found: dict[int, dict[str, Answers]] = {}
    rows = FormRecord.objects.filter(case__in=list(parents), is_draft=False).order_by("id")
    for row in rows:
        found.setdefault(row.case_id, {})[row.form] = row.data
    return found


def _facts(
    case: Case, child: Step, parent: Case, told: Mapping[str, Answers], note: str
) -> dict[str, Any]:
    """What a remedy's form may name under ``prefilled`` (``plan_…``, ``match_…``)."""
    rules = rules_of(parent)
    planned = _planned(rules, told, case.criterion)
    matched = _matched(rules, told) if _needs_partner(rules, case.criterion) else {}
    assert child.item is not None
    due, on = child.item.due_on, case.opened_on.isoformat()
    days = [matched.get("next_on"), planned.get("due_on"), due.isoformat() if due else None]
    return {
        "plan_measure": planned.get("measure") or _measure(matched) or note,
        "plan_owner": planned.get("unit") or str(parent.responsible_unit),
        # a day that has passed before the remedy began is no date to finish it by
        "plan_due": next((day for day in days if day and day >= on), None),
        **{f"match_{key}": value for key, value in matched.items()},
    }


def _planned(rules: Rules, told: Mapping[str, Answers], have: str) -> dict[str, Any]:
    """The plan's rows for a have as one: measures joined, the last of the other answers."""
    for key, data in told.items():
        field = next((f for f in rules.pack.form(key).inputs if f.per_missing), None)
        if field is None:
            continue
        rows = [row for row in data.get(field.key) or [] if row.get(field.per_missing) == have]
        joined: dict[str, Any] = {}
        for row in rows:
            joined |= {name: value for name, value in row.items() if value}
        measures = [str(row["measure"]) for row in rows if row.get("measure")]
        return joined | {"measure": "；".join(measures)[:500]}
    return {}


def _matched(rules: Rules, told: Mapping[str, Answers]) -> dict[str, Any]:
    """The best contact with a partner: a signed one before an intention, the newest of them."""
    for key, data in told.items():
        outcome = rules.pack.form(key).outcome
        if outcome is None:
            continue
        rows = [r for r in data.get(outcome.field) or [] if r.get(outcome.column) in outcome.any_of]
        if rows:
            order = {value: place for place, value in enumerate(outcome.any_of)}
            return dict(max(rows, key=lambda row: order[row[outcome.column]]))
    return {}


def _needs_partner(rules: Rules, have: str) -> bool:
    return any(one.key == have and one.needs_partner for one in rules.pack.haves)


def _measure(matched: Answers) -> str:
    parts = (matched.get("partner"), matched.get("agreement") or matched.get("need"))
    return "：".join(str(part) for part in parts if part)
