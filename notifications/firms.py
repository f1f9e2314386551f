"""What a firm reads; where it has no account, its county reads that it has to be told by phone."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import CaseEvent
from notifications import texts
from notifications.batch import Batch
from notifications.message import Message, Parts, handlers, one


def to_firm(event: CaseEvent, batch: Batch, text: str, parts: Parts) -> list[Message]:
    """The event in the firm's words, with whom to call; nothing where the firm has no account."""
    clerks = batch.directory.clerks(event.case.enterprise_id)
    if not clerks:
        return []
    contact = next(iter(handlers(event, batch)), None)

    def for_firm() -> dict[str, str]:
        return {
            **parts(),
            "firm": texts.full_name(event.case),
            "city": event.case.programme.city.name,
            "name": str(contact or ""),
            "phone": contact.phone if contact else "",
            "link": page_of_firms(),
        }

    return [one(event, text, clerks, for_firm)]


def page_of_firms() -> str:
    """{link}: where a firm goes on, with a blank behind the address, as a phone takes a full stop
    into it; in words where the installation does not know its address."""
    if not settings.PUBLIC_ADDRESS:
        return _("your page of this system")
    return f"{settings.PUBLIC_ADDRESS}{reverse('portal')} "


def to_handlers(event: CaseEvent, batch: Batch, text: str, parts: Parts) -> Message:
    """What the firm learns too, in the office's words; says so where the firm has no account."""
    post = batch.handler_post(event)
    return one(
        event,
        text,
        handlers(event, batch),
        parts,
        post_id=batch.vacant(post),
        suffix=lambda: texts.by_phone(has_account(event, batch)),
    )


def to_firm_or_handlers(
    event: CaseEvent, batch: Batch, text: str, instead: str, parts: Parts
) -> list[Message]:
    """For the firm alone; without an account its handlers are asked to call it."""
    if has_account(event, batch):
        return to_firm(event, batch, text, parts)
    post = batch.handler_post(event)
    named = {"firm": texts.firm(event.case)}
    return [
        one(
            event,
            instead,
            handlers(event, batch),
            lambda: {**named, **parts()},
            post_id=batch.vacant(post),
            to_self=True,
        )
    ]


def has_account(event: CaseEvent, batch: Batch) -> bool:
    case = event.case
    return case.enterprise_id is None or bool(batch.directory.clerks(case.enterprise_id))
