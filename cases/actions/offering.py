"""政策找人 goes on: firms that fit a case for firms only now, new on the register or by a new fact.

What stands in a stage that spawns for firms offers to them too; who has an offer gets no second.
Source: 002-12 (policies find their firms).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from cases import engine
from cases.actions import branches
from cases.engine import Step
from cases.errors import NotYours
from cases.fitting import Fitting
from cases.models import Case
from cases.permissions import refusal
from cases.staff import Staff
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme


@transaction.atomic
def offer_to_new_firms(
    programme: Programme, *, by: Actor, at: datetime, fitting: Fitting | None = None
) -> dict[str, int]:
    """Open the offers that running policies owe; by procedure how many. Repeatable; where no case
    is for firms one statement, else a fixed number per ``engine.CHUNK``. What rests offers nothing.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.OPEN, programme.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    cases = Case.objects.filter(programme=programme, enterprise=None).open()
    found = [case.pk for case in cases if branches.for_firms(case)]
    steps = [
        step
        for step in engine.lock_trees(found)
        if step.item is not None and not step.item.is_suspended and branches.for_firms(step.case)
    ]
    if not steps:
        return {}
    staff, fitting = Staff(programme.city_id), fitting or Fitting(programme, day_of(at))
    born = [one for step in steps for one in _offers(step, staff, fitting, at)]
    engine.write(born, by=by, at=at)
    return dict(Counter(one.case.procedure for one in born))


def _offers(step: Step, staff: Staff, fitting: Fitting, at: datetime) -> list[Step]:
    engine.check_time(step, at)
    there = {(child.case.procedure, child.case.enterprise_id) for child in step.children}
    spawns = branches.for_firms(step.case)
    found = [
        branches.Twig(spawn, None, firm=row)
        for spawn in spawns
        for row in fitting.firms(fitting.rule_of(step.case, spawn, {}))
    ]
    twigs = [
        twig
        for twig in found
        if twig.firm and (twig.spawn.procedure, twig.firm.enterprise_id) not in there
    ]
    return branches.plan(step.case, twigs, staff, at=at)
