"""GB/T 9704-2012 measured on the printed page; lengths in mm from the paper's upper left corner."""

from __future__ import annotations

import io
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pdfplumber
import pytest

from reports.charts import bar_svg
from reports.documents import paper
from reports.documents.bars import drawn
from reports.documents.columns import widths_of
from reports.documents.content import Annex, Bar, Cell, Column, Content, Grid, Section, Table
from reports.documents.render import Limits, NoPdf, our_fonts, render_many, render_pdf
from reports.documents.setting import html_of
from reports.documents.sheets import form_of
from tests.reports.papers import LATE, LETTER_TEXT, LONG_FIRM, circular, letter

LETTER, CIRCULAR = "演研专办函〔2026〕6号", "演研专办〔2026〕18号"
HOSTILE = "<script>alert(1)</script><img src='http://127.0.0.1:9/x'> file:///etc/passwd {{ x }} & "
RED = (0.866667, 0.0, 0.0)


@cache
def printed() -> list[bytes]:
    """Everything that this file looks at, from one child."""
    papers: list[tuple[Content, str]] = [
        (letter(rows=30), LETTER),
        (circular(), CIRCULAR),
        # spills over its page by a line or two
        (letter(rows=0, paragraphs=LETTER_TEXT[:1]), LETTER),
        (
            letter(rows=0, title=f"关于{HOSTILE[:20]}的函", paragraphs=(HOSTILE, "文" * 20_000)),
            LETTER,
        ),
    ]
    fonts = our_fonts()
    return render_many([html_of(content, number, fonts) for content, number in papers])


@pytest.fixture(scope="module")
def pages() -> Iterator[list[list[Any]]]:
    books = [pdfplumber.open(io.BytesIO(pdf)) for pdf in printed()[:3]]
    yield [book.pages for book in books]
    for book in books:
        book.close()


def rows(page: Any) -> list[tuple[float, list[Any]]]:
    """(middle, characters) of each line of type, from the top; upright pages only."""
    found: dict[int, list[Any]] = defaultdict(list)
    for char in page.chars:
        # by the baseline: faces differ in ascent
        found[round(char["matrix"][5])].append(char)
    lines = []
    for baseline in sorted(found, reverse=True):
        chars = sorted(found[baseline], key=lambda char: char["x0"])
        lines.append(((float(page.height) - baseline) / paper.MM, chars))
    return lines


def words(chars: list[Any]) -> str:
    return "".join(char["text"] for char in chars)


def body(page: Any, size: float = paper.BODY) -> list[tuple[float, list[Any]]]:
    return [
        (y, chars) for y, chars in rows(page) if chars[0]["size"] == pytest.approx(size, abs=0.1)
    ]


def test_text_area_22_lines_28_characters(pages: list[list[Any]]) -> None:
    _letter, (_first, second, *_more), _short = pages
    lines = body(second)
    left = min(chars[0]["x0"] for _y, chars in lines) / paper.MM
    assert left == pytest.approx(28, abs=0.5)
    full = [c for _y, c in lines if c[-1]["x1"] / paper.MM > 180]
    assert len(full) >= 8
    for chars in full:
        # flush: the blank half of a mark may hang out
        assert (
            chars[-1]["x1"] / paper.MM == pytest.approx(184, abs=0.3) or chars[-1]["text"] in "，。"
        )
    # the grid: lines of one page stand 225/22 apart
    steps = {round((b - a) / paper.LINE, 1) for (a, _), (b, _) in pairwise(lines)}
    assert steps == {1.0}
    # an ideograph stands 0.88 em above the baseline, in the middle of its line
    top = lines[0][0] - 0.88 * paper.BODY_MM - (paper.LINE - paper.BODY_MM) / 2
    assert top == pytest.approx(37, abs=1)


def test_a_full_page_has_22_lines_of_28_characters() -> None:
    with pdfplumber.open(io.BytesIO(printed()[3])) as book:
        lines = body(book.pages[3])
    assert len(lines) == 22
    assert {len(chars) for _y, chars in lines} == {28}
    ink = lines[0][1][0]["size"] / paper.MM
    assert lines[-1][0] - lines[0][0] + paper.LINE == pytest.approx(225, abs=1)
    assert lines[0][1][0]["x0"] / paper.MM == pytest.approx(28, abs=0.3)
    assert lines[0][1][-1]["x1"] / paper.MM == pytest.approx(184, abs=0.3)
    assert lines[0][0] - ink > 37
    assert lines[-1][0] < 262


