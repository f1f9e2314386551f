"""What a batch keeps of its preview: tallies, findings, and the lists that the page shows.

Of the longest lists (``MOST_SHOWN``) the rows that change something are shown in part.
JSON only, with codes and ids instead of words, so that it reads in the language of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enterprises.importing.filing_plan import FilingPlan, FilingStep
from enterprises.importing.findings import Finding
from enterprises.importing.register_plan import RegisterPlan, Step

Report = dict[str, Any]
Names = Mapping[int, str]


# of a longer list the page shows as many; all are counted, and written
MOST_SHOWN = 20_000


def register_report(plan: RegisterPlan) -> Report:
    """Keys: rows, counts, members, members_after, whole, mostly_refused, and the lists that
    ``counts`` counts.
    """
    names = plan.regions.names
    return {
        "rows": len(plan.refused) + plan.taken,
        "counts": {
            **plan.counts(),
            "refused": len(plan.refused),
            "warnings": len(plan.warnings),
        },
        "members": plan.members,
        "members_after": plan.members_after,
        "needs_confirmation": plan.needs_confirmation,
        "mostly_refused": plan.is_mostly_refused,
        "whole": plan.whole.stored() if plan.whole else None,
        "new": [_step(step, names) for step in plan.new[:MOST_SHOWN]],
        "changed": [_step(step, names) for step in plan.changed[:MOST_SHOWN]],
        "leaving": [_step(step, names) for step in plan.leaving[:MOST_SHOWN]],
        "refused": [finding.stored() for finding in plan.refused],
        "warnings": [finding.stored() for finding in plan.warnings],
    }


def filing_report(plan: FilingPlan) -> Report:
    """Keys as of a register, and ``states``; a filing list takes nobody off the register."""
    counts = {**plan.counts(), "refused": len(plan.refused), "warnings": len(plan.warnings)}
    return {
        "rows": len(plan.refused) + len(plan.new) + len(plan.changed) + len(plan.unchanged),
        "counts": counts,
        "whole": plan.whole.stored() if plan.whole else None,
        "states": plan.states.stored(),
        "new": [_fact(step) for step in plan.new],
        "changed": [_fact(step) for step in plan.changed],
        "leaving": [],
        "refused": [finding.stored() for finding in plan.refused],
        "warnings": [finding.stored() for finding in plan.warnings],
    }


def whole_of(report: Report) -> Finding | None:
    """What is wrong with the list as a whole, instead of a finding for each row."""
    kept = report.get("whole")
    return Finding.restored(kept) if kept else None


def is_refused(report: Report) -> bool:
    """Whether confirming would be refused: another city's list, or hardly a row that fits."""
    return whole_of(report) is not None or bool(report.get("mostly_refused"))


def findings_of(report: Report, kind: str) -> list[Finding]:
    """``kind``: refused or warnings."""
    return [Finding.restored(kept) for kept in report.get(kind, ())]


def _step(step: Step, names: Names) -> Report:
    row, firm = step.row, step.firm
    membership = firm.membership if firm else None
    county_id = row.county_id if row else (membership.county_id if membership else None)
    return {
        "id": firm.id if firm else None,
        "name": row.name if row else (firm.enterprise.name if firm else ""),
        "code": row.credit_code if row else (firm.code if firm else ""),
        "county": names.get(county_id, "") if county_id else "",
        "industry": row.industry_name if row else (membership.industry_name if membership else ""),
        "industry_code": (
            row.industry_code if row else (membership.industry_code if membership else "")
        ),
        "ownership": row.ownership if row else (membership.ownership if membership else ""),
        "returning": step.is_returning,
        "reason": str(step.reason),
        "cell": row.raw.cell("name") if row else "",
        "sheet": row.raw.sheet if row else "",
        "changes": [_change(c.field, c.before, c.after, names, step) for c in step.changes],
    }


def _change(
    field: str, before: str | int | None, after: str | int | None, names: Names, step: Step
) -> Report:
    if field in {"county", "township"}:
        before, after = names.get(before or 0, ""), names.get(after or 0, "")  # type: ignore[arg-type]
    key = "credit_code" if field == "code_note" else field
    return {
        "field": field,
        "before": before,
        "after": after,
        "cell": step.row.raw.cell(key) if step.row else "",
    }


def _fact(step: FilingStep) -> Report:
    row = step.row
    return {
        "id": step.firm.id,
        "name": step.firm.enterprise.name,
        "code": step.firm.code,
        "answers": row.answers,
        "cell": row.raw.cell("name") or row.raw.cell("credit_code"),
        "sheet": row.raw.sheet,
        "changes": [
            {"field": c.field, "before": c.before, "after": c.after, "cell": row.raw.cell(c.field)}
            for c in step.changes
        ],
    }
