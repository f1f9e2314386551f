"""责任缺口: what has no owner, for the office (004-04)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.gaps import gaps, total
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from organisations.views.people import city_of


@require_safe
@office(Act.MANAGE_USERS)
def gap_report(request: ActorRequest) -> HttpResponse:
    """URL name ``gaps``; at most 12 statements whatever the size of the city."""
    city, on = city_of(request), clock.today()
    found = gaps(request.actor, on, city)
    context = {"gaps": found, "total": total(found), "city": city, "on": on}
    return render(request, "cases/handing/gaps.html", context)
