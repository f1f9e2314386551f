"""What the filing says of the firms on a register, counted by county: what rates are made of.

The database counts, in one pass over facts and register (docs/adr/0053); ``facts.newest_facts``,
firm by firm, is the reference. What a combination *means* is for whoever asks: covered or not is
said by a plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

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
    city: Region, days: Sequence[Day], *, since: date, until: date
) -> list[list[Told]]:
    """For each day; of months from ``since`` to ``until`` alone. One statement."""
    facts, register = MonthlyFact._meta.db_table, Membership._meta.db_table
    said = ", ".join(_said(n, day) for n, day in enumerate(days))
    newest = ", ".join(_newest(n) for n in range(len(days)))
    listed = " OR ".join(f"({LISTED.format('m', f'on{n}')})" for n in range(len(days)))
    places = ", ".join(str(2 + n) for n in range(len(days)))
    sql = (
        f"SELECT m.county_id, {said}, count(*) FROM {register} m LEFT JOIN ("
        f"SELECT enterprise_id, {newest} FROM {facts} WHERE city_id = %(city)s "
        "AND known_on <= %(last)s AND about_month BETWEEN %(since)s AND %(until)s "
        "GROUP BY enterprise_id) f ON f.enterprise_id = m.enterprise_id "
        f"WHERE m.city_id = %(city)s AND ({listed}) GROUP BY m.county_id, {places}"
    )
    given: dict[str, int | date] = {"city": city.pk, "last": max(day.on for day in days)}
    given |= {"since": since.replace(day=1), "until": until.replace(day=1)}
    for n, day in enumerate(days):
        given |= {f"on{n}": day.on} | ({f"base{n}": day.base} if day.base else {})
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    return [_of_day(rows, 1 + n) for n in range(len(days))]


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
    return [Told(county, _told(number), firms) for (county, number), firms in found.items()]


def _told(number: int) -> tuple[bool, ...] | None:
    bits = range(len(SAID))
    return None if number == UNKNOWN else tuple(bool(number >> bit & 1) for bit in bits)
