"""The month's ranking as a workbook: places, what they are counted from, and the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import BinaryIO

from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.workbooks import Term, write_ledger
from organisations import clock
from organisations.days import long_day
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from reports.figures.ranking import Place
from reports.figures.terms import column_terms, ranking_terms
from reports.views.chosen import chosen
from reports.views.ranking import Ranks, gain_head, moved_words, state_words
from workflows.text import localised

Value = Decimal | int | None


@dataclass(frozen=True)
class Line:
    """A county's line, or the city's at the end, which has no place."""

    zone: str
    name: str
    values: dict[str, Value]
    moved: str = ""
    tier: str = ""
    average: str = ""


@dataclass(frozen=True)
class Head:
    title: str
    width: int
    text: Callable[[Line], str]
    value: Callable[[Line], Value] | None = None
    # a rate prints 78.5 and 78.0, whatever its digits
    decimals: int = 0


@require_safe
@scoped(Act.READ)
def county_ranks_export(request: ActorRequest) -> FileResponse:
    """URL name ``county_ranks_export``: what the page shows of the month, in its order."""
    _choices, programme = chosen(request)
    if programme is None:
        raise Http404
    ranks, at = Ranks(request, programme), clock.now()
    name = f"{_('County ranking')}_{programme.city}_{ranks.on:%Y%m%d}.xlsx"
    write = partial(write_ranks, ranks=ranks, by=request.actor, at=at)
    return send_workbook("county_ranks", name, write, by=request.actor, at=at, subject=programme)


def write_ranks(target: BinaryIO, ranks: Ranks, by: Actor, at: datetime) -> int:
    facts = [
        _("Unit: %(unit)s") % {"unit": ranks.placed.pack.units.office.name},
        _("As of: %(at)s") % {"at": long_day(ranks.on)},
        state_words(ranks.placed.freeze),
        _("Made by %(who)s, %(at)s")
        % {"who": str(by.user), "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M")},
    ]
    return write_ledger(
        target,
        title=_("County ranking as of the end of %(day)s") % {"day": long_day(ranks.on)},
        facts=facts,
        definition=ranking_terms(by_zone=ranks.by_zone),
        columns=_heads(ranks),
        rows=_lines(ranks),
        sheet_name=_("County ranking"),
        terms=_terms(ranks),
    )


def _heads(ranks: Ranks) -> list[Head]:
    def number(key: str, title: str, decimals: int = 0) -> Head:
        return Head(title, 12, lambda line: "", lambda line: line.values.get(key), decimals)

    zone = [Head(_("Zone"), 14, lambda line: line.zone)] if ranks.by_zone else []
    province = [number("province", _("By the province"), 1)] if ranks.published else []
    gains = ranks.gains.get(ranks.city, [])
    return [
        *zone,
        Head(_("Rank"), 8, lambda line: "", lambda line: line.values.get("place")),
        Head(_("County"), 16, lambda line: line.name),
        Head(_("First tier"), 10, lambda line: line.tier),
        number("rate", _("Coverage rate"), 1),
        number("gap", _("Against the planned line"), 1),
        number("part", _("With R&D")),
        number("whole", _("Base")),
        *province,
        number("target", _("Annual target"), 1),
        number("planned", _("Planned line"), 1),
        number("short", _("Firms to the line")),
        *(number(f"gain{n}", gain_head(one), 1) for n, one in enumerate(gains)),
        number("lacks", _("Only one missing")),
        number("change", _("On last month"), 1),
        Head(_("Change of rank"), 10, lambda line: line.moved),
        Head(_("Average of the city"), 12, lambda line: line.average),
    ]


def _lines(ranks: Ranks) -> list[Line]:
    titles = {key: localised(title) for key, title in ranks.placed.pack.zones.items()}
    found = [_line(place, titles.get(place.zone, ""), ranks) for place in ranks.placed.places]
    city = ranks.placed.now.city
    values: dict[str, Value] = {
        "rate": city.coverage_rate,
        "part": city.with_rd,
        "whole": city.listed,
        "target": city.target,
        "planned": city.planned,
        "change": ranks.city_change,
        "lacks": sum(ranks.lacks.values()),
        **_beside(ranks, 0, ranks.city),
    }
    # 002-05: the line from which a county stands above or below
    return [*found, Line("", city.name, values, average=_("the average"))]


def _beside(ranks: Ranks, county: int, name: str) -> dict[str, Value]:
    """What the province published of a county (0: the city), and the month's gains (000-13)."""
    rate = (ranks.published.get(county) or {}).get("coverage_rate")
    gained = enumerate(ranks.gains.get(name, []))
    return {
        "province": None if rate is None else Decimal(rate),
        **{f"gain{n}": one.gained for n, one in gained},
    }


def _line(place: Place, zone: str, ranks: Ranks) -> Line:
    values: dict[str, Value] = {
        "place": place.rank,
        "rate": place.rate,
        "gap": place.gap,
        "part": place.share.part,
        "whole": place.share.whole,
        "target": place.share.target,
        "planned": place.planned,
        "short": place.short,
        "lacks": ranks.lacks.get(ranks.ids[place.name], 0),
        "change": place.change,
        **_beside(ranks, ranks.ids[place.name], place.name),
    }
    tier = _("First tier") if place.first_tier else ""
    # nothing too where a county stands exactly on the average
    average = "" if place.above is None else _("above") if place.above else _("below")
    return Line(zone, place.name, values, moved_words(place.moved), tier, average)


def _terms(ranks: Ranks) -> list[Term]:
    """The page's words; of the province's figures also where and as of when they stood."""
    return [*column_terms(by_zone=ranks.by_zone).values(), *_of_province(ranks)]


def _of_province(ranks: Ranks) -> list[Term]:
    found = [one for _county, one in sorted(ranks.published.items())][:1]
    words = _("By the province: %(source)s, as of %(day)s, base %(base)s firms.")
    return [
        (
            _("By the province"),
            words
            % {
                "source": one["source"],
                "day": long_day(one["cut_off"]),
                "base": one["base"] or "—",
            },
        )
        for one in found
    ]
