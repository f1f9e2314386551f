"""A city's directory as an index, built when it changed and kept by each process."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from organisations.models import Region
from resources.models import Directory, Expert, FieldWord, Resource
from resources.suggesting import Candidate, Index, Need, Reason

RESOURCE, EXPERT = "resource", "expert"


@dataclass(frozen=True)
class Suggested:
    """A suggestion with its row."""

    row: Resource | Expert
    score: int
    reasons: tuple[Reason, ...]

    @property
    def is_expert(self) -> bool:
        return isinstance(self.row, Expert)


def suggest(
    city: Region, need: Need, *, on: date, limit: int = 8, kinds: Collection[str] = ()
) -> list[Suggested]:
    """Ranked rows for a need: three statements, and three more once after a change."""
    found = index_of(city.pk).suggest(need, on=on, limit=limit, kinds=kinds)
    ids: dict[str, list[int]] = {RESOURCE: [], EXPERT: []}
    for one in found:
        ids[one.key[0]].append(one.key[1])
    rows: dict[tuple[str, int], Resource | Expert] = {}
    for resource in Resource.objects.filter(pk__in=ids[RESOURCE]).select_related("region"):
        rows[RESOURCE, resource.pk] = resource
    experts = Expert.objects.filter(pk__in=ids[EXPERT]).select_related("region", "institute")
    for expert in experts:
        rows[EXPERT, expert.pk] = expert
    return [Suggested(rows[s.key], s.score, s.reasons) for s in found if s.key in rows]


def index_of(city_id: int) -> Index:
    """The index as of the directory's newest stamp, which is read before the rows: an index can
    be younger than its stamp, never older."""
    stamp = Directory.objects.filter(pk=city_id).values_list("stamp", flat=True).first()
    return _built(city_id, stamp or "")


@lru_cache(maxsize=8)
def _built(city_id: int, stamp: str) -> Index:
    if not stamp:
        return Index([])
    city = Region.objects.only("pk").get(pk=city_id)
    words = FieldWord.objects.filter(city=city).order_by("word", "pk")
    resources = Resource.objects.filter(city=city).order_by("folded_name", "pk")
    experts = Expert.objects.filter(city=city).order_by("folded_name", "pk")
    candidates = [
        *(_candidate(RESOURCE, row, "") for row in resources),
        *(_candidate(EXPERT, row, row.institute_name) for row in experts),
    ]
    return Index(candidates, {word.word: word.also for word in words})


def _candidate(table: str, row: Resource | Expert, more: str) -> Candidate:
    # a person's name says nothing about the field
    name = row.name if table == RESOURCE else more
    return Candidate(
        key=(table, row.pk),
        kind=row.kind,
        industries=tuple(row.industries),
        fields=tuple(row.fields),
        text=f"{name}\n{row.offers}",
        county=row.region_id if row.region_id != row.city_id else None,
        # an envoy who serves another county is no nearer than one from outside
        in_city=row.region_id == row.city_id if table == EXPERT else row.region_id is not None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
