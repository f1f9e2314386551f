"""Statements: fixed for a preview, fixed for each thousand rows of an import, never one per row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.importing.filing_apply import filing_batch
from enterprises.importing.filing_plan import preview_filing, read_filing
from enterprises.importing.register_apply import register_batch
from enterprises.importing.undo import undo_import
from enterprises.models import Enterprise
from organisations.models import Region
from organisations.scope import Actor
from tests.conftest import on_postgres
from tests.enterprises.conftest import AT, FEB, JAN, Preview, many
from tests.enterprises.sheets import firm, write
from tests.enterprises.test_filing import HEADER as FILING
from tests.enterprises.test_filing import answer


@dataclass(frozen=True)
class Counts:
    looking: int
    writing: int
    undoing: int


def counts(preview: Preview, rows: list[list[Any]], day: date) -> Counts:
    """Statements of the preview, of the import and of taking it back."""
    with CaptureQueriesContext(connection) as looking:
        plan = preview(rows, day)
    with CaptureQueriesContext(connection) as writing:
        outcome = register_batch(plan, by=Actor.system(), at=AT)
    with CaptureQueriesContext(connection) as undoing:
        undo_import(outcome.batch, by=Actor.system(), at=AT)
    return Counts(len(looking), len(writing), len(undoing))


def test_filing_lists(luoyang: Region, preview: Preview, tmp_path: Path) -> None:
    """The preview has a fixed number; writing one more for each thousand facts and lines."""
    register_batch(preview(many(2000), JAN), by=Actor.system(), at=AT)
    found: list[tuple[int, int]] = []
    for size, month in ((10, date(2022, 2, 1)), (1000, date(2022, 3, 1)), (2000, date(2022, 4, 1))):
        rows = [answer(n) for n in range(100, 100 + size)]
        reading = read_filing(write(tmp_path / "f.xlsx", rows, header=FILING))
        with CaptureQueriesContext(connection) as looking:
            plan = preview_filing(luoyang, reading, about_month=month)
        assert len(plan.new) == size
        with CaptureQueriesContext(connection) as writing:
            filing_batch(plan, by=Actor.system(), at=AT)
        found.append((len(looking), len(writing)))
    ten, thousand, two = found
    assert ten[0] == thousand[0] == two[0] <= 9
    assert ten[1] <= 10
    if on_postgres():
        # COPY, and the journal in one statement
        assert ten[1] == thousand[1] == two[1]
    else:
        # SQLite takes 999 values a statement
        assert two[1] <= 2 * thousand[1] <= 60


def changed(count: int) -> list[list[Any]]:
    """Every firm in another county, renamed, with another contact."""
    return [
        firm(n, county="西工区", name=f"改名{n}有限公司", contact="李示例", industry_code="2614")
        for n in range(100, 100 + count)
    ]


def test_new_firms(preview: Preview) -> None:
    ten, thousand, two = (counts(preview, many(n), JAN) for n in (10, 1000, 2000))
    assert Enterprise.objects.count() == 0
    assert ten.looking == thousand.looking == two.looking - 1 <= 8
    if on_postgres():
        # three tables: the keys and the journal of each, whatever its rows
        assert ten.writing == thousand.writing == two.writing <= 17
    else:
        assert ten.writing <= 12
        # SQLite takes 999 values a statement, so Django cuts a batch of 1,000 rows into parts
        assert thousand.writing <= 60
        assert two.writing <= 120
    assert two.undoing <= 2 * thousand.undoing


def test_changed_firms(preview: Preview) -> None:
    found: list[Counts] = []
    for size in (10, 1000):
        plan = preview(many(size), JAN)
        batch = register_batch(plan, by=Actor.system(), at=AT).batch
        found.append(counts(preview, changed(size), FEB))
        undo_import(batch, by=Actor.system(), at=AT)
    ten, thousand = found
    assert ten.looking == thousand.looking <= 8
    assert ten.writing <= 16
    # firms, old and new memberships, contacts: four thousand lines of the journal
    assert thousand.writing <= (ten.writing + 3 if on_postgres() else 130)
