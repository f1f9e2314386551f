"""年终结转: open cases end with that outcome and go on, linked, in the next year's programme.

The old year's figures stay as they were: carried over is not closed, lateness stays where it was
incurred. The new case has a number of its own, goes on at the same stage with whoever had it, and
its time begins anew; what must be proved for the new year lacks again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import births, engine, papers_kept, permissions, policies
from cases.actions import placing, twins
from cases.actions.stock import take_stock
from cases.actions.twins import Going, Way
from cases.dates import long_day_words
from cases.desks import Desks
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import Case, CaseUnit, OrderOrigin, Suspension
from cases.papers_kept import Kept
from cases.stages import CARRIED_OVER, TERMINAL
from cases.statements import save_rows
from enterprises.models import Membership
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows import carrying
from workflows.models import Programme


@dataclass(frozen=True)
class Pair:
    """A case, the stage in which it stood, and the case in which it goes on; ``is_joined``: that
    one was there already."""

    old: Case
    stage: str
    new: Case
    is_joined: bool = False


@dataclass
class CarriedOver:
    """What a carry-over did, or would do; refusals by case id in words."""

    done: list[Pair] = field(default_factory=list)
    # 整改事项 that go along, and those that begin because the matter is proved anew
    remedies: int = 0
    anew: int = 0
    # papers that still count, and those that do not
    kept: int = 0
    left: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)


@transaction.atomic
def carry_over(
    programme: Programme,
    to: Programme,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    ids: Collection[int] | None = None,
) -> CarriedOver:
    """Carry open cases (``ids``: only these) to the next programme; again does nothing.

    Firms' cases, and issues, needs and orders, with all that is open below them. Reports of a month
    belong to their year; a measure goes on in the one that the next plan has opened.
    A fixed number of statements per ``engine.CHUNK`` cases. Source: practice (years).
    """
    # with a wave of the new programme, or another carry-over, one after the other
    rows = Programme.objects.select_for_update(no_key=True).filter(pk__in=[programme.pk, to.pk])
    locked = {row.pk: row for row in rows.order_by("pk").select_related("city")}
    policies.check_reason(reason)
    way = _way(locked[programme.pk], locked[to.pk], by, day_of(at))
    open_ones = Case.objects.filter(programme=programme, parent=None)
    open_ones = open_ones.exclude(stage__in=TERMINAL)
    if ids is not None:
        open_ones = open_ones.filter(pk__in=list(ids))
    steps = engine.lock_trees(open_ones.values_list("pk", flat=True))
    found = CarriedOver(cases={step.case.pk: step.case for step in steps})
    ready = [step for step in steps if _may_go(step, way, found, at)]
    there = _there(way, ready)
    kept = papers_kept.take([s.case for s in ready if twins.key(s.case) not in there],
                            way.pack, way.begins_on)  # fmt: skip
    fresh = [twins.plan(step, way, kept) for step in ready if twins.key(step.case) not in there]
    joined = [step for step in ready if twins.key(step.case) in there]
    _carry(fresh, joined, there, way, kept, found, by=by, at=at, reason=reason)
    return found


def _way(programme: Programme, to: Programme, by: Actor, on: date) -> Way:
    """Whether cases may go from one to the other on that day; and what awaits them there."""
    if not by.may_in(Act.CARRY_OVER, programme.city):
        raise NotYours("not_yours", permissions.refusal(Act.CARRY_OVER))
    if to.city_id != programme.city_id or to.statistical_year <= programme.statistical_year:
        raise Refused(
            "carry_to", _("Choose a programme of the same city and of a later statistical year.")
        )
    version = to.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    first = carrying.earliest(programme.current.pack)
    if on < first:
        words = _("The year's cases are carried over from %(day)s on.")
        raise Refused("carry_early", words % {"day": long_day_words(first)})
    listed = Membership.objects.on(on).filter(city_id=to.city_id)
    opened = Case.objects.filter(programme=to, parent=None).exclude(measure="")
    return Way(
        programme=programme,
        to=to,
        version=version,
        on=on,
        begins_on=carrying.begins_on(version.pack, on),
        rows=take_stock(to, version.pack, on).rows,
        listed=frozenset(listed.values_list("enterprise_id", flat=True)),
        measures=frozenset(opened.values_list("measure", flat=True)),
    )


def _may_go(step: Step, way: Way, found: CarriedOver, at: datetime) -> bool:
    if step.item is None:
        return False  # it ended while we waited for its lock
    try:
        engine.check_time(step, at)
        twins.check(step.case, way)
    except Refused as refusal:
        found.refused[step.case.pk] = refusal.words
        return False
    return True


def _there(way: Way, steps: Sequence[Step]) -> dict[twins.Key, Case]:
    """Cases that these firms have in the next programme already, but what an undone import left."""
    firms = [step.case.enterprise_id for step in steps if step.case.is_of_register]
    mine = Q(title="", enterprise__in=firms) | ~Q(measure="")
    rows = Case.objects.filter(mine, programme=way.to, parent=None)
    undone = set(Case.objects.filter(programme=way.to).undone().values_list("pk", flat=True))
    found = {twins.key(case): case for case in rows.select_related("programme")}
    return {key: case for key, case in found.items() if case.pk not in undone}


def _carry(
    fresh: Sequence[Going],
    joined: Sequence[Step],
    there: dict[twins.Key, Case],
    way: Way,
    kept: Kept,
    found: CarriedOver,
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Write it: what begins is numbered first, so that what ends can say where it goes on."""
    children = [one for going in fresh for one in going.below]
    everyone = [*fresh, *children]
    births.take_places([going.new for going in fresh])
    levels = _levels(fresh)
    for level in levels:
        births.take_places([_of_known_parent(going.new) for going in level])
    desks = Desks.for_cases([going.new for going in everyone])
    born = _plan(fresh, way, desks, at)
    later = [_plan(level, way, desks, at) for level in levels]
    numbers = {going.old.pk: going.new.number for going in fresh}
    numbers |= {step.case.pk: there[twins.key(step.case)].number for step in joined}
    roots = [*(going.step for going in fresh if going.step is not None), *joined]
    stopped = _stop(roots, numbers, way, reason)
    engine.write([step for root in roots for step in twins.family(root)], by=by, at=at)
    engine.write(born, by=by, at=at)
    for steps in later:
        for step in steps:
            _of_known_parent(step.case)
            step.data["follows"] = step.case.parent_id
        engine.write(steps, by=by, at=at)
    _stand_still(everyone, stopped, way)
    found.kept = papers_kept.put(kept, [(going.old, going.new) for going in fresh])
    papers_kept.copy_forms([(g.old, g.new) for g in everyone if g.step is not None])
    _share([going for going in everyone if going.step is not None])
    _keep_origins(fresh)
    placing.firms_follow(born)
    _link(joined, there)
    found.left = kept.left
    found.anew = sum(child.step is None for child in children)
    found.remedies = len(children) - found.anew
    was = {step.case.pk: step.from_stage for step in roots}
    found.done = [Pair(going.old, was[going.old.pk], going.new) for going in fresh]
    found.done += [
        Pair(step.case, was[step.case.pk], there[twins.key(step.case)], True) for step in joined
    ]


