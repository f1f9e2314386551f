"""One line in the audit trail for each verb of this app, in the verb's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from organisations.models import AuditEvent
from organisations.scope import Actor


def record(
    kind: str,
    verb: str,
    subject: Model | None = None,
    *,
    by: Actor,
    at: datetime,
    words: str = "",
    address: str | None = None,
    **data: Any,
) -> AuditEvent:
    """Write what was done to ``subject``; ``data`` must be plain JSON and hold no secret."""
    return AuditEvent.objects.create(
        kind=kind,
        verb=verb,
        at=at,
        by=by.user,
        subject=(words or str(subject or ""))[:150],
        subject_key=f"{subject._meta.model_name} {subject.pk}" if subject else "",
        address=address,
        data=data,
    )
