"""暂缓: how long a case may rest, and who decides it (practice: suspension)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Suspension
from cases.rulebook import calendar
from workflows.limits import CaseLimits


def check_suspension(limits: CaseLimits, on: date, until: date, used: int, is_office: bool) -> int:
    """Working days from ``on`` to ``until``; beyond the county's limit the office decides."""
    days = calendar().between(on, until)
    if days < 1:
        raise Refused("until_past", _("Choose a day after today until which the case rests."))
    if days > limits.suspend_days:
        raise Refused(
            "suspension_long",
            _("At most %(n)d working days at a time. Choose an earlier day; it can be renewed.")
            % {"n": limits.suspend_days},
        )
    if used + days > limits.county_suspends and not is_office:
        raise Refused(
            "suspension_office",
            _(
                "More than %(n)d working days in all need the city office. Please report to the"
                " office; it suspends the case on this page, under “Suspend”."
            )
            % {"n": limits.county_suspends},
        )
    return days


def open_suspension(rows: Iterable[Suspension]) -> Suspension:
    """The open row of the suspension ledger, or a refusal."""
    for row in rows:
        return row
    raise Refused("not_suspended", _("The case is not suspended."))
