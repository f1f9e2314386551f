"""Four ticks at once, with real connections: every notice once, none lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from cases import rulebook
from cases.actions import remarks
from cases.models import Case, CaseEvent, PendingEvent, RungFired
from config.ticking import tick
from notifications.models import Delivery, Notice
from notifications.sending import send
from organisations.models import User
from tests.mailbox import mailbox
from tests.world import World, at, build

OPENED, DUE = date(2022, 4, 11), date(2022, 4, 12)
FIRMS, WORKERS = 60, 4
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def due() -> Iterator[World]:
    """60 firms of one county, all due on one day; the clerk who reads is one person."""
    world = build()
    for number in range(FIRMS):
        world.firm(f"洛阳示例{number}有限公司")
    world.open(OPENED)
    tick(at(OPENED))
    Notice.objects.all().delete()
    yield world
    rulebook.pack_of.cache_clear()


def together(
    moment: date, what: Callable[[datetime], dict[str, int]] = tick
) -> list[dict[str, int]]:
    """Four threads that start their tick at the same instant."""
    barrier, done, errors = threading.Barrier(WORKERS), [], []

    def work() -> None:
        try:
            barrier.wait()
            done.append(what(moment if isinstance(moment, datetime) else at(moment)))
        except BaseException as wrong:
            errors.append(wrong)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors, errors
    return done


def test_four_at_once(due: World) -> None:
    done = together(DUE)
    worker, lead = due.people["涧西区/county_worker"], due.people["涧西区/county_lead"]
    told = Counter(Notice.objects.values_list("recipient", flat=True))
    assert told == {worker.pk: FIRMS, lead.pk: FIRMS}
    assert sum(one["notices"] for one in done) == 2 * FIRMS
    assert sum(one["rungs"] for one in done) == RungFired.objects.count() == FIRMS
    assert CaseEvent.objects.filter(verb="rung").count() == FIRMS
    assert not PendingEvent.objects.exists()
    assert together(DUE) == [{"rungs": 0, "notices": 0}] * WORKERS


def test_four_at_once_share_one_letter(due: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches, so that the items of one draft lie in several hands."""
    monkeypatch.setattr("cases.sweeps.BATCH", 7)
    monkeypatch.setattr("cases.sweeps.MANY", 7)
    monkeypatch.setattr("notifications.delivery.BATCH", 7)
    late = date(2022, 4, 25)  # ten working days: the work note, once for all sixty
    for day in range(1, (late - DUE).days):
        tick(at(DUE + timedelta(days=day)))  # no outage, whose reminders would be one notice
    together(late)
    notes = Notice.objects.filter(kind="work_note").values_list("recipient__username", flat=True)
    office = {due.people[key].username for key in ("office/1", "office/2")}
    assert sorted(notes) == sorted(office)
    assert not PendingEvent.objects.exists()


def test_a_worker_killed_in_the_middle_loses_nothing(
    due: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written and not yet deleted, then gone: the next tick writes each notice once."""
    tick_moment = at(DUE)

    class Killed(Exception):
        pass

    def die(*_args: object, **_values: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.delete", die)
        with pytest.raises(Killed):
            tick(tick_moment)
    assert Notice.objects.count() == 0
    assert PendingEvent.objects.count() == FIRMS
    assert tick(tick_moment) == {"rungs": 0, "notices": 2 * FIRMS}


@pytest.mark.postgres
def test_another_worker_s_events_are_skipped_not_waited_for(due: World) -> None:
    """SKIP LOCKED: a worker that hangs with its batch does not hold up the others."""
    assert connection.vendor == "postgresql"
    tick(at(date(2022, 4, 12)))
    Notice.objects.all().delete()
    held, go = threading.Event(), threading.Event()

    def hang() -> None:
        with transaction.atomic():
            list(PendingEvent.objects.select_for_update().order_by("event_id")[:1])
            held.set()
            go.wait(30)
        connections.close_all()

    lead = due.actor("涧西区/county_lead", DUE)
    for pk in Case.objects.order_by("pk").values_list("pk", flat=True)[:2]:
        remarks.urge(pk, by=lead, at=at(DUE))
    thread = threading.Thread(target=hang)
    thread.start()
    held.wait(30)
    try:
        assert tick(at(DUE))["notices"] == 1
    finally:
        go.set()
        thread.join(30)
    assert tick(at(DUE))["notices"] == 1


def test_four_that_send_at_once_send_each_letter_once(due: World, settings: Any) -> None:
    """A person's 60 reminders are one letter; 40 people have one each."""
    lead = due.actor("涧西区/county_lead", DUE)
    with mailbox() as box:
        settings.MAIL = box.server(5)
        User.objects.filter(pk=due.people["涧西区/county_worker"].pk).update(email="w@example.cn")
        remarks.urge_many(list(Case.objects.values_list("pk", flat=True)), by=lead, at=at(DUE, 8))
        tick(at(DUE, 8))
        copy = Delivery.objects.all()[0]
        for number in range(39):
            copy.pk, copy.key = None, f"copy:{number}"
            copy.recipient = User.objects.create(username=f"u{number}", email=f"{number}@e.cn")
            copy.save(force_insert=True)
        done = together(at(DUE, 8), send)
        assert sum(one["sent"] for one in done) == 40
        assert len(box.mails) == len({mail["To"] for mail in box.mails}) == 40
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
