"""A city's own gateways, each one signed POST: the webhook takes whole messages, SMS short ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from notifications.channels import web
from notifications.channels.line import Envelope, in_short
from organisations.models import User

LONGEST_SMS = 70


@dataclass(frozen=True)
class Gateway:
    """Where messages are posted, and the secret that signs them (see docs/operations.md)."""

    url: str
    secret: str
    per_minute: int


class Webhook:
    """The channel ``webhook``: by account name, for whatever the city's people carry about."""

    key = "webhook"
    is_short = is_group = False

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.per_minute = gateway, gateway.per_minute

    def address_of(self, user: User) -> str:
        return user.username

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        message = {
            "account": envelope.address,
            "subject": envelope.subject,
            "body": envelope.body,
            "at": envelope.at.isoformat(timespec="seconds"),
        }
        return _post(self.gateway, message, envelope, about_to_transmit)

    def close(self) -> None:
        """Each message is a request of its own."""


class Sms:
    """The channel ``sms``: at most 70 characters, no name of a firm; who asks for it, has it."""

    key = "sms"
    is_short, is_group = True, False

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.per_minute = gateway, gateway.per_minute

    def address_of(self, user: User) -> str:
        wants = getattr(user, "preference", None)
        return user.phone if wants is not None and wants.by_sms else ""

    def send(self, envelope: Envelope, about_to_transmit: Callable[[], None]) -> str:
        message = {"phone": envelope.address, "text": envelope.body[:LONGEST_SMS]}
        return _post(self.gateway, message, envelope, about_to_transmit)

    def close(self) -> None:
        """Each message is a request of its own."""


def _post(
    gateway: Gateway,
    message: dict[str, str],
    envelope: Envelope,
    about_to_transmit: Callable[[], None],
) -> str:
    answer = web.post(
        gateway.url,
        message,
        about_to_transmit,
        secret=gateway.secret,
        moment=str(int(envelope.at.timestamp())),
        key=f"xiaohao-{envelope.token}",
    )
    return in_short(f"{answer.status} {answer.text}")
