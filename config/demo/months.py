"""The office's round of a month: the province's figures, the freeze, the circular (封账、通报).

By the real verbs, with the persons that they ask for: one drafts, another checks, the head signs.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from config.demo.campaign import Campaign
from organisations.days import day_of
from reports.documents import actions, kinds
from reports.documents.kinds import Subject
from reports.documents.nouns import Document
from reports.documents.route import FORWARD, OUT, State, Step
from reports.figures.freezing import freeze
from reports.figures.months import month_before
from reports.figures.nouns import Freeze
from reports.figures.publishing import publish
from reports.indicators import indicators

FROZEN_ON, ISSUED_ON = 2, 4  # working days after the month's first one
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
    drafter, head, checker = (campaign.office(skip) for skip in range(3))
    made = kinds.draft_of(Document.Kind.CIRCULAR, Subject(programme, end, on), by=drafter, at=at)
    hands = {Step.CHECK: checker, Step.SIGN: head}
    while made.state not in OUT:
        step, _next = made.ahead or FORWARD[State(made.state)]
        by = hands.get(step, drafter)
        made = actions.advance(made.pk, by=by, at=at, version=made.version, step=step)
