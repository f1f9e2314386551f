"""建档交办: every listed firm that is not covered becomes an assigned case, in waves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import births
from cases.actions.placing import PLACE
from cases.actions.proposals import SUSPEND
from cases.actions.stock import FACTS, Facts, Owed, Owners, Standing, Units, regroup, stream
from cases.births import Mould
from cases.errors import NotYours, Refused
from cases.models import Case, WorkItem
from cases.permissions import refusal
from cases.steps import open_step
from enterprises.models import Enterprise, Membership
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region
from organisations.planned import keys_checked_at_once
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

# county, responsible and competent unit
Share = tuple[int, int, int]
Choice = Callable[[Standing], bool]


@dataclass(frozen=True)
class Opened:
    """What a run did: cases opened, firms covered, firms without a responsible unit; and firms that
    had their case before, so that nothing was opened for them."""

    opened: int
    covered: int
    without_unit: int
    existing: int = 0


@dataclass
class Run:
    """What a run of opening did: cases opened and firms covered of each share, posts that were
    given cases of a county, and firms (with their county) that nobody would have."""

    opened: Counter[Share] = field(default_factory=Counter)
    covered: Counter[Share] = field(default_factory=Counter)
    posts: Counter[tuple[int, int]] = field(default_factory=Counter)
    homeless: list[tuple[str, str]] = field(default_factory=list)
    all_covered: int = 0
    existing: int = 0

    @property
    def sums(self) -> Opened:
        return Opened(self.opened.total(), self.all_covered, len(self.homeless), self.existing)

    def saw(self, part: Sequence[Standing]) -> None:
        self.all_covered += sum(one.covered for one in part)
        self.existing += sum(one.is_opened and not one.covered for one in part)
        self.covered.update(_share(one.owed) for one in part if one.covered and one.owed)
        self.homeless += [(one.firm.name, one.firm.county) for one in part if one.owed is None]

    def gave(self, item: WorkItem, count: int = 1) -> None:
        """A case with this step, or so many alike."""
        case: Case = item.process
        self.opened[_share(case)] += count
        self.posts[case.county_id, item.post_id] += count


def open_cases(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> Opened:
    """Open what is missing and say how many; see ``run``."""
    return run(programme, by=by, at=at, wave=wave).sums


@transaction.atomic
def run(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> Run:
    """Store who owes each listed firm, and open what is missing; a second run opens nothing.

    ``wave``: ``county=涧西区,西工区``, ``number=200`` (of a day: the next day's are the next 200),
    ``class=A`` (provisional, from facts), or nothing for all. A fixed number of statements per
    ``stock.PART`` firms, all of them or none. Source: 001-24, 001-25.
    """
    check_length(wave, OF_NAME)
    # a register that is being written is waited for: who leaves by it gets no case any more
    Region.objects.select_for_update(no_key=True).get(pk=programme.city_id)
    # of two runs at once the second one finds what the first one opened
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.OPEN, programme.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    pack, on = version.pack, day_of(at)
    chosen = _in_wave(wave, programme, pack, on)
    units = Units(pack, programme.city_id)
    moulds = _Moulds(version, units, by=by, at=at, wave=wave)
    done = Run()
    regroup(programme, units)
    with keys_checked_at_once():
        for part in stream(programme, pack, Owners(pack, units), on):
            done.saw(part)
            missing = [one for one in part if _is_missing(one) and chosen(one)]
            _open(programme, missing, moulds, done)
    births.tell_of(done.sums.opened)
    return done


def _is_missing(one: Standing) -> bool:
    """A firm that should have a case and has none."""
    return not (one.covered or one.is_opened) and one.owed is not None


def _share(owed: Owed | Case) -> Share:
    return owed.county_id, owed.responsible_unit_id, owed.competent_unit_id


class _Moulds:
    """New cases by what firms have in common: who owes them, and whether production stands."""

    def __init__(
        self, version: ProgrammeVersion, units: Units, *, by: Actor, at: datetime, wave: str
    ) -> None:
        self._version, self._units, self._wave = version, units, wave
        self._by, self._at, self._on = by, at, day_of(at)
        # the run's mark: its cases are told of in one notice per unit
        self._data = {"wave": wave, "batch": uuid4().hex}
        self._made: dict[tuple[Owed, bool], Mould] = {}

    def of(self, one: Standing) -> Mould:
        key = (_owed(one), _is_stopped(one))
        found = self._made.get(key)
        if found is None:
            case = self.case(one)
            found = births.mould(case, self._item(case), by=self._by, at=self._at, data=self._data)
            self._made[key] = found
        return found

    def again(self, left: Sequence[Standing]) -> list[WorkItem]:
        """Cases that take the places which an undone import left: few, and each with a history."""
        made: list[WorkItem] = []

        def item(case: Case) -> WorkItem:
            made.append(self._item(case))
            return made[-1]

        cases = [self.case(one) for one in left]
        births.create(cases, item, by=self._by, at=self._at, data=self._data)
        return made

    def case(self, one: Standing) -> Case:
        root, owed = self._version.pack.root, _owed(one)
        return births.new_case(
            programme=self._version.programme,
            pack_version=self._version,
            procedure=root.key,
            enterprise_id=one.firm.enterprise_id,
            is_main=True,
            stage=root.initial,
            wave=self._wave,
            opened_on=self._on,
            **_proposal(one),
            **{name: getattr(owed, name) for name in PLACE},
        )

    def _item(self, case: Case) -> WorkItem:
        return open_step(case, case.stage, on=self._on, desks=self._units.desks)


def _owed(one: Standing) -> Owed:
    if one.owed is None:
        raise ValueError("nobody would have this firm")
    return one.owed


def _open(programme: Programme, missing: Sequence[Standing], moulds: _Moulds, done: Run) -> None:
    """Cases for these firms, of one part of the register."""
    new = [(one.firm.enterprise_id, moulds.of(one)) for one in missing if not one.is_left]
    births.pour(programme.pk, new)
    for mould, count in Counter(mould for _firm, mould in new).items():
        done.gave(mould.item, count)
    left = [one for one in missing if one.is_left]
    for item in moulds.again(left) if left else ():
        done.gave(item)


def _is_stopped(one: Standing) -> bool:
    return one.firm.condition == Enterprise.Condition.STOPPED


def _proposal(one: Standing) -> dict[str, str]:
    """停产 keeps no firm from having a case; that it should rest is proposed from the start."""
    if not _is_stopped(one):
        return {}
    reason = _("The register says that production has stopped.")
    return {"proposal": SUSPEND, "proposal_reason": reason}


def _in_wave(wave: str, programme: Programme, pack: Pack, on: date) -> Choice:
    """Of the firms that lack a case, asked one after the other, those that the wave means."""
    if not wave:
        return lambda _one: True
    kind, _sep, value = wave.partition("=")
    choose: dict[str, Callable[[], Choice]] = {
        "county": lambda: _by_county(value, programme, on),
        "number": lambda: _by_number(_positive(value) - _opened_on(programme, wave, on)),
        "class": lambda: _by_class(value, pack),
    }
    if kind not in choose:
        raise Refused(
            "wave", _("A wave is given as county=…, number=… or class=…; leave it out for all.")
        )
    return choose[kind]()


def _opened_on(programme: Programme, wave: str, on: date) -> int:
    """Cases opened on a day by the same wave."""
    rows = Case.objects.filter(programme=programme, is_main=True, wave=wave, opened_on=on)
    return int(rows.count())


def _by_number(count: int) -> Choice:
    left = iter(range(count))
    return lambda _one: next(left, None) is not None


def _by_county(value: str, programme: Programme, on: date) -> Choice:
    names = _names(value)
    listed = Membership.objects.on(on).filter(city_id=programme.city_id)
    unknown = names - set(listed.order_by().values_list("county__name", flat=True).distinct())
    if unknown:
        told = pgettext("list of names", ", ").join(sorted(unknown))
        raise Refused("wave_county", _("No listed firm lies in: %(names)s") % {"names": told})
    return lambda one: one.firm.county in names


def _by_class(value: str, pack: Pack) -> Choice:
    names, known = _names(value), [grade.key for grade in pack.grades]
    if not names <= set(known):
        raise Refused("wave_class", _("The classes are: %(names)s") % {"names": " ".join(known)})

    @cache
    def is_meant(facts: Facts) -> bool:
        return pack.likely_grade(dict(zip(FACTS, facts, strict=True))) in names

    return lambda one: is_meant(one.facts)


def _names(value: str) -> set[str]:
    return {name.strip() for name in value.replace("，", ",").split(",")}


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise Refused("wave_number", _("The number of a wave must be at least 1."))
    return int(value)
