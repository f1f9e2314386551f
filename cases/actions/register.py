"""What a new register means for cases: left → delisted, came back → reopened, moved → moved,
停产 → a proposal to suspend; and what is left of it when the import is taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from cases import engine
from cases.actions import endings, placing, proposals, standing_again
from cases.actions.placing import Taker
from cases.dates import long_day_words
from cases.desks import ROLES, Desks
from cases.models import Case
from cases.stages import TERMINAL
from enterprises.models import ImportBatch, Membership, Pairing
from organisations.days import day_of
from organisations.models import Post, Region, Unit
from organisations.scope import Actor


class RegisterOutcome(Protocol):
    """What an applied register import changed (``enterprises.importing`` makes one)."""

    @property
    def left(self) -> Sequence[tuple[int, str]]: ...
    @property
    def returned_ids(self) -> Sequence[int]: ...
    @property
    def moved(self) -> Sequence[tuple[int, int, int]]: ...
    @property
    def stopped_ids(self) -> Sequence[int]: ...


@dataclass(frozen=True)
class Followed:
    delisted: int
    reopened: int
    moved: int
    proposed: int = 0


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
    moves = [*outcome.moved, *_back_elsewhere(outcome.returned_ids, city, as_of)]
    moved = _move_county(moves, city=city, by=by, at=at)
    proposed = proposals.propose_suspension(
        outcome.stopped_ids,
        city_id=city.pk,
        reason=_("The register of %(day)s says that production has stopped.")
        % {"day": long_day_words(as_of)},
        by=by,
        at=at,
    )
    return Followed(delisted, reopened, moved, proposed)


@transaction.atomic
def undo_register(
    outcome: RegisterOutcome, *, batch: ImportBatch, by: Actor, at: datetime
) -> Followed:
    """An import is taken back: what it had delisted stands as it stood, whom it had listed is
    delisted, whom it had moved moves back. ``outcome``: the import's, turned round.
    """
    city, as_of = batch.city, batch.as_of or day_of(at)
    delisted = endings.delist_firms(
        dict(outcome.left), city_id=city.pk, left_on=as_of, by=by, at=at
    )
    again = standing_again.stand_again(outcome.returned_ids, batch, at)
    engine.write(again, by=by, at=at)
    return Followed(delisted, len(again), _move_county(outcome.moved, city=city, by=by, at=at))


def _move_county(
    moves: Sequence[tuple[int, int, int]], *, city: Region, by: Actor, at: datetime
) -> int:
    """Firms now listed in another county: their open cases go there; the clock runs on.

    Set-based. It answers a county's 申请改派 too. A county without a task force takes nothing, nor
    does one whose force has no working post. Who is served by a county that was chosen for it
    (实际服务) stays with that one: only 统计归属 changes, which the register says itself.
    """
    target = {firm: new for firm, _old, new in moves}
    for firm in _served(list(target), city):
        del target[firm]
    takers = _takers(set(target.values()))
    for firms, taker in _by_county(target, takers):
        placing.move_firms(firms, city, taker)
    rows = Case.objects.filter(enterprise__in=list(target), programme__city=city)
    ids = rows.exclude(stage__in=TERMINAL).values_list("pk", flat=True)
    steps = engine.lock(ids)
    groups = [taker.liaison_id for taker in takers.values() if taker.liaison_id]
    units = [taker.unit.pk for taker in takers.values()]
    desks = Desks.for_cases([s.case for s in steps], [*units, *groups])
    ready = []
    for step in steps:
        new = takers.get(target[step.case.firm_id])
        if new is None or step.item is None:
            continue
        if placing.give(step, new, desks, on=day_of(at)):
            step.verb, step.reason = "reassign", _("The register lists the firm in another county.")
            if step.case.parent_id is not None:
                step.data["follows"] = step.case.parent_id
            ready.append(step)
    engine.write(ready, by=by, at=at)
    return len(ready)


def _back_elsewhere(
    returned: Sequence[int], city: Region, as_of: date
) -> Iterator[tuple[int, int, int]]:
    """Of the firms that came back, those that the register lists in another county than before:
    (firm, county before, county now); one query."""
    rows = Membership.objects.filter(enterprise__in=returned, city=city, joined_on__lte=as_of)
    stays: dict[int, list[int]] = defaultdict(list)
    for firm, county in rows.order_by("joined_on", "pk").values_list("enterprise", "county"):
        stays[firm].append(county)
    for firm, counties in stays.items():
        if counties[-2:] and counties[-2:][0] != counties[-1]:
            yield firm, counties[-2], counties[-1]


def _served(firms: Sequence[int], city: Region) -> list[int]:
    """Firms for whom a county was chosen by hand; one query."""
    chosen = Pairing.objects.filter(city=city, kind=Pairing.Kind.COUNTY, until_on=None)
    return list(chosen.filter(enterprise__in=firms).values_list("enterprise", flat=True))


def _takers(counties: set[int]) -> dict[int, Taker]:
    """The task force of each county, with its liaison group; two queries."""
    groups = placing.liaison_groups(counties)
    forces = Unit.objects.filter(kind=Unit.Kind.TASK_FORCE, region__in=counties)
    forces = forces.filter(
        Exists(Post.objects.filter(unit=OuterRef("pk"), role__in=ROLES["county"]))
    )
    found = forces.select_related("region").order_by("-position", "-id")
    return {u.region_id: Taker(u, liaison_id=groups.get(u.region_id)) for u in found}


def _by_county(
    target: dict[int, int], takers: dict[int, Taker]
) -> Iterator[tuple[list[int], Taker]]:
    for county, taker in takers.items():
        yield [firm for firm, new in target.items() if new == county], taker
