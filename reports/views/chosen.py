"""Which programme a page of figures shows, and its rules: asked in one place."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery
from django.http import Http404

from cases.rulebook import pack_of
from organisations.markers import ActorRequest
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

VERSION = "version"  # the newest one's key: comes with the programme, in the same statement


def chosen(request: ActorRequest) -> tuple[list[Programme], Programme | None]:
    """Programmes of the reader's cities with their newest version, and the one asked for
    (``?programme=key``; without a word the first). 404 for one that is not among them."""
    newest = ProgrammeVersion.objects.filter(programme=OuterRef("pk")).order_by("-number")
    found = Programme.objects.filter(city__in=request.actor.city_ids).select_related("city")
    choices = list[Programme](found.annotate(**{VERSION: Subquery(newest.values("pk")[:1])}))
    return choices, _chosen(choices, request.GET.get("programme", ""))


def pack_shown(programme: Programme) -> Pack:
    """The rules of a programme that came from ``chosen``; kept by the process, no statement."""
    version: int = vars(programme)[VERSION]
    return pack_of(version)


def _chosen(choices: list[Programme], key: str) -> Programme | None:
    if not key:
        return choices[0] if choices else None
    for programme in choices:
        if programme.key == key:
            return programme
    raise Http404
