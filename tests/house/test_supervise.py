"""Children are restarted when they die and gone when we are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.architecture import ROOT

SCRIPT = """
import sys
from config.supervise import Child, Supervisor
command, once = sys.argv[1], sys.argv[2] == "once"
sys.exit(Supervisor([Child("child", ["sh", "-c", command], once=once)], grace=1.0).run())
"""


def supervise(command: str, once: str = "always") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT, command, once], cwd=ROOT)


def wait_until(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        # a zombie has ended; only its parent has not looked yet
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_child_that_dies_is_started_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(f"echo $$ >> {log}; exec sleep 60")
    wait_until(lambda: len(lines(log)) == 1)
    os.kill(int(lines(log)[0]), signal.SIGKILL)
    wait_until(lambda: len(lines(log)) == 2)
    parent.terminate()
    assert parent.wait(10) == 0
    assert not is_alive(int(lines(log)[1]))


def test_restarts_slow_down(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(f"echo again >> {log}; exit 1")
    wait_until(lambda: len(lines(log)) >= 2)
    time.sleep(2)
    parent.terminate()
    assert parent.wait(10) == 0
    # at once, after 1 s, after 2 more; a child that always fails must not eat the machine
    assert 2 <= len(lines(log)) <= 4


def test_once_means_until_it_succeeds(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(f"echo x >> {log}; test $(wc -l < {log}) -ge 2", "once")
    wait_until(lambda: len(lines(log)) == 2)
    time.sleep(3)
    assert len(lines(log)) == 2
    parent.terminate()
    assert parent.wait(10) == 0


def test_child_is_asked_before_it_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(
        f"trap 'echo asked >> {log}; exit' TERM; echo up >> {log}; while :; do sleep 0.1; done"
    )
    wait_until(lambda: lines(log) == ["up"])
    parent.send_signal(signal.SIGINT)
    assert parent.wait(10) == 0
    assert lines(log) == ["up", "asked"]


def test_deaf_child_and_its_children_are_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(
        f"trap '' TERM; sleep 60 & echo $$ >> {log}; echo $! >> {log}; while :; do sleep 1; done"
    )
    wait_until(lambda: len(lines(log)) == 2)
    start = time.monotonic()
    parent.terminate()
    assert parent.wait(10) == 0
    assert time.monotonic() - start < 5
    wait_until(lambda: not any(is_alive(int(pid)) for pid in lines(log)))


def test_no_orphans_when_the_parent_is_killed_outright(tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent = supervise(f"echo $$ >> {log}; exec sleep 60")
    wait_until(lambda: len(lines(log)) == 1)
    parent.kill()
    parent.wait(10)
    wait_until(lambda: not is_alive(int(lines(log)[0])))
