"""待签收 on the workbench: documents to sign for; for the office those overdue."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.views.whole import part_of
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.documents.waiting import to_sign, unsigned

NAMED = 6


@require_safe
@scoped(Act.READ)
@part_of("workbench", gettext_lazy("Documents to sign for"))
def receipts_box(request: ActorRequest) -> HttpResponse:
    """URL name ``receipts_box``: a fragment of the workbench, empty where nothing waits."""
    on = clock.today()
    late = [
        {"one": one, "named": one.units[:NAMED], "more": len(one.units) > NAMED}
        for one in unsigned(request.actor, on)
    ]
    context = {"mine": to_sign(request.actor, on), "late": late}
    return render(request, "reports/documents/_receipts.html", context)
