"""The doors of imports share this: verbs of two floors in one transaction, options, report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.management import CommandError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from cases.actions.ledger_undo import undo_ledger
from cases.actions.register import after_register, undo_register
from cases.actions.running_ledger import take_ledger
from cases.filing_rests import check_filing_undo
from config.errors import reason_of
from config.imports.ledgers import ledger_report, plan_of_ledger
from config.management import arguments
from enterprises.importing import column_maps
from enterprises.importing.filing_apply import filing_batch
from enterprises.importing.filing_plan import FilingPlan
from enterprises.importing.findings import Finding
from enterprises.importing.guards import check_waits
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_apply import RegisterOutcome, register_batch
from enterprises.importing.register_plan import RegisterPlan
from enterprises.importing.undo import undo_import
from enterprises.importing.uploads import check_as_shown, forget_file, plan_to_confirm
from enterprises.models import ImportBatch
from organisations.days import month_of
from organisations.models import Region
from organisations.scope import Actor
from workflows.models import Programme

log = logging.getLogger(__name__)


def take_register(
    plan: RegisterPlan,
    *,
    by: Actor,
    at: datetime,
    confirm_leaving: int | None = None,
    batch: ImportBatch | None = None,
) -> RegisterOutcome:
    """The register is written and the cases follow it, both or neither."""
    with transaction.atomic():
        outcome = register_batch(plan, by=by, at=at, confirm_leaving=confirm_leaving, batch=batch)
        after_register(outcome, city=plan.city, as_of=plan.as_of, by=by, at=at)
    forget_file(outcome.batch)
    return outcome


def take_upload(
    batch: ImportBatch, *, by: Actor, at: datetime, confirm_leaving: int | None = None
) -> None:
    """A previewed upload is confirmed: the plan is made anew and must be what was shown."""
    if batch.kind == ImportBatch.Kind.LEDGER:
        _take_ledger(batch, by=by, at=at)
        return
    plan = plan_to_confirm(batch, at)
    if isinstance(plan, RegisterPlan):
        take_register(plan, by=by, at=at, confirm_leaving=confirm_leaving, batch=batch)
    else:
        forget_file(filing_batch(plan, by=by, at=at, batch=batch).batch)


def _take_ledger(batch: ImportBatch, *, by: Actor, at: datetime) -> None:
    check_waits(batch)
    plan = plan_of_ledger(batch, at)
    check_as_shown(batch, ledger_report(plan))
    take_ledger(plan, by=by, at=at, batch=batch)
    forget_file(batch)


def take_back(batch: ImportBatch, *, by: Actor, at: datetime, knowing: bool = False) -> None:
    """An import is undone and the cases follow, both or neither.

    ``knowing``: whoever does it has read what rests on a filing list. Refused in words also where
    somebody begins to use one of its firms while it is taken back.
    """
    try:
        with transaction.atomic():
            _take_back(batch, by=by, at=at, knowing=knowing)
    except IntegrityError as error:
        if not isinstance(error, ProtectedError) and reason_of(error) != "gone":
            raise
        # looked for before; what came since the database refuses to leave without its firm
        log.warning("import %s was used while it was taken back: %s", batch.pk, error)
        raise ImportRefused(
            "used_meanwhile",
            _(
                "Somebody has just begun to work with a firm that this import made, so nothing was "
                "undone. Look at the import again: it names the firm."
            ),
        ) from error


def _take_back(batch: ImportBatch, *, by: Actor, at: datetime, knowing: bool) -> None:
    if batch.kind == ImportBatch.Kind.FILING and batch.state == ImportBatch.State.APPLIED:
        check_filing_undo(batch, knowing=knowing)
    outcome = undo_import(batch, by=by, at=at)
    if batch.kind == ImportBatch.Kind.LEDGER:
        undo_ledger(batch, by=by, at=at)
    elif batch.as_of is not None:
        undo_register(outcome, batch=batch, by=by, at=at)


def city_of(programme_key: str) -> Region:
    """The city of an issued programme."""
    programme = Programme.objects.select_related("city").filter(key=programme_key).first()
    if programme is None:
        known = "、".join(Programme.objects.values_list("key", flat=True)) or "—"
        raise CommandError(
            _("There is no programme “%(name)s”. Issued: %(known)s.")
            % {"name": programme_key, "known": known}
        )
    return programme.city


def headings_of(programme_key: str) -> Mapping[str, Sequence[str]]:
    """What the lists of an issued programme call their columns, beside the usual words."""
    return Programme.objects.get(key=programme_key).current.pack.own_headings


def headings_for(programme: Programme, kind: str) -> Mapping[str, Sequence[str]]:
    """For a list of the filing also what the office saved of its columns (列对应)."""
    own = programme.current.pack.own_headings
    if kind != ImportBatch.Kind.FILING:
        return own
    return column_maps.headings_for(programme.city, programme.key, own)


def day_from(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        words = _("“%(text)s” is not a day. Write it as 2022-03-31.")
        raise CommandError(words % {"text": text}) from wrong
    arguments.check_year(day.year, text)
    return day


def month_from(text: str) -> date:
    try:
        month = month_of(text)
    except ValueError as wrong:
        words = _("“%(text)s” is not a month. Write it as 2022-03.")
        raise CommandError(words % {"text": text}) from wrong
    arguments.check_year(month.year, text)
    return month


def accepted_from(pairs: Sequence[str]) -> dict[tuple[str, int], str]:
    """``ROW=REASON`` or ``SHEET!ROW=REASON``: a wrong check digit taken, and why."""
    accepted: dict[tuple[str, int], str] = {}
    for pair in pairs:
        place, _sign, reason = pair.partition("=")
        sheet, _mark, row = place.strip().rpartition("!")
        if not (row.isdigit() and reason.strip()):
            words = _("“%(text)s” is not ROW=REASON, such as 54=licence checked.")
            raise CommandError(words % {"text": pair})
        accepted[sheet, int(row)] = reason.strip()
    return accepted


def report_lines(counts: dict[str, Any]) -> list[str]:
    """A preview as a person reads it: tallies, then every finding with its cell."""
    words = _("New %(new)s, changed %(changed)s, leaving %(leaving)s, unchanged %(unchanged)s")
    return [words % counts]


def finding_lines(title: str, findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    return [f"{title} {len(findings)}", *(_finding_line(finding) for finding in findings)]


def refused_lines(plan: RegisterPlan | FilingPlan) -> list[str]:
    """Row by row, or one line for a list that is wrong as a whole."""
    if plan.whole is not None:
        return [f"{_('Refused')} {len(plan.refused)}", _finding_line(plan.whole)]
    return finding_lines(_("Refused"), plan.refused)


def _finding_line(finding: Finding) -> str:
    if not finding.row:
        return f"  {finding.sheet}: {finding.reason}"
    # the cell says row and column; the reason names the column where that helps
    words = _("  %(place)s: %(reason)s")
    return words % {"place": finding.place, "reason": finding.reason}
