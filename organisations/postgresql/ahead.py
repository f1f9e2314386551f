"""What is asked now and read later, while the server works on it (docs/adr/0069)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Error
from psycopg.pq import TransactionStatus

from organisations.postgresql.together import (
    PLAN_IS_OLD,
    Answer,
    Statement,
    Together,
    flushed,
    give_up,
)


class Sent:
    """Statements that have been sent. Until they are taken nothing else may be said on the
    connection: ``DatabaseWrapper.send_held`` sees to it.
    """

    def __init__(self, together: Together, statements: Sequence[Statement]) -> None:
        self._together, self._statements, link = together, statements, together.link
        self._is_first = link.pgconn.transaction_status == TransactionStatus.IDLE
        self._results: list[Any] | None = None
        self._error: Error | None = None
        self._said = together.say(statements)
        try:
            link.wait(flushed(link.pgconn))
        except BaseException:
            give_up(link)
            raise

    def fetch(self) -> None:
        """Take from the connection what has come, without waiting: else the server would wait."""
        if self._results is None:
            self._together.link.pgconn.consume_input()

    def take(self) -> None:
        """Wait for all of it, so that something else can be said. Errors: see ``answers``."""
        if self._results is not None:
            return
        self._results = []
        try:
            self._results = self._together.hear()
        except Error as error:
            self._error = error

    def answers(self) -> list[Answer]:
        """Raises psycopg's error of the first that failed."""
        self.take()
        if self._error is not None:
            raise self._error
        try:
            return self._together.read(self._said, self._results or ())
        except PLAN_IS_OLD:
            # those of the other statements are as old
            self._together.forget_plans()
            if not self._is_first:
                raise
        # nothing was done before, so nothing is lost by asking again
        self._together.link.rollback()
        return self._together.ask(self._statements)
