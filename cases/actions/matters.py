"""Cases that a person opens: issues, needs, supervision orders, meetings, proposals (004-18 …).

Whatever someone must finish by a date is a case: the pack says which kinds there are, who may open
one and what he fills in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import births, engine, permissions, policies
from cases.actions import branches, supervising
from cases.actions.filling import FormRefused
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import Case, CaseUnit, FormRecord, ProgrammeFirm
from cases.rulebook import rules_of
from cases.staff import Staff
from cases.steps import open_step
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length, excerpt
from organisations.models import Unit
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows import forms
from workflows.form_fields import Form
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Procedure

# who is meant by a word of the pack's `by`
OPENERS: dict[str, frozenset[str]] = {
    "office": frozenset({Role.OFFICE}),
    "county": frozenset({Role.COUNTY_WORKER, Role.COUNTY_LEAD}),
    "department": frozenset({Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_LEAD}),
    "liaison_group": frozenset({Role.LIAISON_MEMBER}),
    "township": frozenset({Role.TOWNSHIP_WORKER}),
    "supervisor": frozenset({Role.SUPERVISOR}),
    "leader": frozenset({Role.LEADER}),
    # its own people, about their own firm alone
    "firm": frozenset({Role.ENTERPRISE_CLERK}),
}
# fields of an opening form that the case takes over, or counts
DUE, GRADE, NUMBER = "due_on", "grade", "number"


@dataclass(frozen=True)
class Asked:
    """What a person opens: units by name in order, a firm or a parent by id, the form's answers."""

    procedure: str
    title: str = ""
    unit: str = ""
    lead: str = ""
    helping: Sequence[str] = ()
    joint: Sequence[str] = ()
    enterprise_id: int | None = None
    parent_id: int | None = None
    # of a supervision order: the case that it is about, and the comment on it (批示)
    about_id: int | None = None
    instruction_id: int | None = None
    grade: str = ""
    due_on: date | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@transaction.atomic
def open_matter(
    programme: Programme, asked: Asked, *, by: Actor, at: datetime, of_firm: bool = False
) -> Case:
    """Open a case of a kind that the pack lets people open; its first children with it.

    ``of_firm``: a firm's own word opens it (不满意), whoever else may. Raises ``Refused`` (what
    lacks, in words), ``NotYours``, ``FormRefused``.
    """
    parent = engine.lock_one(asked.parent_id) if asked.parent_id else None
    version = _version(programme, parent)
    pack = version.pack
    procedure = _procedure(pack, asked, parent, Actor.system() if of_firm else by)
    answers, asked = _answered(pack, procedure, asked, at)
    if answers and not answers.get(NUMBER) and is_numbered(pack.form(_form_of(procedure))):
        answers[NUMBER] = next_number(programme, _form_of(procedure))
    source = None
    if asked.about_id is not None:
        ids = asked.about_id, asked.instruction_id
        source = supervising.source_of(pack, procedure, *ids, by)
    staff = Staff(programme.city_id)
    case = _case(programme, version, procedure, asked, parent, staff, at)
    if of_firm:
        _keep_with_the_city(case, staff)
    if parent is None and not _covers(by, case):
        raise NotYours("not_yours", permissions.refusal(Act.OPEN))
    named = _units_named(asked, staff)
    helpers = [unit.pk for _part, units in named for unit in units]
    steps = births.plan(
        [case],
        lambda case: open_step(case, case.stage, on=day_of(at), desks=staff.desks),
        at=at,
        verb="spawn" if parent else "open",
        reason=asked.reason,
        # they are told of it, though no step of it is theirs
        data={"helpers": helpers} if helpers else None,
    )
    engine.write(steps, by=by, at=at)
    add_units(case, named)
    if answers:
        FormRecord.objects.create(
            case=case, form=_form_of(procedure), data=answers, is_draft=False, by=by.user, at=at
        )
    engine.write(branches.of_new([case], staff, at=at, answers=answers), by=by, at=at)
    if source is not None:
        supervising.link(case, *source, by=by, at=at)
    return case


