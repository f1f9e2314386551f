"""Chinese lines: flush at the right, begun and ended well; titles broken at word ends."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reports.documents.lexicon import WORDS
from reports.documents.lines import CLOSING, HALF, OPENING, Line, Run, clean, composed
from reports.documents.paper import MEASURE, PITCH, TITLE_CHARACTERS
from reports.documents.titles import broken, masthead

TEXT = (
    "截至2026年9月14日，你县纳入台账企业68家，已销号41家，销号率60.3%；在办企业中（含“只差一项”）有9家逾期10个"
    "工作日以上，主要集中在《企业研发费用》归集、产学研合作两项，市专班办公室已于8月21日电话提醒、"
    "9月4日发出提醒函。"
)


def width(character: str, face: str) -> float:
    return 0.55 if character.isascii() else 1.0


def extent(line: Line) -> float:
    """From the left edge of the text to the end of the line's ink, in em."""
    end = 0.5 if line.text[-1] in HALF else 0.0
    natural = sum(width(c, "body") for c in line.text)
    hangs = natural + line.spacing * (len(line.text) - 1) + line.left - MEASURE > 0.3
    return natural + line.spacing * (len(line.text) - 1) + line.left - (end if hangs else 0)


@pytest.mark.parametrize("shift", range(28))
def test_every_full_line_is_flush_and_begins_and_ends_well(shift: int) -> None:
    lines = composed([Run("一" * shift + TEXT * 2)], width)
    assert "".join(line.text for line in lines) == "一" * shift + TEXT * 2
    for line in lines[:-1]:
        assert extent(line) == pytest.approx(MEASURE, abs=0.1)
        assert abs(line.spacing - PITCH) < 0.12  # nothing is stretched or squeezed to be seen
    for before, line in pairwise(lines):
        assert line.text[0] not in CLOSING
        assert before.text[-1] not in OPENING
        # numbers stay whole
        assert not (before.text[-1].isdigit() and line.text[0].isdigit())


def test_a_line_holds_28_characters_and_the_first_26() -> None:
    lines = composed([Run("文" * 82)], width)
    assert [len(line.text) for line in lines] == [26, 28, 28]
    assert [line.indent for line in lines] == [2, 0, 0]


def test_a_full_stop_hangs_half_out_instead_of_standing_alone() -> None:
    (line,) = composed([Run("文" * 26 + "。")], width)
    assert len(line.text) == 27


def test_a_long_word_without_a_place_to_break_is_broken_anywhere() -> None:
    lines = composed([Run("A" * 20_000)], width)
    assert max(len(line.text) for line in lines) <= MEASURE / 0.55
    assert sum(len(line.text) for line in lines) == 20_000


def test_what_nobody_reads_is_taken_out() -> None:
    assert clean("甲\x00\u202e乙\u200b丙\x07") == "甲乙丙"


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于表彰的通报", ["关于表彰的通报"]),
        (
            "关于督促办理规上工业企业研发活动全覆盖逾期事项的函",
            ["关于督促办理规上工业企业", "研发活动全覆盖逾期事项的函"],
        ),
        (
            "关于9月份全市规上工业企业研发活动全覆盖工作进展情况的通报",
            ["关于9月份全市规上工业企业", "研发活动全覆盖工作进展情况的通报"],
        ),
    ],
)
def test_titles_break_at_word_ends(title: str, lines: list[str]) -> None:
    assert broken(title) == lines


def test_no_title_tears_a_word_or_leaves_a_stub() -> None:
    title = (
        "关于进一步做好规模以上工业企业研发活动全覆盖专项行动提案答复、问题清单汇总和"
        "《工作方案》实施情况报告的通知"
    )
    lines = broken(title)
    assert "".join(lines) == title
    assert all(4 <= len(line) <= TITLE_CHARACTERS for line in lines)
    edges = {sum(map(len, lines[:n])) for n in range(1, len(lines))}
    for word in WORDS:
        start = title.find(word)
        if start >= 0 and len(word) > 2:
            assert not edges & set(range(start + 1, start + len(word)))


def test_a_word_of_the_city_is_not_torn() -> None:
    name = "云岭高新技术产业开发区"
    lines = broken(f"关于{name}逾期事项办理情况的有关函", 12, [name])
    assert any(name in line for line in lines)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("演示市科学技术局文件", 1),
        ("演示市规上工业企业研发活动全覆盖工作专班办公室文件", 1),
        ("演" * 40, 2),
    ],
)
def test_mastheads_fit_however_long(name: str, lines: int) -> None:
    found = masthead(name)
    assert len(found.lines) == lines
    assert "".join(found.lines) == name
    longest = max(map(len, found.lines))
    assert longest * found.points * found.narrowed <= 156 * 72 / 25.4 + 0.5
