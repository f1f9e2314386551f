"""撤销结转: a carry-over is taken back as long as nobody has acted on the new case.

The old case goes on in the step, with the date and the pause that it had; the new one is withdrawn
under its number, and whoever carries the old one over again takes that place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.engine import Step
from cases.errors import NotYours
from cases.models import Case, CaseEvent, CaseUnit, Evidence, FormRecord, OrderOrigin, Suspension
from cases.rulebook import rules_of
from cases.stages import CARRIED_OVER, WITHDRAWN
from cases.statements import save_rows
from cases.steps import is_on_ladder
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme

# what the carry-over itself and the ladder write: nobody has acted by it
SILENT = ("carry_in", "rung", "review_rung")


@dataclass
class TakenBack:
    """Old cases that go on again; refusals by the old case's id in words."""

    done: list[Case] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)


@transaction.atomic
def undo_carry_over(
    programme: Programme,
    to: Programme,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    ids: Collection[int] | None = None,
) -> TakenBack:
    """Take back what was carried from one programme to the other (``ids``: only these old cases).

    A fixed number of statements per ``engine.CHUNK`` cases, and one a level of their trees.
    """
    rows = Programme.objects.select_for_update(no_key=True).filter(pk__in=[programme.pk, to.pk])
    city = next(row.city for row in rows.order_by("pk").select_related("city"))
    policies.check_reason(reason)
    if not by.may_in(Act.CARRY_OVER, city):
        raise NotYours("not_yours", permissions.refusal(Act.CARRY_OVER))
    carried = Case.objects.filter(programme=programme, parent=None, stage=CARRIED_OVER)
    carried = carried.filter(carried_to__programme=to)
    if ids is not None:
        carried = carried.filter(pk__in=list(ids))
    new_of = dict(carried.values_list("pk", "carried_to"))
    steps = {step.case.pk: step for step in engine.lock_trees([*new_of, *new_of.values()])}
    found = TakenBack(cases={pk: steps[pk].case for pk in new_of if pk in steps})
    pairs = [(steps[old], steps[new]) for old, new in new_of.items() if {old, new} <= set(steps)]
    told = _told([old for old, _new in pairs])
    worked = _worked_on(pairs, told)
    ready = []
    for old, new in pairs:
        if new.case.pk in worked:
            found.refused[old.case.pk] = _("Somebody has acted on the new case %(number)s.") % {
                "number": new.case.number
            }
        elif old.case.pk in told:
            ready.append((old, new))
    _take_back(ready, told, by=by, at=at, reason=reason)
    found.done = [old.case for old, _new in ready]
    return found


def _told(olds: Iterable[Step]) -> dict[int, CaseEvent]:
    """By which event each old case, or a child of it, ended."""
    ids = [step.case.pk for old in olds for step in old.tree]
    rows = CaseEvent.objects.filter(case__in=ids, verb="carry_over").order_by("id")
    return {event.case_id: event for event in rows}


def _worked_on(pairs: Sequence[tuple[Step, Step]], told: dict[int, CaseEvent]) -> set[int]:
    """New cases on which, or below which, somebody has acted since; three statements."""
    root_of = {one.case.pk: (old, new) for old, new in pairs for one in new.tree}
    since = {pk: told[old.case.pk] for pk, (old, _new) in root_of.items() if old.case.pk in told}
    found = set[int]()
    events = CaseEvent.objects.filter(case__in=list(root_of)).exclude(verb__in=SILENT)
    for pk, case_id in events.values_list("pk", "case_id"):
        if case_id in since and pk > since[case_id].pk:
            found.add(case_id)
    papers = Evidence.objects.filter(case__in=list(root_of))
    for case_id, handed, reviewed in papers.values_list("case_id", "submitted_at", "reviewed_at"):
        if case_id in since and max(handed, reviewed or handed) > since[case_id].at:
            found.add(case_id)
    for case_id, at in FormRecord.objects.filter(case__in=list(root_of)).values_list(
        "case_id", "at"
    ):
        if case_id in since and at > since[case_id].at:
            found.add(case_id)
    return {root_of[pk][1].case.pk for pk in found}


def _take_back(
    pairs: Sequence[tuple[Step, Step]],
    told: dict[int, CaseEvent],
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """What had begun ends first, so that its place is free; then the old cases go on."""
    begun = _begun([new for _old, new in pairs])
    joined = [new for old, new in pairs if begun.get(new.case.pk, 0) < told[old.case.pk].pk]
    for step in joined:
        step.case.carried_from = None
    save_rows([step.case for step in joined], ["carried_from_id"])
    born = [new for _old, new in pairs if new not in joined]
    ending = [one for new in born for one in new.tree if one.item is not None]
    _forget(ending)
    _give_back_origins(pairs)
    for step in ending:
        step.verb, step.to_stage, step.reason = "undo_carry", WITHDRAWN, reason
        step.case.carried_from, step.case.closed_on = None, None
        step.data = {"from": step.from_stage}
    engine.write(ending, by=by, at=at)
    going = [one for old, _new in pairs for one in old.tree if _ended_with(one, old)]
    for step in going:
        _go_on(step, told[step.case.pk], reason, at)
    engine.write(going, by=by, at=at)
    _rest_again(going, told)


def _begun(news: Iterable[Step]) -> dict[int, int]:
    """By which event a carry-over opened each new case; those that it only linked have none."""
    ids = [new.case.pk for new in news]
    rows = CaseEvent.objects.filter(case__in=ids, verb="carry_in").order_by("id")
    return dict(rows.values_list("case_id", "pk"))


def _ended_with(step: Step, root: Step) -> bool:
    ended = (step.case.stage, step.case.finished)
    return step.last is not None and ended == (CARRIED_OVER, root.case.finished)


def _forget(ending: Sequence[Step]) -> None:
    """Copies that went along; whoever carries over again makes them anew."""
    ids = [step.case.pk for step in ending]
    for model in (Evidence, FormRecord, CaseUnit, Suspension):
        model.objects.filter(case__in=ids).delete()


def _give_back_origins(pairs: Sequence[tuple[Step, Step]]) -> None:
    """What an order came of had gone along with it."""
    old_of = {new.case.pk: old.case.pk for old, new in pairs if new.case.is_matter}
    rows = list(OrderOrigin.objects.filter(case__in=list(old_of))) if old_of else []
    for row in rows:
        row.case_id = old_of[row.case_id]
    save_rows(rows, ["case_id"])


def _go_on(step: Step, event: CaseEvent, reason: str, at: datetime) -> None:
    assert step.last is not None
    step.verb, step.reason = "undo_carry", reason
    step.data = {"from": step.from_stage}
    step.to_stage, step.revives_last = step.last.stage, True
    step.case.late_days = event.data.get("late_days", step.case.late_days)
    step.last.days_late = 0
    step.last.is_suspended = bool(event.data.get("rested"))
    stage = rules_of(step.case).procedure.stage(step.last.stage)
    if stage.ladder and is_on_ladder(step.last) and not step.last.is_suspended:
        step.last.next_check_at = at


def _rest_again(going: Sequence[Step], told: dict[int, CaseEvent]) -> None:
    """A clock that stood when the case was carried over stands on."""
    days = {
        step.case.pk: day_of(told[step.case.pk].at)
        for step in going
        if told[step.case.pk].data.get("rested")
    }
    rows = [
        row
        for row in Suspension.objects.filter(Q(case__in=list(days)), resumed_on__isnull=False)
        if row.resumed_on == days[row.case_id]
    ]
    for row in rows:
        row.resumed_on = None
    save_rows(rows, ["resumed_on"])