def _levels(fresh: Sequence[Going]) -> list[list[Going]]:
    """What is below the new cases, level by level: a child is written after its parent."""
    levels = []
    level = [child for going in fresh for child in going.children]
    while level:
        levels.append(level)
        level = [child for going in level for child in going.children]
    return levels


def _of_known_parent(case: Case) -> Case:
    """The key of a parent that was only planned when the child was made."""
    parent = case.parent
    case.parent = parent
    return case


def _plan(goings: Sequence[Going], way: Way, desks: Desks, at: datetime) -> list[Step]:
    """The new cases as they begin: the timeline names the old one, a notice per unit counts."""
    born = births.plan(
        [going.new for going in goings], way.items(goings, desks), at=at, verb="carry_in"
    )
    counts = Counter(_told(step) for step in born)
    batch = uuid4().hex
    for step, going in zip(born, goings, strict=True):
        step.data |= {
            "from_year": way.programme.statistical_year,
            "from_number": going.step.case.number if going.step is not None else "",
        }
        if step.case.parent is None:
            kind = "" if step.case.is_main else "matters"
            step.data |= {"batch": f"{batch}{kind}", "count": counts[_told(step)]}
    return born


def _told(step: Step) -> tuple[str, bool]:
    """A unit hears once of its firms, and once of its matters."""
    return str(step.data["unit"]), step.case.is_main


def _stop(
    roots: Sequence[Step], numbers: dict[int, str], way: Way, reason: str
) -> dict[int, Suspension]:
    """The old cases are to end with their children; the suspensions that still ran, by case."""
    steps = [step for root in roots for step in twins.family(root)]
    for step in steps:
        step.verb, step.to_stage, step.reason = "carry_over", CARRIED_OVER, reason
        step.data = {"to_year": way.to.statistical_year, "from": step.case.stage}
        # what an undoing gives back
        step.data |= {"late_days": step.case.late_days}
        step.data |= {"rested": step.item is not None and step.item.is_suspended}
        if step.case.parent_id is None:
            step.data["to_number"] = numbers[step.case.pk]
        else:
            step.data["follows"] = step.case.parent_id
    resting = [s.case.pk for s in steps if s.item is not None and s.item.is_suspended]
    rows = list(Suspension.objects.filter(case__in=resting, resumed_on=None))
    for row in rows:
        row.resumed_on = way.on
    save_rows(rows, ["resumed_on"])
    return {row.case_id: row for row in rows}


def _stand_still(goings: Sequence[Going], stopped: dict[int, Suspension], way: Way) -> None:
    """A clock that stood stands on, until the day that was named."""
    Suspension.objects.bulk_create(
        Suspension(
            case=going.new,
            from_on=way.begins_on,
            until_on=stopped[going.old.pk].until_on,
            reason=stopped[going.old.pk].reason,
            by_id=stopped[going.old.pk].by_id,
        )
        for going in goings
        if going.step is not None and going.old.pk in stopped
    )


def _share(children: Sequence[Going]) -> None:
    """Whoever had a part in a matter of the firm has it still."""
    new_of = {child.old.pk: child.new for child in children if child.new.is_matter}
    if not new_of:
        return
    parts = CaseUnit.objects.filter(case__in=list(new_of)).order_by("id")
    CaseUnit.objects.bulk_create(
        CaseUnit(
            case=new_of[row.case_id], unit_id=row.unit_id, part=row.part, position=row.position
        )
        for row in parts
    )


def _keep_origins(goings: Sequence[Going]) -> None:
    """What an order came of, its letter or the word on a case, is said of the one that goes on."""
    new_of = {one.old.pk: one.new.pk for one in goings if one.new.is_matter}
    rows = list(OrderOrigin.objects.filter(case__in=list(new_of))) if new_of else []
    for row in rows:
        row.case_id = new_of[row.case_id]
    save_rows(rows, ["case_id"])


def _link(joined: Sequence[Step], there: dict[twins.Key, Case]) -> None:
    """Where the firm had a case in the next year already, that one bears the year before too."""
    linked = []
    for step in joined:
        case = there[twins.key(step.case)]
        if case.carried_from_id is None:
            case.carried_from = step.case
            linked.append(case)
    save_rows(linked, ["carried_from_id"])
