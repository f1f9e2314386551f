"""Answers that nobody types: sums, shares and counts of the others (kind ``computed``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from workflows.form_fields import Compute
from workflows.forms_reading import MONTH, as_number

PLACES = Decimal("0.01")


def compute(rule: Compute, data: Mapping[str, Any], *, without: Collection[str] = ()) -> Any:
    """The figure, or None where nothing that it needs is there yet.

    ``data``: cleaned answers; ``without``: places that are not sound, which count as empty.
    ``sum`` leaves empty answers out, the others need both. A share is in per cent, one place.
    """
    if rule.how == "count":
        return sum(len(data.get(key) or []) for key in rule.of)
    if rule.how == "sum":
        found = [n for key in rule.of for n in _numbers(data, key, without)]
        return as_number(sum(found, Decimal(0)).quantize(PLACES)) if found else None
    if rule.how == "months":
        return _months(*(data.get(key) for key in rule.of))
    pair = [next(_numbers(data, key, without), None) for key in rule.of]
    return _of_two(rule.how, *pair)


def _of_two(how: str, first: Decimal | None, second: Decimal | None) -> int | str | None:
    if first is None or second is None:
        return None
    if how == "difference":
        return as_number((first - second).quantize(PLACES))
    if not second:
        return None
    return as_number((first * 100 / second).quantize(Decimal("0.1")))


def _numbers(data: Mapping[str, Any], key: str, without: Collection[str]) -> Iterator[Decimal]:
    """What a field says, or a column of rows (`bodies.people`) row by row; empty ones left out."""
    name, _dot, column = key.partition(".")
    if column:
        rows = enumerate(data.get(name) or [])
        values = [row.get(column) for n, row in rows if f"{name}.{n}.{column}" not in without]
    else:
        values = [] if name in without else [data.get(name)]
    for value in values:
        if value not in (None, ""):
            try:
                yield Decimal(str(value))
            except InvalidOperation:
                continue


def _months(first: Any, last: Any) -> int | None:
    """From one month to another, both included."""
    found = [MONTH.fullmatch(str(text or "")) for text in (first, last)]
    if found[0] is None or found[1] is None:
        return None
    begins, ends = (int(match[1]) * 12 + int(match[2]) for match in found if match)
    return ends - begins + 1 if ends >= begins else None
