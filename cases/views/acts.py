"""The small acts of a case: dialog by htmx, page without it; one verb, its words on the page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from cases import elsewhere, permissions
from cases.acts import Offer, offer_for, reviewable
from cases.errors import NotYours, Refused, Stale
from cases.policies import names_of
from cases.sheet import Sheet, load
from cases.views.case import title_of
from cases.views.case_parts import lamp
from cases.views.deeds import Call, Deed, deed_for, right_for
from cases.views.pager import onward, way
from cases.views.rows import case_or_404
from cases.views.timeline import latest
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

# the button says what the bar said
NAMED_BY_OFFER = ("advance", "send_back", "close", "reassign")


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def case_act(request: ActorRequest, pk: int, act: str) -> HttpResponse:
    """URL name ``case_act``: ``act`` is a verb, or ``verb-stage`` for a move."""
    verb, _dash, to = act.partition("-")
    deed = deed_for(verb)
    if deed is None:
        raise Http404
    sheet = load(case_or_404(request.actor, pk), clock.today())
    if request.method != "POST":
        return _ask(request, sheet, deed, verb, to)
    call = Call(sheet, request.actor, clock.now(), version_of(request), to, request.POST)
    try:
        permissions.check(request.actor, right_for(deed, verb, sheet.case), sheet.case, sheet.item)
        if call.version is None:
            raise Stale("stale", _("This page is too old. Load it again and look before you act."))
        deed.run(call)
    except Refused as refusal:
        return _refuse(request, pk, deed, act, refusal)
    messages.success(request, _done(sheet, deed, verb))
    return HttpResponseRedirect(back_to(request, pk))


def _done(sheet: Sheet, deed: Deed, verb: str) -> str:
    """What the page says afterwards; of a closing what its kind of case calls it."""
    if verb != "close":
        return str(deed.done)
    return _("%(ended)s.") % {"ended": sheet.rules.procedure.closed_words}


def version_of(request: ActorRequest) -> int | None:
    """The version of the page that a person looked at."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def back_to(request: ActorRequest, pk: int) -> str:
    """The case page under the filter that a person came with."""
    return onward(reverse("case", args=[pk]), way(request))


def status_of(refusal: Refused) -> int:
    if isinstance(refusal, Stale):
        return 409
    return 403 if isinstance(refusal, NotYours) else 422


def _ask(request: ActorRequest, sheet: Sheet, deed: Deed, verb: str, to: str) -> HttpResponse:
    offer = _offer(request, sheet, deed, verb, to)
    context = _context(request, sheet, deed, f"{verb}-{to}" if to else verb, offer)
    if offer.is_shut:
        context["note"] = {"words": offer.why, "kind": "bad"}
        return render(request, "cases/acts/shut.html", context)
    if request.headers.get("HX-Request"):
        return render(request, "cases/acts/dialog.html", context)
    return render(request, "cases/acts/act.html", context)


def _offer(request: ActorRequest, sheet: Sheet, deed: Deed, verb: str, to: str) -> Offer:
    if deed.act is not None:
        try:
            permissions.check(request.actor, deed.act, sheet.case, sheet.item)
        except NotYours as refusal:
            raise PermissionDenied(refusal.words) from None
        return Offer(verb, str(deed.title), why=_why_not(request, sheet, deed))
    offer = offer_for(sheet, request.actor, verb, to)
    if offer is None:
        raise PermissionDenied(
            _("This is not to be done here, or not by you. Go back to the case.")
        )
    return offer


def _why_not(request: ActorRequest, sheet: Sheet, deed: Deed) -> str:
    """The words with which the verb would refuse, before anything is typed."""
    if deed.check is not None:
        try:
            deed.check(sheet, request.actor, request.GET.get("criterion", ""))
        except Refused as refusal:
            return refusal.words
    return ""


