"""No dead end: whatever has happened in a game, each case can be brought to its closing."""

from __future__ import annotations

from datetime import timedelta

from cases.models import Case, WorkItem
from cases.rulebook import rules_of
from tests.plays.game import Game

PATIENCE = 90  # moves within which every case can be brought to its end


def finish(game: Game) -> None:
    """No dead end: whatever has happened, each case can be brought to its closing."""
    for root in [case.pk for case in game.cases() if case.parent_id is None]:
        _bring_home(game, root)


def _bring_home(game: Game, root: int) -> None:
    for turn in range(PATIENCE):
        case = game.case(root)
        if case.is_finished:
            return
        game.hour, game.day = 9, game.day + timedelta(days=1)
        game.follow()
        _luck_is_good(game, case, anew=turn % 10 == 9)
        if not game.proceed(case) and turn % 5 == 4:
            _step_back(game, case)
    raise AssertionError(f"plan {game.number}: no way on from {case.stage}")


def _step_back(game: Game, case: Case) -> None:
    """Whoever may not confirm what he applied for himself sends it back; another applies."""
    stage = rules_of(case).stage
    moves = [move for move in stage.moves if move.verb == "send_back"] if stage else []
    if stage is not None and stage.owner == "responsible_lead" and _is_alone(game, case):
        return
    if stage is not None and moves:
        game.wanted = moves[0]
        game.play("onward", case, game.owner(case, stage))


def _is_alone(game: Game, case: Case) -> bool:
    """Whether one person was all of the unit: the office gives it to another with two."""
    item = WorkItem.objects.select_related("unit__region").get(process=case, finished=None)
    if game.member(item.unit, lead=False) != game.member(item.unit, lead=True):
        return False
    game.takers = [game.units[name] for name in ("市工信局", "市住建局", "涧西区工作专班")]
    while game.takers and not game.play("reassign", case, game.actor("office2")):
        pass
    game.takers = []
    return True


def _luck_is_good(game: Game, case: Case, *, anew: bool) -> None:
    """Every item is proven and every remedy done, so that only the plan could hold it."""
    game.sure = True
    if _rests(case):
        return
    if not case.is_matter:
        game.prove(case, anew=anew)
    for pk in game.below(case):
        if not game.case(pk).is_finished and not game.proceed(game.case(pk)):
            _step_back(game, game.case(pk))


def _rests(case: Case) -> bool:
    rows = WorkItem.objects.filter(process=case, finished=None)
    return any(item.is_suspended or item.is_declined for item in rows)
