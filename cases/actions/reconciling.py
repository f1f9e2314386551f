"""账表核对: what a frozen month's lists ask of a county, and what ends when they agree.

Facts never close or reopen a firm's case (practice: three truths); they open a matter of the county
with 5 working days, on the one engine: a list (可销号, 账表不一致, 催报, 底数不一致) of a county is
one case with its firms. It ends when none of them stands on the list any more, or by an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from cases import births, engine
from cases.engine import Step
from cases.models import Case, CaseEvent
from cases.rulebook import rules_of
from cases.staff import Staff
from cases.stages import CLOSED, TERMINAL
from cases.steps import open_step
from organisations.days import day_of
from organisations.lengths import OF_NAME, excerpt
from organisations.scope import Actor
from workflows.models import Programme, ProgrammeVersion
from workflows.pack_kinds import LISTS
from workflows.procedure import Procedure

# by list and county: the firms that stand there
Lists = Mapping[tuple[str, int], Sequence[int]]


def procedure_of(version: ProgrammeVersion) -> Procedure | None:
    """The kind of case that a frozen month opens; None where the plan has none."""
    kinds = version.pack.procedures.values()
    return next((one for one in kinds if one.opening("freeze")), None)


@transaction.atomic
def open_lists(version: ProgrammeVersion, lists: Lists, month: date, *, at: datetime) -> int:
    """Open what is not open yet; how many. A fixed number of statements.

    While a county's case about a list is open no second one is: its clock runs on. A county without
    a task force that somebody works in gets none; the office sees its numbers all the same.
    """
    kind = procedure_of(version)
    if kind is None:
        return 0
    programme = version.programme
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    staff = Staff(programme.city_id)
    units = {unit.region_id: unit for unit in reversed(staff.counties)}
    asked = {one.key for one in kind.grades}
    about = month.replace(day=1)
    like = Case.objects.filter(programme=programme, procedure=kind.key)
    known = {(row.grade, row.county_id) for row in like.exclude(stage__in=TERMINAL)}
    fresh, firms = [], {}
    for (name, county), found in lists.items():
        if not found or name not in asked or county not in units or (name, county) in known:
            continue
        case = births.new_case(
            programme=programme,
            pack_version=version,
            procedure=kind.key,
            stage=kind.initial,
            title=_titled(kind, name, about, len(found)),
            grade=name,
            county_id=county,
            responsible_unit_id=units[county].pk,
            competent_unit_id=staff.office.pk,
            opened_on=day_of(at),
        )
        fresh.append(case)
        firms[name, county] = sorted(found)
    steps = births.plan(
        fresh,
        lambda case: open_step(case, case.stage, on=day_of(at), desks=staff.desks),
        at=at,
    )
    for step in steps:
        step.data["month"] = about.isoformat()
        step.data["firms"] = firms[step.case.grade, step.case.county_id]
    engine.write(steps, by=Actor.system(), at=at)
    return len(fresh)


def _titled(kind: Procedure, name: str, about: date, count: int) -> str:
    """催报（2022年3月，17家）; stored, so in the language of the pack."""
    label = next(one.label.zh for one in kind.grades if one.key == name)
    values = {"list": label, "year": about.year, "month": about.month, "n": count}
    with override(settings.LANGUAGE_CODE):
        words = ngettext(
            "%(list)s (%(year)d-%(month)d, %(n)d firm)",
            "%(list)s (%(year)d-%(month)d, %(n)d firms)",
            count,
        )
        return excerpt(words % values, OF_NAME)


def running(programmes: Sequence[Programme] | None = None) -> list[Case]:
    """Open cases of frozen months' lists, with their rules; one statement."""
    rows = Case.objects.filter(enterprise=None, parent=None).exclude(stage__in=TERMINAL)
    rows = rows.filter(grade__in=LISTS)
    if programmes is not None:
        rows = rows.filter(programme__in=programmes)
    found = rows.select_related("programme__city", "pack_version").order_by("pk")
    return [case for case in found if rules_of(case).procedure.opening("freeze")]


def firms_of(cases: Sequence[Case]) -> dict[int, list[int]]:
    """By case the firms that its list named when it was opened; one statement."""
    births_of = CaseEvent.objects.filter(case__in=cases, data__firms__isnull=False)
    rows = births_of.order_by("pk").values_list("case_id", "data")
    return {case: list(data["firms"]) for case, data in rows}


@transaction.atomic
def end_agreed(ids: Sequence[int], *, at: datetime) -> int:
    """Close cases of which no firm stands on the list any more; how many were still open."""
    steps = [step for step in engine.lock(ids) if step.item is not None]
    for step in steps:
        _end(step, at)
    engine.write(steps, by=Actor.system(), at=at)
    return len(steps)


def _end(step: Step, at: datetime) -> None:
    step.verb, step.to_stage = "close", CLOSED
    step.case.closed_on = day_of(at)
    with override(settings.LANGUAGE_CODE):
        step.reason = _("The list agrees now: none of its firms stands on it any more.")
    step.data["agreed"] = True
