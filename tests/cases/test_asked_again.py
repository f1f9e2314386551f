"""The second look at a list sends kept statements; it must say what the plain ORM says now."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from cases.actions import stages
from cases.ledger import Asked, Ledger
from cases.ledger_choices import choices
from cases.ledger_known import counted
from cases.models import Case
from cases.walking import Walk
from organisations.keyset import Place
from tests.world import START, World, at
from workflows.models import ProgrammeVersion

QUERIES = (
    "",
    "of=mine",
    "of=all",
    "of=review",
    "chip=sign",
    "year=2022",
    "sort=-due",
    "waits=county",
)
PEOPLE = (
    "涧西区/county_worker",
    "涧西区/county_lead",
    "office/1",
    "leader",
    "市工信局/department_lead",
)


def _seen(world: World, key: str, query: str) -> Any:
    """What a person sees through the kept statements, and what the plain ones say."""
    version = ProgrammeVersion.objects.get().pk
    known = Ledger(world.actor(key), START, Asked.of_query(QueryDict(query)), version)
    plain = Ledger(world.actor(key), START, Asked.of_query(QueryDict(query)))
    walk = Walk(known)
    rows = [(c.pk, c.stage, c.urgency, c.lies_with) for c in walk(Place(), 51)]
    wanted = [(c.pk, c.stage, c.urgency, c.lies_with) for c in plain.rows()[:51]]
    counts = counted(known, within=walk.within)
    assert (rows, counts) == (wanted, plain.counted()), (key, query)
    assert choices(known, walk.within) == choices(plain), (key, query)
    return rows, counts


def _open(world: World) -> Case:
    firm = world.firm("洛阳示例甲有限公司")
    world.firm("洛阳示例乙有限公司", "嵩县")
    world.open()
    return world.case(firm)


def test_a_second_look_sees_what_has_changed(world: World) -> None:
    case = _open(world)

    def seen() -> dict[tuple[str, str], Any]:
        return {(key, query): _seen(world, key, query) for key in PEOPLE for query in QUERIES}

    before = seen()
    assert seen() == before
    stages.acknowledge(case.pk, by=world.actor(PEOPLE[0]), at=at(START))
    assert seen()[PEOPLE[0], "chip=sign"] != before[PEOPLE[0], "chip=sign"]


def test_two_people_of_one_unit_do_not_share_a_question(world: World) -> None:
    """Nor does a person whose posts change: the key holds them all."""
    _open(world)
    seen = [
        _seen(world, f"涧西区/{role}", "of=mine")[0] for role in ("county_worker", "county_lead")
    ]
    assert seen[0]
    assert seen[0] != seen[1]
