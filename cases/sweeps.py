"""The sweep: fire the rungs that are due, once, whatever calls it and however often.

It costs what is due, not what exists: ``next_check_at`` is an indexed moment. Steps are taken by
kind and decided once for each (``due``); those that a letter is about go one by one, in batches of
their own. Rows are claimed with SKIP LOCKED where the database has it; a rung is unique by item,
deadline version and key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from cases import due, engine, paper_sweep
from cases.actions import drafting, pauses
from cases.due import Decision, Kind, Taken
from cases.engine import Step
from cases.models import Case, PhoneReminder, RungFired, WorkItem
from cases.rulebook import Rules, calendar, rules_of
from cases.rungs import Fired, rungs_fired
from cases.statements import save_rows
from cases.steps import is_missed, is_on_ladder, set_next_check
from organisations import pace
from organisations.days import day_of
from organisations.scope import Actor
from workflows import ladder
from workflows.calendar import WorkCalendar
from workflows.ladder import Rung
from workflows.procedure import Stage

# steps that go one by one, and on SQLite, where nobody else writes meanwhile, all
BATCH = 500
# steps by kind on PostgreSQL: under a second, and few ways there and back; fewer beside people,
# who wait that long for a step of the batch, and for a core
MANY, FEWER = 5000, 1000
# what was decided about each kind, under the calendar that it was decided by
Known = dict[WorkCalendar, dict[Kind, Decision | None]]


@dataclass
class Swept:
    """What a sweep did: cases resumed, rungs fired (silent ones too), of which spoke."""

    resumed: int = 0
    rungs: int = 0
    spoke: int = 0


@dataclass
class _Batch:
    """What one batch wants written."""

    fired: list[RungFired] = field(default_factory=list)
    spoken: list[tuple[Step, Rung]] = field(default_factory=list)
    items: list[WorkItem] = field(default_factory=list)


def sweep(at: datetime) -> Swept:
    """Resume what is due, then fire what is due at ``at``, batch by batch: of open steps, and of
    papers that wait for their review."""
    done = Swept()
    while count := pauses.resume_due(at=at):
        done.resumed += count
    most = _most()
    known: Known = {}
    while True:
        begun = pace.begin()
        taken, apart = _sweep_kinds(at, most, known, done)
        for start in range(0, len(apart), BATCH):
            _sweep_apart(apart[start : start + BATCH], at, done)
        if taken < most:
            break
        pace.rest(begun)
    if any(known.values()):
        due.keep()
    fired, spoke = paper_sweep.sweep_papers(at)
    done.rungs += fired
    done.spoke += spoke
    return done


def _most() -> int:
    """How many steps a batch takes by kind."""
    if not connection.features.has_select_for_update_skip_locked:
        return BATCH
    return min(MANY, FEWER) if pace.is_giving_way() else MANY


@transaction.atomic
def _sweep_kinds(at: datetime, most: int, known: Known, done: Swept) -> tuple[int, list[int]]:
    """How many were taken, and those of them that go one by one and are left as they are."""
    found: list[tuple[Taken, Decision]] = []
    apart: list[int] = []
    taken = due.take(at, most)
    # days may have been entered since the last batch, while this sweep rested
    decided = known.setdefault(calendar(), {})
    for one in taken:
        if one.kind not in decided:
            decided[one.kind] = _decided(one.kind, at)
        decision = decided[one.kind]
        if decision is None:
            apart += one.items
        else:
            found.append((one, decision))
    due.write(found, at)
    for one, decision in found:
        done.rungs += len(decision.rungs) * one.count
        done.spoke += one.count if decision.data is not None else 0
    return sum(one.count for one in taken), sorted(apart)


def _decided(kind: Kind, at: datetime) -> Decision | None:
    """For every step of a kind; None where it depends on more: a letter, or what was said of the
    step before it, whose date this one took over (ADR 11)."""
    if kind.due_on is not None and kind.due_on < kind.started_on:
        return None
    case, item = kind.case, kind.item
    now, earlier = kind.rungs
    reached = _due(case, item, now, earlier, at)
    if any(rung.draft_kind for rung in reached):
        return None
    speaking = ladder.speaking(reached)
    data = None
    if speaking is not None:
        data = _said(case, item, speaking, at)
    _look_again(case, item, now | {rung.key for rung in reached}, earlier, at)
    return Decision(
        tuple((rung.key, rung is speaking) for rung in reached),
        data,
        speaking is not None and speaking.act == "phone_list",
        item.next_check_at,
    )


@transaction.atomic
def _sweep_apart(ids: Sequence[int], at: datetime, done: Swept) -> None:
    steps = _claim(ids, at)
    if not steps:
        return
    fired = rungs_fired(step.item for step in steps if step.item)
    # no letter is about what is not late yet: a statement less on most mornings
    overdue = [s for s in steps if s.item and (s.item.due_on or day_of(at)) < day_of(at)]
    milder = drafting.milder_rungs(overdue) if overdue else {}
    batch = _Batch()
    for step in steps:
        _look(step, fired, milder, batch, at)
    RungFired.objects.bulk_create(batch.fired, ignore_conflicts=True)
    save_rows(batch.items, ["next_check_at"])
    _list_calls(batch, at)
    drafting.collect(batch.spoken, at=at)
    engine.record([s for s, _rung in batch.spoken], by=Actor.system(), at=at)
    done.rungs += len(batch.fired)
    done.spoke += len(batch.spoken)


def _claim(ids: Sequence[int], at: datetime) -> list[Step]:
    """Those that are still due, locked with their cases; another sweep's are skipped."""
    skip = connection.features.has_select_for_update_skip_locked
    items = (
        WorkItem.objects.select_for_update(of=("self", "process"), skip_locked=skip, no_key=True)
        .filter(pk__in=ids, finished=None, next_check_at__lte=at)
        .select_related(
            "process__programme",
            "process__county",
            "process__responsible_unit__region__parent",
            "post",
        )
        .order_by("next_check_at", "id")
    )
    return [Step(item.process, item) for item in items]


