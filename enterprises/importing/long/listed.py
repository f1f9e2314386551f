"""A judged list beside the register, compared by the database (docs/adr/0044).

The rows lie in a temporary table until the transaction ends. Of most rows a statement can say
whether they are new or say nothing new; all others are named for ``matching`` and
``register_diff``, which are what this is tested against.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from enterprises.importing.long.lines import FIELDS
from enterprises.importing.register_rows import LEAVING_CONDITIONS
from organisations.models import Region

# what is not text
_NUMBERS = {"at", "sheet", "number", "county_id"}
# a row whose code and name nobody else in the list has, and whose code and name, if the register
# knows them, are one firm's: it has nothing to do with any other row
_COMPARED = """
CREATE TEMPORARY TABLE xiaohao_compared ON COMMIT DROP AS
WITH city AS (
    SELECT enterprise_id, bool_or(left_on IS NULL) AS is_member
    FROM enterprises_membership WHERE city_id = %(city)s GROUP BY enterprise_id
), codes AS (
    SELECT credit_code FROM xiaohao_listed GROUP BY credit_code HAVING count(*) > 1
), names AS (
    SELECT folded_name FROM xiaohao_listed GROUP BY folded_name HAVING count(*) > 1
), known AS (
    SELECT DISTINCT firm.folded_name
    FROM enterprises_enterprise firm JOIN city ON city.enterprise_id = firm.id
), called AS (
    SELECT DISTINCT ON (enterprise_id) enterprise_id, name, phone
    FROM enterprises_contact WHERE duty = 'general' ORDER BY enterprise_id, id
)
SELECT row.at, firm.id AS firm_id, CASE
    WHEN row.credit_code = '' OR codes.credit_code IS NOT NULL OR names.folded_name IS NOT NULL
        THEN 'odd'
    WHEN firm.id IS NULL AND known.folded_name IS NOT NULL THEN 'odd'
    WHEN firm.id IS NULL AND row.condition = ANY(%(leaving)s) THEN 'seen'
    WHEN firm.id IS NULL THEN 'fresh'
    WHEN firm.folded_name <> row.folded_name THEN 'odd'
    WHEN stay.id IS NULL OR row.condition = ANY(%(leaving)s)
        OR row.code_note NOT IN ('', firm.code_note)
        OR row.condition NOT IN ('', firm.condition)
        OR row.address NOT IN ('', firm.address)
        OR row.county_id <> stay.county_id
        OR row.township_id NOT IN ('', coalesce(stay.township_id::text, ''))
        OR row.industry_code NOT IN ('', stay.industry_code)
        OR row.industry_name NOT IN ('', stay.industry_name)
        OR row.ownership NOT IN ('', stay.ownership)
        OR row.listed_text NOT IN ('', stay.listed_text)
        OR row.contact NOT IN ('', coalesce(called.name, ''))
        OR row.phone NOT IN ('', coalesce(called.phone, ''))
        THEN 'seen'
    ELSE 'same' END AS verdict
FROM xiaohao_listed row
LEFT JOIN codes ON codes.credit_code = row.credit_code
LEFT JOIN names ON names.folded_name = row.folded_name
LEFT JOIN known ON known.folded_name = row.folded_name
LEFT JOIN enterprises_enterprise firm ON firm.credit_code = row.credit_code
LEFT JOIN enterprises_membership stay ON stay.enterprise_id = firm.id
    AND stay.city_id = %(city)s AND stay.left_on IS NULL
LEFT JOIN called ON called.enterprise_id = firm.id
"""
_VERDICTS = """
SELECT coalesce(array_agg(at ORDER BY at) FILTER (WHERE verdict = 'fresh'), '{}'),
       coalesce(array_agg(at ORDER BY at) FILTER (WHERE verdict IN ('odd', 'seen')), '{}'),
       count(*) FILTER (WHERE verdict = 'same')
FROM xiaohao_compared
"""
# the firms that such rows may mean, and members that no other row means
_FIRMS = """
SELECT firm_id FROM xiaohao_compared WHERE firm_id IS NOT NULL AND verdict IN ('odd', 'seen')
UNION
SELECT firm.id
FROM xiaohao_compared one
JOIN xiaohao_listed row ON row.at = one.at
JOIN enterprises_enterprise firm ON firm.folded_name = row.folded_name
JOIN enterprises_membership stay ON stay.enterprise_id = firm.id AND stay.city_id = %(city)s
WHERE one.verdict = 'odd'
UNION (
    SELECT enterprise_id FROM enterprises_membership
    WHERE city_id = %(city)s AND left_on IS NULL
    EXCEPT
    SELECT firm_id FROM xiaohao_compared WHERE verdict IN ('same', 'seen')
)
"""


@dataclass(frozen=True)
class Compared:
    """By ``at``: rows of firms that nobody knows, rows that ask for a closer look; how many say
    what is known already; the ids of the firms that a closer look needs."""

    fresh: list[int]
    looked_at: list[int]
    same: int
    firms: list[int]


def may_list() -> bool:
    """Whether the product's user of the database may make temporary tables, as nearly all may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(current_database(), 'TEMP')")
        (may,) = cursor.fetchone()
    return bool(may)


@contextmanager
def listing() -> Iterator[Any]:
    """The temporary table, open for the lines of COPY (``write``). Inside a transaction."""
    types = ", ".join(f"{name} {'bigint' if name in _NUMBERS else 'text'}" for name in FIELDS)
    with connection.cursor() as cursor:
        forget()
        cursor.execute(f"CREATE TEMPORARY TABLE xiaohao_listed ({types}) ON COMMIT DROP")
        copying: Any = cursor
        with connection.wrap_database_errors, copying.copy("COPY xiaohao_listed FROM STDIN") as to:
            yield to


def compare(city: Region) -> Compared:
    """After ``listing``; seven statements, whatever the list."""
    values: dict[str, Any] = {"city": city.pk, "leaving": sorted(LEAVING_CONDITIONS)}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE xiaohao_listed")
        cursor.execute(_COMPARED, values)
        cursor.execute("ANALYZE xiaohao_compared")
        cursor.execute(_VERDICTS)
        fresh, looked_at, same = cursor.fetchone()
        cursor.execute(_FIRMS, values)
        firms = [key for (key,) in cursor.fetchall()]
        forget()
    return Compared(fresh, looked_at, same, firms)


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS xiaohao_listed, xiaohao_compared")
