"""When what runs by itself last ran: one row a name, for whoever looks after the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notifications.models import Pulse


def beat(name: str, at: datetime, **done: Any) -> None:
    """Note that ``name`` ("tick", "send", "backup") ended at ``at``; ``done`` is plain JSON."""
    Pulse.objects.update_or_create(name=name, defaults={"at": at, "done": done})
