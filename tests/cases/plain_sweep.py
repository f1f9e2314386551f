"""The sweep step by step in plain ORM: slow, readable, the reference of ``cases.sweeps``."""

from __future__ import annotations

from datetime import datetime

from cases.actions import drafting
from cases.annex import ranks_of
from cases.engine import Step
from cases.models import CaseEvent, PendingEvent, PhoneReminder, RungFired, WorkItem
from cases.rulebook import calendar, rules_of
from cases.steps import is_missed, moment_of
from organisations.days import day_of
from workflows import ladder
from workflows.ladder import Rung

LETTERS = ("work_note", "reminder_letter", "supervision_letter")


def sweep_plainly(at: datetime) -> None:
    """Every due step by itself; letters at the end, as they are one for many."""
    due = WorkItem.objects.filter(finished=None, next_check_at__lte=at).order_by("pk")
    heard = [
        (step, rung)
        for step in (Step(item.process, item) for item in due)
        if (rung := _look(step, at)) is not None
    ]
    drafting.collect(heard, at=at)
    for step, _rung in heard:
        event = CaseEvent.objects.create(
            case=step.case,
            item=step.item,
            verb="rung",
            at=at,
            from_stage=step.case.stage,
            to_stage=step.case.stage,
            data=step.data,
        )
        PendingEvent.objects.create(event=event)


def _look(step: Step, at: datetime) -> Rung | None:
    """What is said of a step; its rungs and its next moment are saved."""
    item, today = step.item, day_of(at)
    assert item is not None
    assert item.next_check_at is not None
    looked_at, item.next_check_at = item.next_check_at, None
    rules = rules_of(step.case)
    speaking: Rung | None = None
    reached: tuple[Rung, ...] = ()
    now, before = _on_record(item)
    if (
        rules.stage is not None
        and rules.stage.ladder is not None
        and item.is_chased
        and not (item.is_suspended or item.is_declined)
    ):
        rungs = rules.pack.ladder(rules.stage.ladder)
        quiet = rules.pack.quiet_for(rules.stage)
        reached = ladder.rungs_due(
            rungs,
            due_on=item.due_on,
            started_on=item.started_on,
            on=today,
            fired=now,
            earlier=before,
            not_before=item.rungs_from,
            calendar=calendar(),
            budget=item.budget,
            quiet=quiet,
        )
        may_speak = [rung for rung in reached if _may_speak(step, rung)]
        speaking = may_speak[-1] if may_speak else None
        again = ladder.next_check(
            rungs,
            due_on=item.due_on,
            started_on=item.started_on,
            after=today,
            fired=now | {rung.key for rung in reached},
            earlier=before,
            not_before=item.rungs_from,
            calendar=calendar(),
            budget=item.budget,
            quiet=quiet,
        )
        item.next_check_at = moment_of(again) if again else None
    for rung in reached:
        RungFired.objects.create(
            item=item,
            deadline_version=item.deadline_version,
            rung=rung.key,
            at=at,
            spoke=rung is speaking,
        )
    item.save()
    if speaking is not None:
        step.data = _words(step, speaking, at, was_missed=is_missed(looked_at, at))
        if speaking.act == "phone_list":
            PhoneReminder.objects.get_or_create(
                item=item,
                deadline_version=item.deadline_version,
                defaults={"listed_on": today},
            )
    return speaking


def _on_record(item: WorkItem) -> tuple[frozenset[str], frozenset[str]]:
    rows = RungFired.objects.filter(item=item).values_list("deadline_version", "rung")
    now = {key for version, key in rows if version == item.deadline_version}
    before = {key for version, key in rows if version != item.deadline_version}
    if item.due_on is not None and item.due_on < item.started_on:
        left_late = WorkItem.objects.filter(process=item.process_id, days_late__gt=0)
        taken_over = left_late.filter(due_on__lte=item.due_on)
        before |= set(RungFired.objects.filter(item__in=taken_over).values_list("rung", flat=True))
    return frozenset(now), frozenset(before)


def _may_speak(step: Step, rung: Rung) -> bool:
    """No letter to a county about the city's delay, and none below one that it has."""
    item, case = step.item, step.case
    assert item is not None
    if rung.act != "draft":
        return True
    if item.waits_higher and rung.addressee != "department":
        return False
    unit = case.responsible_unit.region
    county = unit if unit.level == unit.Level.COUNTY else unit.parent or unit
    rank = ranks_of([item.pk]).get((item.pk, county.pk), 0)
    return rung.draft_kind not in LETTERS[:rank]


def _words(step: Step, rung: Rung, at: datetime, *, was_missed: bool) -> dict[str, object]:
    item = step.item
    assert item is not None
    late = calendar().between(item.due_on, day_of(at)) if item.due_on else 0
    told: dict[str, object] = {
        "rung": rung.key,
        "act": rung.act,
        "text": rung.text,
        "audience": list(rung.audience),
        "digest_only": rung.digest_only,
        "at_once": rung.at_once,
        "days_late": late,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "lacking": step.case.lacking,
    }
    if was_missed:
        told["caught_up"] = True
    return told
