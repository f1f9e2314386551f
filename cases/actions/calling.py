"""Verb: 通话小结. Twenty seconds after a call: whom, what came of it, what is next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import engine
from cases.actions.visiting import OLDEST
from cases.errors import NotYours, Refused
from cases.models import CallNote
from cases.outdoors import can_visit, cases_served, register_row, sent_before
from enterprises.models import Enterprise
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length, excerpt
from organisations.scope import Actor

OF_TEXT, OF_PERSON = 500, 80


@transaction.atomic
def note_call(
    firm: Enterprise,
    *,
    result: str,
    next_step: str,
    by: Actor,
    at: datetime,
    called_on: date | None = None,
    spoke_to: str = "",
    said: str = "",
    next_on: date | None = None,
    cases: Collection[int] | None = None,
    sent_as: UUID | None = None,
) -> CallNote:
    """Keep what came of a call. ``called_on``: today where none is said; ``cases``, ``sent_as``:
    as for a visit."""
    if sent_as is not None:
        Enterprise.objects.select_for_update(no_key=True).get(pk=firm.pk)
        again = sent_before(CallNote.objects.all(), sent_as, by)
        if again is not None:
            return again
    if not can_visit(by, firm):
        raise NotYours("not_yours", _("This firm lies outside your area."))
    row = register_row(firm, by)
    day = called_on or day_of(at)
    _check(result, next_step, day, next_on, at)
    check_length(spoke_to, OF_PERSON)
    check_length(said, OF_TEXT)
    served = cases_served(firm, row, cases, by)
    note = CallNote.objects.create(
        city_id=row.city_id,
        enterprise=firm,
        called_on=day,
        spoke_to=spoke_to.strip(),
        result=result,
        next_step=next_step,
        next_on=next_on,
        said=said.strip(),
        unit_id=next((s.unit_id for s in by.standings), None),
        by=by.user,
        at=at,
        sent_as=sent_as,
    )
    note.cases.add(*served)
    _tell(note, served, by, at)
    return note


def _tell(note: CallNote, served: list[int], by: Actor, at: datetime) -> None:
    """The open cases hear of it; their progress says what came of the call."""
    steps = [step for step in engine.lock(served) if step.item is not None]
    words = pgettext("between parts of a sentence", ", ").join(
        filter(None, [str(note.get_result_display()), str(note.get_next_step_display()), note.said])
    )
    for step in steps:
        step.verb, step.reason, step.bumps_version = "call_note", note.said, False
        step.data = {
            "call": note.pk,
            "spoke_to": note.spoke_to,
            "result": note.result,
            "next_step": note.next_step,
            "next_on": note.next_on.isoformat() if note.next_on else None,
        }
        step.case.progress = excerpt(words, OF_NAME)
    engine.write(steps, by=by, at=at)


def _check(result: str, next_step: str, day: date, next_on: date | None, at: datetime) -> None:
    today = day_of(at)
    if day > today:
        raise Refused("in_future", _("The day of the call has not come yet."))
    if today - day > OLDEST:
        raise Refused("long_ago", _("The call lies more than a year back."))
    if result not in CallNote.Result.values:
        known = ", ".join(f"{key} {label}" for key, label in CallNote.Result.choices)
        words = _("Choose what came of the call. There are: %(known)s")
        raise Refused("no_result", words % {"known": known})
    if next_step not in CallNote.Next.values:
        known = ", ".join(f"{key} {label}" for key, label in CallNote.Next.choices)
        raise Refused("no_next", _("Choose what is next. There are: %(known)s") % {"known": known})
    if next_on is not None and next_step == CallNote.Next.NOTHING:
        raise Refused("day_of_nothing", _("Where nothing is next, there is no day for it."))
    if next_on is not None and next_on < day:
        raise Refused("next_past", _("The next step cannot lie before the call."))
