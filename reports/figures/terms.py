"""The rules that are printed beside a ranking."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


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


def column_terms(*, by_zone: bool) -> dict[str, tuple[str, str]]:
    """口径 of the ranking's columns by key: what each is called, what it means."""
    return {
        "rank": (_("Rank"), ranking_terms(by_zone=by_zone)),
        "rate": (_("Coverage rate"), _("With R&D ÷ base, in per cent, half-up to one decimal.")),
        "whole": (
            _("Base"),
            _("Firms on the register on that day, or the assessment base if the plan says so."),
        ),
        "planned": (
            _("Planned line"),
            _("The part of the year's target that is due by the month, per cent."),
        ),
        "gap": (
            _("Against the planned line"),
            _("The printed coverage rate less the printed planned line, percentage points."),
        ),
        "short": (
            _("Firms to the line"),
            _("How many more covered firms reach the month's line."),
        ),
        "lacks": (_("Only one missing"), _("Open cases that lack one closing criterion.")),
        "change": (
            _("On last month"),
            _("The printed rate less that of the month before, points."),
        ),
        "moved": (
            _("Change of rank"),
            pgettext("ranking", "Against the place by the month before's line."),
        ),
        "average": (
            _("Average of the city"),
            _("The city's own rate: each firm counts once."),
        ),
    }
