"""Several statements to PostgreSQL in one way there and back (libpq's pipeline mode).

Django and psycopg send BEGIN, each statement and COMMIT by themselves and wait for each. Here they
are queued, sent in one piece, and read one after the other: each still sees what the ones before it
left, and the first that fails ends the rest. Through psycopg's wrapper of libpq (``psycopg.pq``).

What is said a second time on a connection is planned once for it. psycopg must not do the same
beside: after a rollback it forgets all plans there are. A plan that a migration or a DISCARD has
taken away is made anew.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, DataError, Error, OperationalError
from psycopg.adapt import AdaptersMap, Loader, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.waiting import Ready, Wait

from organisations.planned import Again

# values in the order of their %s, or by the names of their %(name)s
Values = Sequence[Any] | Mapping[str, Any]
Statement = tuple[str, Values]
Rows = list[tuple[Any, ...]]
# a statement, its text, its values in the order of the text, and how they are told
Spelled = tuple[str, bytes, Sequence[Any], list[bytes | None]]

MARKS = re.compile(r"%%|%s|%\((?P<name>\w+)\)s")
# what a value is where the statement does not say it
MOMENT = 1184
TYPES = {bool: 16, date: 1082, datetime: MOMENT, UUID: 2950}
# so many plans are kept by a connection; what comes after is planned each time
MOST_PLANNED = 200
FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.PIPELINE_ABORTED)
# a column of it has another type now; it is not known any more
PLAN_IS_OLD = (FeatureNotSupported, InvalidSqlStatementName)
COMMIT = "COMMIT"
# seconds for calling back what was sent
PATIENCE = 3.0


class Answer(NamedTuple):
    """Rows, and how many there are or were written."""

    rows: Rows
    hits: int


@lru_cache(maxsize=1024)
def numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """$1, $2 … in place of %s, so that nobody need look for them each time; and the names of the
    values where they have some.
    """
    names: dict[str, str] = {}

    def told(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found["name"] or str(len(names))
        return names.setdefault(name, f"${len(names) + 1}")

    whole = MARKS.sub(told, sql).encode()
    return whole, tuple(names) if "%(" in sql else ()


class Said(NamedTuple):
    """So many statements, ``first`` of our own before them, and plans that were asked for."""

    asked: int
    first: int
    planned: Mapping[str, bytes]


class Reading(NamedTuple):
    """What a ``Transformer`` reads with."""

    adapters: AdaptersMap
    connection: Connection[Any]


def _with_quick_moments(link: Connection[Any]) -> Reading:
    """Whatever the connection reads values with; moments of UTC, a handful with each case, by
    Python's own reader at a fifth of the time.
    """
    usual: Any = link.adapters.get_loader(MOMENT, Format.TEXT)

    class Moments(Loader):
        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._usual = usual(oid, context)

        def load(self, data: Any) -> datetime:
            text = bytes(data).decode()
            if text[-3:] == "+00":
                try:
                    return datetime.fromisoformat(text)
                except ValueError:
                    # what Python's calendar does not hold: infinity, before Christ
                    pass
            moment: datetime = self._usual.load(data)
            return moment

    mine = AdaptersMap(link.adapters)
    mine.register_loader(MOMENT, Moments)
    return Reading(mine, link)


class Together:
    """How a connection is asked, and what it has planned."""

    def __init__(self, link: Connection[Any], *, keeps_plans: bool) -> None:
        self.link = link
        self._keeps_plans = keeps_plans
        self._seen: set[str] = set()
        self._names: dict[str, bytes] = {}
        self._fresh_names = (b"together_%d" % number for number in count())
        self._reading = Transformer(_with_quick_moments(link))

    def ask(self, statements: Sequence[Statement], *, commits: bool = False) -> list[Answer]:
        """The answer to each; a transaction is begun before where one is due, and ended behind
        them where ``commits``. Raises psycopg's error of the first that fails.
        """
        is_first = self.link.pgconn.transaction_status == TransactionStatus.IDLE
        try:
            return self._ask(statements, commits=commits)
        except PLAN_IS_OLD:
            if not self._names:
                raise
            self.forget_plans()
            if not is_first:
                raise
        # nothing was done before, so nothing is lost by asking again
        self.link.rollback()
        return self._ask(statements, commits=commits)

    def _ask(self, statements: Sequence[Statement], *, commits: bool) -> list[Answer]:
        said = self.say(statements, commits=commits)
        return self.read(said, self.hear())

    def say(self, statements: Sequence[Statement], *, commits: bool = False) -> Said:
        """Send them; what comes back is to be heard before anything else is said."""
        link, conn = self.link, self.link.pgconn
        # the server reads the first and the last like any other: they are kept planned, too
        begins = conn.transaction_status == TransactionStatus.IDLE and not link.autocommit
        first = [_begin(link)] if begins else []
        asked = [(sql, *_spelled(sql, values)) for sql, values in statements]
        whole = [*first, *asked, _COMMIT] if commits else [*first, *asked]
        fresh = self._to_plan(whole)
        planned: dict[str, bytes] = {}
        with link.lock:
            try:
                conn.enter_pipeline_mode()
                for sql, text, held, told in whole[: len(first)]:
                    self._send(sql, text, held, told, planned)
                for sql, text, held, _told in whole if fresh else ():
                    if (name := fresh.pop(sql, None)) is not None:
                        conn.send_prepare(name, text, _types(held))
                        planned[sql] = name
                for sql, text, held, told in whole[len(first) :]:
                    self._send(sql, text, held, told, planned)
                conn.pipeline_sync()
            except BaseException:
                give_up(link)
                raise
        return Said(len(statements), len(first), planned)

    def hear(self) -> list[Any]:
        """What comes back upon what was said, up to its end."""
        link, conn = self.link, self.link.pgconn
        with link.lock:
            try:
                results = link.wait(_results(conn))
                if conn.status == ConnStatus.OK:
                    conn.exit_pipeline_mode()
            except BaseException:
                give_up(link)
                raise
        return results

    def read(self, said: Said, results: Sequence[Any]) -> list[Answer]:
        """What was heard, as rows."""
        # a plan stays, whatever becomes of the transaction
        for (sql, name), result in zip(said.planned.items(), results[said.first :], strict=False):
            if result.status == ExecStatus.COMMAND_OK:
                self._names[sql] = name
        for result in results:
            if result.status in FAILED:
                raise error_from_result(result, encoding=self.link.info.encoding)
        if self.link.pgconn.status != ConnStatus.OK:
            raise OperationalError("the connection is lost")
        start = said.first + len(said.planned)
        return [self._answer(result) for result in results[start : start + said.asked]]

    def forget_plans(self) -> None:
        """One of them is old, and those of the other statements as well."""
        self._names.clear()

    def _send(
        self,
        sql: str,
        text: bytes,
        held: Sequence[Any],
        told: Sequence[bytes | None],
        planned: Mapping[str, bytes],
    ) -> None:
        known = self._names.get(sql) or planned.get(sql)
        if known is not None:
            self.link.pgconn.send_query_prepared(known, told)
        else:
            self.link.pgconn.send_query_params(text, told, _types(held))

    def _to_plan(self, asked: Iterable[Spelled]) -> dict[str, bytes]:
        """New names for what is asked for the second time."""
        fresh: dict[str, bytes] = {}
        for sql, _text, _held, _told in asked:
            if sql in self._names or not self._keeps_plans:
                continue
            if sql in self._seen and len(self._names) + len(fresh) < MOST_PLANNED:
                fresh[sql] = next(self._fresh_names)
            self._seen.add(sql)
        return fresh

    def _answer(self, result: Any) -> Answer:
        if result.status != ExecStatus.TUPLES_OK:
            return Answer([], result.command_tuples or 0)
        self._reading.set_pgresult(result)
        return Answer(self._reading.load_rows(0, result.ntuples, tuple), result.ntuples)


def give_up(link: Connection[Any]) -> None:
    """Half said: nothing more can be said on it, and the server undoes what was begun, unless it
    has the COMMIT already and nobody calls that back."""
    _call_back(link)
    link.close()


def _call_back(link: Connection[Any]) -> None:
    if link.pgconn.status == ConnStatus.OK:
        with suppress(Error):
            link.cancel_safe(timeout=PATIENCE)


def flushed(conn: Any) -> Generator[Any, Any, None]:
    """Everything is sent."""
    while conn.flush():
        ready = yield Wait.RW
        if ready & Ready.R:
            conn.consume_input()


def _results(conn: Any) -> Generator[Any, Any, list[Any]]:
    """What ``Connection.wait`` drives: everything is sent, then read up to the end of the line."""
    yield from flushed(conn)
    results: list[Any] = []
    while True:
        while conn.is_busy():
            yield Wait.R
            conn.consume_input()
        result = conn.get_result()
        if result is None:
            if conn.status != ConnStatus.OK:
                return results
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)


def _plain(sql: str) -> Spelled:
    """A statement without values."""
    return sql, sql.encode(), (), []


_BEGIN, _COMMIT = _plain("BEGIN"), _plain(COMMIT)


def _begin(link: Connection[Any]) -> Spelled:
    level = link.isolation_level
    if level is None:
        return _BEGIN
    return _plain(f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}")


def _spelled(sql: str, values: Any) -> tuple[bytes, Sequence[Any], list[bytes | None]]:
    """The text, the values in its order, and how they are told."""
    text, names = numbered(sql)
    if type(values) is Again:
        return text, values, _told_again(values)
    held: Sequence[Any] = [values[name] for name in names] if names else values
    return text, held, _told(held)


def _told_again(values: Again) -> list[bytes | None]:
    if not values.told:
        # at once, as another thread may do the same
        values.told[:] = _told(values)
    told = values.told.copy()
    for place, word in zip(values.places, _told([values[p] for p in values.places]), strict=True):
        told[place] = word
    return told


def _told(values: Sequence[Any]) -> list[bytes | None]:
    # dozens with each move, nearly all of these kinds
    told: list[bytes | None] = [
        b"%d" % value
        if (kind := type(value)) is int
        else value.encode()
        if kind is str
        else None
        if value is None
        else b"t"
        if value is True
        else b"f"
        if value is False
        else value.isoformat().encode()
        if kind is date or kind is datetime
        else _words_of(value).encode()
        for value in values
    ]
    if b"\0" in b"".join(filter(None, told)):
        # libpq would end the text there
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return told


def _types(values: Sequence[Any]) -> list[int]:
    """Their types where they are to be said (else 0); a plan knows them from then on."""
    return [TYPES.get(type(value), 0) for value in values]


def _words_of(value: Any) -> str:
    """As PostgreSQL reads it."""
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"{{{','.join(map(_quoted, value))}}}"
    return str(value)


def _quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    words = _words_of(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{words}"'
