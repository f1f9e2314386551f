"""What the reader found in a row: where, a stable code, and the reason in words.

The words are made when they are shown, so a stored report reads in the language of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

REASONS: Mapping[str, str] = {
    "missing_name": gettext_noop("The firm's name is missing. Fill in its full name."),
    "name_too_long": gettext_noop("The firm's name is longer than 120 characters."),
    "cell_error": gettext_noop("The cell holds an error of Excel (%(value)s). Type the value."),
    "credit_code_length": gettext_noop(
        "The credit code has %(length)s characters; it must have 18."
    ),
    "credit_code_character": gettext_noop(
        "The credit code contains a character that it cannot have (I, O, S, V, Z or a sign)."
    ),
    "credit_code_check_digit": gettext_noop(
        "The check digit of the credit code is wrong. Compare it with the business licence."
    ),
    "credit_code_number": gettext_noop(
        "The credit code was typed as a number and has lost digits. Format the column as text."
    ),
    "missing_county": gettext_noop("The county is missing."),
    "unknown_county": gettext_noop("The county “%(value)s” is not one of this city's."),
    "same_firm_again": gettext_noop(
        "The same firm again: row %(first)s already has it. Keep one of the two rows."
    ),
    "two_firms": gettext_noop(
        "The code belongs to “%(by_code)s”, the name to another firm (%(by_name)s). Correct one."
    ),
    "ambiguous_name": gettext_noop(
        "Without a code the name fits several firms. Fill in the credit code."
    ),
    "unknown_industry": gettext_noop("The industry code “%(value)s” is not an industrial one."),
    "industry_by_name": gettext_noop("By the name of the industry, %(taken)s was taken instead."),
    "missing_industry": gettext_noop("The industry code is missing."),
    "revenue_not_number": gettext_noop(
        "The revenue is not a number. The column is only checked, not stored."
    ),
    "revenue_below_threshold": gettext_noop(
        "The revenue is below the threshold of 2,000 (10,000 yuan). It is not stored."
    ),
    "stopped": gettext_noop(
        "The firm has stopped production: it stays on the register; consider suspending its case."
    ),
    "unknown_condition": gettext_noop("The production status “%(value)s” is not known; not read."),
    "unknown_township": gettext_noop(
        "The township or park “%(value)s” is not one of this county's; not read."
    ),
    "not_a_month": gettext_noop(
        "“%(value)s” is not a month; not read, what is stored stays. Write it as 2016-12."
    ),
    "month_in_future": gettext_noop(
        "“%(value)s” lies in the future; not read, what is stored stays. Check the month."
    ),
    "text_too_long": gettext_noop("The text is too long and was cut at %(length)s characters."),
    "name_known_with_another_code": gettext_noop(
        "A firm of this name is known with another code (%(value)s); this row was taken as a "
        "firm of its own."
    ),
    "twice_unnamed": gettext_noop(
        "“%(name)s” (%(known)s) is not in this list and would leave the register, its case would "
        "end; this row (%(given)s) would be a new firm. If both are one firm, correct the code."
    ),
    "twice_by_row": gettext_noop(
        "“%(name)s” (%(known)s) leaves the register by row %(first)s, its case would end; this row "
        "(%(given)s) would be a new firm. If both are one firm, keep one row with the right code."
    ),
    "code_accepted": gettext_noop("The wrong check digit was accepted: %(value)s"),
    "unknown_firm": gettext_noop(
        "The firm is not on the register. Import the register first, or correct name and code."
    ),
    "not_yes_or_no": gettext_noop("“%(value)s” is neither yes nor no."),
    "missing_answer": gettext_noop("The cell is blank. Write yes or no."),
    "formula_unread": gettext_noop(
        "The cell is a formula whose result the file does not hold. Write yes or no, or open the "
        "file in Excel or WPS, save it and hand it in again."
    ),
    "filed_not_registered": gettext_noop("A firm that is not registered cannot have filed."),
    "amount_not_number": gettext_noop("The amount is not a number; not read."),
    "amount_without_spending": gettext_noop(
        "An amount of R&D spending is given although the answer is no. Check with the firm."
    ),
    "spending_not_filed": gettext_noop(
        "The firm has not filed, yet R&D spending is said to be there. Check with the firm."
    ),
    "same_file_other_month": gettext_noop(
        "This very file was already imported as the list about %(month)s. Check the month."
    ),
    "known_ahead": gettext_noop(
        "The month still runs: figures and cases count this list from its last day on (%(day)s). "
        "To count it from today, give today as the day on which it was known (%(today)s)."
    ),
    "counts_from_today": gettext_noop(
        "A list of %(day)s or later is in already: this one counts from today (%(today)s) on, the "
        "figures of past days stay as they were."
    ),
    "another_city": gettext_noop(
        "None of the %(n)s rows lies in a county of this city (the list says %(examples)s). It is "
        "the list of another city: check the file."
    ),
    "no_firm_known": gettext_noop(
        "None of the %(n)s firms is on this city's register. Import the register first, or check "
        "that it is the right file."
    ),
    "unknown_stage": gettext_noop("The stage “%(value)s” is not known."),
    "missing_stage": gettext_noop("The stage is missing."),
    "unknown_class": gettext_noop("The class “%(value)s” is not one of A to D; not read."),
    "not_a_day": gettext_noop("“%(value)s” is not a day. Write it as 2022-03-31."),
    "closed_without_day": gettext_noop("The firm is struck off but the day is missing."),
    "closed_without_papers": gettext_noop(
        "Struck off without saying where its papers lie: it is taken over as waiting for the "
        "city's confirmation."
    ),
    "closed_in_future": gettext_noop("The day of striking off lies in the future."),
    "papers_in_future": gettext_noop("The date of the papers lies in the future."),
}

# findings about money: their values are never stored (统计法)
MONEY_COLUMNS = frozenset(
    {
        "revenue_not_number",
        "revenue_below_threshold",
        "amount_not_number",
        "amount_without_spending",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one row; ``also`` holds the others, as each row counts once.

    ``column`` is the header as the sheet writes it ("" for the row as a whole), ``cell`` its
    address (C48), ``row`` the sheet's own number (1-based; 0: the list as a whole), ``value``
    what was in the cell, ``firm`` and ``given_code`` what the row calls its firm.
    """

    sheet: str
    row: int
    column: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    cell: str = ""
    value: str = ""
    also: tuple[Finding, ...] = ()
    firm: str = ""
    given_code: str = ""

    @property
    def reason(self) -> str:
        own = _(REASONS[self.code]) % self.params
        space = "" if own.endswith("。") else " "
        return space.join([own, *(other.reason for other in self.also)])

    @property
    def place(self) -> str:
        """名录!C48, or the sheet alone where the list as a whole is meant."""
        return f"{self.sheet}!{self.cell or self.row}" if self.row else self.sheet

    @property
    def own_and_also(self) -> tuple[Finding, ...]:
        return (self, *self.also)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(finding.code for finding in self.own_and_also)

    def as_json(self) -> dict[str, Any]:
        """The shape of the command line: sheet, row, column, code, reason."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "reason": self.reason,
        }

    def stored(self) -> dict[str, Any]:
        """What a batch's report keeps: everything needed to say the reason in any language."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "params": dict(self.params),
            "cell": self.cell,
            "value": "" if self.code in MONEY_COLUMNS else self.value,
            "also": [other.stored() for other in self.also],
            "firm": self.firm,
            "given_code": self.given_code,
        }

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Finding:
        also = tuple(cls.restored(other) for other in kept.get("also", ()))
        return cls(**{**kept, "also": also})


def once_a_row(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each row, in sheet order: the first stands for the row, the rest go along."""
    rows: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        rows.setdefault((finding.sheet, finding.row), []).append(finding)
    return tuple(_joined(group) for group in rows.values())


def _joined(group: list[Finding]) -> Finding:
    first, *rest = group
    if not rest:
        return first
    return replace(first, also=(*first.also, *rest))


# fewer rows than this are told one by one
_A_LIST = 10
_WHOLE: Mapping[str, str] = {"unknown_county": "another_city", "unknown_firm": "no_firm_known"}


def of_the_whole_list(refused: Sequence[Finding], taken: int) -> Finding | None:
    """One finding instead of thousands, when every row is refused for the same reason."""
    if taken or len(refused) < _A_LIST:
        return None
    for code, whole in _WHOLE.items():
        same = [own for finding in refused for own in finding.own_and_also if own.code == code]
        if len(same) == len(refused):
            values = list(dict.fromkeys(str(own.params.get("value", "")) for own in same))
            params = {"n": str(len(refused)), "examples": "、".join(values[:3])}
            return Finding(same[0].sheet, 0, same[0].column, whole, params)
    return None
