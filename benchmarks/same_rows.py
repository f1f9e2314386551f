"""The very rows that a part wrote, written once more by the database's quickest way: the peer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

BLOCK = 1 << 20


class Copied:
    """COPY of tables' rows into tables like them, on PostgreSQL; what they hold lies in files.

    ``with_keys``: with the foreign keys of the originals too, among themselves as there.
    """

    def __init__(self, tables: Sequence[str], *, with_keys: bool) -> None:
        from django.db import connection

        self._tables = tables
        self._link: Any = connection.connection
        with self._link.cursor() as cursor:
            for table in tables:
                cursor.execute(f'CREATE TABLE "bench_{table}" (LIKE "{table}" INCLUDING ALL)')
            for table in tables if with_keys else ():
                cursor.execute(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                    "WHERE contype = 'f' AND conrelid = %s::regclass",
                    [table],
                )
                for (words,) in cursor.fetchall():
                    for other in tables:
                        words = words.replace(f"REFERENCES {other}(", f"REFERENCES bench_{other}(")
                    cursor.execute(f'ALTER TABLE "bench_{table}" ADD {words}')

    @contextmanager
    def held(self, above: dict[str, int]) -> Iterator[Callable[[], float]]:
        """The rows above these keys, ready to be copied by a call that tells its seconds."""
        with ExitStack() as files:
            held = {table: files.enter_context(TemporaryFile()) for table in self._tables}
            for table, file in held.items():
                self._read(table, above, file)
            yield lambda: self._take(held)

    def _take(self, held: Mapping[str, IO[bytes]]) -> float:
        """In one transaction, as opening does."""
        begun = time.perf_counter()
        with self._link.transaction(), self._link.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table, file in held.items():
                with cursor.copy(f'COPY "bench_{table}" FROM STDIN (FORMAT binary)') as into:
                    while block := file.read(BLOCK):
                        into.write(block)
        return time.perf_counter() - begun

    def _read(self, table: str, above: dict[str, int], file: IO[bytes]) -> None:
        rows = f'SELECT * FROM "{table}" WHERE id > {above[table]} ORDER BY id'
        with (
            self._link.cursor() as cursor,
            cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)") as lines,
        ):
            for block in lines:
                file.write(bytes(block))
        file.seek(0)

    def drop(self) -> None:
        with self._link.cursor() as cursor:
            for table in reversed(self._tables):
                cursor.execute(f'DROP TABLE "bench_{table}" CASCADE')


class Inserted:
    """``executemany`` of tables' rows into tables like them, on SQLite."""

    def __init__(self, tables: Sequence[str]) -> None:
        from django.db import connection

        self._tables = tables
        self._link: Any = connection.connection
        for table in tables:
            found = self._link.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') "
                "AND sql IS NOT NULL ORDER BY type DESC",
                [table],
            ).fetchall()
            for (words,) in found:
                for other in tables:
                    words = words.replace(f'"{other}"', f'"bench_{other}"')
                words = words.replace('INDEX "', 'INDEX "bench_')
                self._link.execute(words)

    def take(self, above: dict[str, int]) -> float:
        """Seconds that the rows above these keys take, in one transaction."""
        held = {
            table: self._link.execute(
                f'SELECT * FROM "{table}" WHERE id > ? ORDER BY id', [above[table]]
            ).fetchall()
            for table in self._tables
        }
        begun = time.perf_counter()
        self._link.execute("BEGIN IMMEDIATE")
        for table, rows in held.items():
            marks = ", ".join("?" * len(rows[0]))
            self._link.executemany(f'INSERT INTO "bench_{table}" VALUES ({marks})', rows)
        self._link.execute("COMMIT")
        return time.perf_counter() - begun

    def drop(self) -> None:
        for table in reversed(self._tables):
            self._link.execute(f'DROP TABLE "bench_{table}"')
