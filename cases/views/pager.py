"""Previous and next under the filter that a person came with; one query over the ids."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.ledger import Asked, Ledger
from organisations import clock
from organisations.markers import ActorRequest


def pager(request: ActorRequest, pk: int) -> dict[str, Any] | None:
    """What components/pager.html takes; nothing for a page that was opened without a list."""
    if not request.GET:
        return None
    asked = Asked.of_query(request.GET)
    query = asked.as_query()
    ids = list(Ledger(request.actor, clock.today(), asked).rows().values_list("pk", flat=True))
    back = {"url": f"{reverse('ledger')}?{query}", "words": _("Working ledger")}
    if pk not in ids:
        return {"back": back}
    place = ids.index(pk)
    around = {"previous": place - 1, "next": place + 1}
    links = {
        name: f"{reverse('case', args=[ids[at]])}?{query}"
        for name, at in around.items()
        if 0 <= at < len(ids)
    }
    words = _("%(n)d of %(total)d") % {"n": place + 1, "total": len(ids)}
    return {"back": back, "words": words, **links}
