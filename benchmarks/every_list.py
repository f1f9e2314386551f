"""Every list and page of figures that the bars lead to, over a whole country with a lived year.

Milliseconds of a page by its reader, the statements it takes and the slowest of them; the second
look of a process, as people look again and again: ``bin/bench every_list``. Other sizes:
``python -m benchmarks.every_list FIRMS``.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

from benchmarks import bed, nation

FIRMS, QUICK, COUNTIES = 500_000, 4_000, 2_800
READERS = ("office/1", "leader", "supervisor", "涧西区/county_worker")
# what a page may take; more is said and not waited for
PATIENCE = 60
# name of the URL, and what is asked of it
PAGES = (
    "workbench", "ledger", "ledger?of=all", "ledger?chip=overdue", "ledger?sort=firm",
    "ledger?q=轴承", "ledger?q=熠砺", "ledger_print", "ledger_copy", "firms", "firms?q=轴承",
    "resources", "issues", "issues?chip=overdue", "issues?q=熠砺", "measures", "orders", "matches",
    "programmes", "overdue", "near", "reminders", "extensions", "suspensions", "calls", "drafts",
    "overdue_copy", "near_copy", "reminders_copy",
    "closing_numbers", "closing_review", "notices", "deliveries", "imports", "load", "people",
    "gaps", "groups", "pairings", "stand_ins", "progress", "goals", "progress_late",
    "progress_units", "progress_outlook", "county_ranks", "day_figures", "reconciling", "months",
    "month_changes", "assessment", "leader", "documents", "spot_checks", "note_sheets",
    "saved_lists", "status", "audit",
)  # fmt: skip


class TooLong(Exception):
    """A page took more than ``PATIENCE`` seconds."""


def main(is_quick: bool, firms: int = FIRMS) -> dict[str, Any]:
    with bed.on_postgresql():
        from benchmarks import year
        from tests.world import build

        world = build()
        nation.settle(world, QUICK if is_quick else firms, 40 if is_quick else COUNTIES)
        year.live(world)
        return measured(world, READERS[:1] if is_quick else READERS)


def measured(
    world: Any,
    readers: tuple[str, ...],
    pages: tuple[str, ...] = PAGES,
    patience: int = PATIENCE,
) -> dict[str, Any]:
    from django.conf import settings
    from django.test import Client

    from config.prepare import prepare
    from organisations import clock
    from reports.figures import counted
    from tests.world import START, at

    prepare()
    settings.ALLOWED_HOSTS = ["*"]
    now = at(START + timedelta(days=20))
    clock.now = lambda: now
    for _tick in range(2):
        counted.count_due(now)
    found: dict[str, Any] = {}
    for reader in readers:
        client = Client(raise_request_exception=False)
        client.force_login(world.people[reader])
        for page in pages:
            found[f"{reader} {page}"] = row = _page(client, page, patience)
            print(reader, page, json.dumps(row, ensure_ascii=False), file=sys.stderr, flush=True)
    return found


def _page(client: Any, page: str, patience: int) -> dict[str, Any]:
    from django.urls import NoReverseMatch, reverse

    name, _mark, query = page.partition("?")
    try:
        address = reverse(name)
    except NoReverseMatch:
        return {"status": "no such page"}
    _look(client, f"{address}?{query}", patience)
    return _look(client, f"{address}?{query}", patience)


def _look(client: Any, address: str, patience: int) -> dict[str, Any]:
    from django.db import connection

    taken: list[tuple[float, str]] = []

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken.append((time.perf_counter() - begun, sql))

    begun = time.perf_counter()
    try:
        with connection.execute_wrapper(noted), _at_most(patience):
            status: Any = client.get(address).status_code
    except TooLong:
        connection.close()
        status = "too long"
    ms = (time.perf_counter() - begun) * 1000
    seconds, sql = max(taken, default=(0.0, ""))
    row = {
        "ms": round(ms, 1),
        "status": status,
        "statements": len(taken),
        "in_statements_ms": round(sum(one for one, _sql in taken) * 1000, 1),
        "slowest_ms": round(seconds * 1000, 1),
    }
    return row | ({"slowest": sql[:3000]} if seconds > 0.1 else {})


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    print(json.dumps(main(False, int(sys.argv[1])), ensure_ascii=False, indent=1))
