"""What is said of cases besides the firms' own: who was given one, who owes it, that it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cases.models import CaseEvent
from cases.rulebook import procedure_of
from cases.stages import CLOSED
from notifications import asking, texts
from notifications.batch import Batch
from notifications.message import Message, case_parts, one, to_post
from workflows.text import localised

Speak = Callable[[CaseEvent, Batch], Iterator[Message]]


def _given(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【任务交办】: whoever must take the step now."""
    due = event.data.get("due_on")
    text = "matter_given" if due else "matter_given_ongoing"
    if due and texts.is_signed_for(event.case, event.to_stage):
        text = "matter_given_to_sign"
    yield to_post(
        event,
        batch,
        text,
        lambda: {
            **case_parts(event),
            "kind": _kind(event),
            "unit": batch.unit(batch.unit_of(event)),
            "due": texts.day(due, event.at),
        },
    )


def _opened(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Whoever helps is told as well: no step is his, but the matter is on his desk to see."""
    if asking.is_question(event):
        yield from asking.asked(event, batch)
        return
    yield from _given(event, batch)
    readers = {
        user.pk: user
        for unit in event.data.get("helpers", ())
        for user in batch.directory.in_unit(unit)
    }
    if readers:
        yield one(
            event,
            "matter_helps",
            [*readers.values()],
            lambda: {
                **case_parts(event),
                "kind": _kind(event),
                "unit": batch.unit(batch.unit_of(event)),
                "helpers": texts.names([batch.unit(pk) for pk in event.data["helpers"]]),
            },
        )


def _moved_on(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Told only where somebody else owes the next step."""
    if batch.owner(event.case, event.from_stage) != batch.owner(event.case, event.to_stage):
        yield from _given(event, batch)


def _closed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    if asking.is_question(event):
        yield from asking.answered(event, batch)
        return
    if event.to_stage != CLOSED:
        return
    readers = [*batch.directory.in_unit(event.case.responsible_unit_id)]
    # the leader whose word it came of hears what came of it
    readers += [one for one in batch.instructed.get(event.case_id, []) if one not in readers]
    yield one(
        event,
        "matter_done",
        readers,
        lambda: {
            **case_parts(event),
            "kind": _kind(event),
            "day": texts.day(event.case.closed_on, event.at),
            "ended": procedure_of(event.case).closed_words,
        },
    )


def _kind(event: CaseEvent) -> str:
    return localised(procedure_of(event.case).title)


# what sounds different for a matter; every other verb speaks as for a firm's case
VERBS: dict[str, Speak] = {
    "open": _opened,
    "spawn": _opened,
    "advance": _moved_on,
    "close": _closed,
}
