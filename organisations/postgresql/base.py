"""PostgreSQL as Django knows it; what is said together also travels together (docs/adr/0029).

``ask``: several questions in one way there and back, the BEGIN of the transaction with them.
``ahead``: they are asked, and read when they are wanted (docs/adr/0069).
``hold``: a last statement waits for the COMMIT and travels with it; whatever else is asked of the
connection before goes behind it. A rollback drops it: it was never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from django.db import DatabaseError, Error
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from organisations.postgresql.ahead import Sent
from organisations.postgresql.together import Answer, Rows, Statement, Together, Values

# what one statement takes of them; with more Django writes them into its text
MOST_VALUES = 65_535


class Held(NamedTuple):
    statement: Statement
    then: Callable[[Rows], None]
    otherwise: Callable[[Exception], Exception | None]


class DatabaseWrapper(base.DatabaseWrapper):
    held: Held | None = None
    sent: Sent | None = None
    _together: Together | None = None
    _keeps_plans = False

    def get_connection_params(self) -> dict[str, Any]:
        """``prepare_threshold`` in the address of the database set high: nothing is kept planned,
        for poolers that pass no plans on."""
        params: dict[str, Any] = super().get_connection_params()
        threshold = params.pop("prepare_threshold", None)
        self._keeps_plans = threshold is not None and threshold <= 1
        return params | {"prepare_threshold": None}

    def ask(self, statements: Sequence[Statement]) -> list[Answer]:
        """The answer to each; each sees what is there once the ones before it are done."""
        self.send_held()
        if self.connection is None:
            self.ensure_connection()
        if self.needs_rollback:
            self.validate_no_broken_transaction()
        for _sql, values in statements:
            if len(values) > MOST_VALUES:
                return [self._ask_alone(*one) for one in statements]
        with self.wrap_database_errors:
            return self._at_once().ask(statements)

    def ahead(self, statements: Sequence[Statement]) -> Sent | None:
        """Ask now, and read the answers when they are wanted; whatever else is asked of the
        connection before reads them first. None where a statement has too many values for it."""
        self.send_held()
        if self.connection is None:
            self.ensure_connection()
        if self.needs_rollback:
            self.validate_no_broken_transaction()
        if any(len(values) > MOST_VALUES for _sql, values in statements):
            return None
        with self.wrap_database_errors:
            self.sent = Sent(self._at_once(), statements)
        return self.sent

    def read_sent(self) -> None:
        """What was asked ahead is read before anything else is said."""
        sent, self.sent = self.sent, None
        if sent is not None:
            sent.take()

    def _ask_alone(self, sql: str, values: Values) -> Answer:
        with self.cursor() as cursor:
            cursor.execute(sql, values)
            return Answer(cursor.fetchall() if cursor.description else [], cursor.rowcount)

    def hold(
        self,
        statement: Statement,
        then: Callable[[Rows], None],
        otherwise: Callable[[Exception], Exception | None],
    ) -> bool:
        """Whether the statement waits for the COMMIT of the block that is open now, the only one.

        ``then`` takes its rows once they are committed; ``otherwise`` says what an error means.
        """
        if len(self.atomic_blocks) != 1 or self.needs_rollback or len(statement[1]) > MOST_VALUES:
            return False
        self.send_held()
        self.held = Held(statement, then, otherwise)
        return True

    def send_held(self) -> None:
        """What waits goes before anything else."""
        if self.sent is not None:
            self.read_sent()
        if self.held is None:
            return
        held, self.held = self.held, None
        try:
            (answer,) = self.ask([held.statement])
        except DatabaseError as error:
            _raise(error, held)
        held.then(answer.rows)

    def commit(self) -> None:
        if self.sent is not None:
            self.read_sent()
        if self.held is None:
            super().commit()
            return
        self.validate_thread_sharing()
        self.validate_no_atomic_block()
        held, self.held = self.held, None
        try:
            with self.wrap_database_errors:
                (answer,) = self._at_once().ask([held.statement], commits=True)
            if self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
                raise DatabaseError("the transaction did not end")
        except BaseException as error:
            self._undo()
            if isinstance(error, Exception):
                _raise(error, held)
            raise
        self.errors_occurred = False
        self.run_commit_hooks_on_set_autocommit_on = True
        held.then(answer.rows)

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """As Django's, without the log of BEGIN: each transaction passes here twice."""
        if self.sent is not None:
            self.read_sent()
        if self.connection is None or self.in_atomic_block or self.queries_logged:
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
            return
        if self.health_check_enabled and not self.health_check_done:  # type: ignore[attr-defined]
            self.close_if_health_check_failed()
            self.ensure_connection()
        self._switch(autocommit)
        self.autocommit = autocommit
        if autocommit and self.run_commit_hooks_on_set_autocommit_on:
            self.run_and_clear_commit_hooks()
            self.run_commit_hooks_on_set_autocommit_on = False

    def _switch(self, autocommit: bool) -> None:
        """What psycopg's own way amounts to outside a transaction: it asks nothing of the server,
        but drives a generator under a lock, twice with each transaction."""
        link = self.connection
        held = vars(link)
        is_idle = link.pgconn.transaction_status == TransactionStatus.IDLE
        if is_idle and held.get("_autocommit") is link.autocommit and not link.closed:
            held["_autocommit"] = autocommit
        else:
            self._set_autocommit(autocommit)  # type: ignore[attr-defined]

    def rollback(self) -> None:
        self.held = None
        self.read_sent()
        super().rollback()

    def close(self) -> None:
        self.held = self.sent = self._together = None
        super().close()

    def is_usable(self) -> bool:
        self.read_sent()
        return bool(super().is_usable())

    def _cursor(self, name: str | None = None) -> Any:
        self.send_held()
        return super()._cursor(name)  # type: ignore[misc]

    def _at_once(self) -> Together:
        if self._together is None or self._together.link is not self.connection:
            self._together = Together(self.connection, keeps_plans=self._keeps_plans)
        return self._together

    def _undo(self) -> None:
        """As ``atomic`` does when a COMMIT fails."""
        try:
            self.rollback()
        except Error:
            self.close()


def _raise(error: Exception, held: Held) -> NoReturn:
    meant = held.otherwise(error)
    if meant is None:
        raise error
    raise meant from error
