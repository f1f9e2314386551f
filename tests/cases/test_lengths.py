"""Nothing is cut in silence: a text is stored whole, or refused in words before it is too long."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from cases.actions import evidence, extending, pauses
from cases.errors import Refused
from cases.models import Case, Evidence, Extension, Suspension
from organisations.lengths import LONGEST, excerpt
from tests.cases.standing import LEAD, WORKER, handed_in, rectifying
from tests.world import START, World, at, paper

WHOLE = "长" * LONGEST
UNTIL = START + timedelta(days=5)
Deed = Callable[[World, Case, str], str]
# a text of anybody's cut at a fixed place; what shortens marks it ("…") or tells (``findings``)
CUT = re.compile(r"\b(reason|text|note|result|number|witness|title|answer|source)(\.strip\(\))?\[:")


def _suspend(world: World, case: Case, words: str) -> str:
    pauses.suspend(case.pk, by=world.actor(LEAD), at=at(START, 12), until=UNTIL, reason=words)
    return Suspension.objects.latest("pk").reason


def _hand_in(world: World, case: Case, words: str) -> str:
    by = world.actor(WORKER)
    papers = [paper("合同.pdf")]
    [row] = evidence.submit(
        case.pk, criterion="staff", papers=papers, note=words, by=by, at=at(START, 12)
    )
    return row.note


def _send_back_a_paper(world: World, case: Case, words: str) -> str:
    row = Evidence.objects.latest("pk")
    return evidence.return_(
        row.pk, reason=1, text=words, by=world.actor(LEAD), at=at(START, 12)
    ).return_text


def _extend(world: World, case: Case, words: str) -> str:
    child = case.children.order_by("pk")[0]
    due = world.item(child).due_on
    assert due is not None
    until = due + timedelta(days=7)
    extending.request(child.pk, until=until, reason=words, by=world.actor(WORKER), at=at(START, 12))
    return Extension.objects.latest("pk").reason


@pytest.mark.parametrize("deed", [_suspend, _hand_in, _send_back_a_paper, _extend])
def test_whole_or_refused(world: World, deed: Deed) -> None:
    case = rectifying(world)
    handed_in(world, case)
    with pytest.raises(Refused) as refusal:
        deed(world, case, WHOLE + "了")
    assert (refusal.value.code, "1000" in refusal.value.words) == ("too_long", True)
    assert deed(world, case, WHOLE) == WHOLE


def test_what_is_shortened_says_so() -> None:
    assert (excerpt("甲乙丙", 3), excerpt("甲乙丙丁", 3)) == ("甲乙丙", "甲乙…")


def test_no_verb_cuts_a_text() -> None:
    root = Path(settings.BASE_DIR)
    sources = [*root.glob("*/actions/*.py"), root / "enterprises/importing/uploads.py"]
    found = [str(p.relative_to(root)) for p in sources if CUT.search(p.read_text("utf-8"))]
    assert (found, len(sources) > 30) == ([], True)
