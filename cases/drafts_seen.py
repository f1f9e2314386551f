"""Whether the draft of a form is still the one that a page showed: two people may be at it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.errors import Stale
from cases.models import FormRecord
from organisations.scope import Actor


def mark_of(record: FormRecord | None) -> str:
    """What a page says of the draft that it shows; empty where there is none."""
    return record.at.isoformat() if record is not None and record.is_draft else ""


def check_seen(held: FormRecord | None, seen: str | None, by: Actor) -> None:
    """Two people at one form: the second is shown what the first has saved meanwhile."""
    if held is None or seen is None or not held.is_draft or mark_of(held) == seen:
        return
    if by.user is None or held.by_id in (None, by.user.pk):
        return
    words = _("%(name)s has saved this form meanwhile. Compare both, then save yours again.")
    raise Stale("draft_newer", words % {"name": held.by})