def test_head_of_a_circular(pages: list[list[Any]]) -> None:
    first = pages[1][0]
    name = next(chars for _y, chars in rows(first) if chars[0]["non_stroking_color"] == RED)
    assert words(name).endswith("办公室文件")
    assert (name[-1]["x1"] - name[0]["x0"]) / paper.MM <= 156.5
    ink = first.crop((0, 60 * paper.MM, first.width, 100 * paper.MM)).to_image(resolution=127)
    reds = [y for y in range(ink.original.height) if _has_red(ink.original, y)]
    assert 60 + reds[0] / 5 == pytest.approx(37 + 35, abs=1)  # 35 below the text area's edge
    number = next(chars for _y, chars in rows(first) if words(chars) == CIRCULAR)
    middle = (number[0]["x0"] + number[-1]["x1"]) / 2 / paper.MM
    assert middle == pytest.approx(106, abs=0.5)
    (rule,) = [rect for rect in first.rects if rect["non_stroking_color"] == RED]
    assert rule["width"] / paper.MM == pytest.approx(156, abs=0.2)
    assert (rule["top"] - number[0]["bottom"]) / paper.MM == pytest.approx(4, abs=1.5)
    titles = [
        (y, words(chars))
        for y, chars in rows(first)
        if chars[0]["size"] == pytest.approx(22, abs=0.1)
    ]
    assert [line for _y, line in titles] == [
        "关于9月份全市规上工业企业",
        "研发活动全覆盖工作进展情况的通报",
    ]
    assert titles[0][0] - rule["top"] / paper.MM > 2 * paper.LINE


def _has_red(image: Any, y: int) -> bool:
    return any(
        red > 180 and green < 90
        for red, green, _blue in (image.getpixel((x, y)) for x in range(0, image.width, 2))
    )


def test_head_and_foot_of_a_letter(pages: list[list[Any]]) -> None:
    first = pages[0][0]
    red = sorted(
        {round(r["top"] / paper.MM, 1) for r in first.rects if r["width"] / paper.MM > 169}
    )
    assert red[0] == pytest.approx(30 + paper.LETTER_TYPE / paper.MM + 4, abs=0.3)
    foot = max(r["bottom"] for r in first.rects) / paper.MM
    assert foot == pytest.approx(297 - 20, abs=0.2)
    number = next(chars for _y, chars in rows(first) if words(chars) == LETTER)
    assert number[-1]["x1"] / paper.MM == pytest.approx(184, abs=0.3)
    assert "— 1 —" not in words(first.chars)


def test_page_numbers_stand_outside_7_below(pages: list[list[Any]]) -> None:
    for page, number, x in ((pages[1][0], 1, 184 - 4.94), (pages[1][1], 2, 28 + 4.94)):
        found = [chars for _y, chars in rows(page) if words(chars) == f"— {number} —"]
        assert len(found) == 1
        edge = found[0][-1]["x1"] if number % 2 else found[0][0]["x0"]
        assert edge / paper.MM == pytest.approx(x, abs=0.6)
        assert found[0][0]["size"] == pytest.approx(14, abs=0.1)
        dash = found[0][0]
        middle = (float(page.height) - dash["matrix"][5]) / paper.MM - 0.38 * 14 / paper.MM
        assert middle == pytest.approx(262 + 7, abs=0.7)


def test_the_copy_block_ends_on_the_last_line_of_the_last_page(pages: list[list[Any]]) -> None:
    last = pages[1][-1]
    block = max(last.rects, key=lambda rect: rect["bottom"])
    assert block["bottom"] / paper.MM == pytest.approx(262, abs=0.2)
    assert block["width"] / paper.MM == pytest.approx(156, abs=0.2)
    text = last.extract_text()
    assert "报：市政府分管领导，省科技厅工作专班。" in text
    assert "2026年10月8日印发" in text
    issued = next(chars for _y, chars in rows(last) if "印发" in words(chars))
    assert "办公室2026" in words(issued)  # both on one line, however long the name
    assert not any("报：" in page.extract_text() for page in pages[1][:-1])


