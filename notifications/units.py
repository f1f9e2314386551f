"""What a whole unit is told that is about no case: to whoever holds its posts on the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from notifications.delivery import CHANNEL, LONGEST_BODY, LONGEST_TITLE
from notifications.languages import language_of
from notifications.models import Notice
from notifications.outbox import enqueue
from notifications.recipients import READERS, Directory
from notifications.texts import shorten
from organisations.models import Post, User
from workflows.wording import speaking


@dataclass(frozen=True)
class UnitWord:
    """``key`` makes it once a reader; ``say``: heading and body in the active language; ``by``:
    whoever did it and need not be told; ``is_urgent``: sent by itself, not in the digest only."""

    key: str
    unit: int
    city: int
    kind: str
    link: str
    say: Callable[[], tuple[str, str]]
    by: int | None = None
    is_urgent: bool = False


def tell_units(words: Sequence[UnitWord], at: datetime) -> int:
    """Notices of these words, each once; the number made. A unit without anybody keeps it at the
    post that receives its work (004-30). A fixed number of statements."""
    units = {word.unit for word in words}
    if not units:
        return 0
    directory = Directory(timezone.localdate(at), posts=(), units=units, cities=(), firms=())
    desks = {
        post.unit_id: post.pk
        for post in Post.objects.filter(unit__in=units, role__in=READERS).order_by(
            "receives_work", "-position", "-id"
        )
    }
    notices: list[Notice] = []
    urgent: dict[str, int] = {}
    for word in words:
        people, written = dict.fromkeys(directory.in_unit(word.unit)), _written(word)
        readers = [user for user in people if user.pk != word.by]
        found = [_notice(word, written, at, user=user) for user in readers]
        if not people and word.unit in desks:
            found = [_notice(word, written, at, post=desks[word.unit])]
        notices += found
        urgent |= {notice.key: word.city for notice in found if word.is_urgent}
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    enqueue(list(urgent), at, urgent)
    return len(notices)


def _written(word: UnitWord) -> dict[str, tuple[str, str]]:
    written = {}
    for language, _name in settings.LANGUAGES:
        with speaking(language, word.city):
            title, body = word.say()
            written[language] = title[:LONGEST_TITLE], shorten(body, LONGEST_BODY)
    return written


def _notice(
    word: UnitWord,
    written: Mapping[str, tuple[str, str]],
    at: datetime,
    *,
    user: User | None = None,
    post: int | None = None,
) -> Notice:
    language = language_of(user)
    title, body = written[language]
    reader = f"{user.pk}" if user is not None else f"post-{post}"
    return Notice(
        key=f"{word.key}:{reader}:{CHANNEL}",
        recipient=user,
        post_id=post,
        kind=word.kind,
        title=title,
        body=body,
        other={key: said for key, said in written.items() if key != language},
        link=word.link,
        at=at,
    )
