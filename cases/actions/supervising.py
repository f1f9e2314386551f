"""督办 opened by a letter that went out, or by a leader's word on a case (004-22, 001-21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from cases import births, engine, permissions
from cases.actions import stages
from cases.annex import AnnexLine
from cases.dates import day_words
from cases.errors import NotYours, Refused
from cases.letter_facts import ANSWER_WITHIN
from cases.models import Case, CaseEvent, EscalationDraft, FormRecord, OrderOrigin
from cases.permissions import refusal
from cases.rulebook import calendar
from cases.staff import Staff
from cases.steps import open_step
from organisations.days import day_of
from organisations.models import Unit
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows import forms
from workflows.form_fields import Form
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Procedure

OVERDUE = "overdue"  # the form's word for where an order comes from


def open_by_letter(
    letter: EscalationDraft, lines: Sequence[AnnexLine], *, by: Actor, at: datetime
) -> Case | None:
    """One order for the county that the letter goes to, its annex the letter's; issued at once, as
    whoever released the letter decided on it. None where the plan knows no supervision.

    In the transaction of the release.
    """
    version = letter.programme.versions.order_by("-number").first()
    procedure = version.pack.opened_by(letter.kind) if version is not None else None
    if version is None or procedure is None or letter.county_id is None:
        return None
    staff = Staff(letter.programme.city_id)
    case = _order(letter, version, procedure, staff, lines, at)
    steps = births.plan(
        [case],
        lambda case: open_step(case, case.stage, on=day_of(at), desks=staff.desks),
        at=at,
    )
    engine.write(steps, by=by, at=at)
    OrderOrigin.objects.create(case=case, letter=letter)
    _fill_in(case, procedure, version.pack, letter, by, at)
    first = procedure.stage(procedure.initial)
    if first.owner == "office" and procedure.move(first.key, "advance") is not None:
        case = stages.advance(case.pk, by=by, at=at)
    return case


def _order(
    letter: EscalationDraft,
    version: ProgrammeVersion,
    procedure: Procedure,
    staff: Staff,
    lines: Sequence[AnnexLine],
    at: datetime,
) -> Case:
    unit = _force(letter, staff)
    firms = len({line.case.enterprise_id or -line.case.pk for line in lines})
    with translation.override(settings.LANGUAGE_CODE):
        title = (
            _("Overdue matters of %(county)s (%(n)d)") % {"county": letter.county, "n": firms}
            if lines
            else _("%(county)s behind the planned line") % {"county": letter.county}
        )
    return births.new_case(
        programme=letter.programme,
        pack_version=version,
        procedure=procedure.key,
        stage=procedure.initial,
        title=title,
        given_due=calendar().add(day_of(at), ANSWER_WITHIN),
        opened_on=day_of(at),
        county_id=unit.region_id,
        responsible_unit_id=unit.pk,
        competent_unit_id=staff.office.pk,
    )


def _force(letter: EscalationDraft, staff: Staff) -> Unit:
    """The county's task force; where nobody holds a post in it, the unit that reads the letter."""
    forces = (unit for unit in staff.counties if unit.region_id == letter.county_id)
    return next(forces, letter.unit)


def _fill_in(
    case: Case,
    procedure: Procedure,
    pack: Pack,
    letter: EscalationDraft,
    by: Actor,
    at: datetime,
) -> None:
    """The order's own form, as far as the letter says it; left out where the plan asks for more."""
    opening = procedure.opening("hand")
    if opening is None or not opening.form:
        return
    form = pack.form(opening.form)
    known = {
        "matter": case.title,
        "source": OVERDUE,
        "basis": letter.number,
        "asked": letter.body,
        "grade": next((grade.key for grade in procedure.grades), ""),
        "due_on": case.given_due.isoformat() if case.given_due else "",
    }
    answers, errors = forms.validate(form, _fitting(form, known), today=day_of(at))
    if not errors:
        FormRecord.objects.create(
            case=case, form=form.key, data=answers, is_draft=False, by=by.user, at=at
        )


# --- a leader's word ------------------------------------------------------------------------------
def source_of(
    pack: Pack, procedure: Procedure, about_id: int, event_id: int | None, by: Actor
) -> tuple[Case, CaseEvent | None]:
    """The case that an order is to be about and the comment that asks for it, both in sight.

    Raises ``Refused`` or ``NotYours``.
    """
    case = (
        Case.objects.select_related("programme__city", "enterprise", "responsible_unit")
        .filter(pk=about_id)
        .first()
    )
    if case is None or not permissions.can_see(by, case):
        raise NotYours("not_yours", refusal(Act.READ))
    if procedure.opening("rung") is None:
        raise Refused("no_order", _("Only a supervision order comes of an instruction."))
    if event_id is None:
        return case, None
    event = case.events.select_related("by", "by_post").filter(pk=event_id).first()
    if event is None or not is_instruction(event):
        raise Refused("no_instruction", _("This is not a leader's instruction on the case."))
    return case, event


def proposed(
    form: Form, procedure: Procedure, about: Case, event: CaseEvent | None
) -> dict[str, str]:
    """What the order's form is filled in with before a person looks at it."""
    known = {
        "matter": about.subject if event is None else _("Instruction on %s") % about.subject,
        "source": "instruction" if event is not None else "other",
        "basis": f"{event.by or ''} {day_words(day_of(event.at))}".strip()
        if event
        else about.number,
        "asked": event.reason if event is not None else "",
        "grade": next((grade.key for grade in procedure.grades), ""),
    }
    return _fitting(form, known)


def _fitting(form: Form, known: Mapping[str, str]) -> dict[str, str]:
    """Of these answers those that the form asks for and takes."""
    found = {}
    for field in form.inputs:
        value = known.get(field.key, "")
        if value and (not field.choices or field.choice(value) is not None):
            found[field.key] = value[: field.limit]
    return found


def is_instruction(event: CaseEvent) -> bool:
    """批示: what a leader wrote on a case."""
    return (
        event.verb == "comment" and event.by_post is not None and event.by_post.role == Role.LEADER
    )


def link(
    order: Case, about: Case, instruction: CaseEvent | None, *, by: Actor, at: datetime
) -> None:
    """Put down what the order came of; the case that it is about records it."""
    OrderOrigin.objects.create(case=order, about=about, instruction=instruction)
    step = engine.Step(about, None, verb="supervise", bumps_version=False)
    step.data = {"order": order.pk, "number": order.number, "title": order.title}
    engine.record([step], by=by, at=at)
