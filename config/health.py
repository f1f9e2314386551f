"""Is it alive, can it work, how is it: for a balancer, for the office, for Prometheus."""

from __future__ import annotations

import hmac
import os
import shutil
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_safe

from config.vitals import Vitals, exposition, vitals
from notifications.listing import channel_words
from organisations import clock
from organisations.markers import ActorRequest, office, public
from organisations.models import User
from organisations.roles import Act

RESTS = gettext_noop(
    "It does not answer or does not let us in: what waits is sent when it does. After a change of "
    "its password, change the setting and restart."
)
NO_ROOM = 1024**2  # bytes: nothing can be entered any more
PLAIN = "text/plain; charset=utf-8"


@require_safe
@public
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nobody else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@require_safe
@public
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when a page could be served: the database answers, the folder is there; else 503.

    On a full disk pages can still be read, so it stays 200 and says so."""
    try:
        User.objects.exists()
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type=PLAIN)
    if not os.access(settings.VAR_DIR, os.W_OK):
        return HttpResponse("disk\n", status=503, content_type=PLAIN)
    full = shutil.disk_usage(settings.VAR_DIR).free < NO_ROOM
    return HttpResponse("ok, but no room on the disk\n" if full else "ok\n", content_type=PLAIN)


@require_safe
@public
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings the token of the settings; without one the page does not exist."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    text = exposition(vitals(clock.of_the_machine()))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


@require_safe
@office(Act.MANAGE_SETTINGS, Act.MANAGE_DELIVERIES)
def status(request: ActorRequest) -> HttpResponse:
    """系统状态: what ran last, what waits, what failed, how much room is left."""
    found = vitals(clock.of_the_machine())
    moved_to = clock.now() if clock.offset() else None
    context = {"vitals": found, "lines": lines_of(found), "moved_to": moved_to}
    return render(request, "status.html", context)


def lines_of(found: Vitals) -> list[dict[str, Any]]:
    """The lines of the page: {name, at | words, bad, note, since, has_not_run}."""
    return [*_runs(found), *_queues(found), _room(found), *_clock(found), *_counts(found)]


def _runs(found: Vitals) -> list[dict[str, Any]]:
    """What runs by itself, and when it last did."""
    late = _("Runs each night by the worker, else by cron; it has not for two days.")
    notes = {
        "tick": _("Runs each minute. When it stands, no deadline is chased: see to the worker."),
        "send": _("Runs each minute. When it stands, nothing is sent: see to the worker."),
        "backup": _("Make one each night: manage.py backup FOLDER (docs/operations.md)."),
        "verify": late,
        "seal": _("Runs each five minutes: see to the worker."),
        "sweep_up": late,
    }
    names = {
        "tick": _("Deadlines and reminders"),
        "send": _("Sending"),
        "backup": _("Last backup"),
        "verify": _("Audit trail verified"),
        "seal": _("Audit trail sealed"),
        "sweep_up": _("What is over its time deleted"),
    }
    lines = []
    for key, name in names.items():
        bad = found.lacks_backup if key == "backup" else found.is_late(key)
        note = notes[key] if bad else ""
        if key == "verify" and found.breaks:
            bad, note = True, _("Lines were changed or removed: see the audit trail.")
        at = found.pulses.get(key)
        line: dict[str, Any] = {"key": key, "name": name, "at": at, "bad": bad, "note": note}
        if at is None:
            spared = key == "backup" and settings.DEMO
            line["words"] = _("not needed in a demo") if spared else _("has not run yet")
            line["has_not_run"] = True
        lines.append(line)
    return lines


def _queues(found: Vitals) -> list[dict[str, Any]]:
    counts = found.deliveries
    rows = [
        ("pending", _("Events to be told"), found.pending, False, found.pending_since),
        ("waiting", _("Messages to be sent"), counts["waiting"], False, found.waiting_since),
        ("in_doubt", _("In doubt"), counts["in_doubt"], bool(counts["in_doubt"]), None),
        ("failed", _("Not delivered"), counts["failed"], bool(counts["failed"]), None),
    ]
    lines: list[dict[str, Any]] = [
        {"key": key, "name": name, "words": str(n), "bad": bad, "since": since if n else None}
        for key, name, n, bad, since in rows
    ]
    for channel, answer in found.resting.items():
        line = {"key": channel, "name": channel_words(channel), "words": answer, "bad": True}
        lines.append({**line, "note": _(RESTS)})
    return lines


def _room(found: Vitals) -> dict[str, Any]:
    words = _("%(free)s free of %(total)s") % {
        "free": filesizeformat(found.disk_free),
        "total": filesizeformat(found.disk_total),
    }
    note = _("Below 1 GB. When it is full, nothing can be entered: make room.")
    line = {"key": "disk", "name": _("Room on the disk"), "words": words, "bad": found.is_full}
    return {**line, "note": note if found.is_full else ""}


def _clock(found: Vitals) -> list[dict[str, Any]]:
    """Only where it shows less than what has been written down already."""
    if not found.is_behind:
        return []
    note = _(
        "Something is noted with a later time than the machine shows: its clock is, or was, wrong."
    )
    name = _("Clock of the machine")
    return [{"key": "clock", "name": name, "at": found.at, "bad": True, "note": note}]


def _counts(found: Vitals) -> list[dict[str, Any]]:
    """Only where figures that are counted ahead once were not what the cases say. It is mended by
    then, so it is told and does not call."""
    if not found.miscounted:
        return []
    words = ngettext("differed %(n)d time", "differed %(n)d times", found.miscounted)
    note = _("Counted anew, the figures are right again. Please tell whoever maintains the system.")
    line = {"key": "counts", "name": _("Progress figures compared with the cases"), "bad": False}
    return [{**line, "words": words % {"n": found.miscounted}, "note": note}]
