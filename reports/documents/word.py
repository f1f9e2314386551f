"""A content → .docx to be edited in WPS: from the office's own template or the standard one.

The template holds head, text and signature; annexes, sections and the copy block follow, as their
number is not known before. Templates are somebody's files: they run in a sandbox that knows the
names of ``context_of`` and nothing else.
"""

from __future__ import annotations

import io
from datetime import date
from functools import lru_cache
from math import ceil, floor
from typing import Any, Final

import docx
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docxtpl import DocxTemplate, RichText
from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cases.errors import Refused
from reports.documents import paper
from reports.documents.bars import chart_tables
from reports.documents.cells import filled
from reports.documents.columns import widths_of
from reports.documents.content import (
    ITEM,
    Annex,
    Cell,
    Content,
    Grid,
    Layout,
    Table,
    annex_numbers,
    annexes_named,
    linked,
)
from reports.documents.faces import IN_WORD as FONTS
from reports.documents.lexicon import FIRST, SECOND
from reports.documents.lines import clean
from reports.documents.setting import LANGUAGE, long_day
from reports.documents.titles import broken
from reports.documents.word_parts import (
    RED,
    blank,
    fill,
    line,
    numbers,
    page,
    pinned,
    pinned_rows,
    repeats,
    right_edge,
    rule,
    table,
    whole,
)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NAMES: Final = frozenset({
    "masthead", "number", "title", "addressee", "paragraphs", "attachments", "signer", "dated",
    "notes", "issuer", "p",
})  # fmt: skip
LEAST_MASTHEAD = 26  # points
NEEDED: Final = frozenset({"title", "paragraphs"})
WIDE_MM, TALL_MM = 225.0, 156.0
FORM_WIDE_MM, FORM_TALL_MM = 253.0, 166.0


