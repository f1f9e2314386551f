"""``bin/prove [part …] [--json] [--quick]``: what must never be lost or doubled, with figures.

Each part runs in a process of its own, on databases and servers of its own, and answers with one
JSON object; ``holds`` says whether everything in it is as it must be. Ends with 1 otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from tests.prove.setting_up import catalogues

# in the order in which they run; each is a module with main(arguments) -> dict
PARTS = (
    "kills", "faults", "schedulers", "outage", "stops", "hanging", "backups", "upgrade", "plays",
    "files", "guards", "mutants",
)  # fmt: skip
QUICK = ("kills", "upgrade")


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="bin/prove", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=" | ".join(PARTS))
    parser.add_argument("--json", action="store_true", help="only the figures, as JSON")
    parser.add_argument("--quick", action="store_true", help="a small part of it, in seconds")
    parser.add_argument("--here", action="store_true", help="one part, in this very process")
    known, more = parser.parse_known_args(arguments)
    strange = [part for part in known.parts if part not in PARTS]
    if strange:
        parser.error(f"there is no part {strange[0]}; there are {', '.join(PARTS)}")
    if known.here:
        return _here(known.parts[0], ["--quick", *more] if known.quick else more)
    return _all(known.parts or (QUICK if known.quick else PARTS), known.json, known.quick, more)


def _here(part: str, arguments: list[str]) -> int:
    found: dict[str, Any] = import_module(f"tests.prove.{part}").main(arguments)
    print(json.dumps(found, ensure_ascii=False))
    return 0 if found["holds"] else 1


def _all(parts: Any, as_json: bool, quick: bool, more: list[str]) -> int:
    # before any part: what is compared must have been said in one language
    catalogues()
    figures: dict[str, Any] = {}
    for part in parts:
        begun = time.monotonic()
        figures[part] = _run(part, (["--quick"] if quick else []) + more, as_json)
        figures[part].setdefault("seconds", round(time.monotonic() - begun, 1))
        if not as_json:
            print(f"{part}: {json.dumps(figures[part], ensure_ascii=False)}", flush=True)
    holds = all(found["holds"] for found in figures.values())
    if as_json:
        print(json.dumps({"holds": holds, **figures}, ensure_ascii=False))
    else:
        print("holds" if holds else "DOES NOT HOLD")
    return 0 if holds else 1


def _run(part: str, more: list[str], is_silent: bool) -> dict[str, Any]:
    """The last line is the answer; what is said on the way goes to standard error."""
    command = [sys.executable, "-m", "tests.prove", part, "--here", *more]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_silent else None,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    lines = done.stdout.splitlines()
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        found = {"holds": False, "error": f"ended with {done.returncode} and no figures"}
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
