"""Posts, units and the programme around a case, kept by the process until one of them changes; and
the working days, by the same mark.

Every move asks for them and they change on a few days of a year. The look at a case
(``locking``) brings the mark that the database gives to their present state
(``organisations.place_marks``): under the same mark what is kept holds, under another one nothing
does, and they are asked for. docs/adr/0049.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

from cases.desks import Desks
from cases.models import Case
from workflows.models import forget_calendar

# places that a process keeps the desks of: some 3 KB each
MOST = 4096
Make = Callable[[], Any]


@dataclass
class Kept:
    """What is known under one mark."""

    mark: str | None
    desks: dict[tuple[int | None, ...], Desks] = field(default_factory=dict)
    programmes: dict[int, Make] = field(default_factory=dict)
    units: dict[int, Make] = field(default_factory=dict)
    posts: dict[int, Make] = field(default_factory=dict)


class _Now:
    """The newest that this process has seen, and whether it would have served the last move."""

    kept = Kept(None)
    is_likely = False


def is_likely() -> bool:
    """Whether it is worth while to look at a case without asking what is around it: it would have
    been known the last time."""
    return _Now.is_likely


def forget() -> None:
    """As a process that has just begun."""
    _Now.kept, _Now.is_likely = Kept(None), False


def fill(items: Sequence[Any], own: int) -> Desks | None:
    """Give steps and cases what is kept for them, copies of their own; the desks of the case
    ``own``. None where something is not known: then nothing was given."""
    kept = _Now.kept
    if not items or kept.mark is None or kept.mark != items[0].near_mark:
        _Now.is_likely = False
        return None
    desks = None
    made: list[tuple[Any, Any, Any, Any, Any]] = []
    for item in items:
        # as they lie: Django's own ways to them are long, and every move passes here
        row, beside = vars(item), item._state.fields_cache
        case = beside["process"]
        if row["process_id"] == own:
            desks = kept.desks.get(_places(case))
        programme = kept.programmes.get(vars(case)["programme_id"])
        unit, post = kept.units.get(row["unit_id"]), kept.posts.get(row["post_id"])
        if programme is None or unit is None or post is None:
            _Now.is_likely = False
            return None
        made.append((beside, case, programme, unit, post))
    if desks is None:
        _Now.is_likely = False
        return None
    for beside, case, programme, unit, post in made:
        case._state.fields_cache["programme"] = programme()
        beside["unit"] = unit()
        beside["post"] = post()
    return desks


class Around(NamedTuple):
    """What is kept around a kind of case, copies of one's own."""

    desks: Desks
    programme: Any
    post: Any


def known(mark: str | None, kind: Any) -> Around | None:
    """What is around a firm's own cases of a kind (``alike``) under a mark; None where something is
    not known."""
    kept = _Now.kept
    places = (
        *(kind.programme_id, kind.responsible_unit_id, kind.competent_unit_id),
        *(kind.liaison_unit_id, kind.township_id, None),
    )
    desks = kept.desks.get(places)
    programme = kept.programmes.get(kind.programme_id)
    unit, post = kept.units.get(kind.item_unit_id), kept.posts.get(kind.item_post_id)
    if mark is None or mark != kept.mark or not (desks and programme and unit and post):
        _Now.is_likely = False
        return None
    holder = post()
    if holder.unit_id == kind.item_unit_id:
        holder._state.fields_cache["unit"] = unit()
    return Around(desks, programme(), holder)


def learn(items: Sequence[Any], own: int, desks: Desks) -> None:
    """Keep what was asked for in full."""
    mark = items[0].near_mark
    kept = _Now.kept
    _Now.is_likely = mark is not None and kept.mark == mark
    if mark is None:
        return
    if kept.mark != mark:
        # what is reckoned behind this lock is reckoned by the days that were committed before it
        forget_calendar()
    if kept.mark != mark or len(kept.desks) >= MOST:
        kept = _Now.kept = Kept(mark)
    for item in items:
        case: Case = item.process
        if item.process_id == own:
            places = _places(case)
            _Now.is_likely = _Now.is_likely and places in kept.desks
            kept.desks[places] = desks
            # whoever has the next step is one of them
            for post in desks.posts():
                kept.posts[post.pk], kept.units[post.unit_id] = _made(post), _made(post.unit)
        kept.programmes[case.programme_id] = _made(case.programme)
        kept.units[item.unit_id] = _made(item.unit)
        kept.posts[item.post_id] = _made(item.post)


def _places(case: Case) -> tuple[int | None, ...]:
    """All that the posts around a case depend on (``beside.POSTS``)."""
    row = vars(case)
    return (
        row["programme_id"],
        row["responsible_unit_id"],
        row["competent_unit_id"],
        row["liaison_unit_id"],
        row["township_id"],
        row["county_id"] if row["enterprise_id"] is not None and case.is_matter else None,
    )


def _made(row: Model) -> Make:
    """How to make the same instance again, without what was read beside it."""
    model = type(row)
    columns = {f.attname: vars(row)[f.attname] for f in model._meta.concrete_fields}

    new = object.__new__

    def make() -> Model:
        one: Model = new(model)
        state = new(ModelState)
        state.__dict__ = {"adding": False, "db": DEFAULT_DB_ALIAS, "fields_cache": {}}
        one.__dict__ = {"_state": state, **columns}
        return one

    return make
