"""Finds the header below the title rows, and cuts the rows under it.

Columns are recognised by name, whatever their order; blanks, case and full width are folded. A
sheet without a header (填表说明) is passed over. The words below are the headers that statistics
bureaus and science departments write.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from enterprises.importing.findings import Finding
from enterprises.importing.folding import fold_display, fold_header, fold_text, is_cell_error
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.workbook import Cell, Sheet, Workbook

_HEADER_WITHIN = 40
_FEWEST_COLUMNS = 2

Synonyms = Mapping[str, str]
# headings that a city's own lists use, by column: whatever its programme adds to the words below
Headings = Mapping[str, Sequence[str]]

_FIRM: Synonyms = {
    "name": r"(企业|单位|公司|法人单位)(详细)?(名称|全称)|(企业|单位)名",
    "credit_code": r"(统一)?(社会)?信用代码(证号)?|统一社会信用代码.*|组织机构代码.*信用代码.*",
}
REGISTER_COLUMNS: Synonyms = {
    **_FIRM,
    "county": r"(所[在属])?(县(\(?市[、,]?区\)?)|县区|区县|县(市)?区名称)|所在县|统计归属",
    "township": r"(所[在属])?(乡镇|乡\(镇\)|镇办|街道)(\(?(园区|街道|办事处)\)?)?|园区|乡镇、园区",
    "industry_code": r"(国民经济)?行业(小类)?代码(\(.*\))?|行业小类",
    "industry_name": r"(国民经济)?行业(小类)?名称|所属行业|行业",
    "ownership": r"(登记)?注册类型|登记注册统计类别|所有制(性质|类型)?|企业(登记)?类型|经济类型",
    "revenue": r"(主营业务|营业)收入(\((万|千|亿)?元\))?|产值(\((万|千|亿)?元\))?",
    "contact": r"(企业)?联系人(姓名)?|统计(负责|联系)人",
    "phone": r"(联系|办公)?(电话|手机)(号码)?|联系方式|手机号",
    "address": r"((企业|单位)?(详细|通讯|联系|办公|生产|生产经营|经营|注册)?地址|住所)(\(.*\))?",
    "condition": r"(经营|营业|生产|企业)状[态况]|运营状[态况]",
    "listed": r"(入库|纳统|入统|升规)(时间|年月|日期)",
}
FILING_COLUMNS: Synonyms = {
    **_FIRM,
    "registered": r"(是否)?(已)?注册|注册情况",
    "filed": r"(是否)?(已)?填报|填报情况",
    "has_institution": r"(是否)?(有|设立|建有)?研发机构",
    "has_staff": r"(是否)?有?研发人员",
    "has_spending": r"(是否)?有?研发(经费|费用|投入)",
    "has_cooperation": r"(是否)?(有|开展)?产学研(合作)?",
    "spending": r"研发(经费|费用|投入)(支出|金额|额)?\((万|千|亿)?元\)|研发(经费|费用)(支出|金额)",
}
LEDGER_COLUMNS: Synonyms = {
    **_FIRM,
    "county": REGISTER_COLUMNS["county"],
    "stage": r"(当前|目前|所处|办理)?(环节|阶段)|(办理|销号)(状态|进度|情况)|进展阶段|工作进度",
    "grade": r"(企业)?(分类|类别)(\(.*\))?|帮扶分类|摸底分类",
    "closed_on": r"(完成)?销号(时间|日期)|办结(时间|日期)",
    "due_on": r"(完成|办理|整改)时限|预计完成(时间|日期)",
    "papers": r"(印证)?材料(目录|索引|编号|清单|卷号)(\(.*\))?|印证材料|(档案|案卷)(号|编号)|卷号",
    "papers_dated": r"(印证)?材料(成文|形成|落款)?(日期|时间)|成文日期",
    "remark": r"备注|说明|进展(情况)?|存在问题",
    "contact": REGISTER_COLUMNS["contact"],
    "phone": REGISTER_COLUMNS["phone"],
}

# a row of remarks or sums under the list, told by its first filled cell
_NOTE = re.compile(
    r"(注|备注|说明|填表说明|合计|总计|小计|共计|制表人?|填表人|审核人|填报人|单位负责人|统计负责人)"
    r"(\d*[:：.、].*|\s*)",
    re.DOTALL,
)
_UNIT = re.compile(r"\((万|千|亿)?元\)")
YUAN_TO_WAN: Mapping[str, str] = {"": "0.0001", "千": "0.1", "万": "1", "亿": "10000"}


@dataclass(frozen=True, slots=True)
class Column:
    index: int
    header: str

    @property
    def letter(self) -> str:
        number, letters = self.index + 1, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return letters

    @property
    def unit(self) -> str:
        """What a money column counts in: "" yuan, 千, 万 (also when it does not say), 亿."""
        found = _UNIT.search(fold_header(self.header))
        return (found[1] or "") if found else "万"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row under a header; ``cells`` by the key of the recognised column."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, Column] = field(repr=False)
    # of the sheet: formulas whose value the file does not hold
    unread: frozenset[str] = field(default=frozenset(), repr=False)

    def text(self, key: str) -> str:
        return fold_text(self.cells.get(key))

    def shown(self, key: str) -> str:
        """The same with the brackets and signs that the sheet has: what is told of a cell."""
        return fold_display(self.cells.get(key))

    def cell(self, key: str) -> str:
        """The address of a column's cell in this row (C48)."""
        column = self.columns.get(key)
        return f"{column.letter}{self.number}" if column else ""

    def finding(self, code: str, key: str = "", **params: str) -> Finding:
        """A finding at this row's cell of a column (or of the row, where there is no column)."""
        column = self.columns.get(key)
        return Finding(
            sheet=self.sheet,
            row=self.number,
            column=column.header if column else "",
            code=code,
            params=params,
            cell=self.cell(key),
            value=self.shown(key)[:120],
            firm=self.shown("name")[:120],
            given_code=self.text("credit_code")[:40],
        )

    def errors(self, *keys: str) -> Iterator[Finding]:
        for key in keys:
            if is_cell_error(self.cells.get(key)):
                yield self.finding("cell_error", key, value=self.text(key))