def is_numbered(form: Form) -> bool:
    """Whether cases of this form are counted: 第三次调度会 (000-04)."""
    return any(field.key == NUMBER and field.kind == "number" for field in form.inputs)


def next_number(programme: Programme, form: str) -> int:
    """The number after the highest one that was given; one statement."""
    records = FormRecord.objects.filter(case__programme=programme, form=form, is_draft=False)
    given = (data.get(NUMBER) for data in records.values_list("data", flat=True))
    return max((int(n) for n in given if str(n or "").isdecimal()), default=0) + 1


def may_open(pack: Pack, actor: Actor) -> list[Procedure]:
    """The kinds of case that this person may open, in the pack's order."""
    return [one for one in pack.procedures.values() if _is_opener(one, actor)]


def alike(case: Case, by: Actor) -> list[Case]:
    """Open cases in sight of the same kind, firm and words: one need wants one answer. One
    statement; a matter of no firm may be given to several units in the same words.
    """
    if case.enterprise_id is None:
        return []
    rows = Case.objects.visible_to(by).filter(programme=case.programme_id, title=case.title).open()
    rows = rows.filter(enterprise=case.enterprise_id, procedure=case.procedure)
    return list(rows.exclude(pk=case.pk).select_related("programme").order_by("pk"))


def alike_words(found: Sequence[Case]) -> str:
    """The hint that the same is open already."""
    words = _("The same is open for this firm already: %(numbers)s. If it is twice, withdraw one.")
    numbers = pgettext("list of names", ", ").join(one.number for one in found)
    return words % {"numbers": numbers}


def _form_of(procedure: Procedure) -> str:
    """The form that is filled in at the opening; empty where there is none."""
    opening = procedure.opening("hand")
    return (opening.form or "") if opening else ""


def _is_opener(procedure: Procedure, by: Actor) -> bool:
    opening = procedure.opening("hand")
    if opening is None:
        return False
    return by.is_system or any(by.roles & OPENERS[word] for word in opening.by)


def _version(programme: Programme, parent: Step | None) -> ProgrammeVersion:
    if parent is not None:
        pinned: ProgrammeVersion = parent.case.pack_version
        return pinned
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    return version


def _procedure(pack: Pack, asked: Asked, parent: Step | None, by: Actor) -> Procedure:
    """The kind that was asked for, if there is one and this person may open it here."""
    found = pack.procedures.get(asked.procedure)
    if found is None:
        known = ", ".join(key for key, one in pack.procedures.items() if one.opening("hand"))
        raise Refused(
            "no_procedure",
            _("This programme knows no such kind of case. It knows: %(known)s") % {"known": known},
        )
    if parent is not None:
        permissions.check(by, Act.SPAWN, parent.case, parent.item)
        policies.check_clock(parent.case, parent.item, "spawn")
        if found.key in rules_of(parent.case).procedure.by_hand():
            return found
    if found.opening("hand") is None:
        raise Refused("not_by_hand", _("Cases of this kind are not opened by hand."))
    if not _is_opener(found, by):
        raise NotYours("not_yours", permissions.refusal(Act.OPEN))
    return found


def _answered(
    pack: Pack, procedure: Procedure, asked: Asked, at: datetime
) -> tuple[dict[str, Any], Asked]:
    """The checked answers of the opening form; title, date and class may come from them."""
    answers: dict[str, Any] = {}
    if _form_of(procedure):
        form = pack.form(_form_of(procedure))
        answers, errors = forms.validate(form, asked.answers, today=day_of(at))
        if errors:
            raise FormRefused(pack, form, errors)
    check_length(asked.title, OF_NAME)
    # the answer that it is made from is kept whole in its form
    title = asked.title.strip() or str(answers.get(procedure.title_from or "") or "")
    due = asked.due_on or (date.fromisoformat(answers[DUE]) if answers.get(DUE) else None)
    grade = asked.grade or str(answers.get(GRADE) or "")
    known = [one.key for one in pack.grades_of(procedure)] if procedure.grades else []
    if grade and grade not in known:
        raise Refused(
            "no_class", _("The classes are: %(names)s") % {"names": " ".join(known) or "-"}
        )
    if due is not None and due < day_of(at):
        raise Refused("due_past", _("The day by which it must be done lies in the past."))
    if not title:
        raise Refused("no_title", _("Say what it is about."))
    values = {**vars(asked), "title": excerpt(title, OF_NAME), "due_on": due, "grade": grade}
    return answers, Asked(**values)


