"""What has been done on the word of a filing list (备案) that is about to be taken back.

A list opens and closes no case, nor does taking it back: a person is told what rests on it. A
closing that was granted on 省系统已有 would be left without its ground; it is taken up first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases.errors import Refused
from cases.models import Case, Evidence, ProgrammeFirm
from cases.stages import CLOSED
from enterprises.models import ImportBatch, MonthlyFact

NAMED = 5


@dataclass(frozen=True)
class Resting:
    """``opened``: cases since the list; ``covered``: firms that have none because of it;
    ``waived``: papers let off on its word; ``closed``: the firms struck off with such papers."""

    opened: int
    covered: int
    waived: int
    closed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.covered or self.waived)

    @property
    def words(self) -> str:
        """What stays as it is and is to be looked through afterwards."""
        return _(
            "On this list rest: %(opened)s cases opened since, %(covered)s firms that need no "
            "case, %(waived)s papers let off. They stay as they are."
        ) % {"opened": self.opened, "covered": self.covered, "waived": self.waived}


def resting_on(batch: ImportBatch) -> Resting:
    """Of an applied filing list; four statements."""
    firms = _firms(batch)
    cases = Case.objects.filter(programme__city=batch.city_id, is_main=True, enterprise__in=firms)
    let_off = Evidence.objects.filter(
        case__in=cases.values("pk"), state=Evidence.State.WAIVED, submitted_at__gte=batch.applied_at
    )
    own = Case.objects.filter(
        is_main=True, programme=OuterRef("programme"), enterprise=OuterRef("enterprise")
    )
    listed = ProgrammeFirm.objects.filter(programme__city=batch.city_id, covered=True)
    without_case = listed.filter(~Exists(own), enterprise__in=firms)
    # whose spending the list made known; a wide ``IN`` would be cut by the database
    newly = set(batch.report.get("states", {}).get("more", ()))
    free = set(without_case.values_list("enterprise_id", flat=True))
    closed = cases.filter(Exists(let_off.filter(case=OuterRef("pk"))), stage=CLOSED)
    names = closed.order_by("enterprise__name").values_list("enterprise__name", flat=True)
    # what is opened for a day (``--at``) stands on what was known on that day
    since = Q(created__gte=batch.applied_at) | Q(opened_on__gte=batch.known_on)
    return Resting(
        opened=cases.filter(since).count(),
        covered=len(free & newly),
        waived=let_off.count(),
        closed=tuple(names),
    )


def why_stays(resting: Resting) -> str:
    """Why a filing list is not taken back, in words; empty when nothing stands in the way."""
    if not resting.closed:
        return ""
    words = ngettext(
        "%(n)d closing rests on papers let off on this list: %(firms)s. Reopen it first, or "
        "import a corrected list.",
        "%(n)d closings rest on papers let off on this list: %(firms)s. Reopen them first, or "
        "import a corrected list.",
        len(resting.closed),
    )
    firms = pgettext("list of names", ", ").join(resting.closed[:NAMED])
    return words % {"n": len(resting.closed), "firms": firms}


def check_filing_undo(batch: ImportBatch, *, knowing: bool) -> None:
    """Asked before the list goes; ``knowing``: a person has read what rests on it."""
    resting = resting_on(batch)
    if why := why_stays(resting):
        raise Refused("closings_rest", why)
    if not knowing and not resting.is_empty:
        again = _("Confirm that you know it (--knowing).")
        raise Refused("cases_rest", f"{resting.words} {again}")


def _firms(batch: ImportBatch) -> QuerySet[MonthlyFact, int]:
    """Whose facts the list wrote; a fact kept as it was is not its work."""
    rows = batch.changes.filter(model="fact").values("row_id")
    return MonthlyFact.objects.filter(pk__in=rows).values_list("enterprise_id", flat=True)
