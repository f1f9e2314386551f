"""What both sides hear when a post changes hands or somebody stands in."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import CaseEvent
from notifications import texts
from notifications.batch import Batch
from notifications.message import Message


def entrusted(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【工作移交】【委托代办】: one to each side, with the number of items on the desk."""
    data = event.data
    text = event.verb if data.get("new") else "left_empty"
    yield Message(
        f"{event.verb}:{data.get('hand_over') or data.get('delegation')}",
        text,
        event,
        [*batch.named(event), *batch.directory.of_post(batch.post_of(event))],
        lambda: {
            "post": str(data.get("post_name", "")),
            "from": texts.joined(data.get("old", ())),
            "to": str(data.get("new", "")),
            "count": str(data.get("count", 0)),
            "day": texts.day(data.get("first"), event.at),
            "until": texts.day(data.get("last"), event.at),
            "reason": event.reason,
        },
        grouped=True,
        post_id=batch.vacant(batch.post_of(event)),
    )
