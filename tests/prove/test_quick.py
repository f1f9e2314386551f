"""The small part of ``bin/prove`` that runs with every test: some kills, and an update."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.architecture import ROOT


def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.prove", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False
    )


def test_nothing_is_lost_doubled_or_half_done() -> None:
    done = prove("--quick", "--json")
    found = json.loads(done.stdout)
    assert found["holds"], found
    kills = found["kills"]["sqlite"]
    assert kills["points"] == kills["fired"] >= 15
    assert (kills["lost"], kills["doubled"], kills["half_done"]) == (0, 0, 0)
    assert found["upgrade"]["rows"] > 0
    assert done.returncode == 0


def test_a_part_that_is_none_is_refused() -> None:
    done = prove("luck")
    assert done.returncode == 2
    assert "there is no part luck" in done.stderr
