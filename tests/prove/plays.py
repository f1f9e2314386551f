"""The property test with its figures: invented plans, played on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from tests.architecture import ROOT

FILES = tuple(sorted(f"tests/plays/{path.name}" for path in ROOT.glob("tests/plays/test_plans_*")))
PLANS = re.compile(r"^PLANS = \(([\d, ]+)\)$", re.MULTILINE)
LAW = re.compile(r"^    \w+,$", re.MULTILINE)
USUAL = {"XIAOHAO_GAMES": "2", "XIAOHAO_MOVES": "420"}  # as in tests/plays/playing.py
QUICK = {"XIAOHAO_GAMES": "1"}


def main(arguments: list[str]) -> dict[str, Any]:
    """{"moves": on each database, "laws": …, "equal": whether all games ended alike}."""
    parser = ArgumentParser(prog="bin/prove plays")
    parser.add_argument("--quick", action="store_true", help="three plans, a game of each")
    known = parser.parse_args(arguments)
    files = FILES[:1] if known.quick else FILES
    away = ("DATABASE_URL", "REDIS_URL", "PYTEST_ADDOPTS")
    environment = {k: v for k, v in os.environ.items() if k not in away}
    environment = {**USUAL, **environment} | (QUICK if known.quick else {})
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", *files],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    plans = sum(_plans((ROOT / file).read_text("utf-8")) for file in files)
    games = plans * int(environment["XIAOHAO_GAMES"])
    answer = {
        "plans": plans,
        "games": games,
        "moves": games * int(environment["XIAOHAO_MOVES"]),
        "databases": ["sqlite", "postgresql"],
        "laws": _laws((ROOT / "tests/plays/laws.py").read_text("utf-8")),
        "equal": done.returncode == 0,
        "seconds": round(time.monotonic() - begun),
        "holds": done.returncode == 0,
    }
    return answer if answer["holds"] else answer | {"said": done.stdout[-2000:]}


def _plans(source: str) -> int:
    found = PLANS.search(source)
    return len(found[1].split(",")) if found else 0


def _laws(source: str) -> int:
    return len(LAW.findall(source[source.index("LAWS: tuple") :]))