def test_signature_stands_over_the_middle_of_the_date(pages: list[list[Any]]) -> None:
    lines = body(pages[1][2])
    place = next(i for i, (_y, chars) in enumerate(lines) if words(chars) == "2026年10月8日")
    day, body_name = lines[place][1], lines[place - 1][1]
    assert (184 - day[-1]["x1"] / paper.MM) == pytest.approx(4 * 5.57, abs=0.6)
    assert _middle(day) == pytest.approx(_middle(body_name), abs=0.5)
    # a signature never stands alone on its page
    assert "答复。" in words(lines[0][1])


def _middle(chars: list[Any]) -> float:
    return float(chars[0]["x0"] + chars[-1]["x1"]) / 2 / paper.MM


def test_a_letter_that_spills_is_drawn_together(pages: list[list[Any]]) -> None:
    (only,) = pages[2]
    text = only.extract_text()
    assert "抄送：市政府督查室" in text
    assert "联系人" in text
    lines = [y for y, _chars in body(only)]
    assert lines[3] - lines[2] < paper.LINE - 0.3


def test_annex_tables_repeat_their_head_and_lose_no_row(pages: list[list[Any]]) -> None:
    annex = [page for page in pages[0][2:] if page.find_tables()]
    assert len(annex) > 1
    assert all("企业名称" in page.extract_text() for page in annex)
    cells = [row for page in annex for row in page.extract_table()[1:]]
    assert [row[0] for row in cells] == [str(n) for n in range(1, 31)]
    assert cells[0][1].replace("\n", "") == LONG_FIRM


def test_the_ranking_lies_on_one_broad_page(pages: list[list[Any]]) -> None:
    broad = [page for page in pages[1] if page.width > page.height]
    assert len(broad) == 1
    assert len(broad[0].extract_table()) == 17


def test_on_a_lying_page_the_number_stands_where_it_stands_on_the_others(
    pages: list[list[Any]],
) -> None:
    """The sheet turned: at the foot, an even number at the left, one character in."""
    [(n, lying)] = [(n, p) for n, p in enumerate(pages[1], 1) if p.width > p.height]
    assert n % 2 == 0
    turned = [c for c in lying.chars if not c["upright"]]
    assert "".join(sorted(c["text"] for c in turned if c["text"].strip())) == f"{n}——"
    # its baseline lies at the left of the ink: the middle 7 mm beside the text area
    middle = turned[0]["matrix"][4] / paper.MM + 0.38 * 14 / paper.MM
    assert middle == pytest.approx(35 - 7, abs=0.7)
    top = min(c["top"] for c in turned) / paper.MM
    assert top == pytest.approx(28 + 4.94, abs=0.6)


FORM = Content(
    layout="form",
    masthead="",
    title="规上工业企业研发活动全覆盖销号确认表",
    one_page=True,
    sections=(
        Section(table=LATE.model_copy(update={"rows": LATE.rows[:14]})),
        Section(
            grid=Grid(
                shares=(2, 11),
                rows=tuple((Cell(text="意见", is_label=True), Cell(lines=3)) for _n in range(4)),
            )
        ),
    ),
)


def test_a_form_that_spills_is_drawn_together_and_a_long_one_flows() -> None:
    more = FORM.sections[0].model_copy(update={"table": LATE})
    long_ = FORM.model_copy(update={"sections": (more, FORM.sections[1])})
    loose = FORM.model_copy(update={"one_page": False})
    fonts = our_fonts()
    found = render_many([form_of(one, "", fonts, {}) for one in (loose, FORM, long_)])
    with (
        pdfplumber.open(io.BytesIO(found[0])) as spills,
        pdfplumber.open(io.BytesIO(found[1])) as fits,
        pdfplumber.open(io.BytesIO(found[2])) as flows,
    ):
        assert (len(spills.pages), len(fits.pages)) == (2, 1)
        assert fits.pages[0].extract_text().count("意见") == 4
        texts = [page.extract_text() for page in flows.pages]
    # on two pages at least, no row lost, the head again
    assert len(texts) > 1
    assert texts[1].count("企业名称") == 1
    assert all(f"演示第{n}机械" in "".join(texts) for n in range(2, 61) if n % 7 != 1)


