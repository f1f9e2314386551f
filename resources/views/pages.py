"""The page of a resource and of an expert: what they offer, whom to call, what came of it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from resources.models import Expert, Resource
from resources.permissions import can_edit, phone_of
from resources.views.places import address

Part = dict[str, Any]
Row = TypeVar("Row", Resource, Expert)
WITH = ("region", "owner_unit", "city")


@require_safe
@scoped(Act.READ)
def resource(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``resource``; what the actor may not see is 404."""
    row = resource_or_404(request.actor, pk)
    today = clock.today()
    experts = Expert.objects.visible_to(request.actor).on(today).filter(institute=row)
    context = _context(request, row) | {
        "facts": _facts(row) + _contact(row, request.actor),
        "members": list(row.members.filter(Q(until_on=None) | Q(until_on__gt=today)))
        if row.kind == Resource.Kind.ALLIANCE
        else None,
        "experts": list(experts[:50]),
        "matches_url": address("resource_matches", pk),
    }
    return render(request, "resources/resource.html", context)


@require_safe
@scoped(Act.READ)
def expert(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``expert``."""
    row = expert_or_404(request.actor, pk)
    facts = [
        {
            "name": _("Institute"),
            "value": row.institute_name,
            "url": address("resource", row.institute_id) if row.institute_id else "",
        },
        {"name": _("Title"), "value": row.title},
        {"name": _("Service team"), "value": row.team},
        *_facts(row),
        *_contact(row, request.actor),
    ]
    context = _context(request, row) | {
        "facts": facts,
        "matches_url": address("expert_matches", pk),
    }
    return render(request, "resources/expert.html", context)


def resource_or_404(actor: Actor, pk: int) -> Resource:
    rows = Resource.objects.visible_to(actor).select_related(*WITH)
    return _one(rows.filter(pk=pk).first())


def expert_or_404(actor: Actor, pk: int) -> Expert:
    rows = Expert.objects.visible_to(actor).select_related(*WITH, "institute")
    return _one(rows.filter(pk=pk).first())


def _one(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row


def _context(request: ActorRequest, row: Resource | Expert) -> Part:
    return {
        "row": row,
        "may_edit": can_edit(request.actor, row),
        "is_valid": row.is_valid(clock.today()),
        "tel": phone_of(row, request.actor)["tel"],
    }


def _facts(row: Resource | Expert) -> list[Part]:
    level = row.get_level_display() if row.level else ""
    return [
        {"name": _("Kind"), "value": row.get_kind_display(), "note": level},
        {"name": _("Place"), "value": row.where or ""},
    ]


def _contact(row: Resource | Expert, actor: Actor) -> list[Part]:
    who = row.contact if isinstance(row, Resource) else ""
    phone = phone_of(row, actor)["shown"]
    return [
        {"name": _("Contact"), "value": f"{who} {phone}".strip()},
        {"name": _("Source"), "value": row.source},
        {
            "name": _("Kept by"),
            "value": str(row.owner_unit.short_name or row.owner_unit.name)
            if row.owner_unit
            else _("the office"),
        },
    ]
