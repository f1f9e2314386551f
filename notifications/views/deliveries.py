"""消息发送: the queue, what is in doubt and what failed; and what was sent about one case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case
from cases.views.whole import part_of
from notifications import deciding, listing
from notifications.channels.configured import channels
from notifications.models import Delivery
from organisations import clock
from organisations.errors import Refused
from organisations.keyset import KeyPage, counted, keys
from organisations.markers import ActorRequest, office, scoped
from organisations.roles import Act

PAGE = 50
NEWEST = 30
VERBS = {"resend": deciding.resend, "confirm": deciding.confirm}


@require_safe
@office(Act.MANAGE_DELIVERIES)
def deliveries(request: ActorRequest) -> HttpResponse:
    """URL name ``deliveries`` (``?list=in_doubt|failed|waiting|sent|dropped``)."""
    mine = Delivery.objects.visible_to(request.actor)
    counts = listing.counts(mine)
    first = next((name for name in ("in_doubt", "failed") if counts[name]), "waiting")
    name = request.GET.get("list", first)
    if name not in listing.LISTS:
        name = first
    rows = mine.filter(state__in=listing.LISTS[name]).select_related("recipient")
    page = KeyPage(rows, keys("-id"), request.GET, PAGE, counted(rows))
    context = {
        "rows": [_line(row) for row in page.object_list],
        "page": page,
        "chips": _chips(counts, name),
        "off": not channels(),
        "empty": {"words": _("Nothing here"), "icon": "message", "more": ""},
    }
    return render(request, "notifications/deliveries.html", context)


@require_POST
@office(Act.MANAGE_DELIVERIES)
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``delivery_decide``: ``to=resend|confirm``."""
    if not Delivery.objects.visible_to(request.actor).filter(pk=pk).exists():
        raise Http404
    verb = VERBS.get(request.POST.get("to", ""))
    if verb is None:
        raise Http404
    try:
        verb(pk, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Decided."))
    return redirect("deliveries")


@require_safe
@scoped(Act.READ)
@part_of("case", gettext_lazy("Messages sent about it"))
def case_deliveries(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_deliveries``: what was sent about a case; a fragment of its page."""
    case = Case.objects.visible_to(request.actor).filter(pk=pk).first()
    if case is None:
        raise Http404
    rows = Delivery.objects.about(case).select_related("recipient")[:NEWEST]
    context = {"rows": [listing.line(row) for row in rows]}
    return render(request, "notifications/case_deliveries.html", context)


def _line(row: Delivery) -> dict[str, Any]:
    return listing.line(row) | {
        "may_resend": row.state in deciding.RESENT and not row.is_overtaken(clock.now()),
        "may_confirm": row.state == Delivery.State.IN_DOUBT,
    }


def _chips(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    labels = {
        "in_doubt": _("In doubt"),
        "failed": _("Not delivered"),
        "waiting": _("To be sent"),
        "sent": _("Sent"),
        "dropped": _("Not sent any more"),
    }
    address = reverse("deliveries")
    return [
        {
            "label": label,
            "url": f"{address}?list={name}",
            "count": counts[name],
            "current": name == current,
        }
        for name, label in labels.items()
    ]
