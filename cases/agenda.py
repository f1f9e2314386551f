"""问题需求, 重点举措, 督办事项: lists of the cases besides the firms' own, by kind.

The pack says which kinds there are and the area that each belongs to; nothing here renders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case as When
from django.db.models import (
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models import When as If
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import querysets as ask
from cases.lights import soon_until
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.searching import matches
from cases.stages import TERMINAL
from organisations.among import among_those
from organisations.keyset import Key, Place, keys
from organisations.scope import Actor
from workflows.packs import Pack
from workflows.procedure import Procedure

ISSUES, PLAN, ORDERS = "issues", "measures", "orders"
PROPOSALS, POLICIES = "proposals", "policies"
CHIPS: dict[str, str | Promise] = {
    "mine": _("My to-dos"),
    "overdue": _("Overdue"),
    "soon": _("Due in 3 working days"),
    "sign": _("To acknowledge"),
    "finished": pgettext_lazy("matters", "Finished"),
}


def kinds_of(pack: Pack, area: str) -> list[Procedure]:
    """The kinds of case that a list of this area shows, in the pack's order."""
    return [one for one in pack.procedures.values() if area_of(pack, one) == area]


def area_of(pack: Pack, procedure: Procedure) -> str:
    """Where a kind is listed; nowhere what the register opens, or a parent alone."""
    ways = ("hand", "plan", "calendar", "rung", "freeze")
    if procedure.key == pack.root.key or not any(procedure.opening(way) for way in ways):
        return ""
    if procedure.opening("rung"):
        return ORDERS
    spawns = [spawn for stage in procedure.stages for spawn in stage.spawns]
    if any(spawn.for_ == "firms" for spawn in spawns):
        return POLICIES  # 002-12: brought to the firms that it fits
    if procedure.opening("hand") and any(spawn.part == "joint" for spawn in spawns):
        return PROPOSALS  # 002-02: several units answer jointly
    return ISSUES if procedure.about == "firm" else PLAN


def is_meeting(procedure: Procedure) -> bool:
    """Whether its cases are meetings: what is decided there becomes orders (000-05)."""
    spawns = (spawn for stage in procedure.stages for spawn in stage.spawns)
    return procedure.about == "unit" and any(spawn.field == "orders" for spawn in spawns)


def parts_of(pack: Pack, procedure: Procedure) -> set[str]:
    """Kinds that only a case of this kind opens: a county's part of a measure or of a report."""
    spawned = {spawn.procedure for stage in procedure.stages for spawn in stage.spawns}
    return {key for key in spawned if not area_of(pack, pack.procedure(key))}


@dataclass(frozen=True)
class AskedOf:
    """The query of a list, cleaned: what is not understood is not asked."""

    kind: str = ""
    chip: str = ""
    county: int = 0
    q: str = ""

    @classmethod
    def of_query(cls, query: QueryDict | Mapping[str, str]) -> AskedOf:
        chip, county = query.get("chip") or "", str(query.get("county") or "")
        return cls(
            kind=(query.get("kind") or "")[:30],
            chip=chip if chip in CHIPS else "",
            county=int(county) if county.isdecimal() and len(county) < 10 else 0,
            q="".join((query.get("q") or "").split("\0")).strip()[:60],
        )

    def as_query(self, **changed: Any) -> str:
        """The same, with something changed, as a query string."""
        query = QueryDict(mutable=True)
        for name, value in vars(replace(self, **changed)).items():
            if value:
                query[name] = str(value)
        return query.urlencode()


