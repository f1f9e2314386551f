"""整改事项: one child case per missing have, each with its own time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import births, engine, permissions, policies
from cases.actions import corrections, filling, measures
from cases.around import Around, look
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case
from cases.rulebook import rules_of
from cases.steps import follow, open_step
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.deadlines import Phrase
from workflows.procedure import OF_HAVES, Child, Procedure, Stage, spawned


@transaction.atomic
def spawn(
    case_id: int,
    *,
    criterion: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    version: int | None = None,
) -> Case:
    """新增整改事项 by hand, for a criterion that lacks and has no open remedy."""
    root = engine.lock_one(case_id, version, with_children=True)
    permissions.check(by, Act.SPAWN, root.case, root.item)
    _check_wanted(root, criterion)
    policies.check_clock(root.case, root.item, "spawn")
    around = look([root.case])
    children = renew(root, [criterion], around, at=at, is_asked=True, note=reason)
    root.verb, root.reason, root.data = "spawn", reason, {"criterion": criterion}
    follow(root, latest_due(root.children), on=day_of(at))
    engine.write([root, *children], by=by, at=at)
    return children[0].case


def open_procedures(step: Step) -> list[str]:
    """Procedures of the children that are still open, one entry a child."""
    return [child.case.procedure for child in step.children if not child.case.is_finished]


def latest_due(children: Iterable[Step]) -> date | None:
    """The latest date of the children that are open, or are about to be."""
    items = [child.next_item or child.item for child in children]
    if not items:
        return None
    return max((item.due_on for item in items if item and item.due_on), default=None)


def _calls(stage: Stage | None, when: str, grade: str) -> bool:
    """Whether leaving or entering a stage opens remedies at all."""
    spawns = stage.spawns if stage is not None else ()
    # no generator where there is nothing to ask, as at most stages
    return bool(spawns) and any(
        spawn.for_ in OF_HAVES and spawn.fits(when, grade or None) for spawn in spawns
    )


def spawn_between(step: Step, to_stage: str, around: Around, *, at: datetime) -> list[Step]:
    """Open the remedies that leaving this stage and entering the next one call for.

    Answers those that are new and those that start anew, to be written with their parent; new ones
    are among ``step.children`` from here on. A have that was found in order needs a paper, no
    remedy.
    """
    case, rules = step.case, rules_of(step.case)
    both = ((rules.stage, "leaving"), (rules.procedure.stage(to_stage), "entering"))
    stages = [(stage, when) for stage, when in both if _calls(stage, when, case.grade)]
    if not stages:
        return []
    missing = filling.found_missing(case, around.forms)
    wanted: list[Child] = []
    for stage, when in stages:
        if stage is not None:
            wanted += spawned(
                stage,
                when,
                grade=case.grade or None,
                missing=[key for key in case.lacking if key in missing],
                unaided=rules.pack.unaided,
                present=_open_criteria(step) | {child.criterion for child in wanted},
            )
    if wanted:
        step.data["remedies"] = [child.criterion for child in wanted]
    return _open_or_restart(step, wanted, around, at=at)


def renew(
    root: Step,
    criteria: Collection[str],
    around: Around,
    *,
    at: datetime,
    is_asked: bool = False,
    time: Phrase | None = None,
    correction: str = "",
    note: str = "",
    is_drafted: bool = True,
    not_before: date | None = None,
) -> list[Step]:
    """Remedies of criteria that are unmet (again): ended ones start anew, absent ones are opened.

    Absent ones only where the case waits for them, or somebody asks: before, the procedure opens
    them when their time comes. Answers the children to be written with their parent. Not
    ``is_drafted``: what was planned waits until somebody opens the form (``measures.planned``).
    """
    procedure = rules_of(root.case).procedure
    kind = kind_of_remedy(procedure)
    there = {child.case.criterion for child in root.children}
    wanted = [
        Child(kind, key)
        for key in criteria
        if kind
        and key not in _open_criteria(root)
        and (key in there or is_asked or _waits(root, procedure))
    ]
    return _open_or_restart(
        root,
        wanted,
        around,
        at=at,
        time=time,
        correction=correction,
        note=note or correction if is_drafted else None,
        not_before=not_before,
    )


def prove_again(
    root: Step,
    criterion: str,
    around: Around,
    *,
    at: datetime,
    correction: str,
    not_before: date | None = None,
) -> list[Step]:
    """A paper proves nothing any more: what lacks now has its remedy anew, with the time of a
    correction, and the case follows it. Nothing where another paper proves the same."""
    if filling.is_surveyed(root.case, around.forms):
        filling.set_lacking(root.case, around.papers)
    if criterion not in root.case.lacking:
        return []
    root.bumps_version = True
    again = renew(
        root,
        [criterion],
        around,
        at=at,
        time=corrections.CORRECTION,
        correction=correction,
        is_drafted=False,
        not_before=not_before,
    )
    follow(root, latest_due(root.children), on=day_of(at))
    return again


def restart(
    child: Step,
    stage: str,
    *,
    desks: Desks,
    at: datetime,
    reason: str = "",
    time: Phrase | None = None,
    correction: str = "",
    not_before: date | None = None,
) -> None:
    """An ended child goes on, with its own time, or until the date that it had been given."""
    case = child.case
    if case.criterion:
        case.lacking, case.lacking_count = [case.criterion], 1
    case.closed_on = case.reviewed_on = case.reviewed_by = None
    child.verb, child.to_stage, child.reason = "reopen", stage, reason or correction
    child.data = {"from": child.from_stage}
    child.next_item = open_step(
        case,
        stage,
        on=day_of(at),
        desks=desks,
        time_override=time,
        reason=correction,
        is_correction=bool(correction),
        not_before=not_before,
    )


def _check_wanted(root: Step, criterion: str) -> None:
    case = root.case
    if case.parent_id is not None or kind_of_remedy(rules_of(case).procedure) is None:
        raise Refused("not_root", _("A remedy is added to the firm's own case."))
    policies.check_known(case, [criterion])
    if not case.grade and rules_of(case).pack.grades:
        raise Refused("not_surveyed", _("Finish the survey first; it opens the remedies."))
    if criterion not in case.lacking:
        raise Refused("met", _("This item has been accepted already."))
    if criterion in _open_criteria(root):
        raise Refused("remedy_open", _("A remedy for this is open already."))


def _open_criteria(step: Step) -> set[str]:
    return {child.case.criterion for child in step.children if not child.case.is_finished}


def _waits(root: Step, procedure: Procedure) -> bool:
    """Whether the case waits for remedies, where it stands or where it is going."""
    stage = root.to_stage or root.case.stage
    waits = procedure.has(stage) and bool(procedure.stage(stage).waits_for)
    return waits or root.case.applied_by_id is not None


def kind_of_remedy(procedure: Procedure) -> str | None:
    """The procedure of the children that this one opens."""
    spawns = (spawn for stage in procedure.stages for spawn in stage.spawns)
    return next((spawn.procedure for spawn in spawns if spawn.for_ in OF_HAVES), None)


def _open_or_restart(
    root: Step,
    wanted: Sequence[Child],
    around: Around,
    *,
    at: datetime,
    time: Phrase | None = None,
    correction: str = "",
    note: str | None = "",
    not_before: date | None = None,
) -> list[Step]:
    ended = {child.case.criterion: child for child in root.children}
    again = [ended[one.criterion] for one in wanted if one.criterion in ended]
    for child in again:
        initial = rules_of(child.case).procedure.initial
        restart(
            child,
            initial,
            desks=around.desks,
            at=at,
            time=time,
            correction=correction,
            not_before=not_before,
        )
    absent = [one for one in wanted if one.criterion not in ended]
    born = _open(root.case, absent, around, at=at, time=time, note=note, not_before=not_before)
    root.children += born
    return [*again, *born]


def new_remedy(parent: Case, child: Child, on: date) -> Case:
    """An unsaved child case of a firm's case, with its parent's units and class."""
    return births.new_case(
        programme=parent.programme,
        pack_version_id=parent.pack_version_id,
        procedure=child.procedure,
        enterprise_id=parent.enterprise_id,
        parent=parent,
        criterion=child.criterion,
        stage=rules_of(parent).pack.procedure(child.procedure).initial,
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


def _open(
    parent: Case,
    children: Sequence[Child],
    around: Around,
    *,
    at: datetime,
    time: Phrase | None,
    note: str | None = "",
    not_before: date | None = None,
) -> list[Step]:
    """Plan child cases of a locked parent, set-based."""
    on = day_of(at)
    cases = [new_remedy(parent, child, on) for child in children]
    born = births.plan(
        cases,
        lambda case: open_step(
            case,
            case.stage,
            on=on,
            desks=around.desks,
            time_override=time,
            not_before=not_before,
        ),
        at=at,
        verb="spawn",
    )
    if note is not None:
        measures.draft(born, parent, around, at=at, note=note)
    return born
