"""Who goes to which firm, and what a record from the field belongs to: visits, calls, routes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import CallNote, Case, Visit
from enterprises.models import Enterprise, Membership
from enterprises.permissions import acting
from organisations.roles import Act
from organisations.scope import Actor

# who opens issues and needs also goes where they are found; a firm's own service officer too
VISITING = (Act.SPAWN, Act.RECORD_FORM)
Row = TypeVar("Row", Visit, CallNote)


def can_visit(actor: Actor, firm: Enterprise) -> bool:
    """Whether the actor records visits at this firm: one of his posts opens it, or he serves it."""
    return actor.is_system or bool(visitable(actor, [firm.pk]))


def visitable(actor: Actor, firms: Collection[int]) -> set[int]:
    """Of these firms those at which the actor records visits; one statement."""
    if not firms:
        return set()
    mine = acting(actor, *VISITING)
    rows = Membership.objects.newest().filter(enterprise__in=list(firms)).visible_to(mine)
    seen = set(rows.values_list("enterprise_id", flat=True))
    served = actor.served_ids if actor.may(Act.COMMENT) else frozenset()
    return seen | (set(firms) & served)


def sent_before(rows: QuerySet[Row], sent_as: UUID, by: Actor) -> Row | None:
    """What is on record under the number, if it is the actor's own."""
    found = rows.filter(sent_as=sent_as).first()
    if found is not None and by.user is not None and found.by_id != by.user.pk:
        raise Refused("number_taken", _("Another record bears this number. Please write it anew."))
    return found


def register_row(firm: Enterprise, by: Actor) -> Membership:
    """The firm's newest row on a register of the actor's cities."""
    rows = Membership.objects.newest().filter(enterprise=firm)
    if not by.is_system:
        rows = rows.filter(city_id__in=by.city_ids)
    row = rows.order_by("-joined_on", "-pk").first()
    if row is None:
        raise Refused("no_firm", _("No firm on the register is called so or has this code."))
    return row


def cases_served(
    firm: Enterprise, row: Membership, cases: Collection[int] | None, by: Actor
) -> list[int]:
    """The cases named, each of this firm and in sight; else all open ones of the city."""
    rows = Case.objects.visible_to(by).filter(enterprise=firm, programme__city=row.city_id)
    if cases is None:
        return list(rows.open().roots().order_by("pk").values_list("pk", flat=True))
    known = list(rows.filter(pk__in=list(cases)).order_by("pk").values_list("pk", flat=True))
    if set(known) != set(cases):
        raise Refused("no_case", _("A case that is named is not one of this firm."))
    return known
