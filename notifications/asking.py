"""What a firm asked and was answered, and that it is not satisfied: who hears of it."""

from __future__ import annotations

from collections.abc import Iterator

from cases.asking import QUESTION, threads_of
from cases.models import CaseEvent
from cases.stages import CLOSED
from notifications import firms, texts
from notifications.batch import Batch
from notifications.message import Message, case_parts, one, to_post
from organisations.lengths import excerpt
from organisations.roles import Role
from organisations.scope import Actor

SHORT = 120  # characters of a question or an answer in its notice


def is_question(event: CaseEvent) -> bool:
    return bool(event.case.procedure == QUESTION)


def asked(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【企业咨询】: whoever answers for the county."""
    yield to_post(
        event,
        batch,
        "question_asked",
        lambda: {
            **_parts(event),
            "due": texts.day(event.data.get("due_on"), event.at),
        },
    )


def _parts(event: CaseEvent) -> dict[str, str]:
    """The firm alone: what the matter is about is its question, which is told once."""
    case = event.case
    firm = texts.short_name(case.enterprise.name) if case.enterprise else case.title
    return {**case_parts(event), "firm": firm, "text": excerpt(case.title, SHORT)}


def answered(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """The firm's own people, in its words."""
    if event.to_stage != CLOSED:
        return

    def parts() -> dict[str, str]:
        case = event.case
        told = threads_of([case.firm_id], Actor.system()).get(case.firm_id, [])
        replies = [one.answer for thread in told for one in thread if one.case.pk == case.pk]
        answer = excerpt(next(iter(replies), ""), SHORT).rstrip("。.")
        return {**_parts(event), "answer": answer}

    yield from firms.to_firm(event, batch, "firm_answered", parts)


def rated(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """不满意: the county's reviewer hears that the office follows it, not what was said: it may be
    about himself. The office has the issue."""
    if event.data.get("satisfied") != "no":
        return
    leads = batch.directory.in_unit(event.case.responsible_unit_id, Role.COUNTY_LEAD)
    yield one(event, "dissatisfied", list(leads), lambda: case_parts(event))
