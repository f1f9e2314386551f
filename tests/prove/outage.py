"""Nine days off, then four schedulers at once: one notice a person, the highest (``idling``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove outage")
    parser.add_argument("--quick", action="store_true", help="SQLite, one round")
    known = parser.parse_args(arguments)
    given: dict[str, Any] = {"rounds": 1 if known.quick else 5}
    file = lanes.start("idling.run", **given)
    found: dict[str, dict[str, Any]] = {}
    if not known.quick:
        with servers.postgres() as url:
            found["postgresql"] = lanes.answer(lanes.start("idling.run", url, **given))
    found["sqlite"] = lanes.answer(file)
    return {"holds": all(one["holds"] for one in found.values()), **found}
