"""Papers of a whole programme (汇总统计表, 需求清单), written in the background: they are long."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from cases.errors import Refused
from organisations.days import day_of
from organisations.files import Tell
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents import kinds, printing
from reports.documents.content import Content
from reports.documents.kinds import Kind, Subject
from reports.documents.render import NoPdf, render_pdf
from reports.documents.workbook import xlsx_of
from workflows.models import Programme

# lines of tables from which a PDF is not laid out inside the click
AT_ONCE = 150


def lines_of(content: Content) -> int:
    tables = [table for annex in content.annexes for table in annex.tables]
    tables += [section.table for section in content.sections if section.table is not None]
    return sum(len(table.rows) for table in tables)


def write_list_paper(
    target: BinaryIO, asked: dict[str, Any], by: Actor, at: datetime, tell: Tell
) -> None:
    """Compiled as of the day it was asked for; three steps are told, as a paper has no rows."""
    mine = Programme.objects.filter(city__in=by.city_ids).select_related("city")
    programme = mine.filter(key=asked["programme"]).first()
    if programme is None or not by.may(Act.ISSUE_DOCUMENT):
        raise Refused("not_yours", _("This paper is no longer yours to print."))
    tell(0, 3)
    today = day_of(at)
    # asked before this key was written: today's
    on = date.fromisoformat(asked["on"]) if asked.get("on") else today
    content = kinds.compiled(Kind(asked["kind"]), Subject(programme, on, today, None))
    tell(1, 3)
    try:
        data = written(content, Kind(asked["kind"]), programme, asked["ending"])
    except NoPdf as refusal:
        raise Refused(refusal.code, refusal.words) from refusal
    tell(2, 3)
    target.write(data)


def written(content: Content, kind: Kind, programme: Programme, ending: str) -> bytes:
    """Raises ``NoPdf`` and ``Refused``."""
    if ending == "docx":
        return printing.word_of(content, kind.value, programme)
    if ending == "xlsx":
        return xlsx_of(content)
    return render_pdf(printing.page_of(content))
