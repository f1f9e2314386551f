"""The demo: its own database only, real verbs in virtual time, time travel."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from stdnum.cn import uscc

from cases.models import Case, CaseEvent, Evidence, Suspension
from config.demo import build, people, state, workbooks
from config.demo.build import Builder
from config.demo.campaign import at_hour
from config.demo.tour import steps
from enterprises.models import Membership
from organisations import clock
from organisations.models import User


@pytest.fixture(autouse=True)
def _demo(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    clock.forget()


def test_codes_of_the_made_up_firms_are_valid_and_unlike() -> None:
    codes = [workbooks.credit_code(number) for number in range(1, workbooks.SIZE + 1)]
    assert len(set(codes)) == workbooks.SIZE
    assert all(uscc.is_valid(code) for code in codes)


@pytest.mark.django_db
def test_it_keeps_its_hands_off_other_data() -> None:
    User.objects.create(username="real")
    with pytest.raises(CommandError):
        call_command("demo", prepare=True)
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_it_is_refused_outside_the_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo", prepare=True)


@pytest.mark.django_db
def test_history_is_made_by_verbs_and_goes_on_after_an_interruption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small city and the first weeks; then the builder is started again."""
    invent = workbooks.invent
    monkeypatch.setattr(workbooks, "invent", lambda c, r: invent(c, r, size=64))
    monkeypatch.setattr(build, "WAVES", (0, 12, 30, 48))
    made = people.prepare(at_hour(date(2026, 11, 20), 9))
    first = made.work_from + timedelta(days=24)
    Builder(made, at_hour(first, 20), lambda _words: None).run()
    assert Membership.objects.count() == 64 + 2 * 9  # a few have joined in the last days
    assert Case.objects.filter(stage="assigned").exists()
    roots = Case.objects.main()
    opened = roots.count()
    assert opened > 10
    second = roots.filter(wave__startswith="county=")
    assert second.exclude(stage="assigned").count() > second.count() / 2
    assert state.built_until() is not None
    assert not state.is_building()

    state.keep(first, done=False)
    Builder(made, at_hour(first + timedelta(days=25), 20), lambda _words: None).run()
    assert roots.count() >= opened
    assert roots.filter(stage__in=["rectification", "county_review", "closed"]).exists()


@pytest.mark.django_db
def test_every_desk_has_work_and_no_paper_waits_for_weeks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The home county's desks after eight weeks, on the morning of a day of work."""
    invent = workbooks.invent
    monkeypatch.setattr(workbooks, "invent", lambda c, r: invent(c, r, size=256))
    monkeypatch.setattr(build, "WAVES", (0, 1, 2, 3))
    made = people.prepare(at_hour(date(2026, 11, 20), 9))
    now = at_hour(made.work_from + timedelta(days=58), 10)
    Builder(made, now, lambda _words: None).run()

    home = Case.objects.main().filter(county__name=people.HOME)
    assert home.filter(stage="county_review").count() >= 2
    assert home.filter(task_set__is_correction=True, task_set__finished=None).exists()
    papers = Evidence.objects.filter(case__finished=None)
    returned = papers.filter(state=Evidence.State.RETURNED, case__county__name=people.HOME)
    assert returned.filter(enterprise__clerks__user__username="demo-firm").exists()
    waiting = papers.filter(state=Evidence.State.SUBMITTED)
    assert waiting.filter(case__county__name=people.HOME).count() >= 2
    assert not waiting.filter(submitted_at__lt=now - timedelta(days=30)).exists()
    declined = Case.objects.filter(task_set__is_declined=True, task_set__finished=None)
    assert declined.exclude(county__name=people.HOME).exists()
    assert Suspension.objects.filter(resumed_on=None, until_on__gt=now.date()).exists()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    assert state.built_until() is not None
    assert str(state.built_until()) < str(now.date())

    # monthly reports: most counties sign theirs in time, the slow ones are late (004-23)
    reports = Case.objects.filter(procedure="county_report")
    assert reports.count() == 16 * Case.objects.filter(procedure="monthly_report").count() > 0
    first = reports.filter(period=made.work_from.replace(day=1))
    in_time = first.filter(
        stage="closed", task_set__stage="drafting", closed_on__lte=F("task_set__due_on")
    )
    assert in_time.count() > 8
    assert not in_time.filter(county__name__in=people.SLOW).exists()


@pytest.mark.django_db
def test_time_travel_lets_the_morning_tick_speak(client: Client) -> None:
    people.prepare(at_hour(date(2026, 11, 20), 9))
    state.keep(date(2026, 11, 20), done=True)
    before = clock.today()
    answer = client.post("/demo/travel/", {"days": "7", "next": "/"})
    assert answer.status_code == 404
    client.force_login(User.objects.get(username="demo-office"))
    answer = client.post("/demo/travel/", {"days": "7", "next": "/"})
    assert answer.status_code == 302
    assert clock.today() == before + timedelta(days=7)
    client.post("/demo/travel/", {"days": "-3", "next": "/"})
    assert clock.today() == before + timedelta(days=7)


@pytest.mark.django_db
def test_every_step_of_the_tour_opens_its_page(client: Client) -> None:
    people.prepare(at_hour(date(2026, 11, 20), 9))
    assert client.get("/demo/tour/").status_code == 200
    people_of_the_tour = [step for step in steps() if step.account != "demo-firm"]
    for step in people_of_the_tour:
        client.post("/sign-in/demo/", {"username": step.account, "next": step.url})
        assert client.get(step.url).status_code == 200, step
    assert len(people_of_the_tour) == 4


def test_there_is_no_tour_of_a_real_city(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get("/demo/tour/").status_code == 404
