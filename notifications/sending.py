"""Whatever may go out now goes out: claim, speak, settle, one message after the other."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from notifications import digest, hours, outbox
from notifications.channels.configured import channels
from notifications.channels.line import (
    Channel,
    Down,
    Envelope,
    LostLease,
    Never,
    NotNow,
    Unclear,
    in_short,
)
from notifications.models import Delivery
from workflows.models import load_calendar

log = logging.getLogger(__name__)
State = Delivery.State
# below the minute after which the next run begins; two at once do no harm
LONGEST = timedelta(seconds=45)
Now = Callable[[], datetime]


def send(at: datetime, pace: digest.Pace = digest.unknown) -> dict[str, int]:
    """Send what is due, oldest first: {"sent", "in_doubt", "failed", "postponed"}. Idempotent.

    Called by beat, cron, the command line or all of them at once; never inside a transaction. A
    run that takes long goes on with the time that has passed since ``at``. ``pace``: a figure of
    the digest that is counted elsewhere.
    """
    done: Counter[str] = Counter()
    open_channels, now = channels(), _running_from(at)
    for channel in open_channels:
        outbox.give_back(channel, at)
    if open_channels and hours.is_open(
        timezone.localtime(at), settings.SENDING_HOURS, load_calendar()
    ):
        digest.plan(at, open_channels, lambda: now() - at > LONGEST / 2, pace)
        for channel in open_channels:
            _serve(channel, at, now, done)
    return {key: done[key] for key in ("sent", "in_doubt", "failed", "postponed")}


def _running_from(at: datetime) -> Now:
    """``at`` plus the time that has really passed: leases are real time."""
    begun = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - begun)


def _serve(channel: Channel, at: datetime, now: Now, done: Counter[str]) -> None:
    while now() - at < LONGEST:
        envelope = outbox.claim(channel, now())
        if envelope is None:
            return
        done[_speak(channel, envelope, now)] += 1


def _speak(channel: Channel, envelope: Envelope, now: Now) -> str:
    """One message; what happened to it."""
    try:
        answer = channel.send(envelope, lambda: outbox.begin_transmission(envelope, now()))
    except Down as why:
        outbox.rest(envelope, now(), in_short(why))
        log.warning("%s does not answer: %s", channel.key, in_short(why))
        return "postponed"
    except NotNow as why:
        outbox.postpone(envelope, now(), in_short(why))
        return "postponed"
    except Never as why:
        outbox.settle(envelope, State.FAILED, now(), in_short(why))
        return "failed"
    except Unclear as why:
        outbox.settle(envelope, State.IN_DOUBT, now(), in_short(why))
        return "in_doubt"
    except LostLease:
        return "lost"
    except Exception as why:  # one message that breaks must not stop those behind it
        log.exception("message %s", envelope.ids)
        outbox.abandon(envelope, now(), in_short(f"{type(why).__name__}: {why}"))
        return "failed"
    outbox.settle(envelope, State.SENT, now(), answer)
    return "sent"
