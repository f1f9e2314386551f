"""Idle for half an hour: signed out. Renewing must not cost a write on every request."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_KEY = "seen"
_RENEW_AFTER_SECONDS = 60


class IdleMiddleware:
    """Marks a signed-in session as seen, at most once a minute.

    The session's own expiry (``SESSION_COOKIE_AGE``) then counts from the last minute in use.
    ``SESSION_SAVE_EVERY_REQUEST`` would do it too, with a write for every page and fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get(_KEY, 0) >= _RENEW_AFTER_SECONDS:
                request.session[_KEY] = now
        return self.get_response(request)
