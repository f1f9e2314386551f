"""Papers that wait too long for their review: each rung of the review's ladder once per paper.

Like ``sweeps`` it costs what is due: ``Evidence.review_check_at`` is an indexed moment, set when a
paper is handed in and moved on by the sweep. Several sweepers take different papers (SKIP LOCKED),
and a rung is unique by paper and key, whoever calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from cases import engine
from cases.engine import Step
from cases.models import Evidence, PaperRung, Suspension, WorkItem
from cases.reviewing import REVIEW_WITHIN, review_due, review_from, review_ladder
from cases.rulebook import calendar, rules_of
from cases.statements import save_rows
from cases.steps import is_missed, is_on_ladder, moment_of
from organisations.days import day_of
from organisations.scope import Actor
from workflows import ladder
from workflows.ladder import Rung

BATCH = 500


@dataclass(frozen=True)
class _Waiting:
    """A paper with its case's open step, and what has been said of it."""

    paper: Evidence
    item: WorkItem | None
    counted_from: date
    fired: frozenset[str]
    # nobody looked on its day
    is_missed: bool


def sweep_papers(at: datetime) -> tuple[int, int]:
    """(rungs fired, reminders sent) for papers whose moment has come, batch by batch."""
    fired = spoke = 0
    # as a rule nothing waits: then this is one statement and no transaction
    while is_waiting(at):
        size, more, words = _batch(at)
        fired, spoke = fired + more, spoke + words
        if size < BATCH:
            break
    return fired, spoke


def is_waiting(at: datetime) -> bool:
    """Whether a paper is to be looked at."""
    return bool(_due(at).exists())


def _due(at: datetime) -> QuerySet[Evidence]:
    return Evidence.objects.filter(
        state=Evidence.State.SUBMITTED, review_check_at__lte=at, case__finished=None
    )


@transaction.atomic
def _batch(at: datetime) -> tuple[int, int, int]:
    found = _claim(at)
    rungs: list[PaperRung] = []
    speaking: dict[tuple[int, str], list[tuple[_Waiting, Rung]]] = defaultdict(list)
    for one in found:
        reached = _look(one, at)
        highest = ladder.speaking(reached)
        rungs += [
            PaperRung(paper=one.paper, rung=rung.key, at=at, spoke=rung is highest)
            for rung in reached
        ]
        if highest is not None:
            speaking[one.paper.case_id, one.paper.criterion].append((one, highest))
    PaperRung.objects.bulk_create(rungs, ignore_conflicts=True)
    save_rows([one.paper for one in found], ["review_check_at"])
    engine.record([_said(group, at) for group in speaking.values()], by=Actor.system(), at=at)
    return len(found), len(rungs), len(speaking)


def _claim(at: datetime) -> list[_Waiting]:
    """Papers under lock, with the steps, rests and rungs of their cases; four statements."""
    skip = connection.features.has_select_for_update_skip_locked
    papers = list(
        _due(at)
        .select_for_update(of=("self",), skip_locked=skip, no_key=True)
        .order_by("review_check_at", "id")[:BATCH]
    )
    cases = {paper.case_id for paper in papers}
    items = {item.process_id: item for item in _items(cases)}
    rests = Suspension.objects.filter(case__in=cases).exclude(resumed_on=None).order_by()
    rested = dict(rests.values_list("case_id").annotate(last=Max("resumed_on")))
    fired: dict[int, set[str]] = defaultdict(set)
    said = PaperRung.objects.filter(paper__in=[paper.pk for paper in papers])
    for pk, key in said.values_list("paper_id", "rung"):
        fired[pk].add(key)
    return [
        _Waiting(
            paper,
            items.get(paper.case_id),
            review_from(paper.submitted_at, rested.get(paper.case_id)),
            frozenset(fired[paper.pk]),
            is_missed(paper.review_check_at, at),
        )
        for paper in papers
    ]


def _items(cases: Iterable[int]) -> list[WorkItem]:
    rows = WorkItem.objects.filter(process__in=list(cases), finished=None)
    return list(rows.select_related("process__programme", "process__county", "post"))


def _look(one: _Waiting, at: datetime) -> tuple[Rung, ...]:
    """The rungs that a paper has reached, lowest first; sets when to look again."""
    on, item, paper = day_of(at), one.item, one.paper
    if item is None:
        paper.review_check_at = None
        return ()
    if not is_on_ladder(item):
        # what rests or is contested cannot be reviewed
        paper.review_check_at = moment_of(calendar().add(on, 1))
        return ()
    found = review_ladder(item.process)
    if found is None:
        paper.review_check_at = None
        return ()
    stage, rungs = found
    about: dict[str, Any] = {
        "due_on": review_due(one.counted_from),
        "started_on": one.counted_from,
        "calendar": calendar(),
        "budget": REVIEW_WITHIN,
        "quiet": rules_of(item.process).pack.quiet_for(stage),
    }
    reached = ladder.rungs_due(rungs, on=on, fired=one.fired, not_before=one.counted_from, **about)
    keys = one.fired | {rung.key for rung in reached}
    again = ladder.next_check(rungs, after=on, fired=keys, not_before=one.counted_from, **about)
    paper.review_check_at = moment_of(again) if again else None
    return tuple(rung for rung in reached if rung.act == "notify" and not rung.digest_only)


def _said(group: Sequence[tuple[_Waiting, Rung]], at: datetime) -> Step:
    """One reminder for the papers of a criterion: what floor 4 needs to write the notice."""
    one, rung = max(group, key=lambda waiting: waiting[1].offset)
    papers = [waiting.paper for waiting, _rung in group]
    due_on = min(review_due(waiting.counted_from) for waiting, _rung in group)
    assert one.item is not None
    step = Step(one.item.process, one.item)
    step.verb = "review_rung"
    step.data = {
        "rung": rung.key,
        "criterion": one.paper.criterion,
        "papers": [paper.pk for paper in papers],
        "handed_in_by": sorted({p.submitted_by_id for p in papers if p.submitted_by_id}),
        "by_firm": any(not paper.on_behalf for paper in papers),
        "due_on": due_on.isoformat(),
        "days_late": calendar().between(due_on, day_of(at)),
    }
    if any(waiting.is_missed for waiting, _rung in group):
        step.data["caught_up"] = True
    return step
