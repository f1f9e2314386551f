"""Bad files: each is refused in words, by the upload of papers and by the imports, within bounds.

Every file of ``tests.bad_files`` is met in a process of its own, whose time and memory are counted,
with the children that look into it; then all are sent through the pages.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_files import EVIDENCE, Bad

SECONDS, MEGABYTES = 2.0, 300
QUICK = 12  # every so many
PAGES = "tests/cases/views/test_evidence.py::test_no_bad_file_comes_in"


def main(arguments: list[str]) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("XIAOHAO_VAR", tempfile.mkdtemp(prefix="xiaohao-files-"))
    import django

    django.setup()
    found = EVIDENCE[::QUICK] if "--quick" in arguments else EVIDENCE
    upload, imports = _measured(found, _upload), _measured(found, _import)
    pages = _pages() if "--quick" not in arguments else ""
    wrong = {**upload.pop("wrong"), **imports.pop("wrong")}
    holds = not wrong and not pages and len(EVIDENCE) >= 150
    return {"holds": holds, "files": len(found), "upload": upload, "import": imports,
            "pages": pages or "0 crashes, 0 taken", "wrong": wrong}  # fmt: skip


def _measured(found: tuple[Bad, ...], meet: Callable[[Bad], str]) -> dict[str, Any]:
    seconds = megabytes = 0.0
    wrong: dict[str, str] = {}
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for bad in found:
        words, took, memory = _apart(bad, meet, base)
        seconds, megabytes = max(seconds, took), max(megabytes, memory)
        if words or took > SECONDS or memory > MEGABYTES:
            wrong[f"{meet.__name__} {bad.name!a}"] = words or f"{took:.1f} s, {memory:.0f} MB"
    return {"slowest_seconds": round(seconds, 2), "largest_mb": round(megabytes), "wrong": wrong}


def _apart(bad: Bad, meet: Callable[[Bad], str], base: int) -> tuple[str, float, float]:
    """In a fork: the complaint, seconds of the processor, megabytes above what it began with."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            words = meet(bad)
        except BaseException as crash:
            words = f"crashed: {crash!r}"
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = time.process_time() - bad_made[0] + children.ru_utime + children.ru_stime
        own = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base, 0)
        memory = max(own, children.ru_maxrss) / 1024
        os.write(writing, f"{spent}\n{memory}\n{words}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        took, grown, said = answer.read().split("\n", 2)
    os.waitpid(pid, 0)
    return said, float(took), float(grown)


# when the file was made and the check began: making a bomb is not what is measured
bad_made = [0.0]


def _upload(bad: Bad) -> str:
    from django.core.files.base import ContentFile

    from cases import uploads
    from cases.errors import Refused

    content = bad.make()
    bad_made[0] = time.process_time()
    try:
        uploads.check(ContentFile(content), bad.name)
    except Refused as refusal:
        return "" if refusal.code == bad.code and len(refusal.words) > 10 else refusal.code
    return "was taken"


def _import(bad: Bad) -> str:
    """The bytes as a workbook, whatever the file was called."""
    from enterprises.importing.refusal import ImportRefused
    from enterprises.importing.workbook import read_workbook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.xlsx"
        path.write_bytes(bad.make())
        bad_made[0] = time.process_time()
        try:
            read_workbook(path, bad.name)
        except ImportRefused as refusal:
            return "" if len(refusal.words) > 10 else refusal.code
    return "was taken"


def _pages() -> str:
    """Nothing, or what the run through the pages says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", PAGES],
        capture_output=True, text=True, check=False,
        env={**os.environ, "XIAOHAO_EVERY_BAD_FILE": "1"},
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout[-2000:]
