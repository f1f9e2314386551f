"""Folding: every spelling of a value is one value, and folding twice is folding once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprises.importing import folding
from enterprises.importing.tables import FILING_COLUMNS, LEDGER_COLUMNS, REGISTER_COLUMNS
from enterprises.importing.workbook import Cell
from enterprises.industries import DIVISIONS, division_of, is_known, names_to_codes

VALID = [
    "91410300MA3X00010K",
    "91410311MA3X00029E",
    "91410305776500010B",
    "91410323MA40T3HT65",
    "91410324MA45DEM08D",
    "91411282MA46TEAMX4",
    "91411224MA9F000747",
    "91140500MA0GTEHT34",
    "91140581MA0HDEM87W",
    "91140522731900096F",
]


@pytest.mark.parametrize("code", VALID)
def test_valid_codes(code: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for spelling in (code, code.lower(), f" {code[:8]} {code[8:]}", wide, f"{code}\u200b\n"):
        assert folding.fold_code(spelling) == code
        assert folding.code_problem(spelling) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91410300MA3X00010L", "credit_code_check_digit"),
        ("91410300MA3X0010", "credit_code_length"),
        ("91410300OA3X00010K", "credit_code_character"),
        ("91413000MA3X00010K", "credit_code_check_digit"),
        ("91410300MA3X0001OK", "credit_code_character"),
        (914103007319000960.0, "credit_code_number"),
        ("914103007319000960000", "credit_code_length"),
    ],
)
def test_wrong_codes(code: str | float, problem: str) -> None:
    assert folding.code_problem(code) == problem


@pytest.mark.parametrize("place", range(17))
def test_one_wrong_sign_is_always_found(place: int) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = VALID[0]
    others = [a for a in alphabet if a != code[place]]
    wrong = {folding.code_problem(code[:place] + a + code[place + 1 :]) for a in others}
    assert wrong == {"credit_code_check_digit"}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (3670.0, "3670"),
        (810.0, "0810"),
        (610, "0610"),
        ("0610", "0610"),
        ("C3670", "3670"),
        (" ３６７０ ", "3670"),
        ("3670.0", "3670"),
        (303.0, "303"),
        ("30", "30"),
        (8, "08"),
        (None, ""),
        ("9999", "9999"),
    ],
)
def test_industry_codes(cell: str | float | None, code: str) -> None:
    assert folding.fold_industry(cell) == code


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2016-12", "2016-12"),
        (44197.0, "2021-01"),
        (date(2021, 1, 5), "2021-01"),
        ("2016年3月", "2016-03"),
        ("2016/3/9", "2016-03"),
        ("201603", "2016-03"),
        ("2016.11", "2016-11"),
        ("去年", "去年"),
        ("2016-13", "2016-13"),
        (None, ""),
    ],
)
def test_listing_months(cell: Cell, month: str) -> None:
    assert folding.fold_month(cell) == month


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2022-03-05", date(2022, 3, 5)),
        ("2022年3月5日", date(2022, 3, 5)),
        ("20220305", date(2022, 3, 5)),
        (20220305.0, date(2022, 3, 5)),
        (44197, date(2021, 1, 1)),
        ("2022.3.5", date(2022, 3, 5)),
        ("2022-02-30", None),
        ("三月", None),
        (None, None),
    ],
)
def test_days(cell: Cell, day: date | None) -> None:
    assert folding.day_of(cell) == day


YES: list[Cell] = ["是", "√", 1.0, "有", True, " 是 ", "１", "已注册"]
NO: list[Cell] = ["否", "无", 0, "×", False, "没有"]
NEITHER: list[Cell] = ["可能", "", None, 2.0, "是否"]


@pytest.mark.parametrize(
    ("cell", "answer"),
    [*((c, True) for c in YES), *((c, False) for c in NO), *((c, None) for c in NEITHER)],
)
def test_yes_or_no(cell: Cell, answer: bool | None) -> None:
    assert folding.yes_or_no(cell) is answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("洛阳示例（集团）有限公司", "洛阳示例(集团)有限公司"),
        ("洛阳 示例\u3000有限公司", "洛阳示例有限公司"),
        ("洛阳ＡＢＣ有限公司", "洛阳abc有限公司"),
        ("洛阳〔示例〕有限公司", "洛阳【示例】有限公司"),
        ("洛阳示例有限公司\u200b", "洛阳示例有限公司"),
    ],
)
def test_names_that_are_one_name(one: str, other: str) -> None:
    assert folding.fold_name(one) == folding.fold_name(other)


def test_display_keeps_chinese_brackets() -> None:
    assert folding.fold_display(" 洛阳（集团） ＡＢ公司\n") == "洛阳（集团）AB公司"


@pytest.mark.parametrize(
    ("cell", "number"), [("3,000.5", "3000.5"), (12, "12"), ("约三千万", None), ("nan", None)]
)
def test_numbers(cell: Cell, number: str | None) -> None:
    found = folding.number_of(cell)
    assert (str(found) if found is not None else None) == number


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.text(alphabet="洛阳（）()ＡＢab 0１\u3000\u200b\u202e.-年月", max_size=30),
    st.floats(allow_nan=True),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
)


@settings(max_examples=200)
@given(CELLS)
def test_folding_twice_is_folding_once(cell: Cell) -> None:
    for fold in (
        folding.fold_text,
        folding.fold_tight,
        folding.fold_name,
        folding.fold_code,
        folding.fold_display,
        folding.fold_industry,
    ):
        once = fold(cell)
        assert fold(once) == once
        assert not any(ord(c) < 32 for c in once)


@settings(max_examples=200)
@given(CELLS)
def test_no_cell_breaks_a_reader(cell: Cell) -> None:
    folding.fold_month(cell)
    folding.day_of(cell)
    folding.number_of(cell)
    folding.yes_or_no(cell)
    folding.code_problem(cell)
    folding.fold_header(cell)


@given(st.text(alphabet="洛阳示例公司()（）", min_size=1, max_size=20), st.data())
def test_blanks_never_matter_in_a_name(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name)))
    blank = data.draw(st.sampled_from([" ", "\u3000", "\n", "\u00a0", "\u200b"]))
    assert folding.fold_name(name[:at] + blank + name[at:]) == folding.fold_name(name)


def test_divisions() -> None:
    assert len(DIVISIONS) == 41
    assert [d.code for d in DIVISIONS] == [f"{n:02d}" for n in range(6, 47)]
    assert division_of("3089") is not None
    known = {
        c for c in ("0610", "4620", "30", "303", "9999", "0510", "4700", "", "x") if is_known(c)
    }
    assert known == {"0610", "4620", "30", "303"}


def test_names_to_codes_takes_the_commonest() -> None:
    pairs = [("3670", "零部件"), ("3660", "零部件"), ("3670", "零部件"), ("9999", "别的")]
    names = names_to_codes(pairs)
    assert names["零部件"] == "3670"
    assert "别的" not in names
    assert names["汽车制造业"] == "36"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("企业名称", "name"),
        ("单位详细名称", "name"),
        ("* 企业 名称", "name"),
        ("统一社会信用代码", "credit_code"),
        ("信用代码", "credit_code"),
        ("县（市、区）", "county"),
        ("县区", "county"),
        ("所在县区", "county"),
        ("行业代码", "industry_code"),
        ("行业名称", "industry_name"),
        ("登记注册类型", "ownership"),
        ("所有制", "ownership"),
        ("主营业务收入（万元）", "revenue"),
        ("营业收入（千元）", "revenue"),
        ("联系人", "contact"),
        ("联系电话", "phone"),
        ("经营状态", "condition"),
        ("入库时间", "listed"),
        ("乡镇（园区）", "township"),
        ("序号", None),
    ],
)
def test_register_headers(header: str, key: str | None) -> None:
    assert recognised(header, REGISTER_COLUMNS) == key


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("是否注册", "registered"),
        ("是否填报", "filed"),
        ("有研发机构", "has_institution"),
        ("有研发人员", "has_staff"),
        ("有研发经费", "has_spending"),
        ("有产学研合作", "has_cooperation"),
        ("研发经费（万元）", "spending"),
    ],
)
def test_filing_headers(header: str, key: str) -> None:
    assert recognised(header, FILING_COLUMNS) == key


@pytest.mark.parametrize(
    ("header", "key"),
    [("当前环节", "stage"), ("分类", "grade"), ("销号时间", "closed_on"), ("备注", "remark")],
)
def test_ledger_headers(header: str, key: str) -> None:
    assert recognised(header, LEDGER_COLUMNS) == key


def recognised(header: str, columns: Mapping[str, str]) -> str | None:

    folded = folding.fold_header(header)
    return next((k for k, p in columns.items() if re.fullmatch(p, folded)), None)
