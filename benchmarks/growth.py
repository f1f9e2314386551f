"""What each hot path costs at 10,000, 100,000 and a million cases, what they take on the disk and
in memory, and opening against COPY at its own sizes.

A country of ``nation`` for each size, in a process and a database of its own. One size alone:
``python -m benchmarks.growth paths|morning CASES``; the largest takes a quarter of an hour
and 10 GB. Run when it is named.
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
from datetime import datetime
from typing import Any

from benchmarks import bed, country, due, nation
from benchmarks.opening import GOAL, measured, tables_written
from benchmarks.rounds import against

CASES, QUICK = (10_000, 100_000, 1_000_000), (8_000,)
OPENED, QUICK_OPENED = (10_000, 100_000, 500_000), (300, 600)
# at the same density of cases a county as the country
FIRMS_A_COUNTY = 180
MOVES, MOVED, AT_ONCE, LOOKS = 60, 2_000, 1_000, 9
WORKER, OFFICE = "涧西区/county_worker", "office/1"
SHARE = 0.03  # of the open steps of a morning, of which the sweep and the notices are told


def main(is_quick: bool) -> dict[str, Any]:
    sizes = QUICK if is_quick else CASES
    found = {
        f"{size:,} cases": {part: value for one in PARTS for part, value in _apart(one, size)}
        for size in sizes
    }
    return {**found, **({} if is_quick else opening_alone(OPENED))}


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
        last = _fresh(world)
        return {
            **_moves(world, last),
            **_in_bulk(world, last),
            **_looks(world),
            **_searches(),
            **_export(world),
            "memory of a process, MB": _peak(),
            **on_disk(cases),
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
    world.open()
    country.settle()
    return int(last)


def _open_steps(last: int) -> Any:
    from cases.models import WorkItem

    return WorkItem.objects.filter(finished=None, process__gt=last).order_by("pk")


def _in_bulk(world: Any, last: int) -> dict[str, float]:
    from cases.actions import people
    from tests.world import START, at

    elsewhere = _open_steps(last).exclude(process__county__name="嵩县").order_by("-pk")
    # theirs is what has not been moved yet
    waiting = elsewhere.filter(stage="assigned")
    ids = list(waiting.values_list("process", flat=True)[:AT_ONCE])
    unit = next(unit for unit in world.units.values() if "嵩县" in unit.name)
    done: list[int] = []

    def go() -> None:
        result = people.reassign_many(
            ids, by=world.office, at=at(START), reason="区划调整", unit=unit
        )
        done.append(len(result.done))

    taken = _ms(go)
    return {"reassigned in bulk, a case": round(taken / done[0], 3)}


def _looks(world: Any) -> dict[str, float]:
    """Pages as a browser has them, signed in; the third look and later ones."""
    from django.conf import settings
    from django.test import Client

    from benchmarks.city import signed_in
    from cases.models import Case
    from config.prepare import collect_static

    collect_static()
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
        status = client.get(path).status_code
        assert status == 200, (path, status)
        found[name] = _ms(lambda c=client, p=path: c.get(p), LOOKS)  # type: ignore[misc]
    return found | _depths(world)


def _depths(world: Any) -> dict[str, float]:
    """The last page of the county's list against its first, and the progress of all counties."""
    from benchmarks.pages import _dashboard, _pages
    from tests.world import START

    pages = _pages(world.office, START)
    found = {
        f"list of all, {name}": _ms(lambda w=pages[f"ledger {key}"]: w(1), 3)  # type: ignore[misc]
        for key, name in (("first", "page 1"), ("deep", "page 1,000"))
    }
    told = _dashboard(world.programme, START)["counted"]
    return found | {"progress by county": _ms(lambda: told(1), 3)}


def _searches() -> dict[str, float]:
    from enterprises.searching import firms_of

    def look(word: str) -> Callable[[], object]:
        return lambda: list(firms_of(word)[:50])

    return {
        f"fifty firms by two characters, {name}": _ms(look(word), LOOKS)
        for word, name in (("轴承", "common"), ("熠砺", "rare"))
    }


def _export(world: Any) -> dict[str, float]:
    """The ledger as a workbook, as the background writes it; a row."""
    from cases.ledger_export import write_ledger_file
    from tests.world import START, at

    told: list[int] = []
    # the first county's alone where there are many
    county = f"of=all&county={world.counties['涧西区'].pk}"

    def go() -> None:
        with tempfile.TemporaryFile() as target:
            asked = {"query": county}
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

if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](int(sys.argv[2])), ensure_ascii=False))
