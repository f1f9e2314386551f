"""一企一档: what a firm went through over all programmes and years, by year (000-34).

Rows that this person may see; months of the filing are states, told by year and never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.labels import criterion_label, ending_label, stage_title
from cases.matched import result_label
from cases.models import Case, Evidence, MatchRecord
from cases.rulebook import pack_of
from cases.sheet import local_day
from cases.stages import TERMINAL
from cases.visits import Visits, visits_of
from enterprises.filing import filing_words
from enterprises.models import Enterprise, Membership, MonthlyFact
from organisations.scope import Actor
from workflows.text import localised

PAPERS = (Evidence.State.COUNTY_ACCEPTED, Evidence.State.CITY_ACCEPTED)
# register and filing, cases, visits, partners, papers
KINDS = ("register", "case", "visit", "match", "paper")


@dataclass(frozen=True)
class Line:
    """Something that happened on a day; ``url`` leads to it where there is a page."""

    day: date
    kind: str
    words: str
    url: str = ""


@dataclass
class Year:
    """A calendar year of a firm: what happened, the last first, and how its filing stood."""

    year: int
    lines: list[Line] = field(default_factory=list)
    # months about which the provincial system says something, of them filed, and the newest state
    months: int = 0
    filed: int = 0
    state: str = ""
    visits: int = 0


def years_of(
    firm: Enterprise,
    actor: Actor,
    on: date,
    called: Visits | None = None,
    stays: Sequence[Membership] | None = None,
) -> list[Year]:
    """The newest year first; seven statements whatever the length of the file, less those for what
    is known already: visits, stays on registers."""
    called = called or visits_of(firm, actor, on, with_cases=False)
    found: dict[int, Year] = {}

    def of(year: int) -> Year:
        return found.setdefault(year, Year(year))

    cases = _cases(firm, actor)
    everything = [
        *_register(_stays(firm, actor) if stays is None else stays, on),
        *_of_cases(cases),
        *(Line(one.day, "visit", _visit_words(one)) for one in called.lines),
        *_matches(firm, actor),
        *_papers(cases),
    ]
    for line in everything:
        if line.day <= on:
            of(line.day.year).lines.append(line)
    for day in {one.day for one in called.lines if one.day <= on}:
        of(day.year).visits += 1
    for year, facts in _months(firm, actor, on).items():
        newest = facts[0]
        one = of(year)
        one.months, one.filed = len(facts), sum(fact.filed for fact in facts)
        one.state = filing_words(newest)
    for one in found.values():
        one.lines.sort(key=lambda line: (line.day, KINDS.index(line.kind)), reverse=True)
    return [found[year] for year in sorted(found, reverse=True)]


def _stays(firm: Enterprise, actor: Actor) -> Sequence[Membership]:
    rows = Membership.objects.filter(enterprise=firm)
    if not actor.is_system:
        rows = rows.filter(city_id__in=actor.city_ids)
    return list(rows.select_related("city", "county"))


def _register(rows: Iterable[Membership], on: date) -> Iterator[Line]:
    for row in rows:
        words = _("Listed in %(city)s, %(county)s") % {"city": row.city, "county": row.county}
        yield Line(row.joined_on, "register", words)
        if row.left_on is not None and row.left_on <= on:
            words = _("Left: %(reason)s") % {"reason": row.get_left_reason_display()}
            yield Line(row.left_on, "register", words)


def _months(firm: Enterprise, actor: Actor, on: date) -> Mapping[int, list[MonthlyFact]]:
    """Of each month the newest facts known on the day, by year, the last month first."""
    rows = MonthlyFact.objects.filter(enterprise=firm, known_on__lte=on)
    if not actor.is_system:
        rows = rows.filter(city_id__in=actor.city_ids)
    found: dict[int, list[MonthlyFact]] = defaultdict(list)
    met = set[date]()
    for fact in rows.order_by("-about_month", "-known_on"):
        if fact.about_month not in met:
            met.add(fact.about_month)
            found[fact.about_month.year].append(fact)
    return found


def _cases(firm: Enterprise, actor: Actor) -> list[Case]:
    """Of every procedure; remedies stay with the case that they belong to."""
    rows = Case.objects.visible_to(actor).filter(enterprise=firm, criterion="")
    return list(rows.select_related("programme", "carried_from__programme").order_by("pk"))


def _of_cases(cases: Iterable[Case]) -> Iterator[Line]:
    for case in cases:
        pack = pack_of(case.pack_version_id)
        kind = localised(pack.procedure(case.procedure).title)
        what = " ".join(filter(None, [kind, case.title]))
        url = reverse("case", args=[case.pk])
        parts = {"what": what, "number": case.number}
        begun = (
            _("%(what)s goes on from %(year)s, no. %(number)s")
            % (parts | {"year": case.carried_from.programme.statistical_year})
            if case.carried_from is not None
            else _("%(what)s opened, no. %(number)s") % parts
        )
        yield Line(case.opened_on, "case", begun, url)
        if case.stage in TERMINAL and case.finished is not None:
            ended = local_day(case.finished)
            assert ended is not None
            parts |= {"end": ending_label(pack.procedure(case.procedure), case.stage)}
            yield Line(ended, "case", _("%(what)s %(number)s: %(end)s") % parts, url)


def _visit_words(line: Any) -> str:
    words = _("Visited by %(people)s") % {"people": line.people}
    return (
        _("%(words)s: %(reason)s") % {"words": words, "reason": line.found} if line.found else words
    )


def _matches(firm: Enterprise, actor: Actor) -> Iterator[Line]:
    rows = MatchRecord.objects.visible_to(actor).sealed().filter(enterprise=firm)
    for row in rows.select_related("case"):
        words = _("With %(partner)s: %(result)s") % {
            "partner": row.partner,
            "result": result_label(row.result),
        }
        yield Line(row.met_on, "match", words, reverse("case", args=[row.case_id]))


def _papers(cases: Iterable[Case]) -> Iterator[Line]:
    """Accepted papers by day and item: ten photos of one roster are one line."""
    by_pk = {case.pk: case for case in cases}
    rows = Evidence.objects.filter(case__in=list(by_pk), state__in=PAPERS)
    counts: dict[tuple[date, int, str], int] = defaultdict(int)
    for paper in rows.order_by("id"):
        day = local_day(paper.reviewed_at)
        if day is not None:
            counts[day, paper.case_id, paper.criterion] += 1
    for (day, case_id, criterion), n in counts.items():
        case = by_pk[case_id]
        words = _("Papers accepted for “%(item)s”: %(n)d") % {
            "item": criterion_label(pack_of(case.pack_version_id), criterion),
            "n": n,
        }
        yield Line(day, "paper", words, reverse("case", args=[case_id]))


def stage_words(case: Case) -> str:
    """How a case stands, for the command line."""
    return stage_title(pack_of(case.pack_version_id), case.procedure, case.stage)
