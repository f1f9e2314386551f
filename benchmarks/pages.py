"""The ledger at any depth, the search box, the progress of 2,800 counties, over a whole country.

A page of 50 lines as the view asks for it, first and in the depth, against OFFSET; firms by two
characters of their name against LIKE, with plans made for the word and kept for any; the counts by
county against counting every case, where no county has moved since the tick and where some have.
``python -m benchmarks.pages 100000`` takes that many firms.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from benchmarks import bed, contention, nation
from benchmarks.rounds import Way, against, rounds

FIRMS, QUICK, COUNTIES, PAGE = 500_000, 4_000, 2_800, 50
# shared_buffers, as docs/operations.md asks of a country
MEMORY = "2GB"
# a word is searched for so often in a round, as many as ``moves``: of ten the first, whose way the
# other ways and the collector have swept out of the processor's caches, was a third. By itself it
# is told too
SEARCHES = 60
# as many times the rounds of a single one
MORE = 3
# page 1,000; and others, the last one of the list behind them
DEPTH = 1_000 * PAGE
PAGES = (10, 100, 5_000)
DEEPER, OFFSET, DASHBOARD = 1 / 3, 100.0, 20.0
COMMON, RARE = ("轴承", 2.5), ("熠砺", 80.0)
MODES = ("custom", "generic")
# counties in which something has happened since the tick; and as many cases lie in enough of them,
# behind those of the seed, which has few counties
MOVED, AMONG = (1, 10, 100), 5_000


def main(is_quick: bool, firms: int = FIRMS) -> dict[str, Any]:
    with bed.on_postgresql(MEMORY):
        from tests.world import build

        world = build()
        nation.settle(world, QUICK if is_quick else firms, 40 if is_quick else COUNTIES)
        return measured(world, count=1 if is_quick else 5)


def measured(world: Any, *, count: int) -> dict[str, Any]:
    """On a country that is there; the office sees all of it."""
    from tests.world import START

    actor, programme = world.office, world.programme
    found: dict[str, Any] = {}
    ways = _pages(actor, START, world.actor("涧西区/county_worker"))
    seconds = rounds(ways, count=count, size=1)
    for name in ("ledger", "overdue", "county"):
        depths = {way.removeprefix(f"{name} page "): way for way in ways if f"{name} page " in way}
        for depth, way in depths.items():
            found[f"{name}: page {depth} against page 1"] = against(
                seconds, way, f"{name} first", DEEPER
            )
        found[f"{name}: page 1,000 against page 1"] = against(
            seconds, f"{name} deep", f"{name} first", DEEPER
        )
        # what a county's own people have fits on some pages; here its unit owes 67,000 cases
        found[f"{name}: page 1,000 against OFFSET"] = against(
            seconds, f"{name} deep", f"{name} offset", 0.0 if name == "county" else OFFSET
        )
        found[f"{name}: page 1,000, asked for the first time"] = {
            "ours_ms": round(seconds[f"{name} new"] * 1000, 3)
        }
    found |= {
        f"search for {word}, the firms of LIKE": _same(word) for word, _goal in (COMMON, RARE)
    }
    searches = _searches()
    seconds = rounds(searches, count=count, size=SEARCHES)
    first = rounds(searches, count=count * MORE, size=1)
    for word, goal in (COMMON, RARE):
        for mode in MODES:
            name = f"search for {word}, {mode} plan"
            ours, like = (f"{word} {way} {mode}" for way in ("ours", "LIKE"))
            found[f"{name}, against LIKE"] = against(seconds, ours, like, goal)
            # no goal: for the record
            found[f"{name}, one behind everything else, against LIKE"] = against(
                first, ours, like, 0.0
            )
    for word, goal in (COMMON, RARE):
        found[f"search for {word}, as many at once as processors, against LIKE"] = _at_once(
            word, goal, count
        )
    seconds = rounds(_dashboard(programme, START), count=count, size=1)
    found["counts by county, against counting anew"] = against(
        seconds, "counted", "anew", DASHBOARD
    )
    found |= _dashboard_behind(world, START, count)
    # the few cases of a quick run last no longer
    seconds_each = 0.2 if count == 1 else contention.SECONDS
    beside = contention.measured(world, count=count, seconds=seconds_each)
    found["moves beside the dashboard"] = beside
    return found


def _pages(actor: Any, on: Any, worker: Any = None) -> dict[str, Way]:
    """Of whoever sees the country; with a county's ``worker`` his own ledger too."""
    from datetime import timedelta

    from cases.ledger import Asked, Ledger, newest_version
    from cases.walking import Walk
    from organisations import asked_again
    from organisations.keyset import Place

    later = on + timedelta(days=20)
    rules = newest_version(actor).values_list("pk", flat=True).first()
    ways: dict[str, Way] = {}
    lists = [("ledger", actor, Asked(of="all")), ("overdue", actor, Asked(chip="overdue"))]
    for name, who, asked in (*lists, *([("county", worker, Asked())] if worker else ())):
        # as the page asks, which knows the rules that are in force
        ledger = Ledger(who, later, asked, rules)
        depth = min(DEPTH, ledger.listed().count() // 2)
        edge = ledger.rows()[depth - 1 : depth].get()
        place = Place(tuple(key.of(edge) for key in ledger.order))
        last = ledger.listed().count() - PAGE

        def page(_size: int, of: Any = ledger) -> None:
            list(Walk(of)(Place(), PAGE + 1))

        def new(_size: int, at: Any = place, of: Any = ledger) -> None:
            # as somebody who has not asked for it before, in a process that has been asked
            held = dict(asked_again._known)
            for named in [one for one in held if "keys" in str(one)[:30]]:
                del asked_again._known[named]
            list(Walk(of)(at, PAGE + 1))
            asked_again._known.update(held)

        def deep(_size: int, at: Any = place, of: Any = ledger) -> None:
            list(Walk(of)(at, PAGE + 1))

        def offset(_size: int, of: Any = ledger, depth: int = depth) -> None:
            list(of.rows()[depth : depth + PAGE + 1])

        ways |= {f"{name} first": page, f"{name} deep": deep, f"{name} offset": offset}
        ways |= {f"{name} new": new}
        for number, before in (*((n, (n - 1) * PAGE) for n in PAGES), ("last", last)):
            if 0 < before <= last:
                there = ledger.rows()[before - 1 : before].get()
                spot = Place(tuple(key.of(there) for key in ledger.order))

                def further(_size: int, at: Any = spot, of: Any = ledger) -> None:
                    list(Walk(of)(at, PAGE + 1))

                ways[f"{name} page {number}"] = further
    return ways


def _searches() -> dict[str, Way]:
    """Prepared once each and executed with the word: how many firms have it, as both agree."""
    sessions = {mode: _session(mode) for mode in MODES}
    ways: dict[str, Way] = {}
    for number, (word, _goal) in enumerate((COMMON, RARE)):
        for name, statement in _told(word).items():
            called = f"search{number}{name}"
            for mode, cursor in sessions.items():
                cursor.execute(f"PREPARE {called}{statement.prepared}")

                def go(
                    size: int, cursor: Any = cursor, asked: str = called + statement.asked
                ) -> None:
                    for _ in range(size):
                        cursor.execute(f"EXECUTE {asked}")
                        cursor.fetchall()

                ways[f"{word} {name} {mode}"] = go
    return ways


def _same(word: str) -> dict[str, Any]:
    """Whether both find the very same firms."""
    from enterprises.models import Enterprise
    from enterprises.searching import firms_of

    like = set(Enterprise.objects.filter(name__contains=word).values_list("pk", flat=True))
    ours = {key for row in firms_of(word) for key in row.values()}
    return {"firms": len(like), "holds": bool(like) and ours == like}


class Statement(NamedTuple):
    """What follows its name in PREPARE, and in EXECUTE."""

    prepared: str
    asked: str


def _told(word: str) -> dict[str, Statement]:
    from django.db import connection

    from enterprises.searching import firms_of

    sql, _params = firms_of(word).query.get_compiler(connection=connection).as_sql()
    like = "SELECT id FROM enterprises_enterprise WHERE name LIKE %s"
    return {
        name: Statement(
            f"({kind}) AS SELECT count(*) FROM ({text.replace('%s', '$1')}) AS found", given
        )
        for name, text, kind, given in (
            ("ours", sql, "text[]", f"('{{{word}}}')"),
            ("LIKE", like, "text", f"('%{word}%')"),
        )
    }


def _at_once(word: str, goal: float, count: int) -> dict[str, Any]:
    """The same by as many sessions as there are processors: PostgreSQL gives a ``LIKE`` three of
    them while two have nothing to do, which on a morning with many readers they have."""
    many = len(os.sched_getaffinity(0))
    ways: dict[str, Way] = {}
    with ThreadPoolExecutor(many) as people:
        for name, statement in _told(word).items():
            sessions = [_session("custom") for _ in range(many)]
            for session in sessions:
                session.execute(f"PREPARE at_once{statement.prepared}")

            def go(size: int, sessions: Any = sessions, asked: str = statement.asked) -> None:
                def one(cursor: Any) -> None:
                    for _ in range(size):
                        cursor.execute(f"EXECUTE at_once{asked}")
                        cursor.fetchall()

                list(people.map(one, sessions))

            ways[name] = go
        seconds = rounds(ways, count=count, size=SEARCHES)
    row = against(seconds, "ours", "LIKE", goal)
    return row | {"sessions": many}


def _session(mode: str) -> Any:
    """A cursor of a connection of its own, which makes its plans for the value or for any."""
    from django.db import connections

    own = connections.create_connection("default")
    own.ensure_connection()
    cursor = own.connection.cursor()
    cursor.execute(f"SET plan_cache_mode = force_{mode}_plan")
    return cursor


def _dashboard_behind(world: Any, on: Any, count: int) -> dict[str, Any]:
    """The same look where a case of so many counties has moved, by the verb of the page, and no
    tick has come since: those are counted as they are asked for."""
    from reports.figures import counted

    ways, moves = _dashboard(world.programme, on), _one_a_county(world)
    found, moved = {}, 0
    for many in MOVED:
        for case, actor in moves[moved:many]:
            contention.sign(case, actor)
        # a quick run has fewer counties
        moved = min(many, len(moves))
        assert _uncounted(world.programme) == moved
        differing = counted.differing(world.programme, on)
        seconds = rounds(ways, count=count, size=1)
        found[f"counts by county, {moved} of them moved since the tick, against counting anew"] = {
            "ratio": round(seconds["anew"] / seconds["counted"], 2),
            "holds": not differing,
            "counties that differ from the recomputed truth": len(differing),
            "ours_ms": round(seconds["counted"] * 1000, 3),
            "peer_ms": round(seconds["anew"] * 1000, 3),
        }
    return found


def _one_a_county(world: Any) -> list[contention.Signing]:
    """A case of each county, as far as there are any among the first ones, and who may sign it."""
    signings = contention.to_sign(world.actor("涧西区/county_worker"), AMONG)
    return list({one[1].standings[0].region_id: one for one in signings}.values())


def _uncounted(programme: Any) -> int:
    """Counties that the trail names behind the mark."""
    from cases.models import CaseEvent
    from reports.figures.counted import CountMark

    since = CaseEvent.objects.filter(pk__gt=CountMark.objects.get(programme=programme).up_to)
    named = since.order_by().values("case__county_id").distinct()
    return named.filter(case__programme=programme).count()


def _dashboard(programme: Any, on: Any) -> dict[str, Way]:
    from reports.figures import counted
    from tests.world import at

    contention.count_up(programme, at(on))
    assert not counted.differing(programme, on)

    def told(_size: int) -> None:
        counted.lines(programme, on)

    def anew(_size: int) -> None:
        counted.lines_anew(programme, on)

    return {"counted": told, "anew": anew}


if __name__ == "__main__":
    print(json.dumps(main(False, int(sys.argv[1])), ensure_ascii=False, indent=1))
