"""One tick: cases, notifications and reports in turn."""

import logging
from collections.abc import Callable
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from cases import expiry_sweep, sweeps, work_counts
from cases.actions import handing_over, matching, recurring
from config.telling import tell_documents
from notifications import delivery
from reports import reconciled
from reports.figures import counted, freezing
from workflows.models import forget_calendar

log = logging.getLogger(__name__)
# nothing further would go either
ENDS = (OperationalError, InterfaceError, SoftTimeLimitExceeded)


def tick(at: datetime) -> dict[str, int]:
    """Do whatever is due at ``at``: {"rungs": fired, "notices": made}. Idempotent.

    Called by beat, cron, the command line or four of them at once; a long-lived worker looks at
    the calendar anew, as somebody may have entered moved working days since. A part that breaks
    holds up none of the others; it is raised behind them, so that the tick does not count as done.
    """
    forget_calendar()
    done = {"rungs": 0, "notices": 0}

    def sweep() -> None:
        done["rungs"] = sweeps.sweep(at).rungs

    def deliver() -> None:
        done["notices"] += delivery.deliver(at)

    def tell() -> None:
        done["notices"] += tell_documents(at)

    parts: tuple[Callable[[], object], ...] = (
        # who holds a post comes before who is reminded
        lambda: handing_over.take_effect(at),
        lambda: recurring.open_due(at),
        lambda: freezing.propose_due(at),
        lambda: reconciled.settle(at),
        # what has ended lacks before the ladder speaks of what lacks
        lambda: expiry_sweep.sweep_expiry(at),
        sweep,
        deliver,
        tell,
        lambda: counted.count_due(at),
        lambda: work_counts.count_due(at),
        matching.follow_due,  # what was filled in just before a process was killed
    )
    broken = [why for part in parts if (why := _tried(part))]
    if broken:
        raise broken[0]
    return done


def _tried(part: Callable[[], object]) -> Exception | None:
    try:
        part()
    except ENDS:
        raise
    except Exception as why:
        log.exception("a part of the tick broke; the others go on")
        return why
    return None
