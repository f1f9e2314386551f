"""Cases that stand before their closing when the load test begins: a morning is too short for the
whole way there, and closings are what four eyes see."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import World

HAVES = ("institution", "staff", "spending", "cooperation")


def staffed(world: World) -> list[str]:
    """Counties whose task force has people."""
    return [one.partition("/")[0] for one in world.people if one.endswith("/county_lead")]


def bring(world: World, county: str, count: int) -> None:
    """So many of a county's cases up to the application for closing, a third of them reviewed by
    the county too, by the verbs of the pages and the people whose step it is."""
    from cases.actions import stages
    from cases.models import Case
    from organisations import clock

    on = clock.today()
    worker, lead = (world.actor(f"{county}/county_{role}", on) for role in ("worker", "lead"))
    mine = Case.objects.main().filter(finished=None, county=world.counties[county])
    for place, case in enumerate(mine.order_by("pk")[:count]):
        _prove(case.pk, on, worker, lead)
        if place % 3 == 0:
            stages.advance(case.pk, by=lead, at=clock.now())


def _prove(pk: int, on: date, worker: Any, lead: Any) -> None:
    from cases.actions import evidence, stages
    from organisations import clock
    from tests.world import closing_form, matching_form, paper, survey_form

    at = clock.now()
    stages.acknowledge(pk, by=worker, at=at)
    stages.advance(pk, by=worker, at=at, form=survey_form("B", on))
    stages.advance(pk, by=worker, at=at, form=matching_form(on))
    for have in HAVES:
        given = paper(f"{pk}-{have}.pdf")
        [row] = evidence.submit(pk, criterion=have, papers=[given], by=worker, at=at)
        evidence.accept(row.pk, by=lead, at=at)
    stages.apply_for_closure(pk, by=worker, at=at, form=closing_form(on))
