"""Papers where the office needs them: printed from a case or a list, or kept as a draft."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.actions import reconciling
from cases.errors import Refused
from cases.models import Case
from cases.rulebook import rules_of
from cases.views.rows import case_or_404
from cases.views.whole import part_of
from enterprises.models import Enterprise
from organisations import clock, files, journal
from organisations.markers import ActorRequest, scoped
from organisations.models import AuditEvent
from organisations.roles import Act
from organisations.scope import Actor
from reports import paper_file
from reports.documents import kinds, survey_papers
from reports.documents.content import Content
from reports.documents.hands import may_draft
from reports.documents.kinds import MAKERS, Kind, Subject
from reports.documents.nouns import Document
from reports.documents.render import NoPdf
from reports.documents.word import DOCX
from reports.documents.workbook import XLSX
from reports.reconciled import lists_now
from reports.views.progress import day_asked
from workflows.models import Programme
from workflows.text import localised

TYPES = {"pdf": "application/pdf", "docx": DOCX, "xlsx": XLSX}


@require_safe
@scoped(Act.READ)
@part_of("case", pgettext_lazy("navigation", "Documents"))
def case_documents(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_documents``: a fragment of the case page; papers about it, and their keys."""
    case = case_or_404(request.actor, pk)
    held = Document.objects.visible_to(request.actor).filter(case=case).order_by("-id")
    context = {
        "case": case,
        "papers": [_paper(case, kind, request.actor) for kind in kinds.kinds_about(case)],
        "documents": list(held[:20]),
        "listed": _listed(request, case),
    }
    return render(request, "reports/documents/case_documents.html", context)


def _listed(request: ActorRequest, case: Case) -> list[dict[str, Any]]:
    """账表核对: the firms that the list named, those that still stand there first; five statements
    for such a case, none for another."""
    if rules_of(case).procedure.opening("freeze") is None:
        return []
    named = set(reconciling.firms_of([case]).get(case.pk, ()))
    programme = case.programme
    lists = lists_now(programme, programme.current.pack, clock.today())
    left = named & set(lists.get((case.grade, case.county_id), ()))
    seen = Enterprise.objects.visible_to(request.actor).filter(pk__in=named).order_by("name", "pk")
    lines = [
        {"pk": pk, "name": name, "code": code or "", "left": pk in left}
        for pk, name, code in seen.values_list("pk", "name", "credit_code")
    ]
    return sorted(lines, key=lambda line: not line["left"])


def _paper(case: Case, kind: Kind, actor: Actor) -> dict[str, Any]:
    urls = {
        ending: reverse("case_paper", args=[case.pk, kind.value, ending])
        for ending in ("pdf", "docx")
    }
    # the survey is called what the plan calls it: 摸底表, 调查表
    is_survey = kind == Kind.QUESTIONNAIRE
    label = localised(survey_papers.survey_of(case).title) if is_survey else kind.label
    drafts = may_draft(actor, case, kind)
    return {"kind": kind.value, "label": label, "drafts": drafts, **urls}


@require_safe
@scoped(Act.READ)
def case_paper(request: ActorRequest, pk: int, kind: str, ending: str) -> HttpResponse:
    """URL name ``case_paper``: compiled as of today and taken away; nothing is kept."""
    case = case_or_404(request.actor, pk)
    return _taken(request, kind, ending, case.programme, case)


@require_safe
@scoped(Act.ISSUE_DOCUMENT)
def list_paper(request: ActorRequest, kind: str, ending: str) -> HttpResponse:
    """URL name ``list_paper`` (``?on=2022-05-31``: 汇总统计表 of a past day): papers of the
    whole programme, for its office."""
    mine = Programme.objects.filter(city__in=request.actor.city_ids).select_related("city")
    key = request.GET.get("programme", "")
    programme = mine.filter(key=key).first() if key else mine.first()
    if programme is None:
        raise Http404
    on, refusal = day_asked(request.GET.get("on", ""), clock.today())
    if refusal:
        raise Http404  # a paper of another day than the one asked for is none
    return _taken(request, kind, ending, programme, None, on)


@require_POST
@scoped(Act.ISSUE_DOCUMENT, Act.WRITE_OWN_PAPERS)
def case_draft(request: ActorRequest, pk: int, kind: str) -> HttpResponse:
    """URL name ``case_draft``: the same content kept as a draft that goes its way."""
    case = case_or_404(request.actor, pk)
    wanted = _kind(kind, case)
    if not may_draft(request.actor, case, wanted):
        raise Http404  # a paper of somebody else's
    subject = Subject(case.programme, clock.today(), clock.today(), case)
    try:
        made = kinds.draft_of(wanted, subject, by=request.actor, at=clock.now())
    except Refused as no:
        messages.error(request, no.words)
        return redirect("case", pk=pk)
    messages.success(
        request, _("The draft is compiled. Read it, and edit what should read otherwise.")
    )
    return redirect("document", pk=made.pk)


def _kind(text: str, case: Case | None) -> Kind:
    known = kinds.kinds_about(case) if case else [k for k, m in MAKERS.items() if not m.about_case]
    if text not in {kind.value for kind in known}:
        raise Http404
    return Kind(text)


def _taken(
    request: ActorRequest,
    kind: str,
    ending: str,
    programme: Programme,
    case: Case | None,
    on: date | None = None,
) -> HttpResponse:
    if ending not in TYPES:
        raise Http404
    wanted, today = _kind(kind, case), clock.today()
    on = today if on is None or MAKERS[wanted].is_of_today else on
    content = kinds.compiled(wanted, Subject(programme, on, today, case))
    if case is None and ending == "pdf" and paper_file.lines_of(content) > paper_file.AT_ONCE:
        return _later(request, wanted, content, programme, on)
    try:
        data = paper_file.written(content, wanted, programme, ending)
    except (NoPdf, Refused) as no:
        return render(request, "reports/documents/no_paper.html", {"words": no.words}, status=422)
    name = _name(content, on, ending)
    journal.record(
        AuditEvent.Kind.EXPORT, wanted.value, case, by=request.actor, at=clock.now(), words=name
    )
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(data, content_type=TYPES[ending], headers=headers)


def _later(
    request: ActorRequest, kind: Kind, content: Content, programme: Programme, on: date
) -> HttpResponse:
    """A paper of 140 pages takes half a minute: not inside the click."""
    at = clock.now()
    name = _name(content, on, "pdf")
    asked = {"kind": kind.value, "ending": "pdf", "programme": programme.key}
    asked["on"] = on.isoformat()
    try:
        job = files.queue("list_paper", name, asked, by=request.actor, at=at, total=3)
    except Refused as no:
        messages.error(request, no.words)
        return redirect("file_jobs")
    return redirect("file_job", job.pk)


def _name(content: Content, on: date, ending: str) -> str:
    return f"{content.title}_{on:%Y%m%d}.{ending}".replace("/", "-")
