"""When a case's firm stood on the city's register: the bureau's list says so, not the case."""

from __future__ import annotations

from datetime import date

from cases.models import Case
from enterprises.models import Membership


def stays_of(case: Case) -> list[tuple[date, date | None]]:
    """(joined_on, left_on) of the firm in the programme's city, the oldest first; one statement."""
    rows = Membership.objects.filter(enterprise=case.enterprise_id, city=case.programme.city_id)
    return list(rows.order_by("joined_on", "pk").values_list("joined_on", "left_on"))
