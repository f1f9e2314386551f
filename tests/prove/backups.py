"""Backups while people work, put back elsewhere and looked at, on both databases (``backing``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes

ROUNDS, ROWS = 5, 100_000


def main(arguments: list[str]) -> dict[str, Any]:
    """Figures by database; ``slowest_restore`` (seconds) is of both."""
    parser = ArgumentParser(prog="bin/prove backups")
    parser.add_argument("--quick", action="store_true", help="SQLite, two backups of a small city")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="only this database")
    known = parser.parse_args(arguments)
    given: dict[str, Any] = {"rounds": ROUNDS, "rows": ROWS}
    if known.quick:
        given = {"rounds": 2, "rows": 1000}
    found: dict[str, dict[str, Any]] = {}
    # one after the other: what is measured is a restore, not two
    if known.on != "postgresql":
        found["sqlite"] = lanes.answer(lanes.start("backing.run", **given))
    if known.on == "postgresql" or not (known.on or known.quick):
        with servers.postgres() as url:
            found["postgresql"] = lanes.answer(lanes.start("backing.run", url, **given))
    slowest = max(one.get("slowest_restore", 0) for one in found.values())
    holds = all(one["holds"] for one in found.values())
    return {"holds": holds, "slowest_restore": slowest, **found}
