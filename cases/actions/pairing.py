"""Verb: pairings, and what they mean for the cases: the serving county works them (服务县区)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import people
from cases.models import Case
from enterprises.actions import pairing
from enterprises.actions.pairing import Paired, Wish
from enterprises.models import Membership, Pairing
from organisations.days import day_of
from organisations.models import Region, Unit
from organisations.scope import Actor


@dataclass
class PairedCases:
    """What was paired, how many firms' cases went to another county, and why others did not."""

    paired: Paired
    moved: int = 0
    stayed: int = 0


@transaction.atomic
def pair(wishes: Sequence[Wish], *, city: Region, by: Actor, at: datetime) -> PairedCases:
    """Pair firms; where the serving county changes, the open cases go to its task force.

    The register's county stays what it is: rates and ranks are counted there (归属县区). The clock
    of a case runs on. A serving county begins today or earlier, as its cases go at once.
    """
    result = PairedCases(pairing.pair(wishes, city=city, by=by, at=at))
    goals: dict[int, list[int]] = defaultdict(list)
    for row in result.paired.new:
        if row.kind == Pairing.Kind.COUNTY and row.county_id:
            goals[row.county_id].append(row.enterprise_id)
    back = [r.enterprise_id for r in result.paired.ended if r.kind == Pairing.Kind.COUNTY]
    homes = Membership.objects.on(day_of(at)).filter(city=city, enterprise__in=back)
    for county_id, firm in homes.values_list("county_id", "enterprise_id"):
        goals[county_id].append(firm)
    for county_id, firms in goals.items():
        _move(result, county_id, firms, by, at)
    return result


def _move(result: PairedCases, county_id: int, firms: list[int], by: Actor, at: datetime) -> None:
    unit = Unit.objects.filter(region_id=county_id, kind=Unit.Kind.TASK_FORCE).first()
    cases = Case.objects.filter(enterprise__in=firms, parent=None, finished=None)
    ids = list(cases.exclude(county=county_id).values_list("pk", flat=True))
    if not ids:
        return
    if unit is None:
        result.stayed += len(ids)
        return
    reason = _("The serving county changed")
    done = people.reassign_many(ids, by=by, at=at, reason=reason, unit=unit)
    result.moved += len(done.done)
    result.stayed += len(done.refused)
