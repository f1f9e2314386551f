"""The whole product on a working morning: ``bin/bench whole``.

``manage.py up`` with several web processes, worker and beat, a further worker as its unit starts
it, PostgreSQL, Redis and a mail server; people of every role at the real pages (``whole_people``),
first at the pace of people, then almost without a pause. Meanwhile a part of all steps falls due,
beat ticks, letters of the ladder are drafted, the morning's digests go out. Afterwards nothing may
be lost or doubled (``whole_kept``).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks import city, mails, whole_ahead, whole_kept
from benchmarks import whole_people as roles
from benchmarks.browsers import Browser, Seen
from benchmarks.whole_people import Person

FIRMS, QUICK = 20_000, 600
PROCESSES, THREADS, WORKERS = 2, 4, 2
# devices of each worker, clerks of firms, and who else reads a digest
DEVICES, CLERKS, READERS = 2, 16, 300
# (name, seconds, seconds between two pages of a person on average)
PHASES = (("as people work", 150.0, 8.0), ("almost without a pause", 60.0, 0.5))
QUICKLY = (("as people work", 20.0, 2.0),)
DUE = 0.05  # of all open steps, in the midst
READY = 9  # cases of each county that stand before their closing
# PostgreSQL tells what each statement took
STATEMENTS = "shared_preload_libraries=pg_stat_statements pg_stat_statements.track_planning=on"
SETTLES = 240.0  # seconds until everything that was begun has to be told


def main(is_quick: bool) -> dict[str, Any]:
    with ExitStack() as stack:
        port = stack.enter_context(mails.server("keeps"))
        bed = stack.enter_context(
            city.bed(
                server=STATEMENTS,
                XIAOHAO_MAIL=f"smtp://127.0.0.1:{port}",
                XIAOHAO_MAIL_FROM=mails.SENDER,
                XIAOHAO_MAIL_PER_MINUTE="600",
                XIAOHAO_SENDING_HOURS="00:00-23:59",
            )
        )
        world = city.city(QUICK if is_quick else FIRMS)
        whole_kept.set_up(world, READERS, CLERKS)
        for county in whole_ahead.staffed(world):
            whole_ahead.bring(world, county, READY)
        before, last = whole_kept.counted(), whole_kept.newest()
        web = stack.enter_context(_up(bed))
        stack.enter_context(city.working(bed, WORKERS))
        random.seed(8)
        told, every = {}, Seen()
        _count_statements()
        for name, seconds, pauses in QUICKLY if is_quick else PHASES:
            seen, lasted = asyncio.run(_phase(web, world, seconds, pauses))
            told[name] = _told(seen, lasted)
            every.add(seen)
        waited = whole_kept.until_settled(SETTLES)
        database = _statements()
        kept = whole_kept.kept(before, last, every, mails.told_twice(port))
        row = told[next(iter(told))]
        holds = not kept["wrong"] and not any(one["errors"] for one in told.values())
        return {
            "the whole product": {
                "ratio": row["p95_ms"],
                "goal": 0,
                "holds": holds,
                **told,
                "settled_after_s": waited,
                "database": database,
                "kept": kept,
                "load": city.load_now(),
            }
        }


# --- who ---------------------------------------------------------------------------------------
async def _phase(port: int, world: Any, seconds: float, pauses: float) -> tuple[Seen, float]:
    """Everybody signs in and works for so long; in the midst a part of the steps falls due. What
    they saw, and how many seconds it took until the last answer."""
    warm, seen = Seen(), Seen()
    people = await _signed_in(port, world, pauses, warm)
    if warm.errors:
        raise RuntimeError(str(warm.errors))
    for one in people:
        one.browser.seen = seen
    seen.seconds["sign in"] = warm.seconds["sign in"]
    begun = time.monotonic()
    end = begun + seconds
    due = asyncio.create_task(_falls_due(seconds / 4))
    await asyncio.gather(*(_works(one, end) for one in people))
    await due
    return seen, time.monotonic() - begun


async def _works(one: Person, end: float) -> None:
    await asyncio.sleep(random.random() * one.pauses)
    while time.monotonic() < end:
        await one.day(one)
        await one.think()


async def _falls_due(after: float) -> None:
    await asyncio.sleep(after)
    await asyncio.to_thread(whole_kept.some_fall_due, DUE)


async def _signed_in(port: int, world: Any, pauses: float, seen: Seen) -> list[Person]:
    """Eight at a time: the morning's rush."""
    from organisations import clock

    on, gate, found = clock.today(), asyncio.Semaphore(8), []

    async def enter(name: str, day: Any, hand: dict[str, set[str]]) -> None:
        async with gate:
            browser = Browser(port, name, seen)
            await browser.sign_in(roles.PASSWORD)
            found.append(Person(browser, day, on, pauses, hand))

    asked, twice = [], whole_kept.who_sits_twice(world)
    for key, user in world.people.items():
        day, devices = (roles.leads_twice, 1) if key == twice else _day_of(key)
        hand: dict[str, set[str]] = {}
        asked += [enter(user.username, day, hand) for _device in range(devices)]
    await asyncio.gather(*asked)
    return found