def _case(
    programme: Programme,
    version: ProgrammeVersion,
    procedure: Procedure,
    asked: Asked,
    parent: Step | None,
    staff: Staff,
    at: datetime,
) -> Case:
    """The new case with its place: the firm's own, or that of whoever must do it."""
    unit = staff.named(asked.unit) if asked.unit else None
    lead = staff.named(asked.lead) if asked.lead else None
    if procedure.about == "firm":
        place = _firm_place(programme, asked, parent)
    else:
        doer = unit or staff.office
        place = {"county_id": doer.region_id, "responsible_unit_id": doer.pk}
        # whoever asks another unit for its part leads what comes of it, the office what it orders
        leads = parent.case.responsible_unit_id if parent else staff.office.pk
        place["competent_unit_id"] = leads
    if unit is not None:
        place["responsible_unit_id"] = unit.pk
    if lead is not None:
        place["competent_unit_id"] = lead.pk
    return births.new_case(
        programme=programme,
        pack_version=version,
        procedure=procedure.key,
        parent=parent.case if parent else None,
        stage=procedure.initial,
        title=asked.title,
        grade=asked.grade,
        given_due=asked.due_on,
        opened_on=day_of(at),
        **place,
    )


def _keep_with_the_city(case: Case, staff: Staff) -> None:
    """What a firm has to complain of: neither its county and township nor its department and group
    read it, unless the office calls them in."""
    office = staff.office
    case.county_id, case.township_id, case.liaison_unit_id = office.region_id, None, None
    case.responsible_unit_id = case.competent_unit_id = office.pk


def _firm_place(programme: Programme, asked: Asked, parent: Step | None) -> dict[str, Any]:
    if parent is not None and parent.case.enterprise_id is not None:
        source: Case | ProgrammeFirm = parent.case
    else:
        row = ProgrammeFirm.objects.filter(programme=programme, enterprise=asked.enterprise_id)
        found = row.first()
        if found is None:
            raise Refused("no_firm", _("Choose a firm of this programme."))
        source = found
    return {
        "enterprise_id": source.enterprise_id,
        "county_id": source.county_id,
        "township_id": source.township_id,
        "responsible_unit_id": source.responsible_unit_id,
        "competent_unit_id": source.competent_unit_id,
        "liaison_unit_id": source.liaison_unit_id,
        "rule": source.rule,
    }


def _covers(by: Actor, case: Case) -> bool:
    """A person opens cases in his own part of the map; the city's people anywhere in the city."""
    if by.is_system or any(permissions.covers(standing, case) for standing in by.standings):
        return True
    return case.enterprise_id in by.enterprise_ids


def _units_named(asked: Asked, staff: Staff) -> list[tuple[str, Sequence[Unit]]]:
    named = [(CaseUnit.Part.HELPING, asked.helping), (CaseUnit.Part.JOINT, asked.joint)]
    return [(part, staff.all_named(names)) for part, names in named]


def add_units(case: Case, parts: Sequence[tuple[str, Sequence[Unit]]]) -> None:
    """Put down who takes part, in order; one statement."""
    rows = [
        CaseUnit(case=case, unit=unit, part=part, position=place)
        for part, units in parts
        for place, unit in enumerate(units)
    ]
    CaseUnit.objects.bulk_create(rows)
