"""The case in which another one goes on in the next year's programme: its columns, its step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from cases import births
from cases.actions import remedies
from cases.actions.placing import PLACE
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, ProgrammeFirm, WorkItem
from cases.papers_kept import Kept
from cases.rulebook import BY_HAND, correction_stage, rules_of
from cases.steps import due_of, open_step
from workflows import carrying
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Child

Key = tuple[str, int]


def key(case: Case) -> Key:
    """What there is once in a programme: what the register opened for a firm, a measure of the
    plan; an issue, a need or an order is only itself."""
    if case.is_of_register:
        return case.procedure, case.firm_id
    return (f"measure {case.measure}", 0) if case.measure else (f"matter {case.pk}", case.pk)


def family(root: Step) -> list[Step]:
    """A case under lock with what is open below it, parents before their children."""
    below = [one for child in root.children if child.item is not None for one in family(child)]
    return [root, *below]


@dataclass
class Going:
    """A case under lock and the one in which it goes on. Without ``step`` it only begins now:
    what must be proved anew had been settled for the old year."""

    step: Step | None
    new: Case
    children: list[Going] = field(default_factory=list)

    @property
    def below(self) -> list[Going]:
        """Everything under it, parents before their children."""
        return [one for child in self.children for one in (child, *child.below)]

    @property
    def old(self) -> Case:
        if self.step is None:
            raise ValueError("this case did not exist in the old year")
        return self.step.case


@dataclass(frozen=True)
class Way:
    """From one programme to the next: its newest rules, its firms, the day and the first day of
    the new year's work."""

    programme: Programme
    to: Programme
    version: ProgrammeVersion
    on: date
    begins_on: date
    rows: Mapping[int, ProgrammeFirm]
    listed: Collection[int]
    # measures that the next programme has opened
    measures: Collection[str] = ()

    @cached_property
    def pack(self) -> Pack:
        return self.version.pack

    def items(self, goings: Sequence[Going], desks: Desks) -> Callable[[Case], WorkItem]:
        """The step of each new case, for ``births.plan``."""
        by_case = {id(going.new): going for going in goings}
        return lambda case: self._item(by_case[id(case)], desks)

    def _item(self, going: Going, desks: Desks) -> WorkItem:
        """The step in the new year. Its time begins anew and never ends before the date that it
        had; whoever had it keeps it; what was contested or stood still goes on so."""
        case = going.new
        dues = [self.due(child.new) for child in going.children]
        latest = max((due for due in dues if due), default=None)
        was = going.step.item if going.step is not None else None
        is_same = was is not None and was.stage == case.stage
        item = open_step(
            case,
            case.stage,
            on=self.begins_on,
            desks=desks,
            children_due=latest,
            not_before=was.due_on if was is not None and is_same else None,
        )
        if was is None:
            return item
        if was.is_declined:
            item.unit_id, item.post, item.is_declined = was.unit_id, was.post, True
            item.next_check_at = None
        elif was.unit_id == item.unit_id and is_same:
            item.post = was.post
        if was.is_suspended:
            item.is_suspended, item.next_check_at = True, None
        return item

    def due(self, case: Case) -> date | None:
        stage = rules_of(case).procedure.stage(case.stage)
        return due_of(case, stage, on=self.begins_on).due_on


def check(case: Case, way: Way) -> None:
    """Whether the next programme can take the case."""
    if case.procedure not in way.pack.procedures:
        raise Refused(
            "carry_procedure", _("The next programme has no such procedure; finish the case.")
        )
    if case.period is not None:
        raise Refused("carry_period", _("It is about a month of this year and is finished here."))
    if case.measure:
        _check_measure(case, way)
    if case.enterprise_id is None:
        return
    if case.firm_id not in way.listed:
        raise Refused(
            "carry_left", _("The firm is no longer on the register. Confirm that it has left.")
        )
    if case.is_main and case.firm_id not in way.rows:
        raise Refused(
            "carry_unit", _("In the next programme nobody is responsible for the firm yet.")
        )


