"""What a channel is given and what it may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from organisations.models import User


@dataclass(frozen=True)
class Envelope:
    """One message to one address; ``ids`` are the rows that it carries, ``token`` its claim."""

    ids: tuple[int, ...]
    token: str
    channel: str
    address: str
    subject: str
    body: str
    at: datetime
    # how often in a row nobody had answered on this channel when it was claimed
    failures: int = 0


class NotNow(Exception):
    """The other side asks to come again later; nothing of the message is with it."""


class Down(NotNow):
    """Nobody answered at all: the whole channel rests, no message is to blame."""


class Never(Exception):
    """The other side will not take this message, however often it is offered."""


class Unclear(Exception):
    """The message was handed over and no answer came: nobody knows."""


class LostLease(Exception):
    """Somebody else has the message by now: stop before the first byte of it."""


class Channel(Protocol):
    """A way out of the house."""

    key: str
    per_minute: int
    # a text message: 70 characters without a firm's name
    is_short: bool
    # a chat group instead of people: totals each morning
    is_group: bool

    def address_of(self, user: User) -> str:
        """Where a person is reached; "" where he is not, or does not want to be."""

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        """Hand the message over and return the answer of the other side.

        ``about_to_transmit`` is called, and has committed, before the first byte of the message.
        """

    def close(self) -> None:
        """Nothing more is sent for now: what was kept open between messages is let go."""


def in_short(words: object) -> str:
    """An answer of the other side as one line that fits its column."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.replace("\x00", "").split())[:300]
