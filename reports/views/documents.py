"""文书简报: the office writes and issues documents, their addressees read and sign for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import permissions
from cases.errors import NotYours, Refused, Stale
from cases.models import EscalationDraft
from organisations import clock, files
from organisations.downloads import note_taken
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.numbers_sent import number_of
from organisations.roles import Act
from reports import stack_file
from reports.documents import actions, hands, kinds, letters, printing
from reports.documents.nouns import Document
from reports.documents.render import NoPdf
from reports.documents.route import State
from reports.documents.word import DOCX
from reports.documents.workbook import XLSX
from reports.views.document_acts import ACTS
from reports.views.document_parts import document_page
from workflows.models import Programme

A_PAGE = 30
DIGITS = re.compile(r"\d+")
FILES = {"docx": (printing.docx_for, DOCX), "xlsx": (printing.xlsx_for, XLSX)}


@require_safe
@scoped(Act.READ)
def documents(request: ActorRequest) -> HttpResponse:
    """Those that one writes, or that came to one's units; the newest first."""
    rows = Document.objects.visible_to(request.actor).annotate(
        sent=Count("receipts", distinct=True),
        signed=Count("receipts", filter=Q(receipts__signed_at__isnull=False), distinct=True),
    )
    page = KeyPage(rows, keys("-id"), request.GET, A_PAGE, counted(rows))
    writes = request.actor.may(Act.ISSUE_DOCUMENT)
    letters_page = None
    if writes:
        waiting = Paginator(_unregistered(request), A_PAGE)
        letters_page = waiting.get_page(request.GET.get("letters"))
    context = {
        "documents": list(page.object_list),
        "page": page,
        "strays": left_out(request.GET, {}, searches=False),
        "writes": writes,
        "writes_own": request.actor.may(Act.WRITE_OWN_PAPERS),
        "letters": letters_page and _letters(letters_page.object_list),
        "letters_page": letters_page,
        "at_once": stack_file.AT_ONCE,
        "to_seal": _to_seal(request).count() if writes else 0,
        "compile": _compile_dialog(request) if writes else None,
    }
    return render(request, "reports/documents/documents.html", context)


@require_safe
@scoped(Act.READ)
def document(request: ActorRequest, pk: int) -> HttpResponse:
    """One document: its words, its way, who got it."""
    found = _document_or_404(request, pk)
    if found.is_out:
        actions.open_copy(found, by=request.actor, at=clock.now())
    return document_page(request, found)


@require_safe
@scoped(Act.READ)
def document_pdf(request: ActorRequest, pk: int) -> HttpResponse:
    """The paper; an addressee gets the annexes that are his."""
    found = _document_or_404(request, pk)
    try:
        pdf = printing.pdf_for(found, request.actor)
    except Refused as refusal:
        return document_page(request, found, error=refusal.words, status=409)
    except NoPdf as refusal:
        return document_page(request, found, error=refusal.words, status=503)
    if found.is_out:
        actions.open_copy(found, by=request.actor, at=clock.now())
    name = printing.file_name(found, "pdf")
    note_taken("document", name, by=request.actor, at=clock.now(), subject=found)
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_safe
@scoped(Act.READ)
def document_file(request: ActorRequest, pk: int, ending: str) -> HttpResponse:
    """URL name ``document_file``: .docx to edit, .xlsx of its tables; to each his part."""
    found = _document_or_404(request, pk)
    if ending not in FILES:
        raise Http404
    make, media = FILES[ending]
    try:
        data = make(found, request.actor)
    except Refused as refusal:
        return document_page(request, found, error=refusal.words, status=409)
    if found.is_out:
        actions.open_copy(found, by=request.actor, at=clock.now())
    name = printing.file_name(found, ending)
    note_taken("document", name, by=request.actor, at=clock.now(), subject=found)
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(data, content_type=media, headers=headers)


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def documents_to_seal(request: ActorRequest) -> HttpResponse:
    """URL name ``documents_to_seal``: everything numbered that waits for its seal, in one go; as
    one PDF, or ``?as=zip`` a file each. Many are printed in the background."""
    rows = list(_to_seal(request).order_by("number", "id")[: printing.A_STACK])
    apart = request.GET.get("as") == "zip"
    ending = "zip" if apart else "pdf"
    name = f"{_('To be sealed')}_{clock.today():%Y%m%d}.{ending}"
    try:
        if len(rows) > stack_file.AT_ONCE:
            asked = {"documents": [row.pk for row in rows], "apart": apart}
            job = files.queue(
                "document_stack", name, asked, by=request.actor, at=clock.now(), total=len(rows)
            )
            return redirect("file_job", job.pk)
        data = printing.stack_of(rows, request.actor, apart=apart)
        note_taken("document_stack", name, by=request.actor, at=clock.now(), rows=len(rows))
    except (Refused, NoPdf) as refusal:
        messages.error(request, refusal.words)
        return redirect("documents")
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(data, content_type=f"application/{ending}", headers=headers)


