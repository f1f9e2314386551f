"""Verb: today's route. Which firms somebody calls at on a day, in the order that he chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.errors import NotYours, Refused
from cases.models import RouteStop
from cases.outdoors import visitable
from organisations.days import day_of
from organisations.scope import Actor

MOST = 30
AHEAD = timedelta(days=14)


@transaction.atomic
def plan_route(firms: Sequence[int], *, on: date, by: Actor, at: datetime) -> list[RouteStop]:
    """The actor's whole route of a day, firms by id in order; said again, nothing changes."""
    if by.user is None:
        raise NotYours("no_person", _("A route is somebody's own: say whose."))
    if not day_of(at) <= on <= day_of(at) + AHEAD:
        raise Refused("not_that_day", _("A route is planned for today and the next two weeks."))
    wanted = list(dict.fromkeys(firms))
    if len(wanted) > MOST:
        raise Refused("many_stops", _("At most %(n)d firms on one route.") % {"n": MOST})
    if set(wanted) != visitable(by, wanted):
        raise NotYours("not_yours", _("This firm lies outside your area."))
    RouteStop.objects.filter(user=by.user, on=on).delete()
    return RouteStop.objects.bulk_create(
        RouteStop(user=by.user, on=on, enterprise_id=pk, place=place)
        for place, pk in enumerate(wanted, start=1)
    )
