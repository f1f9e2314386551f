"""Work counted ahead by county is what the cases say, whatever happened since (docs/adr/0070)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from cases import oversight, querysets, work_counts
from cases.actions import evidence, matters, pauses, people, stages
from cases.ledger import Asked, Ledger
from cases.models import Case, CaseEvent, WorkCount, WorkMark
from cases.walking import Walk, plainly
from cases.work_counts import count_due
from cases.workbench import Desk
from enterprises.actions.clerks import link_clerk, unlink_clerk
from organisations.keyset import Place
from organisations.models import Region, Unit
from organisations.scope import Actor
from tests.cases.lists import many, sign_in
from tests.world import START, World, at, paper, person
from workflows.models import Programme

LATE = START + timedelta(days=250)
WORKER = "涧西区/county_worker"


@pytest.fixture
def large(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Firms of two counties with their remedies, large enough to be counted ahead."""
    monkeypatch.setattr(work_counts, "LARGE", 3)
    monkeypatch.setattr(work_counts, "_SMALL", work_counts._Small())
    monkeypatch.setattr(work_counts, "open_transactions", lambda: (0, 0))
    many(world, 4)
    many(world, 1, "嵩县")
    world.open()
    world.survey(Case.objects.order_by("pk")[0], "A", START, institution="regular")
    for _tick in range(3):
        count_due(at(LATE))
    return world


def _desk(actor: Actor) -> tuple[Any, ...]:
    desk = Desk(actor, LATE)
    return desk.figures, desk.counties()


