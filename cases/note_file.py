"""The sheet that a county takes away: its rows locked, 进展, 问题 and 预计完成 to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cases.columns import (
    CODE,
    COUNTY,
    DUE,
    FIRM,
    LACK,
    STAGE,
    STATE,
    TOWNSHIP,
    Column,
    Reader,
    Row,
    sees_counties,
)
from cases.importing.note_plan import MOST, notes_of, values_of
from cases.ledger import Ledger
from cases.models import Case
from cases.note_key import key_of
from cases.workbooks import Fill, write_ledger
from organisations.days import long_day
from organisations.scope import Actor

CHUNK = 500


@dataclass(frozen=True)
class NoteRow(Row):
    """A row with what stands in the three columns, and its key."""

    key: str = ""
    said: str = ""
    problem: str = ""
    expected_on: date | None = None


@dataclass(frozen=True)
class Fillable(Column):
    """A column that is not locked, or (``hidden``) one that nobody should see."""

    fill: Fill | None = None
    hidden: bool = False


def _row(row: Row) -> NoteRow:
    assert isinstance(row, NoteRow)
    return row


NUMBER = Column("number", gettext_lazy("Case number"), lambda row: row.number, width=13)
PROGRESS = Fillable(
    "said",
    pgettext_lazy("to be filled in", "Progress"),
    lambda row: _row(row).said,
    width=36,
    fill=Fill("text", MOST),
)
PROBLEM = Fillable(
    "problem",
    pgettext_lazy("to be filled in", "Problem"),
    lambda row: _row(row).problem,
    width=30,
    fill=Fill("text", MOST),
)
EXPECTED = Fillable(
    "expected",
    pgettext_lazy("to be filled in", "Expected on"),
    lambda row: "",
    width=16,
    value=lambda row: _row(row).expected_on,
    fill=Fill("day"),
)
KEY = Fillable(
    "key", gettext_lazy("Row key (do not change)"), lambda row: _row(row).key, width=8, hidden=True
)


def sheet_columns(actor: Actor) -> tuple[Column, ...]:
    """What names the case first, then what to fill in; the key last and hidden."""
    place = COUNTY if actor.is_system or sees_counties(actor) else TOWNSHIP
    state = replace(STATE, text=lambda row: row.light.words, width=16)
    due = replace(DUE, value=lambda row: row.due_on, width=12)
    told = (replace(FIRM, width=30), CODE, NUMBER, place, STAGE, replace(LACK, width=22))
    return (*told, due, state, PROGRESS, PROBLEM, EXPECTED, KEY)


def write_notes(target: BinaryIO, ledger: Ledger, where: str) -> int:
    """The open firms' cases and remedies of a ledger's filter; how many rows."""
    return write_ledger(
        target,
        title=_("Progress to be filled in: %(where)s") % {"where": where},
        facts=[_("As of: %(at)s") % {"at": long_day(ledger.on)}],
        definition=_(
            "Fill in the three yellow columns only. A day is written as %(example)s. An empty cell "
            "that was empty stays as it is. Then hand the file in on the page it came from; before "
            "anything is written you see what would change."
        )
        % {"example": ledger.on.isoformat()},
        columns=sheet_columns(ledger.actor),
        rows=_rows(ledger),
        sheet_name=pgettext("to be filled in", "Progress"),
    )


def _rows(ledger: Ledger) -> Iterator[Row]:
    cases = ledger.rows().filter(Q(is_main=True) | ~Q(criterion="")).filter(finished=None)
    reader = Reader(ledger.actor, ledger.on)
    chunk: list[Any] = []
    for case in cases.iterator(chunk_size=CHUNK):
        chunk.append(case)
        if len(chunk) == CHUNK:
            yield from _read(reader, chunk)
            chunk = []
    yield from _read(reader, chunk)


def _read(reader: Reader, cases: Sequence[Case]) -> Iterator[Row]:
    notes = notes_of([case.pk for case in cases])
    for row, case in zip(reader.rows(cases), cases, strict=True):
        note = notes.get(case.pk)
        values = values_of(note)
        yield NoteRow(
            **vars(row),
            key=key_of(case.pk, case.version, values).text(),
            said=values["progress"],
            problem=values["problem"],
            expected_on=note.expected_on if note else None,
        )
