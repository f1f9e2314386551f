"""The product as it runs: PostgreSQL, Redis, web processes and workers, and a city in it.

``city()`` opens a city's cases; ``serving()`` is the real web server, ``working()`` a real worker.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from organisations.models import User
    from tests.world import World

ROOT = Path(__file__).resolve().parents[1]
COUNTIES = ("涧西区", "西工区", "洛龙区", "老城区", "瀍河回族区", "孟津区", "偃师区", "新安县")
BARE = "benchmarks.bare.settings"


@dataclass(frozen=True)
class Bed:
    """What a process of the product is started with."""

    environment: Mapping[str, str]


@contextmanager
def bed(*, server: str = "", **settings: str) -> Iterator[Bed]:
    """Servers of their own, gone afterwards; what is committed is on the disk.

    ``server``: settings of PostgreSQL, a space between two; the others are the environment's."""
    from tests.servers import postgres, redis

    with (
        postgres(is_durable=True, settings=server) as url,
        redis() as queue,
        tempfile.TemporaryDirectory() as var,
    ):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url,
            "REDIS_URL": queue,
            "XIAOHAO_VAR": var,
            "XIAOHAO_LOG_LEVEL": "WARNING",
            **settings,
        }
        django.setup()
        from django.db import connections

        from config.prepare import prepare

        prepare()
        try:
            yield Bed(dict(os.environ))
        finally:
            connections.close_all()


def city(firms: int) -> World:
    """A city with people in eight counties and ``firms`` open cases, some of them late."""
    from benchmarks import country
    from organisations import clock
    from tests.world import build

    world = build(counties=COUNTIES)
    country.list_firms(world, firms)
    world.open(clock.today() - timedelta(days=40))
    _spread()
    country.settle()
    return world


def _spread() -> None:
    """Dates over the weeks to come, none looked at before tomorrow."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_workitem SET due_on = current_date + (id % 30)::int - 2, "
            "next_check_at = now() + interval '2 days' WHERE finished IS NULL"
        )


def thin_out(world: World, most: int) -> None:
    """A county with people keeps ``most`` cases, as China's have; the others are those of counties
    where nobody signs in, as many a county. PostgreSQL only."""
    from benchmarks import country
    from benchmarks.nation import do
    from cases.models import Case
    from organisations.models import Post, Region, Unit

    kept: list[int] = []
    for county in world.counties.values():
        kept += list(Case.objects.filter(county=county).values_list("pk", flat=True)[:most])
    regions, units, posts = [], [], []
    for number in range(-(-(Case.objects.count() - len(kept)) // most)):
        name = f"第{number}县"
        region = Region.objects.create(
            key=f"bench/{number}",
            name=name,
            level=Region.Level.COUNTY,
            parent=world.city,
            position=number,
        )
        unit = Unit.objects.create(region=region, name=name, kind=Unit.Kind.TASK_FORCE)
        posts.append(Post.objects.create(unit=unit, name="经办人", role="county_worker").pk)
        regions.append(region.pk)
        units.append(unit.pk)
    if not regions:
        return
    by_case = f"[1 + (c.id %% {len(regions)})::int]"
    others = "c.id <> ALL(%s)"
    do(f"UPDATE cases_case c SET county_id = (%s::bigint[]){by_case}, township_id = NULL, "
        f"responsible_unit_id = (%s::bigint[]){by_case} WHERE {others}",
       regions, units, kept)  # fmt: skip
    for table, more in (
        ("enterprises_membership", ""),
        ("cases_programmefirm", ", responsible_unit_id = c.responsible_unit_id"),
    ):
        do(f"UPDATE {table} m SET county_id = c.county_id, township_id = NULL{more} "
            "FROM cases_case c WHERE c.enterprise_id = m.enterprise_id")  # fmt: skip
    do(f"UPDATE cases_workitem w SET unit_id = (%s::bigint[]){by_case}, "
        f"post_id = (%s::bigint[]){by_case} FROM cases_case c "
        f"WHERE c.id = w.process_id AND {others}",
       units, posts, kept)  # fmt: skip
    country.settle()
    _ticked()


def _ticked() -> None:
    """As where it runs: what was opened has been told of, and the tick has counted."""
    from cases.models import PendingEvent
    from config.tasks import tick

    PendingEvent.objects.all().delete()
    tick()


def signed_in(user: User) -> str:
    """The cookie of a session of this person."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from config.sessions import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@contextmanager
def serving(bed: Bed, processes: int, threads: int, *, settings: str = "") -> Iterator[int]:
    """The web server as ``manage.py up`` starts it; yields its port. ``settings``: another site."""
    from config.supervise import web
    from tests.servers import free_port

    port = free_port()
    more = {"DJANGO_SETTINGS_MODULE": settings} if settings else {}
    with _running(web("127.0.0.1", port, processes, threads).command, bed, more):
        _wait(port)
        yield port


@contextmanager
def working(bed: Bed, processes: int, *, has_beat: bool = False) -> Iterator[None]:
    """A Celery worker as the unit starts it, behind the web server."""
    from config.supervise import BEHIND

    command = [
        "nice",
        "-n",
        str(BEHIND),
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "celery",
        "-A",
        "config",
        "--quiet",
        "worker",
    ]
    command += ["--concurrency", str(processes), "--without-gossip", "--without-mingle"]
    command += ["--loglevel", "WARNING", *(["--beat"] * has_beat)]
    with _running(command, bed, {}):
        yield


@contextmanager
def _running(command: Sequence[str], bed: Bed, more: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, env={**bed.environment, **more}, start_new_session=True
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int) -> None:
    """Until it answers; the other site has no such page, and says so."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


def load_now() -> float:
    """What else this machine does: the load of the last minute, to stand beside a figure."""
    return round(os.getloadavg()[0], 1)


def people(world: World, *roles: str) -> list[Any]:
    """Whoever holds a post of these roles, as keys of ``world.people`` name them."""
    return [user for key, user in world.people.items() if key.split("/")[-1] in roles]
