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
# messages of one claim: few enough that all of them go long before their lease is over
HANDFUL = 50
RESTS = "rests"
Now = Callable[[], datetime]


def send(at: datetime, pace: digest.Pace = digest.unknown) -> dict[str, int]:
    """Send what is due, oldest first: {"sent", "in_doubt", "failed", "postponed"}. Idempotent.

    Called by beat, cron, the command line or all of them at once; never inside a transaction. A
    run that takes long goes on with the time that has passed since ``at``. ``pace``: a figure of
    the digest that is counted elsewhere.
    """
    done: Counter[str] = Counter()
    open_channels, now, calendar = channels(), _running_from(at), load_calendar()

    def may_go() -> bool:
        """Also in the middle of a run: the hours end while it speaks."""
        moment = now()
        is_open = hours.is_open(timezone.localtime(moment), settings.SENDING_HOURS, calendar)
        return is_open and moment - at < LONGEST

    for channel in open_channels:
        outbox.give_back(channel, at)
    if open_channels and hours.is_open(timezone.localtime(at), settings.SENDING_HOURS, calendar):
        digest.plan(at, open_channels, lambda: now() - at > LONGEST / 2, pace)
        for channel in open_channels:
            _serve(channel, may_go, now, done)
    return {key: done[key] for key in ("sent", "in_doubt", "failed", "postponed")}


def _running_from(at: datetime) -> Now:
    """``at`` plus the time that has really passed: leases are real time."""
    begun = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - begun)


def _serve(channel: Channel, may_go: Callable[[], bool], now: Now, done: Counter[str]) -> None:
    speaker = _Speaker(channel, now)
    try:
        while may_go():
            waiting = outbox.claim(channel, now(), HANDFUL)
            if not waiting:
                return
            while waiting and may_go():
                told = speaker.speak(waiting.pop(0))
                done["postponed" if told == RESTS else told] += 1
                if told == RESTS:
                    break
            speaker.settle()
            if waiting:
                outbox.release(waiting)
    finally:
        channel.close()


class _Speaker:
    """Speaks one message after the other. That one was taken is written together with the beginning
    of the next: one commit a message, and never more than one whose end is unknown. (By ORM, on
    SQLite, they are two, the taken one first.)"""

    def __init__(self, channel: Channel, now: Now) -> None:
        self.channel, self.now = channel, now
        self.taken: outbox.Taken | None = None

    def speak(self, envelope: Envelope) -> str:
        """One message; what happened to it."""
        try:
            answer = self.channel.send(envelope, lambda: self._begin(envelope))
        except Exception as why:
            self.settle()
            return self._went_wrong(envelope, why)
        self.taken = outbox.Taken(envelope, answer)
        return "sent"

    def settle(self) -> None:
        """What was taken is on record."""
        if self.taken is not None:
            outbox.settle(self.taken.envelope, State.SENT, self.now(), self.taken.answer)
        self.taken = None

    def _begin(self, envelope: Envelope) -> None:
        if self.taken is None:
            outbox.begin_transmission(envelope, self.now())
            return
        try:
            outbox.begin_transmission(envelope, self.now(), self.taken)
        except LostLease:
            self.taken = None
            raise
        self.taken = None

    def _went_wrong(self, envelope: Envelope, why: Exception) -> str:
        match why:
            case Down():
                outbox.rest(envelope, self.now(), in_short(why))
                log.warning("%s cannot be used now: %s", self.channel.key, in_short(why))
                return RESTS
            case NotNow():
                outbox.postpone(envelope, self.now(), in_short(why))
                return "postponed"
            case Never():
                outbox.settle(envelope, State.FAILED, self.now(), in_short(why))
                return "failed"
            case Unclear():
                outbox.settle(envelope, State.IN_DOUBT, self.now(), in_short(why))
                return "in_doubt"
            case LostLease():
                return "lost"
            case _:  # one message that breaks must not stop those behind it
                log.error("message %s", envelope.ids, exc_info=why)
                outbox.abandon(envelope, self.now(), in_short(f"{type(why).__name__}: {why}"))
                return "failed"
