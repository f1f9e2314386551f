"""The demo: its own database only, real verbs in virtual time, time travel."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from stdnum.cn import uscc

from cases.models import Case, CaseEvent, Evidence, Suspension, Visit
from config.demo import build, campaign, office, people, state, workbooks
from config.demo.build import Builder
from config.demo.campaign import at_hour
from config.demo.present import OneDay
from config.demo.tour import steps
from config.ticking import tick
from enterprises.models import Clerk, Enterprise, ImportBatch, Membership
from notifications.models import Notice
from organisations import clock
from organisations.days import day_of
from organisations.models import AuditEvent, ClockOffset, User
from workflows.models import ProgrammeVersion

DATED: tuple[tuple[Any, str], ...] = (
    (CaseEvent, "at"),
    (Evidence, "submitted_at"),
    (Notice, "at"),
    (ImportBatch, "at"),
    (AuditEvent, "at"),
    (ProgrammeVersion, "issued_at"),
)
SIZE = 64


@pytest.fixture(autouse=True)
def _demo(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    clock.forget()


@pytest.fixture
def city_maker() -> Callable[[], people.City]:
    return lambda: people.prepare(at_hour(date(2026, 11, 20), 9))


@pytest.fixture
def made(shared_city: people.City) -> people.City:
    """The demo's city before its history, made once for these tests."""
    return shared_city


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
def test_history_is_made_by_verbs(made: people.City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven weeks of a small city, interrupted and gone on with; looked at every day."""
    invent = workbooks.invent
    monkeypatch.setattr(workbooks, "invent", lambda c, r: invent(c, r, size=SIZE))
    monkeypatch.setattr(build, "WAVES", (0, 12, 30, 48))
    assert not User.objects.get(username=people.FIRM).is_active
    watch = Watch(monkeypatch)
    first = made.work_from + timedelta(days=24)
    Builder(made, at_hour(first, 20), watch.look).run()
    opened = the_first_weeks()

    state.keep(first, done=False)
    Builder(made, at_hour(first + timedelta(days=25), 20), watch.look).run()
    watch.look()
    roots = Case.objects.main()
    assert roots.count() >= opened
    assert roots.filter(stage__in=["rectification", "county_review", "closed"]).exists()
    # nothing was dated after the pages' today
    assert len(watch.days) > 20
    assert {day: late for day, late in watch.days.items() if late} == {}
    # the firm's page can be tried from the first case on
    home = Case.objects.filter(county__name=people.HOME, parent=None).order_by("opened_on")
    assert watch.firm_from == [home[0].opened_on]


def the_first_weeks() -> int:
    """How many cases were opened, before the builder is started again."""
    assert Membership.objects.count() == SIZE + 2 * 9  # a few have joined in the last days
    roots = Case.objects.main()
    assert roots.filter(stage="assigned").exists()
    opened: int = roots.count()
    assert opened > 10
    second = roots.filter(wave__startswith="county=")
    assert second.exclude(stage="assigned").count() > second.count() / 2
    assert state.built_until() is not None
    assert not state.is_building()
    return opened


class Watch:
    """Looks in the middle of every day: whoever opens a page then sees nothing to come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days: dict[date, set[str]] = {}
        self.firm_from: list[date] = []
        first_tables = Builder._first_tables

        def first(builder: Builder, firms: Any) -> None:
            first_tables(builder, firms)
            self.look()

        def at_half_past_eight(at: datetime) -> None:
            self.look()
            tick(at)

        monkeypatch.setattr(campaign, "tick", at_half_past_eight)
        monkeypatch.setattr(office, "note_progress", self.look)
        monkeypatch.setattr(Builder, "_first_tables", first)

    def look(self, *_anything: Any) -> None:
        today = clock.today()
        if people.has_firm() and not self.firm_from:
            self.firm_from.append(today)
        end = at_hour(today + timedelta(days=1), 0)
        late = {
            model.__name__
            for model, name in DATED
            if model.objects.filter(**{f"{name}__gte": end}).exists()
        }
        self.days.setdefault(today, set()).update(late)


@pytest.mark.django_db
def test_a_card_that_is_not_ready_says_so_and_turns_live(made: people.City, client: Client) -> None:
    card = 'id="role-demo-firm"'
    page = client.get("/sign-in/").content.decode()
    waiting = page[page.index(card) - 60 : page.index(card) + 300]
    assert "role--wait" in waiting
    assert 'hx-trigger="every 3s"' in waiting
    assert "正在生成" in waiting
    client.post("/sign-in/demo/", {"username": "demo-firm"})
    assert "数据正在生成" in client.get("/sign-in/").content.decode()
    firm = Enterprise.objects.create(name="青岭示例有限公司", folded_name="青岭示例有限公司")
    people.give_firm(firm, at_hour(date(2026, 11, 20), 9))
    page = client.get("/sign-in/").content.decode()
    assert "role--wait" not in page
    client.post("/sign-in/demo/", {"username": "demo-firm"})
    assert client.get("/portal/").status_code == 200
    # another firm in its place: the contact has one page, not two
    other = Enterprise.objects.create(name="青岭二厂", folded_name="青岭二厂")
    people.give_firm(other, at_hour(date(2026, 11, 20), 9))
    assert [c.enterprise for c in Clerk.objects.filter(until_on=None)] == [other]


@pytest.mark.django_db
def test_the_administrator_has_a_card(made: people.City, client: Client) -> None:
    assert 'value="demo-admin"' in client.get("/sign-in/").content.decode()
    client.post("/sign-in/demo/", {"username": "demo-admin"})
    assert client.get("/people/").status_code == 200


@pytest.mark.django_db
def test_a_page_that_met_the_next_day_is_made_again(made: people.City, rf: Any) -> None:
    seen: list[date] = []

    def page(_request: Any) -> HttpResponse:
        seen.append(clock.today())
        if len(seen) == 1:  # the builder turns the day while the page is made
            ClockOffset.objects.update_or_create(id=1, defaults={"offset": timedelta(days=1)})
        assert clock.today() == seen[-1]
        return HttpResponse(clock.today().isoformat())

    clock.travel_to(timedelta())
    answer = OneDay(page)(rf.get("/notices/"))
    assert len(seen) == 2
    assert seen[1] == seen[0] + timedelta(days=1)
    assert answer.content.decode() == seen[1].isoformat()
    OneDay(page)(rf.post("/notices/"))
    assert len(seen) == 3
    clock.forget()


@pytest.mark.django_db
def test_every_desk_has_work_and_no_paper_waits_for_weeks(
    made: people.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home county's desks after eight weeks, on the morning of a day of work."""
    invent = workbooks.invent
    monkeypatch.setattr(workbooks, "invent", lambda c, r: invent(c, r, size=256))
    monkeypatch.setattr(build, "WAVES", (0, 1, 2, 3))
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
    assert Suspension.objects.filter(resumed_on=None, until_on__gt=day_of(now)).exists()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    # work outside: visits, one with a day agreed on, and a paper that waits for the second's word
    assert Visit.objects.filter(next_on=day_of(now)).exists()
    seen = Evidence.objects.get(is_witnessed=False, state=Evidence.State.VERIFIED_OFFLINE)
    assert seen.offline_witness_account == User.objects.get(username="demo-reviewer")
    assert state.built_until() is not None
    assert str(state.built_until()) < str(day_of(now))

    # monthly reports: most counties sign theirs in time, the slow ones are late (004-23)
    reports = Case.objects.filter(procedure="county_report")
    assert reports.count() == 16 * Case.objects.filter(procedure="monthly_report").count() > 0
    first = reports.filter(period=made.work_from.replace(day=1))
    in_time = first.filter(
        stage="closed", task_set__stage="drafting", closed_on__lte=F("task_set__due_on")
    )
    assert in_time.count() > 8
    assert not in_time.filter(county__name__in=people.SLOW).exists()

    # a newcomer finds every kind, some of it done and some of it under way
    kinds = Case.objects.values_list("procedure", flat=True).distinct()
    assert {"proposal", "joint_opinion", "policy", "policy_offer", "completion"} <= set(kinds)
    offers = Case.objects.filter(procedure="policy_offer")
    assert 0 < offers.count() < 60
    for done in (offers, Case.objects.filter(procedure="completion")):
        assert done.filter(task_set__finished__isnull=False).exists()


@pytest.mark.django_db
def test_time_travel_lets_the_morning_tick_speak(made: people.City, client: Client) -> None:
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
def test_every_step_of_the_tour_opens_its_page(made: people.City, client: Client) -> None:
    assert client.get("/demo/tour/").status_code == 200
    people_of_the_tour = [step for step in steps() if step.account != "demo-firm"]
    for step in people_of_the_tour:
        client.post("/sign-in/demo/", {"username": step.account, "next": step.url})
        assert client.get(step.url).status_code == 200, step
    assert len(people_of_the_tour) == 4


def test_there_is_no_tour_of_a_real_city(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get("/demo/tour/").status_code == 404
