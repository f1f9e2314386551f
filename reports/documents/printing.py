"""A document on paper as one person gets it: whole for the office, one's own annexes for others."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import Refused
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.content import Content
from reports.documents.hands import writes
from reports.documents.merging import LIMITS, drawn_in_turn, joined
from reports.documents.nouns import Document, HouseStyle, part_for
from reports.documents.previews import pages_of
from reports.documents.render import our_fonts, render_many, render_pdf
from reports.documents.route import UNSIGNED
from reports.documents.setting import LANGUAGE, html_of
from reports.documents.sheets import form_of
from reports.documents.word import docx_of
from reports.documents.workbook import xlsx_of
from workflows.models import Programme

A_STACK = 200  # documents printed in one go
A_FEW = 10  # of them after which is told how far it is
Tell = Callable[[int, int], None]


def _nobody(_done: int, _total: int) -> None:
    """Nobody waits for it with a bar."""


def content_for(document: Document, by: Actor) -> Content:
    """What this person may print. Raises ``Refused`` where it is not what was signed."""
    if not document.is_as_signed():
        words = _("The content is not what was signed. Nothing is printed; tell the administrator.")
        raise Refused("not_as_signed", words)
    return part_for(document.said, regions_of(document, by))


def mark_of(document: Document) -> str:
    """What is printed across the head of a paper that nobody has signed."""
    if document.state not in UNSIGNED:
        return ""
    with translation.override(LANGUAGE):
        return pgettext("document", "Draft, not signed")


def pdf_for(document: Document, by: Actor) -> bytes:
    """Raises ``Refused`` and ``NoPdf``."""
    content = content_for(document, by)
    return render_pdf(page_of(content, document.number, mark_of(document)))


def stack_of(
    documents: Sequence[Document], by: Actor, *, apart: bool = False, tell: Tell = _nobody
) -> bytes:
    """Papers in one go, in their order: one PDF, or ``apart`` a zip of a PDF each.

    Raises ``Refused`` and ``NoPdf``.
    """
    if not documents:
        raise Refused("nothing", _("There is nothing to print."))
    if len(documents) > A_STACK:
        words = _("At most %(n)d documents are printed in one go.")
        raise Refused("too_many", words % {"n": A_STACK})
    total = len(documents)
    if apart:
        return _zipped(documents, by, tell)
    pages = []
    for place, one in enumerate(documents, 1):
        pages.append(page_of(content_for(one, by), one.number, mark_of(one)))
        if place % A_FEW == 0:
            tell(place // 2, total)
    parts = []
    title = _("%(n)d documents") % {"n": total} if total > 1 else ""
    for part in drawn_in_turn(pages, title):
        parts.append(part)
        tell(total // 2, total)
    return joined(parts)


def _zipped(documents: Sequence[Document], by: Actor, tell: Tell) -> bytes:
    """A few in each child; no two names agree."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as held:
        for start in range(0, len(documents), A_FEW):
            some = documents[start : start + A_FEW]
            pages = [page_of(content_for(one, by), one.number, mark_of(one)) for one in some]
            for n, (one, data) in enumerate(
                zip(some, render_many(pages, limits=LIMITS), strict=True), start + 1
            ):
                held.writestr(f"{n:03d} {file_name(one, 'pdf')}", data)
            tell(start + len(some), len(documents))
    return target.getvalue()


def docx_for(document: Document, by: Actor) -> bytes:
    """To be edited: from the office's own template of the kind. Raises ``Refused``."""
    return word_of(content_for(document, by), document.kind, document.programme, document.number)


def word_of(content: Content, kind: str, programme: Programme, number: str = "") -> bytes:
    style = HouseStyle.objects.filter(city=programme.city_id, kind=kind, unit=None).first()
    return docx_of(content, number, bytes(style.template) if style else b"")


def xlsx_for(document: Document, by: Actor) -> bytes:
    """Its tables. Raises ``Refused`` where there are none."""
    return xlsx_of(content_for(document, by))


def page_of(content: Content, number: str = "", mark: str = "") -> str:
    """The HTML of a content in its layout. Raises ``NoPdf``."""
    if content.layout == "form":
        return form_of(content, number, our_fonts(), pages_of(content.previews))
    return html_of(content, number, our_fonts(), draft_mark=mark)


def file_name(document: Document, ending: str) -> str:
    return f"{document.number}{document.title}.{ending}".replace("/", "-")


def regions_of(document: Document, by: Actor) -> set[int] | None:
    """Whose annexes an addressee gets; the office and the overseers read the whole."""
    city = document.programme.city
    if by.is_system or writes(document, by) or by.may_in(Act.PROPOSE_SUPERVISION, city):
        return None
    mine = document.receipts.filter(unit__in=by.unit_ids)
    return set(mine.values_list("unit__region", flat=True))
