"""延期 and 督办 of many rows at once, and what of it can be taken back.

A request that waits for its decision is taken back as if it had not been asked, within the time of
a bulk reassignment; the trail keeps both. A letter's draft is dropped in the tray, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cases import contesting, engine, extensions, permissions, policies
from cases.actions import drafting
from cases.actions.people import UNDO_WITHIN, BulkResult, undone_words
from cases.annex import RANKS, ranks_of
from cases.engine import Step
from cases.errors import Refused
from cases.models import CaseEvent, EscalationDraft, Extension
from cases.rulebook import pack_of
from organisations.days import day_of
from organisations.models import Region, Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows.ladder import Rung

LETTER = EscalationDraft.Kind.SUPERVISION_LETTER
BY_HAND = "by_hand"  # no rung of a ladder: the line holds as long as the step is late


@transaction.atomic
def request_many(
    ids: Sequence[int], *, by: Actor, at: datetime, until: date, reason: str
) -> BulkResult:
    """申请延期 of a selection to one day, each decided as if asked alone; refusals in words."""
    policies.check_reason(reason)
    policies.check_person(by.user)
    steps = engine.lock(ids)
    past = extensions.histories([step.item for step in steps if step.item is not None])
    result = BulkResult(batch=uuid4().hex)
    ready: list[tuple[Step, Extension]] = []
    for step in steps:
        try:
            row = _request(step, past, by=by, at=at, until=until, reason=reason)
        except Refused as refusal:
            result.refused[step.case.pk] = refusal.words
            continue
        ready.append((step, row))
        result.done.append(step.case)
    Extension.objects.bulk_create(row for _step, row in ready)
    for step, row in ready:
        step.verb, step.reason = "request_extension", reason
        step.data = {
            "extension": row.pk,
            "old_due": row.old_due.isoformat(),
            "wished": until.isoformat(),
            "working_days": row.days,
            "to_office": row.to_office,
            "batch": result.batch,
        }
    engine.write([step for step, _row in ready], by=by, at=at)
    return result


def _request(
    step: Step,
    past: dict[int, extensions.History],
    *,
    by: Actor,
    at: datetime,
    until: date,
    reason: str,
) -> Extension:
    """The request of one case, not saved; what ``extending.request`` asks is asked here too."""
    item = step.item
    permissions.check(by, Act.REQUEST_EXTENSION, step.case, item)
    contesting.check_asker(by, step.case, item, "request_extension")
    engine.check_time(step, at)
    history = past[item.pk] if item is not None else extensions.History()
    left = extensions.check_askable(step.case, item, history, day_of(at))
    assert item is not None
    assert item.due_on is not None  # asked for a step with a date
    assert by.user is not None  # asked of a person
    days = extensions.check_wish(step.case, item, left, until)
    in_all = days + sum(history.granted)
    return Extension(
        case=step.case,
        item=item,
        old_due=item.due_on,
        wished_on=until,
        days=days,
        in_all=in_all,
        to_office=extensions.needs_office(by, step.case, item, in_all),
        reason=reason.strip(),
        asked_at=at,
        asked_by=by.user,
    )


@transaction.atomic
def undo_requests(batch: str, *, by: Actor, at: datetime) -> BulkResult:
    """Take back what was asked for in one go, within 30 minutes and while nobody has decided."""
    made = CaseEvent.objects.filter(verb="request_extension", by=by.user, data__batch=batch)
    events = list(made.filter(at__gte=at - UNDO_WITHIN))
    if not events:
        raise Refused(
            "undo_late",
            _("The 30 minutes for taking it back are over. Whoever decides can still refuse it.")
            if made.exists()
            else _("A request is taken back by whoever asked, within 30 minutes."),
        )
    steps = {step.case.pk: step for step in engine.lock([event.case_id for event in events])}
    wanted = [event.data["extension"] for event in events]
    waiting = Extension.objects.select_for_update().filter(pk__in=wanted, decided_at=None)
    rows = {row.case_id: row for row in waiting}
    result = BulkResult()
    ready: list[Step] = []
    gone = undone_words("withdraw_extension", batch, steps.keys() - rows.keys())
    for pk, step in steps.items():
        row = rows.get(pk)
        if row is None:
            result.refused[pk] = gone.get(pk) or _("It has been decided meanwhile.")
            continue
        step.verb, step.bumps_version = "withdraw_extension", False
        step.data = {"wished": row.wished_on.isoformat(), "undo_of": batch}
        ready.append(step)
        result.done.append(step.case)
    Extension.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
    engine.write(ready, by=by, at=at)
    return result


def asked_in(batch: str, *, by: Actor) -> bool:
    """Whether this person asked for something in that go."""
    made = CaseEvent.objects.filter(verb="request_extension", by=by.user, data__batch=batch)
    return bool(made.exists())


@transaction.atomic
def draft_supervision(ids: Sequence[int], *, by: Actor, at: datetime) -> BulkResult:
    """督办: overdue firms go on the supervision letter of their county that waits in the tray, made
    if need be: one letter a county, and a person releases or drops it. Nobody is told before.
    """
    steps = engine.lock(ids)
    ranks = ranks_of(step.item.pk for step in steps if step.item is not None)
    owing = {step.case.responsible_unit_id for step in steps}
    units = Unit.objects.select_related("region").in_bulk(owing)
    counties = Region.objects.in_bulk({step.case.county_id for step in steps})
    result = BulkResult()
    spoken: list[tuple[Step, Rung]] = []
    for step in steps:
        step.case.county = counties[step.case.county_id]
        try:
            held = _rank(step, ranks, units)
            rung = _letter_of(step, held, by, day_of(at))
        except Refused as refusal:
            result.refused[step.case.pk] = refusal.words
            continue
        step.verb, step.bumps_version = "draft_supervision", False
        spoken.append((step, rung))
        result.done.append(step.case)
    drafting.collect(spoken, at=at)
    engine.write([step for step, _rung in spoken], by=by, at=at)
    return result


def _rank(step: Step, ranks: dict[tuple[int, int], int], units: dict[int, Unit]) -> int | None:
    """The highest letter to its county in which the step stands."""
    region = units[step.case.responsible_unit_id].region
    county = step.case.county_id
    if region.level == Region.Level.TOWNSHIP and region.parent_id is not None:
        county = region.parent_id
    elif region.level == Region.Level.COUNTY:
        county = region.pk
    return ranks.get((step.item.pk, county)) if step.item is not None else None


def _letter_of(step: Step, held: int | None, by: Actor, on: date) -> Rung:
    """The plan's own rung of this letter, for whom it goes to; refused where it has none."""
    permissions.check(by, Act.RELEASE_DRAFT, step.case, step.item)
    policies.check_clock(step.case, step.item, "urge")
    item = step.item
    late = item is not None and item.is_chased and not item.waits_higher
    if item is None or not late or item.due_on is None or item.due_on >= on:
        raise Refused("not_late", _("It is not overdue: a reminder is enough."))
    if held == RANKS.index(LETTER):
        raise Refused("in_letter", _("It stands in a supervision letter already."))
    pack = pack_of(step.case.pack_version_id)
    rungs = [rung for ladder in pack.ladders.values() for rung in ladder.rungs]
    found = next((rung for rung in rungs if rung.draft_kind == LETTER), None)
    if found is None:
        raise Refused("no_letter", _("This plan knows no supervision letter."))
    return found.model_copy(update={"key": BY_HAND})
