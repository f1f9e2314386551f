"""What a list is asked for; a filter by a place that is not one's own is 404, as its address is."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404

from cases.ledger import Asked
from cases.models import Case
from organisations.permissions import can_open
from organisations.scope import Actor

PLACES = ("county", "township")


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
