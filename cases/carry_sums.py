"""What a carry-over does, or would do, by county and by stage; its effects on the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from cases.actions.carrying import CarriedOver
from cases.labels import stage_title
from cases.models import Case
from cases.rulebook import pack_of
from cases.stages import CARRIED_OVER, CLOSED, DELISTED, TERMINAL
from organisations.models import Region
from workflows.models import Programme


@dataclass(frozen=True)
class CountyLine:
    county: str
    carried: int
    refused: int


def by_county(found: CarriedOver) -> list[CountyLine]:
    """Counties in their order, with what goes over and what stays; one query."""
    going = Counter(pair.old.county_id for pair in found.done)
    staying = Counter(found.cases[pk].county_id for pk in found.refused)
    counties = Region.objects.filter(pk__in={*going, *staying}).order_by("position", "pk")
    return [CountyLine(one.name, going[one.pk], staying[one.pk]) for one in counties]


def by_stage(found: CarriedOver) -> list[tuple[str, str, int]]:
    """(stage in the old year, in the new one, cases), the most first."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair in found.done:
        old, new = pair.old, pair.new
        counts[
            stage_title(pack_of(old.pack_version_id), old.procedure, pair.stage),
            stage_title(pack_of(new.pack_version_id), new.procedure, new.stage),
        ] += 1
    return [(old, new, n) for (old, new), n in counts.most_common()]


# what the ledger counts of firms' own cases, as ``reports.ledger_figures`` does
COUNTED: dict[str, Q] = {
    "opened": ~Q(stage="withdrawn"),
    "running": ~Q(stage__in=TERMINAL),
    "closed": Q(stage=CLOSED),
    "delisted": Q(stage=DELISTED),
    "carried_out": Q(stage=CARRIED_OVER),
    "carried_in": Q(carried_from__isnull=False),
}
Counts = dict[str, int]


def counts(programme: Programme) -> Counts:
    """Firms' own cases of a programme by how they stand; one query."""
    rows = Case.objects.filter(programme=programme, is_main=True).order_by()
    found: Counts = rows.aggregate(**{k: Count("pk", filter=q) for k, q in COUNTED.items()})
    return found


def effects(before: Counts, after: Counts) -> list[tuple[str, int, int]]:
    """(figure, before, after), in the order in which a ledger prints them."""
    return [(name, before[name], after[name]) for name in COUNTED]
