"""What a new register means for cases: left → delisted, came back → reopened, moved → moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine
from cases.actions import endings
from cases.desks import Desks
from cases.models import Case, ProgrammeFirm
from cases.stages import TERMINAL
from organisations.models import Region, Unit
from organisations.scope import Actor


class RegisterOutcome(Protocol):
    """What an applied register import changed (``enterprises.importing`` makes one)."""

    @property
    def left(self) -> Sequence[tuple[int, str]]: ...
    @property
    def returned_ids(self) -> Sequence[int]: ...
    @property
    def moved(self) -> Sequence[tuple[int, int, int]]: ...


@dataclass(frozen=True)
class Followed:
    delisted: int
    reopened: int
    moved: int


@transaction.atomic
def after_register(
    outcome: RegisterOutcome, *, city: Region, as_of: date, by: Actor, at: datetime
) -> Followed:
    """Follow the bureau's list: only ``open_cases`` opens; this delists, reopens and moves."""
    delisted = endings.delist_firms(
        dict(outcome.left), city_id=city.pk, left_on=as_of, by=by, at=at
    )
    reopened = endings.reopen_firms(
        outcome.returned_ids,
        city_id=city.pk,
        by=by,
        at=at,
        reason=_("The firm is on the register again."),
    )
    moved = _move_county(outcome.moved, city=city, by=by, at=at)
    return Followed(delisted, reopened, moved)


def _move_county(
    moves: Sequence[tuple[int, int, int]], *, city: Region, by: Actor, at: datetime
) -> int:
    """A firm now listed in another county: its open cases go there; the clock runs on."""
    target = {firm: new for firm, _old, new in moves}
    forces = {
        u.region_id: u
        for u in Unit.objects.filter(kind=Unit.Kind.TASK_FORCE, region_id__in=set(target.values()))
    }
    for firm in ProgrammeFirm.objects.filter(enterprise_id__in=list(target), programme__city=city):
        if force := forces.get(target[firm.enterprise_id]):
            firm.county_id, firm.responsible_unit = force.region_id, force
            firm.save(update_fields=["county", "responsible_unit"])
    ids = list(
        Case.objects.filter(enterprise_id__in=list(target), programme__city=city)
        .exclude(stage__in=TERMINAL)
        .values_list("pk", flat=True)
    )
    steps = engine.lock(ids)
    desks = Desks.for_cases([s.case for s in steps], [u.pk for u in forces.values()])
    for step in steps:
        case, item = step.case, step.item
        assert case.enterprise_id is not None
        force = forces.get(target[case.enterprise_id])
        if force is None or item is None:
            continue
        if item.unit_id == case.responsible_unit_id:
            post = desks.post_in(force.pk, "county")
            item.unit_id, item.post, step.changes_item = force.pk, post, True
        step.data = {"from_unit": case.responsible_unit_id, "to_unit": force.pk}
        case.county_id, case.township_id, case.responsible_unit = force.region_id, None, force
        step.verb, step.reason = "reassign", _("The register lists the firm in another county.")
    ready = [s for s in steps if s.verb]
    engine.write(ready, by=by, at=at)
    return len(ready)
