"""Idle for half an hour: signed out. Renewing must not cost a write on every request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_RENEW_AFTER = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Sessions in the database that remember until when the stored row is good."""

    good_until: datetime | None = None

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.good_until = row.expire_date if row else None
        return row

    def renew(self, now: datetime) -> None:
        """Move the end of an unchanged session: one statement, and no data that could be stale."""
        age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        if self.good_until is not None and self.good_until - now < age - _RENEW_AFTER:
            Session.objects.filter(session_key=self.session_key).update(expire_date=now + age)


class IdleMiddleware:
    """Renews a signed-in session, at most once a minute; half an hour without a request ends it.

    ``SESSION_SAVE_EVERY_REQUEST`` would write for every page and fragment, and write old data
    over what a request beside it has just stored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and isinstance(request.session, SessionStore):
            request.session.renew(timezone.now())
        return self.get_response(request)