def test_no_date_code_or_short_word_is_torn_in_a_table() -> None:
    code = "91410300MA3X00010K"
    columns = tuple(Column(title=t) for t in ("企业", "代码", "日期", "包联组"))
    row = (LONG_FIRM * 2, code, "2026-08-31", "包联第一组")
    table = Table(columns=columns, rows=(row,))
    widths = widths_of(table, 120)
    assert sum(widths) == pytest.approx(120)
    assert widths[1] > 18 * 0.6 * paper.TABLE / paper.MM
    assert widths[3] > 5 * paper.TABLE / paper.MM
    # where nobody has room the shares stand
    assert widths_of(table, 60) == [15, 15, 15, 15]


def test_the_counties_bars_are_drawn_as_on_the_screens() -> None:
    bars = (
        Bar(group="都市核心区", name="示例1区", rate=72.5, planned=50, target=60),
        Bar(group="都市核心区", name="示例2区", rate=40, planned=50),
        Bar(group="环都市区", name="示例3县", rate=None),
    )
    page = html_of(circular(1, annexes=(Annex(title="图", bars=bars),)), "", our_fonts())
    assert page.count("<svg") == 3
    (group, [first, second]), (_other, [third]) = drawn(bars)
    assert (group, first.rate, second.rate, third.rate) == ("都市核心区", "72.5%", "40.0%", "—")
    assert ["hatch" in bar.svg for bar in (first, second, third)] == [False, True, False]
    assert first.svg == bar_svg(Decimal("72.5"), planned=Decimal(50), target=Decimal(60))
    with pdfplumber.open(io.BytesIO(render_pdf(page))) as book:
        last = book.pages[-1]
        assert "72.5%" in last.extract_text()
        drawings = [d for d in (*last.rects, *last.curves) if 8 < d["height"] < 9]
    assert len(drawings) >= 5  # three tracks, a bar, the ground of a hatch


def test_fonts_are_embedded_subsets_and_the_file_is_for_the_archive() -> None:
    for pdf in printed()[:2]:
        with pdfplumber.open(io.BytesIO(pdf)) as book:
            names = {char["fontname"] for page in book.pages for char in page.chars}
            root = book.doc.catalog
            assert root["Lang"] == b"zh-CN"
            assert root["MarkInfo"]["Marked"] is True
            assert book.metadata["Title"].startswith("关于")
            meta = root["Metadata"].resolve().get_data()
        assert b"<pdfaid:part>2</pdfaid:part>" in meta or b'pdfaid:part="2"' in meta
        assert all(name[6] == "+" for name in names)  # ABCDEF+Name: a subset
        assert len(pdf) < 900_000


def test_hostile_text_is_printed_as_text() -> None:
    with pdfplumber.open(io.BytesIO(printed()[3])) as book:
        text = "".join(char["text"] for page in book.pages for char in page.chars)
        assert "<script>alert(1)</script>" in text
        assert "file:///etc/passwd {{ x }} &" in text
        assert text.count("文") >= 20_000
        assert not book.doc.catalog.get("Names")


def test_nothing_is_ever_fetched() -> None:
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        port = server.getsockname()[1]

        def listen() -> None:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                calls.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        html = (
            f"<link rel='stylesheet' href='http://127.0.0.1:{port}/a.css'>"
            f"<link rel='attachment' href='file:///etc/hostname'>"
            f"<style>@import url(http://127.0.0.1:{port}/b.css);"
            f"p {{ background: url(http://127.0.0.1:{port}/c.png) }}</style>"
            f"<p>text<img src='http://127.0.0.1:{port}/d.png'><img src='file:///etc/hostname'></p>"
        )
        pdf = render_pdf(html)
    assert calls == []
    with pdfplumber.open(io.BytesIO(pdf)) as book:
        assert "text" in book.pages[0].extract_text()
        assert "Names" not in book.doc.catalog


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(patience=0.01), "too_slow"),
        (Limits(memory=100 << 20), "too_large"),
        (Limits(size=100), "too_large"),
    ],
)
def test_a_render_is_bounded(limits: Limits, code: str) -> None:
    with pytest.raises(NoPdf) as refused:
        render_pdf("<p>" + "文" * 1000, limits=limits)
    assert refused.value.code == code


def test_missing_glyphs_are_reported() -> None:
    assert our_fonts().missing("瀍河镕垚\U0001f600 A") == ["\U0001f600"]
