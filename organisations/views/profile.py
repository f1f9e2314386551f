"""我的: who I am today, my posts, language and look."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organisations.markers import ActorRequest, scoped
from organisations.models import Tenure


@require_safe
@scoped()
def profile(request: ActorRequest) -> HttpResponse:
    tenures = (
        Tenure.objects.filter(user=request.user)
        .select_related("post__unit__region")
        .order_by("-from_on", "-id")
    )
    day = request.actor.day
    held = list(tenures)
    now = [t for t in held if day and t.is_on(day)]
    context = {"present": now, "other": [t for t in held if t not in now]}
    return render(request, "organisations/profile.html", context)
