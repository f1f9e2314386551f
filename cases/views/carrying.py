"""年终结转: what would go over to the next year's programme, then the confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cases.actions import carrying
from cases.actions.carrying import CarriedOver
from cases.actions.rehearsal import rehearse
from cases.carry_sums import by_county, by_stage
from cases.errors import Refused
from cases.models import Case
from cases.views.acts import status_of
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from workflows.models import Programme

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.CARRY_OVER)
def carry_over(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_carry_over`` (``?to=KEY``): preview at once, then confirm."""
    rows = Programme.objects.filter(city_id__in=request.actor.city_ids).select_related("city")
    programme = rows.filter(key=key).first()
    if programme is None:
        raise Http404
    later = rows.filter(city=programme.city_id, versions__isnull=False).distinct()
    later = later.filter(statistical_year__gt=programme.statistical_year)
    targets = list(later.order_by("statistical_year", "key"))
    asked = request.POST.get("to") or request.GET.get("to")
    to = next((row for row in targets if row.key == asked), targets[0] if targets else None)
    if to is None:
        error = _("Issue the programme of the next year first, then carry the open cases over.")
        return _page(request, programme, None, [], error=error, status=422)
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST":
        try:
            found = carrying.carry_over(
                programme, to, by=request.actor, at=clock.now(), reason=reason
            )
        except Refused as refusal:
            status = status_of(refusal)
            return _page(request, programme, to, targets, error=refusal.words, status=status)
        messages.success(request, _done_words(found, to))
        return redirect("programmes")
    return _page(request, programme, to, targets)


def _done_words(found: CarriedOver, to: Programme) -> str:
    n = len(found.done)
    return ngettext(
        "%(n)d case carried over to %(programme)s.", "%(n)d cases carried over to %(programme)s.", n
    ) % {"n": n, "programme": to}


def _page(
    request: ActorRequest,
    programme: Programme,
    to: Programme | None,
    targets: list[Programme],
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The preview is the verb itself, taken back again."""
    found = None
    if to is not None:
        try:
            found = rehearse(
                lambda: carrying.carry_over(
                    programme, to, by=request.actor, at=clock.now(), reason="—"
                )
            )
        except Refused as refusal:
            error = error or refusal.words
    context: dict[str, Any] = {
        "programme": programme,
        "to": to,
        "targets": [(row.key, row.title) for row in targets] if len(targets) > 1 else [],
        "found": found,
        "error": error,
        "counties": by_county(found) if found else [],
        "stages": by_stage(found) if found else [],
        "refused": _refused(found) if found else [],
        "more": max(len(found.refused) - SHOWN, 0) if found else 0,
        "field": {
            "kind": "textarea",
            "name": "reason",
            "rows": 2,
            "label": _("Reason"),
            "hint": _("Why they were not finished in the year; it stands in every case."),
            "value": request.POST.get("reason", ""),
        },
    }
    return render(request, "cases/carry_over.html", context, status=status)


def _refused(found: CarriedOver) -> list[dict[str, Any]]:
    shown = list(found.refused.items())[:SHOWN]
    rows = Case.objects.select_related("enterprise").in_bulk([pk for pk, _words in shown])
    return [
        {
            "case": rows[pk],
            "firm": rows[pk].enterprise.name if rows[pk].enterprise else rows[pk].title,
            "words": words,
        }
        for pk, words in shown
    ]
