"""批量邀请企业 from the ledger: choose → preview → the sheets and links, shown once."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cases.invitation_book import write_links
from cases.ledger import Asked
from cases.models import Case
from cases.views.bulk import LISTED, chosen_rows
from cases.views.bulk_told import gone_words
from enterprises.actions import inviting, inviting_many
from enterprises.actions.clerks import INVITING
from enterprises.actions.inviting_many import Made, Plan
from enterprises.invitation_words import site
from enterprises.models import Enterprise
from enterprises.views.clerks import LASTS
from organisations import clock, journal
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.models import AuditEvent


@require_POST
@scoped(*INVITING)
def bulk_invite(request: ActorRequest) -> HttpResponse:
    """URL name ``bulk_invite``: first who would be invited, then, with ``confirm``, the sheets."""
    chosen, gone = chosen_rows(request)
    if gone and not chosen:
        raise Http404
    firms = _firms(chosen, everybody=_again(request))
    if not _firms(chosen, everybody=True):
        return _page(request, firms, None, _("Tick at least one row first."))
    try:
        plan = inviting_many.plan_many(
            firms, by=request.actor, on=clock.today(), again=_again(request)
        )
    except Refused as refused:
        return _page(request, firms, None, refused.words)
    if gone:
        # nobody is invited before the others were looked at again
        return _page(request, firms, plan, gone_words(gone), status=404)
    if not _is_confirmed(request):
        return _page(request, firms, plan)
    try:
        made = inviting_many.invite_many(
            firms,
            by=request.actor,
            at=clock.now(),
            days=_number(request.POST.get("days", "")),
            again=_again(request),
            newest=_number(request.POST.get("newest", "")),
        )
    except Refused as refused:
        return _page(request, firms, plan, refused.words)
    return _sheets(request, made)


def _firms(cases: Sequence[int], *, everybody: bool) -> list[int]:
    """The firms of these cases, each once; what is about no firm has none. Firms of which nothing
    is wanted any more only where ``everybody`` is asked for."""
    rows = Case.objects.filter(pk__in=cases).exclude(enterprise=None).order_by()
    if not everybody:
        rows = rows.filter(finished=None)
    return sorted(rows.values_list("enterprise_id", flat=True).distinct())


def _again(request: ActorRequest) -> bool:
    return request.POST.get("again") == "1"


def _is_confirmed(request: ActorRequest) -> bool:
    """Whether the preview that was looked at is of the same choice."""
    seen = request.POST.get("seen_again", "")
    return request.POST.get("step") == "confirm" and seen == str(int(_again(request)))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _page(
    request: ActorRequest,
    firms: Sequence[int],
    plan: Plan | None,
    error: str = "",
    *,
    status: int = 422,
) -> HttpResponse:
    query = Asked.of_query(QueryDict(request.POST.get("query", ""))).as_query()
    n = len(plan.guests) if plan else 0
    context = {
        "error": error,
        "plan": plan,
        "guests": plan.guests[:LISTED] if plan else [],
        "more": max(n - LISTED, 0),
        "left_out": _left_out(plan) if plan else [],
        "ended": _ended(request, firms) if plan else 0,
        "ids": ",".join(map(str, chosen_rows(request)[0])) if plan else "",
        "query": query,
        "back": f"{reverse('ledger')}?{query or 'of='}",
        "fields": _fields(request),
        "again": _again(request),
        "submit": ngettext("Make %(n)d invitation", "Make %(n)d invitations", n) % {"n": n},
    }
    return render(request, "cases/invite_many.html", context, status=status if error else 200)


def _ended(request: ActorRequest, firms: Sequence[int]) -> int:
    """How many of the chosen firms are struck off or taken out and therefore not asked."""
    return len(set(_firms(chosen_rows(request)[0], everybody=True)) - set(firms))


def _left_out(plan: Plan) -> list[dict[str, str]]:
    names = Enterprise.objects.in_bulk(list(plan.left_out))
    return [
        {"firm": names[pk].name, "url": reverse("firm_clerks", args=[pk]), "why": why}
        for pk, why in plan.left_out.items()
    ]


def _fields(request: ActorRequest) -> list[dict[str, Any]]:
    days = request.POST.get("days") or str(inviting.DAYS)
    choices = [(str(n), ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in LASTS]
    return [
        {
            "kind": "select", "name": "days", "label": _("Open for"), "value": days,
            "choices": choices,
        }
    ]  # fmt: skip


def _sheets(request: ActorRequest, made: Sequence[Made]) -> HttpResponse:
    """Shown this once: nothing of it lies in the address, the session or a file of ours."""
    address = site(request.build_absolute_uri("/"))
    book = io.BytesIO()
    rows = write_links(book, made, site=address, on=clock.today())
    name = "{}_{}.xlsx".format(_("Invitations of firms"), clock.today().strftime("%Y%m%d"))
    journal.record(
        AuditEvent.Kind.EXPORT, "invitations", by=request.actor, at=clock.now(), words=name,
        rows=rows,
    )  # fmt: skip
    context = {
        "sheets": [one.sheet(address) for one in made],
        "book": f"data:{XLSX};base64,{base64.b64encode(book.getvalue()).decode()}",
        "name": name,
    }
    answer = render(request, "enterprises/invitations.html", context)
    add_never_cache_headers(answer)
    return answer
