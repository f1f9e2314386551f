"""A letter goes out while the ladder drafts: no circle, and each firm in one letter, once."""

from __future__ import annotations

from datetime import date

import pytest

from cases.actions import drafts
from cases.annex import annex_of
from cases.errors import Refused
from cases.models import CaseEvent, EscalationDraft
from cases.sweeps import sweep
from organisations.scope import Actor
from tests.cases.at_once import Outcomes, meanwhile
from tests.cases.climbing import climb, late, open_firms, plus, release, waiting
from tests.world import World, at, build

pytestmark = pytest.mark.postgres


def opened(world: World, name: str, on: date) -> None:
    world.firm(name)
    world.open(on)


@pytest.fixture
def world(transactional_db: None) -> World:
    """A reminder letter and a work note wait about one county; a third firm becomes due."""
    world = build()
    open_firms(world)
    climb(10, 10)
    opened(world, "涧西区后来有限公司", plus(late(15), -11))
    climb(11, 16)
    opened(world, "涧西区再后来有限公司", plus(late(16), -11))
    return world


def firms_in(kind: str) -> list[str]:
    draft = EscalationDraft.objects.get(kind=kind)
    return sorted(line.firm for line in annex_of(draft, Actor.system(), late(16)).lines)


def failures(found: Outcomes) -> list[object]:
    return [answer for answer in found if isinstance(answer, Exception)]


def test_a_release_and_a_sweep_of_one_county(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = waiting(kind="reminder_letter")
    found = meanwhile(
        (drafts, "_freeze"),
        lambda: release(world, letter, late(16)),
        lambda: sweep(at(late(16), 15)),
        monkeypatch,
    )
    assert failures(found) == []
    assert firms_in("reminder_letter") == ["涧西区示例0号有限公司"]
    assert firms_in("work_note") == ["涧西区再后来有限公司", "涧西区后来有限公司"]
    assert dict(EscalationDraft.objects.values_list("kind", "state")) == {
        "work_note": "drafted",
        "reminder_letter": "released",
    }
    third = CaseEvent.objects.filter(case__enterprise__name="涧西区再后来有限公司", verb="rung")
    assert third.count() == 1


def test_two_letters_about_one_county_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits, sees that one has gone out, and goes tomorrow."""
    letter, note = waiting(kind="reminder_letter"), waiting(kind="work_note")
    # nothing that the one is about is held by the other
    note.lines.filter(item__in=letter.lines.values("item")).delete()
    found = meanwhile(
        (drafts, "_freeze"),
        lambda: release(world, letter, late(16)),
        lambda: release(world, note, late(16)),
        monkeypatch,
    )
    codes = [answer.code for answer in found if isinstance(answer, Refused)]
    assert (codes, len(failures(found))) == (["same_day"], 1)
    assert EscalationDraft.objects.filter(state="released").count() == 1
