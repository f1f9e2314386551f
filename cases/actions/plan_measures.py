"""举措: the plan's own tasks become cases with their leads, responsible units and turns.

Source: 001-01 (units and times), 001-03 (several leads in order), 001-04 (a class as unit),
001-05 (bounded recurrence), 001-06 (count targets).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import births, engine
from cases.actions import branches
from cases.errors import NotYours, Refused
from cases.models import Case, CaseUnit
from cases.permissions import refusal
from cases.rulebook import calendar
from cases.staff import Staff
from cases.steps import open_step
from organisations.days import day_of
from organisations.models import Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows import deadlines
from workflows.measures import Measure
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack


@transaction.atomic
def open_measures(programme: Programme, *, by: Actor, at: datetime) -> list[Case]:
    """A case for each measure of the plan that has none, with a child for each responsible unit
    where the pack says so; repeatable, set-based.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.OPEN, programme.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    there = Case.objects.filter(programme=programme, parent=None).exclude(measure="")
    known = set(there.values_list("measure", flat=True))
    missing = [one for one in version.pack.plan if one.key not in known]
    if not missing:
        return []
    staff, on = Staff(programme.city_id), day_of(at)
    cases = [_case(version, measure, staff, on) for measure in missing]
    births.create(
        cases,
        lambda case: open_step(case, case.stage, on=on, desks=staff.desks),
        by=by,
        at=at,
    )
    _store_parts(cases, missing, version.pack, staff)
    engine.write(branches.of_new(cases, staff, at=at), by=by, at=at)
    return cases


def _case(version: ProgrammeVersion, measure: Measure, staff: Staff, on: date) -> Case:
    """Led by the first unit that the paper names; a measure that the counties lead lies with the
    office, which keeps the list of them.
    """
    first = (
        staff.office
        if measure.led_by_counties
        else staff.named(version.pack.expanded(measure.leads)[0])
    )
    procedure = version.pack.procedure(measure.procedure)
    return births.new_case(
        programme=version.programme,
        pack_version=version,
        procedure=procedure.key,
        stage=procedure.initial,
        title=measure.title.zh,
        measure=measure.key,
        county_id=first.region_id,
        responsible_unit=first,
        competent_unit=first,
        given_due=_due(version, measure, on),
        opened_on=on,
    )


def _due(version: ProgrammeVersion, measure: Measure, on: date) -> date | None:
    """When the whole measure must be done: the end of its turns, or its own date."""
    if measure.time.every:
        return measure.time.until
    return deadlines.compute(
        measure.time, start=on, calendar=calendar(), work_until=version.pack.work_until
    ).due_on


def _store_parts(
    cases: Sequence[Case], measures: Sequence[Measure], pack: Pack, staff: Staff
) -> None:
    rows = [
        CaseUnit(case=case, unit=unit, part=part, position=place)
        for case, measure in zip(cases, measures, strict=True)
        for part, units in _parts(measure, pack, staff)
        for place, unit in enumerate(units)
    ]
    CaseUnit.objects.bulk_create(rows)


def _parts(measure: Measure, pack: Pack, staff: Staff) -> list[tuple[str, Sequence[Unit]]]:
    responsible = measure.leads if measure.led_by_counties else measure.responsible
    leads = [] if measure.led_by_counties else list(staff.all_named(pack.expanded(measure.leads)))
    return [
        (CaseUnit.Part.LEAD, leads),
        (CaseUnit.Part.RESPONSIBLE, list(staff.all_named(pack.expanded(responsible)))),
    ]
