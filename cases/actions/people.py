"""Who owes it changes: reassign (one or thousands), decline, undo of a bulk reassignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.desks import OWNERS_BY_KIND, Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent
from cases.rulebook import rules_of
from cases.steps import day_of, set_next_check
from organisations.models import Post, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor

UNDO_WITHIN = timedelta(minutes=30)
# what a reassignment may change on the case itself
OWNERS = (
    "county_id",
    "township_id",
    "responsible_unit_id",
    "competent_unit_id",
    "liaison_unit_id",
)


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
) -> Case:
    """改派 to a unit, or to another post of the same unit (调整经办人); the clock runs on."""
    step = engine.lock_one(case_id, version)
    target = _target(unit, post)
    _plan(step, target, _liaison_of(target), by, at, reason, "")
    engine.write([step], by=by, at=at)
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
    target = _target(unit, post)
    steps = engine.lock(ids)
    liaison = _liaison_of(target)
    result = BulkResult(batch=uuid4().hex)
    ready = []
    for step in steps:
        try:
            _plan(step, target, liaison, by, at, reason, result.batch)
            ready.append(step)
            result.done.append(step.case)
        except Refused as refusal:
            result.refused[step.case.pk] = refusal.words
    if not dry_run:
        engine.write(ready, by=by, at=at)
    return result


@transaction.atomic
def undo_reassign(batch: str, *, by: Actor, at: datetime) -> BulkResult:
    """Take a bulk reassignment back within 30 minutes, where nothing has happened since."""
    events = list(
        CaseEvent.objects.filter(
            verb="reassign",
            by=by.user,
            at__gte=at - UNDO_WITHIN,
            data__batch=batch,
        )
    )
    if not events:
        raise Refused(
            "undo_late",
            _("A reassignment can be undone by whoever made it, within 30 minutes."),
        )
    steps = {s.case.pk: s for s in engine.lock([e.case_id for e in events])}
    posts = Post.objects.select_related("unit").in_bulk([e.data["from_post"] for e in events])
    result, ready = BulkResult(), []
    for event in events:
        step, post = steps[event.case_id], posts[event.data["from_post"]]
        if step.case.version != event.data["version"] + 1 or step.item is None:
            result.refused[step.case.pk] = _("Somebody has acted on this case since.")
            continue
        step.verb, step.reason = "reassign", _("Reassignment undone")
        _move_to(step, post, at)
        for name, value in event.data.get("before", {}).items():
            setattr(step.case, name, value)
        ready.append(step)
        result.done.append(step.case)
    engine.write(ready, by=by, at=at)
    return result


@transaction.atomic
def decline(
    case_id: int, *, by: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """申请改派: a wrong assignment goes back to the office, with a reason."""
    step = engine.lock_one(case_id, version)
    policies.check_open(step.case)
    permissions.check(by, Act.DECLINE, step.case, step.item)
    policies.check_reason(reason)
    signed = (
        CaseEvent.objects.filter(case=step.case, verb="acknowledge")
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
    policies.check_decline(step.case, step.item, day_of(signed) if signed else None, day_of(at))
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


def _is_department_only(by: Actor, step: Step) -> bool:
    """Whether it is the competent department that declines, while the county owes the step."""
    item = step.item
    return (
        item is not None
        and item.unit_id != step.case.competent_unit_id
        and bool(by.standings)
        and all(s.unit_id == step.case.competent_unit_id for s in by.standings)
    )


def _target(unit: Unit | None, post: Post | None) -> Post:
    """The post that takes over; a unit stands for the post that receives its work."""
    if post is not None:
        return post
    if unit is None:
        raise Refused("no_target", _("Choose the unit or the post that takes over."))
    owner = OWNERS_BY_KIND.get(Unit.Kind(unit.kind), "county")
    return Desks.for_units([unit.pk], unit.region_id).post_in(unit.pk, owner)


def _liaison_of(target: Post) -> int | None:
    """The liaison group of the county that takes over."""
    if target.unit.kind != Unit.Kind.TASK_FORCE:
        return None
    groups = Unit.objects.filter(
        kind=Unit.Kind.LIAISON_GROUP, paired_counties=target.unit.region_id
    )
    return groups.order_by("id").values_list("id", flat=True).first()


def _plan(
    step: Step,
    target: Post,
    liaison: int | None,
    by: Actor,
    at: datetime,
    reason: str,
    batch: str,
) -> None:
    case, item = step.case, step.item
    policies.check_open(case)
    permissions.check(by, Act.REASSIGN, case, item)
    policies.check_reason(reason)
    policies.check_clock(case, item, "reassign")
    assert item is not None  # check_clock refused otherwise
    _check_inside(by, case, target)
    if not item.is_declined and item.post_id == target.pk:
        raise Refused("same_target", _("The case is already there."))
    step.verb, step.reason = "reassign", reason
    step.data = {
        "from_unit": item.unit_id,
        "from_post": item.post_id,
        "to_unit": target.unit_id,
        "to_post": target.pk,
        "batch": batch,
        "version": case.version,
        # what an undo gives back beside the item
        "before": {name: getattr(case, name) for name in OWNERS},
    }
    _move_to(step, target, at, liaison)


def _check_inside(by: Actor, case: Case, target: Post) -> None:
    """County leads stay in the county, department leads in the department; the office is free."""
    if by.is_system or by.has_role(Role.OFFICE):
        return
    for standing in by.standings_for(Act.REASSIGN):
        same_region = standing.role == Role.COUNTY_LEAD and target.unit.region_id in (
            standing.region_id,
            case.township_id,
        )
        if same_region or standing.unit_id == target.unit_id:
            return
    raise Refused(
        "outside", _("You can reassign inside your own county or unit. Ask the office otherwise.")
    )


def _move_to(step: Step, target: Post, at: datetime, liaison: int | None = None) -> None:
    """Change the item in place: same stage, same date; the ladder looks again where it must."""
    case, item = step.case, step.item
    assert item is not None
    kind = target.unit.kind
    rules = rules_of(case)
    owner = rules.stage.owner if rules.stage else "county"
    takes_item = kind != Unit.Kind.DEPARTMENT or owner == "department"
    if not takes_item and case.competent_unit_id == target.unit_id:
        raise Refused("same_target", _("The case is already there."))
    if kind == Unit.Kind.DEPARTMENT:
        case.competent_unit_id = target.unit_id
    elif kind == Unit.Kind.TASK_FORCE:
        case.responsible_unit_id = target.unit_id
        if case.county_id != target.unit.region_id:
            # the liaison group follows the county; a township of the old county sees it no more
            case.county_id, case.township_id = target.unit.region_id, None
            case.liaison_unit_id = liaison
    if takes_item:
        item.unit_id, item.post = target.unit_id, target
    elif item.is_declined:
        # only the department was wrong: the step goes back to whoever owes it
        post = Desks.for_cases([case]).place(case, owner)
        item.unit_id, item.post = post.unit_id, post
    item.is_declined = False
    step.changes_item = True
    if rules.stage is not None and item.next_check_at is None:
        set_next_check(item, rules, rules.stage, after=timezone.localtime(at).date())
