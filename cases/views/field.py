"""外勤 on a phone: today's route, the call with its 20-second note."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import outdoors
from cases.actions import calling, routing
from cases.errors import NotYours, Refused
from cases.models import CallNote
from cases.route import SUGGESTED, Route
from cases.views import sending
from cases.views.acts import status_of
from cases.views.firm_file import firm_or_404, seen_by
from cases.visits import callable_contacts, calls_of
from enterprises.models import Contact, Enterprise
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

BEFORE = 3  # calls of lately above the form


@require_safe
@scoped(*outdoors.VISITING)
def route(request: ActorRequest) -> HttpResponse:
    """URL name ``route``: today's firms in the order by hand, and what else is due nearby."""
    today = clock.today()
    held = Route(request.actor, today, today)
    stops = held.stops
    context = {
        "stops": stops,
        "suggested": held.suggested,
        "gone": held.gone,
        "beyond": held.beyond,
        "shown": SUGGESTED,
        "today": today,
        "most": routing.MOST,
        # what a phone takes along: this page, and of each firm the two forms
        "pages": " ".join(
            [
                reverse("route"),
                *(
                    reverse(name, args=[s.firm])
                    for s in stops
                    for name in ("visit_new", "call_new")
                ),
            ]
        ),
    }
    return render(request, "cases/field/route.html", context)


@require_POST
@scoped(*outdoors.VISITING)
def route_plan(request: ActorRequest) -> HttpResponse:
    """URL name ``route_plan``: one firm in, out, up or down; ``all``: every suggested one."""
    actor, today = request.actor, clock.today()
    held = Route(actor, today, today)
    act, _blank, named = request.POST.get("act", "").partition(":")
    firm = int(named) if named.isascii() and named.isdigit() and len(named) < 12 else 0
    try:
        made = routing.plan_route(_planned(held, act, firm), on=today, by=actor, at=clock.now())
    except Refused as refusal:
        if isinstance(refusal, NotYours):
            raise PermissionDenied(refusal.words) from refusal
        messages.error(request, refusal.words)
    else:
        if act == "all" and len(held.with_all()) > len(made):
            words = _("The route is full with %(n)d firms; the others still stand below.")
            messages.warning(request, words % {"n": routing.MOST})
    return redirect(f"{reverse('route')}{f'#stop-{firm}' if firm else ''}")


def _planned(held: Route, act: str, firm: int) -> list[int]:
    if act == "in":
        return held.put_in(firm)
    if act == "out":
        return held.without(firm)
    if act == "up":
        return held.moved(firm, -1)
    if act == "down":
        return held.moved(firm, 1)
    if act == "all":
        return held.with_all()[: routing.MOST]
    raise Refused("no_act", _("Choose what to do with the firm: in, out, up or down."))


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def call_new(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``call_new``: 通话小结 of one firm; sent later, like a visit."""
    if sending.is_sent(request):
        return _sent(request, pk)
    firm = firm_or_404(request.actor, pk)
    if not outdoors.can_visit(request.actor, firm):
        raise PermissionDenied(_("This firm lies outside your area."))
    if request.method != "POST":
        return _page(request, firm)
    try:
        _note(request, firm)
    except Refused as refusal:
        return _page(request, firm, refusal.words, status_of(refusal))
    messages.success(request, _("The call is on record."))
    return redirect("firm", pk=firm.pk)


def _sent(request: ActorRequest, pk: int) -> HttpResponse:
    actor, number = request.actor, sending.number_of(request)
    try:
        note = number and outdoors.sent_before(CallNote.objects.all(), number, actor)
        if not note:
            firm = seen_by(actor).filter(pk=pk).first()
            if firm is None:
                raise NotYours("not_yours", _("This firm lies outside your area."))
            note = _note(request, firm)
    except Refused as refusal:
        return sending.refused(refusal)
    words = _("The call is on record.")
    if request.POST.get("opens"):
        messages.success(request, words)
    return sending.recorded(words, reverse("firm", args=[pk]), note.pk)


def _note(request: ActorRequest, firm: Enterprise) -> CallNote:
    post = request.POST
    return calling.note_call(
        firm,
        result=post.get("result", ""),
        next_step=post.get("next_step", ""),
        called_on=_day(post.get("called_on", "")),
        next_on=_day(post.get("next_on", "")),
        spoke_to=post.get("other", "").strip() or post.get("spoke_to", ""),
        said=post.get("said", ""),
        sent_as=sending.number_of(request),
        by=request.actor,
        at=clock.now(),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _page(
    request: ActorRequest, firm: Enterprise, error: str = "", status: int = 200
) -> HttpResponse:
    contacts = callable_contacts(firm)
    today = clock.today()
    number = sending.number_of(request) if error else None
    context = {
        "firm": firm,
        "contacts": contacts,
        "calls": calls_of(firm, request.actor, today)[:BEFORE],
        "fields": _fields(request, contacts),
        "more": _more(request, bool(contacts)),
        "error": error,
        "today": today,
        "sent_as": number or uuid4(),
    }
    return render(request, "cases/field/call_new.html", context, status=status)


def _fields(request: ActorRequest, contacts: list[Contact]) -> list[dict[str, Any]]:
    """Three taps: what came of it, what is next, on record; whom one called is chosen already."""
    post = request.POST
    people = [(one.name, _contact_words(one)) for one in contacts]
    who: list[dict[str, Any]] = [
        {
            "kind": "choices", "name": "spoke_to", "label": _("Spoke to"), "choices": people,
            "required": False, "value": post.get("spoke_to", people[0][0]),
        }
    ] if people else []  # fmt: skip
    return [
        *who,
        {
            "kind": "choices", "name": "result", "label": _("What came of it"),
            "choices": CallNote.Result.choices, "value": post.get("result", ""),
        },
        {
            "kind": "choices", "name": "next_step", "label": _("What is next"),
            "choices": CallNote.Next.choices, "value": post.get("next_step", ""),
        },
    ]  # fmt: skip


def _contact_words(contact: Contact) -> str:
    duty = contact.position or str(contact.get_duty_display())
    return f"{contact.name} {duty}".strip()


def _more(request: ActorRequest, has_contacts: bool) -> list[dict[str, Any]]:
    """What may be added, folded away."""
    post = request.POST
    label = _("Somebody else") if has_contacts else _("Spoke to")
    return [
        {
            "kind": "text", "name": "other", "label": label, "required": False,
            "maxlength": calling.OF_PERSON, "value": post.get("other", ""),
        },
        {
            "kind": "textarea", "name": "said", "label": _("In a sentence"), "required": False,
            "rows": 2, "maxlength": calling.OF_TEXT, "value": post.get("said", ""),
        },
        {
            "kind": "date", "name": "next_on", "label": _("The next step by"), "required": False,
            "value": _day(post.get("next_on", "")) or "",
        },
    ]  # fmt: skip
