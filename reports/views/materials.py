"""调度会材料包: agenda, ranking, last time's orders and how they stand, each county at a glance.

A workbook here, a paper in ``reports.documents.meeting``; the figures are those of the pages
(000-04, 000-05, 001-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO

import xlsxwriter
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.agenda import is_meeting
from cases.columns import stage_label
from cases.dates import long_day_words
from cases.lights import light_of
from cases.models import Case, FormRecord
from cases.oversight import lateness
from cases.rulebook import rules_of
from cases.views.rows import case_or_404
from cases.workbooks import paper, safe
from organisations import clock, files
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from reports.charts import by_coverage
from reports.documents.meeting import last_orders
from reports.indicators import Indicators, indicators
from reports.meeting_file import ENDINGS, name_of

Cell = str | int | Decimal | date | None
Table = Sequence[Sequence[Cell]]


@require_safe
@scoped(Act.READ)
def materials(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``meeting_materials``: the papers of a meeting as of today; 404 for other cases."""
    meeting, on = _meeting(request, pk), clock.today()
    write = partial(write_workbook, meeting=meeting, by=request.actor, on=on)
    name = name_of(meeting, on, "xlsx")
    return send_workbook("materials", name, write, by=request.actor, at=clock.now())


@require_safe
@scoped(Act.READ)
def meeting_pack(request: ActorRequest, pk: int, ending: str) -> HttpResponse:
    """URL name ``meeting_pack``: one PDF, or Word, a page for each county; in the background."""
    meeting = _meeting(request, pk)
    if ending not in ENDINGS:
        raise Http404
    name, asked = name_of(meeting, clock.today(), ending), {"case": meeting.pk, "ending": ending}
    try:
        job = files.queue("meeting", name, asked, by=request.actor, at=clock.now(), total=3)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("file_jobs")
    return redirect("file_job", job.pk)


def _meeting(request: ActorRequest, pk: int) -> Case:
    meeting = case_or_404(request.actor, pk)
    if not is_meeting(rules_of(meeting).procedure):
        raise Http404
    return meeting


def write_workbook(target: BinaryIO, meeting: Case, by: Actor, on: date) -> None:
    """A sheet each: agenda, ranking, last orders, counties."""
    figures = indicators(meeting.programme, on, rules_of(meeting).pack)
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        _write(_Writer(book), by, meeting, figures, on)


def _write(writer: _Writer, by: Actor, meeting: Case, figures: Indicators, on: date) -> None:
    writer.sheet(_("Agenda"), _agenda_heads(), _agenda(meeting, figures), (8, 60, 24))
    writer.sheet(_("Ranking"), _ranking_heads(), _ranking(figures), (8, 16, 10, 10, 10, 12, 12, 12))
    orders = [_order(case, on) for case in last_orders(meeting, by)]
    writer.sheet(_("Last time's orders"), _order_heads(), orders, (36, 20, 14, 14, 18, 40))
    counties = _counties(by, figures, on)
    writer.sheet(_("Counties at a glance"), _county_heads(), counties, (16, *(12,) * 7))


class _Writer:
    """Plain sheets with a head row; texts stay texts."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "border": 1, "bg_color": "#eef0f3"})
        self.cell = book.add_format({"valign": "top", "border": 1, "text_wrap": True})
        self.day = book.add_format({"valign": "top", "border": 1, "num_format": "yyyy-mm-dd"})

    def sheet(self, title: str, heads: Sequence[str], rows: Table, widths: Sequence[int]) -> None:
        page = self.book.add_worksheet(title[:31])
        paper(page, 0)
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        for place, head in enumerate(heads):
            page.write_string(0, place, head, self.head)
        for at, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                self._put(page, at, place, value)

    def _put(self, page: Any, at: int, place: int, value: Cell) -> None:
        if value is None:
            page.write_blank(at, place, None, self.cell)
        elif isinstance(value, date):
            page.write_datetime(at, place, _midnight(value), self.day)
        elif isinstance(value, str):
            page.write_string(at, place, safe(value), self.cell)
        else:
            page.write_number(at, place, float(value), self.cell)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


# --- agenda ---------------------------------------------------------------------------------------
def _agenda_heads() -> list[str]:
    return [_("No."), _("Agenda"), pgettext("agenda", "By")]


def _agenda(meeting: Case, figures: Indicators) -> Table:
    """What the notice says, then the order of business; who lies behind the line reports."""
    record = FormRecord.objects.filter(case=meeting, is_draft=False).order_by("pk").first()
    said: dict[str, Any] = record.data if record else {}
    held = said.get("due_on")
    when = long_day_words(date.fromisoformat(held)) if held else ""
    comma = pgettext("list of names", ", ")
    behind = [row.name for row in figures.counties if (row.planned_gap or Decimal(0)) < 0]
    office = rules_of(meeting).pack.units.office.short_name
    top: list[list[Cell]] = [
        ["", _("Meeting: %(title)s") % {"title": meeting.title}, when],
        ["", _("Chair: %(chair)s") % {"chair": said.get("chair") or "—"}, ""],
        ["", _("Attendees: %(who)s") % {"who": said.get("attendees") or "—"}, ""],
    ]
    business: list[list[Cell]] = [
        [1, _("How far the city is, and the ranking of the counties"), office],
        [2, _("How the orders of the last meeting stand"), office],
        [3, _("Counties behind the planned line report"), comma.join(behind) or "—"],
        [4, _("Problems that the city must coordinate"), _("Departments")],
        [5, _("What comes next"), str(said.get("chair") or "—")],
    ]
    return [*top, *business]


# --- ranking --------------------------------------------------------------------------------------
def _ranking_heads() -> list[str]:
    return [
        _("Rank by coverage"), _("County"), _("On the register"), _("Filed"), _("With R&D"),
        _("Coverage rate"), _("Target"), _("Against the planned line"),
    ]  # fmt: skip


def _ranking(figures: Indicators) -> Table:
    rows = [*by_coverage(figures.counties), figures.city]
    return [
        [
            row.rank, row.name, row.listed, row.filed, row.with_rd, row.coverage_rate, row.target,
            row.planned_gap,
        ]
        for row in rows
    ]  # fmt: skip


# --- last time's orders ---------------------------------------------------------------------------
def _order_heads() -> list[str]:
    return [
        _("Order"), _("Unit"), _("Due"), _("Stage"), _("State"), _("Latest progress"),
    ]  # fmt: skip


def _order(case: Any, on: date) -> list[Cell]:
    item = case.item if getattr(case, "item", None) else None
    unit = case.responsible_unit
    return [
        case.title,
        str(unit.short_name or unit.name),
        case.given_due or (item.due_on if item else None),
        stage_label(case, item),
        light_of(case, item, on).words,
        case.progress,
    ]


# --- counties -------------------------------------------------------------------------------------
def _county_heads() -> list[str]:
    return [
        _("County"), _("Coverage rate"), _("Gap (points)"), _("Firms in the ledger"),
        _("Closed in all"), _("Overdue"), _("10 working days late or more"),
        _("Remedies overdue"),
    ]  # fmt: skip


def _counties(by: Actor, figures: Indicators, on: date) -> Table:
    late = {row.pk: row for row in lateness(by, on).counties}
    found: list[list[Cell]] = []
    for row in figures.counties:
        here = late.get(row.county_id or 0)
        counts = (
            (here.firms, here.closed, here.overdue, here.late10, here.remedies)
            if here is not None
            else (0,) * 5
        )
        found.append([row.name, row.coverage_rate, row.gap, *counts])
    return found
