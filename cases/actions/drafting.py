"""The ladder drafts: one letter per addressee, with a list as annex; the higher takes the lower up.

Called by the sweep in its transaction; a fixed number of statements whatever the number of items.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from cases.annex import county_of
from cases.engine import Step
from cases.models import DraftLine, EscalationDraft
from cases.rulebook import pack_of
from cases.steps import day_of
from organisations.models import Region, Unit
from workflows.ladder import Rung

Kind = EscalationDraft.Kind
State = EscalationDraft.State
# letters to a county, the lowest first: one of them at a time lies in the tray. A talk is proposed
# to somebody else, a department is nobody's county.
RANKS: tuple[str, ...] = (Kind.WORK_NOTE, Kind.REMINDER_LETTER, Kind.SUPERVISION_LETTER)


class Letter(NamedTuple):
    """What makes two items share a letter: kind, county (or department) in a programme."""

    programme_id: int
    kind: str
    addressee: str
    unit_id: int
    county_id: int | None

    @property
    def place(self) -> tuple[int, int | None, int]:
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
    """Put the items of drafting rungs on the open draft of their county, made if need be.

    Writes the draft's id and kind into each step's event. While a higher letter waits for the same
    county, the item joins that one; a new higher letter takes the lists of the lower ones over.
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
        if draft.kind != letter.kind:
            step.data["joined"] = True
        lines.append(DraftLine(draft=draft, item=step.item, rung=rung.key))
    DraftLine.objects.bulk_create(lines, ignore_conflicts=True)
    _take_up(drafts.values())


def _open_drafts(letters: Collection[Letter], at: datetime) -> dict[Letter, EscalationDraft]:
    """The open draft of each letter, locked: the one that waits, a higher one, or a new one."""
    wanted = {letter.place: _highest(letters, letter.place) for letter in letters if _ranks(letter)}
    asked = {wanted[x.place] if _ranks(x) else x for x in letters}
    waiting = _waiting(asked)
    made = [
        EscalationDraft(
            programme_id=letter.programme_id,
            kind=letter.kind,
            addressee=letter.addressee,
            unit_id=letter.unit_id,
            county_id=letter.county_id,
            made_at=at,
            month=day_of(at).replace(day=1),
        )
        # two sweeps at once insert in the same order and so never wait for each other in a circle
        for letter in sorted(asked, key=lambda x: (x.programme_id, x.kind, x.unit_id))
        if _held(waiting, letter) is None
    ]
    if made:
        EscalationDraft.objects.bulk_create(made, ignore_conflicts=True)
        waiting = _waiting(asked)
    found = {letter: _held(waiting, letter) for letter in letters}
    return {letter: draft for letter, draft in found.items() if draft is not None}


def _ranks(letter: Letter) -> bool:
    return letter.county_id is not None and letter.kind in RANKS


def _highest(letters: Iterable[Letter], place: tuple[int, int | None, int]) -> Letter:
    """Of the letters of one sweep to one county the highest: the others join it."""
    here = [letter for letter in letters if letter.place == place and _ranks(letter)]
    return max(here, key=lambda letter: RANKS.index(letter.kind))


def _waiting(letters: Iterable[Letter]) -> list[EscalationDraft]:
    """What lies in the trays of these addressees, under lock until the sweep's batch is written."""
    asked = list(letters)
    rows = EscalationDraft.objects.select_for_update(of=("self",), no_key=True).filter(
        Q(county__in=[x.county_id for x in asked if x.county_id])
        | Q(county=None, unit__in=[x.unit_id for x in asked if not x.county_id]),
        programme__in={x.programme_id for x in asked},
        state=State.DRAFTED,
    )
    return list(rows.order_by("id"))


def _held(waiting: Iterable[EscalationDraft], letter: Letter) -> EscalationDraft | None:
    """The draft that takes this letter's items: its own kind, or the highest above it."""
    here = [draft for draft in waiting if _place(draft) == letter.place]
    if not _ranks(letter):
        return next((draft for draft in here if draft.kind == letter.kind), None)
    above = [d for d in here if d.kind in RANKS[RANKS.index(letter.kind) :]]
    return max(above, key=lambda draft: RANKS.index(draft.kind), default=None)


def _place(draft: EscalationDraft) -> tuple[int, int | None, int]:
    return draft.programme_id, draft.county_id, 0 if draft.county_id else draft.unit_id


def _take_up(drafts: Iterable[EscalationDraft]) -> None:
    """One letter per county and time: the lists of lower drafts go over to the higher one."""
    highest = {_place(d): d for d in drafts if d.county_id and d.kind in RANKS}
    if not highest:
        return
    lower = [
        draft
        for draft in EscalationDraft.objects.filter(
            county__in=[d.county_id for d in highest.values()], state=State.DRAFTED, kind__in=RANKS
        )
        if _place(draft) in highest
        and RANKS.index(draft.kind) < RANKS.index(highest[_place(draft)].kind)
    ]
    if lower:
        merge(lower, {draft.pk: highest[_place(draft)] for draft in lower})


def merge(lower: Sequence[EscalationDraft], into: Mapping[int, EscalationDraft]) -> None:
    """Lines of ``lower`` join the draft that takes each up; the lower ones are decided thereby."""
    rows = DraftLine.objects.filter(draft__in=lower)
    DraftLine.objects.bulk_create(
        [DraftLine(draft=into[row.draft_id], item_id=row.item_id, rung=row.rung) for row in rows],
        ignore_conflicts=True,
    )
    for draft in lower:
        draft.state, draft.into = State.MERGED, into[draft.pk]
    EscalationDraft.objects.bulk_update(lower, ["state", "into"])
