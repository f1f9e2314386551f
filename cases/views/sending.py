"""What a phone sends when the network is back: the same doors as the forms, answered in JSON.

``recorded``: on record, now or by an earlier sending; ``changed``: others acted since the form was
opened, with what, and the basis of whoever has read it; ``refused``: in words. The phone keeps what
was typed until it hears ``recorded``.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse

from cases.errors import Refused
from cases.meanwhile import Changed
from cases.views.acts import status_of


def is_sent(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def number_of(request: HttpRequest) -> UUID | None:
    """The number that the phone, or the page, gave to what is posted."""
    try:
        return UUID(request.POST.get("sent_as", "").strip())
    except ValueError:
        return None


def recorded(words: str, url: str, number: int) -> JsonResponse:
    told = {"state": "recorded", "words": words, "url": url, "id": number}
    return _kept_nowhere(JsonResponse(told))


def refused(refusal: Refused) -> JsonResponse:
    told: dict[str, Any] = {"state": "refused", "code": refusal.code, "words": refusal.words}
    if isinstance(refusal, Changed):
        told |= {"state": "changed", "changes": refusal.changes, "basis": str(refusal.basis)}
    return _kept_nowhere(JsonResponse(told, status=status_of(refusal)))


def _kept_nowhere(answer: JsonResponse) -> JsonResponse:
    answer["Cache-Control"] = "no-store"
    return answer
