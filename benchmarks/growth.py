"""What each hot path costs at 10,000, 100,000 and a million cases, what they take on the disk and
in memory, and opening against COPY at its own sizes.

A country of ``nation`` for each size, in a process and a database of its own, and the country of
the goals at its full size. One alone: ``python -m benchmarks.growth paths|morning CASES``,
``register|sqlite|load|full FIRMS``; the largest takes half an hour and 20 GB. Run when named.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

from benchmarks import bed, city, country, due, imports, load, nation, year
from benchmarks.growth_letters import letters
from benchmarks.opening import GOAL, measured, tables_written
from benchmarks.rounds import against

CASES, QUICK = (10_000, 100_000, 1_000_000), (8_000,)
OPENED, QUICK_FIRMS = (10_000, 100_000, 500_000), (2_000,)
# at the same density of cases a county as the country
FIRMS_A_COUNTY, A_COUNTY = 180, 400  # cases
MOVES, MOVED, AT_ONCE, LOOKS = 60, 2_000, 1_000, 9
WORKER, OFFICE = "涧西区/county_worker", "office/1"
ELSEWHERE = "嵩县"  # where to, and who signs for many at once
FULL = 500_000  # firms
SHARE = 0.03  # of the open steps of a morning, of which the sweep and the notices are told


def main(is_quick: bool) -> dict[str, Any]:
    sizes = QUICK if is_quick else CASES
    found = {
        f"{size:,} cases": {part: value for one in PARTS for part, value in _apart(one, size)}
        for size in sizes
    }
    for size in QUICK_FIRMS if is_quick else OPENED:
        found[f"{size:,} firms"] = {part: v for one in FIRMS for part, v in _apart(one, size)}
    if is_quick:
        return found
    return {**found, "the country": dict(_apart("full", FULL)), **opening_alone(OPENED)}


def _apart(part: str, size: int) -> Iterable[tuple[str, Any]]:
    """A process of its own: Django keeps the database that it met first."""
    command = [sys.executable, "-m", "benchmarks.growth", part, str(size)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    row: dict[str, Any] = json.loads(told.splitlines()[-1])
    return row.items()


def grown(cases: int) -> dict[str, Any]:
    """Milliseconds of each path over a country of so many cases, half of them firms' own."""
    with bed.on_postgresql():
        from tests.world import build

        world, firms = build(), cases // 2
        nation.settle(world, firms, max(40, firms // FIRMS_A_COUNTY))
        return _paths(world) | on_disk(cases)


def full(firms: int) -> dict[str, Any]:
    """The country that the hot paths were set goals for, at its whole size: a year of events
    behind two and a half cases a firm."""
    with bed.on_postgresql("2GB"):
        from tests.world import build

        world = build()
        nation.settle(world, firms, max(40, firms // FIRMS_A_COUNTY))
        year.live(world)
        rows = nation.fill(firms)
        return {**rows, **_paths(world), **on_disk(rows["cases"]), "disk of all, MB": _disk()}


def _paths(world: Any) -> dict[str, Any]:
    last = _fresh(world)
    return {
        **_moves(world, last),
        **_in_bulk(world, last),
        **_looks(world),
        **_digests(world),
        **_searches(),
        **_export(world),
        **letters(world, last),
        "memory of a process, MB": _peak(),
    }


# --- paths ----------------------------------------------------------------------------------------
def _ms(way: Callable[[], object], times: int = 1) -> float:
    """The median; the first two look for the statements that they keep."""
    taken = []
    for number in range(times + 2 * (times > 1)):
        gc.collect()
        begun = time.perf_counter()
        way()
        if number > 1 or times == 1:
            taken.append(time.perf_counter() - begun)
    return round(statistics.median(taken) * 1000, 2)


def _moves(world: Any, last: int) -> dict[str, float]:
    """签收 of one case after the other by a county's worker."""
    from cases.actions import stages
    from tests.world import START, at

    theirs = _open_steps(last).filter(process__county__name="涧西区", stage="assigned")
    ids = iter(list(theirs.values_list("process", flat=True)[: MOVES + 2]))
    worker = world.actor(WORKER)
    one = _ms(lambda: stages.acknowledge(next(ids), by=worker, at=at(START)), MOVES)
    return {"a guarded move": one}


def _fresh(world: Any) -> int:
    """Beside the country firms whose cases were opened by the verb and have no past: what is
    moved. The key before them."""
    from cases.models import Case

    last = Case.objects.order_by("-pk").values_list("pk", flat=True)[0]
    country.list_firms(world, MOVED, first=10**7)
    there = replace(world, counties={ELSEWHERE: world.counties[ELSEWHERE]})
    country.list_firms(there, AT_ONCE, first=2 * 10**7)
    world.open()
    country.settle()
    return int(last)


def _open_steps(last: int) -> Any:
    from cases.models import WorkItem

    return WorkItem.objects.filter(finished=None, process__gt=last).order_by("pk")


def _in_bulk(world: Any, last: int) -> dict[str, float]:
    from cases.actions import people, stages
    from tests.world import START, at

    to_sign = _open_steps(last).filter(process__county__name=ELSEWHERE, stage="assigned")
    mine = list(to_sign.values_list("process", flat=True)[:AT_ONCE])
    signer = world.actor(f"{ELSEWHERE}/county_worker")
    signed: list[int] = []

    def sign() -> None:
        done, _refused = stages.acknowledge_many(mine, by=signer, at=at(START))
        signed.append(len(done))

    at_once = _ms(sign)
    elsewhere = _open_steps(last).exclude(process__county__name=ELSEWHERE).order_by("-pk")
    # theirs is what has not been moved yet
    waiting = elsewhere.filter(stage="assigned")
    ids = list(waiting.values_list("process", flat=True)[:AT_ONCE])
    unit = next(unit for unit in world.units.values() if ELSEWHERE in unit.name)
    done: list[int] = []

    def go() -> None:
        result = people.reassign_many(
            ids, by=world.office, at=at(START), reason="区划调整", unit=unit
        )
        done.append(len(result.done))

    taken = _ms(go)
    return {
        "signed for in bulk, a case": round(at_once / signed[0], 3),
        "reassigned in bulk, a case": round(taken / done[0], 3),
    }


def _digests(world: Any) -> dict[str, float]:
    """What a person reads in the morning, put together."""
    from notifications import digest
    from tests.world import START, at

    country.counted_ahead(at(START))

    def write(who: str) -> Callable[[], object]:
        return lambda: digest.write(world.actor(who), START)

    return {
        f"digest of {name}": _ms(write(who), 3)
        for who, name in ((WORKER, "a county's worker"), (OFFICE, "the office"))
    }


def _looks(world: Any) -> dict[str, float]:
    """Pages as a browser has them, signed in; the third look and later ones."""
    from django.conf import settings
    from django.test import Client

    from benchmarks.city import signed_in
    from cases.models import Case
    from config.prepare import collect_static
    from organisations import clock

    collect_static()
    country.counted_ahead(clock.now())
    settings.ALLOWED_HOSTS = ["*"]
    county = Case.objects.main().filter(county__name="涧西区", finished=None)
    pk = county.order_by("pk").values_list("pk", flat=True)[0]
    asked = (
        (WORKER, "/workbench/", "workbench of a county"),
        (WORKER, "/ledger/", "ledger of a county"),
        (WORKER, f"/cases/{pk}/", "case"),
        (OFFICE, "/ledger/?of=all", "ledger of all"),
        (OFFICE, "/supervision/", "overdue list of all"),
        (OFFICE, "/firms/?q=熠砺", "firms searched, a page"),
    )
    found = {}
    for who, path, name in asked:
        client = Client()
        client.cookies["sessionid"] = signed_in(world.people[who])
        assert client.get(path).status_code == 200, path
        found[name] = _ms(lambda c=client, p=path: c.get(p), LOOKS)  # type: ignore[misc]
    return found | _depths(world)


def _depths(world: Any) -> dict[str, float]:
    """Pages of the lists of all, and the progress of all counties."""
    from benchmarks.pages import _dashboard, _pages
    from tests.world import START

    pages = _pages(world.office, START)
    found = {
        f"{words}, {name}": _ms(lambda w=pages[f"{of} {key}"]: w(1), 3)  # type: ignore[misc]
        for of, words in (("ledger", "list of all"), ("overdue", "overdue of all"))
        for key, name in (("first", "page 1"), ("deep", "page 1,000"))
    }
    told = _dashboard(world.programme, START)
    return found | {
        "progress by county": _ms(lambda: told["counted"](1), 3),
        "progress by county, counted anew": _ms(lambda: told["anew"](1), 3),
    }


def _searches() -> dict[str, float]:
    from enterprises.searching import firms_of

    def look(word: str) -> Callable[[], object]:
        return lambda: list(firms_of(word)[:50])

    return {
        f"fifty firms by two characters, {name}": _ms(look(word), LOOKS)
        for word, name in (("轴承", "common"), ("熠砺", "rare"))
    }


def _export(world: Any) -> dict[str, Any]:
    """The ledger of all as a workbook, as the background writes it; a row."""
    from cases.ledger_export import write_ledger_file
    from tests.world import START, at

    told: list[int] = []

    def go() -> None:
        with tempfile.TemporaryFile() as target:
            asked = {"query": "of=all"}
            told.append(
                write_ledger_file(target, asked, world.office, at(START), lambda *_done: None)
            )

    taken = _ms(go)
    return {"export, a row": round(taken / max(told[0], 1), 3), "exported rows": told[0]}


def morning(cases: int) -> dict[str, float]:
    """The sweep of what is due and its notices, one worker; of a step, of an event."""
    with bed.on_postgresql():
        from tests.world import build

        due.put(build(), cases, round(cases * SHARE))
        country.settle()
        return _swept_and_told()


def _swept_and_told() -> dict[str, float]:
    from cases.sweeps import sweep
    from notifications.delivery import deliver

    moment: datetime = due.morning() + due.A_MINUTE
    begun, used = time.perf_counter(), time.process_time()
    fired = sweep(moment).rungs
    swept = time.perf_counter() - begun
    begun, before = time.perf_counter(), time.process_time()
    deliver(moment)
    told = time.perf_counter() - begun
    return {
        "due": fired,
        "sweep, a step": round(swept / fired * 1000, 3),
        "sweep, our part of the processor": round((before - used) / fired * 1000, 3),
        "notices, an event": round(told / fired * 1000, 3),
        "notices, our part of the processor": round(
            (time.process_time() - before) / fired * 1000, 3
        ),
        "memory of the worker, MB": _peak(),
    }


# --- what begins with a register ------------------------------------------------------------------
def register(firms: int) -> dict[str, Any]:
    """A first list read in."""
    return imports.alone(firms)


def on_sqlite(firms: int) -> dict[str, float]:
    """A move among so many cases in a file."""
    with bed.on_sqlite():
        from tests.world import build

        world = build()
        country.list_firms(world, firms)
        world.open()
        country.settle()
        return {f"{name}, SQLite": ms for name, ms in _moves(world, 0).items()}


def under_load(firms: int) -> dict[str, Any]:
    """Fifty people at the web server, of eight counties of a country of so many firms."""
    with ExitStack() as stack:
        servers = stack.enter_context(city.bed())
        world = city.city(firms)
        city.thin_out(world, A_COUNTY)
        everybody = load.people_of(world)
        port = stack.enter_context(city.serving(servers, load.PROCESSES, load.THREADS))
        load.ask(port, everybody, 60.0, load.Answers())  # at each of the processes
        load.ask(port, everybody, 20.0, seen := load.Answers())
        asked = ("pages", "p50_ms", "p95_ms", "by_page_p95_ms", "errors")
        return {f"under load, {name}": seen.told()[name] for name in asked}


def _disk() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1000000")
        return int(cursor.fetchone()[0])


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


# --- disk -----------------------------------------------------------------------------------------
def on_disk(cases: int) -> dict[str, Any]:
    """MB a million cases of the tables that grow with them, with indexes; and of each one's rows
    the bytes, their own and their indexes'."""
    from django.db import connection

    rows, whole = {}, 0
    more = tuple(
        f"enterprises_{name}" for name in ("enterprise", "pairedname", "membership", "monthlyfact")
    )
    with connection.cursor() as cursor:
        for table in (*tables_written(), *more):
            cursor.execute(
                f"SELECT pg_table_size('{table}'), pg_indexes_size('{table}'), "
                f'greatest(count(*), 1) FROM "{table}"'
            )
            own, indexes, count = cursor.fetchone()
            whole += own + indexes
            rows[table] = {"row": round(own / count), "indexes": round(indexes / count)}
    return {"disk, MB a million cases": round(whole / cases), "bytes a row": rows}


# --- opening --------------------------------------------------------------------------------------
def opening_alone(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Against COPY of the very rows, one register after the other."""
    found: dict[str, Any] = {}
    with bed.on_postgresql():
        from tests.world import build

        world, begun = build(), 0
        for size in sizes:
            row = measured(world, size, 1, first=begun)
            begun += size
            seconds = row.pop("seconds")
            found[f"opening {size}"] = {
                **against(seconds, "ours", "copy_keyed", GOAL),
                "without_keys": round(seconds["copy"] / seconds["ours"], 2),
                **row,
            }
        found["bytes a row"] = on_disk(sum(sizes))["bytes a row"]
    return found


PARTS = {"paths": grown, "morning": morning}
# by so many firms on the register
FIRMS = {"register": register, "sqlite": on_sqlite, "load": under_load}

if __name__ == "__main__":
    asked = {**PARTS, **FIRMS, "full": full}[sys.argv[1]]
    print(json.dumps(asked(int(sys.argv[2])), ensure_ascii=False))
