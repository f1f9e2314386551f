"""县区排名 and 序时对比: counties by the gap to the planned line, beside what the province says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from organisations import clock
from organisations.days import day_of, long_day
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.figures.definitions import BY_KEY
from reports.figures.freezing import plain
from reports.figures.increments import Gain, gains
from reports.figures.months import month_before, month_end, zones_of
from reports.figures.nouns import RATES, Freeze, PublishedRate
from reports.figures.ranking import Place
from reports.figures.terms import column_terms, ranking_terms
from reports.placing import Placed, placed
from reports.views.chosen import chosen, pack_shown
from workflows.models import Programme
from workflows.text import localised

MONTHS = 18  # choices offered


@require_safe
@scoped(Act.READ)
def county_ranks(request: ActorRequest) -> HttpResponse:
    """URL name ``county_ranks`` (``?month=2022-09``, ``?plain=1``): totals, for every official."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/figures/ranks.html", {"empty": no_figures()})
    page = Ranks(request, programme)
    return render(
        request,
        "reports/figures/ranks.html",
        {**page.context(), "choices": choices if len(choices) > 1 else []},
    )


@require_safe
@scoped(Act.READ)
def county_ranks_copy(request: ActorRequest) -> HttpResponse:
    """复制到工作群: the places as plain text."""
    _choices, programme = chosen(request)
    lines = Ranks(request, programme).as_text() if programme else []
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def no_figures() -> dict[str, Any]:
    return {
        "words": _("No programme has been issued yet"),
        "more": _("The office issues the city's programme; figures appear with the first list."),
    }


def month_asked(text: str, today: date) -> date:
    """The end of the month asked for, of the one that runs its last day so far; by default the
    month that has ended."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return month_before(today)
    return min(month_end(first), today) if first <= today else month_before(today)


def months_of(programme: Programme, pack: Any, today: date) -> list[tuple[str, str]]:
    """Months of the programme's work that have begun, the newest first."""
    found: list[tuple[str, str]] = []
    day = month_end(min(today, month_end(pack.work_until)))
    while day >= pack.work_from and len(found) < MONTHS:
        found.append((f"{day:%Y-%m}", dateformat.format(day, pgettext("date format", "F Y"))))
        day = month_before(day)
    return found


def state_words(freeze: Freeze | None) -> str:
    """Whether the figures still change."""
    if freeze is None:
        return _("Not frozen yet: the figures may still change.")
    words = _("Frozen on %(day)s, version %(n)d.")
    when = long_day(day_of(freeze.at)) if freeze.at else ""
    return words % {"day": when, "n": freeze.number}


