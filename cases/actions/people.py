"""Who owes it changes: reassign (one or thousands), decline, undo of a bulk reassignment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases import alike, alike_rows, contesting, elsewhere, engine, permissions, policies
from cases.actions import placing
from cases.actions.placing import Taker
from cases.dates import long_day_words
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent
from organisations.days import day_of
from organisations.models import Post, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor

UNDO_WITHIN = timedelta(minutes=30)


@dataclass
class BulkResult:
    """What a bulk verb did: cases changed, refusals by case id in words, a batch for undo."""

    done: list[Case] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    batch: str = ""


@transaction.atomic
def reassign(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    unit: Unit | None = None,
    post: Post | None = None,
    version: int | None = None,
    knowing: bool = False,
) -> Case:
    """改派 to a unit, or to another post of the same unit (调整经办人); the clock runs on.

    ``knowing``: whoever does it has read that the firm lies in another county.
    """
    step = engine.lock_one(case_id, version, with_children=True)
    taker, held = placing.taker_of(unit, post), step.case.county_id
    steps = _plan(step, taker, _desks([step], taker), by, at, reason)
    if not knowing and taker.unit.region_id != held:
        elsewhere.check_county(step.case, taker.unit, day_of(at))
    engine.write(steps, by=by, at=at)
    placing.firms_follow([step])
    return step.case


@transaction.atomic
def reassign_many(
    ids: Sequence[int],
    *,
    by: Actor,
    at: datetime,
    reason: str,
    unit: Unit | None = None,
    post: Post | None = None,
    dry_run: bool = False,
) -> BulkResult:
    """Reassign a selection; with ``dry_run`` only tells what would be done and refused."""
    policies.check_reason(reason)
    taker = placing.taker_of(unit, post)
    result = BulkResult(batch=uuid4().hex)
    many, apart = alike.take(ids, by=by, at=at, with_children=True)
    of_kinds = _desks([one.step for one in many], taker)

    def plan(step: Step) -> bool:
        _plan(step, taker, of_kinds, by, at, reason, result.batch)
        return True

    decided = alike.decide(many, plan, by=by, at=at)
    steps = engine.lock([*apart, *decided.apart], with_children=True)
    desks = _desks(steps, taker)
    ready: dict[int, Step] = {}
    for step in steps:
        if step.case.pk in ready:  # a remedy that goes with its firm's case
            result.done.append(step.case)
            continue
        try:
            planned = _plan(step, taker, desks, by, at, reason, result.batch)
        except Refused as refusal:
            result.refused[step.case.pk] = refusal.words
            continue
        ready |= {one.case.pk: one for one in planned}
        result.done.append(step.case)
    if not dry_run:
        alike_rows.write(decided.ready)
        placing.firms_follow_many(decided.ready)
        engine.write(list(ready.values()), by=by, at=at)
        placing.firms_follow(ready.values())
    result.done = sorted(result.done + alike.cases_of(decided.ready), key=attrgetter("pk"))
    result.refused |= decided.refused
    return result


def reassigned_in(batch: str, *, by: Actor) -> QuerySet[CaseEvent]:
    """What this person reassigned in one go."""
    made = CaseEvent.objects.filter(verb="reassign", by=by.user)
    return made.filter(Q(data__batch=batch) | Q(data__run=batch))


@transaction.atomic
def undo_reassign(batch: str, *, by: Actor, at: datetime) -> BulkResult:
    """Take a bulk reassignment back within 30 minutes, where nothing has happened since."""
    made = reassigned_in(batch, by=by)
    events = list(made.filter(at__gte=at - UNDO_WITHIN))
    if not events:
        raise Refused(
            "undo_late",
            _("The 30 minutes for undoing it are over. Reassign it anew instead.")
            if made.exists()
            else _("A reassignment can be undone by whoever made it, within 30 minutes."),
        )
    steps = {s.case.pk: s for s in engine.lock([e.case_id for e in events])}
    posts = Post.objects.select_related("unit").in_bulk(
        [e.data["was"]["item"]["post"] for e in events]
    )
    result, ready = BulkResult(), []
    touched = {_root_of(e) for e in events if _is_touched(e, steps[e.case_id])}
    gone = undone_words("reassign", batch, touched)
    for event in events:
        step = steps[event.case_id]
        if _root_of(event) in touched:  # a firm's case and its remedies go back together or not
            if "follows" not in event.data:
                words = gone.get(step.case.pk) or _("Somebody has acted on this case since.")
                result.refused[step.case.pk] = words
            continue
        step.verb, step.reason = "reassign", _("Reassignment undone")
        step.data = _turned(event) | {"undo_of": batch, "old_county": step.case.county_id}
        placing.put_back(step, event.data["was"], posts)
        ready.append(step)
        if step.case.parent_id is None:
            result.done.append(step.case)
    engine.write(ready, by=by, at=at)
    placing.firms_follow(ready)
    return result


def undone_words(verb: str, batch: str, cases: Collection[int]) -> dict[int, str]:
    """Of those that were taken back already, by whom and when; a statement where there are any."""
    rows = CaseEvent.objects.filter(verb=verb, case__in=list(cases), data__undo_of=batch)
    words = _("%(who)s has undone it on %(day)s already.")
    return {
        event.case_id: words
        % {"who": event.by or _("The system"), "day": long_day_words(day_of(event.at))}
        for event in rows.select_related("by")
    }


def _root_of(event: CaseEvent) -> int:
    return int(event.data.get("follows", event.case_id))


def _is_touched(event: CaseEvent, step: Step) -> bool:
    return step.item is None or step.case.version != event.data["version"] + 1


def _turned(event: CaseEvent) -> dict[str, object]:
    """The way back: from whom to whom, the other way round."""
    data = event.data
    back = {
        "from_unit": data["to_unit"],
        "from_post": data["to_post"],
        "to_unit": data["from_unit"],
        "to_post": data["from_post"],
    }
    return back | {key: data[key] for key in ("follows",) if key in data}


@transaction.atomic
def decline(
    case_id: int, *, by: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """申请改派: a wrong assignment goes back to the office, with a reason."""
    step = engine.lock_one(case_id, version)
    policies.check_open(step.case)
    permissions.check(by, Act.DECLINE, step.case, step.item)
    policies.check_reason(reason)
    contesting.check_asker(by, step.case, step.item, "decline")
    contesting.check_decline(step.case, step.item, _taken_on(step.case), day_of(at))
    item = step.item
    assert item is not None  # check_decline refused otherwise
    step.verb, step.reason = "decline", reason
    step.data = {"from_unit": item.unit_id, "from_post": item.post_id}
    if _is_department_only(by, step):
        # a department contests its own part; the county's clock does not stop for that
        step.data |= {"from_unit": step.case.competent_unit_id, "department": True}
        step.bumps_version = False
        engine.write([step], by=by, at=at)
        return step.case
    office = Desks.for_cases([step.case]).place(step.case, "office")
    step.changes_item = True
    item.unit_id, item.post = office.unit_id, office
    item.is_declined, item.next_check_at = True, None
    engine.write([step], by=by, at=at)
    return step.case


def _taken_on(case: Case) -> date | None:
    verbs = CaseEvent.objects.filter(case=case, verb__in=["acknowledge", "reassign"])
    last = {verb: day_of(when) for verb, when in verbs.order_by("id").values_list("verb", "at")}
    return contesting.taken_on(last.get("acknowledge"), last.get("reassign"))


def _is_department_only(by: Actor, step: Step) -> bool:
    """Whether it is the competent department that declines, while the county owes the step."""
    item = step.item
    return (
        item is not None
        and item.unit_id != step.case.competent_unit_id
        and bool(by.standings)
        and all(s.unit_id == step.case.competent_unit_id for s in by.standings)
    )


def _desks(steps: Sequence[Step], taker: Taker) -> Desks:
    units = [taker.unit.pk, *([taker.liaison_id] if taker.liaison_id else [])]
    return Desks.for_cases([s.case for s in steps], units)


def _plan(
    step: Step,
    taker: Taker,
    desks: Desks,
    by: Actor,
    at: datetime,
    reason: str,
    batch: str = "",
) -> list[Step]:
    """The case and the remedies that go with it, as they are to be written."""
    case, item = step.case, step.item
    policies.check_open(case)
    permissions.check(by, Act.REASSIGN, case, item)
    policies.check_reason(reason)
    policies.check_clock(case, item, "reassign")
    contesting.check_reach(by, case)
    _check_inside(by, case, taker.unit)
    followers = placing.hand(step, taker, desks, on=day_of(at))
    step.data["batch"] = batch
    for one in followers:
        one.data["run"] = batch
    for one in (step, *followers):
        one.verb, one.reason = "reassign", reason
        one.data["version"] = one.case.version
    return [step, *followers]


def _check_inside(by: Actor, case: Case, unit: Unit) -> None:
    """County leads stay in the county, department leads in the department; the office is free."""
    if by.is_system or permissions.acts_as(by, Role.OFFICE, case):
        return
    for standing in by.standings_for(Act.REASSIGN):
        in_county = standing.role == Role.COUNTY_LEAD and standing.covers(unit.region)
        if in_county or standing.unit_id == unit.pk:
            return
    raise Refused(
        "outside", _("You can reassign inside your own county or unit. Ask the office otherwise.")
    )