def _check_measure(case: Case, way: Way) -> None:
    """A plan's measures are opened by their own plan: the old one goes on in the new one's."""
    if case.measure not in {measure.key for measure in way.pack.plan}:
        words = _("The next plan has no such measure: report it done, or withdraw it.")
        raise Refused("carry_measure", words)
    if case.measure not in way.measures:
        raise Refused("carry_measure", _("Open the measures of the next programme first."))


def plan(step: Step, way: Way, kept: Kept) -> Going:
    """The new case with what is open below it; nothing is numbered or written."""
    old, procedure = step.case, way.pack.procedure(step.case.procedure)
    is_known = bool(old.lacking or old.grade or old.applied_by_id)
    is_known = is_known or kept.was_proven(old, way.pack)
    lacking = kept.lacking(old, way.pack) if is_known else []
    stage = carrying.stage_in(
        procedure, old.stage, is_lacking=bool(lacking), correction=correction_stage(procedure)
    )
    place = {name: getattr(old, name) for name in PLACE}
    if old.is_main and old.rule != BY_HAND:
        row = way.rows[old.firm_id]
        place |= {"competent_unit_id": row.competent_unit_id, "rule": row.rule}
    about = {"is_main": old.is_main, "given_due": old.given_due}
    new = _twin(old, way, stage=stage, lacking=lacking, **about, **place)
    if stage in procedure.reviews:
        new.applied_by_id, new.reviewed_by_id = old.applied_by_id, old.reviewed_by_id
        new.reviewed_on = old.reviewed_on
    going = Going(step, new)
    going.children += _below(step, new, way)
    going.children += [Going(None, case) for case in _anew(going, way)]
    return going


def _below(step: Step, parent: Case, way: Way) -> list[Going]:
    """What is open below a case; a turn of a month belongs to its month and ends with the year."""
    found = []
    for child in step.children:
        known = way.pack.procedures.get(child.case.procedure)
        if child.item is None or known is None or child.case.period is not None:
            continue
        stage = child.case.stage if known.has(child.case.stage) else known.initial
        going = Going(child, _remedy(child.case, parent, way, stage))
        going.children = _below(child, going.new, way)
        found.append(going)
    return found


def _twin(old: Case, way: Way, *, stage: str, lacking: list[str], **more: object) -> Case:
    grades = {grade.key for grade in way.pack.grades_of(old.procedure)}
    return births.new_case(
        programme=way.to,
        pack_version=way.version,
        procedure=old.procedure,
        enterprise_id=old.enterprise_id,
        title=old.title,
        stage=stage,
        grade=old.grade if old.grade in grades else "",
        lacking=lacking,
        lacking_count=len(lacking),
        opened_on=way.on,
        progress=old.progress,
        progress_at=old.progress_at,
        proposal=old.proposal,
        proposal_reason=old.proposal_reason,
        carried_from=old,
        **more,
    )


def _remedy(old: Case, parent: Case, way: Way, stage: str) -> Case:
    """A remedy, or another matter of the firm, goes along with what it is about."""
    place = {name: getattr(old, name) for name in PLACE}
    about = {"criterion": old.criterion, "given_due": old.given_due, "parent": parent}
    return _twin(old, way, stage=stage, lacking=list(old.lacking), **about, **place)


def _anew(going: Going, way: Way) -> list[Case]:
    """Remedies of what must be proved anew, where the case waits for its remedies."""
    procedure = way.pack.procedure(going.new.procedure)
    kind = remedies.kind_of_remedy(procedure)
    if kind is None or kind not in procedure.stage(going.new.stage).waits_for:
        return []
    there = {child.new.criterion for child in going.children}
    wanted = [one for one in going.new.lacking if one not in there]
    return [remedies.new_remedy(going.new, Child(kind, one), way.on) for one in wanted]
