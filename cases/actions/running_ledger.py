"""存量台账: the cases of a campaign that has run without us, at their stage, set-based.

A closed one gets a closing number; an open one the deadline of the ledger, else the pack's from
the day of the import. Repeatable: a firm that has its case is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from viewflow.workflow.status import PROCESS

from cases import births
from cases.actions import opening
from cases.desks import Desks
from cases.errors import NotYours, Refused
from cases.importing.ledger_plan import LedgerPlan, LedgerStep
from cases.models import Case, ProgrammeFirm, WorkItem
from cases.permissions import refusal
from cases.stages import CLOSED
from cases.statements import take_numbers
from cases.steps import moment_of, move_deadline, open_step
from enterprises.importing.guards import check_may_import, check_waits
from enterprises.models import ImportBatch
from organisations.models import Region
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import ProgrammeVersion
from workflows.packs import Pack


@dataclass(frozen=True)
class Taken:
    """What an import made: open cases, closed ones, firms of the plan without a unit."""

    opened: int
    closed: int
    without_unit: int
    batch: ImportBatch


@transaction.atomic
def take_ledger(
    plan: LedgerPlan, *, by: Actor, at: datetime, batch: ImportBatch | None = None
) -> Taken:
    """Make what the plan says; refuses when a case was opened since it was looked at.

    ``batch``: the waiting row of an upload, else a new one is made.
    """
    if not by.may(Act.OPEN):
        raise NotYours("not_yours", refusal(Act.OPEN))
    check_may_import(plan.programme.city, by)
    if batch is not None:
        # a double click: the second waits here and finds it done
        Region.objects.select_for_update().get(pk=batch.city_id)
        check_waits(batch)
    _check_fresh(plan)
    version = plan.programme.current
    stock = opening.take_stock(plan.programme, version.pack, plan.as_of)
    steps = [step for step in plan.new if step.firm.id in stock.rows]
    made = {step.firm.id: _case(step, plan, version, stock) for step in steps}
    ledger = {step.firm.id: step for step in steps}
    _number([made[pk] for pk, step in ledger.items() if step.row.stage == CLOSED], plan)
    desks = Desks.for_cases(list(made.values())) if made else None

    def first_step(case: Case) -> WorkItem | None:
        if case.is_finished or desks is None:
            return None
        return _item(case, ledger[case.firm_id].row.due_on, plan.as_of, desks)

    births.create(
        list(made.values()), first_step, by=by, at=at, verb="import", data={"file": plan.file_name}
    )
    closed = sum(case.stage == CLOSED for case in made.values())
    without = len(plan.new) - len(made)
    return Taken(len(made) - closed, closed, without, _batch(plan, batch, by, at))


def _check_fresh(plan: LedgerPlan) -> None:
    firms = [step.firm.id for step in plan.new]
    root = plan.programme.current.pack.root.key
    known = Case.objects.filter(programme=plan.programme, procedure=root, parent=None)
    if known.filter(enterprise__in=firms).exists():
        raise Refused("stale_preview", _("Cases were opened meanwhile. Look at the preview again."))


def _case(
    step: LedgerStep, plan: LedgerPlan, version: ProgrammeVersion, stock: opening.Stock
) -> Case:
    row: ProgrammeFirm = stock.rows[step.firm.id]
    ledger = step.row
    lacking = _lacking(version.pack, stock.facts[step.firm.id], ledger.stage)
    values: dict[str, object] = {
        "programme": plan.programme,
        "pack_version": version,
        "procedure": version.pack.root.key,
        "enterprise_id": step.firm.id,
        "stage": ledger.stage,
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
    if ledger.stage == CLOSED and ledger.closed_on is not None:
        ended = moment_of(ledger.closed_on)
        values |= {"status": PROCESS.DONE, "finished": ended, "closed_on": ledger.closed_on}
        values["reviewed_on"] = ledger.closed_on
    return births.new_case(**values)


def _lacking(pack: Pack, facts: Mapping[str, bool], stage: str) -> list[str]:
    """What the province does not have yet; nothing is known before the survey."""
    if stage == CLOSED or pack.root.stage(stage).phase == pack.root.stages[0].phase:
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


def _item(case: Case, due_on: date | None, on: date, desks: Desks) -> WorkItem:
    item = open_step(case, case.stage, on=on, desks=desks)
    if due_on is not None:
        move_deadline(item, case, due_on, on=on)
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
