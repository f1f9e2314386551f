"""What the office does beside single cases: batch days, spot checks, letters, calls."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from cases.actions import drafts, endings, remarks, stages
from cases.annex import annex
from cases.letters import compose
from cases.models import Case, EscalationDraft, PhoneReminder
from config.acting import actor_for
from config.demo import behaviour
from config.demo.campaign import Campaign
from config.demo.people import SLOW
from config.demo.workbooks import HAVES
from notifications.reading import mark_read
from organisations.days import day_of
from organisations.errors import Refused
from organisations.models import Tenure, Unit
from organisations.roles import Role
from organisations.scope import Actor

# what a spot check finds, by criterion
FOUND = {"cooperation": "材料复核未通过：合同未见履行材料", "spending": "账页与填报不一致"}
ANSWERS = (
    "县里已约企业，本周上门",
    "经办人出差，下周一补办",
    "企业停产，拟申请暂缓",
    "已催县区审核人",
)
FILED_BY_THEN = 0.97  # the rest are 账表不一致
LONG_STAGES = ("matching", "rectification")
QUIET = timedelta(days=14)
NOTED, NOTED_BY_SLOW = 0.93, 0.4
ALL_DONE = "清单内企业均已办结"
NOT_SENT = "上月已提示，先由包联组上门督促"


def confirm(campaign: Campaign, at: datetime) -> None:
    """批量确认 on a batch day."""
    waiting = Case.objects.filter(programme=campaign.city.programme, stage="confirmation")
    ids = list(waiting.values_list("pk", flat=True))
    if ids:
        done, _refused = stages.close_many(ids, by=campaign.office(1), at=at)
        for case in Case.objects.filter(pk__in=[c.pk for c in done]).select_related("enterprise"):
            if campaign.random.random() < FILED_BY_THEN:
                campaign.firm(case).haves.update(HAVES)


def spot_check(campaign: Campaign, at: datetime) -> None:
    """材料复核: a few closings a month do not hold."""
    closed = Case.objects.filter(
        programme=campaign.city.programme, is_main=True, stage="closed", closed_on__lt=day_of(at)
    ).order_by("-closed_on")[:40]
    for case in campaign.random.sample(list(closed), min(2, len(closed))):
        criterion = campaign.random.choice(sorted(FOUND))
        endings.reopen(
            case.pk, by=campaign.office(), at=at, reason=FOUND[criterion], criteria=[criterion]
        )
        campaign.prove_again(case, criterion, at)


def decide_letters(campaign: Campaign, at: datetime) -> None:
    """The tray: most letters go out after a look, some talks are put off."""
    office = campaign.office(1)
    waiting = EscalationDraft.objects.filter(
        programme=campaign.city.programme, state=EscalationDraft.State.DRAFTED
    )
    for draft in waiting.filter(made_at__lt=at - timedelta(days=2)):
        with contextlib.suppress(Refused), transaction.atomic():  # one letter a month: the cap
            _decide(draft, office, at)


def _decide(draft: EscalationDraft, office: Actor, at: datetime) -> None:
    if draft.kind == EscalationDraft.Kind.TALK:
        drafts.drop(draft.pk, by=office, at=at, reason=NOT_SENT)
        return
    lines = annex(draft, office, day_of(at))
    if not lines and not draft.cause:
        drafts.drop(draft.pk, by=office, at=at, reason=ALL_DONE)
        return
    body = compose(draft, lines, day_of(at), office.user)
    drafts.release(draft.pk, by=office, at=at, body=body)


def make_calls(campaign: Campaign, at: datetime) -> None:
    """电话提醒: three of four are made, with what was said."""
    listed = PhoneReminder.objects.filter(
        item__process__programme=campaign.city.programme, called_at=None, item__finished=None
    )
    for reminder in listed.order_by("id"):
        if campaign.random.random() < 0.75:
            answer = campaign.random.choice(ANSWERS)
            drafts.record_call(reminder.pk, by=campaign.office(), at=at, result=answer)


def note_progress(campaign: Campaign, at: datetime) -> None:
    """The counties' monthly cut: what has been quiet for weeks gets its line of progress."""
    quiet = Case.objects.filter(
        programme=campaign.city.programme, is_main=True, finished=None, stage__in=LONG_STAGES
    ).filter(Q(progress_at__lt=at - QUIET) | Q(progress_at=None))
    for case in quiet.select_related("county").order_by("id"):
        share = NOTED_BY_SLOW if case.county.name in SLOW else NOTED
        if campaign.random.random() < share:
            text = campaign.random.choice(behaviour.COMMENTS)
            remarks.comment(case.pk, by=campaign.worker(case), at=at, text=text)


def comment_by_leader(campaign: Campaign, at: datetime) -> None:
    """批示 on a case of a slow county."""
    unit = Unit.objects.filter(kind=Unit.Kind.LEADERSHIP).first()
    case = Case.objects.filter(
        programme=campaign.city.programme, is_main=True, county__name=SLOW[0]
    ).first()
    if unit is not None and case is not None:
        leader = campaign.actor(unit.pk, Role.LEADER)
        remarks.comment(case.pk, by=leader, at=at, text="请县里逐户分析，月底前见成效。")


def read_everything(campaign: Campaign, at: datetime) -> None:
    """Two days before today everybody has read his messages."""
    for tenure in Tenure.objects.on(day_of(at)).select_related("user"):
        mark_read(by=actor_for(tenure.user, day_of(at)), at=at)
