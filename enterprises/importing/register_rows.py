"""One row of a statistics bureau's register, judged: taken, leaving, or refused and why.

Pure: what must be known of the city comes in as ``Knowledge``. Money columns are checked against
the threshold and kept apart (``revenue``), never stored unless a lawful source is stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.folding import (
    code_problem,
    fold_code,
    fold_display,
    fold_industry,
    fold_name,
    fold_text,
    fold_tight,
    number_of,
    since_of,
)
from enterprises.importing.identity import code_problems, name_problems
from enterprises.importing.regions import RegionIndex
from enterprises.importing.tables import (
    REGISTER_COLUMNS,
    YUAN_TO_WAN,
    Headings,
    RawRow,
    rows_of,
)
from enterprises.importing.workbook import Workbook
from enterprises.industries import is_known, names_to_codes

# main-business revenue from which a firm is above scale, in 10,000 yuan
THRESHOLD_WAN = Decimal(2000)

CONDITIONS: Mapping[str, str] = {
    **dict.fromkeys(("正常", "正常营业", "正常生产", "营业", "在营", "开业", "存续"), "normal"),
    **dict.fromkeys(("半停产", "部分停产", "季节性停产"), "partly_stopped"),
    **dict.fromkeys(("停产", "全面停产", "停业", "停产停业", "歇业", "关停"), "stopped"),
    **dict.fromkeys(("在建", "筹建", "建设中"), "building"),
    **dict.fromkeys(("搬迁", "搬迁中"), "moving"),
    **dict.fromkeys(("破产", "已破产", "当年破产", "破产清算"), "bankrupt"),
    **dict.fromkeys(("注销", "已注销", "当年注销"), "deregistered"),
}
LEAVING_CONDITIONS = frozenset({"bankrupt", "deregistered"})

LENGTHS: Mapping[str, int] = {
    "industry_name": 80,
    "ownership": 40,
    "contact": 40,
    "phone": 30,
    "address": 200,
    "listed": 20,
}


@dataclass(frozen=True)
class Knowledge:
    """What a row is judged by: the city's regions, industry names, and codes accepted before."""

    regions: RegionIndex
    industry_names: Mapping[str, str] = field(default_factory=dict)
    # (sheet or "", row) → the reason given for a wrong check digit
    accepted: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # codes with a wrong check digit that are on record with a reason
    noted_codes: frozenset[str] = frozenset()
    # a month that has not begun by this day is none of a listing; None: any may be
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row that can be taken. Blank text says nothing and keeps what is stored."""

    raw: RawRow = field(repr=False)
    name: str
    folded_name: str
    credit_code: str
    code_note: str
    county_id: int
    township_id: int | None
    industry_code: str
    industry_name: str
    ownership: str
    condition: str
    contact: str
    phone: str
    listed_text: str
    revenue: Decimal | None
    warnings: tuple[Finding, ...] = ()
    address: str = ""

    @property
    def is_leaving(self) -> bool:
        return self.condition in LEAVING_CONDITIONS


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken, with what may still tell which firm it meant."""

    finding: Finding
    folded_name: str
    credit_code: str


REQUIRED = ("name", "county")


def raw_register(book: Workbook, headings: Headings | None = None) -> tuple[RawRow, ...]:
    return rows_of(book, REGISTER_COLUMNS, REQUIRED, headings)


def industry_names_in(rows: tuple[RawRow, ...]) -> Iterator[tuple[str, str]]:
    """(code, name) as the register itself pairs them."""
    for row in rows:
        yield fold_industry(row.cells.get("industry_code")), row.text("industry_name")


def judge(row: RawRow, known: Knowledge) -> RegisterRow | RefusedRow:
    """A row on its own; firms given twice or unknown are for ``matching``."""
    problems = list(_problems(row, known))
    if problems:
        (finding,) = once_a_row(problems)
        return RefusedRow(
            finding, fold_name(row.cells.get("name")), fold_code(row.cells.get("credit_code"))
        )
    return _taken(row, known)


def _problems(row: RawRow, known: Knowledge) -> Iterator[Finding]:
    yield from row.errors("name", "credit_code", "county")
    yield from name_problems(row)
    yield from code_problems(row, accepted_reason(row, known), known.noted_codes)
    if not row.text("county"):
        yield row.finding("missing_county", "county")
    elif known.regions.county(row.text("county")) is None:
        yield row.finding("unknown_county", "county", value=fold_tight(row.cells["county"]))


