"""What Word files are built of: East Asian fonts, exact lines, ruled tables, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import docx
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from reports.documents import paper
from reports.documents.faces import IN_WORD as FONTS
from reports.documents.lines import clean

ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
RED: Final = RGBColor(0xDD, 0, 0)
LINE_PT: Final = round(paper.LINE * paper.MM, 2)
TWIPS: Final = 20
CELL: Final = 45  # twips beside the words of a cell: 0.8 mm
# what follows a frame and borders among the properties of a paragraph: Word wants them in order
BEHIND: Final = ("w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")
DRAWN: Final = -5  # twips between characters: 28 of them are a hair wider than the text area


def face(run: Run, name: str, points: float, *, red: bool = False) -> Run:
    """Font for Chinese and Latin alike: Word asks for them apart."""
    run.font.name, run.font.size = FONTS[name], Pt(points)
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for region in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(region), FONTS[name])
    if red:
        run.font.color.rgb = RED
    return run


def line(
    place: Any,
    text: str,
    name: str = "body",
    points: float = paper.BODY,
    *,
    align: str = "justify",
    indent: float = 0,
    red: bool = False,
    height: float | None = LINE_PT,
) -> Paragraph:
    """A paragraph; ``indent``: characters of its first line; ``height``: exact, in points."""
    found: Paragraph = place.add_paragraph()
    face(found.add_run(clean(text)), name, points, red=red)
    shape = found.paragraph_format
    shape.alignment = ALIGN[align]
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(indent * points)
    if height is not None:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(height)
    return found


def blank() -> Paper:
    """An empty book in the body's face, 28 characters a line."""
    book = docx.Document()
    style: Any = book.styles["Normal"]
    style.font.name, style.font.size = FONTS["body"], Pt(paper.BODY)
    look = style.element.get_or_add_rPr()
    look.get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["body"])
    shape = style.element.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):  # no gaps between Chinese and digits
        gap = OxmlElement(name)
        gap.set(qn("w:val"), "0")
        shape.append(gap)
    drawn = OxmlElement("w:spacing")
    drawn.set(qn("w:val"), str(DRAWN))
    look.append(drawn)
    return book


def page(
    book: Paper,
    *,
    wide: bool = False,
    form: bool = False,
    new: bool = False,
    gridded: bool = True,
) -> None:
    """The last section as GB/T 9704 has it, or lying; ``form``: narrower edges for tables."""
    section = book.add_section(WD_SECTION.NEW_PAGE) if new else book.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    width, height = (paper.HEIGHT, paper.WIDTH) if wide else (paper.WIDTH, paper.HEIGHT)
    section.page_width, section.page_height = Mm(width), Mm(height)
    edges = (paper.TOP, paper.RIGHT, paper.BOTTOM, paper.LEFT)
    if wide:  # turned with the paper: the head of the sheet is its left edge
        edges = (paper.LEFT, paper.TOP, paper.RIGHT, paper.BOTTOM)
    if form:
        edges = (24, 20, 22, 24)
    top, right, bottom, left = edges
    section.top_margin, section.right_margin = Mm(top), Mm(right)
    section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
    section.footer_distance = Mm(max(bottom - paper.NUMBER_BELOW - 5, 8))
    _grid(section, form=form or wide or not gridded)


def _grid(section: Any, *, form: bool) -> None:
    """22 lines; none where tables stand. A grid of characters is not used: LibreOffice gives a
    character that is a hair wider than its cell two of them (``DRAWN`` makes 28 fit)."""
    held = section._sectPr.find(qn("w:docGrid"))
    if held is not None:
        section._sectPr.remove(held)
    if form:
        return
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LINE_PT * TWIPS)))
    section._sectPr.append(grid)


def numbers(book: Paper, *, skip_first: bool = False) -> None:
    """— 1 — below the text: odd right, even left; a letter's first page has none."""
    book.settings.odd_and_even_pages_header_footer = True
    section = book.sections[0]
    section.different_first_page_header_footer = skip_first
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        place = footer.paragraphs[0]
        place.alignment = ALIGN[side]
        face(place.add_run("— "), "song", paper.SMALL)
        _field(face(place.add_run(), "song", paper.SMALL), "PAGE")
        face(place.add_run(" —"), "song", paper.SMALL)


