"""Parts of the progress page that are loaded by themselves, so that the page waits for nobody:
走势与预计, 逾期最久, 承办单位负荷. Each is a page of its own where no script runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import loads, oversight
from cases.actions import matters
from cases.columns import Reader
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act
from organisations.rounding import percent
from organisations.scope import Actor
from organisations.sight import in_view
from reports.charts import share_svg
from reports.figures.months import state_on
from reports.figures.standing import OVERDUE, Standing, standing
from reports.outlook.outlooks import outlooks
from reports.views.chosen import chosen, pack_shown
from reports.views.opening import figure_url
from reports.views.outlook_words import outlook_context
from reports.views.progress import day_asked
from reports.views.sight import firms_in_sight
from workflows.models import Programme
from workflows.packs import Pack
from workflows.text import localised

TOP = 20
UNITS = 60
# each part by itself: its name
PARTS = {
    "outlook": gettext_lazy("Trend and forecast"),
    "late": gettext_lazy("Longest overdue"),
    "late_then": gettext_lazy("Longest overdue"),
    "units": gettext_lazy("Workload of units"),
    "units_then": gettext_lazy("Workload of units"),
    "leader_side": gettext_lazy("What is expected"),
    "leader_words": gettext_lazy("What needs a word"),
}


@require_safe
@scoped(Act.READ)
def progress_outlook(request: ActorRequest) -> HttpResponse:
    """URL name ``progress_outlook``: months so far and what is foretold; totals for all."""
    _choices, programme = chosen(request)
    if programme is None:
        return part_of(request, "outlook", {})
    today = clock.today()
    as_of, _refusal = day_asked(request.GET.get("as_of", ""), today)
    pack = pack_shown(programme)
    found = outlooks(programme, pack, as_of)
    return part_of(request, "outlook", outlook_context(programme, found, pack))


@require_safe
@scoped(Act.READ)
def progress_late(request: ActorRequest) -> HttpResponse:
    """URL name ``progress_late``: the twenty longest overdue in sight, each with the way to an
    order for whoever may give one."""
    _choices, programme = chosen(request)
    on, actor = clock.today(), request.actor
    as_of, _refusal = day_asked(request.GET.get("as_of", ""), on)
    if programme is not None and as_of != on:
        return part_of(request, "late_then", _late_then(request, programme, as_of))
    pack = pack_shown(programme) if programme else None
    kind = order_kind(pack, actor) if pack else ""
    rows = Reader(actor, on).rows(oversight.latest(actor, on, TOP))
    context = {
        "rows": [(row, _order_url(kind, row.pk)) for row in rows],
        "all_url": f"{reverse('ledger')}?chip=overdue",
        "orders": bool(kind),
    }
    return part_of(request, "late", context)


@require_safe
@scoped(Act.READ)
def progress_units(request: ActorRequest) -> HttpResponse:
    """URL name ``progress_units``: open to-dos by unit and handler, the overdue share first."""
    on = clock.today()
    as_of, _refusal = day_asked(request.GET.get("as_of", ""), on)
    if as_of != on:
        _choices, programme = chosen(request)
        context = _units_then(request, programme, as_of) if programme else {}
        return part_of(request, "units_then", context)
    found = [one for one in loads.loads(request.actor, on) if one.count.open]
    found.sort(key=lambda one: (-_share(one.count), -one.count.open, one.unit.pk))
    most = max((one.count.open for one in found), default=0)
    lines = [_unit(one, most) for one in found[:UNITS]]
    context = {
        "lines": lines,
        "more": len(found) - len(lines),
        "total": sum((one.count for one in found), loads.Count4()),
        "all_url": f"{reverse('ledger')}?of=all",
    }
    return part_of(request, "units", context)


def _late_then(request: ActorRequest, programme: Programme, as_of: date) -> dict[str, Any]:
    """The longest overdue at the end of a past day, of the firms in sight."""
    state = state_on(programme, as_of, today=clock.today(), pack=pack_shown(programme))
    mine = firms_in_sight(request)
    late = [row for row in state.rows if row.late and row.firm in mine]
    late.sort(key=lambda row: (-row.late, row.due or as_of, row.firm))
    stages = {stage.key: localised(stage.state_label) for stage in state.pack.root.stages}
    counties, units = state.names.counties, state.names.units
    return {
        "as_of": as_of,
        "all_url": figure_url(programme, as_of, "overdue"),
        "rows": [
            {
                "row": row,
                "county": counties.get(row.works_in, ""),
                "stage": stages.get(row.stage, row.stage),
                "department": units.get(row.department, ""),
            }
            for row in late[:TOP]
        ],
    }


def _units_then(request: ActorRequest, programme: Programme, as_of: date) -> dict[str, Any]:
    """Firms' own cases by the unit that owed the step at the end of a past day."""
    state = state_on(programme, as_of, today=clock.today(), pack=pack_shown(programme))
    found, seen = standing(state), firms_in_sight(request)
    mine_of, late_of = _opened(found, seen), _opened(found, seen, OVERDUE)
    named = _named(found.units, request.actor)
    most = max((n for n, _late in found.units.values()), default=0)
    mine = [(named[pk], n, late, pk) for pk, (n, late) in found.units.items() if pk in named]
    mine.sort(key=lambda one: (-one[2] / one[1], -one[1], one[0]))

    def url(pk: int, light: str = "") -> str:
        narrowed = {"unit": str(pk)} | ({"light": light} if light else {})
        return figure_url(programme, as_of, "running", None, **narrowed)

    lines = [
        {
            "name": name,
            "open": n,
            "overdue": late,
            "share": percent(late, n) or 0,
            "bar": share_svg(n, most),
            # a list opens only where it is as long as its number
            "url": url(pk) if mine_of[pk] == n else "",
            "late_url": url(pk, OVERDUE) if late and late_of[pk] == late else "",
        }
        for name, n, late, pk in mine
    ]
    return {
        "as_of": as_of,
        "lines": lines,
        "open": sum(n for _name, n, _late, _pk in mine),
        "overdue": sum(late for _name, _n, late, _pk in mine),
    }


