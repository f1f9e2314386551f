"""材料复核 in the timeline: one sentence per verb; the reason stands below it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import CaseEvent
from cases.names import Names
from cases.people_words import short_day
from organisations.days import day_of


def _listed(event: CaseEvent, names: Names) -> str:
    return _("Put on the recheck list of month %(month)s") % {"month": event.data.get("month", "")}


def _failed(event: CaseEvent, names: Names) -> str:
    day = short_day(event.data.get("explain_by"), day_of(event.at))
    return _("The recheck failed; the county may explain until %(day)s") % {"day": day}


SENTENCES = {
    "spot_listed": _listed,
    "spot_passed": lambda _e, _n: _("The recheck passed"),
    "spot_failed": _failed,
    "spot_explained": lambda _e, _n: _("The county explained the failed recheck"),
    "spot_let_stand": lambda _e, _n: _("The explanation was accepted, the closing stands"),
}