def _to_seal(request: ActorRequest) -> Any:
    rows = Document.objects.visible_to(request.actor).filter(state=State.TO_SEAL)
    rows = rows.filter(issuer=None)  # a unit seals its own
    return rows.select_related("programme__city", "corrects")


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def document_compile(request: ActorRequest) -> HttpResponse:
    """拟稿: compiled from the figures of a day; 通报 where no kind is chosen."""
    programme = _programme(request)
    today = clock.today()
    as_of = min(parse_date_or(request.POST.get("as_of", ""), today), today)
    kind = request.POST.get("kind") or Document.Kind.CIRCULAR.value
    if kind not in Document.Kind.values:
        raise Http404
    subject = kinds.Subject(programme, as_of, today)
    try:
        made = kinds.draft_of(Document.Kind(kind), subject, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("documents")
    messages.success(
        request, _("The draft is compiled. Read it, and edit what should read otherwise.")
    )
    return redirect("document", pk=made.pk)


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def document_register(request: ActorRequest, pk: int) -> HttpResponse:
    """发文登记 of a released letter."""
    mine = EscalationDraft.objects.filter(programme__city__in=request.actor.city_ids, pk=pk)
    if not mine.exists():
        raise Http404
    try:
        made = letters.register_letter(pk, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("documents")
    return redirect("document", pk=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.ISSUE_DOCUMENT)
def documents_register(request: ActorRequest) -> HttpResponse:
    """URL name ``documents_register``: 发文登记 of many letters in one go, seen before."""
    error = ""
    if request.method == "POST":
        chosen = [number_of(text) for text in request.POST.getlist("letter")]
        mine = EscalationDraft.objects.filter(programme__city__in=request.actor.city_ids)
        if mine.filter(pk__in=chosen).count() < len(set(chosen)):
            raise Http404
        try:
            made = letters.register_letters(chosen, by=request.actor, at=clock.now())
        except Refused as refusal:
            error = refusal.words
        else:
            n = len(made)
            words = ngettext("%(n)d letter is registered.", "%(n)d letters are registered.", n)
            messages.success(request, words % {"n": n})
            return redirect("documents")
    # as they went out, the oldest first: the register reads downwards
    waiting = _unregistered(request).order_by("decided_at", "pk")
    rows = sorted(waiting[: letters.AT_ONCE], key=_in_turn)
    context = {
        "letters": _letters(rows),
        "more": max(0, _unregistered(request).count() - len(rows)),
        "error": {"kind": "bad", "words": error, "alert": True} if error else None,
    }
    status = 422 if error else 200
    return render(request, "reports/documents/register.html", context, status=status)


@require_POST
@scoped(Act.READ)
def document_act(request: ActorRequest, pk: int, do: str) -> HttpResponse:
    """One verb, then the page again; a refusal is said on the page with what was typed."""
    found = _document_or_404(request, pk)
    act = ACTS.get(do)
    if act is None:
        raise Http404
    if do != "sign_for" and not hands.writes(found, request.actor):
        raise PermissionDenied(permissions.refusal(Act.ISSUE_DOCUMENT))
    try:
        done = act(request, found)
    except Stale as refusal:
        return document_page(request, found, error=refusal.words, status=409)
    except Refused as refusal:
        status = 403 if isinstance(refusal, NotYours) else 422
        return document_page(request, found, error=refusal.words, typed=request.POST, status=status)
    return redirect("document", pk=done.pk)


# --- which rows --------------------------------------------------------------------------------
def _document_or_404(request: ActorRequest, pk: int) -> Document:
    rows = Document.objects.visible_to(request.actor).select_related(
        "programme__city", "corrects", "issuer"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _unregistered(request: ActorRequest) -> QuerySet[EscalationDraft]:
    """Released letters that the register does not hold yet; the newest first."""
    return letters.unregistered(request.actor.city_ids).order_by("-decided_at", "-pk")


def _letters(rows: Iterable[EscalationDraft]) -> list[dict[str, Any]]:
    """Each to whom its paper says."""
    return [
        {
            "pk": one.pk,
            "kind": one.get_kind_display(),
            "number": one.number,
            "on": one.decided_at,
            "to": letters.addressee_on(one) or one.unit.short_name or one.unit.name,
        }
        for one in rows
    ]


def _in_turn(letter: EscalationDraft) -> tuple[Any, ...]:
    """By the moment of its release, then by its number: 2号 before 10号."""
    digits = [int(part) for part in DIGITS.findall(letter.number)]
    return (letter.decided_at, digits, letter.pk)


def _programme(request: ActorRequest) -> Programme:
    mine = Programme.objects.filter(city__in=request.actor.city_ids).select_related("city")
    key = request.POST.get("programme", "")
    found = mine.filter(key=key).first() if key else mine.first()
    if found is None:
        raise Http404
    return found


def _compile_dialog(request: ActorRequest) -> dict[str, Any] | None:
    mine = list(Programme.objects.filter(city__in=request.actor.city_ids))
    if not mine:
        return None
    fields: list[dict[str, Any]] = [
        {
            "id": "kind",
            "name": "kind",
            "kind": "select",
            "label": pgettext("register", "Kind"),
            "choices": [(k.value, k.label) for k, m in kinds.MAKERS.items() if not m.about_case],
            "value": Document.Kind.CIRCULAR.value,
        },
        {
            "id": "as-of",
            "name": "as_of",
            "kind": "date",
            "label": _("Figures as of the end of"),
            # the month that is over; a circular about a running one is the exception
            "value": clock.today().replace(day=1) - timedelta(days=1),
            "max": clock.today(),
        },
    ]
    if len(mine) > 1:
        choices = [(programme.key, str(programme)) for programme in mine]
        fields.append(
            {
                "id": "programme",
                "name": "programme",
                "kind": "select",
                "label": _("Programme"),
                "choices": choices,
                "value": choices[0][0],
            }
        )
    return {
        "id": "compile",
        "title": _("Draft a document"),
        "lead": _("Compiled from the figures of the day; you edit it before anybody signs."),
        "fields": fields,
        "action": reverse("document_compile"),
        "submit": _("Compile the draft"),
    }


def parse_date_or(text: str, otherwise: Any) -> Any:
    """A day as a form sends it; what is none is ``otherwise``."""
    try:
        return parse_date(text) or otherwise
    except ValueError:
        return otherwise
