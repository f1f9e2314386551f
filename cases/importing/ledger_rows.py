"""One row of a running ledger (存量台账): which firm, at which stage, of which class, since when.

Stages are recognised by the words of the pack itself (环节, 状态), and by how ledgers write the
ends. Pure over a row; which firm it is, ``enterprises.importing.matching`` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from cases.stages import CLOSED, DELISTED, TERMINAL, WITHDRAWN
from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.folding import day_of, fold_code, fold_name, fold_tight
from enterprises.importing.identity import code_problems, name_problems
from enterprises.importing.tables import LEDGER_COLUMNS, Headings, RawRow, rows_of
from enterprises.importing.workbook import Workbook
from workflows.packs import Pack

REMARK_LENGTH = 200
PAPERS_LENGTH = 80  # of a paper's number and date
ENDS = {
    CLOSED: re.compile(r"(已|完成|确认)*(销号|办结|清零|覆盖)(完成|确认)?|已完成|完成"),
    DELISTED: re.compile(r"(已|确认|申请)*退库"),
    WITHDRAWN: re.compile(r"(已|确认)*(撤销|撤回|作废|取消)(建档|交办)?"),
}
SUSPENDED = "suspended"
RESTS = re.compile(r"(已|正在|申请)*(暂缓|暂停|挂起|中止)(办理)?中?")
NOT_BEGUN = re.compile(r"未(开展|启动|开始|签收|摸底)|待(办|办理|交办)")


@dataclass(frozen=True)
class LedgerRow:
    """``stage``: a key of the root procedure, an end, or ``suspended``; ``grade``: a class or none.

    ``due_on`` of a suspended row is the day until which it rests; ``papers`` says where those lie
    that proved a closing, ``papers_dated`` of which day they are.
    """

    raw: RawRow = field(repr=False)
    folded_name: str
    credit_code: str
    stage: str
    grade: str
    closed_on: date | None
    due_on: date | None
    remark: str
    papers: str
    papers_dated: date | None
    warnings: tuple[Finding, ...] = ()


def raw_ledger(book: Workbook, headings: Headings | None = None) -> tuple[RawRow, ...]:
    return rows_of(book, LEDGER_COLUMNS, ("stage",), headings)


class StageWords:
    """What ledgers call the stages of a pack's main procedure."""

    def __init__(self, pack: Pack) -> None:
        self.initial = pack.root.initial
        self._keys: dict[str, str] = {}
        for stage in pack.root.stages:
            for text in (stage.title.zh, stage.state_label.zh):
                for words in (text, f"{text}中", f"正在{text}", f"{text}阶段", f"{text}环节"):
                    self._keys.setdefault(fold_tight(words), stage.key)
        self._grades = {fold_tight(grade.label.zh): grade.key for grade in pack.grades}
        self._letters = {grade.key for grade in pack.grades}

    def stage(self, text: str) -> str:
        """The key of a stage, an end, ``suspended``, or nothing."""
        folded = fold_tight(text)
        for key, words in ENDS.items():
            if words.fullmatch(folded):
                return key
        if RESTS.fullmatch(folded):
            return SUSPENDED
        if NOT_BEGUN.fullmatch(folded):
            return self.initial
        return self._keys.get(folded, "")

    def grade(self, text: str) -> str:
        """A–D from "A", "A类", "A 应统未统", "应统未统"; nothing when it says none of them."""
        folded = fold_tight(text)
        if folded[:1].upper() in self._letters:
            return folded[:1].upper()
        return next((key for words, key in self._grades.items() if words in folded), "")


def judge_ledger(
    row: RawRow, words: StageWords, as_of: date, noted_codes: frozenset[str]
) -> LedgerRow | Finding:
    problems = list(_problems(row, words, as_of, noted_codes))
    if problems:
        (finding,) = once_a_row(problems)
        return finding
    grade = words.grade(row.text("grade"))
    warnings = []
    if row.text("grade") and not grade:
        warnings.append(row.finding("unknown_class", "grade", value=row.shown("grade")[:20]))
    if words.stage(row.text("stage")) == CLOSED and not row.text("papers"):
        warnings.append(row.finding("closed_without_papers", "stage"))
    if len(row.text("remark")) > REMARK_LENGTH:
        warnings.append(row.finding("text_too_long", "remark", length=str(REMARK_LENGTH)))
    return LedgerRow(
        raw=row,
        folded_name=fold_name(row.cells.get("name")),
        credit_code=fold_code(row.cells.get("credit_code")),
        stage=words.stage(row.text("stage")),
        grade=grade,
        closed_on=day_of(row.cells.get("closed_on")),
        due_on=day_of(row.cells.get("due_on")),
        remark=row.text("remark")[:REMARK_LENGTH],
        papers=row.text("papers")[:PAPERS_LENGTH],
        papers_dated=day_of(row.cells.get("papers_dated")),
        warnings=tuple(warnings),
    )


def _problems(
    row: RawRow, words: StageWords, as_of: date, noted_codes: frozenset[str]
) -> Iterator[Finding]:
    yield from row.errors("name", "credit_code", "stage")
    if not row.text("credit_code"):
        yield from name_problems(row)
    yield from code_problems(row, noted=noted_codes)
    text = row.text("stage")
    stage = words.stage(text)
    if not text:
        yield row.finding("missing_stage", "stage")
    elif not stage:
        yield row.finding("unknown_stage", "stage", value=row.shown("stage")[:40])
    for key in ("closed_on", "due_on", "papers_dated"):
        if row.text(key) and day_of(row.cells.get(key)) is None:
            yield row.finding("not_a_day", key, value=row.shown(key)[:40])
    dated = day_of(row.cells.get("papers_dated"))
    if dated is not None and dated > as_of:
        yield row.finding("papers_in_future", "papers_dated")
    if stage in TERMINAL:
        yield from _closing_problems(row, as_of, needs_day=stage == CLOSED)


def _closing_problems(row: RawRow, as_of: date, *, needs_day: bool) -> Iterator[Finding]:
    if not row.text("closed_on"):
        if not needs_day:
            return
        yield row.finding("closed_without_day", "closed_on" if "closed_on" in row.columns else "")
        return
    day = day_of(row.cells.get("closed_on"))
    if day is not None and day > as_of:
        yield row.finding("closed_in_future", "closed_on")
