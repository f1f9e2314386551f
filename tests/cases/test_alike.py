"""Bulk verbs decide once for each kind of case; what they leave is what single verbs would, and
what they refuse they refuse in the words of the verb that looks at each case by itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from cases import alike
from cases.actions import endings, people, stages
from cases.actions.people import BulkResult
from cases.errors import Refused
from cases.models import Case, CaseEvent, PendingEvent, ProgrammeFirm, WorkItem
from cases.rulebook import BY_HAND
from organisations.models import Post, Region, Unit
from organisations.scope import Actor
from tests.cases.climbing import open_firms
from tests.cases.standing import LEAD, OFFICE, WORKER
from tests.world import START, World, at
from workflows.models import load_calendar

FIRMS = 20
NOW = at(START, 15)
WHY = "调整分工"
# numbers of the database, its clock, and what only a batch has: a name of its own
SKIP = {"id", "recorded_at", "item_id", "process_id", "case_id"}
OF_BATCH = {"batch", "run"}

Outcome = tuple[set[int], dict[int, str]]


@pytest.mark.postgres  # SQLite decides case by case
@pytest.mark.parametrize("seed", range(2))
def test_in_bulk_as_one_by_one(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    _mixed_city(world, chance)
    mine = Case.objects.main().values_list("pk", flat=True)
    ids = chance.sample(sorted(mine), FIRMS - 2)
    ready: Counter[bool] = Counter()
    decide = alike.decide

    def counting(*args: Any, **more: Any) -> alike.Decided:
        done = decide(*args, **more)
        ready[True] += sum(len(one.cases) for one in done.ready)
        ready[False] += len(done.apart)
        return done

    monkeypatch.setattr(alike, "decide", counting)
    clerk = world.clerk(Case.objects.get(pk=ids[0]).enterprise)  # his firm's, and a county's worker
    both = Actor(clerk.user, START, world.actor(WORKER).standings, clerk.enterprise_ids)
    for by in (world.actor(WORKER), world.actor(LEAD), both, world.actor(OFFICE)):
        _compare(
            partial(_sign_many, by),
            partial(stages.acknowledge, by=by, at=NOW),
            ids,
            monkeypatch,
        )
    own = _lead_of(world)
    for who, taker in (
        (OFFICE, {"unit": world.units["嵩县工作专班"]}),
        (OFFICE, {"unit": world.units["市财政局"]}),
        (OFFICE, {"unit": Unit.objects.get(kind=Unit.Kind.LIAISON_GROUP)}),
        (LEAD, {"post": own}),
        (WORKER, {"post": own}),
    ):
        by = world.actor(who)
        _compare(
            partial(_reassign_many, by, taker),
            partial(_reassign, by, taker),
            ids,
            monkeypatch,
        )
    assert ready[True] > 2 * ready[False]


def _lead_of(world: World) -> Post:
    held = Post.objects.filter(unit=world.units["涧西区工作专班"], role="county_lead")
    return held.order_by("position")[0]


def _of(done: Iterable[Case], refused: dict[int, str]) -> Outcome:
    return {case.pk for case in done}, refused


def _sign_many(by: Actor, ids: list[int]) -> Outcome:
    return _of(*stages.acknowledge_many(ids, by=by, at=NOW))


def _reassign_many(by: Actor, taker: dict[str, Any], ids: list[int]) -> Outcome:
    found: BulkResult = people.reassign_many(ids, by=by, at=NOW, reason=WHY, **taker)
    return _of(found.done, found.refused)


def _reassign(by: Actor, taker: dict[str, Any], pk: int) -> object:
    return people.reassign(pk, by=by, at=NOW, reason=WHY, knowing=True, **taker)


def _compare(
    many: Callable[[list[int]], Outcome],
    single: Callable[[int], object],
    ids: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By kinds, each looked at by itself, and one verb after the other."""
    found, rows = _undone(lambda: many(ids))
    with monkeypatch.context() as patch:
        patch.setattr(alike, "take", lambda ids, **_more: ([], list(ids)))
        apart, rows_apart = _undone(lambda: many(ids))
    done, rows_single = _undone(lambda: _each(single, sorted(ids)))
    assert found == apart
    assert found[0] == done[0]
    assert found[1].keys() == done[1].keys()
    for what, left in rows_single.items():
        assert rows[what] == rows_apart[what] == left, what


def _undone(deed: Callable[[], Outcome]) -> tuple[Outcome, dict[str, Any]]:
    with transaction.atomic():
        found = deed()
        rows = _rows()
        transaction.set_rollback(True)
    return found, rows


def _each(single: Callable[[int], object], ids: list[int]) -> Outcome:
    done, refused = set(), {}
    for pk in ids:
        try:
            single(pk)
            done.add(pk)
        except Refused as refusal:
            refused[pk] = refusal.words
    return done, refused


def _rows() -> dict[str, list[Any]]:
    """Every column of every row, case by case; of the trail the order within the case."""
    steps = list(WorkItem.objects.order_by("process", "id").values())
    place = {row["id"]: (row["process_id"], n) for n, row in enumerate(steps)}
    events = list(CaseEvent.objects.order_by("case", "id").values())
    for row in events:
        row["data"] = {key: row["data"][key] for key in row["data"] if key not in OF_BATCH}
    waiting = PendingEvent.objects.order_by("event__case", "event__id")
    return {
        "cases": list(Case.objects.order_by("id").values()),
        "steps": [(row["process_id"], _bare(row)) for row in steps],
        "events": [(row["case_id"], place[row["item_id"]], _bare(row)) for row in events],
        "waiting": list(waiting.values_list("event__case", "event__verb")),
        "firms": list(ProgrammeFirm.objects.order_by("id").values()),
    }


