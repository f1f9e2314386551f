"""How every figure is rounded: half-up, on the exact fraction, to one decimal; a difference of two
figures is that of the two as printed, wherever they stand (page, workbook, JSON, circular)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

TENTH = Decimal("0.1")


def half_up(exact: Fraction) -> Decimal:
    """One decimal; halves away from zero."""
    tenths = int(abs(exact) * 10 + Fraction(1, 2))
    return Decimal(tenths if exact >= 0 else -tenths).scaleb(-1)


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal: 1 of 16 → 6.3; of nothing there is no rate."""
    return half_up(Fraction(100 * part, whole)) if whole else None


def points(figure: Decimal | None, other: Decimal | None) -> Decimal | None:
    """One figure less the other, both as printed with one decimal, as who checks the paper does.

    100.0 less 56.3 (exactly 56.25) is 43.7. Rounding keeps the order: nobody below a line is ever
    printed above it. Places go by what is exact. None where one of the two is unknown.
    """
    if figure is None or other is None:
        return None
    return (figure - other).quantize(TENTH)
