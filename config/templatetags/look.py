"""Template tags and filters of the look: icons, lights, dates and figures as officials write them.

``{% load look %}``. Dates and figures follow the active language; nothing here queries or knows a
model. Words come ready from the caller, this file only gives them their shape.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from html import escape
from typing import Any, TypeAlias

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, FileInput, PasswordInput, Select, Textarea
from django.template.context import Context
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from enterprises.importing.workbook import usual_limits
from organisations import clock
from organisations.days import day_of

register = template.Library()

NOTHING = "—"
# a number of four digits is not grouped (GB/T 15835-2011)
FIVE_DIGITS = 10_000
MINUS = "−"  # U+2212: as wide as a plus and never taken for a hyphen

Number: TypeAlias = int | float | Decimal | Fraction | str

# what the rules call a shape, and how the sprite calls its drawing
SHAPES = {
    "■": "square",
    "▲": "triangle",
    "▼": "down",
    "▲▲": "pair",
    "●": "disc",
    "○": "ring",
    "◇": "diamond",
    "✓": "tick",
}
OPEN_SHAPES = frozenset({"ring", "diamond"})
LIGHT_KINDS = frozenset({"overdue", "soon", "fine", "rest"})


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon of the sprite in components/sprite.html; decorative, a word stands beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
@cache
def shape(name: str) -> SafeString:
    """The drawn shape of a light: ``name`` is ■ ▲ ▼ ▲▲ ● ○ ◇ ✓ or square, triangle, …"""
    drawing = SHAPES.get(name, name)
    kind = "shape--open" if drawing in OPEN_SHAPES else f"shape--{drawing}"
    return format_html(
        '<svg class="shape {}" aria-hidden="true"><use href="#s-{}"/></svg>', kind, drawing
    )


@register.simple_tag
def light(lamp: dict[str, Any] | None, large: bool = False) -> SafeString:
    """Shape, words, colour. ``lamp``: kind overdue|soon|fine|rest, shape, words (suffice alone)."""
    if not lamp:
        return SafeString("")
    kind = lamp["kind"]
    if kind not in LIGHT_KINDS:
        raise template.TemplateSyntaxError(f"a light is one of {sorted(LIGHT_KINDS)}, not {kind!r}")
    size, words = " light--large" if large else "", escape(str(lamp["words"]))
    return SafeString(
        f'<span class="light light--{kind}{size}">{shape(lamp["shape"])}{words}</span>'
    )


@register.simple_tag
@cache
def strokes(at: int, of: int = 4) -> SafeString:
    """``of`` short strokes, the first ``at`` filled: where a case stands, without reading."""
    bars = format_html_join(
        "",
        '<rect x="{}" width="7" height="6" rx="1"{}/>',
        ((9 * n, SafeString(' class="on"') if n < at else "") for n in range(of)),
    )
    return format_html('<svg viewBox="0 0 {} 6" aria-hidden="true">{}</svg>', 9 * of - 2, bars)


def _dated(value: Any, pattern: str) -> str:
    if not isinstance(value, date):
        return NOTHING if value in (None, "") else str(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return dateformat.format(value, pattern)


def _is_of_another_year(value: Any) -> bool:
    return isinstance(value, date) and value.year != clock.today().year


@register.filter
def dialled(phone: str) -> str:
    """A number as ``tel:`` wants it: digits and a leading plus."""
    return "".join(c for c in str(phone) if c.isdigit() or c == "+")


@register.filter
def day(value: Any) -> str:
    """A date or moment as 9月10日 (10 Sep), with its year where that is not the present one;
    nothing as a dash; other text as it is.
    """
    if _is_of_another_year(value):
        return long_day(value)
    return _dated(value, pgettext("date format", "j M"))


@register.filter
def long_day(value: Any) -> str:
    """A date or moment as 2026年9月10日 (10 Sep 2026)."""
    return _dated(value, pgettext("date format", "j M Y"))


@register.filter
def moment(value: Any) -> str:
    """A moment in the city's time as 9月15日 10:24 (15 Sep 10:24); the year as in ``day``."""
    if _is_of_another_year(value):
        return _dated(value, pgettext("date format", "j M Y G:i"))
    return _dated(value, pgettext("date format", "j M G:i"))


@register.filter
def weekday(value: Any) -> str:
    """The day's name: 星期二 (Tuesday)."""
    return _dated(value, pgettext("date format", "l"))


@register.filter
def short_weekday(value: Any) -> str:
    """The day's short name for narrow columns: 周二 (Tue)."""
    if not isinstance(value, date):
        return _dated(value, "")
    names = pgettext("seven short names, Monday first", "Mon Tue Wed Thu Fri Sat Sun")
    return names.split()[value.weekday()]


def _exact(value: Number) -> Fraction:
    if isinstance(value, float):
        return Fraction(repr(value))
    return Fraction(value)


def _tenths(value: Number) -> Decimal:
    """One decimal, half-up on the exact fraction (the rule of the printed tables)."""
    exact = _exact(value) * 10
    half_up = (abs(exact) + Fraction(1, 2)).__floor__()
    return Decimal(half_up if exact >= 0 else -half_up).scaleb(-1)


