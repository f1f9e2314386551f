"""年终结转: what would go over to the next year's programme, then the confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from cases.actions import carry_undo, carrying
from cases.actions.carry_undo import TakenBack
from cases.actions.carrying import CarriedOver
from cases.actions.rehearsal import rehearse
from cases.carry_sums import Counts, by_county, by_stage, counts, effects
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
    """URL name ``programme_carry_over`` (``?to=KEY``): preview at once, then confirm; what was
    carried over is taken back here too."""
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
            words = _act(request, programme, to, reason)
        except Refused as refusal:
            status = status_of(refusal)
            return _page(request, programme, to, targets, error=refusal.words, status=status)
        messages.success(request, words)
        return redirect("programmes")
    return _page(request, programme, to, targets)


def _act(request: ActorRequest, programme: Programme, to: Programme, reason: str) -> str:
    """Carry over, or take back; in words what was done."""
    given: dict[str, Any] = {"by": request.actor, "at": clock.now(), "reason": reason}
    if request.POST.get("do") != "undo":
        return _done_words(carrying.carry_over(programme, to, **given), to)
    back = carry_undo.undo_carry_over(programme, to, **given)
    n = len(back.done)
    words = ngettext("%(n)d case taken back.", "%(n)d cases taken back.", n)
    return words % {"n": n}


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
    found, back = None, None
    figures: list[dict[str, Any]] = []
    if to is not None:
        try:
            found, figures = _preview(request, programme, to)
        except Refused as refusal:
            error = error or refusal.words
        back = _undoing(request, programme, to)
    context: dict[str, Any] = {
        "programme": programme,
        "to": to,
        "targets": [(row.key, row.title) for row in targets] if len(targets) > 1 else [],
        "found": found,
        "figures": figures,
        "back": back if back and (back.done or back.refused) else None,
        "error": error,
        "counties": by_county(found) if found else [],
        "stages": by_stage(found) if found else [],
        "refused": _refused(found.refused) if found else [],
        "worked_on": _refused(back.refused) if back else [],
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


FIGURES = {
    "opened": gettext_lazy("Opened"),
    "running": gettext_lazy("Open"),
    "closed": gettext_lazy("Closed"),
    "delisted": gettext_lazy("Left the register"),
    "carried_out": gettext_lazy("Carried over to the next year"),
    "carried_in": gettext_lazy("Carried over from last year"),
}


def _preview(
    request: ActorRequest, programme: Programme, to: Programme
) -> tuple[CarriedOver, list[dict[str, Any]]]:
    """What would go over, and the figures of both years before and after."""
    both = (programme, to)
    before = [counts(one) for one in both]

    def act() -> tuple[CarriedOver, list[Counts]]:
        done = carrying.carry_over(programme, to, by=request.actor, at=clock.now(), reason="—")
        return done, [counts(one) for one in both]

    found, after = rehearse(act)
    tables = [effects(*pair) for pair in zip(before, after, strict=True)]
    return found, [
        {"label": FIGURES[name], "years": [(was, now) for _name, was, now in rows]}
        for rows in zip(*tables, strict=True)
        for name in (rows[0][0],)
    ]


def _undoing(request: ActorRequest, programme: Programme, to: Programme) -> TakenBack:
    """What could be taken back today: the verb itself, rehearsed."""
    return rehearse(
        lambda: carry_undo.undo_carry_over(
            programme, to, by=request.actor, at=clock.now(), reason="—"
        )
    )


def _refused(found: dict[int, str]) -> list[dict[str, Any]]:
    shown = list(found.items())[:SHOWN]
    rows = Case.objects.select_related("enterprise").in_bulk([pk for pk, _words in shown])
    return [
        {
            "case": rows[pk],
            "firm": rows[pk].enterprise.name if rows[pk].enterprise else rows[pk].title,
            "words": words,
        }
        for pk, words in shown
    ]
