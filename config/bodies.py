"""What is posted, before any form sees it: how much at most, and only marks that a text may hold.

nginx and Caddy bound a body in front (deploy/); the embedded server has nobody in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

# a submit of papers (60 MB) with its form; as deploy/nginx.conf and deploy/Caddyfile say
MEGABYTES = 64
# bytes: nobody who is not signed in has a file to send
MOST_OF_STRANGERS = 1 << 20
# marks that nobody types: PostgreSQL refuses NUL, Word and Excel files the others
UNTYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Answer = Callable[[HttpRequest], HttpResponse]


class Bounded:
    """Refuses by the length that is announced, before a byte of it is read or written: the check of
    CSRF reads the form only when every middleware has been called. A body without a length
    (chunked) is not taken."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "")
        n = int(length) if length.isascii() and length.isdigit() else 0
        if not length and "HTTP_TRANSFER_ENCODING" in request.META:
            return _left_unread(_too_large(request, 411))
        if n > MEGABYTES << 20:
            return _left_unread(_too_large(request, 413))
        if n > MOST_OF_STRANGERS and not request.user.is_authenticated:
            return _left_unread(_sign_in_first(request))
        return self.get_response(request)


class Typed:
    """Takes out of every text that is posted or asked for what nobody types: pasted from a broken
    PDF it is not seen, and the database would refuse the whole form for it. Names of files are
    judged where they are taken."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%" in request.META.get("QUERY_STRING", ""):
            request.GET = cleaned(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, named: Mapping[str, object]
    ) -> None:
        if any(isinstance(part, str) and UNTYPED.search(part) for part in named.values()):
            raise Http404
        # read already, by the check of CSRF
        if request.method == "POST":
            request.POST = cleaned(request.POST)  # type: ignore[assignment]


def cleaned(told: QueryDict) -> QueryDict:
    """Without such marks; the very same where there are none."""
    if not any(UNTYPED.search("".join([key, *values])) for key, values in told.lists()):
        return told
    found = QueryDict(mutable=True, encoding=told.encoding)
    for key, values in told.lists():
        found.setlist(UNTYPED.sub("", key), [UNTYPED.sub("", value) for value in values])
    found._mutable = False
    return found


def _is_from_a_phone(request: HttpRequest) -> bool:
    """What ``static/js/field.js`` sends later; it understands these answers."""
    return request.headers.get("Accept") == "application/json"


def _too_large(request: HttpRequest, status: int) -> HttpResponse:
    if _is_from_a_phone(request):
        words = _("At most %(n)d MB are taken at a time. Leave out some photos.")
        told = {"state": "refused", "words": words % {"n": MEGABYTES}}
        return JsonResponse(told, status=status)
    return render(request, "413.html", {"most": MEGABYTES}, status=status)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if _is_from_a_phone(request):
        return JsonResponse({"state": "waiting", "asksWho": True}, status=401)
    return redirect_to_login(request.get_full_path())


def _left_unread(answer: HttpResponse) -> HttpResponse:
    """Nobody reads what is still on its way: the connection ends with the answer."""
    answer["Connection"] = "close"
    return answer
