"""The fragment of suggested partners on a case's page and on its matching form."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import permissions
from cases.actions.matching import partner_field
from cases.models import WorkItem
from cases.suggestions import Partner, form_with_partners, offered
from cases.views.rows import case_or_404
from cases.views.whole import part_of
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act


@require_safe
@scoped(Act.READ)
@part_of("case", gettext_lazy("Suggested partners"))
def case_partners(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_partners``: 推荐对接资源, for one need (``?need=0``) or for all."""
    case = case_or_404(request.actor, pk)
    item = WorkItem.objects.filter(process=case, finished=None).select_related("post").first()
    asked = request.GET.get("need", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else None
    found = offered(case, request.actor, on=clock.today(), chosen=chosen)
    field = partner_field(form_with_partners(case))
    may_fill = field is not None and permissions.can_move(
        request.actor, Act.RECORD_FORM, case, item
    )
    context = {
        "all_needs": found.chosen is None,
        "needs": _chips(found.needs, found.chosen),
        "partners": [_line(one, pk) for one in found.partners],
        "lines": field.key if field else "",
        "may_fill": may_fill,
        "here": reverse("case_partners", args=[pk]),
    }
    return render(request, "cases/partners.html", context)


def _chips(needs: list[str], chosen: int | None) -> list[dict[str, Any]]:
    """One a need, where there are several to choose from."""
    if len(needs) < 2:
        return []
    return [{"number": n, "words": words, "current": n == chosen} for n, words in enumerate(needs)]


def _line(one: Partner, case: int) -> dict[str, Any]:
    return {
        "partner": one,
        "url": reverse("expert" if one.is_expert else "resource", args=[one.pk]),
        "fill": json.dumps(dict(one.row), ensure_ascii=False),
        "fill_url": f"{reverse('case_form', args=[case])}?partner={one.key}",
    }
