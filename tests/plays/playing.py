"""Plans played through, and the same on the other database.

``XIAOHAO_GAMES`` and ``XIAOHAO_MOVES`` play longer than the quick suite does. bin/test plays all
games on SQLite and one of each plan again on PostgreSQL; all of them there as well:
``.venv/bin/python -m tests.servers .venv/bin/python -m pytest -n auto tests/plays``.
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

from django.db import transaction

from cases import rulebook
from tests.architecture import FLOORS, ROOT
from tests.conftest import on_postgres
from tests.plays.city import again, set_up
from tests.plays.diary import digest
from tests.plays.game import Game
from tests.plays.laws import LAWS
from workflows.issuing import seed_calendar
from workflows.models import forget_calendar

GAMES = int(os.environ.get("XIAOHAO_GAMES", "2"))  # of each plan
MOVES = int(os.environ.get("XIAOHAO_MOVES", "420"))  # of each game
LOOK = 42  # moves after which everything is looked at


@dataclass
class Played:
    """What came of some plans: moves, deeds done, a figure of everything that happened by game."""

    moves: int = 0
    done: Counter[str] = field(default_factory=Counter)
    digests: dict[str, str] = field(default_factory=dict)


def play(plans: Sequence[int]) -> Played:
    """Each plan with its games; every game is rolled back."""
    seed_calendar()
    found = Played()
    for plan in plans:
        with transaction.atomic():
            city = set_up(plan, 0)
            for seed in range(GAMES):
                point = transaction.savepoint()
                game = again(city, seed)
                _play(game)
                found.moves += game.steps
                found.done += game.done
                found.digests[f"{plan}/{seed}"] = digest()
                transaction.savepoint_rollback(point)
                forget_calendar()
                city.forget_actors()
            transaction.set_rollback(True)
        rulebook.pack_of.cache_clear()
    return found


def _play(game: Game) -> None:
    while game.steps < MOVES:
        before = game.steps // LOOK
        game.step()
        if game.steps // LOOK > before:
            look(game)
    game.finish()
    look(game)


def look(game: Game) -> None:
    for law in LAWS:
        try:
            law(game)
        except AssertionError as broken:
            where = f"plan {game.number}, game {game.seed}, move {game.steps}: {law.__name__}"
            raise AssertionError(where) from broken


# --- the other database --------------------------------------------------------------------------
def check(plans: Sequence[int], file: str) -> Played:
    """Play, and on PostgreSQL compare with what SQLite said of the same games.

    The first pass leaves its figures for the second one; without it they are made beside this one.
    """
    kept = Path(tempfile.gettempdir()) / f"xiaohao-plays-{sources()[:16]}-{plans[0]}.json"
    if not on_postgres():
        found = play(plans)
        kept.write_text(json.dumps(found.digests))
    else:
        other = None if _games(plans) <= _known(kept).keys() else _Other(file, kept)
        found = play(plans)
        if other is not None:
            other.wait()
        known = _known(kept)
        assert found.digests == {game: known[game] for game in _games(plans)}
        kept.unlink()
    assert found.moves >= GAMES * MOVES * len(plans)
    return found


def _games(plans: Sequence[int]) -> set[str]:
    return {f"{plan}/{seed}" for plan in plans for seed in range(GAMES)}


def _known(kept: Path) -> dict[str, str]:
    """What the first pass said of each game; it may have played more of them."""
    known: dict[str, str] = json.loads(kept.read_text()) if kept.is_file() else {}
    return known


class _Other:
    """The same games in another process, on SQLite, while this one plays."""

    def __init__(self, file: str, kept: Path) -> None:
        self.kept = kept
        away = ("DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")
        environment = {k: v for k, v in os.environ.items() if k not in away}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", file],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self) -> None:
        said, _nothing = self.process.communicate(timeout=600)
        assert self.process.returncode == 0, said
        assert self.kept.is_file(), said


def sources() -> str:
    """A hash of everything that decides how a game ends, but for how many of them are played."""
    found = sha256(f"{MOVES}".encode())
    for folder in (*FLOORS, "tests/plays"):
        paths = sorted((ROOT / folder).rglob("*.py"))
        for path in (path for path in paths if not path.name.startswith("test_")):
            found.update(path.read_bytes())
    found.update((ROOT / "tests/world.py").read_bytes())
    return found.hexdigest()
