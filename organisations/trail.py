"""What was done stays on record: the database itself refuses to change or remove a line of it, and
to remove what the lines are about.

SQLite needs a third trigger, as ``INSERT OR REPLACE`` removes a row without asking the one for
DELETE; PostgreSQL one for TRUNCATE, and ALWAYS, as a replica's session would pass over the others.
Remaking a table on SQLite drops its triggers without a word, so ``prepare`` and
``migrate`` look for them.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# appended to, never changed
TABLES = ("organisations_auditevent", "cases_caseevent")
SQLITE = {
    "stays": "BEFORE UPDATE ON {table}",
    "is_kept": "BEFORE DELETE ON {table}",
    "is_not_replaced": "BEFORE INSERT ON {table} "
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",
}
POSTGRES = {
    "stays": "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
    "is_not_emptied": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}
# changed, never removed: lines, cases and steps name them without a foreign key (docs/adr/0042,
# docs/adr/0061)
KEPT = (
    "cases_case",
    "cases_workitem",
    "organisations_region",
    "organisations_unit",
    "organisations_post",
    "organisations_user",
    "workflows_programme",
    "workflows_programmeversion",
)
KEPT_SQLITE = {"is_kept": SQLITE["is_kept"]}
KEPT_POSTGRES = {
    "is_kept": "BEFORE DELETE ON {table} FOR EACH ROW",
    "is_not_emptied": POSTGRES["is_not_emptied"],
}
WORDS = "the trail is only appended to, and what it names stays"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION xiaohao_trail_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def guard(connection: BaseDatabaseWrapper, *tables: str) -> int:
    """Put the triggers on ``tables`` (default: all) where they lack; the number put."""
    standing = _standing(connection)
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    lacking = [
        (table, name)
        for table in tables or (*TABLES, *KEPT)
        if table in there
        for name in sorted(_wanted(connection, table))
        if (table, name) not in standing
    ]
    if lacking and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(FUNCTION)
    _run(connection, [sql for one in lacking for sql in _making(connection, *one)])
    return len(lacking)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take them off: for an empty test database, and for nothing else."""
    standing = _standing(connection)
    _run(
        connection,
        [
            f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")
            for table in (*TABLES, *KEPT)
            for name in sorted(_wanted(connection, table))
            if (table, name) in standing
        ],
    )


def guards(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    """The names of our triggers that stand on a table, switched on for everybody."""
    wanted = {(table, name) for name in _wanted(connection, table)}
    return {name for _table, name in _standing(connection) & wanted}


def _standing(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Every trigger that is switched on for everybody: its table and name."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgenabled = 'A'"
            )
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        return set(cursor.fetchall())


def _kinds(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    if connection.vendor == "postgresql":
        return KEPT_POSTGRES if table in KEPT else POSTGRES
    return KEPT_SQLITE if table in KEPT else SQLITE


def _wanted(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    return {f"{table}_{kind}" for kind in _kinds(connection, table)}


def _making(connection: BaseDatabaseWrapper, table: str, name: str) -> list[str]:
    when = _kinds(connection, table)[name.removeprefix(f"{table}_")].format(table=table)
    if connection.vendor == "postgresql":
        return [
            # one that somebody switched off is made anew
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION xiaohao_trail_stays()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return [f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"]


def _run(connection: BaseDatabaseWrapper, steps: Sequence[str]) -> None:
    """On PostgreSQL as one: a server is asked once, not forty times."""
    if steps and connection.vendor == "postgresql":
        steps = ["DO $do$ BEGIN " + "; ".join(steps) + "; END $do$"]
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for sql in steps:
            cursor.execute(sql)
