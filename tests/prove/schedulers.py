"""Four schedulers at once on 300 deadlines: exactly 300 notices (``scheduling``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove schedulers")
    parser.add_argument("--quick", action="store_true", help="one round instead of five")
    known = parser.parse_args(arguments)
    with servers.postgres() as url:
        return lanes.answer(lanes.start("scheduling.run", url, rounds=1 if known.quick else 5))
