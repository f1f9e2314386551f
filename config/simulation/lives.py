"""The pieces of a dry run: cases, their open steps, the desks that they wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop

from config.simulation.firms import Firm
from config.simulation.ground import Place
from config.simulation.luck import Luck
from config.simulation.matters import Matter
from workflows.deadlines import Due
from workflows.procedure import Procedure, Stage

WEEK = 5  # working days
NEVER = date(9999, 12, 31)


@dataclass(eq=False)
class Life:
    """A case: a firm's own one, a remedy of it, or a matter."""

    firm: Firm
    place: Place
    procedure: Procedure
    luck: Luck
    parent: Life | None = None
    have: str | None = None
    matter: Matter | None = None
    grade: str | None = None
    children: list[Life] = field(default_factory=list)
    # haves that are there and proven or provable; what the newest visit found missing
    there: set[str] = field(default_factory=set)
    missing: tuple[str, ...] | None = None
    turns: dict[str, int] = field(default_factory=dict)
    # by stage: the date that it was given last
    given: dict[str, date | None] = field(default_factory=dict)
    step: Step | None = None
    closed_on: date | None = None
    acts: bool = True


@dataclass(eq=False)
class Step:
    """An open item: who owes it, since when, by when; ``number`` puts equals in order."""

    life: Life
    stage: Stage
    unit: str
    work: str
    started: int
    started_on: date
    due: Due
    number: int
    is_chased: bool
    finished_on: date | None = None

    def __lt__(self, other: Step) -> bool:
        return self._urgency() < other._urgency()

    def _urgency(self) -> tuple[date, int]:
        return (self.due.due_on or NEVER, self.number)


class Watcher:
    """Who keeps the figures of a run (``tally.Tally``); a test keeps every date instead."""

    def opened(self, step: Step) -> None: ...
    def finished(self, step: Step, at: int) -> None: ...
    def has(self, firm: Firm, place: Place, have: str, at: int) -> None: ...
    def ended(self, life: Life, at: int) -> None: ...
    def rested(self, step: Step, days: int) -> None: ...
    def asked(self, step: Step, days: int, *, is_granted: bool) -> None: ...


class Desk:
    """What one unit manages of one kind of work: a share of its week each day."""

    def __init__(self, week: int, days: int) -> None:
        self.week, self.credit, self.most = week, 0, days * week + WEEK
        self.waiting: list[Step] = []

    def day(self) -> Iterable[Step]:
        self.credit = min(self.credit + self.week, self.most)
        while self.waiting and self.credit >= WEEK:
            self.credit -= WEEK
            yield heappop(self.waiting)
