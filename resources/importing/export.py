"""The directory as a workbook that can be read in again: the template's sheets and columns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from organisations.models import Region
from organisations.people_sheets import SheetSpec
from organisations.phones import masked
from resources.importing.sheets import (
    EXPERT_WORDS,
    EXPERTS,
    KIND_WORDS,
    LEVEL_WORDS,
    MEMBERS,
    RESOURCES,
    WORDS,
)
from resources.models import Expert, FieldWord, Member, Resource

HEAD = 2  # a line about the table, then the header


def head_of(city: Region, on: date) -> Callable[[int], str]:
    """Whose list, of which day, and how many rows this sheet has."""
    words = _("%(city)s, as of %(day)s; %(n)s entries")
    return lambda n: words % {"city": city, "day": on.isoformat(), "n": n}


def directory_workbook(
    *,
    resources: Iterable[Resource],
    experts: Iterable[Expert],
    members: Iterable[Member],
    words: Iterable[FieldWord],
    head: Callable[[int], str],
    with_phones: bool,
) -> bytes:
    """``head``: the line above a sheet of so many rows, such as ``head_of``.

    Every cell is a text, so no name can become a formula and no number loses its zero.
    """
    sheets: tuple[tuple[SheetSpec, Iterable[Any], dict[str, Any]], ...] = (
        (RESOURCES, resources, {"kind": KIND_WORDS, "level": LEVEL_WORDS}),
        (EXPERTS, experts, {"kind": EXPERT_WORDS, "level": LEVEL_WORDS}),
        (MEMBERS, members, {}),
        (WORDS, words, {}),
    )
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        formats = {
            "bold": book.add_format({"bold": True, "bg_color": "#eef0f3", "bottom": 1}),
            "note": book.add_format({"font_color": "#5d6773"}),
            "text": book.add_format({"num_format": "@", "valign": "top"}),
        }
        for spec, rows, choices in sheets:
            page = book.add_worksheet(spec.title)
            count = _write(page, spec, rows, _cell(choices, with_phones), formats)
            page.write_string(0, 0, head(count), formats["note"])
    return out.getvalue()


def _write(
    page: Any,
    spec: SheetSpec,
    rows: Iterable[Any],
    cell: Callable[[Any, str], str],
    formats: dict[str, Any],
) -> int:
    """How many rows there were."""
    count = 0
    for place, column in enumerate(spec.columns):
        page.set_column(place, place, column.width, formats["text"])
        page.write_string(HEAD - 1, place, column.header, formats["bold"])
    for number, row in enumerate(rows, HEAD):
        count += 1
        for place, column in enumerate(spec.columns):
            page.write_string(number, place, cell(row, column.name), formats["text"])
    page.freeze_panes(HEAD, 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD - 1)
    return count


def _cell(
    choices: dict[str, dict[str, tuple[str, ...]]], with_phones: bool
) -> Callable[[Any, str], str]:
    def text(row: Any, name: str) -> str:
        value = getattr(row, name)
        if name in choices and value:
            return choices[name][value][0]
        if name == "phone" and not with_phones:
            return masked(value)
        return _text(value)

    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
