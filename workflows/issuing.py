"""Verbs: issuing a pack, and the table of working days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations import journal
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.roles import Act
from organisations.scope import Actor
from workflows.city import set_up_regions, set_up_units
from workflows.days import official_days
from workflows.models import (
    CalendarDay,
    Programme,
    ProgrammeVersion,
    calendar_edited,
    forget_calendar,
    forget_places,
)
from workflows.packs import Pack, parse_pack


@transaction.atomic
def issue_pack(text: str, *, by: Actor, at: datetime, source: str = "") -> ProgrammeVersion:
    """Store a pack as the newest version of its programme; the same text again changes nothing.

    Raises PackError with every finding. Makes the city and its counties where they are missing.
    """
    if not by.may(Act.ISSUE_PACK):
        raise Refused("may_not", _("Packs are issued by the city's office."))
    pack = parse_pack(text, source, issued_on=timezone.localdate(at))
    check_city(pack, by)
    programme, _is_new = Programme.objects.update_or_create(
        key=pack.key,
        defaults={
            "title": pack.title.zh,
            "city": set_up_regions(pack, by=by, at=at),
            "statistical_year": pack.statistical_year,
        },
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = ProgrammeVersion.objects.filter(programme=programme, sha256=digest).first()
    return known or _new_version(programme, text, digest, by=by, at=at)


def check_city(pack: Pack, by: Actor) -> None:
    """An office issues for its own city only."""
    own = Region.objects.filter(pk__in=by.city_ids).values_list("name", flat=True)
    if not by.is_system and pack.city not in set(own):
        words = _("This pack is for %(city)s. An office issues for its own city only.")
        raise Refused("other_city", words % {"city": pack.city})


@transaction.atomic
def issue_and_set_up(text: str, *, by: Actor, at: datetime, source: str = "") -> ProgrammeVersion:
    """`issue_pack`, and what a city needs to work under it: the working days, units and posts."""
    version = issue_pack(text, by=by, at=at, source=source)
    seed_calendar()
    set_up_units(version.pack, by=by, at=at)
    return version


@transaction.atomic
def seed_calendar() -> int:
    """Fill the table with the official days; what an administrator has entered stays."""
    known = set(CalendarDay.objects.values_list("day", flat=True))
    rows = [
        CalendarDay(day=day, is_working=worked, name=name)
        for day, worked, name in official_days()
        if day not in known
    ]
    CalendarDay.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    forget_calendar()
    return len(rows)


def check_may_set(by: Actor) -> None:
    """Who keeps the working calendar; asked before a preview too."""
    if not by.may(Act.MANAGE_SETTINGS):
        raise Refused("may_not", _("The working calendar is kept by the system administrator."))


@transaction.atomic
def set_days(days: Mapping[date, tuple[bool, str]], *, by: Actor, at: datetime) -> tuple[date, ...]:
    """Enter announced days (worked? and name); the days that changed, for recomputing deadlines."""
    check_may_set(by)
    known = dict(CalendarDay.objects.filter(day__in=days).values_list("day", "is_working"))
    changed = tuple(
        sorted(day for day, (worked, _name) in days.items() if known.get(day) != worked)
    )
    rows = [CalendarDay(day=day, is_working=worked, name=n) for day, (worked, n) in days.items()]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["is_working", "name"]
    )
    names = [day.isoformat() for day in changed]
    told = journal.changed(
        {day.isoformat(): known.get(day) for day in changed},
        {day.isoformat(): days[day][0] for day in changed},
    )
    record(AuditEvent.Kind.SETTING, "set_days", None, by=by, at=at, days=names, **told)
    forget_calendar()
    transaction.on_commit(calendar_edited)
    return changed


def _new_version(
    programme: Programme, text: str, digest: str, *, by: Actor, at: datetime
) -> ProgrammeVersion:
    newest = programme.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=newest + 1,
        sha256=digest,
        source=text,
        issued_at=at,
        issued_by=by.user,
    )
    forget_places()
    record(
        AuditEvent.Kind.SETTING,
        "issue_pack",
        version,
        by=by,
        at=at,
        number=version.number,
        sha256=digest,
    )
    return version