def _look(
    step: Step,
    fired: Fired,
    milder: dict[int, frozenset[str]],
    batch: _Batch,
    at: datetime,
) -> None:
    item = step.item
    assert item is not None
    now, earlier = fired.now(item), fired.earlier(item)
    reached = _due(step.case, item, now, earlier, at)
    below = milder.get(item.pk, frozenset())
    speaking = ladder.speaking(
        [rung for rung in reached if not _spares(item, rung) and rung.draft_kind not in below]
    )
    for rung in reached:
        batch.fired.append(
            RungFired(
                item=item,
                deadline_version=item.deadline_version,
                rung=rung.key,
                at=at,
                spoke=rung is speaking,
            )
        )
    if speaking is not None:
        step.verb = due.RUNG
        step.data = _said(step.case, item, speaking, at)
        batch.spoken.append((step, speaking))
    batch.items.append(item)
    _look_again(step.case, item, now | {rung.key for rung in reached}, earlier, at)


def _spares(item: WorkItem, rung: Rung) -> bool:
    """◇ is not counted against the lower level: no letter to a county about the city's delay."""
    return item.waits_higher and rung.act == "draft" and rung.addressee != "department"


def _stage_on_ladder(rules: Rules, item: WorkItem) -> Stage | None:
    stage = rules.stage
    return stage if stage is not None and stage.ladder and is_on_ladder(item) else None


def _due(
    case: Case, item: WorkItem, now: frozenset[str], earlier: frozenset[str], at: datetime
) -> tuple[Rung, ...]:
    rules = rules_of(case)
    stage = _stage_on_ladder(rules, item)
    if stage is None or stage.ladder is None:
        return ()
    return ladder.rungs_due(
        rules.pack.ladder(stage.ladder),
        due_on=item.due_on,
        started_on=item.started_on,
        on=day_of(at),
        fired=now,
        earlier=earlier,
        not_before=item.rungs_from,
        calendar=calendar(),
        budget=item.budget,
        quiet=rules.pack.quiet_for(stage),
    )


def _look_again(
    case: Case, item: WorkItem, fired: frozenset[str], earlier: frozenset[str], at: datetime
) -> None:
    rules = rules_of(case)
    if (stage := _stage_on_ladder(rules, item)) is None:
        item.next_check_at = None
    else:
        set_next_check(item, rules, stage, after=day_of(at), fired=fired, earlier=earlier)


def _said(case: Case, item: WorkItem, rung: Rung, at: datetime) -> dict[str, object]:
    """The event of a rung: what floor 4 needs to write the notice."""
    late = calendar().between(item.due_on, day_of(at)) if item.due_on else 0
    caught_up = {"caught_up": True} if is_missed(item.next_check_at, at) else {}
    return {
        "rung": rung.key,
        "act": rung.act,
        "text": rung.text,
        "audience": list(rung.audience),
        "digest_only": rung.digest_only,
        "at_once": rung.at_once,
        "days_late": late,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "lacking": list(case.lacking),
    } | caught_up


def _list_calls(batch: _Batch, at: datetime) -> None:
    """电话提醒: the item goes on the office's call list, once per deadline."""
    PhoneReminder.objects.bulk_create(
        [
            PhoneReminder(
                item=step.item, deadline_version=step.item.deadline_version, listed_on=day_of(at)
            )
            for step, rung in batch.spoken
            if rung.act == "phone_list" and step.item is not None
        ],
        ignore_conflicts=True,
    )
