"""Taking a workbook: the plan, then a fixed number of statements a batch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from organisations.days import day_of
from organisations.errors import Refused
from organisations.importing import Report
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.scope import Actor
from organisations.workbook import read_rows
from resources.actions.directory import EXPERT_VALUES, RESOURCE_VALUES, touch
from resources.importing.plan import Plan
from resources.importing.sheets import SHEETS
from resources.models import MEMBER_VALUES, Expert, FieldWord, Member, Resource
from resources.permissions import can_add

MOST = 20_000
BATCH = 500
FOLDED = ("folded_name", "searched", "version")
COLUMNS: dict[type, tuple[str, ...]] = {
    Resource: (*RESOURCE_VALUES, *FOLDED),
    Expert: (*EXPERT_VALUES, *FOLDED, "folded_institute", "institute"),
    Member: MEMBER_VALUES,
    FieldWord: ("also",),
}


@transaction.atomic
def import_directory(
    content: bytes, *, city: Region, by: Actor, at: datetime, dry_run: bool = False
) -> Report:
    """Take resources, experts, members and words of ``city`` from an .xlsx.

    Raises ``Refused`` for the file or the person; single rows are refused in the report.
    """
    if not can_add(by, city):
        raise Refused("may_not", _("Only the office and department leads import the directory."))
    rows = read_rows(content, SHEETS, most=MOST)
    if not dry_run:
        touch(city)  # first, so that two imports come one after the other
    plan = Plan(city, by, day_of(at))
    plan.read(rows)
    report = plan.report
    if not dry_run and (report.new or report.changed):
        _write(plan)
        counts: dict[str, Any] = {
            "new": report.new,
            "changed": report.changed,
            "refused": len(report.refused),
        }
        record(AuditEvent.Kind.IMPORT, "import_resources", city, by=by, at=at, **counts)
    return report


def _write(plan: Plan) -> None:
    for model in (Resource, Expert, Member, FieldWord):
        if model is Expert:
            _relate(plan)
        _bulk(model, plan.new[model], plan.changed[model])


def _bulk(model: Any, new: list[Any], changed: list[Any]) -> None:
    for row in new:
        if isinstance(row, Member):
            row.alliance_id = row.alliance.pk  # made a moment ago
    model.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        model.objects.bulk_update(changed, COLUMNS[model], batch_size=BATCH)


def _relate(plan: Plan) -> None:
    """Experts find their institute by name, those of before too when it has just come."""
    touched = {id(row) for row in (*plan.new[Expert], *plan.changed[Expert])}
    for expert in plan.experts.values():
        institute = plan.resources.get(expert.folded_institute)
        pk = institute.pk if institute else None
        if expert.institute_id != pk:
            expert.institute_id = pk
            if id(expert) not in touched:
                plan.changed[Expert].append(expert)