def rows_of(
    book: Workbook,
    columns: Synonyms,
    required: tuple[str, ...],
    headings: Headings | None = None,
) -> tuple[RawRow, ...]:
    """The data rows of every sheet that has a header; refuses a workbook without one.

    ``required``: keys that the header must have besides a name or a credit code.
    """
    found = [
        (s, header) for s in book.sheets if (header := header_of(s, columns, headings)) is not None
    ]
    check_found(found)
    for sheet, (_row, named) in found:
        check_columns(sheet.name, named, required)
    rows = tuple(row for sheet, (at, header) in found for row in _rows(sheet, at, header))
    check_rows(rows)
    return rows


def check_found(headers: Sized) -> None:
    """Some sheet must have a header."""
    if not headers:
        raise ImportRefused("no_header", _no_header())


def check_columns(sheet: str, named: Container[str], required: tuple[str, ...]) -> None:
    """A list of another kind lacks what this one cannot do without."""
    missing = [key for key in required if key not in named]
    if missing:
        raise ImportRefused("missing_column", _missing_column(sheet, missing))


def check_rows(rows: Sized | int) -> None:
    """Rows, or how many there are."""
    if not rows:
        raise ImportRefused("no_rows", _("The list has a header but no rows under it."))


def header_of(
    sheet: Sheet, columns: Synonyms, headings: Headings | None
) -> tuple[int, dict[str, Column]] | None:
    """The header's row and its recognised columns; what ``headings`` names goes first, and what it
    names under "" is no column of ours."""
    own = {fold_header(n): key for key, names in (headings or {}).items() for n in names}
    known = {name: key for name, key in own.items() if key in columns or not key}
    return _header(sheet, columns, known)


def _header(
    sheet: Sheet, columns: Synonyms, own: Mapping[str, str]
) -> tuple[int, dict[str, Column]] | None:
    """The row that names the most columns, the first of several; (index, columns)."""
    best: tuple[int, dict[str, Column]] | None = None
    for at, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        header = _recognised(row, columns, own)
        if not header.keys() & {"name", "credit_code"} or len(header) < _FEWEST_COLUMNS:
            continue
        if best is None or len(header) > len(best[1]):
            best = (at, header)
    return best


def _recognised(
    row: tuple[Cell, ...], columns: Synonyms, own: Mapping[str, str]
) -> dict[str, Column]:
    header: dict[str, Column] = {}
    texts = [(n, cell, fold_header(cell)) for n, cell in enumerate(row) if isinstance(cell, str)]
    for index, cell, folded in texts:
        if own.get(folded):
            header.setdefault(own[folded], Column(index, " ".join(cell.split())))
    for index, cell, folded in texts:
        if folded in own:
            continue
        for key, pattern in columns.items():
            if key not in header and re.fullmatch(pattern, folded):
                header[key] = Column(index, " ".join(cell.split()))
                break
    return header


def _rows(sheet: Sheet, at: int, header: Mapping[str, Column]) -> Iterator[RawRow]:
    for index in range(at + 1, len(sheet.rows)):
        raw = row_under(header, sheet.rows[index], index + 1, sheet.name, sheet.unread)
        if raw is not None:
            yield raw


def row_under(
    header: Mapping[str, Column],
    row: tuple[Cell, ...],
    number: int,
    sheet: str,
    unread: frozenset[str],
) -> RawRow | None:
    """A sheet's row as the header names its cells; None where it is blank or a note."""
    cells = {k: row[c.index] if c.index < len(row) else None for k, c in header.items()}
    raw = RawRow(sheet, number, cells, header, unread)
    if any(raw.text(key) for key in header) and not _is_note(row, raw):
        return raw
    return None


def _is_note(row: tuple[Cell, ...], raw: RawRow) -> bool:
    """Remarks, sums and signatures; the line 甲 乙 1 2 of the bureau's forms; a second header."""
    if raw.text("credit_code") and raw.text("name") not in {"乙", "甲"}:
        return fold_header(raw.cells["credit_code"]) == fold_header(
            raw.columns["credit_code"].header
        )
    first = next((fold_text(c) for c in row if fold_text(c)), "")
    return bool(_NOTE.fullmatch(first)) or raw.text("name") in {"甲", "乙"}


def _no_header() -> str:
    return _(
        "No header was found. The list needs a row with the names of its columns, among them "
        "the firm's name or its credit code (%(examples)s)."
    ) % {"examples": "企业名称、统一社会信用代码"}


_NAMES: Mapping[str, str] = {
    "county": "县（市、区）",
    "name": "企业名称",
    "registered": "是否注册",
    "filed": "是否填报",
    "has_institution": "有研发机构",
    "has_staff": "有研发人员",
    "has_spending": "有研发经费",
    "has_cooperation": "有产学研合作",
    "stage": "当前环节",
}


def _missing_column(sheet: str, missing: list[str]) -> str:
    return _("The sheet “%(sheet)s” has no column %(columns)s. Add it and upload again.") % {
        "sheet": sheet,
        "columns": "、".join(_NAMES[key] for key in missing),
    }
