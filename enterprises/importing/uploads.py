"""An uploaded workbook on its way: received, read by whoever comes first, confirmed or dropped.

The row is the record: a worker that was woken, the page that waits and the next visit may all try
to read; a conditional update lets one of them. The file lies under a name of our own and goes as
soon as it is no longer needed, as a bureau's sheet holds money columns that are not stored.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises.importing.filing_plan import FilingPlan, preview_filing, read_filing
from enterprises.importing.guards import (
    check_may_import,
    check_waits,
    hold_waiting,
    not_waiting,
)
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_plan import RegisterPlan
from enterprises.importing.registers import plan_register
from enterprises.importing.report import filing_report, register_report
from enterprises.importing.tables import Headings
from enterprises.importing.workbook import check_type, usual_limits
from enterprises.models import ImportBatch
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region
from organisations.scope import Actor

log = logging.getLogger(__name__)

State = ImportBatch.State
# a reader that has not answered by then was killed (its child stops long before)
READER_GIVES_UP = timedelta(seconds=usual_limits().wall_seconds + 30)
# a preview that nobody confirmed: its file is not kept longer
KEPT = timedelta(days=2)

# a list whose columns bear other names
UNNAMED = frozenset({"no_header", "missing_column"})
# the file itself is at fault, whatever the list would have been
NO_WORKBOOK = frozenset(
    {"empty", "blank", "not_xlsx", "encrypted", "old_xls", "macros", "bomb", "damaged"}
)

Plan = RegisterPlan | FilingPlan
# an upload's report and the hash of its file; raises ``ImportRefused``
Reader = Callable[[ImportBatch, datetime], tuple[dict[str, Any], str]]


def receive(
    upload: File[Any],
    *,
    kind: str,
    city: Region,
    programme_key: str,
    by: Actor,
    at: datetime,
    as_of: date | None = None,
    about_month: date | None = None,
    known_on: date | None = None,
    money_source: str = "",
    correction: str = "",
    headings: Headings | None = None,
) -> ImportBatch:
    """Stores the workbook as a waiting import; what is too large or no .xlsx is refused first."""
    check_may_import(city, by)
    if upload.size > usual_limits().size:
        raise ImportRefused(
            "too_large",
            _("The file is larger than %(mb)s MB. Remove pictures and unused sheets, "
              "then upload it again.")
            % {"mb": usual_limits().size >> 20},
        )  # fmt: skip
    check_type(upload.read())
    upload.seek(0)
    check_length(money_source, OF_NAME)
    check_length(correction, OF_NAME)
    forget_old(at)
    batch = ImportBatch(
        kind=kind,
        city=city,
        programme_key=programme_key,
        file_name=Path(upload.name or "").name[:200] or "?",
        as_of=as_of,
        about_month=about_month,
        known_on=known_on,
        options={
            "money_source": money_source.strip(),
            "correction": correction.strip(),
            "accept": {},
            "headings": {key: list(names) for key, names in (headings or {}).items()},
        },
        by=by.user,
        at=at,
    )
    batch.file.save(f"{uuid.uuid4().hex}.xlsx", upload, save=False)
    batch.save()
    return batch


def read_list(batch: ImportBatch, at: datetime) -> tuple[dict[str, Any], str]:
    """A register or a filing list; other kinds have readers above this floor."""
    plan = plan_of(batch, at)
    return report_of(plan), plan.sha256


def read(batch_id: int, *, at: datetime, reader: Reader = read_list) -> bool:
    """Reads a waiting import and keeps its preview; False when somebody else does or did."""
    waiting = Q(state=State.WAITING) | Q(state=State.READING, read_at__lt=at - READER_GIVES_UP)
    claimed = ImportBatch.objects.filter(waiting, pk=batch_id).update(
        state=State.READING, read_at=at
    )
    if not claimed:
        return False
    batch = ImportBatch.objects.select_related("city").get(pk=batch_id)
    try:
        report, sha256 = reader(batch, at)
    except ImportRefused as refusal:
        error = {"error": {"code": refusal.code, "words": refusal.words}}
        # what only lacks the names of its columns waits for the office to say them
        is_named = batch.kind == ImportBatch.Kind.FILING and refusal.code in UNNAMED
        if _keep(batch, State.FAILED, error) and not is_named:
            forget_file(batch)
    except Exception:
        log.exception("import %s could not be read", batch_id)
        words = _("The workbook could not be read. Tell whoever runs the system.")
        _keep(batch, State.FAILED, {"error": {"code": "crashed", "words": words}})
    else:
        _keep(batch, State.PREVIEWED, report, sha256=sha256)
    return True


def plan_of(batch: ImportBatch, at: datetime) -> Plan:
    """The plan as of now, read from the file anew."""
    today = day_of(at)
    path, options = Path(batch.file.path), batch.options
    source = str(options.get("money_source", ""))
    if batch.kind == ImportBatch.Kind.FILING:
        assert batch.about_month is not None
        return preview_filing(
            batch.city,
            read_filing(path, batch.file_name, options.get("headings")),
            about_month=batch.about_month,
            known_on=batch.known_on,
            money_source=source,
            correction=str(options.get("correction", "")),
            today=today,
        )
    assert batch.as_of is not None
    return plan_register(
        batch.city,
        path,
        batch.file_name,
        options.get("headings"),
        as_of=batch.as_of,
        accept=_accepted(options.get("accept", {})),
        money_source=source,
        today=today,
    )


def report_of(plan: Plan) -> dict[str, Any]:
    return register_report(plan) if isinstance(plan, RegisterPlan) else filing_report(plan)


def plan_to_confirm(batch: ImportBatch, at: datetime) -> Plan:
    """The plan for confirming; refused when it is no longer what the page has shown."""
    check_waits(batch)
    plan = plan_of(batch, at)
    check_as_shown(batch, report_of(plan))
    return plan


def check_as_shown(batch: ImportBatch, report: dict[str, Any]) -> None:
    """What the page has shown is what would be written, else it is shown anew."""
    if report != batch.report:
        _keep(batch, State.PREVIEWED, report, of=State.PREVIEWED)
        raise ImportRefused(
            "stale_preview",
            _("Another list was imported meanwhile. Look at the preview again."),
        )


def accept_code(batch: ImportBatch, *, sheet: str, row: int, reason: str, by: Actor) -> None:
    """A row's wrong check digit is accepted with a reason; the file waits to be read again."""
    check_may_import(batch.city, by)
    check_waits(batch)
    if not reason.strip():
        raise ImportRefused("no_reason", _("Say why the code is right, e.g. “licence checked”."))
    check_length(reason, OF_NAME)
    with transaction.atomic():
        held = hold_waiting(batch)  # a colleague may have confirmed it, or accepted another row
        accept = {**held.options.get("accept", {}), f"{sheet}!{row}": reason.strip()}
        batch.options = {**held.options, "accept": accept}
        batch.state = State.WAITING
        batch.save(update_fields=["options", "state"])


