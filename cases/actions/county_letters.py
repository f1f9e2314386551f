"""Letters about a county as a whole, drafted when a month is frozen, for a person to send.

Two months behind the planned line ask for a 督办函, three of those for a talk or a transfer
(defaults: the ladder). They lie in the office's tray beside the ladder's own and go the same way:
nothing is sent by itself, of a county and month there is one of a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.actions import drafting
from cases.models import EscalationDraft
from cases.staff import Staff
from organisations.days import day_of
from organisations.models import Unit
from workflows.models import ProgrammeVersion
from workflows.packs import Pack

Kind = EscalationDraft.Kind
State = EscalationDraft.State


@dataclass(frozen=True)
class Asked:
    """A letter that a frozen month asks for. ``cause``: what it states, plain values with
    ``trigger`` and ``month`` among them."""

    kind: str
    county_id: int
    cause: Mapping[str, Any]


def addressee_of(pack: Pack, kind: str) -> str | None:
    """To whom the plan's ladders write such a letter about a county; None where they know none."""
    rungs = (rung for ladder in pack.ladders.values() for rung in ladder.rungs)
    found = (r.addressee for r in rungs if r.draft_kind == kind and r.addressee != "department")
    return next(found, None)


@transaction.atomic
def draft_for(version: ProgrammeVersion, asked: Sequence[Asked], *, at: datetime) -> int:
    """Put the letters into the tray; how many are new there. What waits of the same kind for the
    county takes the cause up, what was drafted of it for this month is not drafted again."""
    known = [one for one in asked if addressee_of(version.pack, one.kind)]
    if not known:
        return 0
    programme = version.programme
    drafting.hold_trays({(programme.pk, one.county_id, 0) for one in known})
    rows = EscalationDraft.objects.filter(
        programme=programme, county__in={one.county_id for one in known}
    )
    told = {(d.kind, d.county_id, d.cause.get("month")) for d in rows.exclude(cause={})}
    waiting = {(d.kind, d.county_id): d for d in rows.filter(state=State.DRAFTED).order_by("-pk")}
    staff, fresh = Staff(programme.city_id), []
    forces = {unit.region_id: unit for unit in reversed(staff.counties)}
    for one in known:
        if (one.kind, one.county_id, one.cause["month"]) in told:
            continue
        there = waiting.get((one.kind, one.county_id))
        if there is not None:
            there.cause = dict(one.cause)
            there.save(update_fields=["cause"])
            continue
        addressee = addressee_of(version.pack, one.kind) or ""
        unit = _reader(addressee, staff, forces.get(one.county_id))
        fresh.append(
            EscalationDraft(
                programme=programme,
                kind=one.kind,
                addressee=addressee,
                county_id=one.county_id,
                unit=unit,
                month=day_of(at).replace(day=1),
                made_at=at,
                cause=dict(one.cause),
            )
        )
    EscalationDraft.objects.bulk_create(fresh)
    return len(fresh)


def _reader(addressee: str, staff: Staff, force: Unit | None) -> Unit:
    """Who reads it here: the supervision office, the county's task force, else the office."""
    if addressee == "supervision_office":
        kinds = (unit for unit in staff.units if unit.kind == Unit.Kind.SUPERVISION)
        return next(kinds, staff.office)
    return force or staff.office


def sent_since_talk(programme_id: int) -> dict[int, list[EscalationDraft]]:
    """By county the supervision letters that went out since a talk was last proposed and decided,
    the oldest first; one statement."""
    rows = EscalationDraft.objects.filter(
        programme=programme_id,
        county__isnull=False,
        kind__in=(Kind.SUPERVISION_LETTER, Kind.TALK),
        state__in=(State.RELEASED, State.DROPPED),
    )
    found: dict[int, list[EscalationDraft]] = {}
    for row in rows.order_by("decided_at", "pk"):
        assert row.county_id is not None
        letters = found.setdefault(row.county_id, [])
        if row.kind == Kind.TALK:
            letters.clear()
        elif row.state == State.RELEASED:
            letters.append(row)
    return found
