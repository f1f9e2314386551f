"""What an event means for whom: one function per verb, each yields messages.

A message knows its readers and the parts of its text; the language is chosen when it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.utils import timezone

from cases.labels import left_reason
from cases.models import Case, CaseEvent
from cases.resumption import resumption
from cases.rulebook import pack_of
from cases.stages import CLOSED
from cases.steps import due_when_signed, signing
from notifications import asking, carried, escalation, extending, firms, matters, papers, texts
from notifications.batch import Batch
from notifications.entrusting import entrusted
from notifications.message import Message, Parts, case_parts, handlers, one, to_post
from organisations.roles import Role
from workflows.text import localised


def messages(batch: Batch) -> Iterator[Message]:
    """Everything that a batch of events has to say, in the order of the events."""
    for event in batch.events:
        speak = VERBS.get(event.verb)
        if event.case.is_matter:
            speak = matters.VERBS.get(event.verb, speak)
        # a remedy that goes along with its firm's case is told of with that case
        if speak is not None and not event.data.get("follows"):
            yield from speak(event, batch)


def _opened(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【任务交办】: one per unit and run, with the number of firms."""
    group = batch.opened.get(batch.opening_key(event))
    if group is None:
        return
    unit, post = event.data.get("unit"), batch.post_of(event)
    yield Message(
        ":".join(["open", *batch.opening_key(event)]),
        "new_work",
        event,
        [*batch.directory.of_post(post), *batch.directory.in_unit(unit, Role.COUNTY_LEAD)],
        lambda: {
            "county": event.case.county.name,
            "count": str(group.count),
            "acknowledge_by": texts.day(group.due_on, event.at),
            "due": texts.day(_survey_due(event.case, group.due_on), event.at),
        },
        grouped=True,
        post_id=batch.vacant(post),
    )


def _survey_due(case: Case, acknowledged: date | None) -> date | None:
    """When the survey ends for whoever signs on the last day: who signs earlier has it too."""
    move = signing(case)
    return (due_when_signed(case, move, acknowledged) if move else None) or acknowledged