def _day_of(key: str) -> tuple[Any, int]:
    """What a person of this role does, and on how many devices."""
    unit, _slash, role = key.partition("/")
    if unit == "clerk":
        return roles.hands_in, 1
    if unit == "office":
        return roles.confirms, DEVICES
    if role == "county_worker":
        return roles.works, DEVICES
    if role == "county_lead":
        return roles.leads, 1
    return (roles.looks if unit in ("supervisor", "leader") else roles.reads), 1


# --- the database ------------------------------------------------------------------------------
def _count_statements() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        cursor.execute("SELECT pg_stat_statements_reset()")


def _statements() -> dict[str, Any]:
    """What of its time the database spent on statements that only read: as much could be asked of
    a replica at most."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query ~* '^[(]*(select|with)\\M' AND query !~* 'for (no key )?update|insert |"
            "update \"|delete from', sum(calls), sum(total_exec_time + total_plan_time) "
            "FROM pg_stat_statements GROUP BY 1"
        )
        found = {bool(reads): (int(calls), float(ms)) for reads, calls, ms in cursor.fetchall()}
    reads, writes = found.get(True, (0, 0.0)), found.get(False, (0, 0.0))
    return {
        "reading_statements": reads[0],
        "other_statements": writes[0],
        "reading_s": round(reads[1] / 1000, 1),
        "other_s": round(writes[1] / 1000, 1),
        "share_of_reading": round(reads[1] / max(reads[1] + writes[1], 1e-9), 2),
    }


# --- servers -----------------------------------------------------------------------------------
@contextmanager
def _up(bed: city.Bed) -> Iterator[int]:
    """``manage.py up``; yields its port."""
    from tests.servers import free_port

    port = free_port()
    command = [sys.executable, "manage.py", "up", "--json", "--port", str(port)]
    command += ["--workers", str(PROCESSES), "--threads", str(THREADS)]
    process = subprocess.Popen(
        command, cwd=city.ROOT, env=bed.environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        json.loads(process.stdout.readline())
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


# --- what is told ------------------------------------------------------------------------------
def _told(seen: Seen, seconds: float) -> dict[str, Any]:
    """``POST``s answer with a redirect: the page after it is a request of its own. Signing in, once
    a person and slow on purpose, stands by itself."""
    kinds = (taken for kind, taken in seen.seconds.items() if kind != "sign in")
    every = sorted(one for taken in kinds for one in taken)
    return {
        "requests": len(every),
        "per_second": round(len(every) / seconds, 1),
        "deeds_per_second": round(sum(seen.deeds.values()) / seconds, 2),
        "p50_ms": _ms(statistics.median(every)),
        "p95_ms": _ms(_at(every, 0.95)),
        "p99_ms": _ms(_at(every, 0.99)),
        "errors": sum(seen.errors.values()),
        **({"such_as": dict(seen.errors.most_common(8))} if seen.errors else {}),
        "somebody_else_first": dict(seen.conflicts),
        "deeds": dict(seen.deeds),
        "by_kind": {
            kind: [len(taken), *(_ms(_at(sorted(taken), part)) for part in (0.5, 0.95, 0.99))]
            for kind, taken in sorted(seen.seconds.items())
        },
    }


def _at(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    print(json.dumps(main("--quick" in sys.argv), ensure_ascii=False, indent=1))
