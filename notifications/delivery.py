"""Pending events become notices exactly once, whoever calls and however many call at once.

Claim a batch (another worker's is skipped), write the notices under unique keys, delete the
pending rows: one transaction. Killed in between, nothing has happened; the next tick does it.

What the ladder could not say on its day (``catching_up``) is told apart from the rest, all of it by
one worker: whoever finds some lets go of his batch and waits for the rows, not skipping any.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import override

from cases.models import CaseEvent, PendingEvent
from notifications import catching_up
from notifications.alike import Said, mould_of
from notifications.batch import Batch
from notifications.catching_up import Late
from notifications.groups import Groups
from notifications.languages import language_of
from notifications.message import Message
from notifications.messages import messages
from notifications.models import Notice
from notifications.outbox import enqueue
from notifications.texts import compose, shorten
from organisations import pace
from organisations.compiled import CompiledFor
from organisations.models import Post, Region, User
from organisations.reading import fresh
from workflows.models import Programme
from workflows.wording import speaking

log = logging.getLogger(__name__)
BATCH = 500
CHANNEL = "in_app"
LONGEST_TITLE, LONGEST_BODY = 60, 500


def deliver(at: datetime) -> int:
    """Turn every pending event into notices; the number made. Idempotent.

    An event of which nothing can be said holds up none of the others: it stays, and what was
    wrong with it is raised behind them."""
    made, but_late = 0, False
    told: set[str] = set()
    words, groups = Said(), Groups()
    odd: dict[int, Exception] = {}
    while True:
        begun = pace.begin()
        try:
            claimed, written = _deliver_batch(at, told, odd, words, groups, but_late=but_late)
        except _SomeAreLate:
            but_late = True
            continue
        except _SomeAreOdd as found:
            odd |= found.why
            continue
        made += written
        if claimed < BATCH:
            made += _deliver_late(at) if but_late else 0
            break
        pace.rest(begun)
    for event, why in odd.items():
        log.error("nothing can be said of event %s", event, exc_info=why)
        raise why
    return made


class _SomeAreLate(Exception):
    """A batch is let go: it holds some of what one worker has to tell as a whole."""


class _SomeAreOdd(Exception):
    """A batch is let go: of some of it nothing can be said; ``why``, by event."""

    def __init__(self, why: dict[int, Exception]) -> None:
        super().__init__()
        self.why = why


@dataclass
class _Made:
    """The notices of one claim by key; which are once a group, which are sent by themselves."""

    notices: dict[str, Notice] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)
    urgent: set[str] = field(default_factory=set)

    def take(self, notice: Notice, *, is_grouped: bool, is_urgent: bool) -> None:
        self.notices.setdefault(notice.key, notice)
        if is_grouped:
            self.grouped.add(notice.key)
        if is_urgent:
            self.urgent.add(notice.key)


_events = CompiledFor(
    lambda ids: (
        CaseEvent.objects.filter(pk__in=ids)
        .select_related("case__enterprise", "item")
        .order_by("pk")
    )
)


@transaction.atomic
def _deliver_batch(
    at: datetime,
    told: set[str],
    odd: Collection[int],
    words: Said,
    groups: Groups,
    *,
    but_late: bool,
) -> tuple[int, int]:
    """``told``: the keys of what was told once for a group in the batches before; added to."""
    skip = connection.features.has_select_for_update_skip_locked
    waiting = PendingEvent.objects.select_for_update(of=("self",), skip_locked=skip)
    if odd:
        waiting = waiting.exclude(event__in=odd)
    events = _claim(waiting.filter(catching_up.IN_TIME) if but_late else waiting, BATCH)
    if not events:
        return 0, 0
    if any(map(catching_up.is_late, events)):
        raise _SomeAreLate
    try:
        made = _said(events, at, told, words, groups)
    except DatabaseError:
        raise
    except Exception as why:
        if found := _odd(events, at):
            raise _SomeAreOdd(found) from why
        raise
    written = _write(made, events, at)
    told |= made.grouped
    return len(events), written


def _said(
    events: Sequence[CaseEvent],
    at: datetime,
    told: Collection[str],
    words: Said,
    groups: Groups | None = None,
) -> _Made:
    made = _Made()
    words.begin_batch()
    for message in messages(Batch(events, at, groups)):
        for notice in _notices(message, at, (told, made.grouped), words):
            made.take(notice, is_grouped=message.grouped, is_urgent=message.is_urgent)
    return made


def _odd(events: Sequence[CaseEvent], at: datetime) -> dict[int, Exception]:
    """Those of which, each by itself, nothing can be said."""
    found: dict[int, Exception] = {}
    for event in events:
        try:
            _said([event], at, (), Said())
        except DatabaseError:
            raise
        except Exception as why:
            found[event.pk] = why
    return found


@transaction.atomic
def _deliver_late(at: datetime) -> int:
    """After an outage all of it at once: one notice a person counts everything.

    While somebody still sweeps there is more to come: he tells it, or the next tick does.
    """
    waiting = PendingEvent.objects.select_for_update(of=("self",)).filter(catching_up.LATE)
    events = _claim(waiting, catching_up.MOST)
    if not events or catching_up.is_unfinished(events, at):
        return 0
    late, made = Late(at), _Made()
    for message in messages(Batch(events, at)):
        late.add(message)
    told = late.told()
    for reader, found in late.by_reader.items():
        told_of = list(found.values())
        notice = _late_notice(late, told_of, reader, is_more=late.key(reader) in told)
        is_urgent = any(message.is_urgent for message in told_of)
        made.take(notice, is_grouped=True, is_urgent=is_urgent)
    return _write(made, events, at)


def _claim(waiting: QuerySet[PendingEvent], most: int) -> list[CaseEvent]:
    """In the order of the events: two who wait for each other's rows never do so crosswise.

    The outbox alone is asked for what waits: joined to a trail of millions of events, the first few
    hundred may cost a look at all of them."""
    ids = [row.event_id for row in waiting.order_by("event_id")[:most]]
    if not ids:
        return []
    events = _events(ids)
    _share(events)
    return events


def _share(events: Sequence[CaseEvent]) -> None:
    """What many events have in common is one instance for all: programmes, counties, people."""
    cases = [event.case for event in events]
    programmes = Programme.objects.select_related("city")
    _lend(cases, "programme", programmes)
    _lend(cases, "county", Region.objects.all())
    _lend(events, "by", User.objects.all())
    _lend(events, "by_post", Post.objects.all())


def _lend(rows: Sequence[Any], name: str, owners: QuerySet[Any, Any]) -> None:
    found = owners.in_bulk({pk for row in rows if (pk := getattr(row, f"{name}_id"))})
    for row in rows:
        setattr(row, name, found.get(getattr(row, f"{name}_id")))


def _write(made: _Made, events: Sequence[CaseEvent], at: datetime) -> int:
    """The notices that are new, and their events pending no more."""
    # an event is claimed by one worker, but a group's events may lie in several batches
    told = set(Notice.objects.filter(key__in=made.grouped).values_list("key", flat=True))
    new = [notice for key, notice in made.notices.items() if key not in told]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    enqueue([notice.key for notice in new if notice.key in made.urgent], at)
    PendingEvent.objects.filter(event__in=[event.pk for event in events]).delete()
    return len(new)


def _late_notice(
    late: Late, told_of: list[Message], reader: catching_up.Reader, *, is_more: bool
) -> Notice:
    """One thing as on any other day; several under the heading of the highest rung."""
    top = catching_up.highest(told_of)
    user, post_id = reader
    who = f"{user.pk}" if user is not None else f"post-{post_id}"
    to: dict[str, Any] = {"recipient": user, "post_id": post_id}
    if len(told_of) == 1:
        written = {key: _compose(top, key) for key, _name in settings.LANGUAGES}
        return _notice(top, written, language_of(user), late.at, who, **to)
    written = _in_all_languages(lambda: catching_up.words(told_of, is_more=is_more))
    # what was claimed once is never claimed again: its event tells a second bunch of the day
    key = f"{late.key_of_day}:{top.event.pk}" if is_more else late.key_of_day
    to |= {"key": key, "kind": "catch_up"}
    notice = _notice(top, written, language_of(user), late.at, who, **to)
    notice.case_id = None
    return notice


def _notices(
    message: Message, at: datetime, told: Sequence[Collection[str]], words: Said
) -> Iterable[Notice]:
    """One notice per reader, in the reader's language and in the others, as the interface can be
    turned at any moment; not to the person who acted, as a rule, nor a second time to whoever was
    ``told`` of the same group (its words cost a count of the whole list).

    Where nobody holds the post that it is for, it is kept there, so that a successor finds it. No
    reader is not a vacant post: a firm without an account has none.
    """
    event = message.event
    readers = [u for u in message.readers if u.pk != event.by_id or message.to_self]
    post_id = message.post_id
    if message.grouped:
        readers = [u for u in readers if not _knows(message, f"{u.pk}", told)]
        if post_id is not None and _knows(message, f"post-{post_id}", told):
            post_id = None
    if not readers and post_id is None:
        return
    written = {key: _written(message, key, words) for key, _name in settings.LANGUAGES}
    for user in readers:
        yield _notice(message, written, language_of(user), at, f"{user.pk}", recipient=user)
    if post_id is not None:
        post = f"post-{post_id}"
        yield _notice(message, written, language_of(None), at, post, post_id=post_id)


def _knows(message: Message, reader: str, told: Sequence[Collection[str]]) -> bool:
    return any(f"{message.key}:{reader}:{CHANNEL}" in keys for keys in told)


def _notice(
    message: Message,
    written: Mapping[str, tuple[str, str]],
    language: str,
    at: datetime,
    reader: str,
    key: str = "",
    kind: str = "",
    recipient: User | None = None,
    post_id: int | None = None,
) -> Notice:
    title, body = written[language]
    return fresh(
        Notice,
        key=f"{key or message.key}:{reader}:{CHANNEL}",
        event_id=message.event.pk,
        case_id=None if message.grouped else message.event.case_id,
        kind=(kind or message.text)[:30],
        title=title,
        body=body,
        other={key: words for key, words in written.items() if key != language},
        at=at,
        recipient_id=recipient.pk if recipient is not None else None,
        post_id=post_id,
    )


def _written(message: Message, language: str, words: Said) -> tuple[str, str]:
    """As ``_compose`` says it; put together once for messages that differ in their firm alone."""
    alike, case = message.alike, message.event.case
    if alike is None:
        return _compose(message, language)
    known = words.known(alike, case, language)
    if known is None:
        with speaking(language, case.programme.city_id):
            make = partial(mould_of, message.text, case, message.parts(), compose)
            words.learn(alike, language, message.suffix(), make)
        known = words.known(alike, case, language)
    if known is None or len(known[1]) > LONGEST_BODY:
        return _compose(message, language)
    return known[0][:LONGEST_TITLE], known[1]


def _compose(message: Message, language: str) -> tuple[str, str]:
    with speaking(language, message.event.case.programme.city_id):
        title, body = compose(message.text, message.event.case, message.parts())
        return title[:LONGEST_TITLE], shorten(body + message.suffix(), LONGEST_BODY)


def _in_all_languages(say: Callable[[], tuple[str, str]]) -> dict[str, tuple[str, str]]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            title, body = say()
            found[language] = title[:LONGEST_TITLE], shorten(body, LONGEST_BODY)
    return found
