"""A Redis that is stopped in the midst of its work: nobody waits, nothing is lost (``waiting``)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.prove import lanes


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove hanging")
    parser.add_argument("--quick", action="store_true", help="on SQLite instead of PostgreSQL")
    known = parser.parse_args(arguments)
    with servers.redis() as redis_url:
        if known.quick:
            return lanes.answer(lanes.start("waiting.run", redis_url=redis_url))
        with servers.postgres() as url:
            return lanes.answer(lanes.start("waiting.run", url, redis_url=redis_url))