class _Sandbox(ImmutableSandboxedEnvironment):
    """No attribute of ours, no arithmetic that grows without end."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(operator)


def _sandbox() -> _Sandbox:
    made = _Sandbox()
    made.globals.clear()  # no range: loops run over what the document holds
    return made


def docx_of(content: Content, number: str = "", template: bytes = b"") -> bytes:
    """Raises ``Refused`` where the template cannot be filled in."""
    with translation.override(LANGUAGE):
        if content.layout == "form":
            book = _form(filled(content), number)
        else:
            book = _filled(content, number, template or standard(content.layout))
            _behind(book, content)
        target = io.BytesIO()
        book.core_properties.title, book.core_properties.author = content.title, content.signer
        book.core_properties.language = "zh-CN"
        book.save(target)
        return target.getvalue()


def check_template(data: bytes) -> None:
    """Before it is accepted: it opens, asks for nothing unknown, and can be filled in."""
    sample = Content(
        layout="file",
        masthead="A",
        title="B",
        addressee="C",
        paragraphs=("D", "E"),
        signer="F",
        dated=date(2026, 1, 5),
    )
    try:
        named = DocxTemplate(io.BytesIO(data)).get_undeclared_template_variables(_sandbox())
    except Exception as error:
        words = _("This is no Word file that can be filled in. Save it as .docx and try again.")
        raise Refused("bad_template", words) from error
    comma = pgettext("list of names", ", ")
    if unknown := sorted(named - NAMES):
        words = _("The template asks for what is not known: %(names)s. Known are: %(known)s.")
        parts = {"names": comma.join(unknown), "known": comma.join(sorted(NAMES - {"p"}))}
        raise Refused("unknown_name", words % parts)
    if lacking := sorted(NEEDED - named):
        words = _("The template has no place for: %(names)s.")
        raise Refused("lacks_name", words % {"names": comma.join(lacking)})
    docx_of(sample, "1", data)


# --- text ----------------------------------------------------------------------------------------
def _filled(content: Content, number: str, template: bytes) -> Paper:
    try:
        made = DocxTemplate(io.BytesIO(template))
        made.render(context_of(content, number), jinja_env=_sandbox(), autoescape=True)
    except Exception as error:
        words = _("The template of this kind cannot be filled in. Upload it anew.")
        raise Refused("bad_template", words) from error
    found: Paper = made.docx  # get_docx would load the template anew
    for one in found.paragraphs:
        # a heading stands on the page of what it heads
        if len(one.text) <= paper.CHARACTERS and (FIRST.match(one.text) or SECOND.match(one.text)):
            one.paragraph_format.keep_with_next = True
    # a run inside of a text is no Word any more: WPS would refuse the whole file
    if any(len(text) for text in found.element.body.iter(qn("w:t"))):
        words = _("Write {{r title }}, {{r masthead }} and {{r p }} with the r: they bear a font.")
        raise Refused("lacks_r", words)
    return found


def context_of(content: Content, number: str) -> dict[str, Any]:
    """What a template may name."""
    lead = pgettext("document", "Annex: ")
    attachments = [
        f"{lead if not n else '　　　'}{f'{number}.' if number else ''}{clean(title)}"
        for n, (number, title) in enumerate(annexes_named(content.annexes))
    ]
    title = broken(clean(content.title), words=content.words)
    return {
        "masthead": _masthead(clean(content.masthead), content),
        "number": number,
        "title": RichText("\n".join(title), **_look("title", paper.TITLE)),
        "addressee": clean(content.addressee).rstrip("：:") + pgettext("document", ":")
        if content.addressee
        else "",
        "paragraphs": [_rich(linked(text, content.figures)) for text in content.paragraphs],
        "attachments": attachments,
        "signer": clean(content.signer),
        "dated": long_day(content.dated) if content.dated else "",
        "notes": content.note.splitlines(),
        "issuer": clean(content.issuer),
    }


def _masthead(name: str, content: Content) -> RichText:
    """On one line while it is legible there, else on two."""
    room = paper.TEXT_WIDTH * paper.MM
    largest = 30 if content.layout == "letter" else 44
    if not name or room / len(name) >= LEAST_MASTHEAD:
        lines, points = [name], min(largest, room / max(len(name), 1))
    else:
        lines = broken(name, ceil(len(name) / 2) + 1, content.words)
        points = min(largest, room / max(map(len, lines)))
    look = {**_look("title", floor(points)), "color": str(RED)}
    return RichText("\n".join(lines), **look)


def _rich(text: str) -> RichText:
    """A paragraph whose heading is in its own face."""
    told = clean(text)
    if told.startswith(ITEM):
        return RichText(told.removeprefix(ITEM), **_look("title", 18))
    for pattern, name in ((FIRST, "hei"), (SECOND, "kai")):
        if pattern.match(told):
            first, stop, rest = told.partition("。")
            heading = first + stop if len(first) <= paper.CHARACTERS and rest else told
            if len(heading) > paper.CHARACTERS:
                break
            found = RichText(heading, **_look(name))
            found.add(told.removeprefix(heading), **_look("body"))
            return found
    return RichText(told, **_look("body"))


def _look(name: str, points: float = paper.BODY) -> dict[str, Any]:
    return {"font": f"eastAsia:{FONTS[name]}", "size": round(points * 2)}


@lru_cache(maxsize=8)
def standard(layout: Layout) -> bytes:
    """The template that the office starts from: opened in WPS, changed, uploaded again."""
    book = blank()
    page(book)
    numbers(book, skip_first=layout == "letter")
    if layout != "plain":
        size = 30 if layout == "letter" else 36
        head = line(book, "{{r masthead }}", "title", size, align="center", red=True, height=None)
        if layout == "letter":
            rule(head, colour=str(RED), eighths=18)
        side = "right" if layout == "letter" else "center"
        given = line(book, "{{ number }}", align=side)
        if layout == "bulletin":
            given = line(book, "{{ issuer }}", points=12)
            right_edge(given, TALL_MM, "{{ dated }}", 12)
        if layout != "letter":
            rule(given, colour=str(RED), eighths=12)
        line(book, "")
    if layout != "bulletin":
        line(book, "{{r title }}", "title", paper.TITLE, align="center", height=None)
        line(book, "")
        line(book, "{{ addressee }}")
    _loop(book, "paragraphs", "{{r p }}", indent=2)
    if layout != "bulletin":
        line(book, "")
        _loop(book, "attachments", "{{ p }}", indent=2)
        line(book, "")
        line(book, "{{ signer }}", align="right")
        line(book, "{{ dated }}　　　　", align="right")
        _loop(book, "notes", "{{ p }}", indent=2)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _loop(book: Paper, names: str, each: str, *, indent: float) -> None:
    line(book, f"{{%p for p in {names} %}}")
    line(book, each, indent=indent)
    line(book, "{%p endfor %}")


# --- behind the text -----------------------------------------------------------------------------
def _behind(book: Paper, content: Content) -> None:
    for number, annex in zip(annex_numbers(content.annexes), content.annexes, strict=True):
        gridded = not (annex.tables or annex.bars)
        page(book, wide=annex.is_wide, new=True, gridded=gridded)
        _annex(book, annex, number, content)
    if content.annexes and content.annexes[-1].is_wide and content.copies:
        page(book, new=True)
    _copy_block(book, content)


def _copy_block(book: Paper, content: Content) -> None:
    """版记 at the foot of the page where the text ends; a letter's has no rules."""
    comma = pgettext("between addressees", ", ")
    words = [
        pgettext("line of the copy block", "%(label)s: %(names)s.")
        % {"label": copies.label, "names": comma.join(copies.names)}
        for copies in content.copies
    ]
    if content.layout == "letter":
        for text in words:
            pinned(line(book, text, points=paper.SMALL))
    else:
        rows = [(text, "") for text in words]
        if content.issuer and content.layout == "file":
            day = long_day(content.dated) if content.dated else ""
            issued = pgettext("copy block", "Issued on %(day)s") % {"day": day} if day else ""
            rows.append((content.issuer, issued))
        pinned_rows(book, rows)
    # what it stands beside; nothing of it is seen
    line(book, "", points=1)


