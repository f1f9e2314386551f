"""The ladder drafts: one letter per rung and addressee, with a list as annex.

Called by the sweep in its transaction; a fixed number of statements whatever the number of items.

Whatever changes what lies in a tray holds the tray first, and takes its locks in one order: the
programme, cases by their ids, trays, series of numbers. So a sweep, a release and another sweep of
one county follow each other and never wait in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from cases.annex import RANKS, county_of, ranks_of
from cases.engine import Step
from cases.models import Counter, DraftLine, EscalationDraft
from cases.rulebook import pack_of
from organisations.days import day_of
from organisations.models import Region, Unit
from workflows.ladder import Rung

State = EscalationDraft.State

# programme, county, unit of a letter that is to no county
Place = tuple[int, int | None, int]


class Letter(NamedTuple):
    """What makes two items share a letter: kind, county (or department) in a programme."""

    programme_id: int
    kind: str
    addressee: str
    unit_id: int
    county_id: int | None

    @property
    def place(self) -> Place:
        """Whose tray it lies in: a county's letters meet there whatever unit reads them."""
        return self.programme_id, self.county_id, 0 if self.county_id else self.unit_id


@dataclass
class _Places:
    """Units that letters can go to, looked up for a whole batch."""

    units: Mapping[int, Unit] = field(default_factory=dict)
    named: Mapping[tuple[int, str], Unit] = field(default_factory=dict)
    supervisors: Mapping[int, Unit] = field(default_factory=dict)

    @classmethod
    def of(cls, steps: Iterable[Step]) -> _Places:
        """Two statements."""
        cases = [step.case for step in steps]
        owing = {case.responsible_unit_id for case in cases}
        units = Unit.objects.select_related("region__parent").in_bulk(owing)
        regions = {unit.region_id for unit in units.values()} | {case.county_id for case in cases}
        cities = {case.programme.city_id for case in cases}
        others = Unit.objects.filter(
            Q(region__in=regions, kind=Unit.Kind.DEPARTMENT)
            | Q(region__in=cities, kind=Unit.Kind.SUPERVISION)
        )
        named: dict[tuple[int, str], Unit] = {}
        supervisors: dict[int, Unit] = {}
        for unit in others:
            if unit.kind == Unit.Kind.SUPERVISION:
                supervisors.setdefault(unit.region_id, unit)
            named[unit.region_id, unit.name] = named[unit.region_id, unit.short_name] = unit
        return cls(units, named, supervisors)

    def letter(self, step: Step, rung: Rung) -> Letter | None:
        if rung.act != "draft" or rung.draft_kind is None or step.item is None:
            return None
        case, addressee = step.case, rung.addressee or ""
        if addressee == "department":
            unit = case.competent_unit_id
            return Letter(case.programme_id, rung.draft_kind, addressee, unit, None)
        owing = self.units[case.responsible_unit_id]
        county = county_of(owing, case.county)
        reader = self._reader(step, addressee, county) or owing
        return Letter(case.programme_id, rung.draft_kind, addressee, reader.pk, county.pk)

    def _reader(self, step: Step, addressee: str, county: Region) -> Unit | None:
        """The unit that reads it here, where the city has one for this addressee."""
        if addressee == "supervision_office":
            return self.supervisors.get(step.case.programme.city_id)
        plan = pack_of(step.case.pack_version_id).units.county_bureau
        if addressee != "county_bureau" or plan is None:
            return None
        names = plan.of(county.name)
        return self.named.get((county.pk, names.name)) or self.named.get(
            (county.pk, names.short_name)
        )


def collect(spoken: Sequence[tuple[Step, Rung]], *, at: datetime) -> None:
    """Put the items of drafting rungs on the open draft of their rung and county, made if need be.

    Writes the draft's id and kind into each step's event. An item that climbs leaves the lower
    draft; one that is empty thereby is taken up in the higher one.
    """
    drafting = [(step, rung) for step, rung in spoken if rung.act == "draft"]
    if not drafting:
        return
    places = _Places.of(step for step, _rung in drafting)
    found = [(step, rung, places.letter(step, rung)) for step, rung in drafting]
    asked = [(step, rung, letter) for step, rung, letter in found if letter is not None]
    drafts = _open_drafts({letter for _step, _rung, letter in asked}, at)
    lines = []
    for step, rung, letter in asked:
        draft = drafts[letter]
        step.data |= {"draft": draft.pk, "kind": draft.kind}
        lines.append(DraftLine(draft=draft, item=step.item, rung=rung.key))
    DraftLine.objects.bulk_create(lines, ignore_conflicts=True)
    take_up(drafts.values())


