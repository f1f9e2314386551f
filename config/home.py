"""The first page after signing in: where a person's own work is."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from config import navigation
from organisations.markers import ActorRequest, scoped
from organisations.roles import Role

PORTALS = ("portal", "enterprises:portal", "cases:portal")


def first_page(roles: frozenset[str]) -> str:
    """A firm's page for its clerk, else the first entry of the bar, else one's own page."""
    if roles == {Role.ENTERPRISE_CLERK}:
        return navigation.address(*PORTALS, "profile")
    if roles & {Role.LEADER, Role.SUPERVISOR} and not roles & navigation.HANDLERS:
        progress = navigation.address("progress", "reports:progress")
        if progress:
            return progress
    bar = navigation.links(navigation.DESK, roles, "")
    return bar[0].url if bar else reverse("profile")


@require_safe
@scoped()
def home(request: ActorRequest) -> HttpResponse:
    if request.actor.expert_ids:
        return redirect(navigation.address("expert_home", "profile"))
    return redirect(first_page(request.actor.roles))
