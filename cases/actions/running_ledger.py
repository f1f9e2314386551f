"""存量台账: the cases of a campaign that has run without us, at their stage, set-based.

A closed one whose papers are named and that a second person confirms gets a closing number, and
its papers stand as verified offline (线下核验); without either it waits for the city's confirmation
like any other. An open one gets the deadline of the ledger, else the pack's from the day of the
import. Repeatable: a firm that has its case is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from cases import births, engine, policies
from cases.actions import measures, remedies
from cases.actions.evidence import OF_WITNESS
from cases.actions.stock import Stock, take_stock
from cases.around import look
from cases.desks import Desks
from cases.errors import NotYours, Refused
from cases.importing.ledger_plan import LedgerPlan, LedgerStep, witness_of
from cases.importing.ledger_rows import SUSPENDED, LedgerRow
from cases.models import Case, Evidence, ProgrammeFirm, Suspension, WorkItem
from cases.permissions import refusal
from cases.rulebook import calendar, rules_of
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from cases.statements import take_numbers
from cases.steps import due_of, moment_of, move_deadline, open_step
from enterprises.importing.guards import check_may_import, hold_waiting
from enterprises.models import ImportBatch
from organisations.models import Region, User
from organisations.roles import Act
from organisations.scope import Actor
from workflows.limits import CaseLimits
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Child, Procedure


@dataclass(frozen=True)
class Taken:
    """What an import made: open cases, closed ones, firms of the plan without a unit."""

    opened: int
    closed: int
    without_unit: int
    batch: ImportBatch


def check_may_take(programme: Programme, by: Actor) -> None:
    """Who takes a running ledger over; asked before a dry run too."""
    if not by.may(Act.OPEN):
        raise NotYours("not_yours", refusal(Act.OPEN))
    check_may_import(programme.city, by)


@transaction.atomic
def take_ledger(
    plan: LedgerPlan,
    *,
    by: Actor,
    at: datetime,
    batch: ImportBatch | None = None,
    now: datetime | None = None,
    second: User | None = None,
) -> Taken:
    """Make what the plan says; refuses when a case was opened since it was looked at.

    ``batch``: the waiting row of an upload, else a new one is made. ``now``: when somebody does
    this, where ``at`` is the ledger's day: within a day of it the import can be undone. ``second``:
    who answers for the closings beside whoever imports; of an upload whoever uploaded it.
    """
    check_may_take(plan.programme, by)
    if batch is not None:
        # a double click: the second waits here and finds it done
        Region.objects.select_for_update(no_key=True).get(pk=batch.city_id)
        hold_waiting(batch)
    _check_fresh(plan)
    witness = witness_of(by, second or (batch.by if batch is not None else None))
    batch = _batch(plan, batch, by, now or at)
    version = plan.programme.current
    stock = take_stock(plan.programme, version.pack, plan.as_of)
    steps = [step for step in plan.new if step.firm.id in stock.rows]
    made = {step.firm.id: _case(step, plan, version, stock, witness is not None) for step in steps}
    ledger = {step.firm.id: step.row for step in steps}
    proven = [case for case in made.values() if case.stage == CLOSED]
    _number(proven, plan)
    desks = Desks.for_cases(list(made.values())) if made else None

    def first_step(case: Case) -> WorkItem | None:
        if case.is_finished or desks is None:
            return None
        return _item(case, ledger[case.firm_id], plan.as_of, desks)

    roots = list(made.values())
    told = {"file": plan.file_name, "import": batch.pk}
    births.create(roots, first_step, by=by, at=at, verb="import", data=told)
    _verified(proven, ledger, by=by, witness=witness, at=at)
    remedies_ = _open_remedies(roots, first_step, by=by, at=at, on=plan.as_of)
    _rest([*roots, *remedies_], ledger, by=by, on=plan.as_of)
    closed = sum(case.stage == CLOSED for case in roots)
    ended = sum(case.is_finished for case in roots)
    without = len(plan.new) - len(made)
    return Taken(len(made) - ended, closed, without, batch)


def _verified(
    closed: Sequence[Case],
    ledger: Mapping[int, LedgerRow],
    *,
    by: Actor,
    witness: User | None,
    at: datetime,
) -> None:
    """线下核验: two people answer for the papers that the ledger names, for each criterion."""
    Evidence.objects.bulk_create(
        Evidence(
            case=case,
            enterprise_id=case.firm_id,
            criterion=criterion,
            state=Evidence.State.VERIFIED_OFFLINE,
            submitted_by=by.user,
            submitted_at=at,
            reviewed_by=by.user,
            reviewed_at=at,
            on_behalf=True,
            offline_witness=str(witness)[:OF_WITNESS],
            offline_witness_account=witness,
            # the ledger itself was taken over by the two
            is_witnessed=witness is not None,
            offline_number=ledger[case.firm_id].papers,
            offline_dated=ledger[case.firm_id].papers_dated,
        )
        for case in closed
        for criterion in policies.lacking(case, ())
    )


def _open_remedies(
    roots: Sequence[Case], first_step: births.OpenItem, *, by: Actor, at: datetime, on: date
) -> list[Case]:
    """整改事项 of the cases that stand where they wait for them, by the ledger's own date."""
    waiting = [case for case in roots if _remedies_of(case, on)]
    if not waiting:
        return []
    children = [child for case in waiting for child in _remedies_of(case, on)]
    around = look(waiting)
    births.take_places(children)
    born = births.plan(children, first_step, at=at, verb="spawn")
    parents = {case.pk: case for case in waiting}
    for step in born:
        parent = parents[step.case.parent_id or 0]
        note = parent.progress or _("As in the running ledger")
        measures.draft([step], parent, around, at=at, note=note)
    engine.write(born, by=by, at=at)
    return children


