"""Work that needs Django runs in a lane: a process of its own on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import Any

from tests.prove.setting_up import set_up

Lane = subprocess.Popen[str]


def start(work: str, database: str = "", **given: Any) -> Lane:
    """``work``: ``module.function`` of this package, called with ``given``; niced."""
    command = [sys.executable, "-m", "tests.prove.lanes", work, database, json.dumps(given)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=_be_nice)


def _be_nice() -> None:
    os.nice(1)


def answer(lane: Lane) -> dict[str, Any]:
    """What it found; where it broke, that nothing holds."""
    out, _errors = lane.communicate()
    lines = out.splitlines()
    if lane.returncode or not lines:
        return {"holds": False, "error": f"a lane ended with {lane.returncode}"}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def main(work: str, database: str, given: str) -> None:
    set_up(database)
    module, _dot, function = work.rpartition(".")
    found = getattr(import_module(f"tests.prove.{module}"), function)(**json.loads(given))
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
