"""登记走访: one short page, on a phone as well; the counter of the year stands above the form."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import meanwhile, outdoors, uploads, visit_answers, visit_first
from cases.actions import visiting
from cases.actions.filling import FormRefused
from cases.errors import NotYours, Refused
from cases.labels import criterion_label
from cases.meanwhile import Basis, Changed
from cases.models import Case, Visit
from cases.paper_files import with_pages
from cases.rulebook import pack_of
from cases.views import form_fields, sending
from cases.views.acts import status_of
from cases.views.firm_file import firm_or_404, seen_by
from cases.views.paper_files import held_file
from cases.views.rows import officials_cases
from cases.visit_answers import Questions
from cases.visits import Visits, callable_contacts, photos_of, records_of, visits_of
from enterprises.models import Enterprise, Membership
from enterprises.permissions import acting
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.numbers_sent import number_of
from organisations.roles import Act
from workflows.text import localised

CHOSEN = 20


@require_safe
@scoped(*outdoors.VISITING)
def visit_which(request: ActorRequest) -> HttpResponse:
    """URL name ``phone_visit`` (＋走访): which firm one has called at; one's own firms first."""
    actor, today = request.actor, clock.today()
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = Membership.objects.visible_to(acting(actor, *outdoors.VISITING)).on(today)
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
    """URL name ``visit_new``: a visit of one firm; it serves the open cases that stay ticked.

    The page may be taken along and sent later (``static/js/field.js``): by the number that it bears
    a visit is recorded once, however often it is sent.
    """
    if sending.is_sent(request):
        return _sent(request, pk)
    firm = firm_or_404(request.actor, pk)
    if not outdoors.can_visit(request.actor, firm):
        raise PermissionDenied(_("This firm lies outside your area."))
    cases = _open_cases(request, firm)
    if request.method != "POST":
        return _page(request, firm, cases)
    try:
        visit = _record(request, firm, cases)
    except Refused as refusal:
        return _page(request, firm, cases, refusal, status_of(refusal))
    messages.success(request, _served_words(visit))
    return redirect("firm", pk=firm.pk)


def _sent(request: ActorRequest, pk: int) -> HttpResponse:
    """The same from a phone that was away: out of sight by now is said in words, not by a page."""
    try:
        visit = _sent_before(request) or _record_seen(request, pk)
    except Refused as refusal:
        return sending.refused(refusal)
    words = _served_words(visit)
    if request.POST.get("opens"):
        # the page that follows says it; what is sent in the background says it itself
        messages.success(request, words)
    return sending.recorded(words, reverse("firm", args=[pk]), visit.pk)


def _sent_before(request: ActorRequest) -> Visit | None:
    """On record already: told so even to whoever sees the firm no more."""
    number = sending.number_of(request)
    if number is None:
        return None
    return outdoors.sent_before(Visit.objects.all(), number, request.actor)


def _record_seen(request: ActorRequest, pk: int) -> Visit:
    firm = seen_by(request.actor).filter(pk=pk).first()
    if firm is None or not outdoors.can_visit(request.actor, firm):
        raise NotYours(
            "not_yours",
            _(
                "This firm is no longer in your area; it may have been reassigned. Copy what you "
                "wrote and pass it on."
            ),
        )
    return _record(request, firm, _open_cases(request, firm))


def _open_cases(request: ActorRequest, firm: Enterprise) -> list[Case]:
    rows = officials_cases(request.actor).filter(enterprise=firm).open().roots()
    return list(rows.select_related("programme").order_by("-programme__statistical_year", "pk"))


def _served_words(visit: Visit) -> str:
    n = visit.cases.count()
    return _("The visit is on record; it serves %(n)d cases.") % {"n": n}


def _record(request: ActorRequest, firm: Enterprise, cases: list[Case]) -> Visit:
    post = request.POST
    questions = _questions(request, firm)
    data = questions.posted(post)
    day = _day(str(data.pop(questions.key("visited_on"))))
    if day is None:
        raise Refused("no_date", _("Please choose a date."))
    ticked = set(post.getlist("cases"))
    basis = Basis.read(post.get("basis", ""))
    files = [file for file in request.FILES.getlist("photos") if file]
    for file in files:
        visiting.check_photo_name(file.name or "")
    asked = {int(pk) for pk in ticked if pk.isascii() and pk.isdigit() and len(pk) < 12}
    if asked - {case.pk for case in cases}:
        # ticked and open no more: what became of it, before anything else
        meanwhile.check(firm, basis, asked, day, request.actor)
    return visiting.record_visit(
        firm,
        visited_on=day,
        **_by_role(questions, data),
        cases=[case.pk for case in cases if str(case.pk) in ticked],
        photos=uploads.check_all(files) if files else (),
        place=visiting.Place.read(post.get("latitude", ""), post.get("longitude", "")),
        sent_as=sending.number_of(request),
        basis=basis,
        answers=data,
        asked_by=questions.version,
        by=request.actor,
        at=clock.now(),
    )


