"""人员负荷: open items, due this week and overdue, by post and by unit, vacant posts among them.

A load is counted where the work lies: at the post that owes the step, whoever holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Prefetch

from cases import querysets as ask
from cases.desks import WORKING
from cases.models import Case
from organisations.models import Delegation, Post, Tenure, Unit
from organisations.permissions import ADMINISTRATORS, can_entrust
from organisations.roles import Act
from organisations.scope import Actor
from organisations.sight import in_view

COUNTS = ("open", "week", "overdue", "rest")


@dataclass(frozen=True)
class Count4:
    """Open items; of them due this week, overdue, and waiting (clock stopped, higher level)."""

    open: int = 0
    week: int = 0
    overdue: int = 0
    rest: int = 0

    def __add__(self, other: Count4) -> Count4:
        return Count4(*(getattr(self, n) + getattr(other, n) for n in COUNTS))


@dataclass(frozen=True)
class PostLoad:
    """A post with who holds it, who stands in, who comes, and what lies on its desk."""

    post: Post
    holders: tuple[Tenure, ...]
    coming: tuple[Tenure, ...]
    stand_ins: tuple[Delegation, ...]
    count: Count4
    may_hand_over: bool

    @property
    def is_vacant(self) -> bool:
        return not self.holders


@dataclass(frozen=True)
class UnitLoad:
    unit: Unit
    posts: tuple[PostLoad, ...]

    @cached_property
    def count(self) -> Count4:
        return sum((one.count for one in self.posts), Count4())

    @property
    def vacant(self) -> int:
        return sum(one.is_vacant for one in self.posts)

    @cached_property
    def per_person(self) -> float:
        """Open items for each person in post; all of them where nobody is."""
        people = {t.user_id for one in self.posts for t in one.holders}
        return self.count.open / max(len(people), 1)


def week_end(on: date) -> date:
    """The Sunday of the week: 本周到期 is what is due from today to it."""
    return on + timedelta(days=6 - on.weekday())


def loads(actor: Actor, on: date) -> list[UnitLoad]:
    """Units in the actor's view with their posts; five statements, however many there are."""
    counts = _counts(actor, on)
    return [_unit_load(unit, actor, on, counts) for unit in _units(actor, on)]


def _counts(actor: Actor, on: date) -> dict[int, Count4]:
    """By post; a case that waits for its children is counted by them."""
    late = ask.overdue(on, own=True)
    cases = Case.objects.visible_to(actor).with_item().filter(ask.is_open())
    rows = (
        cases.exclude(ask.waits_for_children())
        .order_by()
        .values("item__post_id")
        .annotate(
            open=Count("pk"),
            week=Count("pk", filter=ask.due_between(on, week_end(on), own=True)),
            overdue=Count("pk", filter=late),
            rest=Count("pk", filter=~ask.runs()),
        )
    )
    return {row["item__post_id"]: Count4(*(row[n] for n in COUNTS)) for row in rows}


def _units(actor: Actor, on: date) -> Iterable[Unit]:
    """Units with working posts; what does no case work (administrators, leaders) is left out."""
    units = Unit.objects.filter(in_view(actor))
    posts = Post.objects.filter(role__in=WORKING).exclude(role__in=ADMINISTRATORS)
    tenures = Tenure.objects.ahead(on).select_related("user").order_by("from_on", "id")
    running = Delegation.objects.ahead(on).select_related("to_user", "to_post__unit")
    return (
        units.filter(posts__role__in=WORKING)
        .distinct()
        .select_related("region__parent")
        .prefetch_related(
            Prefetch("posts", queryset=posts.select_related("unit__region")),
            Prefetch("posts__tenures", queryset=tenures),
            Prefetch("posts__delegations", queryset=running),
        )
    )


def _unit_load(unit: Unit, actor: Actor, on: date, counts: dict[int, Count4]) -> UnitLoad:
    return UnitLoad(unit, tuple(_post_load(post, actor, on, counts) for post in unit.posts.all()))


def _post_load(post: Post, actor: Actor, on: date, counts: dict[int, Count4]) -> PostLoad:
    ahead = list(post.tenures.all())
    return PostLoad(
        post=post,
        holders=tuple(t for t in ahead if t.is_on(on)),
        coming=tuple(t for t in ahead if not t.is_on(on)),
        stand_ins=tuple(post.delegations.all()),
        count=counts.get(post.pk, Count4()),
        may_hand_over=can_entrust(actor, Act.HAND_OVER, post),
    )


def as_json(found: Iterable[UnitLoad], on: date) -> list[dict[str, Any]]:
    """For ``load --json``: units with their posts."""
    return [
        {
            "unit": load.unit.name,
            "kind": load.unit.kind,
            "place": load.unit.region.name,
            **_figures(load.count),
            "per_person": round(load.per_person, 1),
            "vacant_posts": load.vacant,
            "posts": [_post_json(one, on) for one in load.posts],
        }
        for load in found
    ]


def _post_json(load: PostLoad, on: date) -> dict[str, Any]:
    return {
        "post": load.post.name,
        "role": load.post.role,
        "holders": [{"account": t.user.username, "name": t.user.name} for t in load.holders],
        "stand_ins": [
            {
                "delegation": row.pk,
                "to": row.to_user.username if row.to_user else str(row.to_post),
                "from": row.from_on,
                "last_day": row.last_on,
                "running": row.is_on(on),
                "reads_only": row.reads_only,
            }
            for row in load.stand_ins
        ],
        **_figures(load.count),
    }


def _figures(count: Count4) -> dict[str, int]:
    return {
        "open": count.open,
        "due_this_week": count.week,
        "overdue": count.overdue,
        "waiting": count.rest,
    }
