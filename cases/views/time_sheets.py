"""The ledgers about time as workbooks: one way out for all of them, with the trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeVar

from django.http import FileResponse
from django.utils.translation import gettext as _

from cases.workbooks import Titled, write_ledger
from organisations import clock
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest

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
    today = clock.today()
    write = partial(
        write_ledger,
        title=title,
        facts=[_("as of %(day)s") % {"day": today.isoformat()}],
        definition=definition,
        columns=columns,
        rows=rows,
        sheet_name=title,
    )
    name = f"{title}_{today:%Y%m%d}.xlsx"
    return send_workbook(
        what, name, write, by=request.actor, at=clock.now(), query=request.GET.urlencode()
    )
