"""Content → HTML of the sheet: lines, head, signature, copy block, annexes.

The body is set line by line, so that its length is known before anything is drawn: a letter that
spills by a line or two is drawn together instead of sending its date to a page of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any

from django.template.loader import render_to_string
from django.utils import dateformat, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from reports.documents import paper
from reports.documents.bars import drawn
from reports.documents.columns import columns_of
from reports.documents.content import (
    ITEM,
    Annex,
    Content,
    CopyList,
    annex_numbers,
    annexes_named,
    linked,
)
from reports.documents.faces import FACES
from reports.documents.fonts import Fonts
from reports.documents.lexicon import FIRST, SECOND
from reports.documents.lines import Line, Run, Width, clean, composed, measured
from reports.documents.titles import Masthead, broken, masthead

LANGUAGE = "zh-hans"
HEADING = paper.CHARACTERS  # a sentence longer than a line is text, whatever numbers it
SIGNER_INSET, SEALED_INSET, UNSEALED_INSET = 2, 4, 2
SEAL_LINES = 2  # room above the signing body
KEPT = 3  # lines that may go to the next page to stand by others
# the upper edge of an ideograph's ink below that of a line as high as the type is large
INK = 0.09
ATTACHMENT_INDENT = 5  # 附件： and two characters before it
# the page number of a lying page: a square whose middle stands 7 mm beside the table, turned
SQUARE = 30.0
TURNED = (
    f" font-size: 14pt; line-height: {SQUARE}mm; width: {SQUARE}mm; height: {SQUARE}mm;"
    f" margin-left: {paper.BOTTOM - paper.NUMBER_BELOW - SQUARE / 2}mm;"
    f" margin-right: {paper.NUMBER_BELOW - SQUARE / 2}mm;"
    " box-sizing: border-box; white-space: nowrap; transform: rotate(90deg);"
)
NO_MASTHEAD = Masthead((), 16, 1)


@dataclass(frozen=True)
class Block:
    """One paragraph as set; ``kind`` is its class in the style sheet."""

    lines: Sequence[Line]
    kind: str = "text"
    level: int = 0


@dataclass(frozen=True)
class Sheet:
    """Everything that the template prints of the main text, with its height in lines."""

    content: Content
    number: str
    head: Masthead
    title: Sequence[str]
    blocks: Sequence[Block]
    tail: Sequence[Block]
    copies: Sequence[Block]
    page_lines: int = paper.LINES
    gap: int = SEAL_LINES
    # the copy block also stands on the back that follows: the child keeps one of the two
    has_back: bool = False


def html_of(content: Content, number: str, fonts: Fonts, *, draft_mark: str = "") -> str:
    """The page for ``render_pdf``; ``draft_mark`` is printed across the head of what is no
    finished document."""
    with translation.override(LANGUAGE):
        sheet = _sheet(content, number, fonts.width)
        context = {
            "sheet": sheet,
            "content": content,
            "paper": _measures(sheet),
            "fonts": {face.name: font_of(fonts, face.name) for face in FACES},
            "number_font": font_of(fonts, "song", " font-size: 14pt; line-height: 14pt;"),
            "turned_number": font_of(fonts, "song", TURNED),
            "issuer_narrowed": _issuer_narrowed(content, fonts.width),
            "issued_on": _issued_on(content),
            "dated": long_day(content.dated) if content.dated else "",
            "annexes": [
                _annex(annex, number, content, fonts.width)
                for number, annex in zip(
                    annex_numbers(content.annexes), content.annexes, strict=True
                )
            ],
            "draft_mark": draft_mark,
        }
        return render_to_string("reports/documents/paper/document.html", context)


# --- the main text -------------------------------------------------------------------------------
def _sheet(content: Content, number: str, width: Width) -> Sheet:
    # a bulletin's items have titles of their own
    title = (
        [] if content.layout == "bulletin" else broken(clean(content.title), words=content.words)
    )
    blocks = [
        _paragraph(linked(text, content.figures), width, is_first=not place)
        for place, text in enumerate(content.paragraphs)
    ]
    if content.addressee:
        addressee = Run(clean(content.addressee).rstrip("：:") + pgettext("document", ":"))
        blocks.insert(0, Block(composed([addressee], width, first_indent=0), "addressee"))
    tail = [*_attachments(content, width), *_signature(content, width)]
    copies = [_copy(one, width) for one in content.copies if one.names]
    height = len(title) + bool(title) + _height(blocks) + _tail_height(content, tail)
    # without a head the number stands in a line of its own over the title
    height += 2 if number and content.layout == "plain" else 0
    # behind annexes the copy block stands on their last page
    room = 0 if content.annexes else _copies_height(content, copies)
    has_copies = bool(_copies_height(content, copies))
    page_lines, gap, turns = _drawn(content, height, room, has_copies and not content.annexes)
    head = masthead(content.masthead, _largest(content)) if content.masthead else NO_MASTHEAD
    has_back = has_copies and (turns or bool(content.annexes))
    return Sheet(content, number, head, title, blocks, tail, copies, page_lines, gap, has_back)


def _largest(content: Content) -> float:
    """The largest type of the masthead in points."""
    if content.layout == "letter":
        return paper.LETTER_TYPE
    if content.layout == "bulletin":
        return paper.BULLETIN_BOX * paper.MM
    return paper.MASTHEAD_TYPE


def _item(text: str, is_first: bool) -> Block:
    """A bulletin's item begins with a title of its own, a blank line before it."""
    names = broken(clean(text.removeprefix(ITEM)), paper.CHARACTERS - 4)
    lines = [Line((Run(name, "title"),), 0) for name in names]
    return Block(lines if is_first else [Line((Run(" "),), 0), *lines], "item")


