"""更正封账: what a new version would change, shown before the office freezes it with its reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.errors import Refused
from organisations import clock
from organisations.days import long_day
from organisations.keyset import ListPage
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.figures.correcting import FirmMoved, Moved, Told, firms_moved, in_order, moved
from reports.figures.freezing import preview
from reports.figures.months import State
from reports.figures.nouns import Freeze
from reports.views.month_columns import firm_columns
from reports.views.month_words import called, correction_dialog
from reports.views.sight import firms_in_sight

A_PAGE = 50


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def month_correction(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``month_correction``: a frozen month beside what would be frozen now."""
    rows = Freeze.objects.visible_to(request.actor).filter(pk=pk).frozen()
    row = rows.select_related("programme__city").first()
    if row is None:
        raise Http404
    at = clock.now()
    try:
        found = preview(
            row.programme, row.as_of, by=request.actor, at=at, edition=Freeze.Edition(row.edition)
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("month", pk=pk)
    assert found.before is not None
    lines = firm_lines(found.before, found.after, firms_in_sight(request))
    figures = moved(found.before, found.after)
    context: dict[str, Any] = {
        "freeze": row,
        "programme": row.programme,
        "title": _("Correct %(what)s") % {"what": called(row)},
        "number": found.number,
        "was": found.number - 1,
        "until": long_day(found.after.known_until),
        "figures": [figure_line(one) for one in figures],
        "page": ListPage(lines, in_order, request.GET, A_PAGE),
        "firms": len(lines),
        "dialog": correction_dialog(row.programme, row),
    }
    return render(request, "reports/figures/correction.html", context)


def figure_line(one: Moved) -> dict[str, Any]:
    """As the pages print it: rates with their sign."""
    sign = "%" if one.indicator.whole else ""
    said = ["—" if value is None else f"{value}{sign}" for value in (one.before, one.after)]
    return {
        "part": one.part,
        "label": one.indicator.label,
        "says": one.indicator.says,
        "before": said[0],
        "after": said[1],
    }


def firm_lines(before: State, after: State, seen: set[int] | None = None) -> list[FirmMoved]:
    """Every firm that would be kept otherwise, in the columns of the frozen firms' workbook."""
    return firms_moved(before, after, (_told(before), _told(after)), seen)


def _told(state: State) -> list[Told]:
    def told(column: Any) -> Any:
        if column.value is None:
            return column.text
        return lambda row: "" if column.value(row) is None else str(column.value(row))

    return [(str(column.title), told(column)) for column in firm_columns(state)]
