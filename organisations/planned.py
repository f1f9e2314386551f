"""Statements that PostgreSQL plans once a connection, not each time (docs/adr/0024).

For those whose text never changes and whose plan does not depend on the values. Every other one
goes through ``connection.cursor()``. Where statements are logged (debugging, tests that count) they
go one by one with their values in them, as all others do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache, lru_cache
from sqlite3 import Cursor as SqliteCursor
from sqlite3 import Error as SqliteError
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model

# values in the order of their %s; by the names of their %(name)s only on PostgreSQL
Values = Sequence[Any] | Mapping[str, Any]
Statement = tuple[str, Values]
Rows = list[tuple[Any, ...]]


class Again(list[Any]):
    """Values of a statement that is said again and again with others in a few ``places``; ``told``
    keeps how PostgreSQL is told them, of all that have the same values elsewhere.
    """

    __slots__ = ("places", "told")

    def __init__(self, values: Sequence[Any], places: Sequence[int], told: list[Any]) -> None:
        super().__init__(values)
        self.places, self.told = places, told


@cache
def vendor() -> str:
    """The kind of the database: a process has one, and Django's way to it is long."""
    return str(connections[DEFAULT_DB_ALIAS].vendor)


def planned_cursor() -> Any:
    """Use it like ``connection.cursor()``, for ``execute`` with values, and its rows."""
    backend = _backend()
    if backend.queries_logged:
        return backend.cursor()
    return closing((_Marked if backend.vendor == "sqlite" else _Planned)(backend))


class _Planned:
    """PostgreSQL keeps the plan of what is said a second time."""

    rowcount = -1

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._rows: Rows = []

    def execute(self, sql: str, values: Values) -> None:
        (answer,) = self._backend.ask([(sql, values)])
        self._rows, self.rowcount = answer

    def fetchall(self) -> Rows:
        return self._rows

    def close(self) -> None:
        self._rows = []


class _Marked:
    """SQLite's own cursor: it keeps what it has planned itself, but knows no %s."""

    def __init__(self, backend: Any) -> None:
        backend.ensure_connection()
        backend.validate_no_broken_transaction()
        self._errors = backend.wrap_database_errors
        self._cursor = backend.connection.cursor(SqliteCursor)

    def execute(self, sql: str, values: Sequence[Any]) -> None:
        try:
            self._cursor.execute(_marked(sql), values)
        except SqliteError:
            # nothing is wrapped as long as nothing goes wrong
            with self._errors:
                raise

    def fetchall(self) -> Rows:
        try:
            rows: Rows = self._cursor.fetchall()
            return rows
        except SqliteError:
            with self._errors:
                raise

    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)

    @property
    def lastrowid(self) -> int:
        return int(self._cursor.lastrowid)

    def close(self) -> None:
        self._cursor.close()


@lru_cache(maxsize=1024)
def _marked(sql: str) -> str:
    return sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def ask(statements: Sequence[Statement]) -> list[Rows]:
    """The rows of each statement, each asked once the ones before it are answered; on PostgreSQL
    in one way there and back."""
    backend = _backend()
    if not _is_plain(backend):
        return [answer.rows for answer in backend.ask(statements)]
    found = []
    with planned_cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)
            found.append(cursor.fetchall())
    return found


class Ahead:
    """Questions that are asked already; where they cannot be, once their rows are wanted."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements, backend = statements, _backend()
        self._sent = None if _is_plain(backend) else backend.ahead(statements)

    def fetch(self) -> None:
        """Now and then meanwhile: take what has come."""
        if self._sent is not None:
            self._sent.fetch()

    def take(self) -> None:
        """Wait for all of it, so that the next can be asked."""
        if self._sent is not None:
            self._sent.take()

    def rows(self) -> list[Rows]:
        """Of each; once."""
        if self._sent is None:
            return ask(self._statements)
        with _backend().wrap_database_errors:
            return [answer.rows for answer in self._sent.answers()]


def hold(
    sql: str,
    values: Sequence[Any],
    *,
    then: Callable[[Rows], None],
    otherwise: Callable[[Exception], Exception | None],
) -> bool:
    """Let a statement travel with the COMMIT that follows; false where it is to be said now.

    ``then`` takes its rows after the COMMIT. An error is raised where the transaction ends, and
    undoes it; ``otherwise`` says which error it means.
    """
    backend = _backend()
    return not _is_plain(backend) and backend.hold((sql, values), then, otherwise) is True


def _backend() -> Any:
    return connections[DEFAULT_DB_ALIAS]


def _is_plain(backend: Any) -> bool:
    return vendor() != "postgresql" or bool(backend.queries_logged)


def tell_planner(*models: type[Model]) -> None:
    """Let PostgreSQL count tables that have just grown: it would do so within a minute, and until
    then join thousands of new rows as if they were one. SQLite plans without counts.
    """
    if vendor() == "postgresql":
        backend = connections[DEFAULT_DB_ALIAS]
        tables = ", ".join(backend.ops.quote_name(m._meta.db_table) for m in models)
        with backend.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


@contextmanager
def keys_checked_at_once() -> Iterator[None]:
    """Foreign keys are looked up when a statement ends: of a whole register they would fill the
    database's memory until the commit (docs/adr/0031). Inside a transaction.
    """
    if vendor() != "postgresql":
        yield
        return
    with _backend().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    yield
    with _backend().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def open_transactions() -> tuple[int, int]:
    """The oldest transaction that is open, and the next to come: what was numbered by one that is
    open still may come to light behind higher numbers. SQLite has one writer."""
    if vendor() != "postgresql":
        return 0, 0
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
            "FROM pg_current_snapshot() s"
        )
        oldest, coming = cursor.fetchone()
    return oldest, coming


@contextmanager
def one_moment() -> Iterator[None]:
    """What is asked inside is answered as of one moment; a transaction that somebody has begun
    already goes on as it was begun."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_first = not connection.in_atomic_block and connection.vendor == "postgresql"
    with transaction.atomic():
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