def _paragraph(text: str, width: Width, *, is_first: bool = False) -> Block:
    if text.startswith(ITEM):
        return _item(text, is_first)
    for pattern, face, level in ((FIRST, "hei", 1), (SECOND, "kai", 2)):
        if pattern.match(text):
            heading, rest = _heading(text)
            runs = [Run(heading, face), Run(rest)] if heading else [Run(text)]
            is_heading = bool(heading) and not rest
            return Block(
                composed([run for run in runs if run.text], width),
                "heading" if is_heading else "text",
                level if is_heading else 0,
            )
    return Block(composed([Run(text)], width))


def _heading(text: str) -> tuple[str, str]:
    """The sentence that the number heads, and what follows it on the same line."""
    first, stop, rest = text.partition("。")
    if len(first) > HEADING or (stop and not rest):
        return "", text
    return first + stop, rest


def _attachments(content: Content, width: Width) -> list[Block]:
    """附件说明, a line below the text; no mark behind a name."""
    blocks = []
    for place, (number, title) in enumerate(annexes_named(content.annexes), 1):
        lead = pgettext("document", "Annex: ") if place == 1 else ""
        digits = f"{number}." if number else ""
        indent = ATTACHMENT_INDENT + (measured(digits, width))
        first = 2 if lead else ATTACHMENT_INDENT
        lines = composed(
            [Run(lead + digits + clean(title))], width, first_indent=first, indent=indent
        )
        blocks.append(Block(lines, "attachment first" if place == 1 else "attachment"))
    return blocks


def _signature(content: Content, width: Width) -> list[Block]:
    """Signing body and date; sealed ones stand over one another's middle, the others step in."""
    if not content.signer:
        return []
    day = long_day(content.dated) if content.dated else ""
    wide = measured(day, width) if day else 8
    if content.is_sealed:
        middle = paper.CHARACTERS - SEALED_INSET - wide / 2
        room = int(2 * min(middle, paper.CHARACTERS - middle))
        names = broken(clean(content.signer), room, content.words)
        starts = [middle - measured(name, width) / 2 for name in names]
        start = middle - wide / 2
    else:
        names = broken(clean(content.signer), paper.CHARACTERS - 2 * SIGNER_INSET, content.words)
        widest = max(measured(name, width) for name in names)
        right = paper.CHARACTERS - UNSEALED_INSET
        starts = [right - widest] * len(names)
        start = starts[0] + SIGNER_INSET
        if start + wide > right:
            start = right - wide
    blocks = [
        Block(
            [Line((Run(name),), paper.PITCH, max(at, 0), True)],
            "signer" + (" first" if not n else ""),
        )
        for n, (name, at) in enumerate(zip(names, starts, strict=True))
    ]
    if day:
        blocks.append(Block([Line((Run(day),), paper.PITCH, start, True)], "dated"))
    for note in content.note.splitlines():
        blocks.append(Block(composed([Run(linked(note, content.figures))], width), "note"))
    return blocks


