"""账表比对: 可销号, 账表不一致, 催报, 底数不一致 by county; each number opens its list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.stages import TERMINAL
from enterprises.models import Enterprise
from organisations import clock
from organisations.keyset import ListPage
from organisations.markers import ActorRequest, scoped
from organisations.models import Region
from organisations.roles import Act
from reports.reconciled import LISTS, Found, by_county, found, newest_month
from reports.views.chosen import chosen, pack_shown
from reports.views.ranking import no_figures
from reports.views.sight import counties_in_sight
from workflows.models import Programme

A_PAGE = 50
TITLES: dict[str, str | Promise] = {
    "closable": gettext_lazy("Ready to close"),
    "differs": gettext_lazy("Ledger and filing differ"),
    "unfiled": gettext_lazy("To be asked to file"),
    "unmatched": gettext_lazy("Registers differ"),
}


@require_safe
@scoped(Act.READ)
def reconciling(request: ActorRequest) -> HttpResponse:
    """URL name ``reconciling`` (``?list=unfiled``): sums for all, firms for whoever sees them."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/figures/reconciling.html", {"empty": no_figures()})
    on = clock.today()
    name = request.GET.get("list", "")
    is_list = name in ("unfiled", "unmatched")
    lists = found(programme, on) if is_list else Found({}, {}, newest_month(programme, on))
    context: dict[str, Any] = {
        "programme": programme,
        "choices": choices if len(choices) > 1 else [],
        "on": on,
        "month": lists.month,
        "heads": [TITLES[key] for key in LISTS],
        "definitions": _definitions(lists.month),
    }
    if is_list:
        context |= {"title": TITLES[name], "page": _firms(request, lists, name)}
    else:
        pack = pack_shown(programme)
        counts = by_county(programme, pack, on, lists.month)
        counties = Region.objects.counties_of(programme.city).values_list("pk", "name")
        todos = _todos(request, programme)
        # elsewhere a number would open fewer firms than it counts
        there = counties_in_sight(request.actor, programme, [on])[on]
        context["lines"] = [
            {
                "name": words,
                "cells": [
                    _cell(k, pk, counts[k][pk], opens=pk in there) | todos.get((k, pk), {})
                    for k in LISTS
                ],
            }
            for pk, words in counties
        ]
        whole = there.issuperset(pk for key in LISTS for pk, n in counts[key].items() if n)
        context["total"] = [_cell(key, 0, sum(counts[key].values()), opens=whole) for key in LISTS]
    return render(request, "reports/figures/reconciling.html", context)


def _cell(name: str, county: int, n: int, *, opens: bool) -> dict[str, Any]:
    """A number with the list that it opens for whoever sees all of it."""
    where = f"&county={county}" if county else ""
    if name in ("closable", "differs"):
        url = f"{reverse('ledger')}?chip={name}{where}"
    else:
        url = f"{reverse('reconciling')}?list={name}{where}"
    return {"label": TITLES[name], "n": n, "url": url if n and opens else ""}


def _todos(request: ActorRequest, programme: Programme) -> dict[tuple[str, int], dict[str, Any]]:
    """By list and county the open matter that a frozen month made of it and its day, where the
    reader sees it; one statement."""
    rows = Case.objects.visible_to(request.actor).filter(programme=programme, enterprise=None)
    rows = rows.filter(parent=None, grade__in=LISTS).exclude(stage__in=TERMINAL)
    named = rows.with_item().values_list("grade", "county_id", "pk", "item__due_on")
    return {
        (grade, county): {"todo": reverse("case", args=[pk]), "due": due}
        for grade, county, pk, due in named
    }


def _firms(request: ActorRequest, lists: Found, name: str) -> Any:
    """Firms of a list that the reader sees, of one county where one is asked."""
    places = getattr(lists, name)
    county = request.GET.get("county", "")
    if county.isdecimal():
        places = {firm: place for firm, place in places.items() if place == int(county)}
    seen = Enterprise.objects.visible_to(request.actor).order_by("name", "pk")
    rows = [row for row in seen.values_list("pk", "name", "credit_code") if row[0] in places]
    counties = dict(Region.objects.filter(pk__in=set(places.values())).values_list("pk", "name"))
    lines = [
        {"pk": pk, "name": words, "code": code, "county": counties.get(places[pk], "")}
        for pk, words, code in rows
    ]
    # not as the database sorts names: as the place in the address is compared
    lines.sort(key=_by_name)
    return ListPage(lines, _by_name, request.GET, A_PAGE)


def _by_name(line: Mapping[str, Any]) -> tuple[str, int]:
    return line["name"], line["pk"]


def _definitions(month: date | None) -> list[tuple[str, str]]:
    told = dateformat.format(month, pgettext("date format", "F Y")) if month else "—"
    words = {
        "closable": _("The filing meets the closing criteria, and nobody has applied yet."),
        "differs": _("Closed, but the filing misses what the closing asked for."),
        "unfiled": _(
            "On the register and in the list of %(month)s, and not registered or not filed in it."
        )
        % {"month": told},
        "unmatched": _("On the register and not in the list of %(month)s, or the other way.")
        % {"month": told},
    }
    return [(str(TITLES[key]), words[key]) for key in LISTS]
