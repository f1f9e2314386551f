"""Kill points: at each place of each act a real process is killed, and a fresh one goes on.

Found afterwards must be, after the kill: what stood at the beginning, or behind one of the act's
own COMMITs (never anything between). After going on: exactly what an undisturbed run leaves.
"""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from cases import paper_sweep, sealing, sweeps
from cases.errors import Refused
from notifications import delivery
from tests.prove.bed import Bed, bed
from tests.prove.children import Ended, in_child
from tests.prove.deeds import SMALL_BATCH, Act, Scene, begin, warm
from tests.prove.points import Points, install
from tests.prove.post import open_post
from tests.prove.state import State, difference, go_on_counting, state
from tests.prove.story import ACTS

# µs after the place before a COMMIT at which a killer strikes from outside
STRIKES = (100, 300, 600, 1000, 2000)
SHOWN, SAID = 12, 1500
MOST_OF_AN_ACT, READS = 120, "SELECT"


@dataclass
class Tally:
    """What came of all points of one database."""

    database: str
    points: int = 0
    fired: int = 0
    in_commit: int = 0
    lost: int = 0
    doubled: int = 0
    half_done: int = 0
    in_doubt: int = 0
    seconds: float = 0
    acts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.points == self.fired and not self.wrong

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "seconds": round(self.seconds, 1), "holds": self.holds}


@dataclass
class Undisturbed:
    """What an act does when nobody disturbs it."""

    labels: list[str]
    states: list[State]

    @property
    def end(self) -> State:
        return self.states[-1]


@dataclass(frozen=True)
class Share:
    """Which places are taken: of all acts or ``only`` some; ``quick``: a few of the main ones; of
    all ``of`` lanes, the one numbered ``share``."""

    quick: bool = False
    only: Sequence[str] = ()
    share: int = 0
    of: int = 1


def prove(taken: Share, say: Callable[[str], None] = lambda line: None) -> Tally:
    """All points of all acts on the database of the settings; the whole campaign is played."""
    with bed() as ground:
        tally, begun = Tally(ground.vendor), time.monotonic()
        settings.MAIL_PER_MINUTE = 1000
        _use_small_batches()
        post = open_post(settings.VAR_DIR / "post")
        settings.MAIL = post.server()
        folder = settings.VAR_DIR / "papers"
        folder.mkdir()
        scene = begin(post, folder)
        warm(scene)
        for act in _until_the_last_of_the_quick() if taken.quick else ACTS:
            act.before(scene)
            if taken.quick and not act.is_quick:
                act.do(scene)
                continue
            _kill_everywhere(ground, scene, act, tally, taken)
            done = tally.acts.get(act.name, 0)
            say(f"{tally.database} {act.name}: {done}, {len(tally.wrong)} wrong")
        tally.seconds = time.monotonic() - begun
        return tally


def _until_the_last_of_the_quick() -> Sequence[Act]:
    return ACTS[: max(place for place, act in enumerate(ACTS) if act.is_quick) + 1]


def _use_small_batches() -> None:
    """Several batches of three instead of one: more COMMITs between which to be killed."""
    sweeps.BATCH = sweeps.MANY = paper_sweep.BATCH = delivery.BATCH = SMALL_BATCH
    sealing.BATCH = 12


def _kill_everywhere(ground: Bed, scene: Scene, act: Act, tally: Tally, taken: Share) -> None:
    ground.keep("before")
    _warm_up(scene, act)
    ground.lay("before")
    scene.post.empty()
    usual = _undisturbed(scene, act)
    ground.keep("after")
    if taken.only and act.name not in taken.only:
        return
    for place, late in _places(usual.labels, taken.quick)[taken.share :: taken.of]:
        ground.lay("before")
        scene.post.empty()
        tally.points += 1
        tally.acts[act.name] = tally.acts.get(act.name, 0) + 1
        _kill_and_go_on(scene, act, usual, place, late, tally)
    ground.lay("after")


def _warm_up(scene: Scene, act: Act) -> None:
    """Once in this process too: what is compiled and read once need not be so in each child."""
    act.do(scene)
    state()
    gc.collect()
    gc.freeze()


