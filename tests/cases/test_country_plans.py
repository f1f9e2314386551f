"""What a country's lists and figures are found by (docs/adr/0046, 0054)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from cases.querysets import parts_of, scope_of
from tests.cases.lists import many
from tests.cases.test_plans import plan_of, questions
from tests.world import World

pytestmark = pytest.mark.postgres
# who, the page, an index that one of its statements must enter by
PAGES = (
    ("office/1", "/issues/", "case_matter"),
    ("office/1", "/ledger/", "evidence_returned"),
    ("office/1", "/closings/numbers/", "event_takes_back"),
)


def test_each_list_has_its_index(world: World, today: Any) -> None:
    many(world, 40)
    many(world, 40, "嵩县")
    world.open()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for who, page, index in PAGES:
        plans = [plan_of(sql, whole_tables=False) for sql in questions(world, who, page)]
        assert any(index in plan for plan in plans), (page, plans)
    a_county_reads_its_cases(world)


def a_county_reads_its_cases(world: World) -> None:
    """The figures of its workbench come from the parts of its scope, not from a look at each."""
    who = "嵩县/county_lead"
    assert len(parts_of(scope_of(world.actor(who)))) > 1
    [figures] = [s for s in questions(world, who, "/workbench/") if "lacks_one" in s]
    plan = plan_of(figures, whole_tables=False)
    assert "UNION" in figures
    assert "Seq Scan on cases_case" not in plan, plan
