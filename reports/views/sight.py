"""What a reader sees: his firms, and the counties of which he sees every firm: only there a number
opens a list of its length."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q

from enterprises.models import Enterprise, Membership
from organisations.markers import ActorRequest
from organisations.scope import Actor
from workflows.models import Programme


def counties_in_sight(
    actor: Actor, programme: Programme, days: Collection[date]
) -> dict[date, set[int]]:
    """By day, the counties whose register of that day the actor may open as a whole; one
    statement."""
    seen = Q(enterprise__in=Enterprise.objects.visible_to(actor).order_by().values("pk"))
    rows = Membership.objects.filter(city=programme.city_id, joined_on__lte=max(days)).order_by()
    found = rows.annotate(seen=ExpressionWrapper(seen, output_field=BooleanField()))
    there: dict[date, set[int]] = {day: set() for day in days}
    partly: dict[date, set[int]] = {day: set() for day in days}
    for county, first, last, sees in found.values_list("county_id", "joined_on", "left_on", "seen"):
        for day in days:
            if first <= day and (last is None or last > day):
                (there if sees else partly)[day].add(county)
    return {day: there[day] - partly[day] for day in days}


def firms_in_sight(request: ActorRequest) -> set[int]:
    """Whose rows the reader may open: single firms' facts go to their own county only."""
    rows = Enterprise.objects.visible_to(request.actor).order_by()
    return set(rows.values_list("pk", flat=True))