def read_anew(batch: ImportBatch, headings: Headings, *, by: Actor) -> None:
    """The list waits to be read once more, with these names of its columns."""
    check_may_import(batch.city, by)
    unread = (State.WAITING, State.PREVIEWED, State.FAILED)
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state not in unread or not held.file:
            raise not_waiting()
        named = {key: list(names) for key, names in headings.items()}
        held.options = {**held.options, "headings": named}
        held.state, held.report = State.WAITING, {}
        held.save(update_fields=["options", "state", "report"])


def drop(batch: ImportBatch, *, by: Actor) -> None:
    """放弃: nothing was written, the file goes. What was confirmed meanwhile is not dropped."""
    check_may_import(batch.city, by)
    open_states = (State.WAITING, State.READING, State.PREVIEWED, State.FAILED, State.DROPPED)
    found = ImportBatch.objects.filter(pk=batch.pk, state__in=open_states)
    if not found.update(state=State.DROPPED):
        raise not_waiting()
    forget_file(batch)


def forget_unreadable(batch: ImportBatch, refused: Mapping[str, str] | None = None) -> str:
    """What is no workbook that could be read leaves nothing behind: its row goes, and whoever chose
    the file is told why, in the words returned; empty for everything else.

    ``refused``: code and words, where another than the reader found it out.
    """
    found = ImportBatch.objects.filter(pk=batch.pk)
    error = refused or found.values_list("report", flat=True).get().get("error", {})
    if error.get("code") not in NO_WORKBOOK:
        return ""
    forget_file(batch)
    found.filter(state__in=(State.WAITING, State.FAILED)).delete()
    return str(error["words"])


def forget_old(at: datetime, *, dry: bool = False) -> int:
    """Previews that nobody confirmed, and files that a crash left behind; how many went."""
    old = list(ImportBatch.objects.filter(at__lt=at - KEPT).exclude(file=""))
    for batch in old if not dry else ():
        unread = (State.WAITING, State.READING, State.PREVIEWED)
        ImportBatch.objects.filter(pk=batch.pk, state__in=unread).update(state=State.DROPPED)
        forget_file(batch)
    return len(old)


def _keep(
    batch: ImportBatch,
    state: str,
    report: dict[str, Any],
    sha256: str = "",
    of: str = State.READING,
) -> bool:
    """What was read; False when the import is no longer ``of`` this state: it was dropped, or
    another reader took over.
    """
    there = ImportBatch.objects.filter(pk=batch.pk, state=of, read_at=batch.read_at)
    rows = report.get("rows", 0)
    sha256 = sha256 or batch.sha256
    return bool(
        there.update(state=state, report=report, sha256=sha256, total_rows=rows, done_rows=rows)
    )


def forget_file(batch: ImportBatch) -> None:
    """What is stored is in the database now; what is not stored must go."""
    if batch.file:
        batch.file.delete(save=False)
        ImportBatch.objects.filter(pk=batch.pk).update(file="")


def _accepted(kept: Mapping[str, str]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for place, reason in kept.items():
        sheet, _mark, row = place.rpartition("!")
        found[sheet, int(row)] = reason
    return found
