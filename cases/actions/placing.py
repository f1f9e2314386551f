"""What it means for a case that another unit or post takes over: same stage, same date.

The firm's row of the programme and the open remedies follow the firm's own case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from cases.alike import Alike
from cases.desks import Desks, fits
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, ProgrammeFirm, WorkItem
from cases.rulebook import BY_HAND, rules_of
from cases.steps import look_again
from organisations.among import Among
from organisations.models import Post, Region, Unit
from workflows.text import localised

Kind = Unit.Kind
# what says who owes a case; a firm has the same columns
PLACE = (
    "county_id",
    "township_id",
    "responsible_unit_id",
    "competent_unit_id",
    "liaison_unit_id",
    "rule",
)
# owners of cases that any unit may be given
ANYBODY = ("responsible", "responsible_lead")
# whose stages a unit of this kind takes over with the case; nobody else can take one over
TAKES = {
    Kind.TASK_FORCE: ("county", "county_lead", "township", "liaison_group", *ANYBODY),
    Kind.TOWNSHIP: ("county", "township", *ANYBODY),
    Kind.DEPARTMENT: ("department", "lead", *ANYBODY),
    Kind.LIAISON_GROUP: ("liaison_group", *ANYBODY),
    Kind.OFFICE: ("office", "lead", *ANYBODY),
}
# a case keeps its stage when one of these changes; the others must be able to do the work
BESIDE = (Kind.TASK_FORCE, Kind.DEPARTMENT, Kind.LIAISON_GROUP)
# the owner by whose post a unit of this kind is told
TOLD = {
    Kind.TASK_FORCE: "county",
    Kind.DEPARTMENT: "lead",
    Kind.LIAISON_GROUP: "liaison_group",
}


@dataclass(frozen=True)
class Taker:
    """Who takes over: a unit, one of its posts where a person was named, and its liaison group."""

    unit: Unit
    post: Post | None = None
    liaison_id: int | None = None


def liaison_groups(counties: Collection[int]) -> dict[int, int]:
    """The liaison group of each county, by ids; one query."""
    pairs = Unit.objects.filter(kind=Kind.LIAISON_GROUP, paired_counties__in=counties).order_by(
        "-position", "-id"
    )
    return dict(pairs.values_list("paired_counties", "pk"))


def taker_of(unit: Unit | None, post: Post | None) -> Taker:
    """The unit or the post that was chosen; a county's force brings its liaison group. One query,
    whatever the door has read of them.
    """
    if post is not None:
        posts = Post.objects.select_related("unit__region")
        post = posts.annotate(group=_group_of("unit__region")).get(pk=post.pk)
        return _taker(post.unit, post, post.group)
    if unit is not None:
        units = Unit.objects.annotate(group=_group_of("region"))
        found: Any = units.select_related("region").get(pk=unit.pk)
        return _taker(found, None, found.group)
    raise Refused("no_target", _("Choose the unit or the post that takes over."))


def _group_of(region: str) -> Subquery:
    """The first liaison group of a county."""
    groups = Unit.objects.filter(kind=Kind.LIAISON_GROUP, paired_counties=OuterRef(region))
    return Subquery(groups.order_by("position", "id").values("pk")[:1])


def _taker(unit: Unit, post: Post | None, group: int | None) -> Taker:
    return Taker(unit, post, group if unit.kind == Kind.TASK_FORCE else None)


def place_of(step: Step) -> dict[str, Any]:
    """Who owes a case now, as plain values: what an undo restores."""
    assert step.item is not None
    place = {name: getattr(step.case, name) for name in PLACE}
    item = {"unit": step.item.unit_id, "post": step.item.post_id, "declined": step.item.is_declined}
    return {**place, "item": item}


def hand(step: Step, taker: Taker, desks: Desks, *, on: date) -> list[Step]:
    """Give a case with an open step to another unit or post; refuses who cannot take it.

    The firm's own case takes its open remedies along: answers those that change with it.
    """
    stage = rules_of(step.case).stage
    _check_taker(step.case, taker, stage.owner if stage else "")
    before, owed_by = place_of(step), step.case.responsible_unit_id
    if not give(step, taker, desks, on=on):
        raise Refused("same_target", _("The case is already there."))
    followers = []
    for child in step.children:
        if child.item is None:
            continue
        if child.case.is_matter and child.case.responsible_unit_id != owed_by:
            continue  # another unit's part of a report or a measure stays with that unit
        # another handler takes over what the handler before had, not what others have
        post = taker.post if child.item.post_id == before["item"]["post"] else None
        if give(child, replace(taker, post=post), desks, on=on):
            child.data["follows"] = step.case.pk
            followers.append(child)
    return followers


def give(step: Step, taker: Taker, desks: Desks, *, on: date) -> bool:
    """Change the case and its step in place; whether anything changed."""
    case, item = step.case, _open_item(step)
    stage, kind = rules_of(case).stage, Kind(taker.unit.kind)
    owner = stage.owner if stage else "county"
    before = place_of(step)
    _change(case, taker)
    if owner in TAKES[kind]:
        post = _post_for(case, item, taker, desks, owner)
    elif place_of(step) == before:
        return False
    else:
        # only the department was wrong: the step goes back to whoever owes it
        post = desks.place(case, owner) if item.is_declined else None
    if post is not None:
        item.unit_id, item.post = post.unit_id, post
    item.is_declined = False
    if place_of(step) == before:
        return False
    step.changes_item = True
    look_again(item, on=on)
    step.data |= {**_told(step, before, taker, desks), "was": before}
    return True


def put_back(step: Step, was: Mapping[str, Any], posts: Mapping[int, Post]) -> None:
    """Undo of ``hand``: everything as ``place_of`` said."""
    item = _open_item(step)
    for name in PLACE:
        setattr(step.case, name, was[name])
    item.post = posts[was["item"]["post"]]
    item.unit_id, item.is_declined = was["item"]["unit"], was["item"]["declined"]
    if item.is_declined:
        item.next_check_at = None
    step.changes_item = True


def firms_follow(steps: Iterable[Step]) -> None:
    """The firms' rows of the programme say the same as their own cases; an UPDATE per place."""
    places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for case in (step.case for step in steps):
        if case.is_main and case.enterprise_id is not None:
            values = [getattr(case, name) for name in PLACE]
            places[case.programme_id, *values].append(case.enterprise_id)
    for (programme, *place), firms in places.items():
        rows = ProgrammeFirm.objects.filter(programme=programme, enterprise__in=firms)
        rows.update(**dict(zip(PLACE, place, strict=True)))