def _by_role(questions: Questions, data: dict[str, Any]) -> dict[str, Any]:
    """Taken out of the answers: what the verb is told by name. A day that is none stays there."""
    told: dict[str, Any] = {
        role: str(data.pop(questions.key(role), "")) for role in ("people", "way", "met", "found")
    }
    key = questions.key("next_contact")
    told["next_on"] = _day(str(data.get(key, "")))
    return told


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _page(
    request: ActorRequest,
    firm: Enterprise,
    cases: list[Case],
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    changed = refusal if isinstance(refusal, Changed) else None
    number = sending.number_of(request) if refusal else None
    row = outdoors.register_row(firm, request.actor)
    visits = visits_of(firm, request.actor, clock.today())
    questions = _questions(request, firm, row)
    sections = _sections(request, questions, row, visits, refusal)
    context = {
        "firm": firm,
        "row": row,
        "contacts": callable_contacts(firm),
        "visits": visits,
        "title": localised(questions.form.title),
        "hint": localised(questions.form.hint),
        "sections": sections,
        "last": _served_field(request, cases),
        "day_key": questions.key("visited_on"),
        "asked_by": questions.version or "",
        "scripted": any(
            "shown_by" in field or "how" in field for one in sections for field in one["fields"]
        ),
        "error": refusal.words if refusal else "",
        "changes": changed.changes if changed else (),
        "basis": changed.basis if changed else _basis(request, firm, refusal),
        "sent_as": number or uuid4(),
        "most": visiting.MOST_PHOTOS,
    }
    return render(request, "cases/firm/visit_new.html", context, status=status)


def _questions(request: ActorRequest, firm: Enterprise, row: Membership | None = None) -> Questions:
    """The newest plan's, or those that the page was made under, if it was taken along."""
    row = row or outdoors.register_row(firm, request.actor)
    return visit_answers.asked(row.city_id, number_of(request.POST.get("asked_by", "")) or None)


def _sections(
    request: ActorRequest,
    questions: Questions,
    row: Membership,
    visits: Visits,
    refusal: Refused | None,
) -> list[dict[str, Any]]:
    today = clock.today()
    known = visit_first.facts(row, visits, request.actor, today)
    if refusal is not None:
        data = questions.posted(request.POST)
    else:
        data = visit_first.first_answers(questions, row, known, request.actor, today)
    errors = refusal.errors if isinstance(refusal, FormRefused) else {}
    parts = form_fields.sections(questions.form, data, errors, known, {})
    day = questions.key("visited_on")
    for field in (field for part in parts for field in part["fields"]):
        if field["name"] == day:
            field["max"] = today
            # a day that is none is not put back
            field["value"] = _day(str(field["value"])) or today
    return parts


def _basis(request: ActorRequest, firm: Enterprise, refusal: Refused | None) -> Basis | None:
    return Basis.read(request.POST.get("basis", "")) if refusal else Basis.of(firm)


def _served_field(request: ActorRequest, cases: list[Case]) -> dict[str, Any] | None:
    if not cases:
        return None
    posted = request.method == "POST"
    return {
        "kind": "many", "name": "cases", "label": _("Serves these cases"),
        "hint": _("One visit serves several programmes; untick what it did not touch."),
        "required": False,
        "value": request.POST.getlist("cases") if posted else [str(case.pk) for case in cases],
        "choices": [(str(case.pk), _case_words(case)) for case in cases],
    }  # fmt: skip


def _case_words(case: Case) -> str:
    pack = pack_of(case.pack_version_id)
    kind = localised(pack.procedure(case.procedure).title)
    lacks = _(", ").join(criterion_label(pack, key) for key in case.lacking)
    words = " ".join(filter(None, [str(case.programme), kind, case.title, case.number]))
    return f"{words} ({_('still missing: %(what)s') % {'what': lacks}})" if lacks else words


@require_safe
@scoped(Act.READ)
def visit_record(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``visit_record``: one record whole, for reading and printing, in the words of the
    version of the plan that asked."""
    visit = records_of(request.actor).filter(pk=pk).first()
    if visit is None:
        raise Http404
    said = visit_answers.record_of(visit)
    context = {
        "visit": visit,
        "title": localised(visit_answers.form_that_asked(visit).title),
        "answers": [{"name": name, "value": value} for name, value in said],
        "photos": with_pages(visit.photos.all()),
        "serves": visit.cases.select_related("programme").order_by("pk"),
    }
    return render(request, "cases/firm/visit_record.html", context)


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


@require_safe
@scoped(Act.READ)
def visit_photo(request: ActorRequest, pk: int) -> HttpResponseBase:
    """URL name ``visit_photo``: a picture of a visit, for whoever reads what was found."""
    photo = photos_of(request.actor).filter(pk=pk).first()
    if photo is None:
        raise Http404
    return held_file(request, photo, reverse("visit_photo", args=[pk]))
