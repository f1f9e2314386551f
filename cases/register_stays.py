"""When a case's firm stood on the city's register: the bureau's list says so, not the case; what
may be ended or taken up by hand follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from cases.dates import long_day_words
from cases.errors import Refused
from cases.models import Case
from enterprises.models import Membership


def stays_of(case: Case) -> list[tuple[date, date | None]]:
    """(joined_on, left_on) of the firm in the programme's city, the oldest first; one statement."""
    rows = Membership.objects.filter(enterprise=case.enterprise_id, city=case.programme.city_id)
    return list(rows.order_by("joined_on", "pk").values_list("joined_on", "left_on"))


def check_off_register(stays: Iterable[tuple[date, date | None]], on: date) -> None:
    """退库以统计部门名单为准: by hand only where the bureau's list no longer names the firm, or it
    would stay in every denominator with nobody to ask for it (practice.md)."""
    since = next((to for to, out in stays if to <= on and (out is None or out > on)), None)
    if since is not None:
        words = _(
            "The firm is on the register (since %(day)s), and leaving follows the bureau's list. "
            "Import the list without it; what was opened by mistake is withdrawn, with the reason."
        )
        raise Refused("still_listed", words % {"day": long_day_words(since)})


def check_on_register(stays: Iterable[tuple[date, date | None]], on: date) -> None:
    """The way back follows the bureau's list as the way out does: or the ladder would chase a firm
    that stands in no denominator."""
    left = [out for to, out in stays if to <= on and out is not None and out <= on]
    if not any(to <= on and (out is None or out > on) for to, out in stays):
        words = _(
            "The firm is not on the register. Import the bureau's list that names it again; its "
            "case goes on by itself then."
        )
        if left:
            words = _(
                "The firm is not on the register (since %(day)s). Import the bureau's list that "
                "names it again; its case goes on by itself then."
            ) % {"day": long_day_words(max(left))}
        raise Refused("not_listed", words)
