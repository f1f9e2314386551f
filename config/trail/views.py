"""审计日志 in the browser: who, what, when; a filter, a workbook, and whether the chain holds."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.trail import rows as trail
from config.trail import verdict
from config.trail.rows import Asked
from config.trail.workbook import check_size, write_trail
from notifications.models import Pulse
from organisations import clock
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.keyset import KeyPage, counted
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from organisations.wake import wake

PAGE = 50
VERIFY = "config.tasks.verify"


@require_safe
@office(*trail.READERS)
def audit(request: ActorRequest) -> HttpResponse:
    """URL name ``audit`` (``?kind=``, ``who=``, ``since=``, ``until=``)."""
    asked = asked_of(request.GET)
    rows = trail.entries(request.actor, asked)
    page = KeyPage(rows, trail.ORDER, request.GET, PAGE, counted(rows))
    query = request.GET.copy()
    for name in ("after", "before", "last"):
        query.pop(name, None)
    pulses = Pulse.objects.in_bulk(["verify", "seal"])
    verified = pulses.get("verify")
    context = {
        "rows": list(trail.lines(page.object_list, clock.today())),
        "page": page,
        "asked": asked,
        "today": clock.today(),
        "strays": _strays(request, asked),
        "filters": _filters(request, asked),
        "query": query.urlencode(),
        "verdict": verified,
        "broken": [
            verdict.place(one) for one in (verified.done.get("first", ()) if verified else ())
        ],
        "sealed": pulses.get("seal"),
        "may_verify": may_verify(request),
        "may_open": request.actor.may(Act.MANAGE_DELIVERIES),
        "may_keep": request.actor.may(Act.MANAGE_SETTINGS),
        "empty": {"words": _("No such entries"), "icon": "file", "more": ""},
    }
    return render(request, "trail/audit.html", context)


@require_safe
@office(*trail.READERS)
def audit_export(request: ActorRequest) -> HttpResponseBase:
    """URL name ``audit_export``: the page's lines as a workbook; recorded."""
    asked = asked_of(request.GET)
    rows = trail.entries(request.actor, asked)
    try:
        check_size(rows)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    title = _("Audit trail")
    name = f"{title}_{clock.today():%Y%m%d}.xlsx"

    def write(target: BinaryIO) -> int:
        return write_trail(target, rows, asked, clock.now())

    return send_workbook(
        "trail", name, write, by=request.actor, at=clock.now(), query=request.GET.urlencode()
    )


@require_POST
@office(Act.READ_AUDIT, Act.MANAGE_DELIVERIES)
def audit_verify(request: ActorRequest) -> HttpResponse:
    """URL name ``audit_verify``: the worker looks at the whole chain; it takes seconds."""
    wake(VERIFY)
    messages.success(request, _("The chain is being verified. Load this page again in a minute."))
    return redirect("audit")


def may_verify(request: ActorRequest) -> bool:
    return request.actor.may(Act.READ_AUDIT) or request.actor.may(Act.MANAGE_DELIVERIES)


def asked_of(query: Any) -> Asked:
    """What an address asks for; what is no day asks for nothing."""
    return Asked(
        kind=query.get("kind", ""),
        who=query.get("who", "").replace("\x00", "").strip()[:150],
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _strays(request: ActorRequest, asked: Asked) -> str:
    """A kind that cannot be chosen or a day that is none, which the page leaves out."""
    kinds = {value for value, _label in trail.kinds_for(request.actor)}
    held = {"kind": asked.kind in kinds, "since": asked.since, "until": asked.until}
    given = {name: request.GET.get(name, "") for name in held}
    strays = [f"{name}={text[:40]}" for name, text in given.items() if text and not held[name]]
    return _("not understood: %(what)s") % {"what": _(", ").join(strays)} if strays else ""


def _filters(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return {"kinds": trail.kinds_for(request.actor), "clear": reverse("audit")}
