"""材料复核 in the timeline: one sentence per verb; the reason stands below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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

# what says how a recheck stands; a closing that is taken back ends it
TELLING = ("spot_listed", "spot_passed", "spot_failed", "spot_explained", "spot_let_stand")


class Recheck(NamedTuple):
    """A failed recheck that is not decided yet, for the head of the case."""

    words: str
    why: str
    explained: str


def undecided(events: Sequence[CaseEvent]) -> Recheck | None:
    """``events``: a case's, in any order. Nothing while no recheck has failed, and once the office
    has let the closing stand or taken it back."""
    told = [event for event in events if event.verb in (*TELLING, "reopen")]
    told.sort(key=lambda event: event.pk)
    if not told or told[-1].verb not in ("spot_failed", "spot_explained"):
        return None
    failed = next((event for event in reversed(told) if event.verb == "spot_failed"), None)
    if failed is None:
        return None
    day = short_day(failed.data.get("explain_by"), day_of(failed.at))
    if told[-1].verb == "spot_explained":
        words = _("The recheck failed; the county has explained, the office decides")
        return Recheck(words, failed.reason, told[-1].reason)
    words = _("The recheck failed; the county may explain until %(day)s") % {"day": day}
    return Recheck(words, failed.reason, "")
