"""House forms (督办单, 销号确认表, 一企一案 …) → HTML: a title, ruled tables, pages of papers.

Tables break over pages with their head; what is to be written by hand stays free.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from reports.documents import paper
from reports.documents.cells import filled
from reports.documents.columns import columns_of
from reports.documents.content import Cell, Content, Grid, Section, Table
from reports.documents.faces import FACES
from reports.documents.fonts import Fonts
from reports.documents.lexicon import NOT_FIRST, NOT_LAST
from reports.documents.lines import clean
from reports.documents.previews import Page
from reports.documents.setting import LANGUAGE, font_of
from reports.documents.titles import broken

# no font of ours has them: drawn by the style sheet
BOXES = {"☐": '<span class="box"></span>', "☑": '<span class="box ticked"></span>'}
# a box stays on the line of what it ticks
MARKS = re.compile("([☐☑])([^&<\\s☐☑]{0,2})")
MOST_LINES = 12  # free lines of a cell that the style sheet knows
LONG = 240  # characters of a cell that may be torn over two pages
WIDE_MM, TALL_MM = 249.0, 166.0  # the breadth of a form's page, lying and standing
TITLE_WIDE, TITLE_TALL = 34, 23
EM = 12 / paper.MM  # mm of a label's character
BESIDE = 1.4  # mm of a label's cell that bear none


def form_of(
    content: Content, number: str, fonts: Fonts, pages: dict[int, list[Page]], *, mark: str = ""
) -> str:
    """The page for ``render_pdf``; ``pages`` of each preview by the evidence's number."""
    content = filled(content)
    with translation.override(LANGUAGE):
        breadth = WIDE_MM if content.is_wide else TALL_MM
        left, right = (*content.subtitle, "", "")[:2]
        context = {
            "content": content,
            "title": broken(
                clean(content.title), TITLE_WIDE if content.is_wide else TITLE_TALL, content.words
            ),
            "left": _text(left),
            "right": _text(number or right),
            "sections": [_section(section, breadth) for section in content.sections],
            "fonts": {face.name: font_of(fonts, face.name) for face in FACES},
            "number_font": font_of(fonts, "song", " font-size: 10.5pt;"),
            "table": paper.TABLE,
            "pages": [
                {"caption": preview.caption, "page": page}
                for preview in content.previews
                for page in pages.get(preview.evidence, [])
            ],
            "draft_mark": mark,
        }
        return render_to_string("reports/documents/paper/form.html", context)


def _section(section: Section, breadth: float) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "new_page": section.new_page,
        "paragraphs": [_text(text) for text in section.paragraphs],
        "grid": _grid(section.grid, breadth) if section.grid else None,
        "table": _table(section.table, breadth) if section.table else None,
        "notes": [_text(text) for text in section.notes],
    }


def _grid(grid: Grid, breadth: float) -> dict[str, Any]:
    whole = sum(grid.shares)
    widths = [share / whole * breadth for share in grid.shares]
    rows = []
    for row in grid.rows:
        places = [0, *accumulate(cell.span for cell in row)]
        rows.append(
            [
                _cell(cell, sum(widths[a:b]))
                for cell, (a, b) in zip(row, pairwise(places), strict=True)
            ]
        )
    return {"shares": [f"{share / whole * 100:.2f}%" for share in grid.shares], "rows": rows}


def _cell(cell: Cell, breadth: float) -> dict[str, Any]:
    text = cell.text
    if cell.is_label:
        # torn at word ends: 统一社会 信用代码
        fits = max(2, int((breadth - BESIDE) / EM))
        lines = [line for part in text.splitlines() for line in broken(clean(part), fits)]
        # what has no word ends there is left to the page
        if not any(line[-1:] in NOT_LAST or line[:1] in NOT_FIRST for line in lines):
            text = "\n".join(lines)
    return {
        "text": _text(text),
        "span": cell.span,
        "is_label": cell.is_label,
        "lines": min(cell.lines, MOST_LINES),
        "is_long": len(cell.text) > LONG,
    }


def _table(table: Table, breadth: float) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "columns": columns_of(table, breadth),
        "rows": [
            [(_text(cell), column.align) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
    }


def _text(text: str) -> SafeString:
    """Escaped, its lines kept, its boxes drawn."""
    escaped = str(escape(clean(text))).replace("\n", "<br>")
    return mark_safe(
        MARKS.sub(lambda m: f'<span class="option">{BOXES[m[1]]}{m[2]}</span>', escaped)
    )
