"""走势与预计 in words and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import dateformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations.days import long_day
from organisations.rounding import half_up
from reports.charts import Ahead, Dot, Trend, Words
from reports.outlook.forecast import ENOUGH_CLOSED, ENOUGH_OWN, Band, Outlook, Reach
from reports.outlook.outlooks import Outlooks, Point, city_line
from workflows.models import Programme
from workflows.packs import Pack

LABELLED = 14  # months that have room under the chart


def outlook_context(programme: Programme, found: Outlooks, pack: Pack) -> dict[str, Any]:
    city = found.forecast.city
    counties = found.forecast.counties or {}
    lines = [_line(found, name, counties[pk]) for pk, name in found.names.items() if pk in counties]
    return {
        "programme": programme,
        "found": found,
        "chart": trend_svg(found, pack),
        "points": found.points,
        "headline": headline(found),
        "total": _line(found, programme.city.name, city) if city else None,
        "lines": lines,
        "how": how(found),
    }


def trend_svg(found: Outlooks, pack: Pack, *, height: int = 230) -> SafeString:
    dots = [Dot(p.day, p.rate, p.planned, p.frozen) for p in found.points]
    ahead = aheads(found, pack)
    now = found.points[-1]
    last = ahead[-1] if ahead else None
    planned = (last.planned if last else now.planned) or None
    months = _labels(found)
    words = Words(
        alternative=_told(found, now, last),
        actual=f"{now.rate}%" if now.rate is not None else "",
        planned=_("planned line %(n)s%%") % {"n": _short(planned)} if planned is not None else "",
        foretold=_("expected %(n)s%%") % {"n": last.median} if last else "",
        band=f"{last.low}–{last.high}%" if last else "",
        today=_day(now.day),
        months=months,
        years=_years([day for day, _month in months], found.as_of),
    )
    return Trend(dots, ahead, words, height=height).svg()


def aheads(found: Outlooks, pack: Pack) -> list[Ahead]:
    """The city's coverage at the month ends to come."""
    city = found.forecast.city
    if city is None or not city.place.base:
        return []
    return [
        Ahead(day, *_rates(one, city.place.base), planned=city_line(pack, day))
        for day, one in zip(found.ahead, city.marks, strict=True)
    ]


def _rates(one: Band, base: int) -> tuple[Decimal, Decimal, Decimal]:
    low, median, high = (half_up(Fraction(100 * n, base)) for n in (one.low, one.median, one.high))
    return low, median, high


