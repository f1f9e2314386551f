"""The rules that are printed beside a ranking."""

from __future__ import annotations

from django.utils.translation import gettext as _


def ranking_terms(*, by_zone: bool) -> str:
    """How places are given, and what the first tier is."""
    words = [
        _("Ranked inside each zone by the gap to the planned line before rounding.")
        if by_zone
        else _("Ranked by the gap to the planned line before rounding."),
        _("Equal values share a place, and the next place is skipped (1, 1, 3)."),
        _("First tier: the first third of the counties by that gap, rounded up, and whoever ties."),
    ]
    return "".join(words)
