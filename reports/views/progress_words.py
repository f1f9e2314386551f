"""口径 on the progress page: what each number is, in words."""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.indicators import Indicators
from workflows.packs import Pack
from workflows.text import localised

# of open cases, by ``reports.figures.standing``
LIGHTS: dict[str, str | Promise] = {
    "overdue": gettext_lazy("Late"),
    "soon": gettext_lazy("Due within 3 working days"),
    "fine": gettext_lazy("In time"),
    "reviews": gettext_lazy("Quarterly review waits"),
    "rest": gettext_lazy("Clock stopped or waiting for a higher level"),
}


def definitions(pack: Pack, found: Indicators) -> list[tuple[str, str]]:
    """口径: what each number is, in words."""
    covered = _(", ").join(
        localised(have.label)
        for have in pack.haves
        if have.fact and pack.is_covered({have.fact: True})
    )
    words = {
        _("Base"): _("Firms on the statistics bureau's register on the day asked."),
        _("Registration"): _("Firms registered in the provincial system ÷ base."),
        _("Filing"): _("Firms that have filed in the provincial system ÷ base."),
        _("Coverage"): _("Firms with %(what)s ÷ base.") % {"what": covered},
        _("Four Haves rate"): _("Firms that have all four ÷ base; stricter than coverage."),
        _("State of the facts"): _(
            "The newest state known by the end of the day; months are not added."
        ),
        _("Target"): _target_words(found),
        _("Planned line"): _("The part of the target that the month should have reached."),
        _("Gap"): _("Coverage rate less target, in percentage points."),
        _("Rank by coverage"): _(
            "By coverage before rounding; equal rates share a rank (1, 1, 3)."
        ),
        _("Closed in all"): _("Confirmed by the city; another truth than the filing, never added."),
        _("Late"): _(
            "Firms' own cases past their day; suspended ones and those that wait for a higher "
            "level are not counted."
        ),
    }
    return list(words.items())


def _target_words(found: Indicators) -> str:
    guideline = _("Guideline of the statistical year, for the coverage rate.")
    if not found.has_floor:
        return guideline
    words = _(
        "Counties: guideline of the statistical year for the coverage rate. City: the floor "
        "that its plan sets (%(n)s%% or more), no average of the counties' guidelines."
    )
    return words % {"n": _number(found.city.target)}


def _number(rate: Decimal | None) -> str:
    """50 and 62.5, never 50.0."""
    return "" if rate is None else f"{rate.normalize():f}"
