"""The ledger at any depth, and the search box, over many cases.

A page of 50 lines as the view reads it, by key and by OFFSET; a search as the ledger asks it,
against LIKE over names.
"""

from __future__ import annotations

from typing import Any

from benchmarks import bed, country
from benchmarks.rounds import Way, against, rounds

FIRMS, QUICK, PAGE = 100_000, 2_000, 50
DEEPER, OFFSET = 1 / 3, 100.0
COMMON, RARE = ("轴承", 2.5), ("熠砺", 80.0)


def main(is_quick: bool) -> dict[str, Any]:
    count = QUICK if is_quick else FIRMS
    with bed.on_postgresql():
        from tests.world import START, build

        world = build()
        country.list_firms(world, count)
        world.open()
        country.settle()
        ways = _ways(world.office, START, count)
        seconds = rounds(ways, count=1 if is_quick else 5, size=1)
        found = {
            "page in the depth, against page 1": against(seconds, "deep", "first", DEEPER),
            "page in the depth, against OFFSET": against(seconds, "deep", "offset", OFFSET),
        }
        for word, goal in (COMMON, RARE):
            name = f"search for {word}, against LIKE"
            found[name] = against(seconds, f"search {word}", f"like {word}", goal)
        return found | {"counts of the ledger": {"ms": round(seconds["counts"] * 1000, 1)}}


def _ways(actor: Any, on: Any, count: int) -> dict[str, Way]:
    from dataclasses import replace

    from django.db import connection

    from cases.ledger import Asked, Ledger
    from organisations.keyset import Place

    ledger = Ledger(actor, on, Asked(of="all"))
    depth = count - count // 10
    edge = ledger.rows()[depth - 1 : depth].get()
    place = Place(tuple(key.of(edge) for key in ledger.order))

    def first(_size: int) -> None:
        list(ledger.rows()[:PAGE])

    def deep(_size: int) -> None:
        list(ledger.rows().filter(place.beyond(ledger.order))[:PAGE])

    def offset(_size: int) -> None:
        list(ledger.rows()[depth : depth + PAGE])

    def counts(_size: int) -> None:
        replace(ledger).counted()

    def searching(word: str) -> Way:
        def go(_size: int) -> None:
            list(replace(ledger, asked=replace(ledger.asked, q=word)).rows()[:PAGE])

        return go

    def like(word: str) -> Way:
        def go(_size: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT c.* FROM cases_case c JOIN enterprises_enterprise e "
                    "ON e.id = c.enterprise_id WHERE e.name LIKE %s ORDER BY c.id LIMIT 50",
                    [f"%{word}%"],
                )
                cursor.fetchall()

        return go

    ways: dict[str, Way] = {"first": first, "deep": deep, "offset": offset, "counts": counts}
    for word, _goal in (COMMON, RARE):
        ways |= {f"search {word}": searching(word), f"like {word}": like(word)}
    return ways
