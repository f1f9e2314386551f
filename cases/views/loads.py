"""人员负荷: who has how much, unit by unit; the door to hand-overs and stand-ins."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.loads import Count4, UnitLoad, loads, week_end
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act

SORTS = ("overdue", "week", "open", "per_person")


@scoped(Act.READ)
@require_safe
def load(request: ActorRequest) -> HttpResponse:
    """URL name ``load``; at most 12 statements however large the city. Scope: ``visible_to``."""
    on = clock.today()
    found = loads(request.actor, on)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:40]
    shown = [one for one in found if _fits(one, kind) and _mentions(one, text)]
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in SORTS else ""
    if sort or len(found) > 1:
        shown.sort(key=lambda one: -_figure(one, sort or "open"))
    total = sum((one.count for one in shown), Count4())
    context = {
        "loads": shown,
        "total": total,
        "vacant": sum(one.vacant for one in shown),
        "week_end": week_end(on),
        "on": on,
        "chips": _chips(found, kind, {"q": text, "sort": sort}),
        "filters": _filters(kind, text, sort) if len(found) > 1 else None,
        "may_delegate": request.actor.may(Act.DELEGATE),
        "empty": {"words": _("No unit fits"), "icon": "search"},
    }
    return render(request, "cases/handing/load.html", context)


VACANT = "vacant"


def _fits(one: UnitLoad, kind: str) -> bool:
    return not kind or one.unit.kind == kind or (kind == VACANT and bool(one.vacant))


def _mentions(one: UnitLoad, text: str) -> bool:
    names = [one.unit.name, one.unit.short_name]
    names += [str(t.user) for post in one.posts for t in post.holders]
    return not text or any(text in name for name in names)


def _figure(one: UnitLoad, sort: str) -> float:
    value: float = one.per_person if sort == "per_person" else getattr(one.count, sort)
    return value


def _chips(found: list[UnitLoad], current: str, keep: dict[str, str]) -> list[dict[str, Any]]:
    counts = Counter(one.unit.kind for one in found)
    rows = [("", _("All"), len(found))]
    rows.append((VACANT, _("With vacant posts"), sum(bool(one.vacant) for one in found)))
    rows += [(k, str(label), counts[k]) for k, label in Unit.Kind.choices if counts[k]]
    if len(found) < 2:
        return []
    return [
        {
            "label": label,
            "count": count,
            "kind": "overdue" if value == VACANT and count else "",
            "current": value == current,
            "url": "?" + urlencode({k: v for k, v in {**keep, "kind": value}.items() if v}),
        }
        for value, label, count in rows
    ]


def _filters(kind: str, text: str, sort: str) -> dict[str, Any]:
    orders = [
        ("overdue", _("Most overdue first")),
        ("week", _("Most due this week first")),
        ("open", _("Most open items first")),
        ("per_person", _("Most per person first")),
    ]
    return {
        "action": reverse("load"),
        "search": {
            "name": "q",
            "value": text,
            "label": _("Search units and people"),
            "placeholder": _("Unit, name"),
        },
        "selects": [{"name": "sort", "label": _("orders"), "value": sort, "choices": orders}],
        "keep": {"kind": kind} if kind else {},
        "active": bool(sort),
        "clear": reverse("load") + (f"?kind={kind}" if kind else ""),
    }
