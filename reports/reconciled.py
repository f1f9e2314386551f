"""账表比对: where the filing, the register and the ledger disagree today, county by county.

可销号 and 账表不一致 are lists of cases (``cases.reconciling``). 催报: listed, and not registered
or not filed in the newest month that was read in. 底数不一致: on the register and not in that
month's list, or in the list and not on the register. Facts never close or reopen a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case as Either
from django.db.models import Exists, Max, OuterRef, QuerySet, Value, When

from cases.actions import reconciling
from cases.models import Case
from cases.reconciling import closable, differs, meets, waits_to_close
from cases.stages import CLOSED
from enterprises.models import Membership, MonthlyFact
from enterprises.told import (
    SAID,
    Day,
    counted_with,
    meaning,
    said_of_firms,
    told_by_county,
)
from organisations.among import Among
from organisations.days import day_of
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

REGISTERED, FILED = SAID.index("registered"), SAID.index("filed")
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
    city, year, month = programme.city_id, _known(programme, on), newest_month(programme, on)
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
    cases = Case.objects.filter(programme=programme).with_item().order_by()
    for name, asked in (("closable", closable), ("differs", differs)):
        rows = cases.filter(asked(pack, on))
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


def by_county(
    programme: Programme, pack: Pack, on: date, month: date | None
) -> dict[str, Counter[int]]:
    """How many by list and county, as the database counts them; ``month``: the newest of which a
    list was read in. Four statements."""
    counts: dict[str, Counter[int]] = {name: Counter() for name in LISTS}
    for name, county, firms in _of_cases(programme, pack, on):
        counts[name][county] += firms
    if month is None:
        return counts
    [told] = told_by_county(programme.city, [Day(on)], since=month, until=month)
    for county, said, firms in told:
        if said is None:
            counts["unmatched"][county] += firms
        elif not (said[REGISTERED] and said[FILED]):
            counts["unfiled"][county] += firms
    counts["unmatched"].update(_unlisted(programme, on, month))
    return counts


def _of_cases(programme: Programme, pack: Pack, on: date) -> Iterator[tuple[str, int, int]]:
    """Of each kind of facts is asked once whether they meet the closing criteria."""
    rows = Case.objects.filter(programme=programme, is_main=True).with_item().order_by()
    waits = When(waits_to_close(), then=Value("closable"))
    closed = When(stage=CLOSED, then=Value("differs"))
    rows = rows.annotate(list=Either(waits, closed, default=Value("")))
    year = pack.statistical_year
    said = said_of_firms(programme.city, on, since=date(year, 1, 1), until=date(year, 12, 31))
    found = rows.values_list("county_id", "enterprise_id", "list")
    for county, name, number, firms in counted_with(
        found, ("county", "firm", "list"), said, ("county", "list", "said")
    ):
        known = None if number is None else meaning(number)
        if not name or known is None:
            continue
        if meets(pack, dict(zip(SAID, known, strict=True))) == (name == "closable"):
            yield name, county, firms


def _unlisted(programme: Programme, on: date, month: date) -> Counter[int]:
    """Firms of the month's list that are not on the register, by the county in which they last
    stood."""
    register = Membership.objects.filter(city=programme.city_id)
    here = register.on(on).filter(enterprise=OuterRef("enterprise"))
    facts = MonthlyFact.objects.filter(
        city=programme.city_id, known_on__lte=on, about_month=month
    ).filter(~Exists(here))
    firms = set(facts.values_list("enterprise_id", flat=True))
    stood = register.filter(Among("enterprise", firms), joined_on__lte=on)
    rows = stood.order_by("joined_on", "pk").values_list("enterprise_id", "county_id")
    places = dict(rows)
    return Counter(places.get(firm, 0) for firm in firms)


def newest_month(programme: Programme, on: date) -> date | None:
    """The newest of the year of which a list was known by then; one statement."""
    month: date | None = _known(programme, on).aggregate(newest=Max("about_month"))["newest"]
    return month


def _known(programme: Programme, on: date) -> QuerySet[MonthlyFact]:
    return MonthlyFact.objects.filter(
        city=programme.city_id, known_on__lte=on, about_month__year=programme.statistical_year
    )