def _opened(found: Standing, seen: Collection[int], light: str = "") -> Counter[int]:
    """By unit the firms in sight that it owed a step for."""
    lights = found.lights
    return Counter(
        unit
        for firm, unit in found.owed.items()
        if firm in seen and (not light or lights[firm] == light)
    )


def _named(units: Collection[int], actor: Actor) -> dict[int, str]:
    """Of these units those in the actor's view, as they are called; one statement."""
    rows = Unit.objects.filter(in_view(actor), pk__in=list(units)).distinct()
    names = rows.values_list("pk", "short_name", "name")
    return {pk: short or name for pk, short, name in names}


def order_kind(pack: Pack, actor: Actor) -> str:
    """督办: the kind of order that this person may open; none where his posts open none."""
    kinds = (one for one in matters.may_open(pack, actor) if one.opening("rung") is not None)
    return next((one.key for one in kinds), "")


def _order_url(kind: str, case: int) -> str:
    return f"{reverse('matter_open', args=[kind])}?about={case}" if kind else ""


def _share(count: loads.Count4) -> float:
    return count.overdue / count.open if count.open else 0.0


def _unit(load: loads.UnitLoad, most: int) -> dict[str, Any]:
    ledger = reverse("ledger")
    return {
        "name": load.unit.short_name or load.unit.name,
        "place": load.unit.region.name,
        "count": load.count,
        "share": percent(load.count.overdue, load.count.open) or 0,
        "per_person": round(load.per_person, 1),
        "bar": share_svg(load.count.open, most),
        "url": f"{ledger}?of=all&unit={load.unit.pk}",
        "posts": [
            {
                "name": _(", ").join(t.user.name for t in one.holders) or _("vacant post"),
                "count": one.count,
                "url": f"{ledger}?of=all&post={one.post.pk}",
            }
            for one in load.posts
            if one.count.open
        ],
    }


def part_of(request: ActorRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The part alone for htmx, else a whole page with its name, the bars and the way back."""
    inner = f"reports/progress/_{name}.html"
    if request.headers.get("HX-Request"):
        answer = render(request, inner, context)
    else:
        of_leader = name.startswith("leader")
        own = {
            "part": inner,
            "title": PARTS[name],
            "back": reverse("leader" if of_leader else "progress"),
            "back_name": _("At a glance") if of_leader else _("Overall progress"),
            # the page's own card holds it there
            "bare": of_leader,
        }
        answer = render(request, "reports/progress/part.html", context | own)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
