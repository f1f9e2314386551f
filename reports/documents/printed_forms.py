"""A form of the pack on paper: answers where there are any, boxes and free lines where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.views.form_fields import shown, unit_of
from reports.documents.content import Cell, Column, Grid, Section, Table
from workflows.form_fields import HAVES, Field, Form
from workflows.text import localised

SHARES = (2.6, 4.4, 2.6, 4.4)
FREE_ROWS = 2  # of a table that nobody has filled in
LONG_LINES = 3
GAP = "　"

Data = Mapping[str, Any]
Rows = list[tuple[Cell, ...]]


def form_sections(
    form: Form, data: Data, facts: Mapping[str, str], haves: Mapping[str, str]
) -> Iterator[Section]:
    """``facts``: what fills in a field that names it; ``haves``: the criteria by key."""
    heading, rows, half = "", Rows(), tuple[Cell, ...]()

    def done() -> Iterator[Section]:
        nonlocal rows, half, heading
        if half:
            rows.append((half[0], half[1].model_copy(update={"span": 3})))
        if rows:
            yield Section(heading=heading, grid=Grid(shares=SHARES, rows=tuple(rows)))
            heading = ""
        rows, half = [], ()

    for field in form.fields:
        if field.section is not None:
            yield from done()
            heading = localised(field.section)
        if field.kind in ("rows", HAVES):
            yield from done()
            table = _rows(field, data) if field.kind == "rows" else _haves(field, data, haves)
            yield Section(heading=heading, table=table)
            heading = ""
            continue
        name = Cell(text=localised(field.label), is_label=True)
        answer = Cell(text=_answer(field, data, facts))
        if _is_wide(field):
            if half:
                rows.append((half[0], half[1].model_copy(update={"span": 3})))
                half = ()
            lines = LONG_LINES if field.kind == "long_text" else 1
            rows.append((name, answer.model_copy(update={"span": 3, "lines": lines})))
        elif half:
            rows.append((*half, name, answer))
            half = ()
        else:
            half = (name, answer)
    yield from done()


def _is_wide(field: Field) -> bool:
    return field.kind in ("long_text", "choice", "many_of") or field.limit > 200


def _answer(field: Field, data: Data, facts: Mapping[str, str]) -> str:
    value = data.get(field.key)
    if field.choices:
        return _options(field, value)
    if field.kind == "tick":
        return ("☑" if value else "☐") + _("Yes")
    if value in (None, "") and field.prefilled:
        known = facts.get(field.prefilled, "")
        return known if isinstance(known, str) else ""
    if value in (None, ""):
        return f"{GAP * 3}{unit_of(field)}" if unit_of(field) else ""
    return shown(field, value)


def _options(field: Field, value: Any) -> str:
    chosen = set(value) if isinstance(value, list) else {str(value)}
    words = [
        f"{'☑' if choice.key in chosen else '☐'}{localised(choice.label)}"
        for choice in field.choices
    ]
    return GAP.join(words)


def _rows(field: Field, data: Data) -> Table:
    held = data.get(field.key) or []
    rows = [tuple(shown(column, row.get(column.key)) for column in field.columns) for row in held]
    free = tuple(GAP for _column in field.columns)
    rows += [free] * max(0, FREE_ROWS - len(rows))
    return Table(
        caption=localised(field.label),
        columns=tuple(
            Column(title=_title(column), share=2 if column.kind == "text" else 1.2)
            for column in field.columns
        ),
        rows=tuple(rows),
    )


def _title(column: Field) -> str:
    unit = unit_of(column)
    name = localised(column.label)
    return _("%(name)s (%(unit)s)") % {"name": name, "unit": unit} if unit else name


def _haves(field: Field, data: Data, haves: Mapping[str, str]) -> Table:
    held = data.get(field.key) or {}
    rows = []
    for key, name in haves.items():
        answer = held.get(key) or {}
        rows.append((name, _options(field, answer.get("state")), str(answer.get("note") or "")))
    return Table(
        caption=localised(field.label),
        columns=(
            Column(title=pgettext("paper", "Item"), share=1.6),
            Column(title=_("How it stands"), share=6, align="left"),
            Column(title=pgettext("paper", "Note"), share=3, align="left"),
        ),
        rows=tuple(rows),
    )
