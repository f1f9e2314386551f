"""What left as a file, as the trail has it."""

from __future__ import annotations

from organisations.models import AuditEvent


def taken() -> list[tuple[str, str]]:
    """(what, by whom: an account, "" for the machine) of each file, oldest first."""
    rows = AuditEvent.objects.filter(kind=AuditEvent.Kind.EXPORT).order_by("pk")
    return [(row.verb, row.by.username if row.by else "") for row in rows.select_related("by")]
