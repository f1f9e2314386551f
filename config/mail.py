"""What leaves the house, as the environment says it; refused where it cannot be meant."""

from __future__ import annotations

from datetime import time
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from notifications.channels.server import Server

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
SHORTEST_SECRET = 16
ROBOTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn")
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


def gateway(url: str, secret: str) -> tuple[str, str]:
    """An https address and the secret that signs what is posted there; ("", "") for none."""
    if not url:
        return "", ""
    if urlsplit(url).scheme != "https" or len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"A gateway needs an https address and a secret of {SHORTEST_SECRET} characters"
        )
    return url, secret


def robots(addresses: list[str]) -> list[str]:
    """Addresses of chat robots, each of a platform that we speak."""
    for address in addresses:
        if urlsplit(address).scheme != "https" or urlsplit(address).hostname not in ROBOTS:
            raise ImproperlyConfigured(f"XIAOHAO_ROBOTS knows {', '.join(ROBOTS)}")
    return addresses


def others(text: str) -> list[str]:
    """Addresses of other message services, blanks between, for whoever installed the extra."""
    found = text.split()
    if found and find_spec("apprise") is None:
        raise ImproperlyConfigured(
            "XIAOHAO_APPRISE needs the package apprise, which is not installed: bin/set-up apprise"
        )
    if any("://" not in one for one in found):
        raise ImproperlyConfigured("XIAOHAO_APPRISE: an address begins with SERVICE://")
    return found


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
