"""沿用: accepted papers of a firm that still hold, for another item or the next year's case.

One file serves several items and years (000-34), but each case has its own acceptance: what is
handed in again waits for a reviewer like any other paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

from cases.models import Case, Evidence, MatchRecord
from cases.rulebook import pack_of, rules_of
from cases.stages import WITHDRAWN
from enterprises.models import Enterprise
from organisations.scope import Actor
from workflows import carrying
from workflows.pack_parts import EvidencePlan
from workflows.packs import Pack
from workflows.text import localised

State = Evidence.State
# accepted with a file: what was waived or seen offline has nothing to hand in
ACCEPTED = (State.COUNTY_ACCEPTED, State.CITY_ACCEPTED)


@dataclass(frozen=True)
class Accepted:
    """An accepted paper, whether it holds on the day, and until when as far as it is known."""

    paper: Evidence
    holds: bool
    until: date | None
    # proved anew every year, kept till changed, or till the agreement ends
    plan: str

    @property
    def until_words(self) -> str:
        if self.until is not None:
            return _("valid until %(day)s") % {"day": self.until.isoformat()}
        if self.plan == "until_expiry":
            return _("the agreement's last day is not on record; check it")
        return _("valid until something changes")


def accepted(
    firm: Enterprise, city_id: int, *, on: date, seen_by: Actor, for_year: int | None = None
) -> list[Accepted]:
    """The firm's accepted papers, the newest first; two statements.

    ``for_year``: the statistical year that they are to serve (default: that of the day).
    """
    cases = Case.objects.visible_to(seen_by).filter(enterprise=firm, programme__city=city_id)
    rows = (
        Evidence.objects.filter(case__in=cases, state__in=ACCEPTED)
        .exclude(file="")
        .exclude(case__stage=WITHDRAWN)
        .select_related("case__programme", "reviewed_by", "confirmed_by")
        .order_by("-reviewed_at", "-id")
    )
    signed = MatchRecord.objects.filter(enterprise=firm, result=MatchRecord.Result.SIGNED)
    ends = signed.aggregate(last=Max("valid_until"))["last"]
    return [_accepted(paper, for_year or on.year, on, ends) for paper in rows]


def _accepted(paper: Evidence, for_year: int, on: date, ends: date | None) -> Accepted:
    plan = _plan(pack_of(paper.case.pack_version_id), paper.criterion)
    year = paper.case.programme.statistical_year
    if plan is None:
        return Accepted(paper, False, None, "")
    last = paper.valid_until or ends
    holds = carrying.still_holds(plan, of_year=year, for_year=for_year, on=on, valid_until=last)
    holds = holds and (paper.valid_until is None or paper.valid_until >= on)
    until = paper.valid_until or carrying.good_until(plan, year, ends)
    return Accepted(paper, holds, until, plan.next_year)


def _plan(pack: Pack, criterion: str) -> EvidencePlan | None:
    return next((plan for plan in pack.evidence if plan.criterion == criterion), None)


@dataclass(frozen=True)
class Offer:
    """A paper that can be handed in for an item; ``fits``: it is a kind that the item asks for."""

    held: Accepted
    criterion: str
    criterion_name: str
    was_for: str
    fits: bool


def offered(
    case: Case, criteria: Iterable[str], *, on: date, seen_by: Actor, there: Sequence[Evidence]
) -> list[Offer]:
    """For each item what may be handed in again, those that fit first; ``there``: the papers of the
    case, as the same file is not handed in twice for one item."""
    pack = rules_of(case).pack
    names = {have.key: localised(have.label) for have in pack.haves}
    year = case.programme.statistical_year
    assert case.enterprise is not None
    held = accepted(case.enterprise, case.programme.city_id, on=on, seen_by=seen_by, for_year=year)
    states = (State.SUBMITTED, *Evidence.ACCEPTED)
    live = {(row.criterion, row.sha256) for row in there if row.state in states}
    found = []
    for key in criteria:
        plan = _plan(pack, key)
        asked = {paper.key for paper in plan.papers} if plan is not None else set()
        met = set[str]()
        for one in held:
            paper = one.paper
            if not one.holds or (key, paper.sha256) in live or paper.sha256 in met:
                continue
            met.add(paper.sha256)
            fits = paper.criterion == key or bool(paper.paper and paper.paper in asked)
            was_for = names.get(paper.criterion, paper.criterion)
            found.append(Offer(one, key, names.get(key, key), was_for, fits))
    return sorted(found, key=lambda offer: not offer.fits)
