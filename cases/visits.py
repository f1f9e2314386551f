"""The visits of a firm: those written up as such, and those that a survey form holds.

Nothing is typed twice: the survey of a case says when somebody called, so it counts as a visit. The
day, who went and for which programme everybody reads who sees the firm, as visits are to be merged;
what was found only whoever sees one of the cases, or the unit that went.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases.dates import day_words
from cases.models import CallNote, Case, FormRecord, Visit, VisitPhoto
from cases.paper_files import with_pages
from cases.visit_answers import way_of, way_words, words_of
from enterprises.models import Contact, Enterprise
from enterprises.permissions import acting
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import newest_packs
from workflows.visits import DEFAULT, Tally, VisitRule, tally


@dataclass(frozen=True)
class VisitLine:
    """One call as a page prints it; ``pk`` is empty for what a form says."""

    day: date
    way: str
    people: str
    met: str
    found: str
    serves: tuple[str, ...]
    unit: str = ""
    pk: int | None = None
    may_take_back: bool = False
    # whoever reads what was found sees the pictures, and where it was written
    photos: tuple[VisitPhoto, ...] = ()
    place: str = ""
    next_on: date | None = None
    # whether the whole record may be opened
    tells: bool = False
    # what the plan asks beside: question and answer
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Visits:
    """A firm's calls, the last first, with their tally on a day."""

    lines: Sequence[VisitLine]
    tally: Tally
    on: date

    @property
    def words(self) -> str:
        """年内走访 3 次，最近一次 9月14日."""
        if self.tally.last_on is None:
            return _("Not visited yet this year")
        words = _("%(n)d visits this year, the last on %(day)s")
        return words % {"n": self.tally.in_year, "day": day_words(self.tally.last_on, self.on)}

    @property
    def advice(self) -> str:
        """What whoever is about to go should consider; empty when nothing speaks against it."""
        if self.tally.is_recent:
            return _(
                "Somebody was there within the last %(n)d days. If it can wait, join the next visit"
                " with that of another programme, or call."
            ) % {"n": self.tally.rule.days_apart}
        if self.tally.is_often:
            return _(
                "The firm has been visited often this year. Serve several programmes with one "
                "visit, or call."
            )
        return ""


def visits_of(firm: Enterprise, actor: Actor, on: date, *, with_cases: bool = True) -> Visits:
    """Four statements, whatever the number of visits; two without what each served and shows."""
    rows = Visit.objects.filter(enterprise=firm, taken_back_at=None).select_related("unit")
    seen = Case.objects.visible_to(actor).filter(visits=OuterRef("pk"))
    served = Case.objects.filter(visits=OuterRef("pk"))
    rows = rows.annotate(is_seen=Exists(seen), serves_cases=Exists(served))
    if not actor.is_system:
        rows = rows.filter(city_id__in=actor.city_ids)
    if with_cases:
        cases = Case.objects.select_related("programme")
        photos = Prefetch("photos", queryset=with_pages(VisitPhoto.objects.all()))
        rows = rows.prefetch_related(Prefetch("cases", queryset=cases), photos)
    lines = [_written(visit, actor, with_cases) for visit in rows]
    records = (_surveyed(record) for record in surveys_of(firm, actor))
    lines += [line for line in records if line is not None]
    lines = sorted(_once(lines), key=lambda line: line.day, reverse=True)
    return Visits(lines, tally((line.day for line in lines), on, rule_for(actor)), on)


def visits_between(actor: Actor, start: date, until: date) -> list[dict[str, Any]]:
    """The visits of a span at firms in sight, the last first: day, firm, who went, what was found
    as far as the actor reads it, how many photos; one statement."""
    seen = Case.objects.visible_to(actor).filter(visits=OuterRef("pk"))
    served = Case.objects.filter(visits=OuterRef("pk"))
    rows = Visit.objects.filter(visited_on__range=(start, until), taken_back_at=None)
    rows = rows.annotate(
        is_seen=Exists(seen),
        serves_cases=Exists(served),
        shows=Count("photos"),
    ).select_related("enterprise", "unit")
    rows = rows.order_by("-visited_on", "-pk")
    if not actor.is_system:
        firms = Enterprise.objects.visible_to(actor)
        rows = rows.filter(enterprise__in=firms, city_id__in=actor.city_ids)
    return [
        {
            "visit": visit.pk,
            "day": visit.visited_on,
            "firm": visit.enterprise.name,
            "people": visit.people,
            "unit": str(visit.unit or ""),
            "found": visit.found if _tells(visit, actor) else "",
            "photos": visit.shows,
        }
        for visit in rows
    ]


def _tells(visit: Any, actor: Actor) -> bool:
    """Whether the actor reads what was found; ``visit``: with ``is_seen`` and ``serves_cases``."""
    own = visit.unit_id in actor.unit_ids or visit.enterprise_id in actor.served_ids
    return bool(actor.is_system or own or visit.is_seen or not visit.serves_cases)


def photos_of(actor: Actor) -> QuerySet[VisitPhoto]:
    """Pictures of the visits whose findings the actor reads, as ``visits_of`` tells them."""
    rows = VisitPhoto.objects.filter(visit__taken_back_at=None)
    if actor.is_system:
        return rows
    return rows.filter(_told(actor, "visit", "visit__"), visit__city_id__in=actor.city_ids)