def milder_rungs(steps: Iterable[Step]) -> dict[int, frozenset[str]]:
    """Item → the kinds of letter below the highest that its county has, or is to get, about it:
    the ladder never climbs down. One statement."""
    items = {step.item.pk: step.case for step in steps if step.item is not None}
    found: dict[int, frozenset[str]] = {}
    for (item, county), rank in ranks_of(items).items():
        if county == county_of(items[item].responsible_unit, items[item].county).pk:
            found[item] = frozenset(RANKS[:rank])
    return found


def hold_trays(places: Iterable[Place]) -> None:
    """Have these trays for oneself until the transaction ends; one statement.

    A tray without a draft has no row to lock, so a counter stands for it. The rows are taken in the
    order given, the same for everybody.
    """
    names = sorted((programme, f"tray-{county or 0}-{unit}") for programme, county, unit in places)
    Counter.objects.bulk_create(
        [Counter(programme_id=programme, name=name, value=0) for programme, name in names],
        update_conflicts=True,
        unique_fields=["programme", "name"],
        update_fields=["value"],
    )


def _open_drafts(letters: Collection[Letter], at: datetime) -> dict[Letter, EscalationDraft]:
    """The open draft of each letter: the one that waits in the tray, or a new one."""
    hold_trays({letter.place for letter in letters})
    asked = {(letter.place, letter.kind): letter for letter in sorted(letters, reverse=True)}
    waiting = _waiting(letters)
    made = {
        key: EscalationDraft(
            programme_id=letter.programme_id,
            kind=letter.kind,
            addressee=letter.addressee,
            unit_id=letter.unit_id,
            county_id=letter.county_id,
            made_at=at,
            month=day_of(at).replace(day=1),
        )
        for key, letter in asked.items()
        if key not in waiting
    }
    EscalationDraft.objects.bulk_create(made.values())
    found = waiting | made
    return {letter: found[letter.place, letter.kind] for letter in letters}


def _waiting(letters: Iterable[Letter]) -> dict[tuple[Place, str], EscalationDraft]:
    """What lies in the trays of these addressees, which the caller holds."""
    asked = list(letters)
    rows = EscalationDraft.objects.filter(
        Q(county__in=[x.county_id for x in asked if x.county_id])
        | Q(county=None, unit__in=[x.unit_id for x in asked if not x.county_id]),
        programme__in={x.programme_id for x in asked},
        state=State.DRAFTED,
    )
    return {(place_of(draft), draft.kind): draft for draft in rows.order_by("id")}


def place_of(draft: EscalationDraft) -> Place:
    return draft.programme_id, draft.county_id, 0 if draft.county_id else draft.unit_id


def take_up(drafts: Iterable[EscalationDraft]) -> None:
    """Lower letters that wait for the same county, and of whose lists nothing is left but what
    stands in a higher one, are decided thereby; the caller holds the tray. Four statements."""
    above: dict[Place, list[EscalationDraft]] = defaultdict(list)
    for draft in drafts:
        if draft.county_id and draft.kind in RANKS:
            above[place_of(draft)].append(draft)
    waiting = EscalationDraft.objects.filter(
        programme__in={programme for programme, _county, _unit in above},
        county__in={county for _programme, county, _unit in above},
        state=State.DRAFTED,
        kind__in=RANKS[:-1],
    )
    lower = {
        d.pk: d for d in waiting.order_by("id") if _next_above(d, above[place_of(d)]) is not None
    }
    if not lower:
        return
    lines = DraftLine.objects.filter(draft__in=lower, item__finished=None)
    rows = list(lines.values_list("draft_id", "item_id"))
    ranks = ranks_of(item for _draft, item in rows)
    for pk, item in rows:
        if (own := lower.get(pk)) is None:
            continue
        if ranks.get((item, own.county_id or 0), 0) <= RANKS.index(own.kind):
            del lower[pk]
    for draft in lower.values():
        draft.state, draft.into = State.MERGED, _next_above(draft, above[place_of(draft)])
    EscalationDraft.objects.bulk_update(lower.values(), ["state", "into"])


def _next_above(
    draft: EscalationDraft, letters: Iterable[EscalationDraft]
) -> EscalationDraft | None:
    rank = RANKS.index(draft.kind)
    higher = [other for other in letters if RANKS.index(other.kind) > rank]
    return min(higher, key=lambda other: RANKS.index(other.kind), default=None)