def _refuse(request: ActorRequest, pk: int, deed: Deed, act: str, refusal: Refused) -> HttpResponse:
    """The same page with the verb's words, what was typed kept, and the case as it is now."""
    sheet = load(case_or_404(request.actor, pk), clock.today())
    verb, _dash, to = act.partition("-")
    offer = None if deed.act else offer_for(sheet, request.actor, verb, to)
    context = _context(request, sheet, deed, act, offer)
    for field in context["dialog"]["fields"]:
        many = field["kind"] == "many"
        name = field["name"]
        field["value"] = request.POST.getlist(name) if many else request.POST.get(name, "")
    context["note"] = {"words": refusal.words, "kind": "bad", "alert": True}
    if refusal.code == elsewhere.CODE:  # the same once more is meant so
        context["note"]["kind"] = "soon"
        context["dialog"]["hidden"]["elsewhere"] = request.POST.get("target", "")
    if isinstance(refusal, Stale):
        context["news"] = latest(sheet)
        context["kept"] = any(field["value"] for field in context["dialog"]["fields"])
    is_over = deed.act is None and (offer is None or offer.is_shut)
    # a button that would only be refused again; what was typed is not taken away
    page = "shut" if is_over and not context["dialog"]["fields"] else "act"
    return render(request, f"cases/acts/{page}.html", context, status=status_of(refusal))


def _context(
    request: ActorRequest, sheet: Sheet, deed: Deed, act: str, offer: Offer | None
) -> dict[str, Any]:
    verb, _dash, to = act.partition("-")
    hidden, about = {}, ""
    criterion = request.POST.get("criterion") or request.GET.get("criterion") or ""
    if criterion and deed.act is not None:
        hidden["criterion"] = criterion
        about = _about(sheet, criterion)
    title = offer.label if offer else str(deed.title)
    dialog = {
        "id": f"act-{verb}",
        "title": title,
        "lead": " ".join(filter(None, [deed.lead(sheet, to, request.actor), about])),
        "fields": [dict(field) for field in deed.fields(sheet, request.actor)],
        "hidden": hidden,
        "note": str(deed.note) % sheet.rules.pack.figures,
        "action": f"{reverse('case_act', args=[sheet.case.pk, act])}?{request.GET.urlencode()}",
        "submit": title if offer and verb in NAMED_BY_OFFER else str(deed.submit),
        "kind": "grave" if deed.grave else "primary",
        "version": sheet.case.version,
        "draft": f"act:{sheet.case.pk}:{sheet.case.version}:{act}",
        "open": True,
    }
    return {
        "dialog": dialog,
        "case": sheet.case,
        "title": title_of(sheet.case),
        "light": lamp(sheet.light_for(request.actor)),
        "back": back_to(request, sheet.case.pk),
    }


def _about(sheet: Sheet, criterion: str) -> str:
    """Which item of which firm an act is about, and what was sent for it and waits."""
    if criterion not in {have.key for have in sheet.rules.pack.haves}:
        return ""
    waiting = [p for p in sheet.papers if (p.criterion, p.state) == (criterion, "submitted")]
    names = {"title": title_of(sheet.case), "item": names_of(sheet.case, [criterion])}
    said = _("%(title)s: %(item)s.") % names
    if waiting:
        words = ngettext(
            "%(n)d paper sent for it waits for review and stays so.",
            "%(n)d papers sent for it wait for review and stay so.",
            len(waiting),
        )
        said += words % {"n": len(waiting)}
    return said


@require_safe
@scoped(Act.READ)
def case_review(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_review``: the oldest paper of this case that waits for this person."""
    sheet = load(case_or_404(request.actor, pk), clock.today())
    waiting = reviewable(sheet, request.actor)
    if not waiting:
        messages.info(request, _("No paper waits for you here."))
        return HttpResponseRedirect(back_to(request, pk))
    address = f"{reverse('evidence', args=[waiting[0].pk])}?from=case"
    return HttpResponseRedirect(onward(address, way(request)))
