"""What is on the screen as a workbook: same filter, same order, same columns (and contacts)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.columns import Reader, Row
from cases.ledger import CHIPS, SITUATIONS
from cases.sheet_columns import calls, sheet_columns, with_contacts
from cases.views.ledger import LedgerPage
from cases.workbooks import write_ledger
from organisations import clock
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

CHUNK = 500  # rows read at a time


@require_safe
@scoped(Act.READ)
def export(request: ActorRequest) -> FileResponse:
    """导出Excel: ``台账_涧西区_逾期_20221120.xlsx``; the trail keeps who took what."""
    page = LedgerPage(request, per_page=1)
    head = page.print_head()
    write = partial(
        write_ledger,
        title=head["title"],
        facts=head["facts"],
        definition=head["definition"],
        columns=sheet_columns(page.actor),
        rows=_rows(page),
    )
    name = file_name(page)
    return send_workbook(
        "ledger", name, write, by=request.actor, at=clock.now(), query=page.asked.as_query()
    )


def _rows(page: LedgerPage) -> Iterator[Row]:
    """All rows of the filter, a chunk at a time: memory does not grow with the ledger."""
    reader: Reader = page.reader
    shows_contacts = calls(page.actor)

    def read(cases: list[Any]) -> list[Row]:
        rows = reader.rows(cases)
        return with_contacts(rows, cases) if shows_contacts else rows

    chunk: list[Any] = []
    for case in page.ledger.rows().iterator(chunk_size=CHUNK):
        chunk.append(case)
        if len(chunk) == CHUNK:
            yield from read(chunk)
            chunk = []
    yield from read(chunk)


def file_name(page: LedgerPage) -> str:
    """Ledger, where, what, day."""
    label = CHIPS.get(page.asked.chip) or SITUATIONS.get(page.asked.chip) or _("Open cases")
    county = page.asked.ids.get("county")
    where = next((r.county for r in page.rows), "") if county else page.place()
    parts = [
        pgettext("file name", "Ledger"),
        where,
        page.kind(),
        str(label),
        page.ledger.on.strftime("%Y%m%d"),
    ]
    return "_".join(part.replace("/", "-") for part in parts if part) + ".xlsx"