class Ranks:
    """Everything that the page shows, in words or as text."""

    def __init__(self, request: ActorRequest, programme: Programme) -> None:
        self.request = request
        self.programme, self.today = programme, clock.today()
        pack = pack_shown(programme)
        self.on = month_asked(request.GET.get("month", ""), self.today)
        self.has_zones = bool(zones_of(pack))
        self.by_zone = self.has_zones and request.GET.get("plain") != "1"
        self.months = months_of(programme, pack, self.today)
        self.placed: Placed = placed(programme, self.on, by_zone=self.by_zone, pack=pack)
        self.lacks = self.placed.lacks_one
        self.published = published_of(programme, self.on)
        self.gains = gains(self.placed.pack, self.placed.now, self.placed.before)
        self.ids = {row.name: row.county_id or 0 for row in self.placed.now.counties}

    def context(self) -> dict[str, Any]:
        titles = {key: localised(title) for key, title in self.placed.pack.zones.items()}
        groups = self.placed.zones if self.by_zone else [("", list(self.placed.places))]
        return {
            "programme": self.programme,
            "on": self.on,
            "month": f"{self.on:%Y-%m}",
            "strays": left_out(self.request.GET, {"month": f"{self.on:%Y-%m}"}, searches=False),
            "months": self.months,
            "plain": not self.by_zone,
            "has_zones": self.has_zones,
            "frozen": self.placed.freeze,
            "state": state_words(self.placed.freeze),
            "groups": [
                {"name": titles.get(key, ""), "lines": [self._line(place) for place in lines]}
                for key, lines in groups
            ],
            "city": self._city(),
            "rule": ranking_terms(by_zone=self.by_zone),
            "says": {key: says for key, (_name, says) in self.terms.items()},
            "columns": 13 + bool(self.published) + len(self.gains.get(self.city, [])),
            "summary": self.summary(),
            "gains": self.gain_words(),
            "gain_heads": [gain_head(one) for one in self.gains.get(self.city, [])],
            "published": self.published,
            "print_head": {"title": _("County ranking"), "facts": [long_day(self.on)]},
        }

    @property
    def terms(self) -> dict[str, tuple[str, str]]:
        return column_terms(by_zone=self.by_zone)

    def _line(self, place: Place) -> dict[str, Any]:
        county = self.ids[place.name]
        kind = None if place.gap is None else pace_of(place.gap)
        return {
            "place": place,
            "pace": kind,
            "moved": moved_words(place.moved),
            "lacks": self.lacks.get(county, 0),
            "gains": self.gains.get(place.name, []),
            "published": self.published.get(county),
        }

    def _city(self) -> dict[str, Any]:
        return {
            "row": self.placed.now.city,
            "change": self.city_change,
            "published": self.published.get(0),
            "gains": self.gains.get(self.city, []),
        }

    @property
    def city_change(self) -> Decimal | None:
        """Points of the printed rate against the month before."""
        now, was = self.placed.now.city.coverage_rate, self.placed.before.city.coverage_rate
        return None if now is None or was is None else now - was

    @property
    def city(self) -> str:
        return self.placed.now.city.name

    def gain_words(self) -> list[str]:
        """000-13: 9月填报率须再提高5个百分点：全市提高4.8个百分点，16个县区中11个达到."""
        found = []
        counties = [lines for name, lines in self.gains.items() if name != self.city]
        for place, one in enumerate(self.gains.get(self.city, [])):
            words = _(
                "%(figure)s is to gain %(asked)s points in %(month)s: the city gained %(gained)s, "
                "%(reached)d of %(counties)d counties have reached it."
            )
            values = {
                "figure": BY_KEY[one.of].label,
                "asked": f"{one.asked.normalize():f}",
                "month": dateformat.format(self.on, pgettext("date format", "F")),
                "gained": "—" if one.gained is None else one.gained,
                "reached": sum(bool(lines[place].reached) for lines in counties),
                "counties": len(counties),
            }
            found.append(words % values)
        return found

    def summary(self) -> str:
        """距9月序时目标还差17家，只差一项的有26家."""
        short = sum(place.short or 0 for place in self.placed.places)
        values = {
            "month": dateformat.format(self.on, pgettext("date format", "F")),
            "short": short,
            "one": sum(self.lacks.values()),
        }
        if not short:
            words = _(
                "Every county has reached the planned line of %(month)s; %(one)d firms lack one "
                "item."
            )
            return words % values
        words = ngettext(
            "%(short)d firm to the planned line of %(month)s; %(one)d firms lack one item.",
            "%(short)d firms to the planned line of %(month)s; %(one)d firms lack one item.",
            short,
        )
        return words % values

    def as_text(self) -> list[str]:
        titles = {key: localised(title) for key, title in self.placed.pack.zones.items()}
        head = _("County ranking as of the end of %(day)s") % {"day": long_day(self.on)}
        lines = [f"【{head}】", self.summary(), *self.gain_words()]
        for key, group in self.placed.zones if self.by_zone else [("", self.placed.places)]:
            lines += [titles[key]] if key in titles else []
            lines += [self._text(place) for place in group]
        return [*lines, ranking_terms(by_zone=self.by_zone), state_words(self.placed.freeze)]

    def _text(self, place: Place) -> str:
        if place.rank is None or place.gap is None:
            return _("— %(county)s: no target or no firm") % {"county": place.name}
        words = (
            _("%(rank)d. %(county)s %(rate)s%%, %(gap)s points above the line")
            if place.gap >= 0
            else _("%(rank)d. %(county)s %(rate)s%%, %(gap)s points below the line")
        )
        return words % {
            "rank": place.rank,
            "county": place.name,
            "rate": place.rate,
            "gap": abs(place.gap),
        }


def gain_head(one: Gain) -> str:
    words = _("%(figure)s, gain (aim +%(asked)s)")
    return words % {"figure": BY_KEY[one.of].label, "asked": f"{one.asked.normalize():f}"}


def pace_of(gap: Decimal) -> dict[str, Any]:
    kind = "ahead" if gap > 0 else "behind" if gap < 0 else "on"
    return {"kind": kind, "points": abs(gap) or None}


def moved_words(moved: int | None) -> str:
    if moved is None:
        return "—"
    if not moved:
        return pgettext("change of rank", "same")
    return f"{'↑' if moved > 0 else '↓'}{abs(moved)}"


def published_of(programme: Programme, on: date) -> dict[int, dict[str, Any]]:
    """省通报口径 by county (0: the city), as printed there; one statement."""
    rows = PublishedRate.objects.filter(programme=programme, month=on.replace(day=1))
    return {
        row.county_id or 0: {
            "base": row.base,
            "cut_off": row.cut_off,
            "source": row.source,
            **{name: plain(getattr(row, name)) for name in RATES},
        }
        for row in rows
    }
