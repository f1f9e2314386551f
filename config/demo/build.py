"""From the bureau's first list to today: registers, filings, waves, months, day by day."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Evidence
from config.demo import (
    fieldwork,
    firms_talk,
    matters,
    matters_opened,
    months,
    office,
    pairings,
    partners,
    people,
    reports,
    state,
    today,
    workbooks,
)
from config.demo.campaign import Campaign, at_hour, working_days
from config.demo.people import City
from config.demo.workbooks import DemoFirm
from enterprises.facts import newest_facts
from enterprises.models import Enterprise, Membership
from organisations import clock
from organisations.days import day_of
from organisations.errors import Refused
from workflows.calendar import add_months, end_of_month
from workflows.models import load_calendar

WAVES = (0, 20, 45, 62)  # working days after the first one
SLICES = (0, 4, 10)  # the first county of each wave after the first
BATCH_DAY = 15
JOINING = 24
# working days before today on which a few firms joined: to be matched, surveyed, signed for
LATEST = (25, 5, 0)
NEWS_MONTH = 4  # in the fifth month the bureau's list changes

Progress = Callable[[str], None]
OfficeAct = Callable[[Campaign, datetime], None]
MONDAY = 0
THURSDAY = 3
CUT_DAY = 25  # of each month, for the counties' reports
LETTERS_LEFT, CALLS_LEFT = 4, 1  # working days whose letters and calls wait for whoever tries it
RESTED = 8
EVENING = 19  # the hour from which a day counts as over


@dataclass
class Builder:
    """Builds or continues the history; its workbooks stay for whoever wants to look.

    While it builds, the demo's clock shows the day that history has come to.
    """

    city: City
    now: datetime
    say: Progress

    @property
    def last(self) -> date:
        """The last worked day that is over: nothing of history lies in the future."""
        now = timezone.localtime(self.now)
        ended = day_of(now) if now.hour >= EVENING else day_of(now) - timedelta(days=1)
        return load_calendar().on_or_before(ended)

    def run(self) -> Campaign:
        random = Random(people.SEED)
        state.folder().mkdir(parents=True, exist_ok=True)
        firms = workbooks.invent(self.city.counties, random)
        campaign = Campaign(self.city, {f.code: f for f in firms}, random)
        last = state.built_until()
        if last is None:
            start = self.city.work_from
            # what comes in first has come in on the first day
            clock.travel_to(at_hour(start, 8) - timezone.now())
            self._first_tables(firms)
        else:  # interrupted: go on after the last whole day
            start = last + timedelta(days=1)
            self._take_up(campaign, firms, last)
            campaign.replan(at_hour(start, 9))
        for day in working_days(start, self.last):
            # lists describe this day: before its morning they would speak of the future
            clock.travel_to(at_hour(day, 8) - timezone.now())
            self._office_day(campaign, firms, day)
            self._open_firms_page(day)
            campaign.run_day(day, self.now)
            self._evening(campaign, day)
            state.keep(day)
            clock.travel_to(at_hour(day, 18) - timezone.now())
            self.say(day.isoformat())
        clock.travel_to(timedelta())
        self._finish()
        return campaign

    def _first_tables(self, firms: list[DemoFirm]) -> None:
        month = add_months(self.city.work_from, -1)
        self._register(firms, self.city.work_from)
        # last year's, of the months that are compared today: who did R&D then spent on it
        before = [firm for firm in firms if firm.covered]
        for back in (2, 1, 0):
            self._filing(before, add_months(self.last.replace(day=1), -12 - back))
        self._filing(firms, month)
        self._directory(firms, self.city.work_from)

    def _office_day(self, campaign: Campaign, firms: list[DemoFirm], day: date) -> None:
        calendar = load_calendar()
        first = calendar.on_or_after(self.city.work_from)
        for number, offset in enumerate(WAVES):
            if day == calendar.add(first, offset):
                self._open(campaign, number, day)
        if day == calendar.on_or_after(day.replace(day=1)) and day > first:
            self._new_month(campaign, firms, day)
            self._try(office.spot_check, campaign, at_hour(day, 10))
        begun = calendar.on_or_after(day.replace(day=1))
        if begun > first:  # the month before it was worked in
            for days, act in ((months.FROZEN_ON, months.close_month),
                              (months.ISSUED_ON, months.issue_circular)):  # fmt: skip
                if day == calendar.add(begun, days):
                    self._try(act, campaign, at_hour(day, 15))
        batch = calendar.on_or_before(day.replace(day=BATCH_DAY))
        if day in (batch, calendar.last_working_day(day)):
            office.confirm(campaign, at_hour(day, 15))
        if day == calendar.add(first, WAVES[1] + 3):
            office.comment_by_leader(campaign, at_hour(day, 16))
        days = calendar.between(first, day)
        self._try(
            lambda made, at: matters_opened.open_some(made, days, day == self.last, at),
            campaign,
            at_hour(day, 14),
        )

        self._letters_and_calls(campaign, day)
        if day in {calendar.add(self.last, -ago) for ago in LATEST}:
            self._late_joiners(campaign, firms, day)
        if day == calendar.add(self.last, -1):
            office.read_everything(campaign, at_hour(day, 17))

    def _evening(self, campaign: Campaign, day: date) -> None:
        """After the last act of the day, so that no act of the day comes after it."""
        calendar, at = load_calendar(), at_hour(day, 18, 5)
        reports.work(campaign, at)
        matters.work(campaign, at)
        if day == calendar.on_or_before(day.replace(day=CUT_DAY)):
            office.note_progress(campaign, at)
        if day == calendar.add(self.last, -RESTED):
            today.rest_some(campaign, at)
        if day == self.last:
            today.leave_work(campaign, at)

    def _letters_and_calls(self, campaign: Campaign, day: date) -> None:
        calendar = load_calendar()
        letters_end = calendar.add(self.last, -LETTERS_LEFT)
        if day == letters_end or (day.weekday() == MONDAY and day < letters_end):
            self._try(office.decide_letters, campaign, at_hour(day, 16))
        calls_end = calendar.add(self.last, -CALLS_LEFT)
        if day == calls_end or (day.weekday() in (MONDAY, THURSDAY) and day < calls_end):
            self._try(office.make_calls, campaign, at_hour(day, 17))

    def _try(self, act: OfficeAct, campaign: Campaign, at: datetime) -> None:
        """What a verb refuses the office (a cap, a case closed meanwhile) it leaves."""
        with contextlib.suppress(Refused), transaction.atomic():
            act(campaign, at)

    def _open(self, campaign: Campaign, number: int, day: date) -> None:
        """Firms with signs of R&D first, the rest by counties: core, ring, south (waves)."""
        if number == 0:
            campaign.open_wave("class=A,B", at_hour(day, 9))
            return
        counties = self.city.counties
        first, after = (*SLICES, len(counties))[number - 1 : number + 1]
        campaign.open_wave("county=" + ",".join(counties[first:after]), at_hour(day, 9))

    def _new_month(self, campaign: Campaign, firms: list[DemoFirm], day: date) -> None:
        month, random = add_months(day.replace(day=1), -1), campaign.random
        for firm in firms:
            _drift(firm, random)
        if month == add_months(self.city.work_from.replace(day=1), NEWS_MONTH):
            _change(firms, random)
            self._join(campaign, firms)
            self._register(firms, day.replace(day=1))
            campaign.open_wave("", at_hour(day, 11))
        self._filing(firms, month)

    def _join(self, campaign: Campaign, firms: list[DemoFirm]) -> None:
        luck = Random(people.SEED + 1)  # of its own: the same firms after an interruption
        joined = workbooks.newcomers(firms, self.city.counties, luck, JOINING)
        firms += joined
        campaign.firms |= {firm.code: firm for firm in joined}

    def _late_joiners(self, campaign: Campaign, firms: list[DemoFirm], day: date) -> None:
        """A few firms of these days, so that there is something to sign for and to survey."""
        counties = (*(people.HOME,) * 3, *self.city.counties[:4])
        luck = Random(day.toordinal())
        serial = workbooks.SIZE + JOINING + 1 + 20 * (day.toordinal() % 40)
        joined = workbooks.newcomers(firms, counties, luck, 9, serial=serial)
        firms += joined
        campaign.firms |= {firm.code: firm for firm in joined}
        self._register(firms, day)
        campaign.open_wave("", at_hour(day, 16))

    def _take_up(self, campaign: Campaign, firms: list[DemoFirm], last: date) -> None:
        """The state of the firms as the last tables had it."""
        if last >= add_months(self.city.work_from.replace(day=1), NEWS_MONTH + 1):
            self._join(campaign, firms)
        rows = Membership.objects.on(last).select_related("enterprise", "county", "township")
        listed = {row.enterprise.credit_code or "": row for row in rows}
        firms[:] = [firm for firm in firms if firm.code in listed]
        known = {firm.code for firm in firms}
        late = [_firm_of(row) for code, row in listed.items() if code not in known]
        firms += late
        campaign.firms |= {firm.code: firm for firm in late}
        facts = newest_facts(self.city.programme.city, as_of=last)
        codes = dict(Enterprise.objects.values_list("pk", "credit_code"))
        for fact in facts.values():
            firm = campaign.firms.get(codes[fact.enterprise_id] or "")
            if firm is not None:
                firm.registered, firm.filed = fact.registered, fact.filed
                firm.haves = {h for h in workbooks.HAVES if getattr(fact, f"has_{h}")}

    def _register(self, firms: list[DemoFirm], on: date) -> None:
        path = state.folder() / f"register-{on:%Y-%m}.xlsx"
        workbooks.write_register(path, firms, on)
        call_command(
            "register",
            str(path),
            programme=people.KEY,
            as_of=on.isoformat(),
            by="demo-office",
            verbosity=0,
        )

    def _filing(self, firms: list[DemoFirm], month: date) -> None:
        path = state.folder() / f"filing-{month:%Y-%m}.xlsx"
        workbooks.write_filing(path, firms, month, self.city.work_from.year)
        call_command(
            "filing",
            str(path),
            programme=people.KEY,
            month=f"{month:%Y-%m}",
            known_on=end_of_month(month).isoformat(),
            money_source="市科技局授权使用（演示数据）",
            by="demo-office",
            verbosity=0,
        )

    def _directory(self, firms: list[DemoFirm], on: date) -> None:
        """资源摸底 (001-14); luck of its own: the firms' history stays the same without it."""
        path = state.folder() / "resources.xlsx"
        partners.write_directory(path, self.city.counties, firms, on, Random(people.SEED + 2))
        call_command("resources", "import", str(path), by="demo-office", verbosity=0)

    def _open_firms_page(self, day: date) -> None:
        """The enterprise contact has a firm as soon as there is a case: its page can be tried."""
        if people.has_firm():
            return
        cases = Case.objects.filter(
            programme=self.city.programme, county__name=people.HOME, is_main=True, finished=None
        )
        case = cases.select_related("enterprise").order_by("id").first()
        if case is not None and case.enterprise is not None:
            with transaction.atomic():
                people.give_firm(case.enterprise, at_hour(day, 9))

    def _finish(self) -> None:
        """Who serves which firms; the demo's contact gets a firm that has something to do."""
        pairings.pair_firms(self.city, self.now)
        waiting = Evidence.objects.filter(
            state=Evidence.State.RETURNED, case__county__name=people.HOME, case__finished=None
        ).order_by("-id")
        mine = waiting.filter(case__enterprise__clerks__user__username=people.FIRM).first()
        newest = mine or waiting.first()
        case = (
            newest.case
            if newest
            else Case.objects.filter(county__name=people.HOME, stage="rectification").first()
        )
        if case is not None and case.enterprise is not None:
            people.give_firm(case.enterprise, self.now)
            firms_talk.say_something(case.enterprise, self.now)
            fieldwork.go_out(case.enterprise, self.now)
        state.keep(self.last, done=True)


