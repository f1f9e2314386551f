"""Who may take over what is ticked, and whom the form names."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.desks import WORKING
from cases.errors import Refused
from cases.views.hands import hands
from cases.views.ledger_choices import is_citys_department, units_of
from organisations import clock
from organisations.markers import ActorRequest
from organisations.models import Post, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor


def target_of(request: ActorRequest) -> tuple[Unit | None, Post | None]:
    """``unit-3`` or ``post-7`` of the form, among what the actor may choose."""
    kind, _dash, pk = request.POST.get("target", "").partition("-")
    offered = {value for value, _label in targets(request.actor)}
    if f"{kind}-{pk}" not in offered:
        raise Refused("no_target", _("Choose the unit or the post that takes over."))
    if kind == "unit":
        return Unit.objects.get(pk=int(pk)), None
    return None, Post.objects.select_related("unit").get(pk=int(pk))


def targets(actor: Actor) -> list[tuple[str, str]]:
    """A lead's own people; for the office every unit that takes work."""
    if actor.has_role(Role.OFFICE):
        units = [
            unit
            for unit in units_of(actor)
            if unit.kind == Unit.Kind.TASK_FORCE or is_citys_department(unit, actor)
        ]
        return [(f"unit-{u.pk}", u.short_name or u.name) for u in units]
    own = {s.unit_id for s in actor.standings_for(Act.REASSIGN)}
    posts = Post.objects.filter(unit_id__in=own, role__in=WORKING).select_related("unit")
    ordered = posts.order_by("unit__position", "unit_id", "position", "id")
    return hands(ordered, clock.today(), with_unit=len(own) > 1)
