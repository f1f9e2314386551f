"""What is quick for a country's register says the same as what is plain."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from enterprises.importing import child, report
from enterprises.importing.folding import check_sign, fold_code, fold_display, fold_text, fold_tight
from enterprises.importing.journal import JOURNALLED, state_of
from enterprises.importing.register_apply import register_batch
from enterprises.importing.workbook import Limits, usual_limits
from enterprises.models import ImportChange
from enterprises.pinyin import spell
from organisations.scope import Actor
from tests.enterprises.conftest import AT, JAN, Preview, many

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def plainly(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFKC", text).split())


@given(st.text(st.one_of(st.characters(), st.sampled_from(" \u3000（）ＡａＢ，\u200b涧西"))))
def test_a_fold_is_the_plain_one(text: str) -> None:
    assert fold_text(text) == plainly(text)
    assert fold_tight(text) == unicodedata.normalize("NFKC", plainly(text).replace(" ", ""))
    assert fold_display(fold_display(text)) == fold_display(text)
    assert fold_code(fold_code(text)) == fold_code(text)


@given(st.text(SIGNS, min_size=17, max_size=17))
def test_the_check_sign_is_that_of_the_standard(body: str) -> None:
    assert check_sign(body) == str(uscc.calc_check_digit(body))


@given(
    st.lists(
        st.sampled_from(
            [
                *"重庆长城银行传播单县中信AB2（·）〇一",
                "机械",
                "有限公司",
                "东奔西",
                "不动声",
                "一心一",
            ]
        )
    )
)
def test_a_name_is_spelled_as_its_words_are(parts: list[str]) -> None:
    from pypinyin import lazy_pinyin

    name = "".join(parts)
    spell(name)  # our readings are loaded
    plain = "".join(c for s in lazy_pinyin(name) for c in s.lower() if c.isalnum())
    assert spell(name)[0] == plain[:400]


def test_each_line_of_the_journal_is_the_row_that_was_made(preview: Preview) -> None:
    plan = preview(many(30), JAN)
    batch = register_batch(plan, by=Actor.system(), at=AT).batch
    lines = list(ImportChange.objects.filter(batch=batch))
    assert len(lines) == 90
    for line in lines:
        row = JOURNALLED[line.model]._default_manager.get(pk=line.row_id)
        assert (line.before, line.after) == (None, state_of(row))


@pytest.mark.parametrize("rows", [1, 9, 10, 99, 4711, 20_000, 500_010])
def test_a_cell_too_far_away_is_seen_at_a_glance(rows: int) -> None:
    far = child.beyond({"rows": rows, "columns": 120})
    for number in (1, rows - 1, rows, rows + 1, rows * 2, rows * 10 + 7, 1_048_576):
        cell = f'<c r="C{number}" t="s">'.encode()
        assert bool(far.search(cell)) == (number > rows), number
    for column in ("A", "Z", "AZ", "DP", "DQ", "EA", "ZZ", "AAA", "XFD"):
        number = child.column_number(column.encode())
        assert bool(far.search(f'<c r="{column}1">'.encode())) == (number > 120), column


def test_an_installation_may_read_longer_lists(settings: Any) -> None:
    settings.IMPORT_ROWS = 500_000
    grown, usual = usual_limits(), Limits()
    assert (grown.rows, grown.cells) == (500_000, usual.cells * 25)
    settings.IMPORT_ROWS = 100
    assert usual_limits().rows == 100


def test_of_a_long_list_all_are_counted_and_some_shown(
    preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_SHOWN", 5)
    told = report.register_report(preview(many(12), JAN))
    assert (told["counts"]["new"], len(told["new"])) == (12, 5)
