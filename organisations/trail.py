"""What was done stays on record: the database itself refuses to change or remove a line of it, and
to remove what the lines are about.

SQLite needs a third trigger, as ``INSERT OR REPLACE`` removes a row without asking the one for
DELETE; PostgreSQL one for TRUNCATE, and ALWAYS, as a replica's session would pass over the others.
Remaking a table on SQLite drops its triggers without a word, so ``prepare`` and
``migrate`` look for them.
"""

from __future__ import annotations

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
# changed, never removed: lines name them without a foreign key (docs/adr/0042)
KEPT = ("cases_case", "cases_workitem")
KEPT_SQLITE = {"is_kept": SQLITE["is_kept"]}
KEPT_POSTGRES = {
    "is_kept": "BEFORE DELETE ON {table} FOR EACH ROW",
    "is_not_emptied": POSTGRES["is_not_emptied"],
}
WORDS = "the trail is only appended to"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION xiaohao_trail_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def guard(connection: BaseDatabaseWrapper, *tables: str) -> int:
    """Put the triggers on ``tables`` (default: all) where they lack; the number put."""
    made = 0
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    for table in tables or (*TABLES, *KEPT):
        lacking = _wanted(connection, table) if table in there else set()
        for name in sorted(lacking - guards(connection, table)):
            _make(connection, table, name)
            made += 1
    return made


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take them off: for an empty test database, and for nothing else."""
    for table in (*TABLES, *KEPT):
        for name in guards(connection, table):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TRIGGER {name}{on}")


def guards(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    """The names of our triggers that stand on a table, switched on for everybody."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) "
                "AND NOT tgisinternal AND tgenabled = 'A'",
                [table],
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
        return {name for (name,) in cursor.fetchall()} & _wanted(connection, table)


def _kinds(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    if connection.vendor == "postgresql":
        return KEPT_POSTGRES if table in KEPT else POSTGRES
    return KEPT_SQLITE if table in KEPT else SQLITE


def _wanted(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    return {f"{table}_{kind}" for kind in _kinds(connection, table)}


def _make(connection: BaseDatabaseWrapper, table: str, name: str) -> None:
    when = _kinds(connection, table)[name.removeprefix(f"{table}_")].format(table=table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
            # one that somebody switched off is made anew
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION xiaohao_trail_stays()")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        else:
            cursor.execute(
                f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )
