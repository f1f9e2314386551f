"""The rows of what leaves the house: made once, claimed by one worker, settled behind a fence.

Each function is one short transaction of its own; nothing is sent inside of one. A worker holds a
message by its token and only until its lease is over. Every update asks for the token, so that
whoever comes too late changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from notifications import fence, hours, short
from notifications.channels.configured import channels
from notifications.channels.line import Channel, Envelope, LostLease
from notifications.deliveries import DeliveryQuerySet
from notifications.languages import language_of
from notifications.models import Delivery, Line, Notice

State = Delivery.State
LEASE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
# single notices of one person in one letter, by their text; the others are counted
SHOWN = 10


@dataclass(frozen=True)
class Taken:
    """A letter that the other side has taken, with what it answered."""

    envelope: Envelope
    answer: str


def enqueue(keys: Sequence[str], at: datetime, cities: Mapping[str, int] | None = None) -> int:
    """A row for each of these notices and each channel on which its reader wants it.

    ``cities``: by key, of notices that no event tells the city of."""
    open_channels = channels() if keys else []
    if not open_channels:
        return 0
    notices = Notice.objects.filter(key__in=keys).exclude(recipient=None)
    rows = [
        Delivery(
            key=f"notice:{notice.pk}:{channel.key}",
            kind=Delivery.Kind.SINGLE,
            channel=channel.key,
            city_id=notice.event.case.programme.city_id
            if notice.event
            else (cities or {}).get(notice.key),
            recipient=notice.recipient,
            notice=notice,
            case=notice.case,
            subject=notice.title,
            body=notice.body,
            made_at=at,
            next_try_at=at,
        )
        for notice in notices.select_related("recipient__preference", "event__case__programme")
        for channel in open_channels
        if notice.recipient and _wants_singles(notice) and channel.address_of(notice.recipient)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _wants_singles(notice: Notice) -> bool:
    wants = getattr(notice.recipient, "preference", None)
    return wants is None or wants.singles


@transaction.atomic
def give_back(channel: Channel, at: datetime) -> None:
    """What a dead worker held: not yet transmitted is tried again, transmitted is in doubt."""
    held = Delivery.objects.filter(channel=channel.key, leased_until__lte=at)
    held.filter(state=State.CLAIMED).update(state=State.WAITING, token=None, leased_until=None)
    # the token stays: should its worker live after all, it still knows how it ended
    held.filter(state=State.TRANSMITTING).update(
        state=State.IN_DOUBT, leased_until=None, settled_at=at, answer="the sender was interrupted"
    )


@transaction.atomic
def claim(channel: Channel, at: datetime, most: int = 1) -> list[Envelope]:
    """The next messages of a channel, ``most`` at the utmost, each held for ``LEASE`` by a token of
    its own; none when nothing may go now.

    The channel's line is locked meanwhile: the cap per minute holds for all workers together.
    """
    line = _line(channel.key)
    if hours.is_resting(line.resting_until, at):
        return []
    # a minute that is said to begin later comes from a clock that was set back since
    if line.window_from is None or not timedelta(0) <= at - line.window_from < MINUTE:
        line.window_from, line.in_window = at, 0
    most = min(most, channel.per_minute - line.in_window)
    groups = _next(channel, at, most) if most > 0 else []
    if not groups:
        return []
    for rows in groups:
        token, address = uuid4(), _address(channel, rows[0])
        for row in rows:
            row.state, row.token, row.address = State.CLAIMED, token, address
            row.leased_until = at + LEASE
    held = [row for rows in groups for row in rows]
    if fence.is_here():
        fence.hold(held, at + LEASE)
    else:
        fields = ["state", "token", "leased_until", "address"]
        Delivery.objects.bulk_update(held, fields)
    line.in_window += len(groups)
    line.save()
    return [_envelope(channel, rows, at, line.failures) for rows in groups]


def _envelope(channel: Channel, rows: Sequence[Delivery], at: datetime, failures: int) -> Envelope:
    subject, body = _words(channel, rows)
    ids, first = tuple(row.pk for row in rows), rows[0]
    return Envelope(ids, str(first.token), channel.key, first.address, subject, body, at, failures)


@transaction.atomic
def release(envelopes: Sequence[Envelope]) -> None:
    """What was claimed and not spoken about goes back to its place."""
    for envelope in envelopes:
        _held(envelope, State.CLAIMED).update(state=State.WAITING, token=None, leased_until=None)


def _ids(rows: Sequence[Delivery]) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk__in=[row.pk for row in rows])


def _line(channel: str) -> Line:
    Line.objects.bulk_create([Line(channel=channel)], ignore_conflicts=True)
    return Line.objects.select_for_update().get(channel=channel)


def _next(channel: Channel, at: datetime, most: int) -> list[list[Delivery]]:
    """The oldest that are due, ``most`` messages of them; with a single notice all others that
    wait for the same person. What has no address any more is dropped."""
    waiting = (
        Delivery.objects.filter(channel=channel.key, state=State.WAITING, next_try_at__lte=at)
        .select_related("recipient__preference")
        .order_by("next_try_at", "id")
    )
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(of=("self",), skip_locked=True)
    oldest = list(waiting[:most])
    singles = {row.recipient_id for row in oldest if row.kind == Delivery.Kind.SINGLE}
    theirs: dict[int | None, list[Delivery]] = {}
    if singles:
        for row in waiting.filter(kind=Delivery.Kind.SINGLE, recipient__in=singles):
            theirs.setdefault(row.recipient_id, []).append(row)
    groups: list[list[Delivery]] = []
    for row in oldest:
        is_single = row.kind == Delivery.Kind.SINGLE
        rows = theirs.pop(row.recipient_id, []) if is_single else [row]
        if rows and _address(channel, rows[0]):
            groups.append(rows)
        elif rows:
            _ids(rows).update(state=State.DROPPED, settled_at=at, answer="no address any more")
    # all of them without an address: there may be others behind
    return groups or (_next(channel, at, most) if oldest else [])


def _address(channel: Channel, row: Delivery) -> str:
    return channel.address_of(row.recipient) if row.recipient is not None else row.address


def _words(channel: Channel, rows: Sequence[Delivery]) -> tuple[str, str]:
    """One notice as it is; several of one person as a list in one letter: no flood."""
    count = len(rows)
    if channel.is_short and rows[0].kind == Delivery.Kind.SINGLE:
        return "", short.of_singles(count)
    if count == 1:
        return rows[0].subject, rows[0].body
    with override(language_of(rows[0].recipient)):
        subject = ngettext("%(n)d message", "%(n)d messages", count) % {"n": count}
        head = _("%(title)s: %(body)s")
        lines = [head % {"title": row.subject, "body": row.body} for row in rows[:SHOWN]]
        if count > SHOWN:
            lines.append(
                _("… and %(n)d more, all of them in your messages.") % {"n": count - SHOWN}
            )
        return subject, "\n\n".join(lines)


def begin_transmission(envelope: Envelope, at: datetime, last: Taken | None = None) -> None:
    """The fence before the first byte of the body; raises where the lease is over or lost.

    ``last``: the letter before, which the other side has taken: it is settled in any case.
    """
    if fence.is_here() and len(envelope.ids) == 1 and not (last and last.envelope.failures):
        before, answer = (last.envelope, last.answer) if last else (None, "")
        if not fence.pass_on(envelope, at, at + LEASE, before, answer):
            raise LostLease(envelope.token)
        return
    if last is not None:
        settle(last.envelope, State.SENT, at, last.answer)
    _begin(envelope, at)


@transaction.atomic
def _begin(envelope: Envelope, at: datetime) -> None:
    held = _held(envelope, State.CLAIMED).filter(leased_until__gt=at)
    moved = held.update(state=State.TRANSMITTING, leased_until=at + LEASE)
    if moved != len(envelope.ids):
        transaction.set_rollback(True)
        raise LostLease(envelope.token)


@transaction.atomic
def settle(envelope: Envelope, state: Delivery.State, at: datetime, answer: str) -> int:
    """How it ended; also for what was given up as in doubt meanwhile. The number of rows."""
    if envelope.failures:
        _line(envelope.channel)
        Line.objects.filter(pk=envelope.channel).update(failures=0, resting_until=None, answer="")
    return _held(envelope, State.CLAIMED, State.TRANSMITTING, State.IN_DOUBT).update(
        state=state, leased_until=None, settled_at=at, answer=answer
    )


@transaction.atomic
def postpone(envelope: Envelope, at: datetime, answer: str) -> None:
    """The other side asked for later: back to waiting, with a longer pause each time."""
    held = _held(envelope, State.CLAIMED, State.TRANSMITTING)
    for row in held.select_for_update():
        tried = row.attempts + 1
        gives_up = tried >= hours.MOST_ATTEMPTS
        held.filter(pk=row.pk).update(
            state=State.FAILED if gives_up else State.WAITING,
            attempts=tried,
            next_try_at=at + hours.pause_after(tried),
            settled_at=at if gives_up else None,
            token=None,
            leased_until=None,
            answer=answer,
        )


@transaction.atomic
def abandon(envelope: Envelope, at: datetime, answer: str) -> None:
    """Something broke on our side: in doubt if the body may have gone, else tried again later."""
    _held(envelope, State.TRANSMITTING).update(
        state=State.IN_DOUBT, leased_until=None, settled_at=at, answer=answer
    )
    postpone(envelope, at, answer)


@transaction.atomic
def rest(envelope: Envelope, at: datetime, answer: str) -> None:
    """Nobody answered: the whole channel rests, the message keeps its place."""
    line = _line(envelope.channel)
    failures = line.failures + 1
    Line.objects.filter(pk=line.pk).update(
        failures=failures, resting_until=at + hours.rest_after(failures), answer=answer
    )
    _held(envelope, State.CLAIMED).update(
        state=State.WAITING, token=None, leased_until=None, answer=answer
    )


def _held(envelope: Envelope, *states: Delivery.State) -> DeliveryQuerySet:
    return Delivery.objects.filter(
        pk__in=envelope.ids, token=UUID(envelope.token), state__in=states
    )
