"""调度会材料包: agenda, ranking, last time's orders and how they stand, each county at a glance.

A workbook here, a paper in ``reports.documents.meeting``: one content, one ranking, as it was
handed out (000-04, 000-05, 001-21).
"""

from __future__ import annotations

from functools import partial
from typing import BinaryIO

import xlsxwriter
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.agenda import is_meeting
from cases.models import Case
from cases.rulebook import rules_of
from cases.sheet_rows import safe
from cases.views.rows import case_or_404
from cases.workbooks import paper
from organisations import clock, files
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.documents.content import Annex, Content
from reports.documents.meeting_kept import papers_of
from reports.documents.workbook import Looks, put_rows
from reports.meeting_file import ENDINGS, name_of

SHEETS = 3  # annexes that are sheets: the ranking, last time's orders, the counties' ledgers


@require_safe
@scoped(Act.READ)
def materials(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``meeting_materials`` (``?number=2``: as kept then); 404 for other cases."""
    meeting, at = _meeting(request, pk), clock.now()
    papers = papers_of(meeting, by=request.actor, at=at, number=_number(request))
    write = partial(write_workbook, content=papers.content)
    name = name_of(meeting, papers.on, "xlsx")
    return send_workbook("materials", name, write, by=request.actor, at=at)


@require_safe
@scoped(Act.READ)
def meeting_pack(request: ActorRequest, pk: int, ending: str) -> HttpResponse:
    """URL name ``meeting_pack`` (``?number=2``): one PDF, or Word, a page for each county; in the
    background, from the papers as they are at the moment of asking."""
    meeting, at = _meeting(request, pk), clock.now()
    if ending not in ENDINGS:
        raise Http404
    papers = papers_of(meeting, by=request.actor, at=at, number=_number(request))
    name = name_of(meeting, papers.on, ending)
    asked = {"case": meeting.pk, "ending": ending, "number": papers.number}
    try:
        job = files.queue("meeting", name, asked, by=request.actor, at=at, total=3)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("file_jobs")
    return redirect("file_job", job.pk)


def _meeting(request: ActorRequest, pk: int) -> Case:
    meeting = case_or_404(request.actor, pk)
    if not is_meeting(rules_of(meeting).procedure):
        raise Http404
    return meeting


def _number(request: ActorRequest) -> int:
    text = request.GET.get("number", "")
    return int(text) if text.isdecimal() and len(text) < 4 else 0


def write_workbook(target: BinaryIO, content: Content) -> None:
    """A sheet each: agenda, ranking, last orders, the counties' ledgers."""
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        looks = Looks(book)
        _agenda(book, looks, content)
        names = (_("Ranking"), _("Last time's orders"), _("Counties at a glance"))
        for name, annex in zip(names, content.annexes[:SHEETS], strict=True):
            _annex(book, looks, name, annex)


def _agenda(book: xlsxwriter.Workbook, looks: Looks, content: Content) -> None:
    page = book.add_worksheet(_("Agenda"))
    paper(page, 1)
    page.set_column(0, 0, 110)
    page.write_string(0, 0, content.title, looks.title)
    for at, words in enumerate(content.paragraphs, 1):
        page.write_string(at, 0, safe(words), looks.text)


def _annex(book: xlsxwriter.Workbook, looks: Looks, name: str, annex: Annex) -> None:
    """Its tables below each other under one head, each with its name in a line of its own."""
    page = book.add_worksheet(name[:31])
    paper(page, 2)
    page.write_string(0, 0, annex.title, looks.title)
    if not annex.tables:
        page.write_string(1, 0, " ".join(annex.paragraphs))
        return
    columns = annex.tables[0].columns
    whole = sum(column.share for column in columns)
    for place, column in enumerate(columns):
        page.set_column(place, place, max(9, round(110 * column.share / whole)))
        page.write_string(1, place, column.title, looks.head)
    at = 2
    for table in annex.tables:
        if table.caption:
            page.merge_range(at, 0, at, len(columns) - 1, table.caption, looks.group)
            at += 1
        at = put_rows(page, looks, table.rows, at)
    for words in annex.notes:
        page.write_string(at, 0, words)
        at += 1
