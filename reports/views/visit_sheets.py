"""走访记录表 on paper: the record of one visit, to be signed and filed."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from cases.visits import records_of
from organisations import clock
from organisations.downloads import note_taken
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.documents import printing
from reports.documents.render import NoPdf, render_pdf
from reports.documents.visit_papers import visit_sheet
from reports.documents.word import DOCX, docx_of

TYPES = {"pdf": "application/pdf", "docx": DOCX}


@require_safe
@scoped(Act.READ)
def visit_paper(request: ActorRequest, pk: int, ending: str) -> HttpResponse:
    """URL name ``visit_paper``: made when asked for; for whoever reads the record. One that was
    taken back is no paper any more."""
    visit = records_of(request.actor).filter(pk=pk, taken_back_at=None).first()
    if visit is None or ending not in TYPES:
        raise Http404
    content = visit_sheet(visit)
    try:
        data = docx_of(content) if ending == "docx" else render_pdf(printing.page_of(content))
    except NoPdf as refusal:
        context = {"words": refusal.words}
        return render(request, "reports/documents/no_paper.html", context, status=422)
    day = visit.visited_on.isoformat()
    name = f"{content.title}_{visit.enterprise.name}_{day}.{ending}".replace("/", "-")
    note_taken("visit", name, by=request.actor, at=clock.now(), subject=visit)
    # a PDF is looked at and printed, Word is taken along
    headers = {"Content-Disposition": content_disposition_header(ending == "docx", name)}
    return HttpResponse(data, content_type=TYPES[ending], headers=headers)