def _remedies_of(case: Case, on: date) -> list[Case]:
    """Unsaved remedies for what a case lacks, where its stage waits for them."""
    rules = rules_of(case)
    kind = remedies.kind_of_remedy(rules.procedure)
    if rules.stage is None or kind is None or kind not in rules.stage.waits_for:
        return []
    return [remedies.new_remedy(case, Child(kind, key), on) for key in case.lacking]


def _rest(cases: Sequence[Case], ledger: Mapping[int, LedgerRow], *, by: Actor, on: date) -> None:
    """暂缓: the clock of these cases stands, with the ledger's remark as the reason."""
    resting = [c for c in cases if not c.is_finished and ledger[c.firm_id].stage == SUSPENDED]
    Suspension.objects.bulk_create(
        Suspension(
            case=case,
            from_on=on,
            until_on=_until(ledger[case.firm_id], on, rules_of(case).pack.limits),
            reason=ledger[case.firm_id].remark or _("Suspended in the running ledger"),
            by=by.user,
        )
        for case in resting
    )


def _until(row: LedgerRow, on: date, limits: CaseLimits) -> date:
    """The ledger's day, else as long as a county decides; no longer than a suspension may last."""
    longest = calendar().add(on, limits.suspend_days)
    if row.due_on is not None and row.due_on > on:
        return min(row.due_on, longest)
    return calendar().add(on, limits.county_suspends)


def _stage_of(row: LedgerRow, procedure: Procedure, is_witnessed: bool) -> str:
    """Where a case stands; a suspended one where its class leads to, or in the survey; a closed one
    that nobody proves, or one person alone, where closings are confirmed."""
    if row.stage == CLOSED and not (row.papers and is_witnessed):
        return next(one.key for one in procedure.stages if one.leaves_by("close"))
    if row.stage != SUSPENDED:
        return row.stage
    signed = procedure.move(procedure.initial, "acknowledge")
    survey = signed.to if signed else procedure.initial
    onward = procedure.move(survey, "advance", None, row.grade) if row.grade else None
    return onward.to if onward else survey


def _check_fresh(plan: LedgerPlan) -> None:
    firms = [step.firm.id for step in plan.new]
    root = plan.programme.current.pack.root.key
    known = Case.objects.filter(programme=plan.programme, procedure=root, parent=None)
    there = known.filter(enterprise__in=firms)
    if there.exclude(pk__in=known.undone().values("pk")).exists():
        raise Refused("stale_preview", _("Cases were opened meanwhile. Look at the preview again."))


