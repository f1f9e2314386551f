"""Is it alive, can it work, how is it: for a balancer, for the office, for Prometheus."""

from __future__ import annotations

import hmac
import os
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.vitals import Vitals, exposition, vitals
from notifications.listing import channel_words
from organisations import clock
from organisations.markers import ActorRequest, office, public
from organisations.roles import Act

PLAIN = "text/plain; charset=utf-8"


@require_safe
@public
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nobody else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@require_safe
@public
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when a page could be served: the database answers, uploads can be kept; else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type=PLAIN)
    if not os.access(settings.VAR_DIR, os.W_OK):
        return HttpResponse("disk\n", status=503, content_type=PLAIN)
    return HttpResponse("ok\n", content_type=PLAIN)


@require_safe
@public
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings the token of the settings; without one the page does not exist."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    text = exposition(vitals(clock.now()))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


@require_safe
@office(Act.MANAGE_SETTINGS, Act.MANAGE_DELIVERIES)
def status(request: ActorRequest) -> HttpResponse:
    """系统状态: what ran last, what waits, what failed, how much room is left."""
    found = vitals(clock.now())
    context = {"vitals": found, "lines": [*_runs(found), *_queues(found), _room(found)]}
    return render(request, "status.html", context)


def _runs(found: Vitals) -> list[dict[str, Any]]:
    """Tick, sending, backup: when they ran."""
    never = _("never")
    return [
        {
            "name": _("Deadlines and reminders"),
            "at": found.pulses.get("tick"),
            "words": never,
            "bad": found.is_stale,
            "note": _("Runs each minute. When it stands, no deadline is chased: see to the worker.")
            if found.is_stale
            else "",
        },
        {"name": _("Sending"), "at": found.pulses.get("send"), "words": never, "bad": False},
        {
            "name": _("Last backup"),
            "at": found.pulses.get("backup"),
            "words": _("not needed in a demo") if settings.DEMO else never,
            "bad": found.lacks_backup,
            "note": _("Make one each night: manage.py backup FOLDER (docs/operations.md).")
            if found.lacks_backup
            else "",
        },
        {
            "name": _("Audit trail verified"),
            "at": found.pulses.get("verify"),
            "words": never,
            "bad": bool(found.breaks),
            "note": _("Lines were changed or removed: see the audit trail.")
            if found.breaks
            else "",
        },
        {
            "name": _("What is over its time deleted"),
            "at": found.pulses.get("sweep_up"),
            "words": never,
            "bad": False,
        },
    ]


def _queues(found: Vitals) -> list[dict[str, Any]]:
    counts = found.deliveries
    rows = [
        (_("Events to be told"), found.pending, False, found.pending_since),
        (_("Messages to be sent"), counts["waiting"], False, found.waiting_since),
        (_("In doubt"), counts["in_doubt"], bool(counts["in_doubt"]), None),
        (_("Not delivered"), counts["failed"], bool(counts["failed"]), None),
    ]
    lines: list[dict[str, Any]] = [
        {"name": name, "words": str(n), "bad": bad, "since": since if n else None}
        for name, n, bad, since in rows
    ]
    for channel, answer in found.resting.items():
        lines.append({"name": channel_words(channel), "words": answer, "bad": True})
    return lines


def _room(found: Vitals) -> dict[str, Any]:
    words = _("%(free)s free of %(total)s") % {
        "free": filesizeformat(found.disk_free),
        "total": filesizeformat(found.disk_total),
    }
    return {"name": _("Room on the disk"), "words": words, "bad": found.is_full}
