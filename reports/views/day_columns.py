"""Indicators as columns of a workbook, and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import pgettext

from reports.figures.breakdown import Line
from reports.figures.definitions import BY_KEY, INDICATORS, LEDGER


@dataclass(frozen=True)
class FigureColumn:
    """A column of one indicator; a rate is written as it is printed."""

    key: str
    width: int = 11

    @property
    def title(self) -> str:
        return str(BY_KEY[self.key].label)

    def text(self, line: Line) -> str:
        return ""

    def value(self, line: Line) -> int | Decimal | None:
        return line.figures()[self.key]


def figure_text(key: str, value: object) -> str:
    if value is None:
        return "—"
    return f"{value}%" if BY_KEY[key].whole else f"{value}"


# the base itself is one of the two beside it
FILING = tuple(one.key for one in INDICATORS if one.key not in (*LEDGER, "listed"))
COPIED = ("coverage_rate", "filing_rate", "four_haves_rate", "closed", "overdue")


def comma() -> str:
    return pgettext("figures in a row", ", ")


def copied(lines: Iterable[Line]) -> Iterator[str]:
    """The main figures of each part for the chat group."""
    for line in lines:
        values = line.figures()
        words = comma().join(
            f"{BY_KEY[key].label} {figure_text(key, values[key])}" for key in COPIED
        )
        yield f"{line.name}：{words}"
