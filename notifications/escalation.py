"""What the ladder says, the letters that it drafts, and the calls that it lists."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import CaseEvent, EscalationDraft
from cases.rulebook import pack_of
from notifications import texts
from notifications.alike import Alike, is_plain
from notifications.batch import Batch, Letter
from notifications.message import LEADS, Message, case_parts, one
from organisations.days import day_of
from organisations.models import User
from organisations.roles import Role

NOTE = EscalationDraft.Kind.WORK_NOTE
LAST_DAY = 1  # one working day left: an extension is asked for today or never


def rung(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    data = event.data
    if data.get("digest_only"):
        return
    if data.get("act") == "draft":
        yield from _drafted(event, batch)
    elif data.get("act") == "phone_list":
        yield _calls(event, batch)
    else:
        yield _spoken(event, batch)


def _spoken(event: CaseEvent, batch: Batch) -> Message:
    audience = event.data.get("audience", ())
    post = batch.post_of(event)
    readers = [
        user for name in audience for user in batch.directory.audience(name, event.case, post)
    ]
    text = _text_of(event, batch)
    return Message(
        f"event:{event.pk}",
        text,
        event,
        readers,
        lambda: _deadline_parts(event),
        suffix=lambda: _also_told(event, batch),
        post_id=batch.vacant(post) if "handler" in audience else None,
        alike=_alike(event, text) if is_plain(event.case) else None,
    )


def _alike(event: CaseEvent, text: str) -> Alike:
    """Everything that ``_deadline_parts`` and ``_also_told`` look at, but firm and county."""
    case, data = event.case, event.data
    plan = (case.programme_id, case.pack_version_id, case.procedure, case.criterion, case.grade)
    when = (data.get("due_on"), data.get("days_late"), day_of(event.at))
    said = (text, event.to_stage, tuple(data.get("lacking", ())), event.reason, event.by_id)
    told = (data.get("text"), tuple(data.get("audience", ())), case.responsible_unit_id)
    return Alike((*plan, *when, *said), told)


def _text_of(event: CaseEvent, batch: Batch) -> str:
    """A reviewer asks nobody for an extension, and on the last day it is today that one asks."""
    text = str(event.data.get("text", ""))
    if event.data.get("caught_up"):
        text = _text_of_the_day(text, event)
    if text != "due_soon":
        return text
    if batch.is_reviewed(event.case, event.to_stage):
        return "due_soon_review"
    return "due_soon_last" if abs(int(event.data.get("days_late") or 0)) <= LAST_DAY else text


def _text_of_the_day(text: str, event: CaseEvent) -> str:
    """What was to be said some days ago, as it stands now."""
    late = int(event.data.get("days_late") or 0)
    now = "overdue" if late > 0 else "due_today" if late == 0 else "due_soon"
    known = pack_of(event.case.pack_version_id).texts
    return now if text in ("due_soon", "due_today") and now in known else text


def _deadline_parts(event: CaseEvent) -> dict[str, str]:
    late = int(event.data.get("days_late") or 0)
    return {
        **case_parts(event),
        "due": texts.day(event.data.get("due_on"), event.at),
        "days": str(abs(late)),
        **texts.missing(event.case, event.data.get("lacking", []), event.to_stage),
    }


def _also_told(event: CaseEvent, batch: Batch) -> str:
    """（已同时提示…）: an overdue notice says who else reads it."""
    audience = event.data.get("audience", ())
    if event.data.get("text") != "overdue" or "county_lead" not in audience:
        return ""
    leads = batch.directory.audience("county_lead", event.case, None)
    return texts.also_told([str(user) for user in leads])


def review_rung(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """A paper that waits too long: to whoever has it in the queue, never to who handed it in.

    The county reviews (the office reads of it in its lists, not paper by paper): its reviewers,
    and for what a firm handed in the handlers too. Without any of them it is kept for the post.
    """
    case, data = event.case, event.data
    late = int(data.get("days_late") or 0)
    text = "review_overdue" if late > 0 else "review_due_today" if late == 0 else "review_due_soon"
    leads = batch.directory.in_unit(case.responsible_unit_id, Role.COUNTY_LEAD)
    workers = batch.directory.in_unit(case.responsible_unit_id, Role.COUNTY_WORKER)
    handed_in_by = set(data.get("handed_in_by", ()))
    asked = [*leads, *workers] if data.get("by_firm") else leads
    readers = [user for user in asked if user.pk not in handed_in_by]
    if not readers:
        readers = [user for user in workers if user.pk not in handed_in_by]
    yield one(
        event,
        text,
        readers,
        lambda: {
            **case_parts(event),
            "paper": texts.criteria(pack_of(case.pack_version_id), [data.get("criterion", "")]),
            "due": texts.day(data.get("due_on"), event.at),
            "days": str(abs(late)),
        },
        post_id=None if readers else batch.vacant(batch.handler_post(event)),
    )


def _calls(event: CaseEvent, batch: Batch) -> Message:
    """【电话提醒】: one a day with the number of firms; the list itself says which."""
    city, day = event.case.programme.city_id, day_of(event.at)
    readers = [
        user
        for name in event.data.get("audience", ())
        for user in batch.directory.audience(name, event.case, batch.post_of(event))
    ]

    def parts() -> dict[str, str]:
        listed, waiting = batch.calls(city, day)
        return {**case_parts(event), "count": str(listed), "total": str(waiting)}

    return Message(f"calls:{city}:{day}", "phone_list", event, readers, parts, grouped=True)


def _drafted(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【待审定】: one per draft, whatever the number of items in its annex."""
    draft = batch.drafts.get(event.data.get("draft", 0))
    if draft is None:
        return
    yield Message(
        f"draft:{draft.pk}",
        str(event.data.get("text", "")),
        event,
        batch.directory.office(event.case.programme.city_id),
        lambda: {
            "county": draft.county or draft.unit,
            "unit": draft.unit,
            "count": str(draft.counted.firms + draft.counted.remedial),
            "what": draft.counted.words(),
        },
        grouped=True,
        suffix=lambda: texts.sent_before(draft.kind, draft.sent_before),
    )


def released(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """To whoever reads for the addressee; its text up to a whole sentence, the rest is a click."""
    draft = batch.drafts.get(event.data.get("draft", 0))
    if draft is None:
        return
    yield Message(
        f"draft:{draft.pk}:released",
        f"released_{draft.kind}",
        event,
        _addressed(draft, event, batch),
        lambda: {
            "text": texts.letter_in_short(draft.body),
            # a note is no letter: its number is for the tray
            "number": "" if draft.kind == NOTE else texts.numbered(draft.number),
        },
        grouped=True,
    )


def _addressed(draft: Letter, event: CaseEvent, batch: Batch) -> list[User]:
    roles = (*LEADS, Role.SUPERVISOR)
    found = batch.directory.in_unit(draft.unit_id, *roles)
    if draft.kind not in (EscalationDraft.Kind.TALK, EscalationDraft.Kind.COORDINATION_LETTER):
        # whatever body of the county it is written to: the task force has the work
        found = [*found, *batch.directory.in_unit(event.case.responsible_unit_id, *LEADS)]
    return found or batch.directory.in_unit(draft.unit_id)
