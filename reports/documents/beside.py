"""What stands beside a county's rates in the ranking: the ledger's own figures, and its group.

The ledger is another truth than the filing. Who was closed or open is known for any day; who was
late for today only (a limit that was moved since has forgotten the old day), and the texts say so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from cases import querysets as ask
from cases.models import Case
from cases.stages import CLOSED
from organisations.models import Unit
from workflows.models import Programme


@dataclass(frozen=True)
class Beside:
    """Firms closed in all, firms past their limit, the liaison group by its short name."""

    closed: int = 0
    late: int = 0
    group: str = ""


@dataclass(frozen=True)
class Standing:
    """The ledger at the end of a day: firms closed in all, firms open."""

    closed: int
    open: int


def closed_by(day: date) -> Q:
    """Closed at the end of ``day``; a closing without its day was there before any."""
    return Q(stage=CLOSED) & (Q(closed_on__lte=day) | Q(closed_on=None))


def standing(programme: Programme, day: date) -> Standing:
    """One statement."""
    later = Q(finished=None) | Q(finished__date__gt=day)
    was_open = Q(opened_on__lte=day) & ~closed_by(day) & later
    roots = Case.objects.filter(programme=programme, is_main=True).order_by()
    counts = roots.aggregate(
        closed=Count("pk", filter=closed_by(day)), open=Count("pk", filter=was_open)
    )
    return Standing(**counts)


def beside(programme: Programme, on: date, today: date) -> dict[int, Beside]:
    """By county, closed as of ``on``, late as of ``today``; two statements."""
    roots = Case.objects.filter(programme=programme, is_main=True).with_item().order_by()
    counts = roots.values_list("county_id").annotate(
        closed=Count("pk", filter=closed_by(on)), late=Count("pk", filter=ask.overdue(today))
    )
    numbers = {county: (closed, late) for county, closed, late in counts}
    groups: dict[int, list[str]] = defaultdict(list)
    rows = Unit.objects.filter(
        kind=Unit.Kind.LIAISON_GROUP, paired_counties__parent=programme.city_id
    )
    for short, name, county in rows.order_by("id").values_list(
        "short_name", "name", "paired_counties"
    ):
        groups[county].append(short or name)
    return {
        county: Beside(*numbers.get(county, (0, 0)), " ".join(groups.get(county, ())))
        for county in {*numbers, *groups}
    }
