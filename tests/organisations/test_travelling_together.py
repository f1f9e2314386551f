"""What travels together on PostgreSQL means what it means one by one (docs/adr/0029)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
    transaction,
)

from organisations import planned
from organisations.models import Region

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

START, KEY = datetime(2022, 3, 1, 8, 30, tzinfo=UTC), UUID(int=5)
ADD = (
    "INSERT INTO organisations_region (key, name, level, path, position, aliases, code) "
    "VALUES (%s, %s, 'city', %s, 0, '[]', '') RETURNING id"
)


def names() -> list[str]:
    return list(Region.objects.order_by("id").values_list("name", flat=True))


def held(key: str, name: str, told: list[Any]) -> bool:
    return planned.hold(
        ADD, [key, name, ""], then=told.extend, otherwise=lambda _error: LookupError("meant")
    )


def test_a_held_statement_is_written_with_the_commit() -> None:
    told: list[Any] = []
    with transaction.atomic():
        assert held("a", "甲区", told)
        assert not told
    assert told == [(Region.objects.get(name="甲区").pk,)]


def test_whatever_else_is_asked_goes_behind_it() -> None:
    told: list[Any] = []
    with transaction.atomic():
        held("a", "甲区", told)
        assert names() == ["甲区"]
        assert told
        with transaction.atomic():
            # a block in another one could be undone by itself
            assert not held("b", "乙区", told)


def test_an_error_is_raised_where_the_block_ends_and_undoes_it() -> None:
    Region.objects.create(key="a", name="甲区", level="city")

    @transaction.atomic
    def twice() -> None:
        Region.objects.create(key="b", name="乙区", level="city")
        held("a", "又一甲区", [])

    with pytest.raises(LookupError, match="meant"):
        twice()
    assert names() == ["甲区"]
    # and the connection goes on
    with transaction.atomic():
        held("c", "丙区", [])
    assert names() == ["甲区", "丙区"]


def test_what_fails_before_the_end_drops_it() -> None:
    @transaction.atomic
    def broken() -> None:
        held("a", "甲区", [])
        raise KeyError

    with pytest.raises(KeyError):
        broken()
    with transaction.atomic():
        pass
    assert names() == []


def test_each_question_sees_what_the_one_before_left_and_the_first_error_counts() -> None:
    count = ("SELECT count(*) FROM organisations_region WHERE name <> %s", [""])
    with transaction.atomic():
        assert planned.ask([count, (ADD, ["a", "甲区", ""]), count])[2] == [(1,)]
        with pytest.raises(IntegrityError), transaction.atomic():
            planned.ask([count, (ADD, ["a", "甲区", ""]), count])
        assert planned.ask([count, count]) == [[(1,)], [(1,)]]


def test_a_plan_outlives_a_rollback() -> None:
    one = ("SELECT %s::integer", [7])

    @transaction.atomic
    def broken() -> None:
        assert planned.ask([one, one]) == [[(7,)], [(7,)]]
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            broken()


def test_a_plan_that_is_taken_away_is_made_anew() -> None:
    """A migration beside a living page, a pooler that forgets: nobody sees an error."""

    @transaction.atomic
    def asked() -> None:
        assert planned.ask([("SELECT a FROM kept", ())]) == [[("一",)]]

    def said(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    said("CREATE TEMPORARY TABLE kept AS SELECT '一'::varchar(5) AS a")
    for change in ("ALTER TABLE kept ALTER a TYPE varchar(9)", "DEALLOCATE ALL", "DROP TABLE kept"):
        for _ in range(3):
            asked()
        said(change)


class TooLongError(Exception):
    """What a worker's clock raises."""


@contextmanager
def clock(seconds: float) -> Iterator[None]:
    def ring(*_args: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_is_broken_off_is_called_back_with_its_commit() -> None:
    """It waits for somebody's lock; whoever gave up must not find it done later."""
    Region.objects.create(key="a", name="甲区", level="city")
    lock = "LOCK TABLE organisations_region IN SHARE MODE"

    @transaction.atomic
    def waits() -> None:
        held("b", "乙区", [])

    with closing(connections.create_connection("default")) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(lock)
            with clock(0.2), pytest.raises(LookupError, match="meant"):
                waits()
            other.rollback()
            # behind whatever is still on its way
            cursor.execute(lock)
    assert names() == ["甲区"]


def test_a_text_is_never_cut_at_a_nought() -> None:
    with pytest.raises(DataError), transaction.atomic():
        planned.ask([(ADD, ["a", "甲\0区", ""])])
    assert names() == []


def test_more_values_than_a_statement_takes() -> None:
    many = list(range(70_000))
    marks = ", ".join(["%s"] * len(many))
    with transaction.atomic():
        assert planned.ask([(f"SELECT 1 WHERE 69999 IN ({marks})", many)]) == [[(1,)]]


def test_a_lost_connection_is_an_error_and_the_next_one_works() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    other = connections.create_connection("default")

    @transaction.atomic
    def cut_off() -> None:
        planned.hold(ADD, ["a", "甲区", ""], then=print, otherwise=lambda _error: None)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [number])

    with pytest.raises(OperationalError):
        cut_off()
    other.close()
    connection.close()
    assert names() == []


def test_values_have_names_and_lists_and_the_types_that_they_are() -> None:
    words = ['一"二', "三\\四", None]
    asked = (
        "SELECT CASE WHEN %(no)s THEN NULL ELSE %(at)s END, %(words)s::text[], %(ids)s::bigint[], "
        "5 %% 3, %(key)s, %(no)s",
        {"at": START, "words": words, "ids": [7, 8], "key": KEY, "no": False},
    )
    for _ in range(3):
        assert planned.ask([asked]) == [[(START, words, [7, 8], 2, KEY, False)]]
