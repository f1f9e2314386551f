"""What is said of papers that end."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import CaseEvent
from cases.rulebook import pack_of
from notifications import texts
from notifications.batch import Batch
from notifications.message import Message, case_parts, handlers, one
from organisations.models import User
from organisations.roles import Role


def ends(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """即将失效, 已失效: whoever has the case asks the firm for a newer one."""
    pack, data = pack_of(event.case.pack_version_id), event.data
    yield one(
        event,
        event.verb,
        handlers(event, batch),
        lambda: {
            **case_parts(event),
            "paper": texts.criteria(pack, [str(data.get("criterion", ""))]),
            "due": texts.day(data.get("until"), event.at),
        },
        post_id=batch.vacant(batch.handler_post(event)),
    )


def infected(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """A closed case's paper proved infected: who handles and reviews it, and who confirmed it."""
    pack, data = pack_of(event.case.pack_version_id), event.data
    leads = batch.directory.in_unit(event.case.responsible_unit_id, Role.COUNTY_LEAD)
    closer = User.objects.filter(pk=data.get("closer"), is_active=True)
    readers = dict.fromkeys([*handlers(event, batch), *leads, *closer])
    yield one(
        event,
        "paper_infected",
        list(readers),
        lambda: {
            **case_parts(event),
            "paper": texts.criteria(pack, [str(data.get("criterion", ""))]),
        },
    )


def witnessed(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """线下核验: whoever was named as the second person hears of it, and can object."""
    pack, data = pack_of(event.case.pack_version_id), event.data
    yield one(
        event,
        "witnessed",
        batch.named(event),
        lambda: {
            **case_parts(event),
            "name": str(event.by or ""),
            "text": str(data.get("offline_number", "")),
            "paper": texts.criteria(pack, [str(data.get("criterion", ""))]),
        },
    )


def denied(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """Whoever had named him, and whoever handles the case: the paper proves nothing."""
    pack, data = pack_of(event.case.pack_version_id), event.data
    readers = dict.fromkeys([*batch.named(event), *handlers(event, batch)])
    yield one(
        event,
        "offline_denied",
        list(readers),
        lambda: {
            **case_parts(event),
            "name": str(event.by or ""),
            "paper": texts.criteria(pack, [str(data.get("criterion", ""))]),
        },
    )
