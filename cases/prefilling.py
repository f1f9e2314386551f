"""Nothing is asked twice: what a form is filled in with before anybody types.

Sources: the register, the filing, the newest visit, accepted papers, and what was answered before
in this case, its remedies or an earlier year's case of the firm (``prefilled: survey.group_name``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.firm import Firm, contacts_known, firm_of, prefilled
from cases.models import Case, Evidence, FormRecord, Visit
from cases.rulebook import questions_of
from cases.sheet import Sheet, local_day, of_criterion
from organisations.scope import Actor
from workflows import forms
from workflows.form_fields import Field, Form
from workflows.text import localised

State = Evidence.State
# the bureau's words for production → the forms' (a form that asks otherwise is left empty)
CONDITIONS = {"partly_stopped": "half", "bankrupt": "leaving", "deregistered": "leaving"}
EMPTY: tuple[Any, ...] = (None, "", [], {})


def first_answers(sheet: Sheet, form: Form, *, by: Actor) -> dict[str, Any]:
    """Answers by field key, sound ones only; days that lie behind are today's at first."""
    facts = facts_of(sheet, form, by=by)
    case = sheet.case
    before = answered(form, case.enterprise_id, case.programme.city_id, by, case)
    today = sheet.on.isoformat()
    held: dict[str, Any] = {}
    for field in form.inputs:
        if field.prefilled and "." in field.prefilled:
            known = fitted(field, before.get(field.prefilled) or _of_papers(sheet, field))
        elif field.prefilled:
            known = fitted(field, facts.get(field.prefilled))
        else:
            known = None
        if known in EMPTY and field.kind == "date" and field.required and field.not_future:
            known = today
        if known in EMPTY and _asks_for_contacts(field):
            known = contacts_known(firm_of(sheet.case, sheet.on))
        if known not in EMPTY:
            held[field.key] = known
    return sound(form, held, sheet.on)


def _of_papers(sheet: Sheet, field: Field) -> str:
    """What a remedy's form would have said, where its paper alone ended it: how long it holds."""
    form, _dot, name = (field.prefilled or "").partition(".")
    if name != "valid_until":
        return ""
    proving = [
        paper
        for have in sheet.rules.pack.haves
        if form == f"remedy_{have.key}"
        for paper in of_criterion(sheet.papers, have.key)
        if paper.state in Evidence.ACCEPTED and paper.valid_until is not None
    ]
    days = [paper.valid_until for paper in proving if paper.valid_until is not None]
    return max(days).isoformat() if days else ""


def _asks_for_contacts(field: Field) -> bool:
    """People of the firm by their duty; rows of that name may hold anybody, as those of 对接 do."""
    if field.key != "contacts" or field.kind != "rows":
        return False
    return {"role", "name"} <= {column.key for column in field.columns}


def facts_of(sheet: Sheet, form: Form, *, by: Actor) -> dict[str, Any]:
    """What a form may name under ``prefilled``, as far as this form names it."""
    case, firm = sheet.case, firm_of(sheet.case, sheet.on)
    known: dict[str, Any] = dict(prefilled(case, firm))
    asked = {field.prefilled for field in form.fields}
    known |= {"me": by.user.name if by.user else "", "today": sheet.on.isoformat()}
    if firm is not None:
        known |= _of_firm(case, firm)
    if any(name and name.startswith("visit_") for name in asked):
        known |= _visit(case)
    if asked & {"papers", "accepted_on"}:
        known |= {"papers": papers_table(sheet), "accepted_on": _accepted_on(sheet)}
    if "have_found" in asked:
        known["have_found"] = _have_found(case)
    return known


def _of_firm(case: Case, firm: Firm) -> dict[str, str]:
    condition = str(firm.enterprise.condition)
    return {
        # 正常 is what the register says of a firm that nobody has looked at: left to the visit
        "condition": CONDITIONS.get(condition, condition) if condition != "normal" else "",
        "first_time": "no" if firm.covered_last_year == _("Yes") else "",
        "next_year": date(case.programme.statistical_year + 1, 1, 1).isoformat(),
    }


def _visit(case: Case) -> dict[str, str]:
    """The newest visit that served the case since it was opened; one statement."""
    rows = Visit.objects.filter(cases=case.parent_id or case.pk, taken_back_at=None)
    visit = rows.filter(visited_on__gte=case.opened_on).order_by("visited_on", "id").last()
    if visit is None:
        return {}
    return {
        "visit_on": visit.visited_on.isoformat(),
        "visit_kind": visit.way,
        "visit_people": visit.people,
        "visit_met": visit.met,
    }


