"""Every page that lists, for every role that may open it: 12 statements, however long the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import evidence, stages
from cases.models import Case
from cases.sweeps import sweep
from organisations.models import Unit, User
from organisations.roles import Role
from tests.cases.lists import many, sign_in
from tests.world import START, World, at, closing_form, paper

MOST = 12
LATE = START + timedelta(days=100)
PEOPLE = (
    "涧西区/county_worker",
    "涧西区/county_lead",
    "市工信局/department_officer",
    "市工信局/department_lead",
    "liaison_member",
    "office/1",
    "office/2",
    "supervisor",
    "leader",
    "system_admin",
)
PAGES = (
    "/workbench/",
    "/ledger/",
    "/ledger/?of=mine",
    "/ledger/?of=remedies",
    "/ledger/?chip=differs&page=2",
    "/ledger/print/",
    "/supervision/",
    "/supervision/near/",
    "/supervision/reminders/",
    "/supervision/extensions/",
    "/supervision/suspensions/",
    "/supervision/letters/",
    "/supervision/calls/",
    "/closings/",
    "/papers/",
    "/firms/",
    "/notices/",
    "/imports/",
    "/programmes/",
    "/progress/",
    "/people/",
    "/people/accounts/",
    "/people/load/",
    "/people/stand-ins/",
    "/people/gaps/",
    "/people/groups/",
    "/people/pairings/",
)


def busy(world: World, count: int) -> None:
    """A register of ``count`` firms, late for months: letters, calls, papers and closings wait."""
    many(world, count)
    world.open(START + timedelta(days=40))
    worker = world.actor("涧西区/county_worker")
    for case in Case.objects.filter(parent=None)[:6]:
        world.survey(case, "A", START + timedelta(days=40), institution="regular")
        for have in ("institution", "staff", "spending", "cooperation"):
            day = START + timedelta(days=41)
            if case.pk % 2:
                world.prove(case, have, day)
            else:
                evidence.submit(
                    case.pk, criterion=have, papers=[paper()], by=worker, at=at(day, 11)
                )
        if case.pk % 2:
            day = START + timedelta(days=42)
            stages.apply_for_closure(case.pk, by=worker, at=at(day), form=closing_form(day))
            lead = world.actor("涧西区/county_lead", day)
            stages.advance(case.pk, by=lead, at=at(day, 12))
    for n in range(60, 101, 4):
        sweep(at(START + timedelta(days=n)))


def admin_of(world: World) -> None:
    """Somebody who only appoints: ``system_admin``."""
    admin = User.objects.create(username="admin", name="系统管理员")
    world.people["system_admin"] = admin
    office = Unit.objects.get(kind=Unit.Kind.OFFICE)
    post = office.posts.get(role=Role.SYSTEM_ADMIN)
    post.tenures.create(user=admin, from_on=START)


@pytest.mark.parametrize("count", [10, 2000])
def test_every_list_takes_few_statements(world: World, today: Any, count: int) -> None:
    busy(world, count)
    admin_of(world)
    today(LATE)
    seen = {}
    for who in PEOPLE:
        client = sign_in(world, who)
        client.get("/me/")
        client.get("/workbench/")  # packs and the calendar are read once a process
        for page in PAGES:
            with CaptureQueriesContext(connection) as statements:
                answer = client.get(page)
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, (who, page)
            seen[who, page] = len(statements)
    assert {page for _who, page in seen} == set(PAGES)
    assert {key: n for key, n in seen.items() if n > MOST} == {}
