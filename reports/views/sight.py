"""What a reader sees: his firms, and the counties of which he sees every firm: only there a number
opens a list of its length."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Q

from enterprises.models import Enterprise, Membership
from enterprises.querysets import on_register, sees_register
from organisations.markers import ActorRequest
from organisations.scope import Actor
from workflows.models import Programme


def counties_in_sight(
    actor: Actor, programme: Programme, days: Collection[date]
) -> dict[date, set[int]]:
    """By day, the counties whose register of that day the actor may open as a whole; one
    statement."""
    rows = Membership.objects.filter(city=programme.city_id).order_by()
    hidden = ~Q(enterprise__in=Enterprise.objects.visible_to(actor).order_by().values("pk"))
    counts = {f"there{n}": Count("pk", filter=on_register(day)) for n, day in enumerate(days)}
    if not sees_register(actor, programme.city_id):
        for n, day in enumerate(days):
            counts[f"hidden{n}"] = Count("pk", filter=on_register(day) & hidden)
    found: Any = rows.filter(joined_on__lte=max(days)).values("county_id").annotate(**counts)
    return {
        day: {row["county_id"] for row in found if row[f"there{n}"] and not row.get(f"hidden{n}")}
        for n, day in enumerate(days)
    }


def firms_in_sight(request: ActorRequest) -> set[int]:
    """Whose rows the reader may open: single firms' facts go to their own county only."""
    rows = Enterprise.objects.visible_to(request.actor).order_by()
    return set(rows.values_list("pk", flat=True))
