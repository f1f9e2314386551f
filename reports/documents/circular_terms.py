"""统计口径: the circular's own definitions and its rule for ties."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.circular_more import More, more_terms
from reports.documents.content import Annex
from reports.documents.setting import long_day


def definitions(on: date, more: More | None = None) -> Annex:
    """Annex 2: what each figure counts, as of the end of ``on``."""
    last = monthrange(on.year, on.month)[1]
    words = [
        _("1. Cut-off: the end of %(day)s; facts are the newest state that was known by then."),
        _("2. Source: the provincial system of firms' R&D; the register of the statistics bureau."),
        _("3. Base: firms on the register on the cut-off day."),
        _("4. Planned line: the part of the annual target that %(month)s should have reached."),
        _(
            "5. Rank: inside each zone by the gap to the planned line before rounding; equal "
            "values share a rank, and the next rank is skipped. The gaps and changes that are "
            "printed are differences of the printed figures."
        ),
    ]
    values = {
        "day": long_day(on),
        "month": dateformat.format(on.replace(day=last), pgettext("date format", "F")),
    }
    return Annex(
        title=_("Definitions of the figures and the rule for ties"),
        paragraphs=(*(line % values for line in words), *more_terms(more)),
    )
