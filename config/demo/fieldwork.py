"""Work outside: visits that were written up, one with a day to be in touch; a paper two saw."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cases.actions import evidence, visiting
from cases.models import Case
from config.acting import actor_for
from config.demo import people
from enterprises.models import Enterprise
from organisations.days import day_of
from organisations.errors import Refused
from organisations.models import User

# days ago, whom they met, what was found, whether today was agreed on
VISITS = (
    (20, "财务负责人", "辅助账已按项目建账，缺立项决议；请企业补齐后联系。", True),
    (6, "总经理、技术部经理", "设备已到位，技术人员3名；名册需补工时记录。", False),
)
PAPER = "关于成立研发部的决定（第3号）"


def go_out(firm: Enterprise, now: datetime) -> None:
    """At the firm whose page the demo opens and at neighbours; by the verbs that people use."""
    by = actor_for(User.objects.get(username="demo-county"), day_of(now))
    second = User.objects.get(username="demo-reviewer")
    rows = Case.objects.filter(
        county__name=people.HOME, is_main=True, stage="rectification", lacking_count__gt=0
    )
    near = list(rows.exclude(enterprise=firm).select_related("enterprise").order_by("-pk")[:8])
    hosts = [firm, *(case.enterprise for case in near if case.enterprise)]
    for host, (ago, met, found, is_agreed) in zip(hosts, VISITS, strict=False):
        on = day_of(now) - timedelta(days=ago)
        with transaction.atomic():
            visiting.record_visit(
                host, visited_on=on, people=f"{by.user}、{second}", met=met, found=found,
                next_on=day_of(now) if is_agreed else None, by=by, at=now,
            )  # fmt: skip
    for case in near:
        try:
            evidence.verify_offline(
                case.pk, criterion=case.lacking[0], witness=second.username, number=PAPER,
                dated=day_of(now) - timedelta(days=30), by=by, at=now,
            )  # fmt: skip
        except Refused:
            continue
        return
