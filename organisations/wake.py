"""Wake the worker: publish a task by name after commit, and never let a broker hold up a person.

The row that says what is to be done is already in the database; if the message is lost, the next
tick finds the row. So a broker that refuses, hangs or is full is counted and logged, no more.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

# measured: without these a hanging Redis held ``delay()`` for 45 s
_PATIENCE_SECONDS = 1.0
_REDIS_PATIENCE = {
    "socket_connect_timeout": _PATIENCE_SECONDS,
    "socket_timeout": _PATIENCE_SECONDS,
    "retry_on_timeout": False,
    # one try: the tick is the retry
    "max_retries": 0,
    "interval_start": 0,
}

failures = 0


def wake(task: str, *row_ids: int) -> None:
    """Ask the worker for ``task`` ("config.tasks.…") once the current transaction is committed."""
    transaction.on_commit(partial(_publish, task, row_ids))


def _publish(task: str, row_ids: tuple[int, ...]) -> None:
    global failures
    try:
        _send(task, row_ids)
    except Exception:
        # whatever a broker can raise: the work is in the database, the person goes on
        failures += 1
        log.warning("could not wake %s%s (%d so far)", task, row_ids, failures, exc_info=True)


def _send(task: str, row_ids: tuple[int, ...]) -> None:
    options = _REDIS_PATIENCE if current_app.conf.broker_url.startswith("redis") else {}
    connection = current_app.connection_for_write(
        transport_options=options, connect_timeout=_PATIENCE_SECONDS
    )
    with connection:
        current_app.send_task(task, args=row_ids, connection=connection, retry=False)