def _places(labels: Sequence[str], quick: bool) -> list[tuple[int, int | None]]:
    """Every place; before each COMMIT also a strike that hits it in the midst."""
    if quick:
        commits = [n for n, label in enumerate(labels, 1) if label.endswith("COMMIT")]
        some = {*commits[:2], *commits[-1:], len(labels) // 2}
        return [(place, None) for place in sorted(some)]
    chosen = _chosen(labels)
    every: list[tuple[int, int | None]] = []
    commits_seen = 0
    for place in chosen:
        every.append((place, None))
        if labels[place - 1] == "before COMMIT":
            every.append((place, STRIKES[commits_seen % len(STRIKES)]))
            commits_seen += 1
    return every


def _chosen(labels: Sequence[str]) -> list[int]:
    """All places; of an act with hundreds (the same for each batch) some of the reading ones."""
    places = range(1, len(labels) + 1)
    if len(labels) <= MOST_OF_AN_ACT:
        return list(places)
    writes = [
        n for n in places if not labels[n - 1].endswith("COMMIT") and READS not in labels[n - 1]
    ]
    commits = [n for n in places if labels[n - 1].endswith("COMMIT")]
    reads = [n for n in places if READS in labels[n - 1]]
    third = MOST_OF_AN_ACT // 3
    return sorted({*_spread(writes, third), *_spread(commits, third), *_spread(reads, third)})


def _spread(places: Sequence[int], most: int) -> list[int]:
    every = max(1, -(-len(places) // most))
    return list(places[::every])


def _undisturbed(scene: Scene, act: Act) -> Undisturbed:
    def run(_tell: int) -> Undisturbed:
        states = [state()]
        points = Points(on_commit=lambda: states.append(state()))
        install(points)
        act.do(scene)
        with points.quiet():
            states.append(state())
        return Undisturbed(points.labels, states)

    found = _answer(in_child(run), act)
    assert isinstance(found, Undisturbed)
    return found


def _kill_and_go_on(
    scene: Scene, act: Act, usual: Undisturbed, place: int, late: int | None, tally: Tally
) -> None:
    killed = in_child(lambda tell: _until_killed(scene, act, place, late, tell))
    said = killed.answer.decode() if killed.is_killed else ""
    name = f"{tally.database}, {act.name}, point {place} ({usual.labels[place - 1]})"
    if said != usual.labels[place - 1]:
        tally.wrong.append(f"{name}: did not fire: {said or killed.error or killed.answer}")
        return
    tally.fired += 1
    tally.in_commit += late is not None
    for kind, words in _answer(in_child(lambda _tell: _go_on(scene, act, usual)), act):
        if kind == "in_doubt":
            tally.in_doubt += 1
            continue
        setattr(tally, kind, getattr(tally, kind) + 1)
        tally.wrong.append(f"{name}: {kind}: {words}")
        print(tally.wrong[-1][:SAID], file=sys.stderr, flush=True)


def _until_killed(scene: Scene, act: Act, place: int, late: int | None, tell: int) -> None:
    points = Points(place, late=late)
    points.told = tell
    install(points)
    act.do(scene)
    if late is not None:
        time.sleep(5)  # the strike comes


def _go_on(scene: Scene, act: Act, usual: Undisturbed) -> list[tuple[str, str]]:
    """What a fresh process finds, and what it makes of it: (kind, words) of what is wrong."""
    scene.post.rest()
    found = state()
    wrong: list[tuple[str, str]] = []
    if found not in usual.states:
        lines = difference(usual.states[0], found)
        wrong.append(("half_done", "; ".join(lines[:SHOWN])))
    go_on_counting()
    refused = ""
    try:
        act.go_on(scene)
    except Refused as refusal:
        refused = f"{refusal.code} "
    end = state()
    if act.look is not None:
        wrong += [("lost", words) for words in act.look(scene, end)]
    lines = difference(usual.end, _settled(end, wrong))
    if lines:
        kind = "doubled" if any(line[0] == "+" for line in lines) else "lost"
        wrong.append((kind, refused + "; ".join(lines[:SHOWN])))
    return wrong


def _settled(end: State, wrong: list[tuple[str, str]]) -> State:
    """A letter in doubt is one that a person decides: told of, and then taken as sent."""
    table = "notifications_delivery"
    lines = []
    for line in end.get(table, []):
        if "state=in_doubt" in line:
            wrong.append(("in_doubt", line))
            line = line.replace("state=in_doubt", "state=sent")
        lines.append(line.replace("answer=the sender was interrupted", "answer=taken"))
    return {**end, table: lines} if lines else end


def _answer(ended: Ended, act: Act) -> Any:
    if ended.error or ended.signal:
        raise RuntimeError(f"{act.name}: {ended.error or ended.signal}")
    return ended.answer


def summary(tally: Tally) -> str:
    kinds = Counter({"lost": tally.lost, "doubled": tally.doubled, "half done": tally.half_done})
    said = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    return f"{tally.database}: {tally.fired} of {tally.points} kills fired, {said}"


def run(quick: bool, acts: list[str], share: int, of: int) -> dict[str, Any]:
    """The figures of one database, as JSON; what happens on the way is told on standard error."""
    tally = prove(
        Share(quick, acts, share, of), lambda line: print(line, file=sys.stderr, flush=True)
    )
    print(summary(tally), file=sys.stderr, flush=True)
    return tally.as_json()
