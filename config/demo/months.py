"""The office's round of a month: the province's figures, the freeze, the circular (封账、通报).

By the real verbs, with the persons that they ask for: one drafts, another checks, the head signs.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db.models import Q

from config.acting import actor_for
from config.demo.campaign import Campaign, at_hour
from config.demo.people import SLOW
from organisations.days import day_of
from organisations.models import Tenure
from reports.documents import actions, kinds
from reports.documents.kinds import Subject
from reports.documents.nouns import Document, Receipt
from reports.documents.route import FORWARD, OUT, State, Step
from reports.figures.freezing import freeze
from reports.figures.months import month_before
from reports.figures.nouns import Freeze
from reports.figures.publishing import publish
from reports.indicators import indicators
from workflows.models import load_calendar

FROZEN_ON, ISSUED_ON = 2, 4  # working days after the month's first one
SLOW_DAYS = 12  # until the slow counties sign for a circular: the newest one is still open
# the province reads its system a few days earlier, and counts firms of its own list
FEWER = {"filing_rate": Decimal("0.4"), "coverage_rate": Decimal("0.6"),
         "four_haves_rate": Decimal("0.3")}  # fmt: skip


def close_month(campaign: Campaign, at: datetime) -> None:
    """What the province published of the month is kept, then the month is frozen."""
    programme, end = campaign.city.programme, month_before(day_of(at))
    city = indicators(programme, end).city
    rates = [_less(getattr(city, name), by) for name, by in FEWER.items()]
    publish(
        programme,
        end,
        " ".join([programme.city.name, str(city.listed), *rates]),
        cut_off=end.replace(day=25),
        source=f"省专班简报{end.year}年第{end.month}期",
        by=campaign.office(),
        at=at,
    )
    freeze(programme, end, by=campaign.office(), at=at)


def _less(rate: Decimal | None, by: Decimal) -> str:
    return "-" if rate is None else f"{max(rate - by, Decimal(0))}"


def issue_circular(campaign: Campaign, at: datetime) -> None:
    """通报 of the month that is frozen: all its steps on one afternoon."""
    programme, on = campaign.city.programme, day_of(at)
    end = month_before(on)
    if not Freeze.objects.frozen().filter(programme=programme, as_of=end).exists():
        return
    # a day that was interrupted is worked once more
    kind = Document.Kind.CIRCULAR
    if Document.objects.filter(programme=programme, kind=kind, as_of=end).exists():
        return
    drafter, head, checker = (campaign.office(skip) for skip in range(3))
    made = kinds.draft_of(kind, Subject(programme, end, on), by=drafter, at=at)
    hands = {Step.CHECK: checker, Step.SIGN: head}
    while made.state not in OUT:
        step, _next = made.ahead or FORWARD[State(made.state)]
        by = hands.get(step, drafter)
        made = actions.advance(made.pk, by=by, at=at, version=made.version, step=step)
    for days, is_slow in ((1, False), (SLOW_DAYS, True)):
        later = at_hour(load_calendar().add(on, days), 9)
        campaign.plan(later, partial(sign_for_copies, made.pk, is_slow))


def sign_for_copies(document: int, is_slow: bool, at: datetime) -> None:
    """签收 by each unit's own people: the slow counties take their time."""
    waiting = Receipt.objects.filter(document=document, signed_at=None)
    slow = Q(unit__region__name__in=SLOW)
    units = waiting.filter(slow if is_slow else ~slow).values("unit")
    held = Tenure.objects.filter(post__unit__in=units, until_on=None).select_related("user", "post")
    people = {one.post.unit_id: one.user for one in held.order_by("-id")}
    for user in dict.fromkeys(people.values()):
        by = actor_for(user, day_of(at))
        if by.unit_ids:
            actions.sign_for(document, by=by, at=at)
