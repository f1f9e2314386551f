"""小组组成: which groups are not made as the pack asks; the same as a note on a unit's page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.groups import groups
from cases.views.whole import part_of
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.models import Unit
from organisations.roles import Act
from organisations.sight import in_view


@require_safe
@office(Act.MANAGE_USERS, Act.HAND_OVER)
def group_list(request: ActorRequest) -> HttpResponse:
    """URL name ``groups``: broken ones first; at most 12 statements."""
    states = groups(request.actor, clock.today())
    broken = sum(state.is_broken for state in states)
    empty = {
        "words": _("The programme asks nothing of groups here"),
        "more": _("Rules about groups stand in the pack, under “groups”."),
        "icon": "user",
    }
    # a lead sees the groups of his county, the page of a unit belongs to whoever sets it up
    manageable = {
        state.unit.pk
        for state in states
        if request.actor.may_in(Act.MANAGE_USERS, state.unit.region)
    }
    context = {
        "states": states,
        "broken": broken,
        "on": clock.today(),
        "empty": empty,
        "manageable": manageable,
    }
    return render(request, "cases/handing/groups.html", context)


@require_safe
@office(Act.MANAGE_USERS, Act.HAND_OVER)
@part_of("unit", gettext_lazy("Liaison group"))
def group_note(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``group_note``: what one group lacks, for the page of the unit; often nothing."""
    if not Unit.objects.filter(in_view(request.actor), pk=pk).exists():
        raise Http404
    found = groups(request.actor, clock.today(), unit=pk)
    context = {"state": found[0] if found else None}
    return render(request, "cases/handing/_group_note.html", context)
