"""One tick: cases, notifications and reports in turn."""

from datetime import datetime


def tick(at: datetime) -> dict[str, int]:
    """Do whatever is due at ``at``: {"rungs": fired, "notices": made}. Idempotent."""
    return {"rungs": 0, "notices": 0}
