"""Child cases for each county, each unit that takes part, each row of a form (001-04, 000-05).

What a missing have spawns is in ``remedies``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from cases import births
from cases.engine import Step
from cases.fitting import Fitting
from cases.models import Case, CaseUnit, ProgrammeFirm
from cases.rulebook import rules_of
from cases.staff import Staff
from cases.steps import open_step
from organisations.days import day_of
from organisations.lengths import OF_NAME, excerpt
from organisations.models import Unit
from workflows.procedure import OF_HAVES, Procedure, Spawn, Stage

Answers = Mapping[str, Any]


class Twig(NamedTuple):
    """A child to open: by which spawn, who must do it, what about, by when, of which class, and
    for which firm.
    """

    spawn: Spawn
    unit: Unit | None
    title: str = ""
    due: date | None = None
    grade: str = ""
    firm: ProgrammeFirm | None = None


def between(step: Step, to_stage: str, answers: Answers, *, at: datetime) -> list[Step]:
    """Children that leaving this stage and entering the next one call for, to be written with
    their parent; ``answers``: the form that was just sealed. A unit that has such a child, or a
    row that had one, gets no second.
    """
    rules = rules_of(step.case)
    stages = [(rules.stage, "leaving"), (rules.procedure.stage(to_stage), "entering")]
    wanted = [
        (stage, spawn) for stage, when in stages for spawn in _spawns(stage, when, step.case.grade)
    ]
    if not wanted:
        return []
    staff = Staff(step.case.programme.city_id)
    fitting = Fitting(step.case.programme, day_of(at))
    twigs = [
        twig
        for _stage, spawn in wanted
        for twig in _twigs(step.case, spawn, staff, fitting, answers)
        if not _is_there(step, twig)
    ]
    born = plan(step.case, twigs, staff, at=at)
    step.children += born
    if born:
        step.data["children"] = len(born)
    return born


def may_open(case: Case, to_stage: str) -> bool:
    """Whether leaving this stage or entering the next one opens children of any kind and class."""
    rules = rules_of(case)
    left = rules.stage.spawns if rules.stage is not None else ()
    is_left = any(spawn.when == "leaving" for spawn in left)
    return is_left or rules.procedure.stage(to_stage).spawns_on_entering


def of_new(
    parents: Sequence[Case], staff: Staff, *, at: datetime, answers: Answers | None = None
) -> list[Step]:
    """Children that the first stages of new cases call for; their parents are written already.

    ``answers``: the form that was filled in at the opening.
    """
    born: list[Step] = []
    fitting = Fitting(parents[0].programme, day_of(at)) if parents else None
    for parent in parents:
        stage = rules_of(parent).stage
        for spawn in _spawns(stage, "entering", parent.grade):
            twigs = _twigs(parent, spawn, staff, fitting, answers or {})
            born += plan(parent, twigs, staff, at=at)
    return born


def for_firms(case: Case) -> list[Spawn]:
    """What the stage of a case spawns for each firm that it is meant for (002-12)."""
    spawns = _spawns(rules_of(case).stage, "entering", case.grade)
    return [spawn for spawn in spawns if spawn.for_ == "firms"]


def _spawns(stage: Stage | None, when: str, grade: str) -> list[Spawn]:
    if stage is None:
        return []
    return [
        spawn
        for spawn in stage.spawns
        if spawn.for_ not in OF_HAVES and spawn.fits(when, grade or None)
    ]


def _twigs(
    case: Case, spawn: Spawn, staff: Staff, fitting: Fitting | None, answers: Answers
) -> list[Twig]:
    ways: dict[str | None, Callable[[], list[Twig]]] = {
        "counties": lambda: [Twig(spawn, unit) for unit in staff.counties],
        "units": lambda: [Twig(spawn, unit) for unit in _units(case, spawn, staff)],
        "rows": lambda: _rows(spawn, staff, answers),
        "firms": lambda: [
            Twig(spawn, None, firm=firm) for firm in _firms(case, spawn, fitting, answers)
        ],
    }
    return ways[spawn.for_]() if spawn.for_ in ways else []


def _units(case: Case, spawn: Spawn, staff: Staff) -> list[Unit]:
    if spawn.units:
        return list(staff.all_named(rules_of(case).pack.expanded(spawn.units)))
    parts = CaseUnit.objects.filter(case=case, part=spawn.part).values_list("unit_id", flat=True)
    return [staff.by_id(pk) for pk in parts]


def _firms(
    case: Case, spawn: Spawn, fitting: Fitting | None, answers: Answers
) -> Sequence[ProgrammeFirm]:
    """002-12: whom the policy is meant for, as the plan says or the opening form."""
    if fitting is None:
        return []
    return fitting.firms(fitting.rule_of(case, spawn, answers))


def _rows(spawn: Spawn, staff: Staff, answers: Answers) -> list[Twig]:
    columns, rows = spawn.columns, answers.get(spawn.field or "") or []
    assert columns is not None  # a spawn for rows names them
    return [
        Twig(
            spawn,
            staff.named(str(row[columns.unit])) if columns.unit and row.get(columns.unit) else None,
            excerpt(str(row.get(columns.title) or ""), OF_NAME),
            date.fromisoformat(row[columns.due]) if columns.due and row.get(columns.due) else None,
            str(row.get(columns.grade) or "") if columns.grade else "",
        )
        for row in rows
    ]


def _is_there(step: Step, twig: Twig) -> bool:
    if twig.firm is not None:
        return any(
            child.case.procedure == twig.spawn.procedure
            and child.case.enterprise_id == twig.firm.enterprise_id
            for child in step.children
        )
    unit = twig.unit.pk if twig.unit else step.case.responsible_unit_id
    return any(
        child.case.procedure == twig.spawn.procedure
        and child.case.responsible_unit_id == unit
        and twig.title in ("", child.case.title)
        for child in step.children
    )


def plan(parent: Case, twigs: Sequence[Twig], staff: Staff, *, at: datetime) -> list[Step]:
    """Number the children of a parent; the engine writes them."""
    on = day_of(at)
    cases = [_child(parent, twig, on) for twig in twigs]
    return births.plan(
        cases,
        lambda case: open_step(case, case.stage, on=on, desks=staff.desks),
        at=at,
        verb="spawn",
    )


def _child(parent: Case, twig: Twig, on: date) -> Case:
    """About the parent's firm, or about the unit that must do it; led by whoever leads it."""
    pack = rules_of(parent).pack
    procedure = pack.procedure(twig.spawn.procedure)
    place = _place(parent, procedure, twig)
    classes = {grade.key for grade in pack.grades_of(procedure)}
    return births.new_case(
        programme=parent.programme,
        pack_version_id=parent.pack_version_id,
        procedure=procedure.key,
        parent=parent,
        stage=procedure.initial,
        title=twig.title or parent.title,
        grade=twig.grade if twig.grade in classes else "",
        period=parent.period,
        measure=parent.measure,
        # a part of the whole has the whole's day, an order has its own
        given_due=twig.due if twig.spawn.for_ == "rows" else parent.given_due,
        opened_on=on,
        **place,
    )


def _place(parent: Case, procedure: Procedure, twig: Twig) -> dict[str, Any]:
    """Who must do a child and who leads it: a firm's county under whoever has the parent, a named
    unit under whoever leads the parent, else as the parent.
    """
    if twig.firm is not None:
        firm = twig.firm
        return {
            "enterprise_id": firm.enterprise_id,
            "county_id": firm.county_id,
            "township_id": firm.township_id,
            "responsible_unit_id": firm.responsible_unit_id,
            "competent_unit_id": parent.responsible_unit_id,
            "liaison_unit_id": firm.liaison_unit_id,
        }
    place: dict[str, Any] = {"competent_unit_id": parent.competent_unit_id}
    if procedure.about == "firm":
        place["enterprise_id"] = parent.enterprise_id
    if twig.unit is not None:
        return {
            **place,
            "county_id": twig.unit.region_id,
            "responsible_unit_id": twig.unit.pk,
        }
    return {
        **place,
        "county_id": parent.county_id,
        "township_id": parent.township_id,
        "responsible_unit_id": parent.responsible_unit_id,
        "liaison_unit_id": parent.liaison_unit_id,
    }
