"""The servers that other tests stand on."""

import socket
from datetime import date

import psycopg
import pytest
import redis
from django.db import connection

from tests import servers
from workflows.models import CalendarDay


def test_postgresql_starts_and_is_gone_afterwards() -> None:
    with servers.postgres() as url:
        with psycopg.connect(url) as link:
            row = link.execute("select 1").fetchone()
        assert row == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


@pytest.mark.redis
def test_redis_answers(redis_url: str) -> None:
    assert redis.Redis.from_url(redis_url).ping()


@pytest.mark.postgres
@pytest.mark.django_db
def test_second_pass_runs_on_postgresql() -> None:
    assert connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        # compiled, a workbench takes seconds; memoized, a page 3 ms more (config/settings.py)
        asked = ["jit", "enable_memoize", "effective_io_concurrency"]
        cursor.execute("SELECT current_setting(name) FROM unnest(%s::text[]) AS name", [asked])
        assert [told for (told,) in cursor.fetchall()] == ["off", "off", "0"]


def test_network_is_closed() -> None:
    with socket.socket() as outward, pytest.raises(AssertionError, match="network"):
        outward.connect(("192.0.2.1", 80))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "after a flush"])
def test_seeded_days_outlive_a_test_that_commits(time: str) -> None:
    assert CalendarDay.objects.filter(day=date(2022, 10, 1), is_working=False).exists()
