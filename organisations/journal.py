"""One line in the audit trail for each verb of this app, in the verb's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def record_many(
    kind: str,
    verb: str,
    subjects: Iterable[tuple[Model, Mapping[str, Any]]],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The same of many subjects, each with its ``data``; one statement."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            kind=kind,
            verb=verb,
            at=at,
            by=by.user,
            subject=str(subject)[:150],
            subject_key=f"{subject._meta.model_name} {subject.pk}",
            data=dict(data),
        )
        for subject, data in subjects
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """``before`` and ``after`` of what differs: who reads the trail sees from what to what."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {
        "before": {key: before.get(key) for key in keys},
        "after": {key: after[key] for key in keys},
    }
