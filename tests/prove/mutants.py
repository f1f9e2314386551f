"""Broken engines: each breaks one guard in a copy of the sources, and named tests must fail for it.

``bin/prove mutants`` plays all of them; ``--only=KEY,…`` some. A break that no longer
fits its source, or tests that fail without it too, prove nothing and are told as such.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests import servers
from tests.architecture import FLOORS, ROOT
from tests.prove.breaks import MUTANTS, Mutant

PARTS = (*FLOORS, "tests", "templates", "static", "bin", "locale", "deploy", "docs")
FILES = ("manage.py", "pyproject.toml", "constraints.txt", "requirements.txt")
FAILED = re.compile(r"^FAILED (\S+?)(?:\[| - |$)", re.MULTILINE)
LONGEST = 300  # seconds for the tests of one mutant
SOUND, TESTS_FAIL = 0, 1  # what pytest answers


def main(arguments: list[str]) -> dict[str, Any]:
    """{"mutants": how many, "caught": how many, "survived": keys, …}; ``holds``: all were caught
    by tests that pass without them."""
    parser = ArgumentParser(prog="bin/prove mutants")
    parser.add_argument("--only", metavar="KEY,…", default="", help="some, by their keys")
    parser.add_argument("--quick", action="store_true", help="two of them, without a database")
    known = parser.parse_args(arguments)
    wanted = {key.strip() for key in known.only.split(",") if key.strip()}
    strange = sorted(wanted - {one.key for one in MUTANTS})
    if strange:
        parser.error(f"there is no mutant {strange[0]}")
    chosen = [one for one in MUTANTS if not wanted or one.key in wanted]
    if known.quick:
        chosen = [one for one in chosen if one.is_quick]
    begun = time.monotonic()
    with _trees(_lanes(chosen)) as trees, _postgres(chosen) as url:
        red = _red_without(chosen, trees, url)
        with ThreadPoolExecutor(trees.qsize()) as pool:
            found = list(pool.map(lambda one: _judge(one, trees, url), chosen))
    caught = [one.key for one, how in zip(chosen, found, strict=True) if how["is_caught"]]
    survived = [one.key for one in chosen if one.key not in caught]
    return {
        "mutants": len(chosen),
        "caught": len(caught),
        "survived": survived,
        "red_without": red,
        "each": found,
        "seconds": round(time.monotonic() - begun),
        "holds": bool(chosen) and not survived and not red,
    }


def _lanes(chosen: Sequence[Mutant]) -> int:
    return max(1, min(len(chosen), os.cpu_count() or 1))


def _judge(mutant: Mutant, trees: SimpleQueue[Path], url: str) -> dict[str, Any]:
    """What became of one mutant: which of its tests failed, if any."""
    tree = trees.get()
    try:
        with _broken(tree, mutant) as fits:
            failed, said = _run(tree, mutant, url) if fits else (set(), "does not fit")
    finally:
        trees.put(tree)
    answer = {"key": mutant.key, "what": mutant.what, "is_caught": bool(failed)}
    return answer | {"by": sorted(failed)} if failed else answer | {"said": said[-600:]}


def _red_without(chosen: Sequence[Mutant], trees: SimpleQueue[Path], url: str) -> list[str]:
    """The named tests that fail in the sound engine: what they say of a mutant counts for nothing;
    as do names that no test has."""
    tree, red = trees.get(), []
    try:
        for database in sorted({one.database for one in chosen}):
            tests = sorted({t for one in chosen if one.database == database for t in one.tests})
            answer = _pytest(tree, tests, url if database else "", stop=False)
            red += sorted(_failed(answer))
            if answer.returncode not in (SOUND, TESTS_FAIL):
                red.append(answer.stdout[-600:])
    finally:
        trees.put(tree)
    return red


def _run(tree: Path, mutant: Mutant, url: str) -> tuple[set[str], str]:
    try:
        answer = _pytest(tree, mutant.tests, url if mutant.database else "", stop=True)
    except subprocess.TimeoutExpired:
        return set(), "took too long"
    failed = _failed(answer) if answer.returncode == TESTS_FAIL else set()
    return failed, answer.stdout


def _pytest(
    tree: Path, tests: Iterable[str], url: str, *, stop: bool
) -> subprocess.CompletedProcess[str]:
    away = {"DATABASE_URL", "REDIS_URL", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"}
    environment = {k: v for k, v in os.environ.items() if k not in away}
    # a mutant of the same second and length would be taken for the sound source
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"} | ({"DATABASE_URL": url} if url else {})
    environment["PYTEST_XDIST_WORKER"] = f"tree{tree.name}"  # a database of its own
    quiet = ["-q", "--tb=line", "-rfE", "-p", "no:xdist", "-p", "no:randomly", *["-x"] * stop]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *tests],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def _failed(answer: subprocess.CompletedProcess[str]) -> set[str]:
    return set(FAILED.findall(answer.stdout))


# --- the copies ----------------------------------------------------------------------------------
@contextmanager
def _trees(count: int) -> Iterator[SimpleQueue[Path]]:
    """Copies of the sources, each for one mutant at a time."""
    with tempfile.TemporaryDirectory(prefix="xiaohao-mutants-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            trees.put(_copied(Path(folder) / str(number)))
        yield trees


def _copied(tree: Path) -> Path:
    tree.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tree / part, symlinks=True)
    for name in FILES:
        shutil.copy2(ROOT / name, tree / name)
    return tree


@contextmanager
def _broken(tree: Path, mutant: Mutant) -> Iterator[bool]:
    """The source of one guard without it; whether the break fits exactly one place."""
    path = tree / mutant.path
    sound = path.read_text("utf-8")
    if sound.count(mutant.old) != 1:
        yield False
        return
    path.write_text(sound.replace(mutant.old, mutant.new), "utf-8")
    for stale in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        stale.unlink()
    try:
        yield True
    finally:
        path.write_text(sound, "utf-8")


@contextmanager
def _postgres(chosen: Sequence[Mutant]) -> Iterator[str]:
    """A server for those whose guard only PostgreSQL asks for."""
    if not any(one.database for one in chosen):
        yield ""
        return
    with servers.postgres() as url:
        yield url