@dataclass(frozen=True)
class Agenda:
    """One area's list for an actor on a day: an aggregate, and a query of rows."""

    actor: Actor
    on: date
    pack: Pack
    area: str
    asked: AskedOf = field(default_factory=AskedOf)

    @cached_property
    def kinds(self) -> list[Procedure]:
        return kinds_of(self.pack, self.area)

    @cached_property
    def kind(self) -> Procedure | None:
        """The kind that is asked for, else the area's first."""
        named = [one for one in self.kinds if one.key == self.asked.kind]
        return next(iter(named or self.kinds), None)

    def visible(self) -> CaseQuerySet:
        cases: CaseQuerySet = Case.objects.visible_to(self.actor)
        return cases.with_item()

    def listed(self) -> CaseQuerySet:
        """Whatever a tab or a chip can count: by the index over matters, not all firms' cases."""
        kinds = {one.key for one in self.kinds}.union(*(parts_of(self.pack, k) for k in self.kinds))
        matters = Q(is_main=False, criterion="", procedure__in=sorted(kinds))
        return self.visible().filter(matters)

    def of(self, kind: Procedure) -> Q:
        """A kind; of its parts those that a unit of the actor's own must do."""
        parts = parts_of(self.pack, kind)
        own = Q(procedure__in=parts, responsible_unit_id__in=list(self.actor.unit_ids))
        return Q(procedure=kind.key) | own

    def situation(self, name: str) -> Q:
        """A chip as a question; without one, what is open."""
        if name == "finished":
            return Q(stage__in=TERMINAL)
        asked = {
            "": ask.is_open(),
            "mine": ask.owed_by(self.actor) & ~Q(ask.waits_for_children()),
            # one that waits for its parts is not late, as its light says
            "overdue": ask.overdue(self.on, own=True) & ~Q(ask.waits_for_children()),
            "soon": ask.due_between(self.on, soon_until(self.on), own=True),
            "sign": ask.to_acknowledge(),
        }
        return asked[name]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Open cases of each kind, and the chips of the kind at hand; one statement."""
        kind = self.kind
        if kind is None:
            return {}
        wanted = {
            f"kind_{one.key}": Count("pk", filter=self.of(one) & ask.is_open())
            for one in self.kinds
        }
        for name in ("", *CHIPS):
            question = self.of(kind) & self.narrowed() & self.situation(name)
            wanted[f"chip_{name}"] = Count("pk", filter=question)
        found: dict[str, int] = self.listed().aggregate(**wanted)
        return found

    def narrowed(self) -> Q:
        asked = self.asked
        found = Q(county_id=asked.county) if asked.county else Q()
        return found & matches(asked.q) if asked.q else found

    def rows(self) -> CaseQuerySet:
        """The list, late ones first, with what a line prints."""
        cases = with_branches(self.found()).annotate(urgency=self._urgency())
        rows: CaseQuerySet = cases.order_by(*(key.order() for key in self.order))
        return rows

    def page(self, place: Place, limit: int) -> list[Case]:
        """So many rows from a place on: the list is sorted by its keys, and what a line prints is
        read of these alone."""
        rows = self.found().annotate(urgency=self._urgency())
        if place.values:
            rows = rows.filter(place.beyond(self.order))
        by = [key.order(back=place.back) for key in self.order]
        chosen = rows.order_by(*by).values("pk")[:limit]
        cases = (
            Case.objects.with_item()
            .filter(among_those("pk", chosen))
            .annotate(urgency=self._urgency())
        )
        return list(with_branches(cases).order_by(*by))

    def found(self) -> CaseQuerySet:
        """The list, in no order."""
        assert self.kind is not None
        question = self.of(self.kind) & self.narrowed() & self.situation(self.asked.chip)
        return self.listed().filter(question)

    @property
    def order(self) -> tuple[Key, ...]:
        """The columns of the order, the last of which no two rows share."""
        if self.asked.chip == "finished":
            return keys("-finished", "-pk", nulls=("finished",))
        return keys("urgency", "item__due_on", "-pk", nulls=("item__due_on",))

    def _urgency(self) -> When:
        return When(
            If(ask.overdue(self.on, own=True), then=Value(0)),
            If(ask.runs() & Q(item__due_on__isnull=False), then=Value(1)),
            If(ask.is_open(), then=Value(2)),
            default=Value(3),
        )


def with_branches(cases: CaseQuerySet) -> CaseQuerySet:
    """With ``branches`` and ``branches_done``: children, and those that ended."""
    below = Case.objects.filter(parent=OuterRef("pk")).order_by().values("parent")

    def count(rows: Any) -> Subquery:
        counted = rows.annotate(n=Count("pk")).values("n")
        return Subquery(counted, output_field=IntegerField())

    rows = cases.as_rows().select_related("responsible_unit")
    found: CaseQuerySet = rows.annotate(
        branches=count(below), branches_done=count(below.filter(stage__in=TERMINAL))
    )
    return found


def measures_of(actor: Actor, programme_id: int) -> dict[str, Case]:
    """The plan's measures that have a case, by key; one statement.

    How a measure of the city stands, and how many of its parts are done, is the same for every
    official (001-04). ``opens``: the case that the actor may open: the measure's own for whoever
    leads it, his unit's part of it for whoever has one, else the measure if he sees it at all.
    """
    units = list(actor.unit_ids)
    cases: CaseQuerySet = Case.objects.filter(programme=programme_id, parent=None)
    part = Case.objects.filter(parent=OuterRef("pk"), responsible_unit_id__in=units).order_by("pk")
    leads = Q(competent_unit_id__in=units) | Q(responsible_unit_id__in=units)
    seen = ~Q(pk__in=[]) if actor.is_system else ask.scope_of(actor)
    opens = When(
        If(seen & leads, then=F("pk")),
        default=Coalesce(Subquery(part.values("pk")[:1]), When(If(seen, then=F("pk")))),
    )
    asked = cases.exclude(measure="").with_item().annotate(opens=opens)
    return {case.measure: case for case in with_branches(asked)}
