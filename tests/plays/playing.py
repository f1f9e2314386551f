"""Plans played through, and the same on the other database.

All of the games are played on SQLite and on PostgreSQL, and the figures of both are compared.
Whoever runs these files alone (as bin/prove does) has both databases play, one beside the other.
Of bin/test's two passes the first plays one game of each plan, of every second plan the one in
which days of work are moved; the second plays those of each third plan, and whichever pass
comes later compares. ``XIAOHAO_GAMES`` and ``XIAOHAO_MOVES`` play longer.
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
from pathlib import Path

import pytest
from django.db import transaction

from cases import rulebook
from tests import servers
from tests.architecture import ROOT
from tests.conftest import on_postgres
from tests.ground import forget
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
# the ends and the ladder, not only refusals
REACHED = {"onward", "accept_all", "suspend", "resume", "rungs", "return", "reopen", "reassign"}


@dataclass
class Played:
    """What came of some plans: moves, deeds done, a figure of everything that happened by game."""

    moves: int = 0
    done: Counter[str] = field(default_factory=Counter)
    digests: dict[str, str] = field(default_factory=dict)


def play(plans: Sequence[int], sight: Sight | None = None, *, is_whole: bool = True) -> Played:
    """Each plan with its games, or with one of them; each is rolled back.

    ``sight``: the laws are tried as well.
    """
    # of another city, whose ids are the same
    forget()
    seed_calendar()
    found = Played()
    for plan in plans:
        with transaction.atomic():
            city = set_up(plan, 0)
            # in every second game days of work are moved
            for seed in range(GAMES) if is_whole else [(plan + 1) % GAMES]:
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
    pair = config.getoption("--counts-to")  # the other pass plays them too
    other = None
    if not (pair or BESIDE in os.environ) and (on_postgres() or _has_postgres()):
        other = _Other(file)
    is_whole = not pair
    chosen = plans[: len(plans) // 3] if pair and on_postgres() else plans
    found = play(chosen, sight, is_whole=is_whole)
    assert found.moves >= (GAMES if is_whole else 1) * MOVES * len(chosen)
    if chosen == plans:
        assert set(+found.done) >= REACHED, found.done
    if other is not None:
        assert found.digests == other.figures()
    elif BESIDE in os.environ:
        Path(os.environ[BESIDE]).write_text(json.dumps(found.digests))
    elif pair:
        theirs = _handed_over(Path(pair).parent, plans, found)
        if theirs is not None:
            both = theirs.keys() & found.digests.keys()
            assert len(both) == len(plans) // 3
            assert {game: found.digests[game] for game in both} == {g: theirs[g] for g in both}
    return found


def _handed_over(folder: Path, plans: Sequence[int], found: Played) -> dict[str, str] | None:
    """Leave these figures to the other pass, and take its own if it was there before."""
    kept = {vendor: folder / f"plays-{plans[0]}-{vendor}.json" for vendor in ("sqlite", "postgres")}
    mine = kept.pop("postgres" if on_postgres() else "sqlite")
    [known] = kept.values()
    half = mine.with_suffix(".half")
    half.write_text(json.dumps(found.digests))
    # whole or not at all; and before looking, so that of two at once one sees the other's
    half.replace(mine)
    return json.loads(known.read_text()) if known.exists() else None


def _has_postgres() -> bool:
    return servers.postgres_folder() is not None


class _Other:
    """The same games in another process, on the other database, while this one plays."""

    def __init__(self, file: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="xiaohao-plays-")
        away = ("DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")
        environment = {k: v for k, v in os.environ.items() if k not in away}
        environment[BESIDE] = f"{self.folder.name}/figures.json"
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

    def figures(self) -> dict[str, str]:
        """What came of the games there."""
        said, _nothing = self.process.communicate(timeout=900)
        with self.folder:
            assert self.process.returncode == 0, said
            kept = Path(self.folder.name, "figures.json")
            found: dict[str, str] = json.loads(kept.read_text())
        return found
