"""``XIAOHAO_MAIL``: the mail server as one address, refused with words where it cannot be meant."""

from __future__ import annotations

from datetime import time
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from notifications.channels.server import Server

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
TLS = {"smtp": "", "smtp+tls": "starttls", "smtps": "tls"}


def mail_server(address: str, sender: str) -> Server | None:
    """``smtp+tls://user:password@host:587`` (STARTTLS), ``smtps://`` (TLS), ``smtp://`` (plain)."""
    if not address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as wrong:
        raise ImproperlyConfigured(f"XIAOHAO_MAIL: {wrong}") from wrong
    if parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured("XIAOHAO_MAIL must read smtp+tls://user:password@host:587")
    if "@" not in sender:
        raise ImproperlyConfigured("XIAOHAO_MAIL needs XIAOHAO_MAIL_FROM, a mail address")
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=TLS[parts.scheme],
    )


def sending_hours(text: str) -> tuple[time, time]:
    """``08:00-20:00``: the first moment of a working day at which something goes out, the last."""
    first, _dash, last = text.partition("-")
    try:
        found = time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
    except ValueError as wrong:
        raise ImproperlyConfigured("XIAOHAO_SENDING_HOURS must read 08:00-20:00") from wrong
    if found[0] >= found[1]:
        raise ImproperlyConfigured("XIAOHAO_SENDING_HOURS begins after its end")
    return found
