"""保存期限: how long what is kept, by whose rule, and how much of it went last."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.trail.rows import READERS
from notifications.models import Pulse
from organisations import clock
from organisations.actions.keeping import check_may_keep, keep_for
from organisations.errors import Refused
from organisations.keeping import KINDS, days_kept
from organisations.markers import ActorRequest, office
from organisations.roles import Act

MOST_SIGNS = 5


@require_http_methods(["GET", "HEAD", "POST"])
@office(*READERS)
def keeping(request: ActorRequest) -> HttpResponse:
    """URL name ``keeping``; the system administrator posts the days of a kind."""
    typed: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            check_may_keep(request.actor)
            typed = {key: request.POST.get(key, "").strip() for key in KINDS if key in request.POST}
            _save(request, typed)
        except Refused as refusal:
            messages.error(request, refusal.words)
            status = 403 if refusal.code == "may_not" else 422
        else:
            messages.success(request, _("Saved."))
            return redirect("keeping")
    days = days_kept()
    last = Pulse.objects.filter(name="sweep_up").first()
    rows: list[dict[str, Any]] = [
        {
            "key": key,
            "label": one.label,
            "rule": one.rule,
            "days": typed.get(key, days[key]),
            "least": one.least,
            "most": one.most,
            "is_open": one.is_open,
            "deleted": last.done.get(key, 0) if last else None,
        }
        for key, one in KINDS.items()
    ]
    context = {"rows": rows, "last": last, "may_set": request.actor.may(Act.MANAGE_SETTINGS)}
    return render(request, "trail/keeping.html", context, status=status)


def _save(request: ActorRequest, typed: dict[str, str]) -> None:
    for key, text in typed.items():
        if not text.isdecimal() or len(text) > MOST_SIGNS:
            words = _("%(label)s: write the days as a number.")
            raise Refused("no_number", words % {"label": KINDS[key].label})
        keep_for(key, days=int(text), by=request.actor, at=clock.now())
