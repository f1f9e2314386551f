"""One tick: cases, notifications and reports in turn."""

from datetime import datetime

from cases import expiry_sweep, sweeps
from cases.actions import handing_over, matching, recurring
from config.telling import tell_documents
from notifications import delivery
from reports import reconciled
from reports.figures import counted, freezing
from workflows.models import forget_calendar


def tick(at: datetime) -> dict[str, int]:
    """Do whatever is due at ``at``: {"rungs": fired, "notices": made}. Idempotent.

    Called by beat, cron, the command line or four of them at once; a long-lived worker looks at
    the calendar anew, as somebody may have entered moved working days since.
    """
    forget_calendar()
    # who holds a post comes before who is reminded
    handing_over.take_effect(at)
    recurring.open_due(at)
    freezing.propose_due(at)
    reconciled.settle(at)
    # what has ended lacks before the ladder speaks of what lacks
    expiry_sweep.sweep_expiry(at)
    swept = sweeps.sweep(at)
    done = {"rungs": swept.rungs, "notices": delivery.deliver(at) + tell_documents(at)}
    counted.count_due(at)
    matching.follow_due()  # what was filled in just before a process was killed
    return done
