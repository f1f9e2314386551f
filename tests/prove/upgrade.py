"""A city of the last release, with open cases and queued letters, migrates and goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove upgrade")
    parser.add_argument("--quick", action="store_true", help="SQLite only")
    known = parser.parse_args(arguments)
    file = lanes.start("upgrading.run")
    found: dict[str, dict[str, Any]] = {}
    if not known.quick:
        with servers.postgres() as url:
            found["postgresql"] = lanes.answer(lanes.start("upgrading.run", url))
    found["sqlite"] = lanes.answer(file)
    rows = sum(one.get("rows", 0) for one in found.values())
    return {"holds": all(one["holds"] for one in found.values()), "rows": rows, **found}
