"""What the case page shows, as plain data for the components of the look. No query here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import policies
from cases.dates import day_words
from cases.firm import Firm
from cases.lights import Light, light_of
from cases.models import Evidence, FormRecord, Visit, WorkItem
from cases.rulebook import calendar, questions_of, rule_words
from cases.sheet import Child, Sheet, local_day, of_criterion
from cases.stages import CLOSED
from cases.views.case_due import due_fact
from cases.views.pager import onward
from organisations.models import Tenure, User
from organisations.roles import Role
from workflows.forms import REGULAR
from workflows.procedure import spawned
from workflows.text import localised

State = Evidence.State
Part = dict[str, Any]


def lamp(light: Light) -> Part:
    """For the template tag ``light``."""
    return {"kind": light.kind, "shape": light.shape, "words": light.words}


# --- header --------------------------------------------------------------------------------------
def stepper(sheet: Sheet) -> list[Part]:
    """One step a phase: when it was done and in how many working days; skipped ones dashed."""
    procedure, stage = sheet.rules.procedure, sheet.rules.stage
    if len(procedure.phases) < 2:
        return []
    now = [phase.key for phase in procedure.phases].index(stage.phase) if stage else None
    steps = []
    for place, phase in enumerate(procedure.phases):
        # a step whose stage the plan has given up belongs to none
        own = [i for i in sheet.items if procedure.phase_of(i.stage) == phase.key]
        step = _step(sheet, localised(phase.title), own, place, now)
        parts = [localised(s.title) for s in procedure.stages if s.phase == phase.key]
        if step["state"] == "ahead" and len(parts) > 1:
            step["note"] = " → ".join(parts)
        steps.append(step)
    return steps


def _step(sheet: Sheet, name: str, own: list[WorkItem], place: int, now: int | None) -> Part:
    if now is not None and place == now and own:
        started = _entered(own)
        # a case that was opened on a day off begins with the first working day
        n = max(calendar().between(started, sheet.on), 1)
        note = ngettext(
            "since %(day)s, working day %(n)d", "since %(day)s, working day %(n)d", n
        ) % {"day": day_words(started, sheet.on), "n": n}
        return {"name": name, "note": note, "state": "now"}
    if now is not None and place > now:
        return {"name": name, "note": "", "state": "ahead"}
    if not own:
        state = "skipped" if now is not None or sheet.case.stage == CLOSED else "ahead"
        return {"name": name, "note": _("not needed") if state == "skipped" else "", "state": state}
    finished = local_day(own[-1].finished)
    if sheet.case.is_finished and sheet.case.stage != CLOSED and own[-1] is sheet.items[-1]:
        return {
            "name": name,
            "note": _("ended here on %s") % day_words(finished, sheet.on),
            "state": "now",
        }
    days = max(calendar().between(own[0].started_on, finished or sheet.on), 0)
    note = ngettext(
        "done on %(day)s, in %(n)d working day", "done on %(day)s, in %(n)d working days", days
    ) % {"day": day_words(finished, sheet.on), "n": days}
    return {"name": name, "note": note, "state": "done"}


def _entered(own: list[WorkItem]) -> date:
    """The day on which the phase was entered last: a step sent back begins anew."""
    started = own[-1].started_on
    for item in reversed(own[:-1]):
        if item.finished is None or local_day(item.finished) != started:
            break
        started = item.started_on
    return started


def handled_by(sheet: Sheet) -> Part:
    """Who has it in hand, or had it last, as an entry of the head."""
    unit = sheet.item.unit if sheet.item is not None else sheet.case.responsible_unit
    return {
        "name": _("Handled by"),
        "value": str(unit.short_name or unit.name),
        "note": _people_words(sheet),
    }


def head_facts(sheet: Sheet, handled: Part | None = None) -> list[Part]:
    """The head of the page: until when, who has it (``handled_by`` or as given), under whom."""
    case, handled = sheet.case, handled or handled_by(sheet)
    facts = [due_fact(sheet), *_measure_facts(sheet), handled]
    if case.enterprise_id is not None:
        department = {
            "name": _("Competent department"),
            "value": case.competent_unit.short_name or case.competent_unit.name,
            "rule": rule_words(case.rule, sheet.rules.pack),
        }
        facts.append(department)
    if (group := case.liaison_unit) is not None:
        # somebody may have given it to another group by hand
        follows = group.paired_counties.filter(pk=case.county_id).exists()
        words = _("Rule: the group follows the county → %(county)s") % {"county": case.county}
        facts.append(
            {
                "name": _("Liaison group"),
                "value": group.short_name or group.name,
                "rule": words if follows else "",
            }
        )
    return facts


def _measure_facts(sheet: Sheet) -> list[Part]:
    """措施, 责任单位（人）, 完成时限 of a remedy, as its form has them."""
    case = sheet.case
    if not case.criterion:
        return []
    own = [record for record in sheet.records if record.case_id == case.pk]
    held = max(own, key=lambda record: record.pk).data if own else {}
    by = _day(held.get("finish_on"))
    return [
        {"name": _("Measure"), "value": held.get("measure", "")},
        {
            "name": _("Answers for it"),
            "value": held.get("responsible", ""),
            "note": _finish_words(sheet, by) if by else "",
        },
    ]


def _finish_words(sheet: Sheet, by: date) -> str:
    """The day that was planned, and where it does not fit the time that the step has."""
    words = _("to be finished by %s") % day_words(by, sheet.on)
    due = sheet.item.due_on if sheet.item is not None else None
    if due is None or sheet.item is None:
        return words
    if by > due:
        late = _("%(words)s, later than the due date %(day)s: move it up, or ask for an extension")
        return late % {"words": words, "day": day_words(due, sheet.on)}
    if by < sheet.on <= due:
        return _("%(words)s: that day has passed, please act or set another") % {"words": words}
    return words


def _people_words(sheet: Sheet) -> str:
    """Who handles and who reviews in the unit that holds the step, nobody of another unit. While
    a reviewer has it, the handler is whoever worked on the case before."""
    item = sheet.item
    unit = item.unit_id if item is not None else sheet.case.responsible_unit_id
    held = [t for t in sheet.handlers if t.post.unit_id == unit]
    reviewers = sheet.people(unit, Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD)
    if item is not None and item.stage in sheet.rules.procedure.reviews:
        handlers = [t for t in sheet.worked if t.post.unit_id == unit]
        reviewers = reviewers or held
    else:
        handlers = held
    parts = []
    if handlers:
        names = "、".join(_name(t) for t in handlers)
        parts.append(_("Handler %(names)s") % {"names": names})
    if reviewers:
        names = "、".join(_name(t) for t in reviewers)
        parts.append(_("Reviewer %(names)s") % {"names": names})
    return " · ".join(parts)


def _name(tenure: Tenure) -> str:
    return str(tenure.user)


def tags(sheet: Sheet) -> list[Part]:
    case, found = sheet.case, []
    if case.lacking_count == 1 and case.is_main and not case.is_finished and case.grade:
        found.append({"words": _("Only one missing"), "accent": True})
    if not case.is_main and not case.criterion:
        found.append({"words": localised(sheet.rules.procedure.title)})
    if case.carried_from is not None:
        number = case.carried_from.number
        found.append({"words": _("Carried over from %(number)s") % {"number": number}})
    if case.grade:
        found.append({"words": grade_words(sheet)})
    if sheet.item is not None and sheet.item.is_correction:
        found.append({"words": _("To be corrected"), "accent": True})
    return found


def grade_words(sheet: Sheet) -> str:
    """The class of a case in words; empty before there is one."""
    case = sheet.case
    if not case.grade:
        return ""
    return localised(sheet.rules.pack.grade(case.grade, case.procedure).label)


def state_words(sheet: Sheet) -> str:
    """What the ledger calls the state: 整改中, 待县级审核."""
    stage = sheet.rules.stage
    return localised(stage.state_label) if stage else ""


# --- children, firm ------------------------------------------------------------------------------
def remedies(sheet: Sheet, query: str = "") -> list[Part]:
    """整改事项, open ones first, by date."""
    far = date.max
    children = sorted(
        (child for child in sheet.children if child.case.criterion),
        key=lambda c: (c.case.is_finished, (c.item.due_on or far), c.case.pk),
    )
    return [_remedy(sheet, child, query) for child in children]


def without_remedy(sheet: Sheet) -> list[Part]:
    """The haves of the survey for which no remedy arose, each with why: the page has all four."""
    mended = {child.case.criterion for child in sheet.children if child.case.criterion}
    rule = sheet.rules.procedure.criteria_for(None)
    asked = set(rule.named()) if rule else set()
    if not mended or not sheet.case.is_main:
        return []
    return [
        {
            "name": localised(have.label),
            "why": _without(sheet, have.key, is_asked=have.key in asked),
        }
        for have in sheet.rules.pack.haves
        if have.key not in mended
    ]


def _without(sheet: Sheet, key: str, *, is_asked: bool) -> str:
    if not is_asked:
        return _("not asked for by this plan")
    if key not in sheet.lacking:
        return _("there already")
    answers = [r.data.get("haves") or {} for r in sheet.records if not r.is_draft]
    surveyed = next((one[key].get("state") for one in answers if key in one), "")
    if surveyed == REGULAR:
        return _("there already, only its papers are to be handed in")
    if step := _opens_at(sheet, key):
        return _("comes with the step “%(step)s”") % {"step": step}
    return _("no remedy opened yet")


def _opens_at(sheet: Sheet, key: str) -> str:
    """The step ahead with which the remedy of a have comes, by its title; empty: none does."""
    rules, here = sheet.rules, sheet.rules.stage
    steps = list(rules.procedure.stages)
    for step in steps[steps.index(here) :] if here in steps else ():
        for when in ("leaving",) if step is here else ("entering", "leaving"):
            grade, unaided = sheet.case.grade or None, rules.pack.unaided
            if spawned(step, when, grade=grade, missing=[key], unaided=unaided):
                return localised(step.title)
    return ""


def _remedy(sheet: Sheet, child: Child, query: str) -> Part:
    case, item = child.case, child.item
    plan = _planned(sheet, child)
    form = sheet.rules.pack.procedure(case.procedure).stage(item.stage).form_for(case.criterion)
    record = sheet.record_of(form, case.pk) if form else None
    data = record.data if record else {}
    progress = data.get("progress") or []
    finished = local_day(item.finished)
    return {
        "light": lamp(light_of(child.case, child.open_item, sheet.on)),
        "url": onward(reverse("case", args=[case.pk]), query),
        "name": policies.names_of(case, [case.criterion]),
        "measure": data.get("measure") or plan.get("measure") or "",
        "who": data.get("responsible")
        or plan.get("unit")
        or item.unit.short_name
        or item.unit.name,
        "due": item.due_on,
        "progress": _("done on %s") % day_words(finished, sheet.on)
        if case.is_finished
        else (progress[-1].get("note") if progress else "") or _waiting_words(sheet, child),
    }


def _planned(sheet: Sheet, child: Child) -> dict[str, str]:
    """The line of the survey's plan for this have."""
    for record in sheet.records:
        for line in record.data.get("plan") or []:
            if not record.is_draft and line.get("have") == child.case.criterion:
                return dict(line)
    return {}


