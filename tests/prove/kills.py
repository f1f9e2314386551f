"""Kill points on SQLite and on a PostgreSQL of their own, side by side (``killing``).

On a machine with many processors each database has several lanes, which take turns at the places
of every act: one lane of each for two processors.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
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
    given: dict[str, Any] = {"quick": known.quick, "acts": known.act}
    # the quick run stays on SQLite, unless told otherwise
    on_server = known.on == "postgresql" or not (known.on or known.quick)
    lanes_each = 1 if known.quick else max(1, (os.cpu_count() or 1) // 2)
    running: dict[str, list[lanes.Lane]] = {}
    with ExitStack() as stack:
        for number in range(lanes_each):
            share: dict[str, Any] = {"share": number, "of": lanes_each}
            if known.on != "postgresql":
                lane = lanes.start("killing.run", **given, **share)
                running.setdefault("sqlite", []).append(lane)
            if on_server:
                url = stack.enter_context(servers.postgres())
                lane = lanes.start("killing.run", url, **given, **share)
                running.setdefault("postgresql", []).append(lane)
        found = {name: _together(map(lanes.answer, own)) for name, own in running.items()}
    enough = known.quick or known.act or all(f.get("points", 0) >= AT_LEAST for f in found.values())
    holds = bool(enough) and all(one["holds"] for one in found.values())
    return {"holds": holds, **found}


def _together(answers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The figures of all lanes of one database; the slowest tells the seconds."""
    all_ = list(answers)
    broken = [one for one in all_ if "error" in one]
    if broken:
        return broken[0]
    found = dict(all_[0])
    for one in all_[1:]:
        for key, value in one.items():
            if key == "seconds":
                found[key] = max(found[key], value)
            elif key == "acts":
                found[key] = dict(Counter(found[key]) + Counter(value))
            elif key == "holds":
                found[key] = found[key] and value
            elif key != "database":
                found[key] = found[key] + value
    return found
