"""Open steps that nobody handles, opens or may decide, for 责任缺口.

A country has a million open steps: they are counted by county, and read of the first counties.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from cases import querysets as ask
from cases.models import Case
from cases.querysets import CaseQuerySet
from organisations.models import Delegation, Region, Tenure
from organisations.roles import POLICY, Act
from organisations.scope import Actor

READERS = sorted(role for role, acts in POLICY.items() if Act.READ in acts)
ITEMS, UNSEEN, SECOND = KINDS = ("items", "unseen", "second")
LINE = ("enterprise__name", "title", "item__unit__short_name", "item__post__name", "pk")
IS = ("held", "opens")


class Line(NamedTuple):
    """A case whose open step is a gap: a firm or the matter's title, whose desk it lies on."""

    name: str
    desk: str
    case: int


@dataclass(frozen=True)
class Unhandled:
    """Of a kind of gap how many there are, and the first of them by county."""

    counts: Mapping[str, int]
    lines: Mapping[str, list[Line]]


def unhandled(actor: Actor, on: date, city: Region, listed: int) -> Unhandled:
    """Two statements at most; ``listed``: lines of each kind."""
    rows, counts = unhandled_cases(actor, on, city), Counter[str]()
    here: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    grouped = rows.order_by().values_list("county__position", "county_id", *IS)
    for position, county, held, opens, n in grouped.annotate(n=Count("pk")):
        counts[_kind(held, opens)] += n
        here[position, county][_kind(held, opens)] += n
    found: dict[str, list[Line]] = {kind: [] for kind in KINDS}
    if here:
        few = rows.filter(county__in=_first(here, listed)).order_by("county__position", "pk")
        for firm, title, unit, post, pk, held, opens in few.values_list(*LINE, *IS):
            lines = found[_kind(held, opens)]
            if len(lines) < listed:
                lines.append(Line(firm or title, f"{unit}{post}", pk))
    return Unhandled(counts, found)


def unhandled_cases(actor: Actor, on: date, city: Region) -> CaseQuerySet:
    """Those with an open step that nobody handles or stands in for; that lies with posts which read
    no case, or with people whose accounts are closed, so that nobody of the unit opens it; and
    closings that only those may decide who applied for them or reviewed them (four eyes)."""
    others = _holders(on).exclude(user=Coalesce(OuterRef("applied_by"), 0))
    others = others.exclude(user=Coalesce(OuterRef("reviewed_by"), 0))
    cases = Case.objects.visible_to(actor).with_item().filter(ask.is_open(), programme__city=city)
    rows = cases.filter(~Exists(_deputies(on))).annotate(
        held=Exists(_holders(on)),
        opens=Exists(_readers(on)),
        decided=Q(applied_by=None) | Exists(others),
    )
    found: CaseQuerySet = rows.filter(Q(held=False) | Q(opens=False) | Q(decided=False))
    return found


def _kind(held: bool, opens: bool) -> str:
    if not held:
        return ITEMS
    return SECOND if opens else UNSEEN


def _first(here: Mapping[tuple[int, int], Counter[str]], listed: int) -> set[int]:
    """Counties in their order, of each kind until there are enough."""
    found: set[int] = set()
    for kind in KINDS:
        seen, last = 0, None
        for position, county in sorted(here):
            # cases of counties of one position stand among each other: all of them, or none
            if seen >= listed and position != last:
                break
            if n := here[position, county][kind]:
                found.add(county)
                seen, last = seen + n, position
    return found


def _readers(on: date) -> QuerySet[Tenure]:
    """Who of the unit that owes the step opens cases at all; where it lies is no matter
    (``querysets.scope_of``)."""
    held = Tenure.objects.on(on).filter(post__unit=OuterRef("item__unit"))
    return held.filter(post__role__in=READERS, user__is_active=True)


def _holders(on: date) -> QuerySet[Tenure]:
    """Who holds the open step's post, or is a colleague of the same role."""
    return Tenure.objects.on(on).filter(
        post__unit=OuterRef("item__unit"), post__role=OuterRef("item__post__role")
    )


def _deputies(on: date) -> QuerySet[Delegation]:
    return Delegation.objects.on(on).filter(post=OuterRef("item__post"), reads_only=False)
