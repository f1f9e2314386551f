"""One text for some readers, and what every text can name of its case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cases.models import CaseEvent
from notifications import texts
from notifications.alike import Alike
from notifications.batch import Batch
from organisations.models import User
from organisations.roles import Role

LEADS = (Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD)
# reminders by hand, a leader's instruction
WRITTEN = frozenset({"urged", "instruction"})
Parts = Callable[[], dict[str, str]]


@dataclass(frozen=True)
class Message:
    """One text for some readers. ``key`` makes it once per reader; ``suffix`` is added behind.

    ``post_id``: a post that nobody holds today and that the message is kept for (004-30);
    ``to_self``: whoever acted reads it too. ``alike``: what its words depend on besides the firm
    and its county, where many say the same of other firms.
    """

    key: str
    text: str
    event: CaseEvent
    readers: Iterable[User]
    parts: Parts
    grouped: bool = False
    suffix: Callable[[], str] = field(default=str)
    post_id: int | None = None
    to_self: bool = False
    alike: Alike | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is sent by itself: the rest is read in the product and in the digest.

        What a person wrote to a person, what a firm reads (it signs in seldom), and rungs whose
        pack asks for it.
        """
        if self.text in WRITTEN or self.text.startswith(("released_", "firm_")):
            return True
        return bool(self.event.data.get("at_once"))


def one(
    event: CaseEvent,
    text: str,
    readers: Iterable[User],
    parts: Parts,
    *,
    post_id: int | None = None,
    suffix: Callable[[], str] = str,
    to_self: bool = False,
) -> Message:
    """The message of one event; of the same event each text is another one."""
    key = f"event:{event.pk}"
    return Message(key, text, event, readers, parts, False, suffix, post_id, to_self)


def to_post(event: CaseEvent, batch: Batch, text: str, parts: Parts) -> Message:
    """To whoever holds the post that owes the step; kept for a successor while nobody does."""
    post = batch.post_of(event)
    return one(event, text, batch.directory.of_post(post), parts, post_id=batch.vacant(post))


def handlers(event: CaseEvent, batch: Batch) -> list[User]:
    return batch.directory.handlers(batch.handler_post(event), event.case)


def case_parts(event: CaseEvent) -> dict[str, str]:
    case = event.case
    return {
        "firm": texts.firm(case),
        "stage": texts.stage(case, event.to_stage),
        "county": case.county.name,
        "count": "1",
        "reason": event.reason,
        "name": str(event.by or ""),
    }