def firms_follow_many(many: Iterable[Alike]) -> None:
    """The same of firms' own cases that are alike, once they are planned; an UPDATE per place."""
    places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in many:
        case = one.step.case
        places[case.programme_id, *(getattr(case, name) for name in PLACE)] += one.cases
    for (programme, *place), ids in places.items():
        firms = Case.objects.filter(Among("pk", ids)).order_by().values("enterprise")
        rows = ProgrammeFirm.objects.filter(programme=programme, enterprise__in=firms)
        rows.update(**dict(zip(PLACE, place, strict=True)))


def move_firms(firms: Collection[int], city: Region, taker: Taker) -> None:
    """The rows of firms that the register lists in another county, in every programme there."""
    rows = ProgrammeFirm.objects.filter(enterprise__in=firms, programme__city=city)
    rows.exclude(county=taker.unit.region_id).update(
        county=taker.unit.region_id,
        township=None,
        responsible_unit=taker.unit,
        liaison_unit=taker.liaison_id,
    )


def _open_item(step: Step) -> WorkItem:
    assert step.item is not None  # check_clock refused otherwise
    return step.item


def _check_taker(case: Case, taker: Taker, owner: str) -> None:
    unit, kind = taker.unit, Kind(taker.unit.kind)
    city = case.programme.city_id
    fitting = kind in BESIDE or owner in TAKES.get(kind, ())
    if kind == Kind.TOWNSHIP:
        fitting = fitting and unit.region.parent_id == case.county_id
    elif kind != Kind.TASK_FORCE:
        fitting = fitting and unit.region_id == city
    if not fitting or f"/{city}/" not in unit.region.path:
        stage = rules_of(case).stage
        raise Refused(
            "wrong_unit",
            _("This unit cannot take on “%(stage)s” of this case. Choose another one.")
            % {"stage": localised(stage.title) if stage else ""},
        )
    if case.criterion and unit.pk not in _units_of_child(case, unit):
        raise Refused(
            "reassign_child",
            _("Reassign the firm's own case; its remedies go with it."),
        )
    if case.period is not None and _has_its_own(case, unit):
        raise Refused(
            "reassign_twice", _("This unit has its own part of this already. Choose another one.")
        )


