"""One spelling for what people type in many: blanks, case, full width, brackets, serial dates.

Every fold is idempotent: folding a folded value changes nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import mul
from typing import TypeGuard

from enterprises.importing.workbook import Cell

_BLANK = re.compile(r"\s+")
BRACKETS = str.maketrans("[]{}〔〕【】〈〉「」『』", "()()()()()()()")
_CELL_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTH = re.compile(r"(\d{4})(?:\D+(\d{1,2})|(\d{2}))?(?:\D.*)?")

# unified social credit code: 18 places without I O S V Z (GB 32100-2015)
CODE_LENGTH = 18
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {sign: value for value, sign in enumerate(SIGNS)}
WEIGHTS = tuple(3**place % 31 for place in range(17))
_BETWEEN = re.compile(r"[\s\-_.·]")
# signs of Chinese names that NFKC would make half as wide
_KEPT = frozenset("（），：；")


def fold_text(cell: Cell) -> str:
    """What a person would read: NFKC, one blank between words, no control or format signs."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        return _number_text(cell)
    if cell.isprintable() and unicodedata.is_normalized("NFKC", cell):
        # nothing to fold but blanks: what most cells are
        return _BLANK.sub(" ", cell).strip() if " " in cell else cell
    text = unicodedata.normalize("NFKC", cell)
    text = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in text)
    text = unicodedata.normalize("NFKC", text)
    return _BLANK.sub(" ", text).strip()


def fold_display(cell: Cell) -> str:
    """``fold_text`` that keeps the full-width brackets and signs of Chinese names."""
    if not isinstance(cell, str):
        return fold_text(cell)
    if _KEPT.isdisjoint(cell):
        return fold_text(cell)
    parts = re.split("([（），：；])", cell)
    return "".join(p if at % 2 else fold_text(p) for at, p in enumerate(parts))


def _is_number(cell: Cell) -> TypeGuard[float]:
    return isinstance(cell, float | int) and not isinstance(cell, bool)


def _number_text(number: float) -> str:
    if math.isfinite(number) and number == int(number):
        return str(int(number))
    return str(number)


def fold_tight(cell: Cell) -> str:
    """``fold_text`` without any blank: names of regions, states, headers."""
    text = fold_text(cell)
    if " " not in text:
        return text
    # again: a blank taken out can let a letter and its accent meet
    return unicodedata.normalize("NFKC", _BLANK.sub("", text))


def fold_name(cell: Cell) -> str:
    """The key of a firm's name: no blanks, lower case, every bracket round."""
    text = fold_tight(cell).translate(BRACKETS).casefold()
    return unicodedata.normalize("NFKC", text)


def fold_code(cell: Cell) -> str:
    """A credit code in capitals without blanks, dashes or dots between its groups."""
    text = fold_text(cell)
    if text.isascii() and text.isalnum():
        return text.upper()
    text = _BETWEEN.sub("", text).upper()
    return unicodedata.normalize("NFKC", text)


def fold_header(cell: Cell) -> str:
    """A column's name without blanks, stars, numbering and case."""
    return _header(fold_tight(cell))


@lru_cache(maxsize=4096)
def _header(tight: str) -> str:
    text = re.sub(r"[*:]", "", tight.casefold())
    return re.sub(r"^\d+[.、)]", "", text)


def is_cell_error(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(_CELL_ERROR.fullmatch(cell.strip()))


def code_problem(cell: Cell) -> str | None:
    """What is wrong with a credit code that is not blank; a stable code, or None."""
    if _is_number(cell):
        return "credit_code_number"
    code = fold_code(cell)
    if len(code) != CODE_LENGTH:
        return "credit_code_length"
    if not _CODE.fullmatch(code):
        return "credit_code_character"
    if check_sign(code) != code[-1]:
        return "credit_code_check_digit"
    return None


def check_sign(code: str) -> str:
    """The last sign that the first 17 of a credit code ask for (GB 32100-2015)."""
    return SIGNS[-sum(map(mul, map(_VALUES.__getitem__, code[:17]), WEIGHTS)) % 31]


def fold_industry(cell: Cell) -> str:
    """An industry code of two to four digits: 3670.0 → 3670, 810 → 0810, C3670 → 3670.

    Excel drops a leading nought. Groups have three digits too, but theirs start at 10 and the
    classes that lose a nought at 06, so the two never meet.
    """
    return _industry(fold_tight(cell))


@lru_cache(maxsize=4096)
def _industry(tight: str) -> str:
    text = re.sub(r"^[A-Za-z](?=\d)", "", tight)
    if re.fullmatch(r"\d+\.0+", text):
        text = text.split(".")[0]
    if text.isdigit() and len(text) == 3 and text[0] in "6789":
        return "0" + text
    if text.isdigit() and len(text) == 1:
        return "0" + text
    return text


def number_of(cell: Cell) -> Decimal | None:
    """A figure typed as a number or as one in text ("3,000.5"); None when it is neither."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, date):
        return None
    text = fold_tight(cell).replace(",", "").replace("，", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def fold_month(cell: Cell) -> str:
    """A listing date as ``2016-12``: from text, a date, or an Excel serial; else the text."""
    if _is_number(cell) and 20_000 <= cell <= 80_000:
        return (_EXCEL_EPOCH + timedelta(days=int(cell))).strftime("%Y-%m")
    if isinstance(cell, date):
        return cell.strftime("%Y-%m")
    text = fold_tight(cell)
    if day := _compact_day(text):
        return day.strftime("%Y-%m")
    found = _MONTH.fullmatch(text)
    if found and (month := found[2] or found[3]) and 1 <= int(month) <= 12:
        return f"{found[1]}-{int(month):02d}"
    return text


_SINCE = re.compile(r"((?:19|20)\d{2})(?:-(\d{2})|年\D*)?")


def since_of(cell: Cell, latest: date | None) -> tuple[str, str]:
    """(month of listing, what is wrong with it): a month or a year that has begun by ``latest``.

    A dash or a stroke says as little as a blank.
    """
    text = fold_month(cell)
    if not any(sign.isalnum() for sign in text):
        return "", ""
    found = _SINCE.fullmatch(text)
    if found is None:
        return "", "not_a_month"
    if latest and (int(found[1]), int(found[2] or 1)) > (latest.year, latest.month):
        return "", "month_in_future"
    return text, ""


def day_of(cell: Cell) -> date | None:
    """A day typed as a date, an Excel serial or text (2022-03-05, 2022年3月5日, 20220305)."""
    if isinstance(cell, date):
        return cell
    if _is_number(cell):
        serial = 20_000 <= cell <= 80_000
        return (
            _EXCEL_EPOCH + timedelta(days=int(cell)) if serial else _compact_day(_number_text(cell))
        )
    text = fold_tight(cell)
    found = re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?(?:\d{1,2}:.*)?", text)
    return _day(*found.groups()) if found else _compact_day(text)


def _compact_day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    return _day(*found.groups()) if found else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


_YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "1", "y", "yes", "true", "已注册", "已填报"})
_NO = frozenset(
    {"否", "无", "×", "✗", "✘", "☐", "0", "n", "no", "false", "没有", "未注册", "未填报"}
)


def yes_or_no(cell: Cell) -> bool | None:
    """是/否, 有/无, √/×, 1/0; None when the cell says neither (a blank one says nothing)."""
    if isinstance(cell, bool):
        return cell
    text = fold_tight(cell).casefold()
    if text in _YES:
        return True
    return False if text in _NO else None
