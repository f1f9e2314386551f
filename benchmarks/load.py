"""Pages under load: fifty people at the real web server, idle and beside a sweep of a tenth.

The same pages turn about: alone; while the worker's tick looks at a tenth of all open cases, each
of them once, and tells of them; while it does so for all of them; and while two workers do nothing
but sweep, a tenth due again as soon as they are through, which no city sees. And one page of fifty
lines against a bare Django list of as many rows (``benchmarks.bare``), asked by the same client of
the same kind of server on the same database.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks import city

FIRMS, QUICK = 20_000, 600
PEOPLE, PROCESSES, THREADS, WORKERS = 50, 3, 4, 2
THINKS = 5.0  # seconds between two pages of a person, on average
SLOWER, BARE = 2.0, 0.5
ROUNDS = (12, 2, 2)  # of a tenth, of all, without end
AT_ONCE = 6  # who ask without a pause, against the bare list


@dataclass
class Answers:
    """Seconds by kind of page; what was no 200 is an error."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def every(self) -> list[float]:
        return sorted(one for found in self.seconds.values() for one in found)

    def told(self) -> dict[str, Any]:
        every = self.every
        return {
            "pages": len(every),
            "per_second": round(len(every) / self.lasted, 1),
            "p50_ms": _ms(statistics.median(every)),
            "p95_ms": _ms(p95(every)),
            "by_page_p95_ms": {name: _ms(p95(sorted(s))) for name, s in self.seconds.items()},
            "errors": len(self.errors),
            **({"such_as": sorted(set(self.errors))[:5]} if self.errors else {}),
        }


@dataclass(frozen=True)
class Person:
    """A session and the pages that this role looks at: (kind, address)."""

    cookie: str
    pages: Sequence[tuple[str, str]]


def main(is_quick: bool) -> dict[str, Any]:
    with ExitStack() as stack:
        bed = stack.enter_context(city.bed())
        world = city.city(QUICK if is_quick else FIRMS)
        everybody = people_of(world)
        port = stack.enter_context(city.serving(bed, PROCESSES, THREADS))
        other = stack.enter_context(city.serving(bed, PROCESSES, THREADS, settings=city.BARE))
        stack.enter_context(city.working(bed, WORKERS))
        window = 5.0 if is_quick else 20.0
        ask(port, everybody, window, Answers())
        found = _beside(port, everybody, window, is_quick=is_quick)
        return found | _against_bare(port, other, everybody[0], world, is_quick=is_quick)


def _beside(
    port: int, everybody: Sequence[Person], window: float, *, is_quick: bool
) -> dict[str, Any]:
    """The 95th of a hundred pages beside each kind of sweep, against that of the idle turns."""
    ways: dict[str, Callable[[int, Answers], int]] = {
        "a sweep of a tenth": lambda n, into: _while_it_lasts(port, everybody, 10, n, into),
        "a sweep of all": lambda n, into: _while_it_lasts(port, everybody, 1, n, into),
        "sweeps without end": lambda _n, into: _without_end(port, everybody, window, into),
    }
    turns = (1, 1, 1) if is_quick else ROUNDS
    idle, beside = Answers(), {way: Answers() for way in ways}
    swept: dict[str, int] = defaultdict(int)
    for number in range(max(turns)):
        ask(port, everybody, window / 2, idle)
        for (way, do), rounds in zip(ways.items(), turns, strict=True):
            if number < rounds:
                swept[way] += do(number, beside[way])
                # what they left is no part of the next turn
                _settled(60.0)
    alone = p95(idle.every)
    return {
        f"p95 beside {way}, against idle": {
            "ratio": round(p95(answers.every) / alone, 2),
            "goal": SLOWER,
            "holds": p95(answers.every) <= SLOWER * alone,
            "idle": idle.told(),
            "beside": answers.told(),
            "seconds": round(answers.lasted, 1),
            "swept": swept[way],
            "load": city.load_now(),
        }
        for way, answers in beside.items()
    }


def _against_bare(
    port: int, other: int, person: Person, world: Any, *, is_quick: bool
) -> dict[str, Any]:
    """Lists of fifty rows a second, ours and the bare one's: medians of turns."""
    county = world.counties[city.COUNTIES[0]].pk
    bare = Person(person.cookie, [("bare", f"/?county={county}")])
    ledger = Person(person.cookie, [("ledger", "/ledger/")])
    rounds, window = (1, 2.0) if is_quick else (5, 6.0)
    found: dict[str, list[float]] = defaultdict(list)
    alone: dict[str, list[float]] = defaultdict(list)
    for _number in range(rounds):
        for name, where, who in (("ours", port, ledger), ("bare", other, bare)):
            for asking, kept in ((AT_ONCE, found), (1, alone)):
                answers = Answers()
                ask(where, [who] * asking, window / 2, answers, thinks=0.0)
                if answers.errors:
                    raise RuntimeError(answers.errors[0])
                kept[name].append(len(answers.every) / answers.lasted)
    ours, peer = (statistics.median(found[name]) for name in ("ours", "bare"))
    one, its = (statistics.median(alone[name]) for name in ("ours", "bare"))
    return {
        "ledger of a county, against a bare list": {
            "ratio": round(ours / peer, 2),
            "goal": BARE,
            "holds": ours / peer >= BARE,
            "per_second": round(ours, 1),
            "bare_per_second": round(peer, 1),
            "alone_ms": _ms(1 / one),
            "bare_alone_ms": _ms(1 / its),
            "load": city.load_now(),
        }
    }


