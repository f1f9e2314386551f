"""Any other message service by its address, through the package apprise: an extra, off by default.

The package is trusted with less than our own channels are: it follows no redirect and waits three
seconds for each answer, but it looks names up itself and reaches whatever it is told to reach (ADR
15). So what goes through it never names a firm: totals for a group, 70 characters for a person.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import quote

from notifications.channels.line import Envelope, Never, NotNow, Unclear, in_short
from notifications.channels.web import LATER, NOT_FOUND_HERE
from organisations.models import User

# an address that names one of these is a person's own, any other one a group's
ACCOUNT, PHONE = "{account}", "{phone}"
SECONDS = 3.0  # for the connection, and for each part of the answer
LONGEST = 15.0  # for the whole
LOGGER = "apprise"
# messages that were left alone and may still be talking
_LEFT: list[threading.Thread] = []
STATUS = re.compile(r"error=(\d{3})\b")
# nobody was reached: not a byte of the message is there
UNREACHED = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeout|Failed to establish")


class Other:
    """The channel ``apprise-N``: the N-th address of the settings."""

    def __init__(self, address: str, key: str, per_minute: int) -> None:
        self.url, self.key = address, key
        self.is_group = not (ACCOUNT in address or PHONE in address)
        self.is_short = not self.is_group
        self.per_minute = 10 if self.is_group else per_minute

    def address_of(self, user: User) -> str:
        """Who chose short messages: his number or his account, as the address asks for it."""
        wants = getattr(user, "preference", None)
        if self.is_group or wants is None or not wants.by_sms:
            return ""
        return user.phone if PHONE in self.url else user.username

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        to = quote(envelope.address, safe="")
        said = _Said()
        with _heard(said):
            service, count = _service(self.url.replace(ACCOUNT, to).replace(PHONE, to))
            about_to_transmit()
            if _within(LONGEST, lambda: _notify(service, envelope), said):
                return "taken"
        raise said.verdict(count)

    def close(self) -> None:
        """The package opens a connection for each message."""


def others(addresses: Sequence[str], per_minute: int) -> list[Other]:
    """One channel each, named by its place."""
    return [Other(one, f"apprise-{n}", per_minute) for n, one in enumerate(addresses, 1)]


def _service(url: str) -> tuple[Any, int]:
    """Whom the package speaks to, and how many they are; nothing goes out yet."""
    apprise = import_module("apprise")
    # no pictures of somebody else's in the messages, nothing kept on the disk, no redirects
    asset = apprise.AppriseAsset(
        app_id="xiaohao", app_desc="xiaohao", app_url="", async_mode=False,
        image_url_mask="", image_url_logo="", image_path_mask="", http_redirects=False,
    )  # fmt: skip
    one = apprise.Apprise.instantiate(url, asset=asset)
    if one is None:
        raise Never("apprise does not know this address")
    # whatever the address says: tried again is sent twice, and no failure is to look like success
    one.redirects, one.retry, one.optional = False, 0, False
    one.socket_connect_timeout = one.socket_read_timeout = SECONDS
    service = apprise.Apprise(asset=asset)
    service.add(one)
    return service, len(one)


def _notify(service: Any, envelope: Envelope) -> bool:
    return bool(service.notify(envelope.body, title=envelope.subject, body_format="text"))


class _Said(logging.Handler):
    """What the package says of itself while it sends: all that it tells besides yes and no.

    Only warnings are kept for people: below them stand addresses with their keys.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.warnings: list[str] = []
        self.sent, self.unreached = False, False
        _LEFT[:] = [thread for thread in _LEFT if thread.is_alive()]
        # else what is heard may be said of another message
        self.is_alone = not _LEFT

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.warnings.append(words)
        elif record.levelno == logging.INFO:
            self.sent = True
        elif UNREACHED.search(words):
            self.unreached = True

    def verdict(self, count: int) -> Exception:
        """How it failed. Of several receivers some may have it, and beside a message that still
        talks nobody knows of which one something was said."""
        said = in_short(" ".join(self.warnings)) or "no answer"
        if self.sent or count > 1 or not self.is_alone:
            return Unclear(said)
        status = int(found[1]) if (found := STATUS.search(said)) else 0
        if self.unreached or status in LATER:
            return NotNow(said)
        return Never(said) if status in NOT_FOUND_HERE else Unclear(said)


@contextmanager
def _heard(said: _Said) -> Iterator[None]:
    """What the package logs meanwhile; into our own log goes none of it (config/logging.py)."""
    logger = logging.getLogger(LOGGER)
    logger.addHandler(said)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(said)
        logger.setLevel(logging.WARNING)


def _within(seconds: float, work: Callable[[], bool], said: _Said) -> bool:
    """Whether ``work`` said yes in time; a service that sends one byte a second is left alone."""
    done: list[bool] = []
    thread = threading.Thread(target=lambda: done.append(_quietly(work, said)), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _LEFT.append(thread)
    return done == [True]


def _quietly(work: Callable[[], bool], said: _Said) -> bool:
    try:
        return work()
    except Exception as why:  # a plug-in that breaks: what it had sent by then nobody knows
        said.warnings.append(f"{type(why).__name__}: {why}")
        return False