def _case(
    step: LedgerStep,
    plan: LedgerPlan,
    version: ProgrammeVersion,
    stock: Stock,
    is_witnessed: bool,
) -> Case:
    row: ProgrammeFirm = stock.rows[step.firm.id]
    ledger = step.row
    stage = _stage_of(ledger, version.pack.root, is_witnessed)
    lacking = _lacking(version.pack, stock.facts[step.firm.id], stage)
    values: dict[str, object] = {
        "programme": plan.programme,
        "pack_version": version,
        "procedure": version.pack.root.key,
        "enterprise_id": step.firm.id,
        "is_main": True,
        "stage": stage,
        "grade": ledger.grade,
        "county_id": row.county_id,
        "township_id": row.township_id,
        "responsible_unit_id": row.responsible_unit_id,
        "competent_unit_id": row.competent_unit_id,
        "liaison_unit_id": row.liaison_unit_id,
        "rule": row.rule,
        "lacking": lacking,
        "lacking_count": len(lacking),
        "opened_on": min(plan.as_of, ledger.closed_on or plan.as_of),
        "progress": ledger.remark,
    }
    if stage in TERMINAL:
        status = PROCESS.CANCELED if stage == WITHDRAWN else PROCESS.DONE
        values |= {"status": status, "finished": moment_of(ledger.closed_on or plan.as_of)}
    if stage == CLOSED and ledger.closed_on is not None:
        values |= {"closed_on": ledger.closed_on, "reviewed_on": ledger.closed_on}
    return births.new_case(**values)


def _lacking(pack: Pack, facts: Mapping[str, bool], stage: str) -> list[str]:
    """What the province does not have yet; nothing is known before the survey."""
    if stage in TERMINAL or pack.root.stage(stage).phase == pack.root.stages[0].phase:
        return []
    return [have.key for have in pack.haves if not facts.get(have.fact or "")]


def _number(closed: list[Case], plan: LedgerPlan) -> None:
    """Closing numbers in the order of the days of closing."""
    if not closed:
        return
    first = take_numbers(plan.programme.pk, "closing", len(closed))
    for number, case in enumerate(sorted(closed, key=_closing_order), start=first):
        case.closing_serial = number


def _closing_order(case: Case) -> tuple[date, int]:
    return case.closed_on or date.max, case.firm_id


def _item(case: Case, row: LedgerRow, on: date, desks: Desks) -> WorkItem:
    dues = [due_of(one, rules_of(one).procedure.stage(one.stage), on=on).due_on
            for one in _remedies_of(case, on)]  # fmt: skip
    latest = max((due for due in dues if due), default=None)
    item = open_step(case, case.stage, on=on, desks=desks, children_due=latest)
    if row.stage == SUSPENDED:
        item.is_suspended, item.next_check_at = True, None
    elif row.due_on is not None:
        move_deadline(item, case, row.due_on, on=on)
        item.deadline_version = 1
    return item


def _batch(plan: LedgerPlan, batch: ImportBatch | None, by: Actor, at: datetime) -> ImportBatch:
    batch = batch or ImportBatch(kind=ImportBatch.Kind.LEDGER, city=plan.programme.city, at=at)
    batch.state = ImportBatch.State.APPLIED
    batch.programme_key = plan.programme.key
    batch.file_name, batch.sha256, batch.as_of = plan.file_name[:200], plan.sha256, plan.as_of
    batch.report = batch.report or {
        "counts": {**plan.counts(), "refused": len(plan.refused)},
        "refused": [finding.stored() for finding in plan.refused],
        "warnings": [finding.stored() for finding in plan.warnings],
    }
    batch.total_rows = len(plan.new) + len(plan.skipped) + len(plan.refused)
    batch.done_rows = len(plan.new)
    batch.by = batch.by or by.user
    batch.options = {**batch.options, "applied_by": str(by.user or "")}
    batch.applied_at = at
    batch.save()
    return batch