def _told(actor: Actor, visit: str, path: str) -> Q:
    """As ``_tells``, over rows whose ``visit`` is the visit and ``path`` leads to its columns."""
    seen = Case.objects.visible_to(actor).filter(visits=OuterRef(visit))
    own = Q(**{f"{path}unit_id__in": actor.unit_ids})
    own |= Q(**{f"{path}enterprise_id__in": actor.served_ids})
    firms = Enterprise.objects.visible_to(acting(actor, Act.READ))
    served = Case.objects.filter(visits=OuterRef(visit))
    free = Q(**{f"{path}enterprise__in": firms}) & ~Q(Exists(served))
    return own | Q(Exists(seen)) | free


def records_of(actor: Actor) -> QuerySet[Visit]:
    """Visits whose whole record the actor reads, those taken back as well."""
    rows = Visit.objects.select_related("enterprise", "unit", "by")
    if actor.is_system:
        return rows
    return rows.filter(_told(actor, "pk", ""), city_id__in=actor.city_ids)


@dataclass(frozen=True)
class CallLine:
    """A telephone call as a page prints it."""

    day: date
    who: str
    spoke_to: str
    result: str
    next_words: str
    said: str


def calls_of(firm: Enterprise, actor: Actor, on: date) -> list[CallLine]:
    """What came of calls, the last first, for whoever sees one of its cases or made it; one
    statement."""
    rows = CallNote.objects.filter(enterprise=firm).select_related("unit", "by")
    if not actor.is_system:
        seen = Case.objects.visible_to(actor).filter(call_notes=OuterRef("pk"))
        own = Q(unit_id__in=actor.unit_ids) | Q(enterprise_id__in=actor.served_ids)
        rows = rows.filter(own | Q(Exists(seen)), city_id__in=actor.city_ids)
    return [_called(note, on) for note in rows]


def _called(note: CallNote, on: date) -> CallLine:
    step = str(note.get_next_step_display()) if note.next_step != CallNote.Next.NOTHING else ""
    if note.next_on is not None:
        words = _("%(step)s (by %(day)s)")
        step = words % {"step": step, "day": day_words(note.next_on, on)}
    return CallLine(
        day=note.called_on,
        who=str(note.by or ""),
        spoke_to=note.spoke_to,
        result=str(note.get_result_display()),
        next_words=step,
        said=note.said,
    )


def callable_contacts(firm: Enterprise) -> list[Contact]:
    """Whom to call at the firm: those with a number, in the order of ``workbench.phones``."""
    return list(Contact.objects.filter(enterprise=firm).exclude(phone="").order_by("duty", "id"))


def rule_for(actor: Actor) -> VisitRule:
    """When visits are to be joined, as the city that asks has it."""
    packs = newest_packs()
    return next((packs[city].visits for city in sorted(actor.city_ids) if city in packs), DEFAULT)


def surveys_of(firm: Enterprise, actor: Actor) -> Iterable[FormRecord]:
    """Sealed forms that say when somebody called; a copy in the next year's case says it again."""
    seen = Case.objects.visible_to(actor).filter(pk=OuterRef("case"))
    rows = FormRecord.objects.filter(
        case__enterprise=firm, is_draft=False, data__has_key="visited_on"
    )
    if not actor.is_system:
        rows = rows.filter(case__programme__city_id__in=actor.city_ids)
    return rows.annotate(is_seen=Exists(seen)).select_related("case__programme").order_by("-id")


def _written(visit: Any, actor: Actor, with_cases: bool) -> VisitLine:
    """``visit``: a row of ``visits_of``, annotated with what the actor sees of its cases."""
    tells = _tells(visit, actor)
    cases = visit.cases.all() if with_cases else ()
    return VisitLine(
        day=visit.visited_on,
        way=way_of(visit),
        next_on=visit.next_on if tells else None,
        tells=tells,
        people=visit.people,
        met=visit.met,
        found=visit.found if tells else "",
        serves=tuple(dict.fromkeys(str(case.programme) for case in cases)),
        unit=(visit.unit.short_name or visit.unit.name) if visit.unit else "",
        photos=tuple(visit.photos.all()) if tells and with_cases else (),
        place=f"{visit.latitude}, {visit.longitude}"
        if tells and visit.latitude is not None
        else "",
        answers=words_of(visit) if tells else (),
        pk=visit.pk,
        may_take_back=actor.user is not None and visit.by_id == actor.user.pk,
    )


def day_of_survey(record: FormRecord) -> date | None:
    try:
        return parse_date(str(record.data.get("visited_on", "")))
    except ValueError:
        return None


def _surveyed(record: Any) -> VisitLine | None:
    """``record``: a row of ``surveys_of``."""
    day = day_of_survey(record)
    if day is None:
        return None
    way = str(record.data.get("visit_kind", ""))
    return VisitLine(
        day=day,
        way=way_words(way),
        people=str(record.data.get("visitors") or ""),
        met=str(record.data.get("met") or "") if record.is_seen else "",
        found=_("Survey, see the case %(number)s") % {"number": record.case.number},
        serves=(str(record.case.programme),),
    )


def _once(lines: Iterable[VisitLine]) -> list[VisitLine]:
    """A survey that was corrected, or went along into the next year, is one call."""
    found: dict[tuple[object, ...], VisitLine] = {}
    for line in lines:
        key = (line.pk,) if line.pk is not None else (line.day, line.people, line.way)
        found.setdefault(key, line)
    return list(found.values())
