"""The registry of columns on a page: ``{% lines rows columns %}``.

In Python, as no other part of a page is made fifty times over: as a template the lines of a ledger
took three quarters of what its page took.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.columns import Column, Row
from config.templatetags.look import light, strokes

register = template.Library()


@register.simple_tag
def lines(
    rows: Sequence[Row], columns: Sequence[Column], *, query: str = "", ticks: bool = True
) -> SafeString:
    """The lines of a list, on a phone each a card: a box to tick, then the columns.

    ``query``: what the link to a case carries on, the filter that it is of.
    """
    behind = f"?{escape(query)}" if query else ""
    words = _("Select %(firm)s") if ticks else ""
    cells = [_cell(column, behind) for column in columns]
    found: list[str] = []
    for row in rows:
        found.append("<tr>")
        if ticks:
            label = escape(words % {"firm": row.name})
            found.append(
                '<td class="tick desk-only"><input type="checkbox" name="case" '
                f'value="{row.pk}" data-row aria-label="{label}"></td>'
            )
        found += [cell(row) for cell in cells]
        found.append("</tr>")
    return SafeString("".join(found))


def _cell(column: Column, behind: str) -> Callable[[Row], str]:
    """How the column draws its cell of a row."""
    begin = f'<td class="{escape(column.cell_class)}"'
    if column.kind == "firm":
        head = f'<th scope="row" class="{escape(column.cell_class)}">'
        return lambda row: f"{head}{_firm(row, behind)}</th>"
    if column.kind == "light":
        return lambda row: f"{begin}>{light(row.light_dict)}</td>"
    if column.kind == "phase":
        return lambda row: f"{begin}>{_phase(row)}</td>"
    if column.kind == "clip":
        label = f' data-label="{escape(str(column.title))}"' if column.key == "lack" else ""
        return lambda row: (
            f"{begin}{label if row.is_lacking else ''}>"
            f'<span class="clip">{escape(column.text(row))}</span></td>'
        )
    return lambda row: f"{begin}>{escape(column.text(row))}</td>"


def _firm(row: Row, behind: str) -> str:
    remedy = f'<span class="firm__remedy">{escape(row.remedy)}</span>' if row.remedy else ""
    url, firm = escape(row.url), escape(row.firm)
    return f'<a class="firm clip" href="{url}{behind}">{firm}</a>{remedy}'


def _phase(row: Row) -> str:
    """As components/phase_mini.html."""
    at, of, words = row.phase["at"], row.phase["of"], row.phase["words"]
    drawn = strokes(at, of) if of else strokes(at)
    return f'<span class="phase-mini">{drawn}{escape(words)}</span>'