def _field(run: Run, what: str) -> None:
    for kind, text in (("begin", ""), ("", what), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._element.append(part)


def rule(
    found: Paragraph, side: str = "bottom", *, colour: str = "000000", eighths: int = 6
) -> None:
    """A line under (or over) a paragraph; ``eighths`` of a point thick."""
    borders = found._p.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        found._p.get_or_add_pPr().insert_element_before(borders, *BEHIND)
    edge = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", eighths), ("space", 1), ("color", colour)):
        edge.set(qn(f"w:{key}"), str(value))
    borders.append(edge)


def pinned(found: Paragraph) -> None:
    """On the last lines of its page; paragraphs that follow one another stand together."""
    frame = OxmlElement("w:framePr")
    for key, value in (
        ("w", str(int(Mm(paper.TEXT_WIDTH).twips))),
        ("wrap", "around"),
        ("vAnchor", "margin"),
        ("hAnchor", "margin"),
        ("xAlign", "left"),
        ("yAlign", "bottom"),
    ):
        frame.set(qn(f"w:{key}"), value)
    found._p.get_or_add_pPr().insert_element_before(frame, "w:widowControl", "w:pBdr", *BEHIND)


def pinned_rows(book: Paper, rows: Sequence[tuple[str, str]]) -> None:
    """Ruled lines on the last lines of the page, words at the left and at the right edge."""
    if not rows:
        return
    found = book.add_table(rows=len(rows), cols=2)
    found.autofit = False
    for column, share in zip(found.columns, (0.68, 0.32), strict=True):
        column.width = Mm(paper.TEXT_WIDTH * share)
        for cell in column.cells:
            cell.width = column.width
    place = OxmlElement("w:tblpPr")
    for key in ("vertAnchor", "horzAnchor"):
        place.set(qn(f"w:{key}"), "margin")
    place.set(qn("w:tblpXSpec"), "left")
    place.set(qn("w:tblpYSpec"), "bottom")
    found._tbl.tblPr.insert_element_before(
        place, "w:tblOverlap", "w:tblW", "w:jc", "w:tblBorders", "w:tblLayout", "w:tblLook"
    )
    for n, (row, (left, right)) in enumerate(zip(found.rows, rows, strict=True)):
        first, last = row.cells[0], row.cells[-1]
        if not right:
            first = first.merge(last)
        for cell, text, align in ((first, left, "left"), (last, right, "right"))[: 1 + bool(right)]:
            spare = cell.paragraphs[0]
            line(cell, text, points=paper.SMALL, align=align, height=None)
            spare._p.getparent().remove(spare._p)
            _ruled(cell, is_first=n == 0, is_last=n == len(rows) - 1)


def _ruled(cell: _Cell, *, is_first: bool, is_last: bool) -> None:
    """0.35 mm over the first line and under the last one, 0.25 mm between."""
    held = OxmlElement("w:tcBorders")
    for side, thick in (("top", is_first), ("bottom", is_last)):
        edge = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", 8 if thick else 6), ("color", "000000")):
            edge.set(qn(f"w:{key}"), str(value))
        held.append(edge)
    cell._tc.get_or_add_tcPr().append(held)


def table(
    book: Paper,
    shares: Sequence[float],
    rows: int,
    breadth: float,
) -> Any:
    """A ruled table ``breadth`` mm wide whose columns share it."""
    found = book.add_table(rows=rows, cols=len(shares))
    found.style = "Table Grid"
    found.alignment = WD_TABLE_ALIGNMENT.CENTER
    found.autofit = False
    _margins(found)
    whole = sum(shares)
    for column, share in zip(found.columns, shares, strict=True):
        width = column.width = Mm(breadth * share / whole)
        for cell in column.cells:
            cell.width = width
    return found


def _margins(found: Any) -> None:
    """As narrow beside the words as in print: what fits there fits here."""
    held = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(CELL))
        edge.set(qn("w:type"), "dxa")
        held.append(edge)
    look = found._tbl.tblPr.find(qn("w:tblLook"))  # Word wants them in their order
    found._tbl.tblPr.append(held) if look is None else look.addprevious(held)


def right_edge(found: Paragraph, breadth: float, text: str, points: float) -> None:
    """More words on the same line, ending at the right edge of the text."""
    found.add_run().add_tab()
    face(found.add_run(text), "body", points)
    found.paragraph_format.tab_stops.add_tab_stop(Mm(breadth), WD_TAB_ALIGNMENT.RIGHT)


def fill(
    cell: _Cell, text: str, *, name: str = "body", points: float = paper.TABLE, align: str = "left"
) -> None:
    """A cell's words, its lines kept."""
    lines = clean(text).split("\n")
    for place, words in enumerate(lines):
        found = cell.paragraphs[0] if not place else cell.add_paragraph()
        face(found.add_run(words), name, points)
        found.alignment = ALIGN[align]
        found.paragraph_format.space_after = Pt(0)
        snap = OxmlElement("w:snapToGrid")
        snap.set(qn("w:val"), "0")
        found._p.get_or_add_pPr().append(snap)


def whole(row: Any) -> None:
    """A row is not torn over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def repeats(row: Any) -> None:
    """The head of a table on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
