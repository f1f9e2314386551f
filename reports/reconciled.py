"""账表比对: where the filing, the register and the ledger disagree today, county by county.

可销号 and 账表不一致 are lists of cases (``cases.reconciling``). 催报: listed, and not registered
or not filed in the newest month that was read in. 底数不一致: on the register and not in that
month's list, or in the list and not on the register. Facts never close or reopen a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max

from cases.actions import reconciling
from cases.models import Case
from cases.reconciling import closable, differs
from enterprises.models import Membership, MonthlyFact
from organisations.days import day_of
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

LISTS = ("closable", "differs", "unfiled", "unmatched")


@dataclass(frozen=True)
class Found:
    """By firm: its county, and why it stands there (a word of ``WHY``)."""

    unfiled: Mapping[int, int]
    unmatched: Mapping[int, int]
    month: date | None


def compared(
    listed: Mapping[int, int], facts: Mapping[int, tuple[bool, bool]], places: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """(催报, 底数不一致) by firm with its county; ``facts``: registered and filed in the month;
    ``places``: the county in which a firm last stood. Without a list of the month nothing is said.
    """
    if not facts:
        return {}, {}
    unfiled = {
        firm: county for firm, county in listed.items() if firm in facts and not all(facts[firm])
    }
    unmatched = {firm: county for firm, county in listed.items() if firm not in facts}
    unmatched |= {firm: places.get(firm, 0) for firm in facts if firm not in listed}
    return unfiled, unmatched


def found(programme: Programme, on: date) -> Found:
    """Three statements."""
    city = programme.city_id
    year = MonthlyFact.objects.filter(
        city=city, known_on__lte=on, about_month__year=programme.statistical_year
    )
    month = year.aggregate(newest=Max("about_month"))["newest"]
    rows = year.filter(about_month=month).order_by("known_on", "pk") if month else year.none()
    facts = {
        firm: (registered, filed)
        for firm, registered, filed in rows.values_list("enterprise_id", "registered", "filed")
    }
    listed: dict[int, int] = {}
    places: dict[int, int] = {}
    members = Membership.objects.filter(city=city, joined_on__lte=on).order_by("joined_on", "pk")
    for firm, county, left in members.values_list("enterprise_id", "county_id", "left_on"):
        places[firm] = county
        if left is None or left > on:
            listed[firm] = county
    unfiled, unmatched = compared(listed, facts, places)
    return Found(unfiled, unmatched, month)


def lists_now(programme: Programme, pack: Pack, on: date) -> dict[tuple[str, int], list[int]]:
    """The firms of the four lists by list and county; five statements."""
    found_now = found(programme, on)
    places: dict[tuple[str, int], list[int]] = {}
    for name in ("unfiled", "unmatched"):
        for firm, county in getattr(found_now, name).items():
            places.setdefault((name, county), []).append(firm)
    cities = [programme.city_id]
    cases = Case.objects.filter(programme=programme).with_item().order_by()
    for name, asked in (("closable", closable), ("differs", differs)):
        rows = cases.filter(asked(pack, cities, on))
        for county, firm in rows.values_list("county_id", "enterprise_id"):
            places.setdefault((name, county), []).append(firm)
    return places


def open_todos(version: ProgrammeVersion, month: date, *, at: datetime) -> int:
    """What a frozen month asks of the counties, on the one engine; how many matters."""
    if reconciling.procedure_of(version) is None:
        return 0
    lists = lists_now(version.programme, version.pack, day_of(at))
    return reconciling.open_lists(version, lists, month, at=at)


def settle(at: datetime) -> int:
    """End the matters of which no firm stands on its list any more; one statement where none is
    open. Called by every tick, after whatever was read in."""
    waiting = reconciling.running()
    if not waiting:
        return 0
    firms, ends = reconciling.firms_of(waiting), []
    for programme in {case.programme for case in waiting}:
        mine = [case for case in waiting if case.programme_id == programme.pk]
        lists = lists_now(programme, programme.current.pack, day_of(at))
        for case in mine:
            left = lists.get((case.grade, case.county_id), ())
            if not set(firms.get(case.pk, ())) & set(left):
                ends.append(case.pk)
    return reconciling.end_agreed(ends, at=at) if ends else 0


def by_county(programme: Programme, pack: Pack, on: date, lists: Found) -> dict[str, Counter[int]]:
    """How many by list and county; one statement beside what ``found`` has asked."""
    cities = [programme.city_id]
    cases = Case.objects.filter(programme=programme).with_item().order_by()
    rows = cases.values_list("county_id").annotate(
        ready=Count("pk", filter=closable(pack, cities, on)),
        unlike=Count("pk", filter=differs(pack, cities, on)),
    )
    counts: dict[str, Counter[int]] = {name: Counter() for name in LISTS}
    for county, ready, unlike in rows:
        counts["closable"][county] += ready
        counts["differs"][county] += unlike
    counts["unfiled"].update(lists.unfiled.values())
    counts["unmatched"].update(lists.unmatched.values())
    return counts
