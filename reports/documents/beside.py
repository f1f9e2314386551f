"""What stands beside a county's rates in the ranking: the ledger's own figures, and its group.

The ledger is another truth than the filing, known for today only; the note below the table says so.
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


def beside(programme: Programme, today: date) -> dict[int, Beside]:
    """By county; two statements."""
    roots = Case.objects.filter(programme=programme, is_main=True).with_item().order_by()
    counts = roots.values_list("county_id").annotate(
        closed=Count("pk", filter=Q(stage=CLOSED)), late=Count("pk", filter=ask.overdue(today))
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
