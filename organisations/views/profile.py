"""我的: who I am today, my posts, language and look."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organisations import clock
from organisations.actions import users
from organisations.forms import PhoneForm
from organisations.markers import ActorRequest, scoped
from organisations.models import Tenure


@require_http_methods(["GET", "HEAD", "POST"])
@scoped()
def profile(request: ActorRequest) -> HttpResponse:
    """By POST: one's own telephone number."""
    form = PhoneForm(request.POST or None, initial={"phone": request.user.phone})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["phone"]
        if users.set_own_phone(request.user, phone=given, by=request.actor, at=clock.now()):
            messages.success(request, _("Your telephone number is kept."))
        return redirect("profile")
    tenures = (
        Tenure.objects.filter(user=request.user)
        .select_related("post__unit__region")
        .order_by("-from_on", "-id")
    )
    day = request.actor.day
    held = list(tenures)
    now = [t for t in held if day and t.is_on(day)]
    context = {"present": now, "other": [t for t in held if t not in now], "form": form}
    status = 422 if form.errors else 200
    return render(request, "organisations/profile.html", context, status=status)