def _annex(book: Paper, annex: Annex, number: str, content: Content) -> None:
    line(book, f"{pgettext('document', 'Annex')}{number}", "hei")
    line(book, annex.title, "title", paper.TITLE, align="center", height=None)
    for text in annex.paragraphs:
        line(book, linked(text, content.figures), indent=2)
    # a chart is a picture for the eye; Word gets its figures
    for one in [*annex.tables, *chart_tables(annex.bars)]:
        _table(book, one, WIDE_MM if annex.is_wide else TALL_MM)
    for note in annex.notes:
        line(book, note, points=paper.TABLE, height=14)


def _table(book: Paper, one: Table, breadth: float) -> None:
    if one.caption:
        line(
            book, one.caption, "hei", paper.TABLE, height=16
        ).paragraph_format.keep_with_next = True
    made = table(book, widths_of(one, breadth), 1 + len(one.rows), breadth)
    grid = list(made._cells)
    across = len(one.columns)
    for cell, column in zip(grid, one.columns, strict=False):
        fill(cell, column.title, name="hei", align="center")
    repeats(made.rows[0])
    for held in made.rows:
        whole(held)
    for n, row in enumerate(one.rows, 1):
        for place, (text, column) in enumerate(zip(row, one.columns, strict=True)):
            fill(grid[n * across + place], text, align=column.align)


# --- house forms ---------------------------------------------------------------------------------
def _form(content: Content, number: str) -> Paper:
    book = blank()
    page(book, wide=content.is_wide, form=True)
    numbers(book)
    breadth = FORM_WIDE_MM if content.is_wide else FORM_TALL_MM
    line(book, content.title, "title", 20, align="center", height=None)
    left, right = (*content.subtitle, "", "")[:2]
    told = "　　　　".join(filter(None, [left, number or right]))
    if told:
        line(book, told, points=12, height=22)
    for section in content.sections:
        if section.heading:
            head = line(book, section.heading, "hei", 13, height=24).paragraph_format
            head.keep_with_next, head.page_break_before = True, section.new_page
        said = [line(book, text, points=12, indent=2, height=22) for text in section.paragraphs]
        if section.grid is not None:
            # what stands over a box stands on its page
            for paragraph in said[-1:]:
                paragraph.paragraph_format.keep_with_next = True
            _grid(book, section.grid, breadth)
        if section.table is not None:
            _table(book, section.table, breadth)
        for note in section.notes:
            line(book, note, points=paper.TABLE, height=20)
    return book


def _grid(book: Paper, grid: Grid, breadth: float) -> None:
    made = table(book, grid.shares, len(grid.rows), breadth)
    for row, cells in zip(made.rows, grid.rows, strict=True):
        _grid_row(row, cells)


def _grid_row(row: Any, cells: tuple[Cell, ...]) -> None:
    place = 0
    row.height = docx.shared.Mm(8.0 * max(cell.lines for cell in cells))
    for cell in cells:
        held = row.cells[place]
        if cell.span > 1:
            held = held.merge(row.cells[place + cell.span - 1])
        fill(held, cell.text, points=12, align="center" if cell.is_label else "left")
        place += cell.span
