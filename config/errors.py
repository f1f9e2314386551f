"""What a failure answers: the page in words, with the bars of whoever is signed in if it can."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``; without the database or the session it says the same without bars."""
    try:
        return render(request, "500.html", status=500)
    except Exception:
        log.exception("the page of a failure failed too")
        return HttpResponseServerError(loader.render_to_string("500.html"))
