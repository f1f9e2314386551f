"""What is asked ahead is read when it is wanted, and stands in nobody's way (docs/adr/0069)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from organisations import planned
from organisations.models import Region

pytestmark = pytest.mark.django_db(transaction=True)

ONE, COUNT = "SELECT 7", "SELECT count(*) FROM organisations_region"


def region(name: str) -> None:
    Region.objects.create(key=name, name=name, level="city")


def test_its_rows_are_those_of_the_question() -> None:
    region("甲区")
    asked = planned.Ahead([(ONE, ()), (COUNT, ())])
    asked.fetch()
    asked.take()
    assert asked.rows() == [[(7,)], [(1,)]]


@pytest.mark.postgres
def test_whatever_is_said_meanwhile_goes_behind_it() -> None:
    asked = planned.Ahead([(COUNT, ())])
    region("甲区")
    # it was asked before, and is told once; the next is asked behind it
    assert asked.rows() == [[(0,)]]
    first, second = planned.Ahead([(COUNT, ())]), planned.Ahead([(ONE, ())])
    assert planned.ask([(COUNT, ())]) == [[(1,)]]
    assert (first.rows(), second.rows()) == ([[(1,)]], [[(7,)]])


@pytest.mark.postgres
def test_in_a_transaction_it_sees_what_was_written_and_ends_with_it() -> None:
    with transaction.atomic():
        region("甲区")
        asked = planned.Ahead([(COUNT, ())])
    assert asked.rows() == [[(1,)]]
    with transaction.atomic():
        region("乙区")
        asked = planned.Ahead([(COUNT, ())])
        transaction.set_rollback(True)
    # what nobody wanted any more is in nobody's way
    assert Region.objects.count() == 1
    assert asked.rows() == [[(2,)]]


@pytest.mark.postgres
def test_an_error_is_told_to_whoever_wants_the_rows() -> None:
    asked = planned.Ahead([(ONE, ()), ("SELECT 1 / 0", ()), (ONE, ())])
    assert Region.objects.count() == 0
    with pytest.raises(DatabaseError, match="zero"):
        asked.rows()
    assert planned.ask([(ONE, ())]) == [[(7,)]]


@pytest.mark.postgres
def test_a_plan_that_is_old_is_made_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (a integer)")
    wanted = [("SELECT * FROM kept", ())]
    for _ in range(3):
        assert planned.ask(wanted) == [[]]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kept ADD COLUMN b integer; INSERT INTO kept VALUES (1, 2)")
    assert planned.Ahead(wanted).rows() == [[(1, 2)]]


@pytest.mark.postgres
def test_a_connection_is_closed_with_what_was_asked_on_it() -> None:
    planned.Ahead([(ONE, ())])
    assert connection.is_usable()
    planned.Ahead([(ONE, ())])
    connection.close()
    assert Region.objects.count() == 0