def told(world: World) -> None:
    """Whoever sees all is told what counting anew gives, from what was counted ahead."""
    for who in ("office/1", "leader"):
        actor = world.actor(who, LATE)
        assert work_counts.kept(actor, LATE) is not None
        assert oversight.lateness(actor, LATE) == oversight.lateness_anew(actor, LATE)
    desk = _desk(actor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cases.workbench.kept", lambda *_asked: None)
        assert desk == _desk(actor)


def test_whatever_happens_the_counts_say_what_the_cases_say(large: World) -> None:
    worker, lead = (large.actor(f"涧西区/county_{who}", LATE) for who in ("worker", "lead"))
    surveyed, second, third, _fourth, _song = Case.objects.filter(is_main=True).order_by("pk")
    song = Unit.objects.get(pk=large.units["嵩县工作专班"].pk)
    remedy = surveyed.children.order_by("pk")[0]
    morning = at(LATE, 8)
    deeds: list[Callable[[], object]] = [
        lambda: stages.acknowledge(second.pk, by=worker, at=at(LATE, 9)),
        lambda: pauses.suspend(
            third.pk, by=lead, at=at(LATE, 9), reason="停产", until=LATE + timedelta(days=9)
        ),
        # with its remedies, which lie in the other county from then on
        lambda: people.reassign(
            surveyed.pk, by=large.actor("office/1", LATE), at=at(LATE, 10), reason="划转",
            unit=song, knowing=True,
        ),
        # somebody who can hand in papers: the county waits for the firm
        lambda: link_clerk(
            person("contact", "联系人"), surveyed.enterprise, from_on=LATE,
            by=large.actor(WORKER, LATE), at=at(LATE, 10),
        ),
        lambda: evidence.submit(
            surveyed.pk, criterion=remedy.criterion, papers=[paper()],
            by=large.actor("嵩县/county_worker", LATE), at=at(LATE, 11),
        ),
    ]  # fmt: skip
    told(large)
    firms = []
    for number, deed in enumerate(deeds):
        deed()
        told(large)
        late = oversight.lateness(large.actor("leader", LATE), LATE)
        firms.append(late.waits["firm"])
        if number % 2:
            assert [count_due(morning) > 0 for _tick in range(2)] == [True, False]
            told(large)
    assert sum(row.overdue for row in late.counties) > 0
    assert firms == [0, 0, 0, 1, 0]
    assert WorkMark.objects.get().differing == 0


def test_what_is_not_yet_committed_is_waited_for(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody writes, what one tick has seen is counted by a later one."""
    open_still = iter([(5, 9), (8, 12), (9, 13)])
    monkeypatch.setattr(work_counts, "open_transactions", lambda: next(open_still))
    first = Case.objects.filter(is_main=True).order_by("-pk")[0]
    stages.acknowledge(first.pk, by=large.actor("嵩县/county_worker", LATE), at=at(LATE))
    before = WorkMark.objects.get().up_to
    marks = []
    for _tick in range(3):
        count_due(at(LATE))
        marks.append(WorkMark.objects.get().up_to)
        told(large)
    newest = CaseEvent.objects.latest("pk").pk
    assert before < newest
    assert marks == [before, before, newest]


def test_a_restored_server_numbers_anew_and_is_followed(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for a number that never comes again would be counted as it is asked, for ever."""
    WorkMark.objects.update(below=900)
    open_still = iter([(5, 9), (9, 12), (12, 15)])
    monkeypatch.setattr(work_counts, "open_transactions", lambda: next(open_still))
    first = Case.objects.filter(is_main=True).order_by("-pk")[0]
    stages.acknowledge(first.pk, by=large.actor("嵩县/county_worker", LATE), at=at(LATE))
    before, newest = WorkMark.objects.get().up_to, CaseEvent.objects.latest("pk").pk
    marks = []
    for _tick in range(3):
        count_due(at(LATE))
        mark = WorkMark.objects.get()
        marks.append((mark.up_to, mark.below))
        told(large)
    # seen by the first, waited for by the second
    assert before < newest
    assert marks == [(before, 9), (newest, 12), (newest, 15)]


def test_what_is_taken_back_is_counted_in_both_counties(large: World) -> None:
    """When the move itself was counted long ago."""
    office, here = large.actor("office/1", LATE), large.counties["涧西区"]
    firms = Case.objects.filter(is_main=True, county=here).order_by("pk")
    moved = people.reassign_many(
        [case.pk for case in firms[1:3]], by=office, at=at(LATE, 9), reason="划转",
        unit=Unit.objects.get(pk=large.units["嵩县工作专班"].pk),
    )  # fmt: skip
    for _tick in range(3):
        count_due(at(LATE))
    assert firms.count() == 2
    people.undo_reassign(moved.batch, by=office, at=at(LATE, 9))
    assert firms.count() == 4
    told(large)
    count_due(at(LATE))
    told(large)


def test_a_county_waits_for_no_firm_whose_contact_has_left(large: World) -> None:
    surveyed = Case.objects.filter(is_main=True).earliest("pk")
    worker, leader = large.actor(WORKER, LATE), large.actor("leader", LATE)
    clerk = link_clerk(
        person("contact", "联系人"), surveyed.enterprise, from_on=LATE, by=worker, at=at(LATE, 10)
    )
    for _tick in range(3):
        count_due(at(LATE))
    assert oversight.lateness(leader, LATE).waits["firm"] == 1
    unlink_clerk(clerk, until_on=LATE, by=worker, at=at(LATE, 11))
    told(large)
    assert oversight.lateness(leader, LATE).waits["firm"] == 0


def test_a_whole_is_counted_where_it_lies_when_its_part_elsewhere_ends(large: World) -> None:
    """A meeting of the city waits for a county's order, of which alone the trail says something."""
    office = large.actor("office/1", LATE)
    meeting = matters.open_matter(
        large.programme,
        matters.Asked("meeting", answers={"topic": "调度会", "due_on": LATE.isoformat()}),
        by=office,
        at=at(LATE, 9),
    )
    rows = [{"matter": "摸底提速", "unit": "涧西区工作专班"}]
    minutes = {"held_on": LATE.isoformat(), "orders": rows}
    stages.advance(meeting.pk, by=office, at=at(LATE, 10), form=minutes)
    order = meeting.children.get()
    assert order.county_id != meeting.county_id
    stages.advance(order.pk, by=large.actor(WORKER, LATE), at=at(LATE, 11), form={"report": "已办"})
    for _tick in range(3):
        count_due(at(LATE))
    waited = [line.open for line in _of_kind(large, "meeting")]
    stages.close(order.pk, by=office, at=at(LATE, 12))
    told(large)
    assert (sum(waited), sum(line.open for line in _of_kind(large, "meeting"))) == (0, 1)
    count_due(at(LATE))
    told(large)


def _of_kind(world: World, kind: str) -> list[work_counts.Line]:
    found = work_counts.kept(world.actor("leader", LATE), LATE)
    assert found is not None
    return [line for line in found.lines if line.kind == kind]


def test_what_is_not_counted_ahead_is_counted(large: World) -> None:
    """Another day than the tick's; a county's own people; a city beside those seen whole."""
    office, on = large.actor("office/1", LATE), LATE
    assert work_counts.kept(office, on + timedelta(days=1)) is None
    assert work_counts.kept(large.actor(WORKER, on), on) is None
    assert work_counts.kept(large.actor("市工信局/department_lead", on), on) is None
    there = Region.objects.create(
        key="elsewhere", name="外市", level="city", parent=large.city.parent
    )
    Programme.objects.create(key="elsewhere", title="外市", city=there, statistical_year=2022)
    assert work_counts.kept(office, on) is not None
    served = Actor(office.user, on, office.standings, served_ids=frozenset({1}))
    assert work_counts.kept(served, on) is None


def test_of_last_years_programme_only_what_is_open_counts(large: World) -> None:
    year = large.programme.statistical_year + 1
    Programme.objects.create(
        key="next", title="下一年", city=large.programme.city, statistical_year=year
    )
    told(large)


def test_a_count_that_lies_is_found_and_counted_anew(large: World) -> None:
    WorkCount.objects.filter(county=large.counties["嵩县"], kind="").update(overdue=7)
    for _tick in range(3):
        count_due(at(LATE))
    told(large)
    assert WorkMark.objects.get().differing == 1


def test_a_country_lists_its_latest_counties_first(
    large: World, today: Callable[[date], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    today(LATE)
    monkeypatch.setattr(oversight, "LISTED", 1)
    client = sign_in(large, "leader")
    html = client.get("/supervision/").content.decode()
    assert "共2个县区，仅列逾期企业最多的1个。" in html
    assert ("涧西区</a></th>" in html, "嵩县</a></th>" in html) == (True, False)
    every = client.get("/supervision/?counties=all").content.decode()
    assert "嵩县</a></th>" in every
    assert "仅列" not in every


def test_the_parts_of_a_scope_hold_what_the_scope_holds(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found part by part or by a look at each, whoever leads much of it or little."""
    people = ("涧西区/county_worker", "嵩县/county_lead", "市工信局/department_lead", "leader")
    lead = large.actor("市工信局/department_lead", LATE)
    Case.objects.filter(county=large.counties["嵩县"]).update(
        competent_unit=min(lead.unit_ids), responsible_unit=min(lead.unit_ids)
    )
    for much in (querysets.MUCH, 0):
        monkeypatch.setattr(querysets, "MUCH", much)
        monkeypatch.setattr(querysets, "kept", lambda _key, make: make())
        for who in people:
            actor = large.actor(who, LATE)
            seen = sorted(Case.objects.visible_to(actor).values_list("pk", flat=True))
            parts = Case.objects.visible_by_parts_to(actor).values_list("pk", flat=True)
            assert sorted(parts) == seen
            assert seen


def test_a_search_is_looked_up_once_for_page_and_figures(large: World) -> None:
    """The keys that it may find bound the rows and every count; of many they are not fetched."""
    for who in (WORKER, "leader"):
        ledger = Ledger(large.actor(who, LATE), LATE, Asked.of_query(QueryDict("q=示例企业")))
        walk = Walk(ledger)
        rows = [case.pk for case in walk.walked(Place(), 3)]
        assert rows == [case.pk for case in plainly(ledger, Place(), 3)]
        assert walk.searched is not None
        assert len(walk.searched) == len(set(walk.searched))
        assert ledger.counted(within=walk.within()) == ledger.counted()
    nothing = Walk(Ledger(ledger.actor, LATE, Asked(q="没有这个词")))
    assert nothing.walked(Place(), 3) == []
