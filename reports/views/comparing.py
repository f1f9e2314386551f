"""两日对比: what changed between two days in points and places, beside the list of changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organisations import clock
from organisations.days import long_day
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.rounding import points
from reports.figures.months import month_before, zones_of
from reports.figures.ranking import Place
from reports.figures.terms import ranking_terms
from reports.outlook.compare import Compared, Side, compared_days
from reports.views.chosen import chosen, pack_shown
from reports.views.opening import figure_url
from reports.views.progress import day_asked
from reports.views.ranking import moved_words, no_figures, pace_of
from reports.views.sight import counties_in_sight
from workflows.models import Programme
from workflows.text import localised


@require_safe
@scoped(Act.READ)
def progress_compare(request: ActorRequest) -> HttpResponse:
    """URL name ``progress_compare`` (``?first=2022-05-31&last=2022-06-30&plain=1``): totals, for
    every official; by default the end of last month and today."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/no_programme.html", {"empty": no_figures()})
    today = clock.today()
    last, said = day_asked(request.GET.get("last", ""), today)
    first, also = day_asked(request.GET.get("first") or month_before(last).isoformat(), today)
    if first == last:
        first = last - timedelta(days=1)
    first, last = sorted((first, last))
    pack = pack_shown(programme)
    has_zones = bool(zones_of(pack))
    by_zone = has_zones and request.GET.get("plain") != "1"
    found = compared_days(programme, pack, first, last, by_zone=by_zone)
    open_to = counties_in_sight(request.actor, programme, (first, last))
    titles = {key: localised(title) for key, title in pack.zones.items()}
    refusal = said or also
    context = {
        "programme": programme,
        "choices": choices if len(choices) > 1 else [],
        "found": found,
        "today": today,
        "has_zones": has_zones,
        "refusal": refusal and {"kind": "soon", "words": refusal},
        "groups": _groups(programme, found, titles, open_to),
        "total": _total(found),
        "states": [_state(side) for side in (found.first, found.last)],
        "changes": _changes(programme, found),
        "rule": ranking_terms(by_zone=by_zone),
        "print_head": {
            "title": _("Two days compared"),
            "facts": [str(programme), f"{long_day(first)} – {long_day(last)}"],
        },
    }
    return render(request, "reports/progress/compare.html", context)


def _groups(
    programme: Programme, found: Compared, titles: dict[str, str], open_to: dict[date, set[int]]
) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for place in found.order:
        name = titles.get(place.zone, "") if found.by_zone else ""
        groups.setdefault(name, []).append(_line(programme, found, place, open_to))
    return [{"name": name, "lines": lines} for name, lines in groups.items()]


def _line(
    programme: Programme, found: Compared, now: Place, open_to: dict[date, set[int]]
) -> dict[str, Any]:
    def opens(day: date) -> str:
        seen = county in open_to[day]
        return figure_url(programme, day, "with_rd", county) if seen else ""

    was, county = found.first.places[now.name], found.ids[now.name]
    gap = points(now.gap, was.gap)
    return {
        "name": now.name,
        "was": was,
        "now": now,
        "was_url": opens(found.first.day),
        "now_url": opens(found.last.day),
        "firms": now.share.part - was.share.part,
        "gap": gap,
        "pace": None if now.gap is None else pace_of(now.gap),
        "moved": moved_words(now.moved),
        "was_closed": found.first.closed.get(county, 0),
        "now_closed": found.last.closed.get(county, 0),
        "closed": found.last.closed.get(county, 0) - found.first.closed.get(county, 0),
    }


def _total(found: Compared) -> dict[str, Any]:
    first, last = found.first, found.last
    was, now = sum(first.closed.values()), sum(last.closed.values())
    return {
        "was": first.rate,
        "now": last.rate,
        "change": points(last.rate, first.rate),
        "firms": last.covered - first.covered,
        "was_closed": was,
        "now_closed": now,
        "closed": now - was,
    }


def _state(side: Side) -> str:
    if side.freeze is None:
        words = _("%(day)s: as known now, may still change")
        return words % {"day": long_day(side.day)}
    words = _("%(day)s: as frozen, version %(n)d")
    return words % {"day": long_day(side.day), "n": side.freeze.number}


def _changes(programme: Programme, found: Compared) -> dict[str, str]:
    """变动清单 stands between two frozen days."""
    if found.first.freeze and found.last.freeze:
        pair = f"from={found.first.freeze.pk}&to={found.last.freeze.pk}"
        url = f"{reverse('month_changes')}?programme={programme.key}&{pair}"
        return {"url": url, "words": _("List of changes between the two days, firm by firm")}
    words = _(
        "The list of changes, firm by firm, stands between two frozen days; the office may freeze"
        " any day as a cut."
    )
    return {"url": f"{reverse('months')}?programme={programme.key}", "words": words}
