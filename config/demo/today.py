"""What the last evening leaves on the desks: every role of the sign-in page finds its work.

Made by the same verbs as all history, after the last act of the day, so that nothing follows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from cases.actions import evidence, extending, pauses, people, stages
from cases.models import Case
from config.demo import behaviour
from config.demo.campaign import Campaign
from config.demo.people import HOME, SLOW
from organisations.days import day_of
from organisations.errors import Refused
from workflows.models import load_calendar

CLOSINGS = 3  # the last of them goes back
FRESH_PAPERS = 3
RESTING = 8
EXTENSIONS = 2
REST_DAYS = (12, 28)  # working days
REFUSED = "辅助账与省系统金额相差较大"
AWAY = "企业实际经营地不在本县区"
LATER = "合作高校月底安排专家到厂，协议随后签订"
SEAL = 2  # reason of return: no seal
Deed = Callable[[Campaign, Case, datetime], None]


def leave_work(campaign: Campaign, at: datetime) -> None:
    """Closings to review, one sent back, papers to review, one returned, one declined firm."""
    ready = _under_way(campaign)
    applied = _some(campaign, ready, CLOSINGS, _apply, at)
    _some(campaign, applied[-1:], 1, _send_back, at + timedelta(minutes=20))
    left = [case for case in reversed(ready) if case not in applied]
    returned = _some(campaign, left, 1, _return_paper, at + timedelta(minutes=25))
    others = [case for case in left if case not in returned]
    _some(campaign, others, FRESH_PAPERS, _submit, at + timedelta(minutes=30))
    fresh = Case.objects.filter(programme=campaign.city.programme, is_main=True, stage="assigned")
    elsewhere = fresh.exclude(county__name__in=(HOME, *SLOW))
    _some(campaign, _rows(elsewhere.order_by("-opened_on", "id")), 1, _decline, at)
    remedies = Case.objects.filter(
        programme=campaign.city.programme, parent__isnull=False, county__name=HOME, finished=None
    )
    soonest = (
        remedies.exclude(criterion="")
        .filter(task_set__finished=None)
        .order_by("task_set__due_on", "id")
    )
    _some(campaign, _rows(soonest), EXTENSIONS, _ask_for_time, at + timedelta(minutes=35))


def rest_some(campaign: Campaign, at: datetime) -> None:
    """A few firms stand still in these weeks: their clocks rest until a day that is known."""
    found = Case.objects.filter(
        programme=campaign.city.programme, is_main=True, stage="rectification"
    )
    cases = _rows(found.order_by("id"))
    campaign.random.shuffle(cases)
    _some(campaign, cases, RESTING, _suspend, at)


def _under_way(campaign: Campaign) -> list[Case]:
    """The home county's firms in rectification that lack something, nearly ready ones first."""
    found = Case.objects.filter(
        programme=campaign.city.programme,
        is_main=True,
        stage="rectification",
        county__name=HOME,
        lacking_count__gt=0,
    )
    return _rows(found.order_by("lacking_count", "id"))


def _rows(cases: QuerySet[Case]) -> list[Case]:
    return list(cases.select_related("county", "enterprise", "programme"))


def _some(
    campaign: Campaign, cases: list[Case], count: int, deed: Deed, at: datetime
) -> list[Case]:
    """The first cases for which the verbs allow the deed."""
    done: list[Case] = []
    for case in cases:
        if len(done) == count:
            break
        try:
            with transaction.atomic():
                deed(campaign, case, at)
        except Refused:
            continue
        done.append(case)
    return done


def _submit(campaign: Campaign, case: Case, at: datetime) -> None:
    campaign.submit(case, case.lacking[0], at)


def _apply(campaign: Campaign, case: Case, at: datetime) -> None:
    """The last papers come in and are accepted; the county's officer applies."""
    for criterion in case.lacking:
        row = campaign.submit(case, criterion, at)
        evidence.accept(row.pk, by=campaign.lead(case), at=at + timedelta(minutes=5))
    whole = Case.objects.select_related("county", "enterprise", "programme").get(pk=case.pk)
    campaign.apply(whole, at + timedelta(minutes=10))


def _send_back(campaign: Campaign, case: Case, at: datetime) -> None:
    stages.send_back(case.pk, by=campaign.lead(case), at=at, number=9, reason=REFUSED)


def _return_paper(campaign: Campaign, case: Case, at: datetime) -> None:
    row = campaign.submit(case, case.lacking[0], at)
    later = at + timedelta(minutes=5)
    evidence.return_(row.pk, reason=SEAL, text="", by=campaign.lead(case), at=later)


def _decline(campaign: Campaign, case: Case, at: datetime) -> None:
    people.decline(case.pk, by=campaign.worker(case), at=at, reason=AWAY)


def _ask_for_time(campaign: Campaign, case: Case, at: datetime) -> None:
    """Three working days more, for the county's reviewer to decide."""
    due = case.task_set.get(finished=None).due_on
    until = load_calendar().add(due or day_of(at), 3)
    worker = campaign.worker(case)
    extending.request(case.pk, by=worker, at=at, until=until, reason=LATER)


def _suspend(campaign: Campaign, case: Case, at: datetime) -> None:
    until = load_calendar().add(day_of(at), campaign.random.randrange(*REST_DAYS))
    reason = campaign.random.choice(behaviour.DELAYS)
    pauses.suspend(case.pk, by=campaign.office(), at=at, until=until, reason=reason)
