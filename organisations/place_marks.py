"""A mark that is another one whenever anything about a post, a unit, a place or a programme has
changed, or a working day.

The database itself sets it, by triggers: whoever keeps what he read of them (``cases.near``,
``cases.row_places``) sees by the mark alone whether it still holds, and no way of writing can
forget to say so. docs/adr/0049 says why no two states of these tables ever have the same mark.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import TextField
from django.db.models.expressions import RawSQL

TABLES = (
    "organisations_post",
    "organisations_unit",
    "organisations_region",
    "workflows_programme",
    "workflows_calendarday",
)
MARKS = "organisations_placemark"
POSTGRES = "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
# SQLite has a trigger for each
SQLITE = {kind: f"AFTER {kind.upper()} ON {{table}}" for kind in ("insert", "update", "delete")}
# what a transaction that changed something sees behind the rows' words, until it ends: a word for
# each change of its own. In the table it would leave a dead row for each, read by all that follow
OWN = "xiaohao.places"
# a row for each transaction that is not over, so that none waits for another; those of others that
# are over go, so that there is hardly ever more than one
FUNCTION = f"""
CREATE OR REPLACE FUNCTION xiaohao_places_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF COALESCE(current_setting('{OWN}', true), '') <> '' THEN
    PERFORM set_config('{OWN}', gen_random_uuid()::text, true);
    RETURN NULL;
  END IF;
  PERFORM set_config('{OWN}', gen_random_uuid()::text, true);
  DELETE FROM {MARKS} WHERE writer IN (
    SELECT writer FROM {MARKS} WHERE writer <> txid_current() FOR UPDATE SKIP LOCKED);
  INSERT INTO {MARKS} (writer, mark) VALUES (txid_current(), gen_random_uuid()::text)
  ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark;
  RETURN NULL;
END $$
"""
# not REPLACE: an outer OR IGNORE would hold for it too
STEPS = f"DELETE FROM {MARKS}; INSERT INTO {MARKS} VALUES (0, hex(randomblob(16)))"
# all that are there: one, but while several transactions change something at once
CURRENT = {
    # not an aggregate: every move asks
    "postgresql": f"(NULLIF(ARRAY(SELECT mark FROM {MARKS})::text, '{{}}') "
    f"|| COALESCE(current_setting('{OWN}', true), ''))",
    "sqlite": f"(SELECT group_concat(mark) FROM {MARKS})",
}


def current(kind: str) -> RawSQL:
    """The mark as a column of a question, on this kind of database."""
    return RawSQL(CURRENT[kind], [], TextField())


def watch(connection: BaseDatabaseWrapper) -> int:
    """Put the triggers where they lack; the number put. What was kept before counts no more."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if not {MARKS, *TABLES} <= there:
            return 0
        lacking = sorted(wanted(connection) - watched(connection))
        for name in lacking:
            for sql in _made(connection, name):
                cursor.execute(sql)
        if lacking:
            # nobody noticed what was changed without them: as if something had been just now
            cursor.execute(f"UPDATE {TABLES[0]} SET name = name")
    return len(lacking)


def wanted(connection: BaseDatabaseWrapper) -> set[str]:
    if connection.vendor == "postgresql":
        return {f"{table}_is_watched" for table in TABLES}
    return {f"{table}_{kind}_is_watched" for table in TABLES for kind in SQLITE}


def watched(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of our triggers that are there, switched on for everybody."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()} & wanted(connection)


def _made(connection: BaseDatabaseWrapper, name: str) -> list[str]:
    table = next(one for one in TABLES if name.startswith(one))
    if connection.vendor == "postgresql":
        return [
            FUNCTION,
            # one that somebody switched off is made anew
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} {POSTGRES.format(table=table)} "
            "EXECUTE FUNCTION xiaohao_places_changed()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    when = SQLITE[name.removeprefix(f"{table}_").removesuffix("_is_watched")]
    return [f"CREATE TRIGGER {name} {when.format(table=table)} BEGIN {STEPS}; END"]
