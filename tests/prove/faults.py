"""Everything around the product breaks in turn; afterwards all is as it must be (``breaking``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes

AT_LEAST = 20


def main(arguments: list[str]) -> dict[str, Any]:
    """Each kind of fault in each flow, on both databases; each proves that it fired."""
    parser = ArgumentParser(prog="bin/prove faults")
    parser.add_argument("--quick", action="store_true", help="SQLite only")
    parser.add_argument("--kind", action="append", default=[], help="only this kind")
    known = parser.parse_args(arguments)
    found: dict[str, dict[str, Any]] = {}
    file = lanes.start("breaking.run", kinds=known.kind)
    if not known.quick:
        with servers.postgres() as url:
            found["postgresql"] = lanes.answer(lanes.start("breaking.run", url, kinds=known.kind))
    found["sqlite"] = lanes.answer(file)
    kinds = {kind for one in found.values() for kind in one.get("kinds", ())}
    enough = known.quick or known.kind or len(kinds) >= AT_LEAST
    holds = bool(enough) and all(one["holds"] for one in found.values())
    return {"holds": holds, "kinds": len(kinds), "flows": 3, **found}
