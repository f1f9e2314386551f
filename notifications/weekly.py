"""一周提示: on the first working morning of a week a lead's digest says how the last one went."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cases import querysets as ask
from cases.rulebook import calendar
from cases.stages import CLOSED
from cases.workbench import Desk
from organisations.roles import Role

LEADS = (Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD)


def is_weekly(desk: Desk) -> bool:
    """For whoever leads a county's task force or a department; Monday, or the first day worked."""
    if not any(standing.role in LEADS for standing in desk.actor.standings):
        return False
    monday = _monday(desk.on)
    before = (monday + timedelta(days=n) for n in range((desk.on - monday).days))
    return not any(calendar().is_working(day) for day in before)


def last_week(desk: Desk) -> str:
    """Closed last week, fell due then and is late since, thirty days without progress; of the
    firms that the lead sees."""
    last = _monday(desk.on) - timedelta(days=1)
    first = last - timedelta(days=6)
    closed = Q(stage=CLOSED, finished__date__range=(first, last))
    late = ask.overdue(desk.on) & Q(item__due_on__range=(first, last))
    figures = desk.visible(Q(is_main=True)).order_by().aggregate(
        closed=Count("pk", filter=closed),
        late=Count("pk", filter=late),
        idle=Count("pk", filter=ask.idle(desk.on)),
    )  # fmt: skip
    words = _("Last week: closed %(closed)d · newly overdue %(late)d · 30 days idle %(idle)d")
    return str(words % figures)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
