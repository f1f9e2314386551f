"""Names of industries for pages that know codes only: the register's table lies beside them.

``{% load industries %}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from enterprises.industries import division_of

register = template.Library()


@register.filter
def industry(code: str) -> str:
    """ "345" → "345 通用设备制造业": the code with the name of its division."""
    division = division_of(code)
    return f"{code} {division.label}" if division else code


@register.filter
def industry_names(codes: Iterable[str]) -> list[str]:
    return [industry(code) for code in codes]


@register.simple_tag
def name_divisions(filters: dict[str, Any]) -> dict[str, Any]:
    """``components/filters.html`` whose select ``division`` has codes for labels."""
    selects = [
        {**one, "choices": [(value, industry(label)) for value, label in one["choices"]]}
        if one["name"] == "division"
        else one
        for one in filters["selects"]
    ]
    return {**filters, "selects": selects}
