"""Pending events become notices exactly once, whoever calls and however many call at once.

Claim a batch (another worker's is skipped), write the notices under unique keys, delete the
pending rows: one transaction. Killed in between, nothing has happened; the next tick does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import override

from cases.models import CaseEvent, PendingEvent
from notifications.batch import Batch
from notifications.languages import language_of
from notifications.message import Message
from notifications.messages import messages
from notifications.models import Notice
from notifications.outbox import enqueue
from notifications.texts import compose, shorten

BATCH = 500
CHANNEL = "in_app"
LONGEST_TITLE, LONGEST_BODY = 60, 500


def deliver(at: datetime) -> int:
    """Turn every pending event into notices; the number made. Idempotent."""
    made = 0
    while True:
        claimed, written = _deliver_batch(at)
        made += written
        if claimed < BATCH:
            return made


@transaction.atomic
def _deliver_batch(at: datetime) -> tuple[int, int]:
    events = _claim()
    if not events:
        return 0, 0
    notices: dict[str, Notice] = {}
    grouped: set[str] = set()
    urgent: set[str] = set()
    for message in messages(Batch(events, at)):
        for notice in _notices(message, at):
            notices.setdefault(notice.key, notice)
            if message.grouped:
                grouped.add(notice.key)
            if message.is_urgent:
                urgent.add(notice.key)
    # an event is claimed by one worker, but a group's events may lie in several batches
    told = set(Notice.objects.filter(key__in=grouped).values_list("key", flat=True))
    new = [notice for key, notice in notices.items() if key not in told]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    enqueue([notice.key for notice in new if notice.key in urgent], at)
    PendingEvent.objects.filter(event__in=[event.pk for event in events]).delete()
    return len(events), len(new)


def _claim() -> list[CaseEvent]:
    skip = connection.features.has_select_for_update_skip_locked
    rows = (
        PendingEvent.objects.select_for_update(of=("self",), skip_locked=skip)
        .select_related(
            "event__case__programme__city",
            "event__case__enterprise",
            "event__case__county",
            "event__item",
            "event__by",
            "event__by_post",
        )
        .order_by("event_id")[:BATCH]
    )
    return [row.event for row in rows]


def _notices(message: Message, at: datetime) -> Iterable[Notice]:
    """One notice per reader, in the reader's language and in the others, as the interface can be
    turned at any moment; not to the person who acted, as a rule.

    Where nobody holds the post that it is for, it is kept there, so that a successor finds it. No
    reader is not a vacant post: a firm without an account has none.
    """
    event = message.event
    readers = [u for u in message.readers if u.pk != event.by_id or message.to_self]
    if not readers and message.post_id is None:
        return
    written = {language: _compose(message, language) for language, _name in settings.LANGUAGES}
    for user in readers:
        yield _notice(message, written, language_of(user), at, f"{user.pk}", recipient=user)
    if message.post_id is not None:
        post = f"post-{message.post_id}"
        yield _notice(message, written, language_of(None), at, post, post_id=message.post_id)


def _notice(
    message: Message,
    written: Mapping[str, tuple[str, str]],
    language: str,
    at: datetime,
    reader: str,
    **who: Any,
) -> Notice:
    title, body = written[language]
    return Notice(
        key=f"{message.key}:{reader}:{CHANNEL}",
        event=message.event,
        case=None if message.grouped else message.event.case,
        kind=message.text[:30],
        title=title,
        body=body,
        other={key: words for key, words in written.items() if key != language},
        at=at,
        **who,
    )


def _compose(message: Message, language: str) -> tuple[str, str]:
    with override(language):
        title, body = compose(message.text, message.event.case, message.parts())
        return title[:LONGEST_TITLE], shorten(body + message.suffix(), LONGEST_BODY)
