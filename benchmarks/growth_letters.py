"""Letters of a ladder among so many cases: drafted by the sweep, released, registered and printed
as one PDF, by the verbs of the pages. A part of ``growth``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

# steps of each county that a letter lists; how many papers are printed in one go
LISTED, PRINTED = 20, 200


def letters(world: Any, last: int) -> dict[str, float]:
    """Milliseconds a letter, of one to each county that owes any of them; ``last``: the newest
    case of the country, the younger ones are nobody's yet."""
    from cases.actions import drafts
    from cases.models import EscalationDraft
    from cases.sweeps import sweep
    from reports.documents import letters as papers
    from reports.documents.printing import stack_of
    from tests.world import at
    from workflows.models import load_calendar

    day = _late(world, last)
    # a note to the county comes before the first letter on paper
    sweep(at(day))
    climbed = load_calendar().add(day, 1)
    drafted = _seconds(lambda: sweep(at(climbed)))
    of_paper = EscalationDraft.objects.filter(state="drafted", kind="reminder_letter")
    waiting = list(of_paper.values_list("pk", flat=True))
    # the cases of some counties have been handed to another one's unit (``growth._in_bulk``)
    assert len(waiting) >= len(world.counties) // 2, waiting
    office, lead = world.actor("office/1", climbed), world.actor("office/2", climbed)
    afternoon = at(climbed, 15)
    released = _seconds(
        lambda: [drafts.release(pk, by=lead, at=afternoon, body="请关注") for pk in waiting]
    )
    found: list[Any] = []
    registered = _seconds(
        lambda: found.extend(papers.register_letters(waiting, by=office, at=afternoon))
    )
    many = [found[n % len(found)] for n in range(PRINTED)]
    printed = _seconds(lambda: stack_of(many, office))
    count = len(waiting)
    return {
        "letters": count,
        "a letter drafted": round(drafted / count * 1000, 1),
        "a letter released": round(released / count * 1000, 1),
        "a letter registered": round(registered / count * 1000, 1),
        f"a letter of {PRINTED} printed": round(printed / PRINTED * 1000, 1),
    }


def _late(world: Any, last: int) -> Any:
    """So many steps of each county fall due by a letter's rung; the day."""
    from cases.models import WorkItem
    from tests.world import START, at
    from workflows.models import load_calendar

    day, late = START + timedelta(days=60), []
    for county in world.counties.values():
        theirs = WorkItem.objects.filter(finished=None, process__gt=last, process__county=county)
        late += list(theirs.order_by("-pk").values_list("pk", flat=True)[:LISTED])
    WorkItem.objects.filter(pk__in=late).update(
        due_on=load_calendar().add(day, -16), next_check_at=at(day)
    )
    # nobody else's day comes first
    others = WorkItem.objects.filter(finished=None).exclude(pk__in=late)
    others.filter(next_check_at__lte=at(day)).update(next_check_at=at(day) + timedelta(days=60))
    return day


def _seconds(way: Callable[[], object]) -> float:
    begun = time.perf_counter()
    way()
    return time.perf_counter() - begun