def _labels(found: Outlooks) -> list[tuple[date, str]]:
    days = [*(point.day for point in found.points), *found.ahead]
    ends = [day for day in dict.fromkeys(days) if day != found.as_of or day == found.points[0].day]
    step = -(-len(ends) // LABELLED) or 1
    return [
        (day, dateformat.format(day, pgettext("date format, on an axis", "M")))
        for day in ends[::step]
    ]


def _years(days: Sequence[date], as_of: date) -> list[tuple[date, str]]:
    """The year beneath its first month; nothing where all are of the year that is looked at."""
    firsts = {day.year: day for day in reversed(days)}
    if set(firsts) == {as_of.year}:
        return []
    words = pgettext("date format, on an axis", "Y")
    return [(firsts[year], dateformat.format(firsts[year], words)) for year in sorted(firsts)]


def _told(found: Outlooks, now: Point, last: Ahead | None) -> str:
    """The chart in words, for whoever does not see it."""
    first = found.points[0]
    values = {
        "first": _day(first.day, now.day),
        "was": first.rate if first.rate is not None else "—",
        "day": _day(now.day),
        "now": now.rate if now.rate is not None else "—",
        "planned": now.planned if now.planned is not None else "—",
    }
    words = _(
        "Coverage rate: %(was)s%% on %(first)s, %(now)s%% on %(day)s; planned line %(planned)s%%"
    )
    told = words % values
    if last is None:
        return told
    more = _("; expected by %(day)s %(median)s%%, between %(low)s and %(high)s%%")
    return told + more % {**vars(last), "day": _day(last.day, now.day)}


def headline(found: Outlooks) -> list[str]:
    """What is expected, in one sentence or two; or plainly why nothing is."""
    if found.why == "over":
        return [_("The year is over: nothing is foretold any more.")]
    if found.why == "few" or found.forecast.city is None:
        words = ngettext(
            "Too few cases to say: %(n)d has been closed, %(enough)d are needed.",
            "Too few cases to say: %(n)d have been closed, %(enough)d are needed.",
            found.forecast.closings,
        )
        return [words % {"n": found.forecast.closings, "enough": ENOUGH_CLOSED}]
    city = found.forecast.city
    words = _("By %(day)s: %(median)s closed in all (%(low)s–%(high)s), now %(now)s.") % {
        **_in_words(city.closed),
        "day": long_day(found.by),
        "now": str(city.place.closed),
    }
    lines = [words]
    if city.place.base:
        low, median, high = _rates(city.covered, city.place.base)
        coverage = _("Coverage rate by then %(median)s%% (%(low)s–%(high)s%%).")
        lines.insert(0, coverage % {"median": median, "low": low, "high": high})
    if city.reach is not None:
        lines.append(_("Target of the year: %(when)s.") % {"when": reach_words(found, city.reach)})
    return lines


def _in_words(band: Band) -> dict[str, str]:
    return {name: str(value) for name, value in vars(band).items()}


def reach_words(found: Outlooks, reach: Reach) -> str:
    """When the target is reached: the middle and the span, or that it is not."""
    if reach.median == 0:
        return _("reached")
    if reach.median is None:
        if reach.low is None:
            return _("not by %(day)s") % {"day": _day(found.until, found.as_of)}
        early = _("hardly, not before %(day)s")
        return early % {"day": _day(found.day(reach.low), found.as_of)}
    day, low, high = map(found.day, (reach.median, reach.low, reach.high))
    values = {
        "day": _day(day, found.as_of),
        # each beside the one before it
        "low": _day(low, day),
        "high": _day(high, low) if high is not None else _("later"),
    }
    return _("%(day)s (%(low)s–%(high)s)") % values


def _line(found: Outlooks, name: str, one: Outlook) -> dict[str, Any]:
    base, reach = one.place.base, one.reach
    rates = _rates(one.covered, base) if base else None
    return {
        "name": name,
        "key": one.place.key,
        "now": half_up(Fraction(100 * one.place.covered, base)) if base else None,
        "rates": rates,
        "closed": one.place.closed,
        "expected": one.closed,
        "target": one.place.target,
        "reach": reach_words(found, reach) if reach else "—",
        "chance": None if reach is None else int(half_up(reach.chance * 100) + Decimal("0.5")),
        "misses": bool(rates and one.place.target is not None and rates[1] < one.place.target),
        "own": one.place.key in found.forecast.own,
    }


def how(found: Outlooks) -> list[str]:
    """How it was computed, said plainly; with what the same computation was worth last time."""
    if found.forecast.city is None:
        return []
    told = found.forecast
    lines = [
        _(
            "Each of the %(open)s open cases is played forward %(runs)d times with the "
            "working days that the %(closed)s closed and all open cases of this programme "
            "really took in each stage, and where they went next; a county's own durations "
            "where at least %(own)d of its cases have left the stage, else the city's. "
            "Suspensions count as they happened."
        )
        % {
            "open": str(told.open),
            "closed": str(told.closings),
            "own": ENOUGH_OWN,
            "runs": told.runs,
        },
        _(
            "Shown are the median of these %(runs)d runs and the span from their 10th to their 90th"
            " percentile: the lowest and the highest tenth of the runs are left out. A firm counts"
            " as covered from its closing on, in %(share)s of 100 closings, as the filing shows of"
            " those closed so far; who is covered stays so, and firms without an open case stay as"
            " they are. Campaigns and new firms are not known to it."
        )
        % {"share": half_up(told.take * 100), "runs": told.runs},
    ]
    if told.stuck:
        words = ngettext(
            "%(n)d open case has stood longer than any that got on; it is taken not to close.",
            "%(n)d open cases have stood longer than any that got on; they are taken not to close.",
            told.stuck,
        )
        lines.append(words % {"n": told.stuck})
    if found.check is not None:
        check = found.check
        words = _(
            "Check: on %(day)s the same computation expected %(median)s closed by %(today)s"
            " (%(low)s–%(high)s); it became %(actual)s."
        )
        values = {
            **_in_words(check.expected),
            "day": _day(check.day, found.as_of),
            "today": _day(found.as_of),
            "actual": str(check.actual),
        }
        lines.append(words % values)
        if check.stretch > 1:
            wider = _("The spans are therefore drawn out to %(times)s times.")
            lines.append(wider % {"times": half_up(check.stretch)})
    return lines


def _day(day: date | None, near: date | None = None) -> str:
    """9月10日; with the year where it is not that of ``near``."""
    if day is None:
        return "—"
    if near is not None and near.year != day.year:
        return long_day(day)
    return dateformat.format(day, pgettext("date format", "j M"))


def _short(rate: Decimal) -> str:
    """50, 37.5; never 50.0."""
    return f"{rate.normalize():f}"