def _firm_of(row: Membership) -> DemoFirm:
    """A firm of the register that no invention of this run knows: it joined in the last days."""
    return DemoFirm(
        name=row.enterprise.name,
        code=row.enterprise.credit_code or "",
        county=row.county.name,
        township=row.township.name if row.township else "",
        industry=row.industry_code,
        industry_name=row.industry_name,
        ownership=row.ownership,
        contact="",
        phone="",
        revenue=2500,
        listed=row.listed_text,
    )


def _drift(firm: DemoFirm, random: Random) -> None:
    """Some firms register and file without anybody's case: that is how 可销号 comes about."""
    if not firm.registered and random.random() < 0.09:
        firm.registered = True
    if firm.registered and not firm.filed and random.random() < 0.10:
        firm.filed = True
    if firm.haves:
        firm.registered = firm.filed = True
    if firm.filed and random.random() < 0.012:
        firm.haves.add(random.choice(workbooks.HAVES))


def _change(firms: list[DemoFirm], random: Random) -> None:
    """The bureau's list of the fifth month: some leave, some come, some stop."""
    leaving = random.sample(range(len(firms)), 14)
    for index in leaving[:6]:
        firms[index].condition = random.choice(("注销", "破产"))
    for index in random.sample(range(len(firms)), 8):
        if index not in leaving:
            firms[index].condition = "停产"
    gone = {firms[index].code for index in leaving[6:]}
    firms[:] = [firm for firm in firms if firm.code not in gone]
