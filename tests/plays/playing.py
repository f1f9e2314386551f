"""Plans played through, and the same on the other database.

All of the games are played on SQLite and on PostgreSQL, and the figures of both are compared:
bin/test's first pass keeps those of SQLite for its second one. Whoever runs these files alone has
both databases play, one beside the other. ``XIAOHAO_GAMES`` and ``XIAOHAO_MOVES`` play longer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction

from cases import rulebook
from tests import servers
from tests.architecture import FLOORS, ROOT
from tests.conftest import on_postgres
from tests.plays.city import again, set_up
from tests.plays.diary import digest
from tests.plays.ending import finish
from tests.plays.game import Game
from tests.plays.laws import LAWS
from tests.plays.seen import Seen
from tests.plays.sight import Sight
from workflows.issuing import seed_calendar
from workflows.models import forget_calendar

GAMES = int(os.environ.get("XIAOHAO_GAMES", "2"))  # of each plan
MOVES = int(os.environ.get("XIAOHAO_MOVES", "420"))  # of each game
BESIDE = "XIAOHAO_PLAYS_BESIDE"  # where to keep the figures, and nothing to compare them with
LOOK = 42  # moves after which everything is looked at


@dataclass
class Played:
    """What came of some plans: moves, deeds done, a figure of everything that happened by game."""

    moves: int = 0
    done: Counter[str] = field(default_factory=Counter)
    digests: dict[str, str] = field(default_factory=dict)


def play(plans: Sequence[int], sight: Sight | None = None) -> Played:
    """Each plan with its games; each is rolled back. ``sight``: the laws are tried as well."""
    seed_calendar()
    found = Played()
    for plan in plans:
        with transaction.atomic():
            city = set_up(plan, 0)
            for seed in range(GAMES):
                point = transaction.savepoint()
                game = again(city, seed)
                game.year_ends_at = MOVES * 4 // 5
                _play(game, sight)
                found.moves += game.steps
                found.done += game.done
                found.digests[f"{plan}/{seed}"] = digest()
                transaction.savepoint_rollback(point)
                forget_calendar()
            transaction.set_rollback(True)
        rulebook.pack_of.cache_clear()
    return found


def _play(game: Game, sight: Sight | None) -> None:
    while game.steps < MOVES:
        before = game.steps // LOOK
        game.step()
        if game.steps // LOOK > before:
            look(game)
            if sight is not None:
                sight.look(game)
    finish(game)
    look(game)


def look(game: Game) -> None:
    seen = Seen(game.trail)
    for law in LAWS:
        try:
            law(game, seen)
        except AssertionError as broken:
            where = f"plan {game.number}, game {game.seed}, move {game.steps}: {law.__name__}"
            raise AssertionError(where) from broken


# --- the other database --------------------------------------------------------------------------
def check(
    plans: Sequence[int], file: str, config: pytest.Config, sight: Sight | None = None
) -> Played:
    """Play, and compare with what the other database said of the same games."""
    mine, theirs = _kept(plans, on_postgres()), _kept(plans, not on_postgres())
    is_first = bool(config.getoption("--counts-to"))  # another pass will compare
    is_beside = BESIDE in os.environ
    other = None
    if not (is_first or is_beside) and not _figures(theirs) and (on_postgres() or _has_postgres()):
        other = _Other(file, theirs)
    found = play(plans, sight)
    assert found.moves >= GAMES * MOVES * len(plans)
    if other is not None:
        other.wait()
    known = {} if is_first or is_beside else _figures(theirs)
    if not known:
        Path(os.environ.get(BESIDE, mine)).write_text(json.dumps(found.digests))
        assert is_beside or not on_postgres()
        return found
    assert found.digests == known
    theirs.unlink()
    return found


def _kept(plans: Sequence[int], is_postgres: bool) -> Path:
    """Where the figures of one database lie: for these sources, plans and lengths only."""
    vendor = "postgresql" if is_postgres else "sqlite"
    name = f"xiaohao-plays-{sources()[:16]}-{plans[0]}-{vendor}.json"
    return Path(tempfile.gettempdir()) / name


def _figures(kept: Path) -> dict[str, str]:
    """By game; nothing where nobody has played yet."""
    known: dict[str, str] = json.loads(kept.read_text()) if kept.is_file() else {}
    return known


def _has_postgres() -> bool:
    return servers.postgres_folder() is not None


class _Other:
    """The same games in another process, on the other database, while this one plays."""

    def __init__(self, file: str, kept: Path) -> None:
        away = ("DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")
        environment = {k: v for k, v in os.environ.items() if k not in away}
        environment[BESIDE] = str(kept)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", file]
        if not on_postgres():
            command = [sys.executable, "-m", "tests.servers", *command]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self) -> None:
        said, _nothing = self.process.communicate(timeout=900)
        assert self.process.returncode == 0, said


def sources() -> str:
    """A hash of everything that decides how a game ends."""
    found = sha256(f"{GAMES} {MOVES}".encode())
    for folder in (*FLOORS, "tests/plays"):
        paths = sorted((ROOT / folder).rglob("*.py"))
        for path in (path for path in paths if not path.name.startswith("test_")):
            found.update(path.read_bytes())
    found.update((ROOT / "tests/world.py").read_bytes())
    return found.hexdigest()
