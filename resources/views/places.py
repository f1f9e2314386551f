"""What the directory's pages share: the city, tabs, addresses."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from organisations.markers import ActorRequest
from organisations.models import Region
from organisations.roles import Act
from organisations.scope import Actor
from resources.permissions import can_add


def city_of(request: ActorRequest, act: Act = Act.READ) -> Region:
    """The city of the actor's posts (``?city=`` where there are several)."""
    ids = {s.city_id for s in request.actor.standings_for(act) if s.city_id}
    cities = Region.objects.filter(pk__in=ids).order_by("position", "id")
    wanted = request.GET.get("city", "")
    chosen = number_or_404(wanted)
    found = cities.filter(pk=chosen).first() if chosen else cities.first()
    if found is None:
        raise Http404
    return found


def number(text: str | None) -> int | None:
    """An id from the address; anything else asks for nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def number_or_404(text: str | None) -> int | None:
    """An id to filter by; what is no id would answer with a list of everything."""
    found = number(text)
    if text and not found:
        raise Http404
    return found


def address(name: str, *args: Any) -> str:
    """A page that lives a floor above, by its URL name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def tabs(actor: Actor, city: Region, here: str) -> list[dict[str, Any]]:
    """资源 | 专家 | 对接记录 | 领域词 over the pages of the directory."""
    places = [
        ("resources", _("Resources")),
        ("experts", _("Experts")),
        ("matches", _("Contact records")),
    ]
    if can_add(actor, city):
        places.append(("field_words", _("Field words")))
    return [
        {"label": label, "url": url, "current": name == here}
        for name, label in places
        if (url := address(name))
    ]
