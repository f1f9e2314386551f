"""The second look at a list sends kept statements; it must say what the plain ORM says now."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404, QueryDict

from cases.actions import evidence, stages
from cases.ledger import Asked, Ledger
from cases.ledger_choices import choices
from cases.ledger_known import counted
from cases.models import Case
from cases.promised import promised_to
from cases.views.rows import case_or_404
from cases.walking import Walk
from cases.workbench import Desk
from organisations.keyset import Place
from organisations.scope import Actor
from tests.world import START, World, at, paper
from workflows.models import ProgrammeVersion

QUERIES = ("of=mine", "chip=sign")
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"


def _ledger(world: World, key: str, query: str, version: int | None = None) -> Ledger:
    return Ledger(world.actor(key), START, Asked.of_query(QueryDict(query)), version)


def _seen(world: World, key: str, query: str) -> tuple[Any, ...]:
    """What a person sees through the kept statements."""
    known = _ledger(world, key, query, ProgrammeVersion.objects.get().pk)
    walk = Walk(known)
    rows = [(c.pk, c.stage, c.urgency, c.lies_with) for c in walk(Place(), 51)]
    # what one owes oneself is less than what the filters offer
    bound = None if known.asked.of == "mine" else walk.within
    return rows, counted(known, within=walk.within), choices(known, bound)


def _true(world: World, key: str, query: str) -> tuple[Any, ...]:
    """What the plain statements say."""
    plain = _ledger(world, key, query)
    rows = [(c.pk, c.stage, c.urgency, c.lies_with) for c in plain.rows()[:51]]
    return rows, plain.counted(), choices(plain)


def _open(world: World) -> Case:
    firm = world.firm("洛阳示例甲有限公司")
    world.firm("洛阳示例乙有限公司", "嵩县")
    world.open()
    return world.case(firm)


def test_a_second_look_sees_what_has_changed(world: World) -> None:
    case = _open(world)
    looks = [(key, query) for key in (WORKER, OFFICE) for query in QUERIES]
    before = [_seen(world, *look) for look in looks]
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))
    after = [_seen(world, *look) for look in looks]
    assert after == [_true(world, *look) for look in looks]
    assert after[1] != before[1]  # one less to sign for


def test_two_people_of_one_unit_do_not_share_a_question(world: World) -> None:
    """The key holds the posts that a person has."""
    _open(world)
    seen = [_seen(world, key, "of=mine")[0] for key in (WORKER, LEAD)]
    assert seen[0]
    assert seen[0] != seen[1]


def _desk(world: World, key: str, *, is_page: bool) -> tuple[Any, ...]:
    actor = world.actor(key)
    desk = Desk(actor, START, is_page=is_page)
    todos = [(c.pk, c.stage, c.urgency, c.lies_with, c.item.due_on) for c in desk.todos()]
    late = [c.pk for c in desk.late_elsewhere()]
    papers = [(p.pk, vars(p)["waiting"], p.enterprise.name, p.case.stage) for p in desk.queue()]
    loads = desk.workload(), desk.counties()
    return desk.figures, todos, late, papers, loads, promised_to(actor, START)


def test_a_desk_that_is_looked_at_again_says_what_lies_there_now(world: World) -> None:
    case = _open(world)
    whose = (WORKER, LEAD, OFFICE)
    before = [_desk(world, key, is_page=True) for key in whose]
    worker = world.actor(WORKER)
    stages.acknowledge(case.pk, by=worker, at=at(START))
    evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=at(START, 11))
    after = [_desk(world, key, is_page=True) for key in whose]
    assert after == [_desk(world, key, is_page=False) for key in whose]
    assert after[1][3]  # a paper for the lead
    assert all(one != two for one, two in zip(before, after, strict=True))


def test_what_a_case_page_reads_is_kept_by_person(world: World) -> None:
    """The statement holds whose eyes look; a case of another county is none of his."""
    case = _open(world)
    other = Case.objects.main().get(county__name="嵩县")
    for _look in range(2):
        assert case_or_404(world.actor(WORKER), case.pk) == case
        assert case_or_404(world.actor(OFFICE), other.pk) == other
        for nobody in (world.actor(WORKER), Actor(world.actor(WORKER).user, START)):
            with pytest.raises(Http404):
                case_or_404(nobody, other.pk)
