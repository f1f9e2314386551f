"""What the office should know of a plan before it is issued, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases.dates import long_day_words
from config.simulation.assumptions import work_of
from config.simulation.outcome import CountyLine, Outcome, Range, UnitLine

NAMED = 4  # units named one by one
MANY_LATE = 25  # per cent of a kind of step from which its limit is called tight
FULL = 20  # to-dos of one unit below which nothing is said


@dataclass(frozen=True)
class Finding:
    """``is_warning``: something that the office may want to change before issuing."""

    words: str
    is_warning: bool = False


def findings(outcome: Outcome) -> list[Finding]:
    """Coverage first, then who is overloaded, what falls overdue, which limits are tight."""
    if not outcome.opened:
        words = _("Every firm of the register is covered already: no case is opened.")
        return [*premise(outcome), Finding(words)]
    return [
        *premise(outcome),
        *_coverage(outcome),
        *_behind(outcome),
        *_load(outcome),
        *_overdue(outcome),
        *_tight(outcome),
        *_matters(outcome),
        *_given(outcome),
        *_letters(outcome),
    ]


def premise(outcome: Outcome) -> list[Finding]:
    """Before anything else: the first day lies before the facts that coverage starts from, or their
    day is not known."""
    if outcome.is_undated:
        words = _(
            "The uploaded filing list does not say of which day it is: coverage starts from it as "
            "if it had been known on the first day (%(start)s). If it is of a later day, set the "
            "first day to that."
        )
        return [Finding(words % {"start": long_day_words(outcome.plan.start)}, True)]
    if not outcome.starts_behind:
        return []
    assert outcome.known_on is not None
    words = _(
        "Coverage starts from the facts known on %(day)s, later than the chosen first day "
        "(%(start)s): all that was reached since counts from the start. To look ahead, open the "
        "cases on today's date."
    )
    days = {"day": long_day_words(outcome.known_on), "start": long_day_words(outcome.plan.start)}
    return [Finding(words % days, True)]


def month_words(month: str) -> str:
    """``3`` with the sign for month; March."""
    day = date.fromisoformat(f"{month}-01")
    return dateformat.format(day, pgettext("a month in a sentence", "F"))


def between(found: Range) -> str:
    """（40–52）: between what eight runs of ten lie; nothing where all agree."""
    if found.low == found.high:
        return ""
    return _(" (%(low)d–%(high)d)") % {"low": found.low, "high": found.high}


def joined(first: str, then: str) -> str:
    return pgettext("two sentences", "%(first)s %(then)s") % {"first": first, "then": then}


def _coverage(outcome: Outcome) -> Iterator[Finding]:
    city, last = outcome.city, len(outcome.months) - 1
    covered, closed = city.covered[last], city.closed[last]
    gap = city.gap(last)
    names = {
        "day": long_day_words(outcome.plan.until),
        "closed": closed.middle,
        "closed_range": between(closed),
        "rate": f"{city.rate(covered.middle)}",
        "low": f"{city.rate(covered.low)}",
        "high": f"{city.rate(covered.high)}",
    }
    words = _(
        "By %(day)s about %(closed)d firms%(closed_range)s will have been struck off and "
        "%(rate)s%% of the register covered (%(low)s–%(high)s%%)."
    )
    told = words % names
    if gap is not None:
        above = _("That is %(gap)s points above the planned line.")
        below = _("That is %(gap)s points below the planned line.")
        told = joined(told, (above if gap >= 0 else below) % {"gap": f"{abs(gap):.1f}"})
    yield Finding(told, gap is not None and gap < 0)


def _behind(outcome: Outcome) -> Iterator[Finding]:
    last = len(outcome.months) - 1
    gaps = [(line.gap(last), line) for line in outcome.counties]
    behind = sorted(
        ((gap, line) for gap, line in gaps if gap is not None and gap < 0),
        key=lambda pair: pair[0],
    )
    if behind:
        words = ngettext(
            "%(n)d county of %(all)d stays below its planned line: %(names)s.",
            "%(n)d counties of %(all)d stay below their planned line: %(names)s.",
            len(behind),
        )
        named = [_county_gap(line, gap) for gap, line in behind[:NAMED]]
        names = _listed(named, len(behind))
        counts = {"n": len(behind), "all": len(outcome.counties), "names": names}
        yield Finding(words % counts, True)
    elif any(gap is not None for gap, _line in gaps):
        if outcome.starts_behind:
            assert outcome.known_on is not None
            words = _("Starting from the facts of %(day)s, every county reaches its planned line.")
            yield Finding(words % {"day": long_day_words(outcome.known_on)})
        else:
            yield Finding(_("Every county reaches its planned line."))


def _county_gap(line: CountyLine, gap: Decimal) -> str:
    return _("%(county)s (%(gap)s points)") % {"county": line.name, "gap": f"{abs(gap):.1f}"}


def _load(outcome: Outcome) -> Iterator[Finding]:
    """Who has most on the desk at once, and for whom its visits cannot be made in time."""
    limit = _visit_limit(outcome)
    lines = sorted(
        (line for line in outcome.units if line.is_force),
        key=lambda line: -line.open[line.worst].middle,
    )
    told = [line for line in lines if line.open[line.worst].middle >= FULL][:NAMED]
    for line in told:
        yield _desk(outcome, line, limit)
    if lines and not told:
        yield Finding(_("No task force ever has more than %(n)d to-dos at once.") % {"n": FULL})


def _desk(outcome: Outcome, line: UnitLine, limit: int | None) -> Finding:
    most = line.open[line.worst]
    words = _("In %(month)s %(unit)s will have %(n)d to-dos at once%(range)s.")
    told = words % {
        "month": month_words(outcome.months[line.worst]),
        "unit": line.unit,
        "n": most.middle,
        "range": between(most),
    }
    visits = line.visits[line.worst].middle
    if not visits or limit is None or not line.week:
        return Finding(told)
    need = -(-visits * 5 // line.week)
    names = {"visits": visits, "week": line.week, "need": need, "limit": limit}
    if need <= limit:
        more = _(
            "Of these %(visits)d need a visit; at %(week)d a week that takes %(need)d working "
            "days, within the limit of %(limit)d."
        )
    else:
        more = _(
            "Of these %(visits)d need a visit; at %(week)d a week that takes %(need)d working "
            "days, more than the limit of %(limit)d. Open the cases in waves, or give more time."
        )
    return Finding(joined(told, more % names), need > limit)


def _visit_limit(outcome: Outcome) -> int | None:
    """The limit of the first stage that needs a visit, in working days."""
    pack = outcome.pack
    for stage in pack.root.stages:
        if work_of(pack, pack.root, stage) == "visit":
            spans = [limit.phrase.within for limit in stage.time]
            return max((s.n for s in spans if s and s.unit == "working_days"), default=None)
    return None


def _overdue(outcome: Outcome) -> Iterator[Finding]:
    worst = max(range(len(outcome.months)), key=lambda month: outcome.late[month].middle)
    most = outcome.late[worst]
    if not most.middle:
        yield Finding(_("Hardly anything falls overdue."))
        return
    units = sorted(outcome.units, key=lambda line: -line.late[worst].middle)
    named = [
        _("%(unit)s %(n)d") % {"unit": line.unit, "n": line.late[worst].middle}
        for line in units[:NAMED]
        if line.late[worst].middle
    ]
    words = _(
        "Most is overdue at the end of %(month)s: %(n)d to-dos%(range)s, among them %(names)s."
    )
    counts = {
        "month": month_words(outcome.months[worst]),
        "n": most.middle,
        "range": between(most),
        "names": pgettext("list of names", ", ").join(named),
    }
    yield Finding(words % counts, most.middle * 10 > outcome.opened)


def _tight(outcome: Outcome) -> Iterator[Finding]:
    tight = [line for line in outcome.steps if line.late.middle >= MANY_LATE and line.limit]
    for line in sorted(tight, key=lambda line: -line.late.middle)[:NAMED]:
        words = _(
            "The limit of “%(step)s” (%(limit)s) is tight: %(late)d%% end after their date; nine "
            "of ten are done after %(most)d working days."
        )
        names = {"step": line.title, "limit": line.limit, "late": line.late.middle}
        yield Finding(words % {**names, "most": line.most}, True)


def _matters(outcome: Outcome) -> Iterator[Finding]:
    """Measures, reports and issues: how many of each, and how many are done by the last day."""
    if not outcome.matters:
        return
    named = [
        _("%(title)s %(opened)d (%(done)d done)")
        % {"title": line.title, "opened": line.opened.middle, "done": line.done.middle}
        for line in outcome.matters
    ]
    words = _("Besides the firms' cases there will be: %(names)s.")
    yield Finding(words % {"names": pgettext("list of names", ", ").join(named)})


def _given(outcome: Outcome) -> Iterator[Finding]:
    """Time that is given: rests and extensions, which the dates and the load take into account."""
    if not (outcome.rests.middle or outcome.extensions.middle):
        return
    words = _(
        "About %(rests)d steps will stand still for a while; more time will be asked for about "
        "%(asked)d times and given about %(granted)d times."
    )
    names = {
        "rests": outcome.rests.middle,
        "asked": outcome.extensions.middle,
        "granted": outcome.granted.middle,
    }
    yield Finding(words % names)


def _letters(outcome: Outcome) -> Iterator[Finding]:
    papers = [line for line in outcome.rungs if line.is_paper and line.total.middle]
    if not papers:
        return
    named = [
        _("%(title)s %(n)d%(range)s")
        % {"title": line.title, "n": line.total.middle, "range": between(line.total)}
        for line in papers
    ]
    words = _("Drafts that the office will have to decide: %(names)s.")
    yield Finding(words % {"names": pgettext("list of names", ", ").join(named)})


def _listed(names: list[str], count: int) -> str:
    """The first names, and how many more."""
    told = pgettext("list of names", ", ").join(names)
    if count <= len(names):
        return told
    return _("%(names)s and %(n)d more") % {"names": told, "n": count - len(names)}
