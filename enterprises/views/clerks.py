"""企业联络员 of one firm: who has access and by whom, invitations, and the sheet of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from enterprises.actions import inviting
from enterprises.invitation_words import Sheet, site
from enterprises.models import Clerk, Contact, Enterprise
from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.phones import masked
from organisations.roles import Act

LASTS = (7, inviting.DAYS, 90, inviting.MOST_DAYS)


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def firm_clerks(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_clerks``: the list for whoever sees the firm; inviting and removing for its
    county, its township and the office."""
    firm = Enterprise.objects.visible_to(request.actor).filter(pk=pk).first()
    if firm is None:
        raise Http404
    may = inviting.can_invite(firm, request.actor)
    refusal, status = "", 200
    if request.method == "POST":
        if not may:
            words = _("A firm is invited by its county or township, or by the city office.")
            raise PermissionDenied(words)
        try:
            return _done(request, firm)
        except Refused as refused:
            refusal, status = refused.words, 422
    return render(
        request, "enterprises/clerks.html", _page(request, firm, may, refusal), status=status
    )


def _done(request: ActorRequest, firm: Enterprise) -> HttpResponse:
    wish, by, at = request.POST.get("do", ""), request.actor, clock.now()
    if wish == "invite":
        return _sheet(request, firm)
    row = _number(request.POST.get("row", ""))
    if wish == "revoke":
        if not firm.invitations.filter(pk=row).exists():
            raise Http404
        inviting.revoke(row, by=by, at=at)
        messages.success(request, _("The invitation was taken back; nobody enters by it any more."))
    elif wish == "remove":
        clerk = firm.clerks.select_related("user", "enterprise").filter(pk=row).first()
        if clerk is None:
            raise Http404
        inviting.remove(clerk, by=by, at=at)
        words = _("%(name)s no longer sees the firm's page; open invitations ended with it.")
        messages.success(request, words % {"name": clerk.user})
    else:
        raise Refused("no_wish", _("Choose what to do."))
    return HttpResponseRedirect(reverse("firm_clerks", args=[firm.pk]))


def _sheet(request: ActorRequest, firm: Enterprise) -> HttpResponse:
    """The new invitation, shown this once: nothing of it lies in the address or the session. The
    same page sent again, as a browser does that loads it anew, makes no second one."""
    post = request.POST
    if post.get("newest", str(_newest(firm))) != str(_newest(firm)):
        words = _("An invitation was made from this page; it stands in the list and is shown once.")
        raise Refused("made", words)
    made, code = inviting.invite(
        firm,
        by=request.actor,
        at=clock.now(),
        person=post.get("person", ""),
        phone=post.get("phone", ""),
        days=_number(post.get("days", "")) or inviting.DAYS,
    )
    sheet = Sheet(made, code, site(request.build_absolute_uri("/")))
    answer = render(request, "enterprises/invitation.html", {"firm": firm, "sheet": sheet})
    add_never_cache_headers(answer)
    return answer


def _newest(firm: Enterprise) -> int:
    made: int | None = firm.invitations.aggregate(last=Max("pk"))["last"]
    return made or 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _page(request: ActorRequest, firm: Enterprise, may: bool, refusal: str) -> dict[str, Any]:
    today = clock.today()
    clerks = firm.clerks.select_related("user", "added_by", "removed_by").order_by("from_on", "pk")
    rows = [_clerk(one, may, one.is_on(today)) for one in clerks]
    guests = _guests(row["row"] for row in rows if row["is_on"])
    invitations = [
        {
            "row": one,
            "phone": one.phone if may else masked(one.phone),
            "guests": guests.get(one.pk, ""),
        }
        for one in firm.invitations.select_related("made_by")
        if one.is_open(today)
    ]
    return {
        "firm": firm,
        "may": may,
        "clerks": [row for row in rows if row["is_on"]],
        "former": [row for row in rows if not row["is_on"]],
        "invitations": invitations,
        "fields": _fields(request, firm),
        "newest": _newest(firm),
        "refusal": refusal,
    }


def _guests(clerks: Iterable[Clerk]) -> dict[int, str]:
    """By invitation who has access by it."""
    found: dict[int, list[str]] = {}
    for one in clerks:
        if one.invitation_id is not None:
            found.setdefault(one.invitation_id, []).append(str(one.user))
    return {pk: pgettext("list of names", ", ").join(names) for pk, names in found.items()}


def _clerk(one: Clerk, may: bool, is_on: bool) -> dict[str, Any]:
    """A number in full for whoever calls, masked for whoever only reads (personal data)."""
    phone = one.user.phone
    return {
        "row": one,
        "is_on": is_on,
        "phone": phone if may else masked(phone),
        "tel": "".join(c for c in phone if c.isdigit() or c == "+") if may else "",
    }


def _fields(request: ActorRequest, firm: Enterprise) -> list[dict[str, Any]]:
    """Whom it is meant for, as far as a contact is known: then he has nothing to type."""
    post = request.POST
    known: Contact | None = firm.contacts.exclude(phone="").order_by("duty", "id").last()
    days = post.get("days") or str(inviting.DAYS)
    return [
        {
            "kind": "text", "name": "person", "label": _("For whom"), "required": False,
            "hint": _("With name and phone one press is enough to enter; else both are asked for."),
            "value": post.get("person", known.name if known else ""), "maxlength": 40,
        },
        {
            "kind": "text", "name": "phone", "label": _("Phone"), "required": False,
            "inputmode": "tel", "value": post.get("phone", known.phone if known else ""),
        },
        {
            "kind": "select", "name": "days", "label": _("Open for"), "value": days,
            "choices": [(str(n), ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in LASTS],
        },
    ]  # fmt: skip
