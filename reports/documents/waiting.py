"""待签收: copies that wait for somebody's signature, and those that wait too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.nouns import Document, Receipt
from reports.documents.route import OUT, Step
from workflows.models import load_calendar

SIGN_WITHIN = 1  # working day: 请于1个工作日内签收


@dataclass(frozen=True)
class ToSign:
    """A document that one's own units are to sign for; ``late`` in working days."""

    document: Document
    due_on: date
    late: int


@dataclass(frozen=True)
class Unsigned:
    """A document of the office of which ``copies`` are overdue, the units by name."""

    document: Document
    due_on: date
    late: int
    units: tuple[str, ...]


def to_sign(actor: Actor, on: date) -> list[ToSign]:
    """Issued to one's units and not signed for, the oldest first; one statement, and the working
    days once a process."""
    if not actor.unit_ids:
        return []
    waiting = Receipt.objects.filter(unit__in=actor.unit_ids, signed_at=None).order_by()
    rows = _issued(Document.objects.filter(pk__in=waiting.values("document"), state__in=OUT))
    return [ToSign(row, *_due(row, on)) for row in rows]


def unsigned(actor: Actor, on: date) -> list[Unsigned]:
    """What the office issued and somebody should have signed for by now, the oldest first; two
    statements."""
    cities = {s.city_id for s in actor.standings_for(Act.ISSUE_DOCUMENT) if s.city_id is not None}
    if not cities:
        return []
    # what is filed away is chased no more
    mine = Document.objects.filter(programme__city__in=cities, state="issued")
    late = [(row, *_due(row, on)) for row in _issued(mine)]
    late = [one for one in late if one[2]]
    lacking = Receipt.objects.filter(document__in=[row for row, _due, _late in late])
    names: dict[int, list[str]] = {}
    for receipt in lacking.filter(signed_at=None).select_related("unit").order_by("id"):
        unit = receipt.unit
        names.setdefault(receipt.document_id, []).append(unit.short_name or unit.name)
    return [
        Unsigned(row, due, days, tuple(names[row.pk])) for row, due, days in late if row.pk in names
    ]


def _issued(rows: QuerySet[Document]) -> list[Document]:
    """With the day on which each went out (``issued_on``), the oldest first."""
    issued = Max("steps__signed_on", filter=Q(steps__step=Step.ISSUE))
    dated = rows.select_related("programme").annotate(issued_on=issued)
    return list(dated.exclude(issued_on=None).order_by("issued_on", "id"))


def _due(document: Document, on: date) -> tuple[date, int]:
    """When it was to be signed for, and how many working days that is past."""
    calendar = load_calendar()
    issued_on: date = vars(document)["issued_on"]  # as ``_issued`` found it
    due = calendar.add(issued_on, SIGN_WITHIN)
    return due, max(calendar.between(due, on), 0) if due < on else 0
