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


def plan_of(sql: str, *, whole_tables: bool = True) -> str:
    """``whole_tables``: reading all of one is a way like any other, as it always is in use."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_seqscan = {'on' if whole_tables else 'off'}")
        cursor.execute("EXPLAIN " + sql)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_lists_of_two_thousand(world: World, today: Any) -> None:
    """Right after the opening, when the database has not yet counted the tables by itself; the
    one opening of so many serves every question."""
    many(world, 1900)
    many(world, 100, "嵩县")
    world.open(START)
    for who, page, column in QUESTIONS.values():
        path = page.format(county=world.counties["嵩县"].pk)
        joined_and_found_by_indexes(questions(world, who, path), column)
    joined_and_found_by_indexes(questions(world, "office/1", "/ledger/?q=示例"), "")
    # either number by its index, beside the firms whose name holds the digits
    searched = rows_of(questions(world, "office/1", "/ledger/?q=0036"), begins="SELECT * FROM (")
    plan = plan_of(searched, whole_tables=False)
    for column in ("serial", "closing_serial"):
        assert re.search(rf"Index Cond: \(.*\b{column} = 36\)", plan), plan
    assert "Seq Scan on cases_case" not in plan, plan
    a_deep_page_by_date_costs_what_the_first_does(world)


def joined_and_found_by_indexes(asked: list[str], column: str) -> None:
    assert len(asked) >= 2  # the chips' counts and the rows
    for sql in asked:
        # each case with each step would be four million pairs
        assert "Join Filter: (cases_case.id = item.process_id)" not in plan_of(sql), sql
    for sql in asked:
        plan = plan_of(sql, whole_tables=False)
        assert "Seq Scan on cases_case" not in plan, plan
        # the rows of a page are asked for by the keys that were found
        by_keys = "Index Cond: (id = ANY" in plan
        assert not column or by_keys or f"({column} = " in plan, plan


def cost_of(sql: str) -> float:
    """The database's own estimate of the whole statement."""
    found = re.match(r".*?cost=[\d.]+\.\.([\d.]+)", plan_of(sql))
    assert found
    return float(found[1])


def rows_of(asked: list[str], *, begins: str = "WITH few(pk)") -> str:
    """The statement that finds the page's rows among those of a list; those of a search are found
    by one that begins otherwise (docs/adr/0070)."""
    # they are asked for by the keys that this one finds (docs/adr/0033)
    [sql] = [sql for sql in asked if sql.startswith(begins)]
    return sql


def a_deep_page_by_date_costs_what_the_first_does(world: World) -> None:
    """Behind a thousand rows: by the key of the row before, nothing is skipped by counting."""
    ledger = Ledger(world.office, START, Asked(sort="due"))
    rows = ledger.unordered()
    place = KeyPage(rows, ledger.order, QueryDict(""), 1000, counted(rows)).next_place
    first = rows_of(questions(world, "office/1", "/ledger/?sort=due"))
    deep = rows_of(questions(world, "office/1", f"/ledger/?sort=due&after={place}"))
    assert "OFFSET" not in deep
    assert '"due_on" > ' in deep
    # the class in which the page before ended is walked in two pieces more, however deep it is
    assert cost_of(deep) <= 1.5 * cost_of(first), plan_of(deep)
    assert "Join Filter: (cases_case.id = item.process_id)" not in plan_of(deep)