def _missing(value: Any) -> bool:
    return value is None or value == ""


@register.filter
def percent(value: Number | None) -> str:
    """Percentage points with one decimal, half-up: 41.65 → 41.7%. The unit is percent, not 0–1."""
    return NOTHING if _missing(value) else f"{_tenths(value)}%"  # type: ignore[arg-type]


@register.filter
def rate(value: Number | None) -> str:
    """The same figure without the sign, for a headline whose % is set small: 41.7."""
    return NOTHING if _missing(value) else f"{_tenths(value)}"  # type: ignore[arg-type]


def _in_groups(number: int | Decimal) -> str:
    return f"{number:,}" if abs(Decimal(number)) >= FIVE_DIGITS else f"{number}"


@register.filter
def signed(value: Number | None) -> str:
    """A change: +63, −15, 0; what is not whole gets one decimal: +4.8, −5.1 (U+2212)."""
    if value is None or value == "":
        return NOTHING
    whole = isinstance(value, int)
    figure = Decimal(str(value)) if whole else _tenths(value)
    mark = MINUS if figure < 0 else "+" if figure > 0 else ""
    return f"{mark}{_in_groups(abs(figure))}"


@register.filter
def grouped(value: Number | None) -> str:
    """A figure that stands alone, in a cell or a badge: 1912, from five digits on 12,003; a decimal
    keeps its places. With its counter or in a sentence a number is plain (docs/look.md)."""
    if value is None or value == "":
        return NOTHING
    number = value if isinstance(value, int) else Decimal(str(value))
    return _in_groups(number).replace("-", MINUS)


@register.filter
def megabytes(value: int | None) -> str:
    """A file's size in bytes as 1.2 MB or 340 KB."""
    if value is None:
        return NOTHING
    if value >= 1_000_000:
        size = (Decimal(value) / 1_000_000).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{size} MB"
    # nothing is 0 KB; anything is at least 1
    return f"{max(1, round(value / 1000)) if value else 0} KB"


@register.simple_tag
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """Page numbers around the present one, with … where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag(takes_context=True)
def page_query(context: Context, **changes: Any) -> str:
    """The present query with ``changes``, so that filters survive paging; None takes a key out."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return "?" + "&".join(f"{key}={value}" for key, value in changes.items() if value)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def as_field(bound: BoundField) -> dict[str, Any]:
    """A bound field of a Django form as the plain dict that components/field.html takes."""
    widget = bound.field.widget
    kinds: tuple[tuple[type, str], ...] = (
        (PasswordInput, "password"),
        (FileInput, "file"),
        (CheckboxInput, "tick"),
        (Textarea, "textarea"),
        (Select, "select"),
    )
    inputs = {"date": "date", "number": "number", "radio": "choices", "checkbox": "many"}
    kind = next((name for of, name in kinds if isinstance(widget, of)), None)
    return {
        "id": bound.id_for_label or bound.auto_id,
        "name": bound.html_name,
        "kind": kind or inputs.get(getattr(widget, "input_type", "") or "", "text"),
        "label": bound.label,
        "hint": bound.help_text,
        "value": bound.value(),
        "error": "\n".join(str(error) for error in bound.errors),
        "required": bound.field.required,
        # the control says "please choose" itself
        "choices": [one for one in getattr(bound.field, "choices", ()) if str(one[0]) != ""],
        "autocomplete": widget.attrs.get("autocomplete", ""),
        "inputmode": widget.attrs.get("inputmode", ""),
        "max": widget.attrs.get("max"),
        # of a file: those that a form of Django's takes are workbooks
        "max_mb": usual_limits().size >> 20,
        "readonly": bound.field.disabled,
    }


@register.filter
def chosen(value: Any, held: Any) -> bool:
    """Is this choice the one held, or among those held? Compared as text, as forms post them."""
    if held is None:
        return False
    if isinstance(held, (list, tuple, set, frozenset)):
        return str(value) in {str(one) for one in held}
    return str(value) == str(held)


@register.filter
def iso(value: Any) -> str:
    """A date as an <input type=date> wants it (2026-09-10); what a person typed stays as it is."""
    if isinstance(value, datetime):
        value = day_of(value) if timezone.is_aware(value) else value.date()
    return value.isoformat() if isinstance(value, date) else str(value or "")


@register.filter
def item(row: dict[str, Any] | None, key: str) -> Any:
    """``row[key]`` for a key that is itself a variable; missing gives nothing."""
    return row.get(key, "") if row else ""


@register.filter
def as_lines(value: Any) -> list[Any]:
    """One text or a list of texts, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


@register.filter
def or_one(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The rows of a field, or one empty row to begin with."""
    return list(rows or [{}])


@register.simple_tag
def cell_field(
    name: str, number: int | str, column: dict[str, Any], line: dict[str, Any] | None
) -> dict[str, Any]:
    """The field dict of one cell in a field of kind rows: NAME-NUMBER-COLUMN."""
    own = f"{name}-{number}-{column['name']}"
    held = line or {}
    errors = held.get("errors") or {}
    return column | {
        "name": own,
        "id": own,
        "value": held.get(column["name"], ""),
        "error": errors.get(column["name"], ""),
    }
