"""The trail as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.workbooks import write_ledger
from config.trail.rows import Asked, Entry, lines
from organisations.days import day_of
from organisations.errors import Refused

CHUNK = 1000
# a workbook of more is read by nobody; a narrower span of days says more
MOST = 50_000


@dataclass(frozen=True)
class Column:
    title: str | Promise
    text: Callable[[Entry], str]
    width: int


COLUMNS = (
    Column(
        pgettext_lazy("trail", "When"),
        lambda row: timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"),
        20,
    ),
    Column(pgettext_lazy("trail", "Who"), lambda row: row.who, 14),
    Column(gettext_lazy("Account"), lambda row: row.account, 18),
    Column(pgettext_lazy("trail", "Kind"), lambda row: row.kind, 12),
    Column(pgettext_lazy("trail", "Deed"), lambda row: row.deed, 34),
    Column(pgettext_lazy("trail", "Of what"), lambda row: row.subject, 34),
    Column(pgettext_lazy("trail", "Details"), lambda row: _(", ").join(row.details), 50),
    Column(pgettext_lazy("trail", "From address"), lambda row: row.address, 18),
)


def check_size(rows: QuerySet[Any]) -> None:
    if rows.order_by()[: MOST + 1].count() > MOST:
        words = _("More than %(n)d lines. Choose fewer days, or a person.")
        raise Refused("too_many", words % {"n": MOST})


def write_trail(target: BinaryIO, rows: QuerySet[Any], asked: Asked, at: datetime) -> int:
    """Newest first, in constant memory; the number of lines."""
    title = _("Audit trail")
    return write_ledger(
        target,
        title=title,
        facts=[_facts(asked, at)],
        columns=COLUMNS,
        rows=_in_chunks(rows, day_of(at)),
        sheet_name=title,
    )


def _in_chunks(rows: QuerySet[Any], on: date) -> Iterator[Entry]:
    """A handful of statements for each thousand lines."""
    last: int | None = None
    while True:
        some = list((rows if last is None else rows.filter(pk__lt=last))[:CHUNK])
        if not some:
            return
        yield from lines(some, on)
        last = some[-1].pk


def _facts(asked: Asked, at: datetime) -> str:
    """The head of the workbook: of which days, written when."""
    words = _("%(since)s to %(until)s, written %(at)s")
    return words % {
        "since": asked.since.isoformat() if asked.since else _("the beginning"),
        "until": (asked.until or day_of(at)).isoformat(),
        "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
    }
