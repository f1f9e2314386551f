"""The ledgers about time as workbooks: one way out for all of them, with the trail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.http import FileResponse
from django.utils.translation import gettext as _

from cases.views.export import TYPE
from cases.workbooks import Titled, write_ledger
from organisations import clock, journal
from organisations.markers import ActorRequest
from organisations.models import AuditEvent

Line = TypeVar("Line")


def send(
    request: ActorRequest,
    what: str,
    *,
    title: str,
    definition: str,
    columns: Sequence[Titled[Line]],
    rows: Iterable[Line],
) -> FileResponse:
    """A workbook of rows that the view has narrowed to the actor's; recorded as taken."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    today = clock.today()
    count = write_ledger(
        target,
        title=title,
        facts=[_("as of %(day)s") % {"day": today.isoformat()}],
        definition=definition,
        columns=columns,
        rows=rows,
        sheet_name=title,
    )
    target.seek(0)
    name = f"{title}_{today:%Y%m%d}.xlsx"
    journal.record(
        AuditEvent.Kind.EXPORT, what, by=request.actor, at=clock.now(), words=name, rows=count,
        query=request.GET.urlencode(),
    )  # fmt: skip
    return FileResponse(target, as_attachment=True, filename=name, content_type=TYPE)
