"""The sweep: fire the rungs that are due, once, whatever calls it and however often.

It costs what is due, not what exists: ``next_check_at`` is an indexed moment. Rows are claimed
with SKIP LOCKED where the database has it; a rung is unique by item, deadline version and key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from cases import engine, paper_sweep
from cases.actions import drafting, pauses
from cases.engine import Step
from cases.models import PhoneReminder, RungFired, WorkItem
from cases.rulebook import Rules, calendar, rules_of
from cases.rungs import Fired, rungs_fired
from cases.statements import save_rows
from cases.steps import is_missed, is_on_ladder, set_next_check
from organisations.days import day_of
from organisations.scope import Actor
from workflows import ladder
from workflows.ladder import Rung
from workflows.procedure import Stage

BATCH = 500


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
    while True:
        size, fired, spoke = _sweep_batch(at)
        done.rungs += fired
        done.spoke += spoke
        if size < BATCH:
            break
    fired, spoke = paper_sweep.sweep_papers(at)
    done.rungs += fired
    done.spoke += spoke
    return done


@transaction.atomic
def _sweep_batch(at: datetime) -> tuple[int, int, int]:
    steps = _claim(at)
    if not steps:
        return 0, 0, 0
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
    return len(steps), len(batch.fired), len(batch.spoken)


def _claim(at: datetime) -> list[Step]:
    """Open items whose moment has come, locked with their cases; another sweep's are skipped."""
    skip = connection.features.has_select_for_update_skip_locked
    items = (
        WorkItem.objects.select_for_update(of=("self", "process"), skip_locked=skip, no_key=True)
        .filter(finished=None, next_check_at__lte=at)
        .select_related(
            "process__programme",
            "process__county",
            "process__responsible_unit__region__parent",
            "post",
        )
        .order_by("next_check_at", "id")[:BATCH]
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
    rules = rules_of(step.case)
    stage = rules.stage
    is_late = is_missed(item.next_check_at, at)
    batch.items.append(item)
    if stage is None or stage.ladder is None or not is_on_ladder(item):
        item.next_check_at = None
        return
    due = _due(item, rules, stage, fired, at)
    below = milder.get(item.pk, frozenset())
    speaking = ladder.speaking(
        [rung for rung in due if not _spares(item, rung) and rung.draft_kind not in below]
    )
    for rung in due:
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
        _say(step, speaking, at)
        if is_late:
            step.data["caught_up"] = True
        batch.spoken.append((step, speaking))
    keys = fired.now(item) | {rung.key for rung in due}
    set_next_check(item, rules, stage, after=day_of(at), fired=keys, earlier=fired.earlier(item))


def _spares(item: WorkItem, rung: Rung) -> bool:
    """◇ is not counted against the lower level: no letter to a county about the city's delay."""
    return item.waits_higher and rung.act == "draft" and rung.addressee != "department"


def _due(
    item: WorkItem, rules: Rules, stage: Stage, fired: Fired, at: datetime
) -> tuple[Rung, ...]:
    assert stage.ladder is not None
    return ladder.rungs_due(
        rules.pack.ladder(stage.ladder),
        due_on=item.due_on,
        started_on=item.started_on,
        on=day_of(at),
        fired=fired.now(item),
        earlier=fired.earlier(item),
        not_before=item.rungs_from,
        calendar=calendar(),
        budget=item.budget,
        quiet=rules.pack.quiet_for(stage),
    )


def _say(step: Step, rung: Rung, at: datetime) -> None:
    """The event of a rung: what floor 4 needs to write the notice."""
    item = step.item
    assert item is not None
    late = calendar().between(item.due_on, day_of(at)) if item.due_on else 0
    step.verb = "rung"
    step.data = {
        "rung": rung.key,
        "act": rung.act,
        "text": rung.text,
        "audience": list(rung.audience),
        "digest_only": rung.digest_only,
        "at_once": rung.at_once,
        "days_late": late,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "lacking": list(step.case.lacking),
    }


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
