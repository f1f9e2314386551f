"""What a failure answers: the page in words, with the bars of whoever is signed in if it can."""

from __future__ import annotations

import errno
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader

log = logging.getLogger(__name__)
BIGGEST = 2**63 - 1
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
# as SQLite and PostgreSQL (53100) say it
FULL = re.compile(r"disk is full|No space left on device|could not extend file")
# what a row names has just gone: an import was taken back while somebody used one of its firms
GONE = re.compile(r"foreign key constraint", re.IGNORECASE)
STATUS = {"": 500, "gone": 409}
# a fault of the program, which SQLite puts into the same class
FAULT = re.compile(r"no such (table|column|function)|syntax error|has no column")


class Addressed:
    """Addresses that are none: a number that no database counts to is not there; what only takes
    what a form sends, opened by itself, is 405 in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_view(
        self, _request: HttpRequest, _view: object, _args: object, named: dict[str, Any]
    ) -> None:
        if any(isinstance(one, int) and one > BIGGEST for one in named.values()):
            raise Http404

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not (isinstance(answer, HttpResponseNotAllowed) and request.method == "GET"):
            return answer
        said = render(request, "errors/405.html", status=405)
        said["Allow"] = answer["Allow"]
        return said


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``; without the database or the session it says the same without bars.

    503 where nothing is broken in the program: what was sent may be sent again as it is; 409 where
    somebody else was quicker."""
    reason = reason_of(sys.exc_info()[1])
    name, status = "errors/unable.html" if reason else "500.html", STATUS.get(reason, 503)
    context = {"reason": reason}
    try:
        return render(request, name, context, status=status)
    except Exception:
        log.exception("the page of a failure failed too")
        return HttpResponse(loader.render_to_string(name, context), status=status)


def reason_of(error: BaseException | None) -> str:
    """ "full": no room on the disk; "away": the database does not serve; "gone": what
    this is about is not there any more; else ""."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return "full"
        if isinstance(error, OperationalError | InterfaceError):
            said = str(error)
            if FULL.search(said):
                return "full"
            return "" if FAULT.search(said) else "away"
        if isinstance(error, IntegrityError) and GONE.search(str(error)):
            return "gone"
        error = error.__cause__ or error.__context__
    return ""