def _reassigned(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Both sides are told; a bulk reassignment in one notice per side."""
    data = event.data
    before = batch.directory.of_post(data.get("from_post")) or batch.directory.in_unit(
        data.get("from_unit")
    )
    after = batch.directory.of_post(data.get("to_post")) or batch.directory.of_post(
        batch.post_of(event)
    )
    key = batch.moving_key(event)
    count = batch.moved.get(key, 1) if key else 1

    def parts() -> dict[str, str]:
        return {
            **case_parts(event),
            "from_unit": batch.unit(data.get("from_unit")),
            "to_unit": batch.unit(data.get("to_unit") or batch.unit_of(event)),
            "from_name": texts.names([str(user) for user in before]),
            "to_name": texts.names([str(user) for user in after]),
            "due": texts.day(batch.due_of(event), event.at),
            "count": str(count),
        }

    text = _text_of_reassignment(event)
    if count > 1:
        text = f"{text}_many"
    name = ":".join(["reassign", *key]) if key and count > 1 else f"event:{event.pk}"
    taker = data.get("to_post") or batch.post_of(event)
    yield Message(
        name,
        text,
        event,
        [*before, *after],
        parts,
        grouped=count > 1,
        post_id=batch.vacant(taker),
    )


def _text_of_reassignment(event: CaseEvent) -> str:
    """Taken back, from person to person inside a unit (调整经办人), or from unit to unit."""
    data = event.data
    if data.get("undo_of"):
        return "reassign_undone"
    inside = data.get("from_unit") and data.get("from_unit") == data.get("to_unit")
    return "handler_changed" if inside else "reassigned"


def _declined(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    office = batch.directory.office(event.case.programme.city_id)
    yield one(
        event,
        "declined",
        office,
        lambda: {**case_parts(event), "unit": batch.unit(event.data.get("from_unit"))},
        post_id=None if office else batch.post_of(event),
    )


def _returned_paper(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """The handler in the office's words, the firm in its own."""

    def parts() -> dict[str, str]:
        return {
            **case_parts(event),
            "paper": str(event.data.get("names", "")),
            "reason": _why_returned(event),
            "due": texts.day(event.data.get("correct_by"), event.at),
        }

    yield firms.to_handlers(event, batch, "returned", parts)
    yield from firms.to_firm(event, batch, "firm_returned", parts)


def _why_returned(event: CaseEvent) -> str:
    """The pack's reason, and what the reviewer added."""
    reasons = {
        r.number: localised(r.label) for r in pack_of(event.case.pack_version_id).return_reasons
    }
    said = [reasons.get(event.data.get("reason"), ""), event.reason]
    return texts.joined(part for part in said if part)


def _sent_back(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    def parts() -> dict[str, str]:
        return {
            **case_parts(event),
            "stage": texts.stage(event.case, event.from_stage),
            "paper": texts.paper_of(event.case, event.from_stage),
            "due": texts.day(event.data.get("due_on"), event.at),
        }

    if batch.is_under_review(event.case, event.from_stage):
        yield firms.to_handlers(event, batch, "sent_back", parts)
        yield from firms.to_firm(event, batch, "firm_returned", parts)
    else:
        yield to_post(event, batch, "sent_back", parts)


def _moved_on(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """A step that somebody else owes now: county review, city confirmation, a department."""
    case = event.case
    owners = [batch.owner(case, key) for key in (event.from_stage, event.to_stage)]
    if case.parent_id is not None or owners[0] == owners[1]:
        yield from _now_lacking(event, batch)
        return
    text = {"county_lead": "applied", "office": "reviewed"}.get(owners[1], "handed")
    readers = batch.directory.of_post(batch.post_of(event))
    if owners[1] == "office":
        readers = batch.directory.office(case.programme.city_id)
    elif owners[1] == "county_lead":
        readers = batch.directory.in_unit(case.responsible_unit_id, Role.COUNTY_LEAD)
    first, count, due = batch.handed(event)
    if first != event.pk and text != "handed":
        return  # told in the notice of the batch's first one
    yield one(
        event,
        text,
        readers,
        lambda: {
            **case_parts(event),
            "count": str(1 if text == "handed" else count),
            "due": texts.day(event.data.get("due_on") if text == "handed" else due, event.at),
        },
        post_id=None if readers else batch.vacant(batch.post_of(event)),
    )


def _now_lacking(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """The firm learns what is still needed when the work on its papers begins."""
    case = event.case
    if case.parent_id is not None or not batch.applies_from(case, event.to_stage):
        return
    lacking = list(case.lacking)
    if not lacking:
        return
    yield from firms.to_firm_or_handlers(
        event,
        batch,
        "firm_lacking",
        "tell_lacking",
        lambda: {
            "count": str(len(lacking)),
            "missing": texts.criteria(pack_of(case.pack_version_id), lacking),
            "due": texts.day(event.data.get("due_on"), event.at),
        },
    )


def _closed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    case = event.case
    if case.parent_id is not None or event.to_stage != CLOSED:
        return

    def parts() -> dict[str, str]:
        serial = event.data.get("closing_serial") or 0
        return {
            **case_parts(event),
            # that of the event: since then the case may have been taken up again
            "day": texts.day(timezone.localdate(event.at), event.at),
            "number": f"{case.programme.statistical_year}-{serial:04d}",
        }

    yield firms.to_handlers(event, batch, "closed", parts)
    yield from firms.to_firm(event, batch, "firm_closed", parts)


def _suspended(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    yield _paused(
        event, batch, "suspended", lambda: {"until": texts.day(event.data.get("until"), event.at)}
    )


def _resumed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Says what the case page says: a date that lies behind all the same is overdue."""
    found = resumption(event)
    yield _paused(
        event,
        batch,
        "resumed_late" if found.late else "resumed" if found.due_on else "resumed_undated",
        lambda: {
            "days": str(found.days),
            "due": texts.day(found.due_on, event.at),
            "late": str(found.late),
        },
    )


def _paused(event: CaseEvent, batch: Batch, text: str, parts: Parts) -> Message:
    leads = batch.directory.in_unit(event.case.responsible_unit_id, Role.COUNTY_LEAD)
    return one(
        event,
        text,
        [*batch.directory.of_post(batch.post_of(event)), *leads],
        lambda: {**case_parts(event), **parts()},
        post_id=batch.vacant(batch.post_of(event)),
    )


def _proposed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """建议暂缓: the county decides; nothing rests by itself."""
    leads = batch.directory.in_unit(event.case.responsible_unit_id, Role.COUNTY_LEAD)
    yield one(
        event,
        "suspension_proposed",
        [*handlers(event, batch), *leads],
        lambda: case_parts(event),
    )


def _urged(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    yield to_post(
        event,
        batch,
        "urged",
        lambda: {
            **case_parts(event),
            **texts.missing(event.case, list(event.case.lacking), event.to_stage),
            "due": texts.day(batch.due_of(event), event.at),
            "text": event.reason,
        },
    )


def _commented(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """A leader's remark is an instruction (批示); other remarks are read in the timeline."""
    if event.by_post is None or event.by_post.role != Role.LEADER:
        return
    office = batch.directory.office(event.case.programme.city_id)
    yield one(
        event,
        "instruction",
        [*handlers(event, batch), *office],
        lambda: {**case_parts(event), "text": event.reason},
        post_id=batch.vacant(batch.handler_post(event)),
    )


def _submitted(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """A firm handed a paper in: whoever handles it has something to review."""
    if event.by is None or event.by_post is not None:
        return
    yield one(
        event,
        "submitted",
        handlers(event, batch),
        lambda: {**case_parts(event), "paper": str(event.data.get("names", ""))},
        post_id=batch.vacant(batch.handler_post(event)),
    )


def _ended(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Delisted, withdrawn or reopened: whoever had the case is told; children go with it."""
    if event.case.criterion:
        return
    text = {"delist": "delisted", "withdraw": "withdrawn", "reopen": "reopened"}[event.verb]
    yield one(
        event,
        text,
        handlers(event, batch),
        lambda: {
            **case_parts(event),
            "day": texts.day(event.data.get("left_on"), event.at),
            "due": texts.day(batch.due_of(event), event.at),
            "reason": left_reason(event.reason),
        },
        post_id=batch.vacant(batch.handler_post(event)),
    )


def _recheck_failed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """材料复核未通过: the county explains within its days, or the closing falls."""
    leads = batch.directory.in_unit(event.case.responsible_unit_id, Role.COUNTY_LEAD)
    yield one(
        event,
        "recheck_failed",
        [*handlers(event, batch), *leads],
        lambda: {
            **case_parts(event),
            "reason": event.reason,
            "due": texts.day(event.data.get("explain_by"), event.at),
        },
    )


def _recheck_explained(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """The office decides about what the county said."""
    office = batch.directory.office(event.case.programme.city_id)
    yield one(
        event,
        "recheck_explained",
        list(office),
        lambda: {**case_parts(event), "text": event.reason},
    )


VERBS: dict[str, Callable[[CaseEvent, Batch], Iterator[Message]]] = {
    "rung": escalation.rung,
    "review_rung": escalation.review_rung,
    "release_draft": escalation.released,
    "open": _opened,
    "carry_in": carried.carried_in,
    "reassign": _reassigned,
    "decline": _declined,
    "hand_over": entrusted,
    "delegate": entrusted,
    "return_evidence": _returned_paper,
    "send_back": _sent_back,
    "apply_for_closure": _moved_on,
    "advance": _moved_on,
    "close": _closed,
    "suspend": _suspended,
    "propose_suspension": _proposed,
    "resume": _resumed,
    "request_extension": extending.asked,
    "decide_extension": extending.decided,
    "urge": _urged,
    "comment": _commented,
    "submit_evidence": _submitted,
    "evidence_ends": papers.ends,
    "expire_evidence": papers.ends,
    "paper_infected": papers.infected,
    "evidence_verified_offline": papers.witnessed,
    "offline_denied": papers.denied,
    "delist": _ended,
    "withdraw": _ended,
    "reopen": _ended,
    "spot_failed": _recheck_failed,
    "spot_explained": _recheck_explained,
    "satisfaction": asking.rated,
}
