"""Reassigning to another county than the firm's own: said before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.errors import Refused
from cases.models import Case
from enterprises.models import Membership
from organisations.models import Unit

CODE = "other_county"


def counties_left(cases: Iterable[int], unit: Unit, on: date) -> Counter[str]:
    """The firms' own counties, by name and number of firms, where they are not the county of the
    task force that would take over; empty for other units. Two queries.
    """
    if unit.kind != Unit.Kind.TASK_FORCE:
        return Counter()
    rows = Case.objects.filter(pk__in=list(cases), criterion="").exclude(county=unit.region_id)
    held = dict(rows.exclude(enterprise=None).values_list("enterprise_id", "county__name"))
    listed = Membership.objects.on(on).filter(enterprise__in=held)
    for firm, county, name in listed.values_list("enterprise_id", "county_id", "county__name"):
        if county == unit.region_id:  # it moved there, the case follows
            held.pop(firm, None)
        elif firm in held:
            held[firm] = name
    return Counter(held.values())


def check_county(case: Case, unit: Unit, on: date) -> None:
    """Refuses, in words, what is likely a slip of the hand; whoever means it says so."""
    for county in counties_left([case.pk], unit, on):
        words = _(
            "The firm is in %(county)s and would be reassigned to %(unit)s. If that is right, "
            "send it again."
        )
        names = {"county": county, "unit": unit.short_name or unit.name}
        raise Refused(CODE, words % names)


def warnings(cases: Iterable[int], unit: Unit, on: date) -> list[str]:
    """For the preview of many: a line for each county that firms would be taken from."""
    found = counties_left(cases, unit, on)
    return [
        ngettext(
            "%(n)d firm is in %(county)s and would be reassigned to %(unit)s.",
            "%(n)d firms are in %(county)s and would be reassigned to %(unit)s.",
            count,
        )
        % {"n": count, "county": county, "unit": unit.short_name or unit.name}
        for county, count in found.most_common()
    ]
