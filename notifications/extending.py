"""延期: who is asked to decide, and what whoever asked hears."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import CaseEvent
from notifications import texts
from notifications.batch import Batch
from notifications.message import Message, case_parts, one
from organisations.roles import Role


def asked(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【延期申请】: to the county's reviewers, beyond their measure to the office."""
    case = event.case
    if event.data.get("to_office"):
        readers = batch.directory.office(case.programme.city_id)
    else:
        readers = batch.directory.in_unit(case.responsible_unit_id, Role.COUNTY_LEAD)
    yield one(event, "extension_asked", readers, lambda: _parts(event, str(event.data["wished"])))


def decided(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """【同意延期】【不同意延期】: to whoever asked, and to whoever handles the step."""
    text = "extension_granted" if event.data.get("granted") else "extension_refused"
    post = batch.post_of(event)
    yield one(
        event,
        text,
        [*batch.named(event), *batch.directory.of_post(post)],
        lambda: _parts(event, str(event.data.get("new_due") or "")),
        post_id=batch.vacant(post),
    )


def _parts(event: CaseEvent, due: str) -> dict[str, str]:
    return {
        **case_parts(event),
        "old": texts.day(event.data.get("old_due"), event.at),
        "due": texts.day(due, event.at),
        "days": str(event.data.get("working_days", "")),
    }