def _bare(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in SKIP}


def _mixed_city(world: World, chance: random.Random) -> None:
    """Firms' cases that stand where cases stand, a few of each kind, and some of none."""
    for number in range(FIRMS):
        world.firm(f"样本{number}有限公司", chance.choice(("涧西区", "涧西区", "嵩县")))
    world.open()
    town = Region.objects.create(
        key="洛阳市/涧西区/示例镇",
        name="示例镇",
        level=Region.Level.TOWNSHIP,
        parent=world.counties["涧西区"],
    )
    worker, office = world.actor(WORKER), world.office
    for case in Case.objects.main().order_by("id"):
        fate = chance.choice(
            ("new", "new", "new", "signed", "surveyed", "declined", "given", "ended")
        )
        is_here = case.county.name == "涧西区"
        if fate == "signed" and is_here:
            stages.acknowledge(case.pk, by=worker, at=at(START, 10))
        elif fate == "surveyed" and is_here:
            world.survey(case, chance.choice("ABD"))
        elif fate == "declined" and is_here:
            people.decline(case.pk, by=worker, at=at(START, 10), reason="不属本区")
        elif fate == "given":
            unit = world.units[chance.choice(("市财政局", "嵩县工作专班"))]
            try:
                people.reassign(
                    case.pk, by=office, at=at(START, 10), reason="划转", unit=unit, knowing=True
                )
            except Refused:
                continue
        elif fate == "ended":
            endings.withdraw(case.pk, by=office, at=at(START, 10), reason="误建")
        else:
            _shake(case, chance, town)


def _shake(case: Case, chance: random.Random, town: Region) -> None:
    """What a past leaves: late, at rest, watched, moved, under another rule."""
    if chance.random() < 0.4:
        return
    add = load_calendar().add
    WorkItem.objects.filter(process=case, finished=None).update(
        due_on=chance.choice((None, add(START, 3), add(START, -3))),
        budget=chance.choice((None, 1)),
        deadline_version=chance.choice((1, 2)),
        waits_higher=chance.random() < 0.2,
        is_chased=chance.random() < 0.8,
        is_suspended=chance.random() < 0.2,
        next_check_at=chance.choice((None, at(START + timedelta(days=3), 8))),
    )
    moved = {"township": town} if case.county_id == town.parent_id else {}
    Case.objects.filter(pk=case.pk).update(
        version=chance.choice((1, 4)),
        late_days=chance.choice((0, 2)),
        rule=chance.choice((BY_HAND, "")),
        lacking=chance.choice(([], ["staff"])),
        given_due=chance.choice((None, date(2022, 5, 5))),
        **(moved if chance.random() < 0.5 else {}),
    )


@pytest.mark.postgres
def test_one_decision_for_all_that_are_alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = open_firms(world, 7, on=START)
    ids = [case.pk for case in roots]
    Case.objects.filter(pk=ids[3]).update(version=2)
    asked: list[Any] = []
    sign = stages._sign

    def asking(*args: Any) -> bool:
        asked.append(args)
        return sign(*args)

    monkeypatch.setattr(stages, "_sign", asking)
    by = world.actor(WORKER)
    done, refused = stages.acknowledge_many(ids[:5], by=by, at=at(START))
    assert (len(done), refused, len(asked)) == (5, {}, 2)
    # … unless hardly two are
    monkeypatch.setattr(alike, "MANY", 0)
    done, refused = stages.acknowledge_many(ids[5:6], by=by, at=at(START))
    step = asked[-1][0]
    assert (len(done), refused, step.case.pk) == (1, {}, ids[5])


@pytest.mark.parametrize(
    "look",
    [
        lambda case: case.number,
        lambda case: case.enterprise.name,
        lambda case: case.lacking,
        lambda case: WorkItem.objects.filter(process=case).count(),
        lambda case: list(case.events.all()),
    ],
)
def test_whatever_looks_at_more_than_the_kind_looks_at_each_case(
    world: World, monkeypatch: pytest.MonkeyPatch, look: Callable[[Case], object]
) -> None:
    """A rule that asks for a case's number, firm or past is not answered for another one."""
    ids = [case.pk for case in open_firms(world, 3, on=START)]
    sign, seen = stages._sign, []

    def asking(step: Any, *more: Any) -> bool:
        look(step.case)
        seen.append(int(step.case.pk))
        return sign(step, *more)

    monkeypatch.setattr(stages, "_sign", asking)
    done, _refused = stages.acknowledge_many(ids, by=world.actor(WORKER), at=at(START))
    assert [case.pk for case in done] == seen == ids


def test_nothing_is_signed_for_before_what_has_happened(world: World) -> None:
    roots = open_firms(world, 3, on=START)
    ids, by = [case.pk for case in roots], world.actor(WORKER)
    later = START + timedelta(days=7)
    people.reassign(
        ids[1],
        by=world.office,
        at=at(later),
        reason=WHY,
        post=_lead_of(world),
        knowing=True,
    )
    for act in (
        lambda: stages.acknowledge_many(ids, by=by, at=at(START, 18)),
        lambda: people.reassign_many(
            ids, by=world.office, at=at(START, 18), reason=WHY, unit=world.units["嵩县工作专班"]
        ),
    ):
        with pytest.raises(Refused, match=roots[1].number) as refusal, transaction.atomic():
            act()
        assert refusal.value.code == "too_early"
    assert set(Case.objects.values_list("stage", flat=True)) == {"assigned"}
