"""登记走访: one short page, on a phone as well; the counter of the year stands above the form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.actions import visiting
from cases.errors import Refused
from cases.labels import criterion_label
from cases.models import Case, Visit
from cases.rulebook import pack_of
from cases.views.acts import status_of
from cases.views.firm_file import firm_or_404
from cases.views.rows import officials_cases
from cases.visits import visits_of
from enterprises.models import Enterprise, Membership
from enterprises.permissions import acting
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from workflows.text import localised

CHOSEN = 20


@require_safe
@scoped(*visiting.VISITING)
def visit_which(request: ActorRequest) -> HttpResponse:
    """URL name ``phone_visit`` (＋走访): which firm one has called at; one's own firms first."""
    actor, today = request.actor, clock.today()
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = Membership.objects.visible_to(acting(actor, *visiting.VISITING)).on(today)
    if text:
        rows = rows.found_by(text)
    elif actor.served_ids:
        rows = rows.filter(enterprise_id__in=list(actor.served_ids))
    rows = rows.select_related("enterprise", "county", "township").order_by("enterprise__name")
    context = {"rows": list(rows[:CHOSEN]), "q": text, "most": CHOSEN}
    return render(request, "cases/firm/visit_which.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def visit_new(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``visit_new``: a visit of one firm; it serves the open cases that stay ticked."""
    firm = firm_or_404(request.actor, pk)
    if not visiting.can_visit(request.actor, firm):
        raise PermissionDenied(_("This firm lies outside your area."))
    rows = officials_cases(request.actor).filter(enterprise=firm).open().roots()
    cases = list(rows.select_related("programme").order_by("-programme__statistical_year", "pk"))
    if request.method != "POST":
        return _page(request, firm, cases)
    try:
        visit = _record(request, firm, cases)
    except Refused as refusal:
        return _page(request, firm, cases, refusal.words, status_of(refusal))
    n = visit.cases.count()
    messages.success(request, _("The visit is on record; it serves %(n)d cases.") % {"n": n})
    return redirect("firm", pk=firm.pk)


def _record(request: ActorRequest, firm: Enterprise, cases: list[Case]) -> Visit:
    post = request.POST
    day = _day(post.get("visited_on", ""))
    if day is None:
        raise Refused("no_date", _("Please choose a date."))
    ticked = set(post.getlist("cases"))
    return visiting.record_visit(
        firm,
        visited_on=day,
        way=post.get("way", ""),
        people=post.get("people", ""),
        met=post.get("met", ""),
        found=post.get("found", ""),
        cases=[case.pk for case in cases if str(case.pk) in ticked],
        by=request.actor,
        at=clock.now(),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _page(
    request: ActorRequest, firm: Enterprise, cases: list[Case], error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "firm": firm,
        "visits": visits_of(firm, request.actor, clock.today()),
        "fields": _fields(request, cases),
        "error": error,
    }
    return render(request, "cases/firm/visit_new.html", context, status=status)


def _fields(request: ActorRequest, cases: list[Case]) -> list[dict[str, Any]]:
    post, asked = request.POST, request.method == "POST"
    chosen = post.getlist("cases") if asked else [str(case.pk) for case in cases]
    me = str(request.actor.user or "")
    fields: list[dict[str, Any]] = [
        {
            "kind": "date", "name": "visited_on", "label": _("Day of the visit"),
            "value": _day(post.get("visited_on", "")) or clock.today(), "max": clock.today(),
        },
        {
            "kind": "choices", "name": "way", "label": _("Kind of visit"),
            "choices": Visit.Way.choices, "value": post.get("way", Visit.Way.ON_SITE.value),
        },
        {
            "kind": "text", "name": "people", "label": _("Who went"), "maxlength": 200,
            "hint": _("Usually two people"), "value": post.get("people", me),
        },
        {
            "kind": "text", "name": "met", "label": _("Met at the firm"), "required": False,
            "maxlength": 200, "value": post.get("met", ""),
        },
        {
            "kind": "textarea", "name": "found", "label": _("What was found or agreed"),
            "rows": 4, "maxlength": 1000, "value": post.get("found", ""),
        },
    ]  # fmt: skip
    if cases:
        fields.append(
            {
                "kind": "many", "name": "cases", "label": _("Serves these cases"),
                "hint": _("One visit serves several programmes; untick what it did not touch."),
                "required": False, "value": chosen,
                "choices": [(str(case.pk), _case_words(case)) for case in cases],
            }
        )  # fmt: skip
    return fields


def _case_words(case: Case) -> str:
    pack = pack_of(case.pack_version_id)
    kind = localised(pack.procedure(case.procedure).title)
    lacks = _(", ").join(criterion_label(pack, key) for key in case.lacking)
    words = " ".join(filter(None, [str(case.programme), kind, case.title, case.number]))
    return f"{words} ({_('still missing: %(what)s') % {'what': lacks}})" if lacks else words


@require_http_methods(["POST"])
@scoped(Act.READ)
def visit_take_back(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``visit_take_back``: entered by mistake; the reason stays on record."""
    visit = Visit.objects.filter(pk=pk).select_related("enterprise").first()
    if visit is None:
        raise Http404
    firm = firm_or_404(request.actor, visit.enterprise_id)
    try:
        visiting.take_back_visit(
            pk, by=request.actor, at=clock.now(), reason=request.POST.get("reason", "")
        )
    except Refused as refusal:
        if refusal.code == "not_yours":
            raise PermissionDenied(refusal.words) from refusal
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("The visit is taken back and no longer counted."))
    return redirect("firm", pk=firm.pk)
