"""年终结转: one notice per unit and run, however many firms go on; another for its matters."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import CaseEvent
from notifications.batch import Batch
from notifications.message import Message
from organisations.roles import Role


def carried_in(event: CaseEvent, batch: Batch) -> Iterator[Message]:
    """To whoever holds the post and to the unit's reviewers."""
    unit, post = event.data.get("unit"), batch.post_of(event)
    yield Message(
        f"carry_in:{event.data.get('batch')}:{unit}",
        "carried_in" if event.case.is_main else "carried_in_matters",
        event,
        [*batch.directory.of_post(post), *batch.directory.in_unit(unit, Role.COUNTY_LEAD)],
        lambda: {
            "county": event.case.county.name,
            "count": str(event.data.get("count", 1)),
            "year": str(event.case.programme.statistical_year),
        },
        grouped=True,
        post_id=batch.vacant(post),
    )
