"""What the calendar opens: monthly reports, and the turns of a measure (004-23, 001-05).

Called by every tick; what is there is not opened again, what a silent month missed is made up for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import births, engine
from cases.actions import branches
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.rulebook import calendar, pack_of, rules_of
from cases.staff import Staff
from cases.stages import TERMINAL
from cases.steps import open_step
from organisations.days import day_of
from organisations.lengths import OF_NAME, excerpt
from organisations.scope import Actor
from workflows import deadlines
from workflows.calendar import add_months, end_of_month
from workflows.deadlines import Phrase
from workflows.models import Programme, ProgrammeVersion
from workflows.procedure import Procedure

TURN = "each_turn"
WEEK = "week"


class Key(NamedTuple):
    """What comes once: columns of the case."""

    programme_id: int
    procedure: str
    measure: str
    period: date
    parent_id: int | None


class Turn(NamedTuple):
    """One turn of a phrase: the day on which it falls and the first of the month it is about."""

    day: date
    about: date


def open_due(at: datetime) -> int:
    """Open what the calendar of every running programme asks for by ``at``; how many cases.

    Where nothing is due a fixed number of statements, whatever the number of programmes.
    """
    wanted = _wanted(day_of(at))
    due = {case.programme for case in wanted.values()}
    return sum(_open(programme, at) for programme in sorted(due, key=lambda one: one.pk))


@transaction.atomic
def _open(programme: Programme, at: datetime) -> int:
    # of two ticks at once the second one finds what the first one opened
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    on = day_of(at)
    wanted = _wanted(on)
    fresh = [case for case in wanted.values() if case.programme_id == programme.pk]
    staff = Staff(programme.city_id)
    for case in fresh:
        if case.responsible_unit_id is None:
            office = staff.office
            case.county_id, case.responsible_unit_id = office.region_id, office.pk
            case.competent_unit_id = office.pk
    by = Actor.system()
    births.create(
        fresh,
        lambda case: open_step(case, case.stage, on=on, desks=staff.desks),
        by=by,
        at=at,
    )
    engine.write(branches.of_new(fresh, staff, at=at), by=by, at=at)
    return len(fresh)


def _wanted(on: date) -> dict[Key, Case]:
    """What should be there by this day and is not; four statements at most."""
    newest = ProgrammeVersion.objects.order_by("programme", "-number").select_related("programme")
    versions = {v.programme_id: v for v in reversed(newest.defer("source"))}
    versions = {pk: v for pk, v in versions.items() if pack_of(v.pk).comes_back}
    if not versions:
        return {}
    cases = Case.objects.filter(programme__in=versions)
    # a programme begins with its first firm's case: before it nobody has anything to report
    begun = cases.filter(is_main=True).order_by().values_list("programme")
    wanted = [*_turns(cases, on)]
    for pk, first in begun.annotate(first=Min("opened_on")):
        wanted += _by_calendar(versions[pk], first, on)
    if not wanted:
        return {}
    known = cases.filter(period__isnull=False).values_list(*Key._fields)
    missing = {_key(case): case for case in wanted}
    for row in known:
        missing.pop(Key(*row), None)
    return missing


def _key(case: Case) -> Key:
    return Key(*(getattr(case, name) for name in Key._fields))


def _by_calendar(version: ProgrammeVersion, first: date, on: date) -> Iterator[Case]:
    """What the calendar itself opens, counted from the first day of the programme's work."""
    pack = pack_of(version.pk)
    for procedure in pack.procedures.values():
        opening = procedure.opening("calendar")
        if opening is None or opening.each is None:
            continue
        for turn in turns(opening.each, max(pack.work_from, first), min(on, pack.work_until)):
            yield births.new_case(
                programme=version.programme,
                pack_version=version,
                procedure=procedure.key,
                stage=procedure.initial,
                title=titled(procedure, turn.about, weekly=opening.each.every == WEEK),
                period=turn.about,
                opened_on=on,
            )


def _turns(cases: CaseQuerySet, on: date) -> Iterator[Case]:
    """The turns of open measures: each is a child that opens with its month, or its week."""
    running = cases.filter(parent=None).exclude(measure="")
    for parent in running.exclude(stage__in=TERMINAL).select_related("programme", "pack_version"):
        rules = rules_of(parent)
        phrase = rules.pack.measure(parent.measure).time
        if rules.stage is None or not phrase.every:
            continue
        for spawn in rules.stage.spawns:
            if spawn.when != TURN:
                continue
            procedure = rules.pack.procedure(spawn.procedure)
            weekly = phrase.every == WEEK
            last = on + timedelta(days=6 - on.weekday()) if weekly else end_of_month(on)
            for turn in turns(phrase, parent.opened_on, last):
                yield _turn_of(parent, procedure, turn, on, weekly=weekly)


def _turn_of(
    parent: Case, procedure: Procedure, turn: Turn, on: date, *, weekly: bool = False
) -> Case:
    return births.new_case(
        programme=parent.programme,
        pack_version_id=parent.pack_version_id,
        procedure=procedure.key,
        parent=parent,
        stage=procedure.initial,
        title=titled(procedure, turn.about, parent.title, weekly=weekly),
        measure=parent.measure,
        period=turn.about,
        given_due=turn.day,
        county_id=parent.county_id,
        responsible_unit_id=parent.responsible_unit_id,
        competent_unit_id=parent.competent_unit_id,
        opened_on=on,
    )


def turns(phrase: Phrase, first: date, last: date) -> list[Turn]:
    """Every turn of an ``every`` phrase with ``first`` ≤ day ≤ ``last``, in order."""
    found: list[Turn] = []
    start = first - date.resolution
    while True:
        day = deadlines.compute(
            phrase, start=start, calendar=calendar(), work_until=date.max
        ).due_on
        if day is None or day > last:
            return found
        found.append(Turn(day, _about(phrase, day)))
        start = day


def _about(phrase: Phrase, day: date) -> date:
    """The first day of the month, or of the week (003-14), that a turn is about."""
    if phrase.every == WEEK:
        return day - timedelta(days=day.weekday())
    month = day.replace(day=1)
    return add_months(month, -1) if phrase.about == "last_month" else month


def titled(procedure: Procedure, about: date, title: str = "", *, weekly: bool = False) -> str:
    """What the ledger calls it: “2022年3月 月报”. Stored, so in the language of the pack."""
    with override(settings.LANGUAGE_CODE):
        words = _("%(title)s of %(year)d-%(month)d")
        if weekly:
            words = _("%(title)s of the week from %(year)d-%(month)d-%(day)d")
    values = {"year": about.year, "month": about.month, "day": about.day}
    return excerpt(words % {"title": title or procedure.title.zh, **values}, OF_NAME)
