"""The office's own fonts: a folder of files, taken up without a restart, the rest as before."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Any

import pdfplumber
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from reports.documents.render import our_fonts, render_pdf
from reports.documents.setting import html_of
from tests.reports.papers import letter

HELD = "关于函件一二三"


def own_font(place: Path, family: str) -> None:
    """A 仿宋 of a few characters, each a square."""
    pen = TTGlyphPen(None)
    for number, point in enumerate(((100, 0), (100, 700), (900, 700), (900, 0))):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    square, names = pen.glyph(), [f"uni{ord(one):04X}" for one in HELD]
    font = FontBuilder(1000)
    font.setupGlyphOrder([".notdef", *names])
    font.setupCharacterMap({ord(one): name for one, name in zip(HELD, names, strict=True)})
    font.setupGlyf(dict.fromkeys([".notdef", *names], square))
    font.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (1000, 100)))
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"familyName": family, "styleName": "Regular", "psName": "OwnFang"})
    font.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    font.setupPost()
    font.save(place)


def test_a_file_in_the_offices_folder_is_printed_with(settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    settings.FONTS_DIR, settings.VAR_DIR = folder, tmp_path
    assert "仿宋_GB2312" not in our_fonts().stack("body")
    own_font(folder / "own.ttf", "仿宋_GB2312")
    os.utime(folder, (time.time() + 5,) * 2)
    fonts = our_fonts()
    assert fonts.stack("body").startswith('"仿宋_GB2312"')
    # what it lacks comes from the others, what none has is named
    assert fonts.missing(f"{HELD}瀍镕垚\U0001f600") == ["\U0001f600"]
    pdf = render_pdf(html_of(letter(rows=0, paragraphs=(f"{HELD}瀍。",)), "1号", fonts))
    with pdfplumber.open(io.BytesIO(pdf)) as book:
        line = [char for char in book.pages[0].chars if round(char["size"]) == 16]
    used = {char["text"]: char["fontname"].partition("+")[2] for char in line}
    assert {used[one] for one in HELD} == {"仿宋_GB2312"}
    assert used["瀍"] != "仿宋_GB2312"
    assert "Bold" not in used["瀍"]
