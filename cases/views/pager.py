"""The way back: the list that a person came from, previous and next under its filter.

Links of a list carry its filter and, where it is not the ledger, its name (``via``); the acts of a
case hand both on, so that whoever is done goes on where he was.
"""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cases.ledger import WORDS, Asked, Ledger
from organisations import clock
from organisations.markers import ActorRequest

# lists beside the ledger that a case may be opened from: URL name and words
PLACES: dict[str, tuple[str, str | Promise]] = {
    "workbench": ("workbench", gettext_lazy("Workbench")),
    "closings": ("closing_batch", gettext_lazy("Confirm closings")),
    "reviews": ("closing_review", gettext_lazy("Closings to review")),
    "overdue": ("overdue", gettext_lazy("Supervision")),
    "issues": ("issues", gettext_lazy("Issues and needs")),
    "measures": ("measures", gettext_lazy("Key measures")),
    "orders": ("orders", pgettext_lazy("tab", "Supervision orders")),
    "near": ("near", pgettext_lazy("tab", "Nearly due")),
    "reminders": ("reminders", pgettext_lazy("tab", "Reminders given")),
    "extensions": ("extensions", pgettext_lazy("tab", "Extensions")),
    "suspensions": ("suspensions", pgettext_lazy("tab", "Suspensions")),
    "calls": ("calls", pgettext_lazy("tab", "Phone reminders")),
}
LISTED = (*WORDS, *Asked.PATHS)


def way(request: ActorRequest) -> str:
    """What leads back to the list, as a query string; empty where there was none."""
    query = QueryDict(mutable=True)
    if any(name in request.GET for name in LISTED):
        query = QueryDict(Asked.of_query(request.GET).as_query() or "of=", mutable=True)
    if request.GET.get("via") in PLACES:
        query["via"] = request.GET["via"]
    return query.urlencode()


def onward(url: str, query: str) -> str:
    """An address that keeps the way back."""
    if not query or not url.startswith("/"):
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def pager(request: ActorRequest, pk: int) -> dict[str, Any] | None:
    """What components/pager.html takes; nothing for a page that was opened without a list.

    One query over the ids of the filter.
    """
    query = way(request)
    if not query:
        return None
    asked = Asked.of_query(request.GET)
    place = PLACES.get(request.GET.get("via", ""))
    if place:
        back = {"url": reverse(place[0]), "words": str(place[1])}
    else:
        back = {"url": f"{reverse('ledger')}?{asked.address}", "words": _("Working ledger")}
    if not any(name in request.GET for name in LISTED):
        return {"back": back}
    ids = list(Ledger(request.actor, clock.today(), asked).rows().values_list("pk", flat=True))
    if pk not in ids:
        return {"back": back}
    at = ids.index(pk)
    links = {
        name: onward(reverse("case", args=[ids[there]]), query)
        for name, there in {"previous": at - 1, "next": at + 1}.items()
        if 0 <= there < len(ids)
    }
    # a firm has several remedies: their lists count items, not firms
    told = pgettext("items", "%(n)d of %(total)d") if asked.of else _("%(n)d of %(total)d")
    words = told % {"n": at + 1, "total": len(ids)}
    return {"back": back, "words": words, "items": bool(asked.of), **links}
