"""What a list is asked for; a filter by a place that is not one's own is 404, as its address is."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404
from django.utils.translation import gettext as _

from cases.ledger import WORDS, Asked
from cases.models import Case
from organisations.permissions import can_open
from organisations.scope import Actor

PLACES = ("county", "township")
LONGEST = 40


def asked_or_404(actor: Actor, query: Mapping[str, str]) -> Asked:
    """The filter of a ledger. No list of one's own under the name of somebody else's county: a
    place that the person does not see, that does not exist or is not understood is 404.
    """
    asked = Asked.of_query(query)
    for name in PLACES:
        text = query.get(name) or ""
        if text and not (can_open(actor, text) or _has_cases(actor, name, asked.ids.get(name))):
            raise Http404
    return asked


def _has_cases(actor: Actor, name: str, pk: int | None) -> bool:
    """Firms that one serves may lie anywhere."""
    rows = Case.objects.visible_to(actor).filter(**{f"{name}_id": pk})
    return pk is not None and rows.exists()


def not_understood(query: Mapping[str, str], asked: Asked) -> str:
    """What of an address is no filter, in one line; a list that ignores it says so."""
    names = [name for name in (*WORDS, *Asked.PATHS) if name not in ("q", "sort")]
    held = {name: asked.ids.get(name) or getattr(asked, name, "") for name in names}
    strays = [
        f"{name}={value[:LONGEST]}"
        for name in names
        if (value := query.get(name) or "") and value.lstrip("0") != str(held[name])
    ]
    words = _("Not understood, and left out of the filter: %(what)s")
    return words % {"what": _(", ").join(strays)} if strays else ""
