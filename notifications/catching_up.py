"""After an outage: what the ladder could not say on its day is one notice a person, not a flood.

The sweep marks what it met a working day late or more (``caught_up``). Whoever would read several
of these gets one notice under the heading of the highest rung, with the numbers of all; a single
one stays as it is. What becomes late later the same day (a step opened for a day in the past, a
working day moved) is a notice of its own: it may be of a higher rung, and nobody has said it yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from cases import paper_sweep
from cases.models import CaseEvent, WorkItem
from notifications import texts
from notifications.message import Message
from notifications.models import Notice
from organisations.models import User

# by what is to be done, the gravest first
HEADINGS: dict[str, Promise] = {
    "draft": pgettext_lazy("heading of a notice", "To decide"),
    "calls": pgettext_lazy("heading of a notice", "Phone calls"),
    "overdue": pgettext_lazy("heading of a notice", "Overdue"),
    "today": pgettext_lazy("heading of a notice", "Due today"),
    "soon": pgettext_lazy("heading of a notice", "Due soon"),
}
RANK = {kind: place for place, kind in enumerate(reversed(HEADINGS))}
# more than a city has; one claim takes them all
MOST = 20_000
# for a sweep that others are at
PATIENCE = timedelta(minutes=10)
LATE = Q(event__data__caught_up=True)
# a row without the key is neither True nor not True
IN_TIME = Q(event__data__caught_up__isnull=True)
Reader = tuple[User | None, int | None]


def is_late(event: CaseEvent) -> bool:
    """Whether the sweep came to it after its day."""
    return bool(event.data.get("caught_up"))


def is_unfinished(events: Iterable[CaseEvent], at: datetime) -> bool:
    """Whether the sweep that these come of has steps or papers left; not longer than PATIENCE."""
    if at - min(event.at for event in events) > PATIENCE:
        return False
    steps = WorkItem.objects.filter(finished=None, next_check_at__lte=at)
    return bool(steps.exists()) or paper_sweep.is_waiting(at)


@dataclass
class Late:
    """The late messages of one claim, by who reads them; each message once a reader."""

    at: datetime
    by_reader: dict[Reader, dict[str, Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        for user in message.readers:
            self._for((user, None), message)
        if message.post_id is not None:
            self._for((None, message.post_id), message)

    def _for(self, reader: Reader, message: Message) -> None:
        self.by_reader.setdefault(reader, {}).setdefault(message.key, message)

    @property
    def key_of_day(self) -> str:
        return f"catch_up:{timezone.localdate(self.at)}"

    def key(self, reader: Reader) -> str:
        """One a day and reader."""
        user, post = reader
        who = user.pk if user is not None else f"post-{post}"
        return f"{self.key_of_day}:{who}:in_app"

    def told(self) -> set[str]:
        """The keys of those who were told today already."""
        keys = [self.key(reader) for reader in self.by_reader]
        return set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))


def highest(messages: Collection[Message]) -> Message:
    """The gravest, of several the latest: its event stands for all."""
    return max(messages, key=lambda m: (RANK[kind_of(m.event)], days_late(m.event), -m.event.pk))


def kind_of(event: CaseEvent) -> str:
    acts = {"draft": "draft", "phone_list": "calls"}
    found = acts.get(str(event.data.get("act")))
    if found is None:
        late = days_late(event)
        found = "overdue" if late > 0 else "today" if late == 0 else "soon"
    return found


def days_late(event: CaseEvent) -> int:
    return int(event.data.get("days_late") or 0)


def words(messages: Collection[Message], *, is_more: bool = False) -> tuple[str, str]:
    """Heading and text in the active language; ``is_more``: behind what was told today already."""
    top = highest(messages)
    counts = _counted(messages)
    title = str(HEADINGS[kind_of(top.event)])
    first = ngettext(
        "%(n)d reminder fell due while the system stood still: %(parts)s. ",
        "%(n)d reminders fell due while the system stood still: %(parts)s. ",
        len(messages),
    )
    if is_more:
        first = ngettext(
            "%(n)d more reminder whose day has passed: %(parts)s. ",
            "%(n)d more reminders whose day has passed: %(parts)s. ",
            len(messages),
        )
    parts = _(", ").join(_said(kind, n) for kind, n in counts.items())
    said = first % {"n": len(messages), "parts": parts}
    return title, said + _most_urgent(messages) + _("All of them are in your lists.")


def _said(kind: str, n: int) -> str:
    words = {
        "draft": ngettext("%(n)d letter to decide", "%(n)d letters to decide", n),
        "calls": ngettext("calls to %(n)d firm", "calls to %(n)d firms", n),
        "overdue": ngettext("%(n)d item overdue", "%(n)d items overdue", n),
        "today": ngettext("%(n)d item due today", "%(n)d items due today", n),
        "soon": ngettext("%(n)d item due soon", "%(n)d items due soon", n),
    }
    return words[kind] % {"n": n}


def _counted(messages: Iterable[Message]) -> dict[str, int]:
    """How many of each kind, the gravest first; one call list is about as many firms as it has."""
    counts: Counter[str] = Counter()
    for message in messages:
        kind = kind_of(message.event)
        counts[kind] += int(message.parts().get("count", "1")) if kind == "calls" else 1
    return {kind: counts[kind] for kind in HEADINGS if counts[kind]}


def _most_urgent(messages: Collection[Message]) -> str:
    """The case that is latest, by name; nothing where there are only letters and calls."""
    late = [m for m in messages if kind_of(m.event) == "overdue"]
    if not late:
        return ""
    event = highest(late).event
    said = ngettext(
        "The most urgent: “%(stage)s” of %(firm)s, %(n)d working day overdue. ",
        "The most urgent: “%(stage)s” of %(firm)s, %(n)d working days overdue. ",
        days_late(event),
    )
    return said % {
        "firm": texts.firm(event.case),
        "stage": texts.stage(event.case, event.to_stage),
        "n": days_late(event),
    }
