"""Writing a previewed filing list: facts by firm, month and day, journalled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.importing.filing_plan import FilingPlan
from enterprises.importing.filing_rows import ANSWERS
from enterprises.importing.guards import (
    check_may_import,
    check_whole,
    hold_waiting,
    newest_batch_id,
)
from enterprises.importing.journal import Journal, create_all, update_all
from enterprises.importing.money import write_money
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.report import filing_report
from enterprises.models import ImportBatch, MoneyFigure, MonthlyFact
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.scope import Actor


@dataclass(frozen=True)
class FilingOutcome:
    """Enterprise ids whose fact was made or altered."""

    batch: ImportBatch
    new_ids: tuple[int, ...] = ()
    changed_ids: tuple[int, ...] = ()


def filing_batch(
    plan: FilingPlan, *, by: Actor, at: datetime, batch: ImportBatch | None = None
) -> FilingOutcome:
    """Writes the plan in one transaction. A newer list for the same month and day replaces."""
    check_may_import(plan.city, by)
    check_whole(plan.whole)
    with transaction.atomic():
        Region.objects.select_for_update(no_key=True).get(pk=plan.city.pk)
        if newest_batch_id(plan.city, ImportBatch.Kind.FILING) != plan.base_batch_id:
            raise ImportRefused(
                "stale_preview",
                _("Another list was imported meanwhile. Look at the preview again."),
            )
        batch = _applied_batch(plan, batch, by, at)
        journal = Journal(batch)
        _write_facts(plan, journal)
        _write_money(plan, journal)
        journal.store()
    return FilingOutcome(
        batch,
        tuple(step.firm.id for step in plan.new),
        tuple(step.firm.id for step in plan.changed),
    )


def _applied_batch(
    plan: FilingPlan, batch: ImportBatch | None, by: Actor, at: datetime
) -> ImportBatch:
    if batch is not None:
        hold_waiting(batch)
    batch = batch or ImportBatch(kind=ImportBatch.Kind.FILING, city=plan.city, at=at)
    batch.state = ImportBatch.State.APPLIED
    batch.file_name, batch.sha256 = plan.file_name[:200], plan.sha256
    batch.about_month, batch.known_on = plan.about_month, plan.known_on
    batch.report = filing_report(plan)
    batch.done_rows = batch.total_rows = batch.report["rows"]
    batch.applied_at = at
    batch.by = batch.by or by.user
    # who confirmed need not be who uploaded
    batch.options = {**batch.options, "applied_by": str(by.user or "")}
    if plan.correction:
        batch.options["correction"] = plan.correction
    batch.save()
    record(AuditEvent.Kind.IMPORT, "import_filing", batch, by=by, at=at, **batch.report["counts"])
    return batch


def _write_facts(plan: FilingPlan, journal: Journal) -> None:
    made = [
        MonthlyFact(
            city=plan.city,
            enterprise=step.firm.enterprise,
            about_month=plan.about_month,
            known_on=plan.known_on,
            **step.row.answers,
        )
        for step in plan.new
    ]
    altered: list[MonthlyFact] = []
    for step in plan.changed:
        assert step.fact is not None
        journal.about_to_change(step.fact)
        for key in ANSWERS:
            setattr(step.fact, key, step.row.answers[key])
        altered.append(step.fact)
    create_all(MonthlyFact, made, journal)
    update_all(MonthlyFact, altered, ANSWERS)


def _write_money(plan: FilingPlan, journal: Journal) -> None:
    if not plan.money_source:
        return
    amounts = {
        step.firm.id: step.row.spending
        for step in (*plan.new, *plan.changed, *plan.unchanged)
        if step.row.spending is not None
    }
    kind, source = MoneyFigure.Kind.SPENDING, plan.money_source
    write_money(amounts, kind, plan.money_on, source, journal, known_on=plan.money_known_on)
