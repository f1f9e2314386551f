"""Three flows under each fault, then the same without it: what an undisturbed run leaves is there.

A flow is what a day is made of: a person's deed, or the ladder's, its notices, and the letters
about them. Under the fault each of its doors may fail by itself; nobody tidies up.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model

from cases.actions import remarks
from cases.errors import Refused
from cases.models import Case, CaseEvent, PendingEvent, RungFired, WorkItem
from config import morning, ticking
from notifications import delivery
from notifications.models import Delivery, Notice
from tests.prove.bed import Bed, bed
from tests.prove.children import in_child
from tests.prove.deeds import OFFICE, Scene, begin, warm
from tests.prove.fault_kinds import KINDS, Kind, Struck
from tests.prove.post import open_post
from tests.prove.racing import RACES, Race
from tests.prove.story import ACTS
from tests.world import at

DAY = date(2022, 4, 12)
NOON = at(DAY, 9)
# minutes: the next tick; after every lease; after the longest pause of a message; on the next day
AFTERWARDS = (1, 3, 60, 400, 24 * 60)
# with the mail server: short of HANGING_SECONDS, long enough for a loaded machine
PATIENCE_SECONDS = 2.0
LONGEST_ANSWER = 3.0
Door = Callable[[Scene, datetime], object]
Doors = tuple[Door, ...]
EVERY: tuple[Kind | Race, ...] = (*KINDS, *RACES)


def urge(scene: Scene, moment: datetime) -> None:
    for n in (3, 6):
        case, text = scene.case(n).pk, f"请抓紧{n}"
        if not CaseEvent.objects.filter(reason=text).exists():
            remarks.urge(case, by=scene.world.actor(OFFICE, DAY), at=at(DAY, 8), text=text)


def instruct(scene: Scene, moment: datetime) -> None:
    """A leader's word is sent by itself to the handler and the office."""
    if not CaseEvent.objects.filter(reason="请协调").exists():
        by = scene.world.actor("leader", DAY)
        remarks.comment(scene.case(1).pk, by=by, at=at(DAY, 8), text="请协调")


def tell(scene: Scene, moment: datetime) -> None:
    delivery.deliver(at(moment.date(), 8))


def tick(scene: Scene, moment: datetime) -> None:
    # minutes are the mail's; a tick is of its day
    ticking.tick(NOON + timedelta(days=(moment - NOON).days))


def send(scene: Scene, moment: datetime) -> None:
    morning.send(moment)


# the deed of a person, if any; behind it comes what the machine does each minute
FLOWS: dict[str, tuple[Door, ...]] = {
    "a person urges": (urge,),
    "a leader instructs": (instruct,),
    "the ladder speaks": (),
}
MACHINE: tuple[Door, ...] = (tick, tell, send)
Facts = Counter[tuple[Any, ...]]


def run(kinds: list[str]) -> dict[str, Any]:
    with bed() as ground:
        settings.MAIL_PER_MINUTE = 1000
        post = open_post(settings.VAR_DIR / "post")
        settings.MAIL = post.server(PATIENCE_SECONDS)
        folder = settings.VAR_DIR / "papers"
        folder.mkdir()
        scene = begin(post, folder)
        warm(scene)
        for act in ACTS:
            if act.name == "tick":
                break
            if act.is_quick:
                act.before(scene)
                act.do(scene)
        ground.keep("morning")
        return _all(ground, scene, kinds)


