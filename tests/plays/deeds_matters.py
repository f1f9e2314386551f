"""What people do besides the firms' own cases: matters of every kind, children opened by hand, a
day that the State Council moves."""

from __future__ import annotations

from datetime import timedelta

from cases.actions import matters, plan_measures, recalendar
from cases.actions.matters import Asked
from cases.errors import Refused
from cases.models import Case
from cases.rulebook import calendar
from organisations.scope import Actor
from tests.plays.game import Deed, Game

WORDS = {"matter": "摸清底数"}
ENOUGH = 9  # open matters; more of them hide the rest of the game


def _open(game: Game, asked: Asked, by: Actor) -> object:
    if sum(case.is_matter and not case.is_finished for case in game.cases()) >= ENOUGH:
        raise Refused("enough", "enough")
    return matters.open_matter(game.programme, asked, by=by, at=game.now())


def _order(game: Game, _case: Case, by: Actor) -> object:
    unit = game.luck.choice(sorted(name for name in game.units if name != "市领导"))
    due = game.day + timedelta(days=game.luck.randint(1, 30))
    given = due if game.luck.random() < 0.5 else None
    return _open(game, Asked("order", unit=unit, due_on=given, answers=WORDS), by)


def _trouble(game: Game, case: Case, by: Actor) -> object:
    """Of the firm, or below its case, where the stage lets a person open one."""
    below = case.pk if case.is_main and game.luck.random() < 0.5 else None
    unit = game.luck.choice(("市工信局", "市住建局"))
    asked = Asked(
        "trouble", unit=unit, enterprise_id=case.enterprise_id, parent_id=below, answers=WORDS
    )
    return _open(game, asked, by)


def _measures(game: Game, _case: Case, by: Actor) -> object:
    return plan_measures.open_measures(game.programme, by=by, at=game.now())


def _moved_day(game: Game, _case: Case, _by: Actor) -> object:
    """A working day becomes a day off; only in games whose laws know of it."""
    if not game.moves_days:
        raise Refused("fixed", "the days of this game are fixed")
    day = calendar().add(game.day, game.luck.randint(3, 12))
    return recalendar.enter_days({day: (False, "调休")}, by=Actor.system(), at=game.now())


DEEDS: dict[str, Deed] = {
    "open_order": _order,
    "open_trouble": _trouble,
    "open_measures": _measures,
    "move_a_day": _moved_day,
}