def _waiting_words(sheet: Sheet, child: Child) -> str:
    states = [p.state for p in of_criterion(sheet.papers, child.case.criterion)]
    if State.SUBMITTED in states:
        return _("Handed in, waits for review")
    return str(State.RETURNED.label) if State.RETURNED in states else ""


def firm_facts(sheet: Sheet, firm: Firm | None) -> list[Part]:
    if firm is None:
        return []
    row, fact = firm.membership, firm.fact
    contact = firm.contacts[0] if firm.contacts else None
    visit = _visit(sheet)
    visited = {
        "name": _("Last visit"),
        "value": day_words(_day(visit.get("visited_on")), sheet.on),
        "note": visit.get("met") or "",
    }
    return [
        {"name": _("Industry"), "value": firm.industry},
        {"name": _("Township or park"), "value": str(row.township or "") if row else ""},
        {"name": _("On the register since"), "value": row.listed_text if row else ""},
        {
            "name": _("Provincial system"),
            "value": firm.filing,
            "note": _("known on %s") % day_words(fact.known_on, sheet.on) if fact else "",
        },
        {"name": _("Covered last year"), "value": firm.covered_last_year},
        {"name": _("Kind of firm"), "value": row.ownership if row else ""},
        {
            "name": _("Contact at the firm"),
            "value": f"{contact.name} {contact.phone}".strip() if contact else "",
        },
        # visits stand on the firm's own case: elsewhere a dash would say that nobody came
        *([visited] if visit or sheet.case.is_main else []),
        {"name": _("Production"), "value": firm.enterprise.get_condition_display()},
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _visit(sheet: Sheet) -> dict[str, str]:
    """The newest call that a form of the case or a visit record tells of; one statement where
    there are records, as one may have been taken back."""
    records = [r for r in sheet.records if r.data.get("visited_on") and not r.is_draft]
    held = dict(records[-1].data) if records else {}
    told = [event.data["visit"] for event in sheet.events if event.data.get("visit")]
    rows = Visit.objects.filter(pk__in=told, taken_back_at=None) if told else Visit.objects.none()
    newest = max(rows, key=lambda visit: (visit.visited_on, visit.pk), default=None)
    if newest is None or newest.visited_on.isoformat() <= str(held.get("visited_on", "")):
        return held
    return {"visited_on": newest.visited_on.isoformat(), "met": newest.met}


def sealed_forms(sheet: Sheet) -> list[Part]:
    """Forms that were filled in on this case, the newest first."""
    mine = [r for r in sheet.records if r.case_id == sheet.case.pk]
    return [_sealed(sheet, record) for record in reversed(mine)]


def _sealed(sheet: Sheet, record: FormRecord) -> Part:
    _pack, form = questions_of(record, sheet.case)
    return {
        "url": reverse("case_record", args=[sheet.case.pk, record.pk]),
        "words": localised(form.title),
        "is_draft": record.is_draft,
        "at": record.at,
    }


def contact_words(sheet: Sheet, reader: User | None = None) -> str:
    """Whom to ask about a return, with the role: a reviewer of the county who neither corrects it
    nor asks, else the unit: "审核人周岚 0999-5550123". Whoever returned something comes first, so
    that the name in the timeline is the one to ask, also on his own page.
    """
    unit = sheet.case.responsible_unit
    returners = {p.reviewed_by_id for p in sheet.papers if p.state == State.RETURNED}
    correctors = {t.user_id for t in (*sheet.county_handlers, *sheet.handlers)}
    correctors |= {reader.pk} - returners if reader is not None else set()
    others = [t for t in sheet.people(unit.pk, Role.COUNTY_LEAD) if t.user_id not in correctors]
    if not others:
        return f"{unit.short_name or unit.name} {unit.phone}".strip()
    person = min(others, key=lambda t: t.user_id not in returners).user
    words = _("the reviewer %(name)s") % {"name": person}
    return f"{words} {person.phone or unit.phone}".strip()