def _copy(copies: CopyList, width: Width) -> Block:
    """抄送：… in the smaller type, a character in on both sides, hanging behind the colon."""
    scale = paper.BODY / paper.SMALL
    names = pgettext("between addressees", ", ").join(clean(name) for name in copies.names)
    text = pgettext("line of the copy block", "%(label)s: %(names)s.") % {
        "label": copies.label,
        "names": names,
    }
    measure = paper.CHARACTERS * scale
    label = len(copies.label) + 1
    lines = composed([Run(text)], width, measure=measure - 1, first_indent=1, indent=1 + label)
    return Block(lines, "copy")


def _drawn(
    content: Content, lines: int, room: int, has_copies: bool = False
) -> tuple[int, int, bool]:
    """Lines a page, blank lines over the signing body: closer than usual only to take in what
    spills over the last page by a line or two. Then whether the copy block may have to turn the
    page.

    ``lines``: of title, text and tail with its usual gap; ``room``: those of the copy block.
    """
    head = paper.HEADS[content.layout]
    left = paper.TEXT_HEIGHT - head * paper.LINE

    def pages(a_page: int, gap: int, more: int) -> int:
        first = int(left * a_page / paper.TEXT_HEIGHT + 0.01)
        return 1 + max(0, ceil((lines + more - SEAL_LINES + gap - first) / a_page))

    def sides(a_page: int, gap: int) -> tuple[int, int]:
        """With the copy block on an even page, but for a letter of one; then those of the text."""
        text, whole = pages(a_page, gap, 0), pages(a_page, gap, room)
        if has_copies and (whole > 1 or content.layout == "file"):
            whole = whole + whole % 2 if whole == text else text + 2 - text % 2
        return whole, text

    a_page, gap = paper.LINES, SEAL_LINES
    usual = sides(a_page, gap)
    if any(_spills(pages(a_page, gap, n), lines + n, left) for n in (0, room)):
        for more in range(paper.SPILL + 1):
            if sides(paper.LINES + more, SEAL_LINES - 1) < usual:
                a_page, gap = paper.LINES + more, SEAL_LINES - 1
                break
    whole, text = sides(a_page, gap)
    # a heading or a name may move to the next page with its lines
    is_sure = text == pages(a_page, gap, room + KEPT) and (text == whole)
    return a_page, gap, has_copies and whole > 1 and not is_sure


def _spills(pages: int, lines: int, left: float) -> bool:
    """Whether a line or two alone stand on the last of so many pages."""
    first = int(left / paper.LINE + 0.01)
    return pages > 1 and lines - first - (pages - 2) * paper.LINES <= paper.SPILL


def _height(blocks: Sequence[Block]) -> int:
    return sum(len(block.lines) for block in blocks)


def _tail_height(content: Content, tail: Sequence[Block]) -> int:
    gaps = (1 if content.annexes else 0) + (SEAL_LINES if content.signer else 0)
    return _height(tail) + gaps


def _copies_height(content: Content, copies: Sequence[Block]) -> int:
    rows = _height(copies) + (1 if content.layout == "file" and content.issuer else 0)
    return ceil(rows * paper.SMALL / paper.BODY) + 1 if rows else 0


# --- annexes -------------------------------------------------------------------------------------
def _annex(annex: Annex, number: str, content: Content, width: Width) -> dict[str, Any]:
    breadth = paper.TEXT_HEIGHT if annex.is_wide else paper.TEXT_WIDTH
    return {
        "label": pgettext("document", "Annex") + number,
        "title": broken(clean(annex.title), 30 if annex.is_wide else 20, content.words),
        "blocks": [_paragraph(linked(text, content.figures), width) for text in annex.paragraphs],
        "tables": _tables(annex, breadth),
        "chart": drawn(annex.bars),
        "notes": annex.notes,
        "is_wide": annex.is_wide,
    }


