"""暂缓台账: which clocks stand or stood, why, since when, until when, for how many days."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.columns import sees_counties
from cases.kinds import kind_label
from cases.labels import stage_title
from cases.models import Suspension
from cases.rulebook import pack_of
from cases.suspended import days_of
from cases.time_columns import suspension_columns
from cases.views.overdue import tabs
from cases.views.pager import onward
from cases.views.rows import officials_cases
from cases.views.time_sheets import send
from organisations import clock
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor

PAGE = 50
STATES = {
    "standing": Q(resumed_on=None),
    "resumed": Q(resumed_on__isnull=False),
    "all": Q(),
}
LABELS: dict[str, str | Promise] = {
    "standing": gettext_lazy("The clock stands"),
    "resumed": gettext_lazy("Resumed"),
    "all": gettext_lazy("All"),
}
WITH = ("case__enterprise", "case__county", "case__programme", "case__parent", "by")


def seen(actor: Actor) -> QuerySet[Suspension]:
    """Rows of the cases that this person's posts open (``visible_to``)."""
    rows = Suspension.objects.filter(case__in=officials_cases(actor).values("pk"))
    return rows.select_related(*WITH).order_by("resumed_on", "-from_on", "-id")


def of_state(rows: QuerySet[Suspension], state: str) -> QuerySet[Suspension]:
    return rows.filter(STATES.get(state, Q()))


@require_safe
@scoped(Act.READ)
def suspension_list(request: ActorRequest) -> HttpResponse:
    """URL name ``suspensions`` (``?state=standing|resumed|all``)."""
    actor, on = request.actor, clock.today()
    given = request.GET.get("state", "")
    state = given if given in STATES else "standing"
    rows = seen(actor)
    counts = _counts(rows)
    chosen = of_state(rows, state)
    order = keys("resumed_on", "-from_on", "-id", nulls=("resumed_on",))
    page = KeyPage(chosen, order, request.GET, PAGE, counted(chosen))
    context = {
        "tabs": tabs(request, "suspensions"),
        "strays": left_out(request.GET, {"state": state}, searches=False),
        "at": clock.now(),
        "page": page,
        "rows": [_line(row, on) for row in page.object_list],
        "chips": _chips(counts, state),
        "counted": _counted(counts, state),
        "export": f"{reverse('suspensions_export')}?{urlencode({'state': state})}",
        "wide": sees_counties(actor),
        "empty": {
            "words": _("No clock stands"),
            "more": _("A case is suspended on its own page, with a reason and a day."),
            "icon": "calendar",
        },
    }
    return render(request, "cases/suspensions.html", context)


@require_safe
@scoped(Act.READ)
def suspension_export(request: ActorRequest) -> FileResponse:
    """URL name ``suspensions_export``: the list as a workbook; the trail keeps who took it."""
    on = clock.today()
    rows = of_state(seen(request.actor), request.GET.get("state", ""))
    return send(
        request,
        "suspensions",
        title=_("Ledger of suspensions"),
        definition=_("Working days from the day of suspension, at most until the day named."),
        columns=suspension_columns(on),
        rows=rows.iterator(chunk_size=500),
    )


def _counts(rows: QuerySet[Suspension]) -> dict[str, int]:
    """Rows of each state, and how many of them are firms' own cases (``-firms``); one statement."""
    asked = {key: Count("pk", filter=state) for key, state in STATES.items()}
    own = Q(case__is_main=True)
    asked |= {f"{key}-firms": Count("pk", filter=state & own) for key, state in STATES.items()}
    counts: dict[str, int] = rows.order_by().aggregate(**asked)
    return counts


def _counted(counts: dict[str, int], state: str) -> str:
    """企业8家，整改事项等2件: a firm and its remedies stand for as long in rows of their own."""
    n, firms = counts.get(state, counts["all"]), counts.get(f"{state}-firms", counts["all-firms"])
    told = {"firms": str(firms), "others": str(n - firms)}
    return _("Firms' own cases: %(firms)s; remedies and matters: %(others)s") % told


def _chips(counts: dict[str, int], state: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "count": counts[key],
            "url": f"?state={key}",
            "current": key == state,
        }
        for key, label in LABELS.items()
    ]


def _line(row: Suspension, on: date) -> dict[str, Any]:
    case = row.case
    return {
        "row": row,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "remedy": kind_label(case),
        "url": onward(reverse("case", args=[case.pk]), "via=suspensions"),
        "county": case.county.name,
        "stage": stage_title(pack_of(case.pack_version_id), case.procedure, case.stage),
        "days": days_of(row, on),
    }
