"""The two statements of each letter as one each on PostgreSQL (docs/adr/0035).

What is said here in SQL stands in ``outbox`` as plain ORM, which SQLite uses and the tests compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from notifications.channels.line import Envelope
from notifications.models import Delivery

# the letter that was taken becomes sent, the next one is begun: one commit, with its row locked by
# whoever comes first
_PASS = """
UPDATE notifications_delivery SET
    state = CASE WHEN id = %(next)s THEN 'transmitting' ELSE 'sent' END,
    leased_until = CASE WHEN id = %(next)s THEN %(until)s ELSE NULL END,
    settled_at = CASE WHEN id = %(next)s THEN settled_at ELSE %(at)s END,
    answer = CASE WHEN id = %(next)s THEN answer ELSE %(answer)s END
WHERE id = ANY(%(ids)s) AND (
    (id = %(next)s AND token = %(token)s AND state = 'claimed' AND leased_until > %(at)s)
    OR (id <> %(next)s AND token = %(last)s
        AND state IN ('claimed', 'transmitting', 'in_doubt')))
RETURNING id
"""
_HOLD = """
UPDATE notifications_delivery AS row SET
    state = 'claimed', token = held.token, address = held.address, leased_until = %(until)s
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(addresses)s::text[])
    AS held (id, token, address)
WHERE row.id = held.id
"""


def is_here() -> bool:
    return connection.vendor == "postgresql"


def hold(rows: Sequence[Delivery], until: datetime) -> None:
    """Claims the rows, which are locked, with the token and address that each has."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "ids": [row.pk for row in rows],
                "tokens": [row.token for row in rows],
                "addresses": [row.address for row in rows],
                "until": until,
            },
        )


def pass_on(
    envelope: Envelope, at: datetime, until: datetime, last: Envelope | None, answer: str
) -> bool:
    """Begins the transmission of a letter of one row, and settles ``last`` as sent, whose answer
    was ``answer``; whether the letter is still ours."""
    [pk] = envelope.ids
    told = last.ids if last is not None else ()
    with connection.cursor() as cursor:
        cursor.execute(
            _PASS,
            {
                "next": pk,
                "ids": [pk, *told],
                "token": UUID(envelope.token),
                "last": UUID(last.token) if last is not None else None,
                "at": at,
                "until": until,
                "answer": answer,
            },
        )
        return pk in {row[0] for row in cursor.fetchall()}
