"""Verbs: 登记走访, and taking back one that was entered by mistake.

One visit is one row, whatever the number of programmes that it serves; each open case that it names
hears of it in its timeline. Nobody is refused for having come often: the page advises.

What a phone sends bears a number that the phone made: sent again, it is the visit on record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases import engine, meanwhile, visit_answers
from cases.actions import paper_files
from cases.actions.evidence import Paper
from cases.errors import NotYours, Refused
from cases.meanwhile import Basis
from cases.models import Visit, VisitPhoto
from cases.outdoors import can_visit, cases_served, register_row, sent_before
from cases.visit_answers import Questions
from enterprises.models import Enterprise
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length, excerpt
from organisations.roles import Act
from organisations.scope import Actor

# a visit of last year belongs to last year's file; nobody writes up one older than that
OLDEST = timedelta(days=366)
MOST_PHOTOS = 9
PHOTOS = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Place:
    """Where a visit was written, in degrees; only ever what the visitor chose to send."""

    latitude: Decimal
    longitude: Decimal

    @classmethod
    def read(cls, latitude: str, longitude: str) -> Place | None:
        """None for nothing, and for what is no place on earth: a visit never fails for it."""
        try:
            north, east = Decimal(latitude.strip()), Decimal(longitude.strip())
        except InvalidOperation:
            return None
        if not (north.is_finite() and east.is_finite() and abs(north) <= 90 and abs(east) <= 180):
            return None
        return cls(round(north, 5), round(east, 5))


@transaction.atomic
def record_visit(
    firm: Enterprise,
    *,
    visited_on: date,
    people: str,
    by: Actor,
    at: datetime,
    found: str = "",
    way: str | None = None,
    met: str = "",
    next_on: date | None = None,
    cases: Collection[int] | None = None,
    photos: Sequence[Paper] = (),
    place: Place | None = None,
    sent_as: UUID | None = None,
    basis: Basis | None = None,
    answers: Mapping[str, Any] | None = None,
    asked_by: int | None = None,
) -> Visit:
    """Write up a visit. ``cases``: those that it served; None: every open case of the firm that
    the actor sees (000-34). ``sent_as``: the number it bears; what is on record under it is given
    back. ``basis``: when its form was opened; raises ``Changed`` if others acted since.
    ``answers``: to what the plan's form asks beside (004-17), and ``asked_by`` its version, where
    the page is older than the newest; raises ``FormRefused``. ``way``: None is the first kind."""
    if sent_as is not None:
        # one after the other for a firm, so that neither a second copy nor a colleague slips by;
        # the mild lock: rows that name the firm go on being written
        Enterprise.objects.select_for_update(no_key=True).get(pk=firm.pk)
        again = sent_before(Visit.objects.all(), sent_as, by)
        if again is not None:
            return again
    if not can_visit(by, firm):
        raise NotYours("not_yours", _("This firm lies outside your area."))
    row = register_row(firm, by)
    questions = visit_answers.asked(row.city_id, asked_by)
    roles = {
        "visited_on": visited_on.isoformat(),
        "people": people,
        "way": questions.first_way() if way is None else way,
        "met": met,
        "found": found,
        "next_contact": next_on.isoformat() if next_on else "",
    }
    data = questions.with_roles(answers or {}, roles)
    _check(data, visited_on, questions, at)
    _check_photos(photos)
    cleaned = questions.checked(data, day_of(at))
    said = {role: questions.said(cleaned, role) for role in roles}
    meanwhile.check(firm, basis, cases, visited_on, by)
    served = cases_served(firm, row, cases, by)
    visit = Visit.objects.create(
        city_id=row.city_id,
        enterprise=firm,
        visited_on=visited_on,
        way=said["way"],
        people=said["people"],
        met=said["met"],
        found=said["found"],
        unit_id=next((s.unit_id for s in by.standings), None),
        by=by.user,
        at=at,
        sent_as=sent_as,
        next_on=parse_date(said["next_contact"]),
        answers=questions.apart(cleaned),
        pack_version_id=questions.version,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
    )
    _keep(photos, visit)
    visit.cases.add(*served)
    steps = [step for step in engine.lock(served) if step.item is not None]
    for step in steps:
        step.verb, step.reason, step.bumps_version = "visit", visit.found, False
        step.data = {"visit": visit.pk, "people": visit.people, "on": visited_on.isoformat()}
        if visit.next_on is not None:
            step.data["next_on"] = visit.next_on.isoformat()
        if visit.found:
            step.case.progress = excerpt(visit.found, OF_NAME)
    engine.write(steps, by=by, at=at)
    return visit


@transaction.atomic
def take_back_visit(visit_id: int, *, by: Actor, at: datetime, reason: str) -> Visit:
    """撤回走访记录: by whoever wrote it up, or the office; the row stays, it is counted no more."""
    visit = Visit.objects.select_for_update(of=("self",)).filter(pk=visit_id).first()
    if visit is None:
        raise Refused("no_visit", _("This visit does not exist."))
    own = by.user is not None and visit.by_id == by.user.pk
    if not (own or by.may_in(Act.WITHDRAW, visit.city)):
        raise NotYours("not_yours", _("Only whoever wrote it up, or the office, takes it back."))
    if visit.taken_back_at is not None:
        raise Refused("taken_back", _("This visit has been taken back already."))
    if not reason.strip():
        raise Refused("no_reason", _("Please give a reason."))
    check_length(reason, OF_NAME)
    visit.taken_back_at, visit.taken_back_why = at, reason.strip()
    visit.save(update_fields=["taken_back_at", "taken_back_why"])
    return visit


def check_photo_name(name: str) -> None:
    """Asked by the door too, before anything of another kind is opened."""
    if not name.lower().endswith(PHOTOS):
        raise Refused("no_photo", _("Only photos belong to a visit. Papers are handed in apart."))


def _check_photos(photos: Sequence[Paper]) -> None:
    if len(photos) > MOST_PHOTOS:
        words = _("At most %(n)d photos with one visit.")
        raise Refused("many_photos", words % {"n": MOST_PHOTOS})
    for one in photos:
        check_photo_name(one.name)


def _keep(photos: Sequence[Paper], visit: Visit) -> None:
    """The same picture twice is one."""
    different = {one.sha256: one for one in photos}.values()
    made = [
        VisitPhoto(
            visit=visit,
            file=one.file,
            file_name=one.name,
            media_type=one.media_type,
            size=one.size,
            sha256=one.sha256,
        )
        for one in different
    ]
    VisitPhoto.objects.bulk_create(made)
    paper_files.note(made)


def _check(data: Mapping[str, Any], visited_on: date, questions: Questions, at: datetime) -> None:
    """What nothing is a visit without, each refused under a code of its own."""
    if visited_on > day_of(at):
        raise Refused("in_future", _("The day of the visit has not come yet."))
    if day_of(at) - visited_on > OLDEST:
        raise Refused("long_ago", _("The visit lies more than a year back."))
    questions.check_way(questions.said(data, "way"))
    if not questions.said(data, "people"):
        raise Refused("no_people", _("Say who went; usually two people."))
    field = questions.field("found")
    if field is not None and field.required and not questions.said(data, "found"):
        raise Refused("no_text", _("Write in a sentence what was found or agreed."))
    check_length(questions.said(data, "people"), OF_NAME)
    check_length(questions.said(data, "met"), OF_NAME)
    check_length(questions.said(data, "found"))
