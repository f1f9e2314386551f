"""Counts kept ahead by county are what the cases say, whatever happened since they were taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from cases import work_counts
from cases.actions import endings, pauses, people, stages
from cases.models import Case, CaseEvent, WorkCount
from config.health import lines_of
from config.vitals import vitals
from organisations.models import Region, Unit
from reports.figures import counted
from reports.figures.counted import CountMark, CountyCount, count, count_due, differing
from reports.ledger_figures import figures
from tests.world import START, World, at
from workflows.models import Programme


@pytest.fixture
def large(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Firms of two counties, large enough to be counted ahead; each tick finds all others ended."""
    monkeypatch.setattr(counted, "LARGE", 3)
    monkeypatch.setattr(counted, "_transactions", lambda: (0, 0))
    for number in range(4):
        world.firm(f"甲{number}有限公司")
    world.firm("乙有限公司", "嵩县")
    world.open()
    return world


def told(world: World, on: date = START) -> None:
    """The counts, or what stands in for them, are what counting anew gives."""
    lines = counted.lines(world.programme, on)
    assert sorted(lines) == sorted(counted.lines_anew(world.programme, on))
    assert sum(line[2] for line in lines) == 5


def test_whatever_happens_the_counts_say_what_the_cases_say(large: World) -> None:
    worker, lead = (large.actor(f"涧西区/county_{who}") for who in ("worker", "lead"))
    office = large.office
    first, second, third, fourth, _song = Case.objects.order_by("pk")
    song = Unit.objects.get(pk=large.units["嵩县工作专班"].pk)
    deeds: list[Callable[[], object]] = [
        lambda: stages.acknowledge(first.pk, by=worker, at=at(START, 10)),
        lambda: pauses.suspend(
            second.pk, by=lead, at=at(START, 11), reason="停产", until=START + timedelta(days=9)
        ),
        lambda: people.reassign(
            third.pk, by=office, at=at(START, 12), reason="划转", unit=song, knowing=True
        ),
        lambda: endings.delist(large.gone(fourth), by=office, at=at(START, 13), reason="退库"),
    ]
    told(large)
    for expected in (2, 2, 0):
        assert count_due(at(START)) == expected
        told(large)
    assert CountyCount.objects.count() == 2
    for number, deed in enumerate(deeds):
        deed()
        told(large)
        if number % 2:
            # seen by one tick, counted by the next
            assert [count_due(at(START, 14)) > 0 for _tick in range(3)] == [False, True, False]
            told(large)
    assert not differing(large.programme, START)
    # days later much is late, whether that was counted yet or not
    later = START + timedelta(days=30)
    told(large, later)
    assert count_due(at(later)) == 2
    told(large, later)
    assert figures(large.programme, later).overdue == 3


def test_what_is_not_yet_committed_is_waited_for(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that is open still may have numbered an event below those that are seen."""
    count_due(at(START))
    count_due(at(START))
    mark = CountMark.objects.get()
    open_still = iter([(5, 9), (8, 12), (9, 13)])
    monkeypatch.setattr(counted, "_transactions", lambda: next(open_still))
    stages.acknowledge(
        Case.objects.order_by("pk")[0].pk, by=large.actor("涧西区/county_worker"), at=at(START, 10)
    )
    marks = []
    for _tick in range(3):
        count(large.programme, at(START, 11))
        marks.append(CountMark.objects.get().up_to)
        told(large)
    newest = CaseEvent.objects.latest("pk").pk
    assert (marks[0], marks[1], marks[2]) == (mark.seen, mark.seen, newest)


def test_the_newest_is_read_before_who_is_open(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is numbered behind the look at the open transactions belongs to the next mark; and a
    mark of another server, whose numbers are higher, does not hold up for ever."""
    count_due(at(START))
    CountMark.objects.update(below=9000)
    worker, first = large.actor("涧西区/county_worker"), Case.objects.order_by("pk")[0]
    before = CaseEvent.objects.latest("pk").pk

    def somebody_moves() -> tuple[int, int]:
        stages.acknowledge(first.pk, by=worker, at=at(START, 10))
        return 7, 7

    monkeypatch.setattr(counted, "_transactions", somebody_moves)
    count(large.programme, at(START, 11))
    mark = CountMark.objects.get()
    assert (mark.seen, mark.below) == (before, 7)
    told(large)
    monkeypatch.setattr(counted, "_transactions", lambda: (9, 9))
    for _tick in range(2):
        count(large.programme, at(START, 11))
    assert CountMark.objects.get().up_to == CaseEvent.objects.latest("pk").pk
    told(large)


def test_a_count_that_lies_is_found_and_counted_anew(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One county at each tick; by hand all of them."""
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    for _tick in range(3):
        count_due(at(START))
    CountyCount.objects.filter(county=large.counties["嵩县"]).update(firms=7)
    answer = StringIO()
    with pytest.raises(SystemExit):
        call_command("progress", large.programme.key, "--check", "--json", stdout=answer)
    assert json.loads(answer.getvalue())["differing"] == ["嵩县"]
    for _tick in range(3):
        count_due(at(START))
    told(large)
    assert CountMark.objects.get().differing == 1
    assert [line["words"] for line in lines_of(vitals(at(START))) if line["key"] == "counts"] == [
        "不一致1次"
    ]
    answer = StringIO()
    call_command("progress", large.programme.key, "--check", "--json", stdout=answer)
    assert json.loads(answer.getvalue())["differing"] == []


def test_by_hand_one_programme_is_looked_at(large: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong in another city is no fault of this one's counts of work."""
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    monkeypatch.setattr(work_counts, "LARGE", 3)
    monkeypatch.setattr(work_counts, "open_transactions", lambda: (0, 0))
    work_counts.count_due(at(START))
    there = Region.objects.create(
        key="elsewhere", name="外市", level="city", parent=large.city.parent
    )
    other = Programme.objects.create(
        key="elsewhere", title="外市", city=there, statistical_year=2022
    )
    lie = WorkCount.objects.filter(county=large.counties["嵩县"], kind="")
    lie.update(programme=other)
    wrong = [work_counts.wrong(one, START) for one in (other, large.programme)]
    assert wrong == [[large.counties["嵩县"].pk]] * 2
    lie.filter(programme=other).delete()
    WorkCount.objects.create(
        programme=other, county=there, kind="", pack_version=large.programme.current, overdue=7
    )
    assert work_counts.wrong(other, START) == [there.pk]
    answer = StringIO()
    with pytest.raises(SystemExit):
        call_command("progress", large.programme.key, "--check", "--json", stdout=answer)
    assert json.loads(answer.getvalue())["differing"] == ["嵩县"]
