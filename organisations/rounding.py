"""How every figure is rounded: half-up, on the exact fraction, to one decimal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def half_up(exact: Fraction) -> Decimal:
    """One decimal; halves away from zero."""
    tenths = int(abs(exact) * 10 + Fraction(1, 2))
    return Decimal(tenths if exact >= 0 else -tenths).scaleb(-1)


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal: 1 of 16 → 6.3; of nothing there is no rate."""
    return half_up(Fraction(100 * part, whole)) if whole else None