def _tables(annex: Annex, breadth: float) -> list[dict[str, Any]]:
    """Those of the same columns (zones of a ranking) are one, each under its name."""
    found = [
        {
            "caption": table.caption,
            "columns": columns_of(table, breadth),
            "rows": [
                [(cell, column.align) for cell, column in zip(row, table.columns, strict=True)]
                for row in table.rows
            ],
        }
        for table in annex.tables
    ]
    if len(found) < 2 or len({table.columns for table in annex.tables}) > 1:
        return found
    every = annex.tables[0].model_copy(
        update={"rows": tuple(row for table in annex.tables for row in table.rows)}
    )
    return [{"columns": columns_of(every, breadth), "groups": found, "rows": []}]


# --- words and measures --------------------------------------------------------------------------
def long_day(day: date) -> str:
    """2026年11月5日: no leading 0."""
    return dateformat.format(day, pgettext("date format", "j M Y"))


def font_of(fonts: Fonts, face: str, more: str = "") -> SafeString:
    """The families' names hold letters, digits and blanks only (``Fonts.stack``)."""
    family = f"font-family: {fonts.stack(face)}; font-weight: {fonts.weights[face]};"
    return mark_safe(family + more)


def _issuer_narrowed(content: Content, width: Width) -> float:
    """A long name stands narrowed beside the day of issue, on one line."""
    day = _issued_on(content)
    room = paper.TEXT_WIDTH * paper.MM / paper.SMALL - 3 - measured(day, width)
    return min(1.0, round(room / max(measured(content.issuer, width), 1), 3))


def _issued_on(content: Content) -> str:
    if content.dated is None:
        return ""
    return pgettext("copy block", "Issued on %(day)s") % {"day": long_day(content.dated)}


def _measures(sheet: Sheet) -> dict[str, Any]:
    """Lengths for the style sheet, in mm but for type."""
    is_letter = sheet.content.layout == "letter"
    # rounded down: the last line of a page must not be pushed off by a hair
    line = floor(paper.TEXT_HEIGHT / sheet.page_lines * 1000) / 1000
    is_bulletin = sheet.content.layout == "bulletin"
    head = paper.HEADS[sheet.content.layout]
    name_top = paper.LETTER_NAME_TOP - paper.TOP if is_letter else paper.MASTHEAD_TOP
    box = paper.LETTER_TYPE / paper.MM if is_letter else paper.MASTHEAD_BOX
    if is_bulletin:
        name_top, box = paper.BULLETIN_NAME_TOP, paper.BULLETIN_BOX
    return {
        "line": line,
        "head": floor(head * paper.LINE * 100) / 100,
        "name_top": round(name_top, 3),
        "name_box": round(box, 3),
        "name_line": round(
            min(box / max(len(sheet.head.lines), 1), sheet.head.points / paper.MM), 3
        ),
        "name_lift": round(INK * sheet.head.points / paper.MM, 3),
        "number_top": round(paper.MASTHEAD_TOP + paper.MASTHEAD_BOX + 2 * paper.LINE, 3),
        "rule_top": round(
            paper.MASTHEAD_TOP + paper.MASTHEAD_BOX + 2 * paper.LINE + paper.NUMBER_TO_RULE, 3
        ),
        "letter_rule": round(paper.LETTER_RULE_TOP - paper.TOP, 3),
        "letter_number": round(
            paper.LETTER_NUMBER_TOP - paper.TOP - (paper.LINE - paper.BODY_MM) / 2, 3
        ),
        "letter_foot": round(paper.HEIGHT - paper.LETTER_FOOT - paper.TOP, 3),
        "letter_left": round((paper.WIDTH - paper.LETTER_RULE) / 2 - paper.LEFT, 3),
        "bulletin_number": round(paper.BULLETIN_NUMBER_TOP, 3),
        "bulletin_issuer": round(paper.BULLETIN_ISSUER_TOP, 3),
        "bulletin_rule": round(paper.BULLETIN_RULE_TOP, 3),
        "copy_line": round(paper.LINE * paper.SMALL / paper.BODY, 3),
        "copies_room": round(_copies_height(sheet.content, sheet.copies) * line, 3),
        "seal_gap": round(sheet.gap * line, 3),
        "table": paper.TABLE,
        "pitch": round(paper.PITCH, 5),
    }
