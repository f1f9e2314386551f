"""一企一案 flows on: what survey and matching planned stands in the form of each 整改事项.

A remedy carries measure, owner and date from its first day; it is not closed with one of them
empty (the fields that the pack names under ``closes_with``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.around import Around, look
from cases.engine import Step
from cases.models import Case, FormRecord, WorkItem
from cases.rulebook import Rules, rules_of
from organisations.days import day_of
from organisations.lengths import excerpt
from workflows import forms
from workflows.form_fields import Form

Answers = Mapping[str, Any]


def draft(
    children: Sequence[Step], parent: Case, around: Around, *, at: datetime, note: str = ""
) -> None:
    """Plan a draft of each new remedy's form out of what its parent's forms planned.

    ``note``: the measure where nothing was planned (a remedy by hand, a running ledger's remark).
    """
    told = {r.form: r.data for r in around.forms if r.case_id == parent.pk and not r.is_draft}
    owner = around.desks.unit(parent.responsible_unit_id) or parent.responsible_unit
    for child in children:
        form = form_of(child.case)
        if form is None or child.next_item is None:
            continue
        facts = _facts(child, parent, told, owner.short_name or owner.name, note)
        data = {
            field.key: facts[field.prefilled]
            for field in form.inputs
            if field.prefilled and facts.get(field.prefilled)
        }
        cleaned, errors = forms.validate(form, data, today=day_of(at), complete=False)
        # what nobody has said yet stays open to what the page knows
        sound = {k: v for k, v in cleaned.items() if k not in errors and k in data}
        child.forms.append(FormRecord(form=form.key, data=sound))


def planned(case: Case, item: WorkItem, *, at: datetime) -> Answers:
    """What a draft of a remedy's form would say, for one that was opened without (a paper that
    was taken back); nothing is written.
    """
    if case.parent is None:
        return {}
    child = Step(case, item, next_item=item)
    draft([child], case.parent, look([case.parent]), at=at, note=item.return_reason)
    return child.forms[0].data if child.forms else {}


def take_up(step: Step, around: Around, *, at: datetime) -> Answers:
    """What is planned for a remedy that nobody has opened the form of, to be written with it: one
    that came back with a reopened closing ends by its accepted paper as it did the first time.
    """
    item, parent, form = step.item, step.case.parent, form_of(step.case)
    if item is None or parent is None or form is None:
        return {}
    if any(r.case_id == step.case.pk and r.form == form.key for r in around.forms):
        return {}  # it was opened: empty is what it says, and a second draft there cannot be
    child = Step(step.case, item, next_item=item)
    draft([child], parent, around, at=at, note=item.return_reason)
    step.forms += child.forms
    return child.forms[0].data if child.forms else {}


def form_of(case: Case) -> Form | None:
    """The form of the step that a case is in."""
    rules = rules_of(case)
    return rules.pack.form_for(rules.stage, case.criterion or None) if rules.stage else None


def lacking(case: Case, data: Answers) -> list[str]:
    """Keys of the fields that the step's form lacks for a closing."""
    stage = rules_of(case).stage
    return [key for key in (stage.closes_with if stage else ()) if not data.get(key)]


def held(case: Case, records: Iterable[FormRecord]) -> Answers:
    """What is filled in of a case's own form, out of ``records``: its draft, else the newest."""
    form = form_of(case)
    if form is None:
        return {}
    own = [r for r in records if r.case_id == case.pk and r.form == form.key]
    newest = max(own, key=lambda record: (record.is_draft, record.pk), default=None)
    return newest.data if newest is not None else {}


def _facts(
    child: Step, parent: Case, told: Mapping[str, Answers], owner: str, note: str
) -> dict[str, Any]:
    """What a remedy's form may name under ``prefilled`` (``plan_…``, ``match_…``)."""
    rules, case = rules_of(parent), child.case
    planned = _planned(rules, told, case.criterion)
    matched = _matched(rules, told) if _needs_partner(rules, case.criterion) else {}
    assert child.next_item is not None
    due, on = child.next_item.due_on, case.opened_on.isoformat()
    days = [matched.get("next_on"), planned.get("due_on"), due.isoformat() if due else None]
    return {
        "plan_measure": planned.get("measure") or _measure(matched) or note,
        "plan_owner": planned.get("unit") or owner,
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
        return joined | {"measure": excerpt("；".join(measures), 500)}
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
