"""Which papers of a meeting somebody gets: the day's until the meeting was held, then those that
were handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, FormRecord
from cases.querysets import works_in_part
from organisations.days import day_of, long_day
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.content import Content
from reports.documents.meeting import meeting_paper
from reports.documents.meeting_noun import MeetingPapers


@dataclass(frozen=True)
class Papers:
    """``on``: the day of the figures; ``number``: of the kept version, 0 where none is kept."""

    content: Content
    on: date
    number: int = 0


@transaction.atomic
def papers_of(meeting: Case, *, by: Actor, at: datetime, number: int = 0) -> Papers:
    """The papers of a meeting, and keeps what is new in them; of ``number`` as they were kept.

    After the meeting's day the newest that was kept is given, whatever happened since; where none
    was made in time, those of today are kept, and say that they came after it. Who does not see the
    whole city gets his own part of today, of which nothing is kept.
    """
    on, held = day_of(at), held_on(meeting)
    if not _sees_all(meeting, by):
        return Papers(meeting_paper(meeting, by, on), on)
    Case.objects.select_for_update().filter(pk=meeting.pk).first()
    kept = MeetingPapers.objects.filter(meeting=meeting).order_by("-number")
    asked = kept.filter(number=number).first() if number else None
    newest = asked or kept.first()
    is_over = held is not None and held < on
    if newest is not None and (asked is not None or is_over):
        return Papers(newest.said, newest.as_of, newest.number)
    content = meeting_paper(meeting, by, on)
    if is_over and held is not None:
        words = _("Made after the meeting of %(held)s, with the figures of %(day)s.")
        said = words % {"held": long_day(held), "day": long_day(on)}
        content = content.model_copy(update={"paragraphs": (said, *content.paragraphs)})
    whole = content.model_dump(mode="json")
    if newest is not None and newest.content == whole:
        return Papers(content, newest.as_of, newest.number)
    made = MeetingPapers.objects.create(
        meeting=meeting,
        number=newest.number + 1 if newest else 1,
        as_of=on,
        content=whole,
        made_at=at,
        made_by=by.user,
    )
    return Papers(content, on, made.number)


def held_on(meeting: Case) -> date | None:
    """As the minutes say, else as the notice says."""
    rows = FormRecord.objects.filter(case=meeting, is_draft=False).order_by("-pk")
    for data in rows.values_list("data", flat=True):
        if day := data.get("held_on") or data.get("due_on"):
            return date.fromisoformat(str(day))
    return None


def _sees_all(meeting: Case, by: Actor) -> bool:
    city = meeting.programme.city_id
    mine = (s for s in by.standings_for(Act.READ) if s.city_id == city)
    return by.is_system or any(not works_in_part(standing) for standing in mine)
