"""PostgreSQL stopped ``immediate`` again and again while people work (``stopping``)."""

from __future__ import annotations

import subprocess
import time
from argparse import ArgumentParser
from typing import Any

from tests.prove import lanes
from tests.prove.cluster import cluster

STOPS, WORKING_SECONDS, PATIENCE_SECONDS = 15, 1.0, 60


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove stops")
    parser.add_argument("--quick", action="store_true", help="three stops")
    known = parser.parse_args(arguments)
    stops = 3 if known.quick else STOPS
    with cluster() as server:
        lane = lanes.start("stopping.run", server.url)
        assert lane.stdout is not None
        lane.stdout.readline()  # it has begun to work
        slowest = 0.0
        for _stop in range(stops):
            time.sleep(WORKING_SECONDS)
            server.stop()
            slowest = max(slowest, server.start())
        time.sleep(WORKING_SECONDS)
        lane.send_signal(15)
        begun = time.monotonic()
        found = _answer(lane)
        took = time.monotonic() - begun
    found |= {"stops": stops, "slowest_start": round(slowest, 1), "caught_up": round(took, 1)}
    found["holds"] = bool(found["holds"]) and took < PATIENCE_SECONDS
    return found


def _answer(lane: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        return lanes.answer(lane)
    finally:
        lane.kill()
