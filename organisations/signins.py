"""Sign-ins in the audit trail: the one module that listens to signals.

Django and axes tell of sign-ins by signals only; a lockout counts per account and per address.
"""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from organisations import clock
from organisations.days import day_of
from organisations.journal import record
from organisations.models import AuditEvent, User
from organisations.scope import Actor

KIND = AuditEvent.Kind.SIGN_IN


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    _note("sign_in", request, user=user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **_more: Any) -> None:
    if user is not None:
        _note("sign_out", request, user=user)


@receiver(user_login_failed)
def failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_more: Any
) -> None:
    _note("sign_in_failed", request, username=str(credentials.get("username", "")))


@receiver(user_locked_out)
def locked_out(sender: Any, request: HttpRequest, username: str = "", **_more: Any) -> None:
    _note("locked_out", request, username=str(username or ""))


def _note(
    verb: str, request: HttpRequest | None, *, user: User | None = None, username: str = ""
) -> None:
    at = clock.now()
    record(
        KIND,
        verb,
        user,
        by=Actor(user, day_of(at)),
        at=at,
        words=username,
        address=get_client_ip_address(request) if request is not None else None,
    )
