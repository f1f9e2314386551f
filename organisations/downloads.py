"""A workbook that somebody takes away: written to a file of its own, streamed and recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO

from django.db.models import Model
from django.http import FileResponse

from organisations import journal
from organisations.models import AuditEvent
from organisations.scope import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def note_taken(
    what: str, name: str, *, by: Actor, at: datetime, subject: Model | None = None, **data: Any
) -> None:
    """The line of the trail that says who took ``what`` away, as the file ``name``."""
    journal.record(AuditEvent.Kind.EXPORT, what, subject, by=by, at=at, words=name, **data)


def send_workbook(
    what: str,
    name: str,
    write: Callable[[BinaryIO], int | None],
    *,
    by: Actor,
    at: datetime,
    subject: Model | None = None,
    **data: Any,
) -> FileResponse:
    """The answer with the workbook ``name``; the trail keeps who took ``what``, and how many rows.

    ``write`` writes the file and says the number of its rows, if it has any that count.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    rows = write(target)
    target.seek(0)
    if rows is not None:
        data["rows"] = rows
    note_taken(what, name, by=by, at=at, subject=subject, **data)
    safe = name.replace("/", "-")
    return FileResponse(target, as_attachment=True, filename=safe, content_type=XLSX)
