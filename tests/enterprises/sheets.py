"""Small registers made in the test: one row is a list of cells under the usual header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from stdnum.cn import uscc

HEADER = (
    "企业名称", "统一社会信用代码", "县（市、区）", "行业代码", "行业名称", "登记注册类型",
    "主营业务收入（万元）", "联系人", "联系电话", "经营状态", "入库时间",
)  # fmt: skip


def code_of(number: int) -> str:
    """A valid credit code for a number."""
    body = f"91410300MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


def firm(number: int, **cells: Any) -> list[Any]:
    """A valid row; name any column of ``HEADER`` by position key to change it."""
    row: dict[str, Any] = {
        "name": f"洛阳样本{number}有限公司",
        "code": code_of(number),
        "county": "涧西区",
        "industry_code": "3451",
        "industry_name": "滚动轴承制造",
        "ownership": "私营有限责任公司",
        "revenue": 5000.0,
        "contact": "王示例",
        "phone": "000-12345678",
        "condition": "正常",
        "listed": "2016-12",
    }
    return list({**row, **cells}.values())


def write(
    path: Path,
    rows: Sequence[Sequence[Any]],
    header: Sequence[str] = HEADER,
    title: str = "名单",
    sheet: str = "名录",
) -> Path:
    """A workbook with a title row, a blank row, the header in row 3 and data from row 4."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append([title])
    page.append([])
    page.append(list(header))
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path
