"""What a circular says of counties beside their zones: who rose most, who is to report."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.circular_facts import Facts, Line
from reports.documents.content import unlinked

NAMED = 3  # counties that rose most
FAR_BELOW = Decimal(-5)  # points below the line: 低于序时目标5个百分点以上


def county_figures(facts: Facts) -> dict[str, tuple[str, str]]:
    """Each county's points above or below its line, and those that it rose, by names that say
    which: where a sign has turned since, the old name is no figure any more."""
    found = {"far_below": (_("points far below the line"), str(-FAR_BELOW))}
    for line in _lines(facts):
        if line.gap:
            found[f"gap of {line.row.name}"] = gap_name(line), str(abs(line.gap))
        if line.before is not None and line.before > 0:
            found[f"rise of {line.row.name}"] = _rise_name(line), str(line.before)
    return found


def gap_name(line: Line) -> str:
    words = (
        _("points of %(county)s above the line")
        if line.gap is not None and line.gap > 0
        else _("points of %(county)s below the line")
    )
    return unlinked(words % {"county": line.row.name})


def _rise_name(line: Line) -> str:
    return unlinked(_("points that %(county)s rose") % {"county": line.row.name})


def risen(facts: Facts) -> str:
    """本月提升较快的是…: the three counties that gained most; "" where nobody did."""
    rose = [line for line in _lines(facts) if line.before is not None and line.before > 0]
    best = sorted(rose, key=lambda line: -(line.before or 0))[:NAMED]
    if not best:
        return ""
    one = _("%(county)s (up %(points)s points on last month)")
    named = [
        one % {"county": unlinked(line.row.name), "points": f"{{{_rise_name(line)}}}"}
        for line in best
    ]
    comma = pgettext("list of names", ", ")
    return _("Quickest this month: %(names)s.") % {"names": comma.join(named)}


def must_report(facts: Facts) -> bool:
    """Whether a county lies five points or more below its line."""
    return any(line.gap is not None and line.gap <= FAR_BELOW for line in _lines(facts))


def _lines(facts: Facts) -> list[Line]:
    return [line for _zone, lines in facts.zones for line in lines]
