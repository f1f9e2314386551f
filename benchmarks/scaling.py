"""What one machine carries, as a measure for the next one: ``bin/bench scaling``.

Pages of every role without a pause from one, two and three web processes on the same database, with
the processor's time that web server and database take for a page: how many web processes one
database machine can serve follows from it. ``bin/bench sweep`` tells of more workers.
"""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks import city, load

FIRMS, QUICK = 20_000, 600
PROCESSES, ROUNDS, WINDOW = (1, 2, 3), 3, 8.0
# people who ask without a pause, for each process
AT_ONCE = 4
TICKS = os.sysconf("SC_CLK_TCK")


def main(is_quick: bool) -> dict[str, Any]:
    counts, rounds, window = ((1,), 1, 2.0) if is_quick else (PROCESSES, ROUNDS, WINDOW)
    with ExitStack() as stack:
        bed = stack.enter_context(city.bed())
        everybody = load.people_of(city.city(QUICK if is_quick else FIRMS))
        pages: dict[int, list[float]] = defaultdict(list)
        spent: dict[tuple[int, str], list[float]] = defaultdict(list)
        for number in range(rounds):
            for count in counts[number % len(counts) :] + counts[: number % len(counts)]:
                some = everybody[number :: max(len(everybody) // (AT_ONCE * count), 1)]
                with city.serving(bed, count, load.THREADS) as port:
                    # each process has seen every kind of page
                    load.ask(port, everybody, window / 2, load.Answers(), thinks=0.0)
                    before, answers = _processor(port), load.Answers()
                    load.ask(port, some[: AT_ONCE * count], window, answers, thinks=0.0)
                    if answers.errors:
                        raise RuntimeError(answers.errors[0])
                    told, after = len(answers.every), _processor(port)
                pages[count].append(told / answers.lasted)
                for kind, seconds in after.items():
                    spent[count, kind].append((seconds - before[kind]) / told * 1000)
    one = statistics.median(pages[counts[0]])
    return {
        f"pages of {count} web process{'es' * (count > 1)}": {
            "ratio": round(statistics.median(found) / one, 2),
            "goal": 0,
            "holds": True,
            "per_second": round(statistics.median(found), 1),
            "web_cpu_ms": round(statistics.median(spent[count, "web"]), 1),
            "database_cpu_ms": round(statistics.median(spent[count, "database"]), 1),
            "load": city.load_now(),
        }
        for count, found in pages.items()
    }


def _processor(port: int) -> dict[str, float]:
    """Seconds of the processor that this web server and its database have taken."""
    database = urlsplit(os.environ["DATABASE_URL"]).port
    asked = {"web": f":{port}", "database": f"-p {database}"}
    found: dict[str, float] = {}
    every = list(_processes())
    for kind, words in asked.items():
        roots = {one.pid for one in every if words in one.command}
        ticks = sum(one.ticks for one in every if one.pid in roots or one.parent in roots)
        found[kind] = ticks / TICKS
    return found


class _Process(NamedTuple):
    pid: int
    parent: int
    command: str
    # its own, and of its children that have ended
    ticks: int


def _processes() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "stat").read_text()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        fields = line.rpartition(")")[2].split()
        yield _Process(int(folder.name), int(fields[1]), command, sum(map(int, fields[11:15])))
