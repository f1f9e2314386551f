"""The channels that this installation has switched on; none by default, none in the demo."""

from __future__ import annotations

from django.conf import settings

from notifications.channels.gateways import Gateway, Sms, Webhook
from notifications.channels.line import Channel
from notifications.channels.others import others
from notifications.channels.robots import robots
from notifications.channels.smtp import Smtp


def channels() -> list[Channel]:
    """In the order in which they are served."""
    if settings.DEMO:
        return []  # made-up people have no mailbox
    found: list[Channel] = []
    if settings.MAIL is not None:
        found.append(Smtp(settings.MAIL, settings.MAIL_PER_MINUTE))
    cap = settings.GATEWAY_PER_MINUTE
    if settings.WEBHOOK[0]:
        found.append(Webhook(Gateway(*settings.WEBHOOK, cap)))
    if settings.SMS[0]:
        found.append(Sms(Gateway(*settings.SMS, cap)))
    found.extend(robots(settings.ROBOTS))
    found.extend(others(settings.APPRISE, cap))
    return found
