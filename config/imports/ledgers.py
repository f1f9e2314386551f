"""存量台账 in the wizard: its plan belongs to the cases' floor, its upload to the register's."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from cases.importing.ledger_plan import LedgerPlan, LedgerStep, preview_ledger, read_ledger
from enterprises.importing.findings import of_the_whole_list
from enterprises.importing.guards import check_not_ahead
from enterprises.models import ImportBatch
from organisations.days import day_of
from workflows.models import Programme


def plan_of_ledger(batch: ImportBatch, at: datetime) -> LedgerPlan:
    """The plan as of now, read from the file anew."""
    assert batch.as_of is not None
    check_not_ahead(batch.as_of, day_of(at))
    programme = Programme.objects.select_related("city").get(key=batch.programme_key)
    reading = read_ledger(
        Path(batch.file.path), batch.file_name, programme.current.pack.own_headings
    )
    return preview_ledger(programme, reading, as_of=batch.as_of)


def ledger_report(plan: LedgerPlan) -> dict[str, Any]:
    """What the batch keeps of its preview: keys as of a register's, ``skipped`` besides."""
    taken = len(plan.new) + len(plan.skipped)
    whole = of_the_whole_list(plan.refused, taken)
    return {
        "rows": taken + len(plan.refused),
        "counts": {
            **plan.counts(),
            "refused": len(plan.refused),
            "warnings": len(plan.warnings),
        },
        "whole": whole.stored() if whole else None,
        "new": [_step(step) for step in plan.new],
        "skipped": [
            {"name": one.firm, "number": one.number, "cell": one.row.cell("name")}
            for one in plan.skipped
        ],
        "refused": [finding.stored() for finding in plan.refused],
        "warnings": [finding.stored() for finding in plan.warnings],
    }


def read_ledger_upload(batch: ImportBatch, at: datetime) -> tuple[dict[str, Any], str]:
    """For ``uploads.read``: the report and the hash of the file."""
    plan = plan_of_ledger(batch, at)
    return ledger_report(plan), plan.sha256


def _step(step: LedgerStep) -> dict[str, Any]:
    row = step.row
    return {
        "id": step.firm.id,
        "name": step.firm.enterprise.name,
        "code": step.firm.code,
        "stage": row.stage,
        "grade": row.grade,
        "closed_on": row.closed_on.isoformat() if row.closed_on else "",
        "due_on": row.due_on.isoformat() if row.due_on else "",
        "cell": row.raw.cell("name") or row.raw.cell("credit_code"),
    }
