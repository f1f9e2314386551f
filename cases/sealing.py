"""Sealing the trail, and finding where it was broken.

Off the hot path: a verb writes its event, the sealer follows minutes later, in the order in which
it meets them. Whoever owns the database can rewrite the whole chain with its head; a head that was
written down elsewhere (``audit verify`` prints it) shows even that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from cases.models import CaseEvent, SealedEvent, SealHead
from organisations.models import AuditEvent

Trail = SealedEvent.Trail
BATCH = 2000
# ids come up in another order than they are committed; what is later still is found by ``every``
REACH = 10_000
NOWHERE = 0
MADE_ANEW = "the chain is not the one that was written down"
COMMON = ("pk", "verb", "at", "recorded_at", "by_id", "data")
CASE = (*COMMON, "case_id", "item_id", "by_post_id", "from_stage", "to_stage", "reason")
AUDIT = (*COMMON, "kind", "subject", "subject_key", "address")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Break:
    """The first place at which a chain does not hold: ``what`` happened to which event."""

    chain: int
    position: int
    trail: str
    event: int
    what: str


@dataclass(frozen=True)
class Anchor:
    """The head of a chain at some moment: place and digest."""

    chain: int
    position: int
    digest: str


def seal(*, every: bool = False) -> int:
    """Seal what is not sealed yet; the number. Idempotent; several at once wait for each other."""
    done = 0
    while batch := _seal_batch(every):
        done += batch
    return done


@transaction.atomic
def _seal_batch(every: bool) -> int:
    # one lock for all chains: sealing is quick, and nobody waits for it
    SealHead.objects.bulk_create([SealHead(chain=NOWHERE)], ignore_conflicts=True)
    SealHead.objects.select_for_update().get(chain=NOWHERE)
    cases = unsealed(CaseEvent.objects.all(), Trail.CASE, every)
    audit = unsealed(AuditEvent.objects.all(), Trail.AUDIT, every)
    found: dict[int, list[tuple[str, Row]]] = defaultdict(list)
    for *row, city in cases.values_list(*CASE, F("case__programme__city"))[:BATCH]:
        found[city].append((Trail.CASE, tuple(row)))
    for row in audit.values_list(*AUDIT)[:BATCH]:
        found[NOWHERE].append((Trail.AUDIT, tuple(row)))
    for chain, rows in found.items():
        _append(chain, rows)
    return sum(map(len, found.values()))


def unsealed(events: QuerySet[Any], trail: str, every: bool) -> QuerySet[Any]:
    """Events that no seal names yet; without ``every`` only near the newest that is sealed."""
    sealed = SealedEvent.objects.filter(trail=trail)
    if not every:
        newest = sealed.aggregate(at=Max("event"))["at"] or 0
        events = events.filter(pk__gt=newest - REACH)
    return events.filter(~Exists(sealed.filter(event=OuterRef("pk")))).order_by("pk")


def _append(chain: int, rows: Iterable[tuple[str, Row]]) -> None:
    SealHead.objects.bulk_create([SealHead(chain=chain)], ignore_conflicts=True)
    head = SealHead.objects.select_for_update().get(chain=chain)
    seals = []
    for trail, row in rows:
        head.position += 1
        head.digest = digest(head.digest, trail, row)
        seals.append(
            SealedEvent(
                chain=chain,
                position=head.position,
                trail=trail,
                event=row[0],
                digest=head.digest,
            )
        )
    SealedEvent.objects.bulk_create(seals, batch_size=500)
    head.save()


def digest(before: str, trail: str, row: Row) -> str:
    """SHA-256 (hex) over the digest before, the trail and every column of the event."""
    text: str = ENCODER.encode([before, trail, *row])
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    """A moment in UTC with microseconds, whatever the database's own zone is."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds")
    return str(value)


# one for all: making it takes longer than its work on a line
ENCODER: json.JSONEncoder = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def anchored() -> list[Anchor]:
    """The head of each chain as it stands: to be kept where nobody of this machine can write."""
    return [
        Anchor(head.chain, head.position, head.digest)
        for head in SealHead.objects.filter(position__gt=0).order_by("chain")
    ]


def compare(kept: Iterable[Anchor]) -> list[Break]:
    """Heads that were written down elsewhere and are no longer the chain's: it was made anew."""
    wrong = []
    for one in kept:
        seals = SealedEvent.objects.filter(chain=one.chain, position=one.position)
        seal = seals.values_list("trail", "event", "digest").first()
        if seal is None or seal[2] != one.digest:
            trail, event = (seal[0], seal[1]) if seal else ("", 0)
            wrong.append(Break(one.chain, one.position, trail, event, MADE_ANEW))
    return wrong
