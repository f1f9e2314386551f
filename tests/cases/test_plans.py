"""PostgreSQL's plans of the ledger's questions: by an index, however many cases there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.lists import many, sign_in
from tests.world import START, World

pytestmark = pytest.mark.postgres
# who asks for what, and the column by which an index must find the cases
QUESTIONS = {
    "the whole city by date": ("office/1", "/ledger/?sort=-due", ""),
    "one county of the city": ("office/1", "/ledger/?county={county}&sort=-due", "county_id"),
    "the county itself": ("嵩县/county_lead", "/ledger/?sort=due", "county_id"),
    "a department": ("市工信局/department_lead", "/ledger/", ""),
}


def questions(world: World, who: str, page: str) -> list[str]:
    """The statements of a page that go through the cases."""
    client = sign_in(world, who)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return [q["sql"] for q in captured.captured_queries if 'FROM "cases_case"' in q["sql"]]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_list_of_two_thousand_is_joined_and_found_by_indexes(
    world: World, today: Any, question: str
) -> None:
    """Right after the opening, when the database has not yet counted the tables by itself."""
    many(world, 1900)
    many(world, 100, "嵩县")
    world.open(START)
    who, page, column = QUESTIONS[question]
    asked = questions(world, who, page.format(county=world.counties["嵩县"].pk))
    assert len(asked) >= 2  # the chips' counts and the rows
    for sql in asked:
        # each case with each step would be four million pairs
        assert "Join Filter: (cases_case.id = item.process_id)" not in plan_of(sql)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for sql in asked:
        plan = plan_of(sql)
        assert "Seq Scan on cases_case" not in plan, plan
        assert not column or f"Index Cond: ({column} = " in plan or f"({column} = " in plan, plan
