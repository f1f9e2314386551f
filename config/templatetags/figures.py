"""The lines of a table of figures: ``{% figure_lines lines %}``, ``{% stage_lines lines %}``.

In Python, as the lines of a ledger are (``cells``): of a country a page has a hundred thousand
cells, which took more than two seconds as a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString

from config.templatetags.look import grouped, percent

register = template.Library()

Line = Mapping[str, Any]


@register.simple_tag
def figure_lines(lines: Iterable[Line]) -> SafeString:
    """``lines``: name, cells of {value, rate, url}; a number that opens its firms is a link."""
    # of thousands of rates there are a thousand different ones
    rate = cache(percent)

    def drawn(cell: Mapping[str, Any]) -> str:
        value, url = cell["value"], cell.get("url")
        words = rate(value) if cell["rate"] else grouped(value)
        return f'<a href="{escape(url)}">{words}</a>' if url else words

    return _drawn(lines, drawn)


@register.simple_tag
def stage_lines(lines: Iterable[Line]) -> SafeString:
    """``lines``: name, cells of {n, days}: how many stand there, and days of those that left."""

    def drawn(cell: Mapping[str, Any]) -> str:
        days = cell["days"]
        more = "" if days is None else f' <span class="quiet small">{days}</span>'
        return f"{grouped(cell['n'])}{more}"

    return _drawn(lines, drawn)


def _drawn(lines: Iterable[Line], cell: Callable[[Mapping[str, Any]], str]) -> SafeString:
    found = []
    for line in lines:
        cells = "".join([f'<td class="number">{cell(one)}</td>' for one in line["cells"]])
        found.append(f'<tr><th scope="row">{escape(str(line["name"]))}</th>{cells}</tr>')
    return SafeString("".join(found))
