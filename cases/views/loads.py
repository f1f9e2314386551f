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
from organisations.left_out import SEARCHED, left_out
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act


@require_safe
@scoped(Act.READ)
def load(request: ActorRequest) -> HttpResponse:
    """URL name ``load``; at most 12 statements however large the city. Scope: ``visible_to``."""
    on = clock.today()
    found = loads(request.actor, on)
    asked, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:SEARCHED]
    kind = asked if asked in (VACANT, *Unit.Kind.values) else ""
    shown = [one for one in found if _fits(one, kind) and _mentions(one, text)]
    shown.sort(key=lambda one: (-one.count.overdue, -one.count.open))
    total = sum((one.count for one in shown), Count4())
    context = {
        "loads": shown,
        "total": total,
        "vacant": sum(one.vacant for one in shown),
        "week_end": week_end(on),
        "on": on,
        "chips": _chips(found, kind, {"q": text}),
        "filters": _filters(kind, text) if len(found) > 1 else None,
        "strays": left_out(request.GET, {"kind": kind}),
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


def _filters(kind: str, text: str) -> dict[str, Any]:
    return {
        "action": reverse("load"),
        "search": {
            "name": "q",
            "value": text,
            "label": _("Search units and people"),
            "placeholder": _("Unit, name"),
        },
        "selects": [],
        "keep": {"kind": kind} if kind else {},
        "active": 0,
        "clear": reverse("load"),
    }
