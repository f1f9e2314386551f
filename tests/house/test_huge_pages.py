"""``bin/huge-pages``: where its library cannot be had the command runs as it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import huge
from tests.architecture import ROOT

BROKEN = "\tlibjemalloc.so.2 (libc6,x86-64) => {folder}/broken.so.2\n"


@pytest.mark.parametrize("told", ["", BROKEN])
def test_without_its_library_the_command_runs_as_it_is(tmp_path: Path, told: str) -> None:
    (tmp_path / "broken.so.2").write_text("no library")
    (tmp_path / "told").write_text(told.format(folder=tmp_path))
    (tmp_path / "ldconfig").write_text(f"#!/bin/sh\ncat {tmp_path}/told\n")
    (tmp_path / "ldconfig").chmod(0o755)
    done = subprocess.run(
        [ROOT / "bin/huge-pages", "sh", "-c", 'echo "$1 ${LD_PRELOAD-none}"', "-", "two words"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("two words none\n", "")


def test_what_is_put_together_is_what_it_was() -> None:
    parts = [bytes([number]) * huge.SIZE for number in range(8)]
    assert huge.collapse() % huge.SIZE == 0
    assert parts == [bytes([number]) * huge.SIZE for number in range(8)]
