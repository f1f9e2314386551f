"""What the filters of the ledger offer by name: places, lead firms, service officers, kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, F, IntegerField, Q, QuerySet, Value
from django.db.models import When as If
from django.db.models.functions import Coalesce, Concat

from cases.columns import sees_counties
from cases.ledger import Ledger
from cases.ledger_known import known_by
from cases.models import SavedList
from cases.querysets import CaseQuerySet, is_open
from enterprises.models import Pairing
from organisations.asked_again import asked_again
from organisations.models import Region
from organisations.scope import Actor
from workflows.models import Programme

PLACE, LEAD, OFFICER, KIND, YEAR = "place", "lead", "officer", "kind", "year"
# 常用筛选: their words are name and query, a line each; n says with whom they are shared
SAVED = "saved"
SHARED = ("own", "unit", "city")
Choice = tuple[int, str]


@dataclass(frozen=True)
class Choices:
    """(id, words) each; of who leads or serves the name alone: how many of his firms a list holds
    depends on everything else that is chosen, and a number that the list does not show misleads.

    ``kinds``: how many open cases there are of each kind of case, by its key.
    """

    places: Sequence[Choice]
    leads: Sequence[Choice]
    officers: Sequence[Choice]
    kinds: Mapping[str, int]
    # statistical years of the city's programmes, the newest first
    years: Sequence[int]
    # filters under a name: (id, name, query, with whom they are shared)
    saved: Sequence[tuple[int, str, str, str]] = ()


def choices(ledger: Ledger, within: Callable[[], Q | None] | None = None) -> Choices:
    """What this person may choose from; one statement, as the page has no more to spare.

    ``within``: what bounds the cases (``Walk.within``), where the list is short.
    """

    def ask() -> Any:
        placed = ledger.placed(within() if within else None)
        return _offered(ledger.actor, ledger.on, placed)

    known = known_by(ledger)
    if known is None:
        return _choices(ask())
    key, made_with = known
    return _choices(asked_again(("choices", within is None, key), ask, by=made_with))


def _offered(actor: Actor, on: date, cases: CaseQuerySet) -> Any:
    """``cases``: those under the filters by place and people, with their open item."""
    open_ = cases.filter(is_open()).order_by().annotate(what=Value(KIND), who=Value(0))
    kinds = open_.values("what", "who", words=F("procedure")).annotate(
        n=Count("pk", output_field=IntegerField())
    )
    pairings = Pairing.objects.visible_to(actor).on(on)
    leads = _rows(pairings.filter(kind=Pairing.Kind.LEAD_FIRM), LEAD, F("lead_id"), F("lead__name"))
    served = pairings.filter(kind__in=[Pairing.Kind.OFFICER, Pairing.Kind.CHIEF])
    name = Coalesce(F("user__name"), F("post__name"))
    officers = _rows(served, OFFICER, F("post_id"), name)
    regions = (
        regions_of(actor)
        .order_by()
        .annotate(
            what=Value(PLACE),
            who=F("pk"),
            words=F("name"),
            n=F("position"),
        )
    )
    programmes = (
        Programme.objects.filter(city__in=actor.city_ids)
        .order_by()
        .annotate(what=Value(YEAR), who=F("statistical_year"), words=F("key"), n=Value(0))
    )
    lists = _kept_by(actor)
    columns = ("what", "who", "words", "n")
    return regions.values_list(*columns).union(
        leads,
        officers,
        kinds.values_list(*columns),
        programmes.values_list(*columns),
        lists.values_list(*columns),
        all=True,
    )


def _kept_by(actor: Actor) -> QuerySet[Any, Any]:
    """常用筛选 of a person, his unit and his city."""
    shared = When(If(city__isnull=False, then=2), If(unit__isnull=False, then=1), default=0)
    return (
        SavedList.objects.visible_to(actor)
        .order_by()
        .annotate(
            what=Value(SAVED),
            who=F("pk"),
            words=Concat("name", Value("\n"), "query"),
            n=shared,
        )
    )


def saved_by(actor: Actor) -> Sequence[tuple[int, str, str, str]]:
    """``Choices.saved`` as they are now; one statement."""
    return _saved(list(_kept_by(actor).values_list("who", "words", "n")))


def _choices(rows: Iterable[Any]) -> Choices:
    found: dict[str, list[tuple[int, str, int]]] = {
        name: [] for name in (PLACE, LEAD, OFFICER, KIND, YEAR, SAVED)
    }
    for what, who, words, n in rows:
        found[what].append((who, words, n))
    places = sorted(found[PLACE], key=lambda row: (row[2], row[0]))
    return Choices(
        [(pk, words) for pk, words, _n in places],
        _by_name(found[LEAD]),
        _by_name(found[OFFICER]),
        {words: n for _zero, words, n in found[KIND]},
        sorted({year for year, _key, _n in found[YEAR]}, reverse=True),
        _saved(found[SAVED]),
    )


def _saved(rows: Sequence[tuple[int, str, int]]) -> list[tuple[int, str, str, str]]:
    """One's own first, then the unit's, then everybody's, each by name."""
    ordered = sorted(rows, key=lambda row: (row[2], row[1], row[0]))
    found = [(pk, words.partition("\n"), SHARED[n]) for pk, words, n in ordered]
    return [(pk, name, query, shared) for pk, (name, _line, query), shared in found]


def _rows(rows: Any, what: str, who: Any, words: Any) -> QuerySet[Any, Any]:
    chosen = rows.order_by().annotate(what=Value(what), who=who, words=words, n=Value(0))
    found: QuerySet[Any, Any] = chosen.values_list("what", "who", "words", "n").distinct()
    return found


def _by_name(rows: Sequence[tuple[int, str, int]]) -> list[Choice]:
    """As Chinese lists are: the signs of GB 2312 stand in the order of their sounds."""
    ordered = sorted((words.encode("gb18030", "replace"), pk, words) for pk, words, _n in rows)
    return [(pk, words) for _sounds, pk, words in ordered]


def regions_of(actor: Actor) -> QuerySet[Region]:
    """Counties for whoever sees several, else the townships of one's county."""
    if not sees_counties(actor):
        return Region.objects.filter(parent_id__in={s.region_id for s in actor.standings})
    paired = {pk for s in actor.standings for pk in s.paired_county_ids}
    if paired and all(s.paired_county_ids for s in actor.standings):
        return Region.objects.filter(pk__in=paired)
    return Region.objects.filter(parent_id__in=actor.city_ids, level=Region.Level.COUNTY)
