"""The ledger of a country as a workbook, as the background writes it: ``bin/bench exports``.

``workbooks`` measures the writer alone, with rows that are ready. Here the rows are asked for and
put into words too: 100,000 of them and 500,000, each in a process and a database of its own, the
firms' own open cases, each with an event behind it, one in five with a sentence of its own.

Beside it, of the very same rows, written by rustpy-xlsxwriter and by openpyxl, without head and
formats: ``worded``, the same words by the plainest way, ``Ledger.rows`` and the page's ``Reader``,
a thousand at a time, which the goals are about; ``bare``, the plainest query for as many columns,
without words, people and contacts: less work than ours, told for the record beside the same goals.
Medians of three rounds turn about; what is read and compiled once is not in them. "holds" is about
``worded``, which is not asked for 500,000 rows, and about memory.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import bed, country, nation
from benchmarks.rounds import in_turn

ROWS, QUICK = (100_000, 500_000), (3_000,)
# lines of the list for each firm of the country: one in 25 is through
A_FIRM, FIRMS_A_COUNTY = 0.96, 180
# what it may hold more at the larger size, in MB, to be called flat
FLAT = 40
# what the plain ways would take longer for is not asked of them
MOST_PLAIN = 100_000
CHUNK, ROUNDS = 1000, 3
# by who writes the file
GOALS = {"rust": 0.5, "openpyxl": 5.0}
# of who does the same work; the bare ones are told for the record
NAMES = {
    "worded": "against the same words, by {}",
    "bare": "for the record, against a bare query without words, by {}",
}
Row = tuple[Any, ...]
Peer = tuple[Callable[[Any, Iterator[Row]], None], Callable[[], Iterator[Row]]]
Way = Callable[[Any], None]
BARE = (
    "stage", "enterprise__name", "enterprise__credit_code", "county__name", "grade", "procedure",
    "lacking_count", "item__due_on", "late_days", "item__post__name",
    "competent_unit__short_name", "progress",
)  # fmt: skip


def main(is_quick: bool) -> dict[str, Any]:
    found = {}
    for rows in QUICK if is_quick else ROWS:
        # a process of its own: its highest memory is what is asked for
        command = [sys.executable, "-m", "benchmarks.exports", str(rows)]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found[f"export of {rows:,} rows of the ledger"] = json.loads(told.splitlines()[-1])
    first, *rest = found.values()
    for row in rest:
        more = row["memory_more_mb"] - first["memory_more_mb"]
        row |= {"memory_above_the_smaller_mb": more, "holds": row["holds"] and more <= FLAT}
    return found


def exported(rows: int) -> dict[str, Any]:
    with bed.on_postgresql("2GB"):
        from cases.ledger_export import write_ledger_file
        from tests.world import START, at, build

        world, firms = build(), round(rows / A_FIRM) + 1
        nation.settle(world, firms, max(40, firms // FIRMS_A_COUNTY))
        _told_apart()
        country.settle()
        told: list[int] = []

        def write(target: Any, query: str = "of=") -> None:
            asked = {"query": query}
            told[:] = [
                write_ledger_file(target, asked, world.office, at(START), lambda *_done: None)
            ]

        # what is read and compiled once is not the rows'
        some = f"of=&county={world.counties['涧西区'].pk}"
        _seconds(lambda target: write(target, some))
        before = _now_mb()
        _forget_the_highest()
        _seconds(write)
        more, count = _highest_mb() - before, told[0]
        clock, used, seconds = _turn_about(write, _peers(world, rows), count)
        against = {name: _against(name, one, clock, count) for name, one in seconds.items()}
        return {
            "rows": count,
            "seconds": round(clock, 1),
            "ms_a_row": round(clock / count * 1000, 4),
            "our_processor_ms_a_row": round(used / count * 1000, 4),
            "memory_before_mb": before,
            "memory_more_mb": more,
            "rounds": ROUNDS,
            **{_named(name): one for name, one in against.items()},
            # of a few rows what is compiled weighs most
            "holds": rows < ROWS[0]
            or all(one["met"] for name, one in against.items() if name.startswith("worded")),
        }


def _named(name: str) -> str:
    kind, _, by = name.partition("_")
    return NAMES[kind].format(by)


def _against(name: str, seconds: float, ours: float, count: int) -> dict[str, Any]:
    """Of the bare ones too whether they would meet what is asked against the same words."""
    kind, _, by = name.partition("_")
    ratio, goal = seconds / ours, GOALS[by]
    called = "goal" if kind == "worded" else "goal_of_the_same_words"
    return {
        "ratio": round(ratio, 2),
        called: goal,
        "met": ratio >= goal,
        "ms_a_row": round(seconds / count * 1000, 4),
    }


def _peers(world: Any, rows: int) -> dict[str, Peer]:
    peers: dict[str, Peer] = {"bare_rust": (_rust, _bare)}
    if rows <= MOST_PLAIN:
        peers |= {
            "bare_openpyxl": (_openpyxl, _bare),
            "worded_rust": (_rust, lambda: _worded(world)),
            "worded_openpyxl": (_openpyxl, lambda: _worded(world)),
        }
    return peers


def _turn_about(
    write: Way, peers: dict[str, Peer], count: int
) -> tuple[float, float, dict[str, float]]:
    """Medians, in seconds: ours by the clock and of our part of the processor, the peers' by the
    clock. Ours has written once already."""
    some = min(count, CHUNK)
    for peer in peers.values():
        _seconds(_way(peer, some, some))
    ways = {"ours": write} | {name: _way(peer, count) for name, peer in peers.items()}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name in in_turn(ways, number):
            taken[name].append(_seconds(ways[name]))
    used = statistics.median(used for _clock, used in taken["ours"])
    clocks = {name: statistics.median(c for c, _used in each) for name, each in taken.items()}
    return clocks.pop("ours"), used, clocks


def _way(peer: Peer, count: int, most: int | None = None) -> Way:
    """Writes its rows, or ``most`` of them; it has as many as we do."""
    put, asked = peer

    def go(target: Any) -> None:
        passed = 0

        def counted() -> Iterator[Row]:
            nonlocal passed
            for passed, row in enumerate(islice(asked(), most), start=1):  # noqa: B007
                yield row

        put(target, counted())
        assert passed == count, (passed, count)

    return go


def _told_apart() -> None:
    """Of one case in five the newest event is a remark of its own, as people write them: words that
    are put together for that line alone."""
    nation.do(
        "INSERT INTO cases_caseevent (case_id, verb, at, recorded_at, by_id, from_stage, to_stage, "
        "reason, data) SELECT id, 'comment', opened_on + interval '1 day', opened_on + interval "
        "'1 day', (SELECT min(id) FROM organisations_user), stage, stage, '已电话联系企业财务，第' "
        "|| id || '次催报', '{}' FROM cases_case WHERE is_main AND id % 5 = 0"
    )


def _seconds(write: Way) -> tuple[float, float]:
    """By the clock and of our part of the processor."""
    gc.collect()
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        begun, used = time.perf_counter(), time.process_time()
        write(target)
        return time.perf_counter() - begun, time.process_time() - used


def _bare() -> Iterator[Row]:
    from cases.models import Case

    rows = Case.objects.with_item().filter(is_main=True, item__isnull=False)
    rows = rows.order_by("item__due_on", "pk").values_list(*BARE)
    yield from rows.iterator(chunk_size=CHUNK)


def _worded(world: Any) -> Iterator[Row]:
    from cases.columns import Reader
    from cases.ledger import Ledger
    from cases.sheet_columns import sheet_columns
    from tests.world import START

    reader = Reader(world.office, START)
    columns = [one for one in sheet_columns(world.office) if one.key not in ("contact", "phone")]
    cases = Ledger(world.office, START).rows().iterator(chunk_size=CHUNK)
    while chunk := list(islice(cases, CHUNK)):
        for row in reader.rows(chunk):
            yield tuple(one.value(row) if one.value else one.text(row) for one in columns)


def _rust(target: Any, rows: Iterator[Row]) -> None:
    # only bin/bench has it installed
    writer = import_module("rustpy_xlsxwriter")
    names = [f"{n}" for n in range(len(BARE) + 1)]
    lines = (dict(zip(names, row, strict=False)) for row in rows)
    writer.FastExcel(target.name).sheet("台账", lines).save()


def _openpyxl(target: Any, rows: Iterator[Row]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(target)


def _now_mb() -> int:
    return _of_status("VmRSS")


def _highest_mb() -> int:
    return _of_status("VmHWM")


def _forget_the_highest() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _of_status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(int(line.split()[1]) for line in lines if line.startswith(name))
    return found // 1024


if __name__ == "__main__":
    print(json.dumps(exported(int(sys.argv[1])), ensure_ascii=False))
