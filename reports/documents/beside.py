"""What stands beside a county's rates in the ranking: the ledger's own figures, and its group.

The ledger is another truth than the filing. Who was closed or open is known for any day; who was
late for today only (a limit that was moved since has forgotten the old day), and the texts say so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases import querysets as ask
from cases.models import Case, CaseEvent
from cases.querysets import CaseQuerySet
from cases.stages import CLOSED, TERMINAL
from organisations.models import Unit
from reports.figures.past import end_of
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


def stood(cases: CaseQuerySet, day: date) -> CaseQuerySet:
    """With ``stood``: the stage at the end of ``day``, which the first line after it names."""
    later = CaseEvent.objects.filter(case=OuterRef("pk"), at__gte=end_of(day)).order_by("pk")
    named = Subquery(later.values("from_stage")[:1])
    return cases.annotate(stood=Coalesce(named, F("stage"), output_field=CharField()))


def closed_by(day: date) -> Q:
    """Closed at the end of ``day``, taken up again since or not. A running ledger that was taken
    over later says when; a closing without its day was there before any."""
    taken_over = Q(stood="", stage=CLOSED) & (Q(closed_on__lte=day) | Q(closed_on=None))
    return Q(stood=CLOSED) | taken_over


def standing(programme: Programme, day: date) -> Standing:
    """One statement."""
    later = Q(finished=None) | Q(finished__date__gt=day)
    runs = Q(stood="") & ~closed_by(day) & later | ~Q(stood__in=("", *TERMINAL))
    was_open = Q(opened_on__lte=day) & runs
    roots = stood(Case.objects.filter(programme=programme, is_main=True), day).order_by()
    counts = roots.aggregate(
        closed=Count("pk", filter=closed_by(day)), open=Count("pk", filter=was_open)
    )
    return Standing(**counts)


def beside(programme: Programme, on: date, today: date) -> dict[int, Beside]:
    """By county, closed as of ``on``, late as of ``today``; two statements."""
    roots = stood(Case.objects.filter(programme=programme, is_main=True), on).with_item().order_by()
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
