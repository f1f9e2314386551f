"""Statements: fixed for a preview, fixed for each thousand rows of an import, never one per row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.importing.register_apply import register_batch
from enterprises.importing.undo import undo_import
from enterprises.models import Enterprise
from organisations.scope import Actor
from tests.conftest import on_postgres
from tests.enterprises.conftest import AT, FEB, JAN, Preview, many
from tests.enterprises.sheets import firm


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
    assert ten.writing <= 12
    if on_postgres():
        # three rows of the journal for each firm: its thousands come sooner
        assert thousand.writing == ten.writing + 2
        assert two.writing == ten.writing + 8
    else:
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
