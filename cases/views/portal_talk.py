"""The firm's own words: a question to its task force, and how content it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions import asking
from cases.errors import Refused
from cases.views import portal
from cases.views.acts import status_of
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act


@require_POST
@scoped(Act.ENTERPRISE_PORTAL)
def portal_ask(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``portal_ask``: a question of the firm; ``follows``: the one it goes on from."""
    _check_own(request, pk)
    text, follows = request.POST.get("text", ""), request.POST.get("follows", "")
    try:
        asking.ask(pk, text=text, follows=follows, by=request.actor, at=clock.now())
    except Refused as refusal:
        said = {"firm": pk, "part": "ask", "text": text, "follows": follows}
        return portal.home(request, said | {"words": refusal.words}, status_of(refusal))
    messages.success(request, _("Sent. The answer will stand here."))
    return HttpResponseRedirect(reverse("portal") + "#talk")


@require_POST
@scoped(Act.ENTERPRISE_PORTAL)
def portal_rate(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``portal_rate``: satisfied, in part, or not; then somebody follows it."""
    _check_own(request, pk)
    satisfied, text = request.POST.get("satisfied", ""), request.POST.get("text", "")
    try:
        opened = asking.rate(pk, satisfied=satisfied, text=text, by=request.actor, at=clock.now())
    except Refused as refusal:
        said = {"firm": pk, "part": "rate", "text": text, "satisfied": satisfied}
        return portal.home(request, said | {"words": refusal.words}, status_of(refusal))
    words = _("Thank you for telling us.")
    if opened is not None:
        words = _("Thank you for telling us. The city's office follows it; you will be called.")
    messages.success(request, words)
    return HttpResponseRedirect(reverse("portal"))


def _check_own(request: ActorRequest, firm: int) -> None:
    if firm not in request.actor.enterprise_ids:
        raise Http404
