"""What is proved by tests of their own: the trail, who may pass which door, forms, signing in.

Each line is a run of its tests; ``passed`` counts them (a test of a matrix looks at all its cells).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.architecture import ROOT

# by line of the table: files or folders, and whether PostgreSQL has guards of its own there
LINES: dict[str, tuple[tuple[str, ...], bool]] = {
    "trail": (("tests/cases/test_trail.py",), True),
    "sign_in": (("tests/organisations/test_sign_in.py",), False),
    "bad_input": (("tests/config/test_bad_input.py",), False),
    "matrix": (
        ("tests/cases/test_matrix.py", "tests/cases/test_beside_matrix.py",
         "tests/cases/test_matter_matrix.py", "tests/cases/test_opening_matrix.py"),
        False,
    ),
    "doors": (("tests/outsiders",), False),
}  # fmt: skip
QUICK = ("trail",)
PASSED = re.compile(r"(\d+) passed")


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove guards")
    parser.add_argument("--quick", action="store_true", help="the trail, on SQLite")
    known = parser.parse_args(arguments)
    chosen = {key: LINES[key] for key in (QUICK if known.quick else LINES)}
    found: dict[str, dict[str, Any]] = {
        key: {"sqlite": _run(files)} for key, (files, _both) in chosen.items()
    }
    both = [] if known.quick else [key for key, (_files, both) in chosen.items() if both]
    if both:
        with servers.postgres() as url:
            for key in both:
                found[key]["postgresql"] = _run(chosen[key][0], url)
    holds = all(run["holds"] for line in found.values() for run in line.values())
    return {"holds": holds, **found}


def _run(files: tuple[str, ...], url: str = "") -> dict[str, Any]:
    away = ("DATABASE_URL", "REDIS_URL", "PYTEST_ADDOPTS")
    environment = {k: v for k, v in os.environ.items() if k not in away}
    environment |= {"DATABASE_URL": url} if url else {}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *files],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    passed = PASSED.search(done.stdout)
    answer = {
        "holds": done.returncode == 0 and passed is not None,
        "passed": int(passed[1]) if passed else 0,
        "seconds": round(time.monotonic() - begun),
    }
    return answer if answer["holds"] else answer | {"said": done.stdout[-2000:]}