def _has_its_own(case: Case, unit: Unit) -> bool:
    """Whether the unit owes the same report of the same month, or turn of the same measure."""
    same = Case.objects.filter(
        programme=case.programme_id,
        procedure=case.procedure,
        responsible_unit=unit.pk,
        period=case.period,
        measure=case.measure,
    )
    return bool(same.exclude(pk=case.pk).exists())


def _units_of_child(case: Case, unit: Unit) -> set[int]:
    """Where a remedy may go by itself: to another post of its unit, or down to a township."""
    return {case.responsible_unit_id} | ({unit.pk} if unit.kind == Kind.TOWNSHIP else set())


def _change(case: Case, taker: Taker) -> None:
    """The columns that say who owes the case."""
    unit, kind = taker.unit, Kind(taker.unit.kind)
    if _is_given(case):
        case.responsible_unit_id = unit.pk
        if case.enterprise_id is None or kind == Kind.TASK_FORCE:
            # a firm's matter stays its county's, whoever handles it
            case.county_id = unit.region_id
    elif kind == Kind.TASK_FORCE:
        if case.county_id != unit.region_id:
            case.township_id = None
            case.liaison_unit_id = taker.liaison_id
        case.responsible_unit_id, case.county_id = unit.pk, unit.region_id
    elif kind == Kind.DEPARTMENT and case.competent_unit_id != unit.pk:
        case.competent_unit_id, case.rule = unit.pk, BY_HAND
    elif kind == Kind.LIAISON_GROUP:
        case.liaison_unit_id = unit.pk
    elif kind == Kind.TOWNSHIP:
        case.township_id = unit.region_id


def _is_given(case: Case) -> bool:
    """Whether the open step lies with whichever unit was given the case."""
    stage = rules_of(case).stage
    return stage is not None and stage.owner in ANYBODY


def _post_for(case: Case, item: WorkItem, taker: Taker, desks: Desks, owner: str) -> Post | None:
    """The post that takes the step; none where it stays with whoever has it."""
    if taker.post is not None and fits(taker.post, owner):
        return taker.post
    if Kind(taker.unit.kind) == Kind.TOWNSHIP:
        return desks.post_in(taker.unit.pk, "township")
    post = desks.place(case, owner)
    return post if item.is_declined or item.unit_id != post.unit_id else None


def _told(step: Step, before: Mapping[str, Any], taker: Taker, desks: Desks) -> dict[str, Any]:
    """From whom to whom, for the timeline and for both sides' notices."""
    item, kind = _open_item(step), Kind(taker.unit.kind)
    column = {
        Kind.TASK_FORCE: "responsible_unit_id",
        Kind.DEPARTMENT: "competent_unit_id",
        Kind.LIAISON_GROUP: "liaison_unit_id",
    }.get(kind)
    old = before[column] if column else before["item"]["unit"]
    new = getattr(step.case, column) if column else item.unit_id
    if old == new:
        old, new = before["item"]["unit"], item.unit_id
    moved = item.post_id != before["item"]["post"] and not before["item"]["declined"]
    here = item.unit_id == taker.unit.pk
    return {
        "from_unit": old,
        "from_post": before["item"]["post"] if moved else None,
        "to_unit": new,
        "to_post": item.post_id if here else desks.post_in(taker.unit.pk, TOLD[kind]).pk,
    }
