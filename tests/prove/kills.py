"""Kill points on SQLite and on a PostgreSQL of their own, side by side (``killing``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes

AT_LEAST = 1000


def main(arguments: list[str]) -> dict[str, Any]:
    """Figures by database; they hold when every kill fired and left nothing wrong."""
    parser = ArgumentParser(prog="bin/prove kills")
    parser.add_argument("--quick", action="store_true", help="some places of some acts")
    parser.add_argument("--act", action="append", default=[], help="only this act; may be repeated")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="only this database")
    known = parser.parse_args(arguments)
    given = {"quick": known.quick, "acts": known.act}
    found: dict[str, dict[str, Any]] = {}
    # the quick run stays on SQLite, unless told otherwise
    on_server = known.on == "postgresql" or not (known.on or known.quick)
    file = None if known.on == "postgresql" else lanes.start("killing.run", **given)
    if on_server:
        with servers.postgres() as url:
            found["postgresql"] = lanes.answer(lanes.start("killing.run", url, **given))
    if file is not None:
        found["sqlite"] = lanes.answer(file)
    enough = known.quick or known.act or all(f.get("points", 0) >= AT_LEAST for f in found.values())
    holds = bool(enough) and all(one["holds"] for one in found.values())
    return {"holds": holds, **found}
