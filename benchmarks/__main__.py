"""``bin/bench [part …] [--json] [--quick]``: the hot paths against a limit or a peer.

Each part runs in a process of its own, on a database of its own, and answers with one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

# each is a module with main(arguments) -> dict: {"name": {"ratio", "goal", "holds", …}}
PARTS = (
    "moves",
    "moves_at_once",
    "moves_sqlite",
    "opening",
    "opening_sqlite",
    "bulk",
    "sweep",
    "pages",
    "letters",
    "workbooks",
    "mails",
    "load",
    "scaling",
    "whole",
    "imports",
)
# … and what takes long: run when named
LONG = ("growth", "exports", "every_list", "closings")


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=" | ".join((*PARTS, *LONG)))
    parser.add_argument("--json", action="store_true", help="only the figures, as JSON")
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it runs at all")
    parser.add_argument("--here", action="store_true", help="one part, in this very process")
    known = parser.parse_args(arguments)
    strange = [part for part in known.parts if part not in (*PARTS, *LONG)]
    if strange:
        parser.error(f"there is no part {strange[0]}; there are {', '.join((*PARTS, *LONG))}")
    if known.here:
        made: dict[str, Any] = import_module(f"benchmarks.{known.parts[0]}").main(known.quick)
        print(json.dumps(made, ensure_ascii=False))
        return 0
    figures = {part: _run(part, is_quick=known.quick) for part in known.parts or PARTS}
    if known.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for part, found in figures.items():
            for name, row in found.items():
                print(f"{part}: {name}: {json.dumps(row, ensure_ascii=False)}")
    return 0


def _run(part: str, *, is_quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", part, "--here", *(["--quick"] * is_quick)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
