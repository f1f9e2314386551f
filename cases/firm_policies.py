"""政策找人, seen from one firm: the policies of the running plans that fit it (002-12).

The same rule as ``offers.fitting_one``, without reading the whole register for one firm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enterprises.models import Enterprise, Membership, MonthlyFact
from workflows.models import Programme, ProgrammeVersion
from workflows.policies import Policy

FACTS = (
    "registered", "filed", "has_institution", "has_staff", "has_spending", "has_cooperation",
)  # fmt: skip


@dataclass(frozen=True)
class Fitting:
    programme: Programme
    policy: Policy


def policies_for(firm: Enterprise, city_ids: frozenset[int] | None, on: date) -> list[Fitting]:
    """Of every plan whose work goes on; three statements."""
    rows = Membership.objects.on(on).filter(enterprise=firm)
    if city_ids is not None:
        rows = rows.filter(city_id__in=city_ids)
    stays = {row.city_id: row for row in rows.select_related("county")}
    if not stays:
        return []
    newest = (
        ProgrammeVersion.objects.filter(programme__city__in=stays)
        .select_related("programme")
        .order_by("programme", "number")
    )
    facts = {
        fact.city_id: fact
        for fact in MonthlyFact.objects.filter(
            enterprise=firm, city_id__in=stays, known_on__lte=on
        ).order_by("about_month", "known_on")
    }
    found = []
    for version in {row.programme_id: row for row in newest}.values():
        pack = version.pack
        if not pack.work_from <= on <= (pack.verified_by or pack.work_until):
            continue
        stay, fact = stays[version.programme.city_id], facts.get(version.programme.city_id)
        known = {name: bool(getattr(fact, name)) for name in FACTS} if fact else {}
        found += [
            Fitting(version.programme, policy)
            for policy in pack.policies
            if policy.fits.fits(
                county=stay.county.name,
                industry=stay.industry_code,
                ownership=stay.ownership,
                facts=known,
            )
        ]
    return found