def people_of(world: Any) -> list[Person]:
    """Fifty sessions: officers and leads of eight counties, departments, the office, overseers."""
    from django.urls import reverse

    from cases.models import Case

    random.seed(8)
    some = list(Case.objects.filter(county__name__in=city.COUNTIES).values_list("pk", "county_id"))
    random.shuffle(some)
    county = {c.pk: name for name, c in world.counties.items()}
    found = []
    keys = [k for k in world.people if "clerk" not in k]
    for n in range(PEOPLE):
        key = keys[n % len(keys)]
        where, _slash, role = key.rpartition("/")
        sees = [pk for pk, at in some if county[at] == where] or [pk for pk, _at in some]
        ledger = reverse("ledger")
        pages = [("ledger", ledger), ("ledger", f"{ledger}?chip=overdue")]
        if not role.startswith("department") and role != "liaison_member":
            pages += [("case", reverse("case", args=[pk])) for pk in sees[n * 3 : n * 3 + 3]]
        if role in ("county_lead", "supervisor", "leader", "1", "2"):
            pages.append(("overdue", reverse("overdue")))
        if role not in ("supervisor", "leader"):
            pages.append(("workbench", reverse("workbench")))
        found.append(Person(city.signed_in(world.people[key]), pages))
    return found


# --- the sweep ------------------------------------------------------------------------------------
def _while_it_lasts(
    port: int, everybody: Sequence[Person], part: int, number: int, into: Answers
) -> int:
    """One of so many parts of the open steps falls due, beat calls its tick, and people ask until
    everything is looked at and told; how many steps that were."""
    from config.tasks import tick

    armed = _arm(part, number % part)
    over = threading.Event()

    def wait() -> None:
        _settled(120.0)
        over.set()

    waits = threading.Thread(target=wait)
    tick.delay()
    waits.start()
    ask(port, everybody, 120.0, into, is_over=over.is_set)
    waits.join()
    return armed


def _without_end(port: int, everybody: Sequence[Person], window: float, into: Answers) -> int:
    with _sweeping() as done:
        ask(port, everybody, window, into)
    return done[0]


def _arm(part: int, number: int) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_workitem SET next_check_at = now(), "
            "deadline_version = deadline_version + 1 "
            "WHERE finished IS NULL AND id %% %s = %s",
            [part, number],
        )
        return int(cursor.rowcount)


def _settled(most: float) -> None:
    """Waits until nothing is due or untold any more."""
    from django.db import connection
    from django.utils import timezone

    from cases.models import PendingEvent, WorkItem

    due = WorkItem.objects.filter(finished=None)
    end = time.monotonic() + most
    try:
        while time.monotonic() < end:
            waits = due.filter(next_check_at__lte=timezone.now()).exists()
            if not waits and not PendingEvent.objects.exists():
                return
            time.sleep(0.1)
    finally:
        connection.close()


@contextmanager
def _sweeping() -> Iterator[list[int]]:
    """A tenth of the open steps is due, and the next tenth as soon as the workers are through; how
    many were looked at."""
    ends, done = threading.Event(), [0]
    thread = threading.Thread(target=_keep_due, args=(ends, done))
    thread.start()
    try:
        yield done
    finally:
        ends.set()
        thread.join()


def _keep_due(ends: threading.Event, done: list[int]) -> None:
    from django.db import connection
    from django.utils import timezone

    from cases.models import WorkItem
    from config.tasks import tick

    due = WorkItem.objects.filter(finished=None)
    try:
        for tenth in range(10_000):
            armed = _arm(10, tenth % 10)
            tick.delay()
            # the second worker of the house looks too
            tick.delay()
            while due.filter(next_check_at__lte=timezone.now()).exists():
                if ends.wait(0.05):
                    return
            done[0] += armed
            if ends.is_set():
                return
    finally:
        connection.close()


# --- the client -----------------------------------------------------------------------------------
def ask(
    port: int,
    people: Sequence[Person],
    seconds: float,
    into: Answers,
    *,
    thinks: float = THINKS,
    is_over: Callable[[], bool] = bool,
) -> None:
    """Everybody asks, thinks and asks again for so long, or until it is over."""
    begun = time.perf_counter()
    asyncio.run(_everybody(port, people, seconds, into, thinks, is_over))
    into.lasted += time.perf_counter() - begun


async def _everybody(
    port: int,
    people: Sequence[Person],
    seconds: float,
    into: Answers,
    thinks: float,
    is_over: Callable[[], bool],
) -> None:
    end = time.perf_counter() + seconds

    def goes_on() -> bool:
        return time.perf_counter() < end and not is_over()

    await asyncio.gather(*(_one(port, person, goes_on, into, thinks) for person in people))


async def _one(
    port: int, person: Person, goes_on: Callable[[], bool], into: Answers, thinks: float
) -> None:
    if thinks:
        await _think(random.random() * thinks, goes_on)
    while goes_on():
        begun = time.perf_counter()
        name, path = random.choice(person.pages)
        status = await _get(port, path, person.cookie)
        if status == 200:
            into.seconds[name].append(time.perf_counter() - begun)
        else:
            into.errors.append(f"{status} {path}")
        if thinks:
            await _think(min(random.expovariate(1 / thinks), 4 * thinks), goes_on)


async def _think(seconds: float, goes_on: Callable[[], bool]) -> None:
    end = time.perf_counter() + seconds
    while goes_on() and (left := end - time.perf_counter()) > 0:
        await asyncio.sleep(min(left, 0.2))


async def _get(port: int, path: str, cookie: str) -> int:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        head = await reader.readline()
        await reader.read()
        writer.close()
        return int(head.split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def p95(ordered: Sequence[float]) -> float:
    """Of seconds in order; the worst where there are few."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