def _all(ground: Bed, scene: Scene, only: list[str]) -> dict[str, Any]:
    begun, cells, wrong = time.monotonic(), 0, list[str]()
    fired, slowest = set[str](), 0.0
    for name, deeds in FLOWS.items():
        usual = _usual(ground, scene, deeds)
        for kind in EVERY:
            if (only and kind.name not in only) or ground.vendor not in kind.on:
                continue
            cells += 1
            ground.lay("morning")
            scene.post.empty()
            found, answer = _under(scene, deeds, kind, usual)
            slowest = max(slowest, answer)
            if found:
                wrong.append(f"{ground.vendor}, {name}, {kind.name}: {found}"[:1500])
            fired.add(kind.name)
    return {
        "holds": not wrong and cells > 0, "cells": cells, "kinds": sorted(fired),
        "slowest_answer": round(slowest, 2), "wrong": wrong,
        "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip


@dataclass(frozen=True)
class Usual:
    """What an undisturbed run leaves: behind the next tick (letters apart), and in the end."""

    next_tick: Facts
    end: Facts
    letters: Counter[str]


def _usual(ground: Bed, scene: Scene, deeds: Doors) -> Usual:
    ground.lay("morning")
    scene.post.empty()

    def work(_tell: int) -> Usual:
        _quietly(scene, (*deeds, *MACHINE))
        _again(scene, deeds, AFTERWARDS[:1])
        next_tick = _but_letters(facts())
        _again(scene, deeds, AFTERWARDS[1:])
        return Usual(next_tick, facts(), scene.post.mails())

    done = in_child(work)
    if done.error:
        raise RuntimeError(done.error)
    found: Usual = done.answer
    return found


def facts() -> Facts:
    """What happened, was said and was sent; in which order it was written down does not matter."""
    found: Facts = Counter()
    asked: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
        (Case, ("pk", "stage", "version")),
        (WorkItem, ("pk", "stage", "due_on", "next_check_at", "finished")),
        (CaseEvent, ("case", "verb", "reason", "at")),
        (RungFired, ("item", "rung", "deadline_version", "spoke")),
        (PendingEvent, ("event",)),
        (Notice, ("recipient", "post", "kind", "title", "body")),
        (Delivery, ("recipient", "kind", "channel", "subject", "body", "state")),
    )
    for model, names in asked:
        rows = model._default_manager.values_list(*names)
        found.update((model.__name__, *row) for row in rows)
    return found


def _but_letters(found: Facts) -> Facts:
    return Counter({fact: n for fact, n in found.items() if fact[0] != Delivery.__name__})


def _under(scene: Scene, deeds: Doors, kind: Kind | Race, usual: Usual) -> tuple[str, float]:
    """What is wrong after the fault has passed ("" where nothing is), and the slowest answer."""
    answer = 0.0
    if isinstance(kind, Race):
        struck = kind.run(scene, partial(_quietly, scene, deeds), partial(_quietly, scene, MACHINE))
    else:
        done = in_child(lambda _tell: _broken(scene, deeds, kind))
        if done.error:
            return done.error, answer
        struck, answer = done.answer
    if not struck:
        return "the fault did not come about", answer
    if answer > LONGEST_ANSWER:
        return f"a person waited {answer:.1f} s", answer
    done = in_child(lambda _tell: _look(scene, deeds, kind.visible, usual))
    return done.error or "; ".join(done.answer), answer


def _broken(scene: Scene, deeds: Doors, kind: Kind) -> tuple[int, float]:
    """How often the fault struck; seconds for which the person of the flow waited."""
    struck = Struck()
    with kind.fault(struck, scene.post):
        begun = time.monotonic()
        _quietly(scene, deeds)
        answer = time.monotonic() - begun
        _quietly(scene, MACHINE)
    return struck.times, answer


def _quietly(scene: Scene, doors: Doors) -> None:
    """Door after door; one that fails is told in the log, and the next one opens."""
    for door in doors:
        try:
            door(scene, NOON)
        except Refused:
            pass
        except Exception:
            connection.close()


def _again(scene: Scene, deeds: Doors, minutes: Sequence[int]) -> None:
    """Everything again, as people and clocks do."""
    for later in minutes:
        for door in (*deeds, *MACHINE):
            door(scene, NOON + timedelta(minutes=later))


def _look(scene: Scene, deeds: Doors, visible: frozenset[str], usual: Usual) -> list[str]:
    _again(scene, deeds, AFTERWARDS[:1])
    wrong = _differences(usual.next_tick, _but_letters(facts()), "after a minute: ")
    _again(scene, deeds, AFTERWARDS[1:])
    too_many = scene.post.mails() - usual.letters
    wrong += [f"{n} letters too many: {about}" for about, n in too_many.items()]
    found: Facts = Counter()
    for fact, n in facts().items():
        # what is in doubt, or has failed for good, is seen by the office, who decides
        found[(*fact[:-1], "sent") if fact[-1] in visible else fact] += n
    return (wrong + _differences(usual.end, found))[:8]


def _differences(wanted: Facts, found: Facts, when: str = "") -> list[str]:
    lost = [f"{when}lost {n}: {fact}" for fact, n in (wanted - found).items()]
    return lost + [f"{when}too much {n}: {fact}" for fact, n in (found - wanted).items()]