def accepted_reason(row: RawRow, known: Knowledge) -> str:
    accepted = known.accepted
    return accepted.get((row.sheet, row.number)) or accepted.get(("", row.number), "")


def _taken(row: RawRow, known: Knowledge) -> RegisterRow:
    warnings: list[Finding] = []
    county_id = known.regions.county(row.text("county"))
    assert county_id is not None
    condition = _condition(row, warnings)
    industry_code = _industry(row, known, warnings)
    township_id = _township(row, known, county_id, warnings)
    revenue = _revenue(row, warnings)
    note = ""
    if row.text("credit_code") and code_problem(row.cells["credit_code"]):
        note = accepted_reason(row, known)
        if note:
            warnings.append(row.finding("code_accepted", "credit_code", value=note))
    leaving = condition in LEAVING_CONDITIONS
    return RegisterRow(
        raw=row,
        name=fold_display(row.cells["name"]),
        folded_name=fold_name(row.cells["name"]),
        credit_code=fold_code(row.cells.get("credit_code")),
        code_note=note,
        county_id=county_id,
        township_id=township_id,
        industry_code=industry_code,
        industry_name=_cut(row, "industry_name", warnings),
        ownership=_cut(row, "ownership", warnings),
        condition=condition,
        contact=_cut(row, "contact", warnings),
        phone=_cut(row, "phone", warnings),
        listed_text=_since(row, known, warnings),
        revenue=revenue,
        address=_cut(row, "address", warnings),
        warnings=() if leaving else tuple(warnings),
    )


def _condition(row: RawRow, warnings: list[Finding]) -> str:
    text = fold_tight(row.cells.get("condition"))
    if not text:
        return ""
    condition = CONDITIONS.get(text, "")
    if condition == "stopped":
        warnings.append(row.finding("stopped", "condition"))
    elif not condition:
        warnings.append(row.finding("unknown_condition", "condition", value=text[:40]))
    return condition


def _industry(row: RawRow, known: Knowledge, warnings: list[Finding]) -> str:
    """By code, then by name, else a warning; a list without the column says nothing."""
    if "industry_code" not in row.columns and "industry_name" not in row.columns:
        return ""
    code = fold_industry(row.cells.get("industry_code"))
    if is_known(code):
        return code
    by_name = known.industry_names.get(row.text("industry_name"), "")
    if code:
        warnings.append(row.finding("unknown_industry", "industry_code", value=code[:40]))
        if by_name:
            warnings.append(row.finding("industry_by_name", "industry_code", taken=by_name))
    elif not by_name:
        warnings.append(row.finding("missing_industry", "industry_code"))
    return by_name or (code if len(code) <= 4 else "")


def _township(row: RawRow, known: Knowledge, county_id: int, warnings: list[Finding]) -> int | None:
    text = row.text("township")
    if not text:
        return None
    township_id = known.regions.township(county_id, text)
    if township_id is None:
        warnings.append(row.finding("unknown_township", "township", value=text[:40]))
    return township_id


def _revenue(row: RawRow, warnings: list[Finding]) -> Decimal | None:
    """In 10,000 yuan; blank says nothing."""
    if not row.text("revenue"):
        return None
    number = number_of(row.cells["revenue"])
    if number is None:
        warnings.append(row.finding("revenue_not_number", "revenue"))
        return None
    revenue = number * Decimal(YUAN_TO_WAN[row.columns["revenue"].unit])
    if revenue < THRESHOLD_WAN:
        warnings.append(row.finding("revenue_below_threshold", "revenue"))
    return revenue


def _since(row: RawRow, known: Knowledge, warnings: list[Finding]) -> str:
    """入库时间; what is no month says nothing, with a warning."""
    text, wrong = since_of(row.cells.get("listed"), known.latest)
    if wrong:
        warnings.append(row.finding(wrong, "listed", value=row.shown("listed")[:40]))
    return text[: LENGTHS["listed"]]


def _cut(row: RawRow, key: str, warnings: list[Finding]) -> str:
    cell = row.cells.get(key)
    text = fold_display(cell) if key in {"industry_name", "ownership"} else fold_text(cell)
    limit = LENGTHS[key]
    if len(text) > limit:
        warnings.append(row.finding("text_too_long", key, length=str(limit)))
    return text[:limit].strip()


def industry_names(rows: tuple[RawRow, ...]) -> Mapping[str, str]:
    return names_to_codes(industry_names_in(rows))
