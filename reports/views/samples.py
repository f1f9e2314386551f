"""Samples for a firm: for its own people, and for whoever prints them for it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from cases import samples
from cases.views.firm_file import seen_by
from enterprises.models import Enterprise
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents import printing
from reports.documents.firm_samples import content_of
from reports.documents.render import NoPdf, render_pdf
from reports.documents.word import DOCX, docx_of

TYPES = {"pdf": "application/pdf", "docx": DOCX}


@require_safe
@scoped(Act.READ, Act.ENTERPRISE_PORTAL)
def firm_sample(request: ActorRequest, pk: int, sample: str, ending: str) -> HttpResponse:
    """URL name ``firm_sample``: made when asked for; nothing is kept."""
    firm = _firm(request.actor, pk)
    wanted = samples.every().get(sample)
    if firm is None or wanted is None or ending not in TYPES:
        raise Http404
    content = content_of(wanted, firm.name, firm.credit_code or "")
    try:
        data = docx_of(content) if ending == "docx" else render_pdf(printing.page_of(content))
    except NoPdf as refusal:
        context = {"words": refusal.words}
        return render(request, "reports/documents/no_paper.html", context, status=422)
    name = f"{content.title}_{firm.name}.{ending}".replace("/", "-")
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(data, content_type=TYPES[ending], headers=headers)


def _firm(actor: Actor, pk: int) -> Enterprise | None:
    if pk in actor.enterprise_ids:
        return Enterprise.objects.filter(pk=pk).first()
    return seen_by(actor).filter(pk=pk).first()
