"""小组组成: groups against the rules of their city's pack (004-13, 004-15), broken ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext as _

from cases.rulebook import pack_of
from organisations.models import Post, Tenure, Unit
from organisations.permissions import ADMINISTRATORS
from organisations.scope import Actor
from organisations.sight import in_view
from workflows.groups import GroupRule, Member, faults, in_words
from workflows.models import ProgrammeVersion


@dataclass(frozen=True)
class GroupState:
    """One group: the rule, who belongs to it on the day, and what it lacks in words."""

    unit: Unit
    rule: GroupRule
    members: tuple[Member, ...]
    faults: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        return bool(self.faults)

    @property
    def rule_words(self) -> str:
        return in_words(self.rule)

    @property
    def fault_words(self) -> str:
        return _("; ").join(self.faults)


def groups(actor: Actor, on: date, *, unit: int | None = None) -> list[GroupState]:
    """Groups in the actor's view with the newest pack of their city; four statements at most."""
    found = Unit.objects.filter(in_view(actor)).filter(kind__in=KINDS)
    if unit is not None:
        found = found.filter(pk=unit)
    states = [s for one in _with_people(found, on) if (s := _state(one)) is not None]
    return sorted(states, key=lambda state: not state.is_broken)


KINDS = ("liaison_group", "task_force", "department", "township")


def _with_people(units: Any, on: date) -> Iterable[Unit]:
    newest = ProgrammeVersion.objects.filter(
        Q(programme__city_id=OuterRef("region_id"))
        | Q(programme__city_id=OuterRef("region__parent_id"))
        | Q(programme__city_id=OuterRef("region__parent__parent_id"))
    ).order_by("-id")
    tenures = Tenure.objects.on(on).filter(user__is_active=True).select_related("user")
    posts = Post.objects.exclude(role__in=ADMINISTRATORS)
    found: Iterable[Unit] = (
        units.annotate(version=Subquery(newest.values("pk")[:1]))
        .select_related("region")
        .prefetch_related(
            Prefetch("posts", queryset=posts), Prefetch("posts__tenures", queryset=tenures)
        )
    )
    return found


def _state(unit: Unit) -> GroupState | None:
    version = getattr(unit, "version", None)
    if version is None:
        return None
    rule = next((r for r in pack_of(version).groups if r.kind == unit.kind), None)
    if rule is None:
        return None
    people = {t.user_id: t.user for post in unit.posts.all() for t in post.tenures.all()}
    members = tuple(Member(u.name, u.rank, u.is_technical) for u in people.values())
    return GroupState(unit, rule, members, tuple(faults(rule, members)))


def as_json(states: Iterable[GroupState]) -> list[dict[str, Any]]:
    """For ``groups check --json``."""
    return [
        {
            "unit": state.unit.name,
            "kind": state.unit.kind,
            "place": state.unit.region.name,
            "rule": state.rule.model_dump(),
            "members": [
                {"name": m.name, "rank": m.rank or None, "technical": m.is_technical}
                for m in state.members
            ],
            "faults": list(state.faults),
        }
        for state in states
    ]
