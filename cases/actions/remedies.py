"""整改事项: one child case per missing have, each with its own time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Max, Q

from cases import births
from cases.desks import Desks
from cases.engine import Step
from cases.models import Case, WorkItem
from cases.rulebook import rules_of
from cases.stages import TERMINAL
from cases.steps import day_of, open_step
from organisations.scope import Actor
from workflows.procedure import Child, spawned


def open_procedures(case: Case) -> list[str]:
    """Procedures of the children that are still open, one entry a child."""
    return list(
        Case.objects.filter(parent=case)
        .exclude(stage__in=TERMINAL)
        .values_list("procedure", flat=True)
    )


def spawn_between(
    step: Step, to_stage: str, *, desks: Desks, by: Actor, at: datetime
) -> date | None:
    """Open the children that leaving this stage and entering the next one call for.

    Returns the latest due date of all open children, which is the parent's date in rectification.
    """
    case, rules = step.case, rules_of(step.case)
    target = rules.procedure.stage(to_stage)
    if not ((rules.stage and rules.stage.spawns) or target.spawns or target.waits_for):
        return None
    existing = list(
        Case.objects.filter(parent=case)
        .annotate(due=Max("task_set__due_on", filter=Q(task_set__finished=None)))
        .values_list("criterion", "due")
    )
    wanted: list[Child] = []
    for stage, when in ((rules.stage, "leaving"), (target, "entering")):
        if stage is not None:
            wanted += spawned(
                stage,
                when,
                grade=case.grade or None,
                missing=list(case.lacking),
                unaided=[have.key for have in rules.pack.haves if not have.needs_partner],
                present=[key for key, _due in existing] + [c.criterion for c in wanted],
            )
    items = spawn(case, wanted, desks=desks, by=by, at=at)
    dues = [due for _key, due in existing if due] + [item.due_on for item in items if item.due_on]
    if wanted:
        step.data["remedies"] = [child.criterion for child in wanted]
    return max(dues, default=None)


def spawn(
    parent: Case, children: Sequence[Child], *, desks: Desks, by: Actor, at: datetime
) -> list[WorkItem]:
    """Open child cases of a locked parent, set-based."""
    rules = rules_of(parent)
    on = day_of(at)
    cases = [
        births.new_case(
            programme=parent.programme,
            pack_version_id=parent.pack_version_id,
            procedure=child.procedure,
            enterprise_id=parent.enterprise_id,
            parent=parent,
            criterion=child.criterion,
            stage=rules.pack.procedure(child.procedure).initial,
            grade=parent.grade,
            county_id=parent.county_id,
            township_id=parent.township_id,
            responsible_unit_id=parent.responsible_unit_id,
            competent_unit_id=parent.competent_unit_id,
            liaison_unit_id=parent.liaison_unit_id,
            rule=parent.rule,
            lacking=[child.criterion],
            lacking_count=1,
            opened_on=on,
        )
        for child in children
    ]
    steps = births.create(
        cases,
        lambda case: open_step(case, case.stage, on=on, desks=desks),
        by=by,
        at=at,
        verb="spawn",
    )
    return [step.item for step in steps if step.item is not None]
