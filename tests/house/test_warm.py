"""A child that is forked answers, fails and ends as one that is started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warm import Children

CHILD = """
import os, signal, sys, time
if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    print(os.getppid(), flush=True)
    if sys.argv[1] == "wait":
        time.sleep(60)
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stderr.write(given.decode())
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def children() -> Iterator[Children]:
    found = Children()
    yield found
    found.leave()


def test_forked_and_started_children_do_the_same(children: Children, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(CHILD)
    known: dict[str, list[tuple[int, bytes]]] = {}
    parents = set()
    for _time in range(3):
        for wish in ("0", "3", "killed"):
            done = children.run(
                [sys.executable, "-I", str(child), wish],
                input=b"told",
                capture_output=True,
                timeout=30,
                env={},
            )
            parents.add(done.stdout)
            known.setdefault(wish, []).append((done.returncode, done.stderr))
    assert known == {
        "0": [(0, b"told")] * 3,
        "3": [(3, b"told")] * 3,
        "killed": [(-9, b"")] * 3,
    }
    # started by us, then forked by one that waits
    assert len(parents) == 2
    with pytest.raises(subprocess.TimeoutExpired):
        children.run(
            [sys.executable, "-I", str(child), "wait"], capture_output=True, timeout=0.3, env={}
        )


def test_a_child_that_cannot_be_loaded_says_so_itself(children: Children, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text("raise OSError('cannot load library')")
    for _time in range(3):
        done = children.run(
            [sys.executable, "-I", str(child)], capture_output=True, timeout=30, env={}
        )
        assert done.returncode == 1
        assert b"cannot load library" in done.stderr
