"""How the installation is: what ran last, what waits, what failed, how much room is left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from cases.models import PendingEvent, WorkMark
from notifications import listing
from notifications.models import Delivery, Line, Pulse
from organisations import wake
from organisations.models import AuditEvent
from reports.figures.counted import CountMark

# beat calls each minute; five missed ones are no accident
STALE = timedelta(minutes=5)
# a night's work that failed is seen the next day
NIGHTLY = timedelta(hours=48)
LATEST = {
    "tick": STALE, "send": STALE, "seal": 3 * STALE,
    "backup": NIGHTLY, "verify": NIGHTLY, "sweep_up": NIGHTLY,
}  # fmt: skip
LEAST_ROOM = 1024**3
EACH_MINUTE = ("tick", "send")
NAMES = ("tick", "send", "backup", "seal", "verify", "sweep_up")


@dataclass(frozen=True)
class Vitals:
    """Figures of one moment of the machine; times are moments, ages in seconds.

    ``since``: when the first line of the trail was written; ``newest``: the newest.
    """

    at: datetime
    since: datetime | None
    newest: datetime | None
    pulses: dict[str, datetime]
    pending: int
    pending_since: datetime | None
    deliveries: dict[str, int]
    waiting_since: datetime | None
    resting: dict[str, str]
    wake_failures: int
    disk_free: int
    disk_total: int
    # places at which the trail was found changed when it was last verified
    breaks: int
    # how often a county's counts were found to differ from its cases, and were counted anew
    miscounted: int

    def age(self, name: str) -> float | None:
        """Seconds since ``name`` ran; None where it never did."""
        ran = self.pulses.get(name)
        return (self.at - ran).total_seconds() if ran else None

    def is_late(self, name: str) -> bool:
        """Whether ``name`` has not run for too long; what is said to run later has not."""
        ran = self.pulses.get(name)
        if ran is not None:
            return not -STALE <= self.at - ran <= LATEST[name]
        # a new installation has not had its first night yet
        is_new = self.since is None or self.at - self.since <= NIGHTLY
        return name in EACH_MINUTE or not is_new

    @property
    def is_stale(self) -> bool:
        """Whether nobody calls the tick any more: no deadline is chased."""
        return self.is_late("tick")

    @property
    def lacks_backup(self) -> bool:
        """Whether none was made of late; what is made up for a demo needs none."""
        return not settings.DEMO and ("backup" not in self.pulses or self.is_late("backup"))

    @property
    def is_behind(self) -> bool:
        """Whether the machine's clock shows less than what it has written down already."""
        known = [*self.pulses.values(), *filter(None, [self.newest])]
        return any(one - self.at > STALE for one in known)

    @property
    def is_full(self) -> bool:
        return self.disk_free < LEAST_ROOM

    @property
    def is_well(self) -> bool:
        bad = self.deliveries["in_doubt"] or self.deliveries["failed"] or self.resting
        late = any(self.is_late(name) for name in NAMES if name != "backup")
        worn = self.is_full or self.is_behind or self.lacks_backup or self.breaks
        return not (late or worn or bad)


def vitals(at: datetime) -> Vitals:
    """``at``: the machine's own moment. Nine statements; counting is by partial indexes where
    tables grow."""
    room = shutil.disk_usage(settings.VAR_DIR)
    pulses = Pulse.objects.in_bulk()
    trail = AuditEvent.objects.values_list("recorded_at", flat=True)
    marks = (model.objects.values_list("differing") for model in (CountMark, WorkMark))
    wrong = next(marks).union(*marks, all=True)
    open_rows = Delivery.objects.filter(state=Delivery.State.WAITING)
    return Vitals(
        at=at,
        since=trail.order_by("pk").first(),
        newest=trail.order_by("-pk").first(),
        pulses={name: one.at for name, one in pulses.items()},
        pending=PendingEvent.objects.count(),
        pending_since=PendingEvent.objects.aggregate(at=Min("event__at"))["at"],
        deliveries=listing.counts(Delivery.objects.all()),
        waiting_since=open_rows.aggregate(at=Min("made_at"))["at"],
        resting=dict(Line.objects.filter(failures__gt=0).values_list("channel", "answer")),
        wake_failures=wake.failures,
        disk_free=room.free,
        disk_total=room.total,
        breaks=pulses["verify"].done.get("breaks", 0) if "verify" in pulses else 0,
        miscounted=sum(n for (n,) in wrong),
    )


def exposition(found: Vitals) -> str:
    """The figures as Prometheus reads them (text format 0.0.4)."""
    lines: list[str] = []

    def say(name: str, kind: str, *values: tuple[str, float]) -> None:
        lines.append(f"# TYPE xiaohao_{name} {kind}")
        lines.extend(f"xiaohao_{name}{labels} {value:g}" for labels, value in values)

    ages = [(f'{{job="{n}"}}', age) for n in NAMES if (age := found.age(n)) is not None]
    say("last_run_age_seconds", "gauge", *ages)
    say("pending_events", "gauge", ("", found.pending))
    say("deliveries", "gauge", *((f'{{list="{k}"}}', v) for k, v in found.deliveries.items()))
    say("channels_resting", "gauge", ("", len(found.resting)))
    say("trail_breaks", "gauge", ("", found.breaks))
    say("miscounted_total", "counter", ("", found.miscounted))
    say("wake_failures_total", "counter", ("", found.wake_failures))
    say("disk_free_bytes", "gauge", ("", found.disk_free))
    return "\n".join([*lines, ""])
