"""A plan without classes: what lacks follows from the papers all the same."""

from __future__ import annotations

from itertools import count

import pytest

from cases.actions import evidence, stages
from cases.models import Case, Evidence
from tests.plays.city import set_up, text_of
from tests.plays.game import Game
from workflows.form_examples import filled
from workflows.forms import HAVES
from workflows.issuing import seed_calendar
from workflows.packs import parse_pack


@pytest.fixture
def game(db: None) -> Game:
    """The first invented plan that has no classes and asks for all of several criteria."""
    seed_calendar()
    for number in count():
        pack = parse_pack(text_of(number), "plan")
        rule = pack.root.closes_when
        if not pack.grades and rule and rule.kind == "all" and len(rule.items) > 1:
            return set_up(number, 0)
    raise AssertionError


def test_an_accepted_paper_is_no_longer_lacking_and_a_returned_one_is_again(game: Game) -> None:
    case = Case.objects.filter(county__name="涧西区").order_by("serial")[0]
    worker, lead = game.actor("涧西区/worker"), game.actor("涧西区/lead")
    if case.stage == "given":
        stages.acknowledge(case.pk, by=worker, at=game.now())
    game.have = first = game.pack.haves[0].key
    game.play("submit", case, worker)
    row = Evidence.objects.get()
    evidence.accept(row.pk, by=lead, at=game.now())
    case.refresh_from_db()
    assert case.lacking == []  # before the visit nobody knows what lacks

    keys = [have.key for have in game.pack.haves]
    answers = {HAVES: {key: {"state": "none", "note": ""} for key in keys}}
    form = filled(game.pack.form("visit"), today=game.day, answers=answers)
    stages.advance(case.pk, by=worker, at=game.now(), form=form)
    case.refresh_from_db()
    assert case.lacking == keys[1:]

    game.have = keys[1]
    game.play("submit", case, worker)
    other = Evidence.objects.latest("pk")
    evidence.accept(other.pk, by=lead, at=game.now())
    case.refresh_from_db()
    assert (case.lacking, case.lacking_count) == (keys[2:], len(keys) - 2)
    evidence.return_(row.pk, reason=1, by=game.actor("office"), at=game.now())
    case.refresh_from_db()
    assert case.lacking == [first, *keys[2:]]