# --- papers ---------------------------------------------------------------------------------------
def papers_table(sheet: Sheet) -> dict[str, Any]:
    """逐项：材料名称、份数、日期、县级意见、市级意见 (defaults, 销号 form)."""
    rule = sheet.rules.procedure.criteria_for(sheet.case.criterion or None)
    names = {have.key: localised(have.label) for have in sheet.rules.pack.haves}
    rows = []
    for key in rule.named() if rule is not None else ():
        papers = [p for p in of_criterion(sheet.papers, key) if p.state != State.RETURNED]
        days = [local_day(paper.submitted_at) for paper in papers]
        rows.append(
            [
                names.get(key, key),
                pgettext("list of names", ", ").join(_name(paper) for paper in papers) or "—",
                str(len(papers)) if papers else "—",
                max(day.isoformat() for day in days if day) if days else "—",
                _opinion(papers, is_city=False),
                _opinion(papers, is_city=True),
            ]
        )
    head = [
        *(_("Closing criterion"), _("Name of the paper"), _("Copies"), _("Handed in on")),
        *(_("County's opinion"), _("City's opinion")),
    ]
    return {"head": head, "rows": rows}


def _name(paper: Evidence) -> str:
    return paper.file_name or paper.offline_number or paper.get_state_display()


def _opinion(papers: Iterable[Evidence], *, is_city: bool) -> str:
    city = str(State.CITY_ACCEPTED.label)
    told = [words for paper in papers for words, _who, _when in paper.levels()]
    words = dict.fromkeys(one for one in told if (one == city) is is_city)
    return pgettext("list of names", ", ").join(words) or "—"


def _accepted_on(sheet: Sheet) -> str:
    """The day on which nothing lacked any more; empty while something does."""
    accepted = [p.reviewed_at for p in sheet.papers if p.state in Evidence.ACCEPTED]
    moments = [at for at in accepted if at is not None]
    day = local_day(max(moments)) if moments and not sheet.lacking else None
    return day.isoformat() if day else ""


# --- what was answered before ---------------------------------------------------------------------
def answered(
    form: Form, firm: int | None, city: int, by: Actor, case: Case | None = None
) -> Mapping[str, Any]:
    """Newest answers by ``FORM.FIELD``, this year's before an earlier one's; one statement.
    ``case``: the one that is filled in for: its own draft tells nothing, a remedy's does."""
    wanted = {f.prefilled for f in form.inputs if f.prefilled and "." in f.prefilled}
    if not wanted or firm is None:
        return {}
    seen = Case.objects.visible_to(by).filter(enterprise=firm, programme__city=city)
    sealed = Q(is_draft=False) | Q(case__finished__isnull=False)
    rows = FormRecord.objects.filter(
        sealed if case is None else sealed | Q(case__parent=case),
        case__in=seen,
        form__in={name.partition(".")[0] for name in wanted},
    )
    if case is not None:
        rows = rows.exclude(case=case, is_draft=True)
    found: dict[str, Any] = {}
    order = ("case__programme__statistical_year", "at", "id")
    for record in rows.order_by(*order):
        for name in wanted:
            key, _dot, field = name.partition(".")
            if key == record.form and record.data.get(field) not in EMPTY:
                found[name] = record.data[field]
    return found


def _have_found(case: Case) -> str:
    """What the survey said of the have that a remedy is for: "有但不规范：未归集"."""
    if case.parent is None:
        return ""
    rows = FormRecord.objects.filter(case=case.parent, is_draft=False, data__has_key="haves")
    record = rows.order_by("id").last()
    answer = (record.data.get("haves") or {}).get(case.criterion) if record else None
    if record is None or not answer or not answer.get("state"):
        return ""
    _pack, form = questions_of(record, case.parent)
    choice = form.field("haves").choice(answer["state"])
    words = localised(choice.label) if choice else str(answer["state"])
    return f"{words}{_(': ')}{answer['note']}" if answer.get("note") else words


# --- fitting --------------------------------------------------------------------------------------
def fitted(field: Field, value: Any) -> Any:
    """A fact as this field takes it: a choice by its key or its words, rows by their columns."""
    if value in EMPTY:
        return None
    if field.kind == "rows":
        columns = {column.key for column in field.columns}
        rows = value if isinstance(value, list) else []
        cut = [{k: v for k, v in row.items() if k in columns} for row in rows]
        return [row for row in cut if any(row.values())]
    if field.kind == "choice":
        by_words = {localised(choice.label): choice.key for choice in field.choices}
        return by_words.get(str(value), value)
    return value


def sound(form: Form, held: Mapping[str, Any], on: date) -> dict[str, Any]:
    cleaned, errors = forms.validate(form, held, today=on, complete=False)
    wrong = {place.partition(".")[0] for place in errors}
    computed = {field.key for field in form.inputs if field.compute is not None}
    return {
        key: value
        for key, value in cleaned.items()
        if key in held and key not in wrong | computed and value not in EMPTY
    }
