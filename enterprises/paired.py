"""A narrow table of firms' names on PostgreSQL, which the database itself keeps (docs/adr/0065).

What a search touches is pages: of firms, whose rows are three times as long, three times as many.
Triggers write it with whatever writes a firm: the ORM, COPY, a row by hand, a replica's session.
``prepare`` and ``migrate`` look for them, and where one lacked, they mend what it has missed.
"""

from __future__ import annotations

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

FIRMS, TABLE = "enterprises_enterprise", "enterprises_pairedname"
# each by itself: PostgreSQL gives the rows of a statement to a trigger of one kind of change. A new
# name is told row by row: whatever else of a firm changes costs a comparison, and firms that get
# another name are few
TRIGGERS = {
    "firm_is_named": "AFTER INSERT ON {firms} REFERENCING NEW TABLE AS made FOR EACH STATEMENT",
    "firm_is_renamed": "AFTER UPDATE ON {firms} FOR EACH ROW WHEN "
    "(OLD.folded_name IS DISTINCT FROM NEW.folded_name OR OLD.id IS DISTINCT FROM NEW.id)",
    "firm_is_unnamed": "AFTER DELETE ON {firms} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT",
    "firms_are_unnamed": "AFTER TRUNCATE ON {firms} FOR EACH STATEMENT",
}
# an array enters by the key whatever plan the session made for another number of rows; the schema
# is said, as whoever writes a firm may look for tables elsewhere
FUNCTION = """
CREATE OR REPLACE FUNCTION xiaohao_firm_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_OP
  WHEN 'INSERT' THEN INSERT INTO {table} (firm, name) SELECT id, folded_name FROM made;
  WHEN 'UPDATE' THEN UPDATE {table} SET firm = NEW.id, name = NEW.folded_name WHERE firm = OLD.id;
  WHEN 'DELETE' THEN DELETE FROM {table} WHERE firm = ANY(ARRAY(SELECT id FROM gone));
  ELSE TRUNCATE {table};
  END CASE;
  RETURN NULL;
END $$
"""
MENDED = (
    f"DELETE FROM {TABLE} t WHERE NOT EXISTS "
    f"(SELECT FROM {FIRMS} f WHERE f.id = t.firm AND f.folded_name = t.name)",
    f"INSERT INTO {TABLE} (firm, name) SELECT id, folded_name FROM {FIRMS} f "
    f"WHERE NOT EXISTS (SELECT FROM {TABLE} t WHERE t.firm = f.id)",
)


def keep(connection: BaseDatabaseWrapper) -> int:
    """Put the triggers where they lack, and what was missed without them, or where the table is
    empty; the number put."""
    if connection.vendor != "postgresql":
        return 0
    # a trigger that is put lets nobody write a firm until the transaction ends
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        if not {FIRMS, TABLE} <= set(connection.introspection.table_names(cursor)):
            return 0
        lacking = sorted(TRIGGERS.keys() - kept(connection))
        cursor.execute("SELECT quote_ident(current_schema())")
        table = f"{cursor.fetchone()[0]}.{TABLE}"
        for name in lacking:
            for sql in _made(name, table):
                cursor.execute(sql)
        cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {TABLE})")
        for sql in MENDED if lacking or cursor.fetchone()[0] else ():
            cursor.execute(sql)
    return len(lacking)


def kept(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of our triggers that are there, switched on for everybody (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A' "
            f"AND tgrelid = '{FIRMS}'::regclass"
        )
        return {name for (name,) in cursor.fetchall()} & TRIGGERS.keys()


def _made(name: str, table: str) -> tuple[str, ...]:
    return (
        FUNCTION.format(table=table),
        # one that somebody switched off is made anew
        f"DROP TRIGGER IF EXISTS {name} ON {FIRMS}",
        f"CREATE TRIGGER {name} {TRIGGERS[name].format(firms=FIRMS)} "
        "EXECUTE FUNCTION xiaohao_firm_named()",
        f"ALTER TABLE {FIRMS} ENABLE ALWAYS TRIGGER {name}",
    )
