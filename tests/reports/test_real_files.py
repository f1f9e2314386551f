"""The sample workbooks of a city: our figures against a count by hand with openpyxl."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command

from tests.world import World

REGISTER = settings.BASE_DIR / "tests/data/luoyang-register-2022-01.xlsx"
FILING = settings.BASE_DIR / "tests/data/luoyang-filing-2022-02.xlsx"
# first rows of data, columns of code, county; of code, then the six answers
REGISTER_FROM, FILING_FROM = 5, 3


def rows(path: Any, first: int) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path, read_only=True)
    found = book.worksheets[0].iter_rows(min_row=first, values_only=True)
    kept = [row for row in found if row[1]]
    book.close()
    return kept


def by_hand() -> dict[str, list[int]]:
    """County → listed, registered, filed, with R&D spending, all four; "" is the city."""
    county_of = {row[2]: str(row[3]).replace(" ", "") for row in rows(REGISTER, REGISTER_FROM)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for county in county_of.values():
        counts[county][0] += 1
    for row in rows(FILING, FILING_FROM):
        yes = [answer == "是" for answer in row[2:8]]
        hits = (yes[0], yes[1], yes[4], all(yes[2:]))
        for place, hit in enumerate(hits, 1):
            counts[county_of[row[1]]][place] += hit
    counts[""] = [sum(column) for column in zip(*counts.values(), strict=True)]
    return counts


def printed(part: int, whole: int) -> float:
    exact = Decimal(part) * 100 / Decimal(whole)
    return float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_register_and_filing_of_luoyang(world: World) -> None:
    key = ("--programme", world.programme.key)
    assert run("register", str(REGISTER), *key, "--as-of", "2022-01-31")["new"] == 1912
    run("filing", str(FILING), *key, "--month", "2022-02")
    found = run("indicators", world.programme.key, "--as-of", "2022-02-28")
    expected = by_hand()
    names = ("listed", "registered", "filed", "with_rd", "four_haves")
    for row in [found["city"] | {"name": ""}, *found["counties"]]:
        counts = expected[row["name"]]
        assert [row[name] for name in names] == counts, row["name"]
        rates = [printed(n, counts[0]) for n in counts[2:]]
        assert [row["filing_rate"], row["coverage_rate"], row["four_haves_rate"]] == rates
        assert row["gap"] == pytest.approx(row["coverage_rate"] - row["target"])
    shares = {n: Decimal(c[3]) / c[0] for n, c in expected.items() if n}
    for row in found["counties"]:
        assert row["rank"] == 1 + sum(s > shares[row["name"]] for s in shares.values())
    assert (found["city"]["listed"], found["city"]["with_rd"]) == (1912, 929)
    opened = run("open_cases", world.programme.key, "--at", "2022-03-01")
    assert opened == {"opened": 983, "covered": 929, "without_unit": 0}
    # two counties are staffed with two people each; the other fourteen posts keep theirs
    assert run("tick", "--at", "2022-03-01") == {"rungs": 0, "notices": 4 + 14}
