"""What the filing says of the firms on a register, counted by county: what rates are made of.

The database counts, in one pass over facts and register (docs/adr/0053); ``facts.newest_facts``,
firm by firm, is the reference. What a combination *means* is for whoever asks: covered or not is
said by a plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from enterprises.filing import HAVES
from enterprises.models import Membership, MonthlyFact
from organisations.models import Region

SAID = ("registered", "filed", *HAVES)
# month, day of knowing and what was said as one number: the newest of a firm is the largest, and no
# two are about one month and known on one day (``fact_once_a_month_and_day``)
_NUMBER = "(CAST({month} AS bigint) * 65536 + {known}) * 64 + {said}"
UNKNOWN = 64  # no number of what is said
_DAYS = {"postgresql": "({} - DATE '2000-01-01')", "sqlite": "CAST(julianday({}) AS bigint)"}
LISTED = "{0}.joined_on <= %({1})s AND ({0}.left_on IS NULL OR {0}.left_on > %({1})s)"


class Told(NamedTuple):
    """``firms`` of a county of which the same is known; ``said``: by name of ``SAID``, None where
    nothing is known."""

    county: int
    said: tuple[bool, ...] | None
    firms: int


class Day(NamedTuple):
    """The register ``on`` a day, and what was known by then; ``base``: of those firms alone that
    were on the register of that day too."""

    on: date
    base: date | None = None


def told_by_county(
    city: Region, days: Sequence[Day], *, since: date, until: date, by_county: bool = True
) -> list[list[Told]]:
    """For each day; of months from ``since`` to ``until`` alone. One statement. Not ``by_county``:
    of the whole city, as its county 0; many days at once are many combinations."""
    said = ", ".join(_said(n, day) for n, day in enumerate(days))
    place = "m.county_id" if by_county else "0"
    places = ", ".join(str(2 + n) for n in range(len(days)))
    sql = f"SELECT {place}, {said}, count(*) {_firms(days)} GROUP BY 1, {places}"
    with connection.cursor() as cursor:
        cursor.execute(sql, _given(city, days, since, until))
        rows = cursor.fetchall()
    return [_of_day(rows, 1 + n) for n in range(len(days))]


def said_of_each(
    city: Region, day: Day, *, since: date, until: date
) -> tuple[str, dict[str, int | date]]:
    """A statement to be joined, and its values by name: ``enterprise_id`` of each firm on the
    register, once, and ``said``, for ``meaning``."""
    sql = (
        f"SELECT m.enterprise_id, max({_said(0, day)}) AS said {_firms([day])} "
        "GROUP BY m.enterprise_id"
    )
    return sql, _given(city, [day], since, until)


def said_of_firms(
    city: Region, on: date, *, since: date, until: date
) -> tuple[str, dict[str, int | date]]:
    """The same of every firm that something was said of, on the register or not."""
    sql = f"SELECT enterprise_id, newest0 & {UNKNOWN - 1} AS said FROM ({_facts(1)}) n"
    return sql, _given(city, [Day(on)], since, until)


def counted_with(
    rows: QuerySet[Any, Any],
    named: Sequence[str],
    said: tuple[str, Mapping[str, Any]] | None,
    told: Sequence[str],
    given: Mapping[str, Any] | None = None,
) -> list[tuple[Any, ...]]:
    """How many ``rows`` there are of each that is ``told`` alike, which is SQL over their columns,
    called ``named`` here, ``firm`` among them, and over ``said`` of their firm, NULL where nothing
    is; ``given``: values of more names in it. One statement."""
    sql, values = rows.query.sql_with_params()
    inner = sql % tuple(f"%(value{n})s" for n in range(len(values)))
    joined, more = said or ("SELECT 0 AS enterprise_id, 0 AS said", {})
    places = ", ".join(str(n + 1) for n in range(len(told)))
    whole = (
        f"WITH t({', '.join(named)}) AS ({inner}) SELECT {', '.join(told)}, count(*) "
        f"FROM t LEFT JOIN ({joined}) f ON f.enterprise_id = t.firm GROUP BY {places}"
    )
    asked = {f"value{n}": value for n, value in enumerate(values)} | dict(given or {}) | dict(more)
    with connection.cursor() as cursor:
        cursor.execute(whole, asked)
        return list(cursor.fetchall())


def said_of_any(
    city: Region, days: Sequence[Day], *, since: date, until: date
) -> list[set[tuple[bool, ...]]]:
    """What was said on each day of any firm, on the register or not; one statement."""
    newest = ", ".join(f"newest{n} & {UNKNOWN - 1}" for n in range(len(days)))
    places = ", ".join(str(1 + n) for n in range(len(days)))
    sql = f"SELECT {newest} FROM ({_facts(len(days))}) f GROUP BY {places}"
    with connection.cursor() as cursor:
        cursor.execute(sql, _given(city, days, since, until))
        rows = cursor.fetchall()
    told = [{row[n] for row in rows if row[n] is not None} for n in range(len(days))]
    return [{said for number in one if (said := meaning(number)) is not None} for one in told]


def _firms(days: Sequence[Day]) -> str:
    register = Membership._meta.db_table
    listed = " OR ".join(f"({LISTED.format('m', f'on{n}')})" for n in range(len(days)))
    return (
        f"FROM {register} m LEFT JOIN ({_facts(len(days))}) f "
        f"ON f.enterprise_id = m.enterprise_id WHERE m.city_id = %(city)s AND ({listed})"
    )


def _facts(days: int) -> str:
    facts = MonthlyFact._meta.db_table
    newest = ", ".join(_newest(n) for n in range(days))
    return (
        f"SELECT enterprise_id, {newest} FROM {facts} WHERE city_id = %(city)s "
        "AND known_on <= %(last)s AND about_month BETWEEN %(since)s AND %(until)s "
        "GROUP BY enterprise_id"
    )


def _given(city: Region, days: Sequence[Day], since: date, until: date) -> dict[str, int | date]:
    given: dict[str, int | date] = {"city": city.pk, "last": max(day.on for day in days)}
    given |= {"since": since.replace(day=1), "until": until.replace(day=1)}
    for n, day in enumerate(days):
        given |= {f"on{n}": day.on} | ({f"base{n}": day.base} if day.base else {})
    return given


def _newest(n: int) -> str:
    """Of a firm the largest number of what was known by the day."""
    month, known = (_DAYS[connection.vendor].format(name) for name in ("about_month", "known_on"))
    said = " + ".join(f"CAST({name} AS int) * {1 << bit}" for bit, name in enumerate(SAID))
    number = _NUMBER.format(month=month, known=known, said=said)
    return f"max(CASE WHEN known_on <= %(on{n})s THEN {number} END) AS newest{n}"


def _said(n: int, day: Day) -> str:
    """What was said of a row of the register, or that nothing was, or that it was not there."""
    listed = LISTED.format("m", f"on{n}")
    if day.base:
        register = Membership._meta.db_table
        based = LISTED.format("b", f"base{n}")
        listed += (
            f" AND m.enterprise_id IN (SELECT b.enterprise_id FROM {register} b "
            f"WHERE b.city_id = %(city)s AND {based})"
        )
    return f"CASE WHEN {listed} THEN coalesce(f.newest{n} & {UNKNOWN - 1}, {UNKNOWN}) ELSE -1 END"


def _of_day(rows: Sequence[tuple[int, ...]], place: int) -> list[Told]:
    found: Counter[tuple[int, int]] = Counter()
    for row in rows:
        if row[place] >= 0:
            found[row[0], row[place]] += row[-1]
    return [Told(county, meaning(number), firms) for (county, number), firms in found.items()]


def meaning(number: int) -> tuple[bool, ...] | None:
    """By name of ``SAID``; None where nothing is known."""
    bits = range(len(SAID))
    return None if number == UNKNOWN else tuple(bool(number >> bit & 1) for bit in bits)
