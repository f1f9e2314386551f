"""A part of a name found by pairs of characters is the part found by reading every name."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from enterprises.models import Enterprise
from enterprises.pairs import contains

SIGNS = "轴承东方机械()·ab1%_'\\ 𠮷\n"


@pytest.fixture
def named(db: None) -> list[str]:
    dice = random.Random(3)
    names = ["".join(dice.choices(SIGNS, k=dice.randint(0, 12))) for _number in range(400)]
    Enterprise.objects.bulk_create(Enterprise(name=name, folded_name=name) for name in names)
    return names


def test_any_part_finds_the_names_that_hold_it(named: list[str]) -> None:
    dice, hits = random.Random(4), 0
    for _number in range(300):
        part = "".join(dice.choices(SIGNS, k=dice.choice([1, 2, 2, 2, 3, 4])))
        found = Enterprise.objects.filter(contains("folded_name", part))
        wanted = sorted(name for name in named if part in name)
        assert sorted(found.values_list("folded_name", flat=True)) == wanted, part
        hits += len(wanted)
    assert hits > 500


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_index_is_entered_whatever_the_plan_knows(named: list[str], mode: str) -> None:
    rows = Enterprise.objects.filter(contains("folded_name", "轴承机")).values("pk").order_by()
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    numbered = sql
    for number in range(1, len(params) + 1):
        numbered = numbered.replace("%s", f"${number}", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        plain = connection.connection.cursor()
        plain.execute(f"PREPARE pairs AS {numbered}")
        given = ", ".join(["%s"] * len(params))
        cursor.execute(f"EXPLAIN EXECUTE pairs({given})", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        plain.execute("DEALLOCATE pairs")
    assert "enterprise_name_pairs" in plan
