"""PostgreSQL's plans of the ledger's questions: by an index, however many cases there are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from cases.ledger import Asked, Ledger
from organisations.keyset import KeyPage, counted
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


def cost_of(sql: str) -> float:
    """The database's own estimate of the whole statement."""
    found = re.match(r".*?cost=[\d.]+\.\.([\d.]+)", plan_of(sql))
    assert found
    return float(found[1])


def rows_of(asked: list[str]) -> str:
    """The statement of the page's rows among those of a list."""
    by_date = [sql for sql in asked if "due_on" in sql.rsplit("ORDER BY", 1)[-1]]
    [sql] = [sql for sql in by_date if sql.startswith('SELECT "cases_case"."id", ')]
    return sql


def test_a_deep_page_by_date_costs_what_the_first_does(world: World, today: Any) -> None:
    """Behind a thousand rows: by the key of the row before, nothing is skipped by counting."""
    many(world, 1500)
    many(world, 100, "嵩县")
    world.open(START)
    ledger = Ledger(world.office, START, Asked(sort="due"))
    rows = ledger.unordered()
    place = KeyPage(rows, ledger.order, QueryDict(""), 1000, counted(rows)).next_place
    first = rows_of(questions(world, "office/1", "/ledger/?sort=due"))
    deep = rows_of(questions(world, "office/1", f"/ledger/?sort=due&after={place}"))
    assert "OFFSET" not in deep
    assert '"due_on" > ' in deep
    assert cost_of(deep) <= 1.1 * cost_of(first), plan_of(deep)
    assert "Join Filter: (cases_case.id = item.process_id)" not in plan_of(deep)


def test_a_search_is_joined_and_found_by_indexes(world: World, today: Any) -> None:
    many(world, 1500)
    world.open(START)
    asked = questions(world, "office/1", "/ledger/?q=示例")
    assert len(asked) >= 2
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for sql in asked:
        plan = plan_of(sql)
        assert "Join Filter: (cases_case.id = item.process_id)" not in plan, plan
        assert "Seq Scan on cases_case" not in plan, plan
