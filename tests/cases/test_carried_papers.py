"""年终结转: the chain of a firm's papers goes along."""

from __future__ import annotations

from cases.actions import evidence
from cases.models import Case, Evidence
from tests.cases.test_carrying import DAY, LEAD, WORKER, carried, next_year
from tests.cases.test_life import to_rectification
from tests.world import START, World, at, paper


def test_what_was_handed_in_for_another_takes_its_place_there_too(world: World) -> None:
    """The chain of papers goes along: the older one stands until the newer one is accepted."""
    case = to_rectification(world)
    old = world.prove(case, "institution")
    [newer] = evidence.submit(
        case.pk, criterion="institution", papers=[paper("新.pdf")], replaces=old.pk,
        by=world.actor(WORKER), at=at(START, 13),
    )  # fmt: skip
    carried(world, next_year(world))
    new = Case.objects.get(carried_from=case)
    there = Evidence.objects.filter(case=new, criterion="institution").order_by("pk")
    assert [row.state for row in there] == ["county_accepted", "submitted"]
    assert there[0].replaced_by == there[1]
    assert Evidence.objects.get(pk=old.pk).replaced_by == newer
    lead = world.actor(LEAD, DAY)
    evidence.accept(there[1].pk, by=lead, at=at(DAY, 15))
    assert [row.state for row in there.all()] == ["replaced", "county_accepted"]
