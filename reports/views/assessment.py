"""年度考核: the score sheets of the counties, and the two lists that a person decides on."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from organisations import clock
from organisations.days import long_day
from organisations.downloads import note_taken, send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.assessing import Assessed, Sheet, assess, edition_words, rule_words
from reports.assessment_files import assessment_paper, named_lines, reached_words, write_assessment
from reports.documents.nouns import Document
from reports.documents.render import NoPdf
from reports.views.chosen import chosen, pack_shown
from reports.views.opening import figure_url
from reports.views.ranking import no_figures
from reports.views.sight import counties_in_sight
from workflows.text import localised


@require_safe
@scoped(Act.READ)
def assessment(request: ActorRequest) -> HttpResponse:
    """URL name ``assessment``: every county's sheet, for every official; a fixed number of
    statements."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/no_programme.html", {"empty": no_figures()})
    found = assess(programme, pack_shown(programme), clock.today())
    open_to = counties_in_sight(request.actor, programme, (found.as_of,))[found.as_of]
    context = {
        "programme": programme,
        "choices": choices if len(choices) > 1 else [],
        "found": found,
        "edition": edition_words(found),
        "lines": [_line(found, sheet, open_to) for sheet in found.sheets],
        "heads": [
            {"title": localised(one.title), "weight": one.weight.normalize()}
            for one in (found.rules.indicators if found.rules else ())
        ],
        "lists": [
            (_("Proposed for commendation"), named_lines(found.commended), _draft(found, 0)),
            (_("Proposed for criticism"), named_lines(found.criticised), _draft(found, 1)),
        ],
        "writes": request.actor.may_in(Act.ISSUE_DOCUMENT, programme.city),
        "rules": rule_words(found.rules) if found.rules else [],
        "empty": {
            "words": _("The plan names no indicators for the yearly assessment"),
            "more": _("The office can add them to the programme's pack under “assessment”."),
        },
        "print_head": {
            "title": _("Yearly assessment"),
            "facts": [str(programme), edition_words(found), long_day(found.as_of)],
        },
    }
    return render(request, "reports/progress/assessment.html", context)


def _draft(found: Assessed, which: int) -> str:
    """The kind of document that the list can be drafted as: of a frozen year that names some."""
    named = (found.commended, found.criticised)[which]
    kinds = (Document.Kind.COMMENDATION, Document.Kind.CRITICISM)
    return kinds[which].value if found.freeze is not None and named else ""


@require_safe
@scoped(Act.READ)
def assessment_export(request: ActorRequest) -> FileResponse:
    """URL name ``assessment_export``: the sheets as a workbook; the trail keeps it."""
    found = _found(request)
    write = partial(write_assessment, found=found)
    name = f"{pgettext('file name', 'Assessment')}_{found.programme.statistical_year}.xlsx"
    return send_workbook("assessment", name, write, by=request.actor, at=clock.now())


@require_safe
@scoped(Act.READ)
def assessment_pdf(request: ActorRequest) -> HttpResponse:
    """URL name ``assessment_pdf``: the annex; 422 where this machine cannot print."""
    found = _found(request)
    try:
        data = assessment_paper(found)
    except NoPdf as refusal:
        words = {"words": refusal.words}
        return render(request, "reports/documents/no_paper.html", words, status=422)
    name = f"{pgettext('file name', 'Assessment')}_{found.programme.statistical_year}.pdf"
    note_taken("assessment", name, by=request.actor, at=clock.now())
    headers = {"Content-Disposition": content_disposition_header(False, name) or "inline"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


def _found(request: ActorRequest) -> Assessed:
    _choices, programme = chosen(request)
    if programme is None:
        raise Http404
    return assess(programme, pack_shown(programme), clock.today())


def _line(found: Assessed, sheet: Sheet, open_to: set[int]) -> dict[str, Any]:
    """With the firms behind the county's coverage, where the reader sees each of them."""
    url = figure_url(found.programme, found.as_of, "with_rd", sheet.county)
    return {
        "sheet": sheet,
        "reached": reached_words(sheet),
        "url": url if sheet.county in open_to else "",
    }
