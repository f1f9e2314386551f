"""The counties' monthly reports and the office's: drafted, signed, put together, reported (004-23).

Most are signed before their day; the slow counties are late with theirs.
"""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction

from cases.actions import stages
from cases.models import Case, WorkItem
from config.demo.campaign import Campaign
from config.demo.people import SLOW
from organisations.days import day_of
from organisations.errors import Refused

PROGRESS = "本月走访企业，逐户核对研发机构、人员、经费和产学研合作情况，台账已更新。"
PROBLEMS = (
    "部分企业研发费用未按项目归集，辅助账不健全。",
    "产学研合作签约后推进较慢，个别企业缺少专职研发人员。",
    "企业填报人员变动频繁，需要重新培训。",
)
# 好的做法 of some counties' months: the bulletin's items
HIGHLIGHTS = (
    "组建入企工作小组逐户销号。抽调科技、工信、统计业务骨干组成8个小组，对只差一项的企业逐户上门，一次告知、现场补齐。",
    "举办研发费用归集专题培训。邀请会计师讲解辅助账设置和项目归集，企业财务、研发、填报人员同堂参加，现场答疑。",
    "建立校企对接清单。梳理企业技术难题，与高校院所逐项比对，成熟一项、签约一项、跟踪一项。",
)
TELLS = 0.3  # of the counties tell one
NEXT_STEP = "对只差一项的企业逐户销号，对逾期事项逐件督促。"
CITY_PROGRESS = "各县（市、区）按月推进，报告已汇总，进度见附表。"
# how many days before its day a county thinks of its report, and how likely it is then
AHEAD, SURE = 6, 0.6
LATE_A_DAY = 0.25  # of a slow county, each day after its day
SIGNED = 0.8


def work(campaign: Campaign, at: datetime) -> None:
    """One afternoon's reports."""
    luck = Random(day_of(at).toordinal())  # of its own: the firms' history stays the same
    for item in _open_items(campaign):
        with contextlib.suppress(Refused), transaction.atomic():
            _act(campaign, item, luck, at)


def _open_items(campaign: Campaign) -> list[WorkItem]:
    rows = WorkItem.objects.filter(
        process__programme=campaign.city.programme,
        process__procedure__in=("monthly_report", "county_report"),
        finished=None,
    )
    # a county's report before the office's, which waits for it
    return list(rows.select_related("process__county").order_by("process__parent", "-id"))


def _act(campaign: Campaign, item: WorkItem, luck: Random, at: datetime) -> None:
    case: Case = item.process
    draw = luck.random()
    if item.stage == "drafting" and draw < _drafts(case, item.due_on, day_of(at)):
        form = {"progress": PROGRESS, "problems": luck.choice(PROBLEMS), "next_step": NEXT_STEP}
        place = case.pk % 10
        if place < TELLS * 10:  # no draw: the others' history stays the same
            form["highlights"] = HIGHLIGHTS[place % len(HIGHLIGHTS)]
        stages.advance(case.pk, by=campaign.worker(case), at=at, form=form)
    elif item.stage == "sealing" and draw < SIGNED:
        stages.close(case.pk, by=campaign.lead(case), at=at)
    elif item.stage == "collecting":
        form = {"progress": CITY_PROGRESS, "problems": PROBLEMS[0], "next_step": NEXT_STEP}
        stages.advance(case.pk, by=campaign.office(), at=at, form=form)
    elif item.stage == "reporting" and draw < SIGNED:
        stages.advance(case.pk, by=campaign.office(), at=at)
    elif item.stage == "reporting_up" and draw < SIGNED:
        stages.close(case.pk, by=campaign.office(1), at=at)


def _drafts(case: Case, due_on: date | None, on: date) -> float:
    """How likely a county writes its report today."""
    if due_on is None or on < due_on - timedelta(days=AHEAD):
        return 0
    if case.county.name in SLOW:
        return LATE_A_DAY if on > due_on else 0
    return SURE if on < due_on else 0.97
