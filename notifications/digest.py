"""The digest: one a person and working morning, as long as something is to be done.

It says what lies open now. A morning that was missed is not made up for: yesterday's digest is
dropped when today's begins (after an outage no flood).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext

from cases.columns import Reader, sees_counties
from cases.told import line_of
from cases.workbench import Desk
from notifications import short, weekly
from notifications.channels.line import Channel
from notifications.deliveries import MORNING
from notifications.languages import language_of
from notifications.models import Delivery
from organisations.models import Tenure, User
from organisations.roles import Act, Role
from organisations.scope import Actor, actor_of

log = logging.getLogger(__name__)
State = Delivery.State
# how many firms somebody's counties lack to the month's planned line; None for whom it says nothing
Pace = Callable[[Actor, date], int | None]
FIRST = 3
# who reads a digest: whoever works on cases; leaders have their page before the meeting
READERS = frozenset(Role) - {
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.SUPERVISOR,
    Role.LEADER,
}
_OWN = {
    "unknown": gettext_lazy(
        "Your county: %(closed)d of %(firms)d closed, only one missing: %(lacks_one)d."
    ),
    "short": gettext_lazy(
        "Your county: %(closed)d of %(firms)d closed, %(short)d more to this month's planned line, "
        "only one missing: %(lacks_one)d."
    ),
    "reached": gettext_lazy(
        "Your county: %(closed)d of %(firms)d closed, this month's planned line is reached, "
        "only one missing: %(lacks_one)d."
    ),
}
_IN_ALL = {
    "unknown": gettext_lazy(
        "In all: %(closed)d of %(firms)d closed, only one missing: %(lacks_one)d."
    ),
    "short": gettext_lazy(
        "In all: %(closed)d of %(firms)d closed, %(short)d more to the counties' planned lines of "
        "this month, only one missing: %(lacks_one)d."
    ),
    "reached": gettext_lazy(
        "In all: %(closed)d of %(firms)d closed, every county has reached this month's planned "
        "line, only one missing: %(lacks_one)d."
    ),
}


@dataclass(frozen=True)
class Written:
    """A digest in its reader's language."""

    subject: str
    body: str
    short: str


def unknown(actor: Actor, day: date) -> int | None:
    """Where nobody counts the planned line."""
    return None


def plan(
    at: datetime,
    channels: Sequence[Channel],
    is_over: Callable[[], bool] = lambda: False,
    pace: Pace = unknown,
) -> int:
    """Rows for the digests of this morning whose hour has come; the number made.

    ``is_over`` ends it early: who was not reached is looked at in the next run. ``pace``: a figure
    of the reports, which lie beside this floor.
    """
    moment = timezone.localtime(at)
    _drop_overtaken(at)
    people = [channel for channel in channels if not channel.is_group]
    groups = [channel for channel in channels if channel.is_group]
    made = sum(_plan_for_group(channel, at, pace) for channel in groups)
    for user in _readers(moment) if people else ():
        if is_over():
            break
        try:
            made += _plan_for(user, at, people, pace)
        except DatabaseError:
            raise
        except Exception:  # one digest that breaks must not stop those behind it, nor any letter
            log.exception("digest of account %s", user.pk)
    return made


def _drop_overtaken(at: datetime) -> None:
    """Digests of earlier days that never went out; those under way are left alone."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    Delivery.objects.filter(
        kind=Delivery.Kind.DIGEST, state=State.WAITING, made_at__lt=midnight
    ).update(state=State.DROPPED, settled_at=at, answer="overtaken by a newer digest")


def _readers(moment: datetime) -> Iterable[User]:
    """People with a working post whose hour has come and who were not looked at today."""
    day = moment.date()
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = Delivery.objects.filter(
        kind=Delivery.Kind.DIGEST, made_at__gte=midnight, recipient__isnull=False
    )
    held = Tenure.objects.on(day).filter(post__role__in=READERS, user__is_active=True)
    due = Q(preference__digest=True, preference__digest_at__lte=moment.time())
    if moment.time() >= MORNING:
        due |= Q(preference=None)
    return (
        User.objects.filter(due, pk__in=held.values("user"))
        .exclude(pk__in=seen.values("recipient"))
        .select_related("preference")
        .order_by("pk")
    )


def _plan_for(user: User, at: datetime, channels: Sequence[Channel], pace: Pace) -> int:
    """A row on each channel; a silent one where there is no address or nothing to say, so that
    nobody is looked at twice in a morning."""
    day = timezone.localdate(at)
    reached = [channel.key for channel in channels if channel.address_of(user)]
    actor = actor_of(user, day)
    written = write(actor, day, pace) if reached else None
    rows = [
        Delivery(
            key=f"digest:{user.pk}:{day}:{channel.key}",
            kind=Delivery.Kind.DIGEST,
            channel=channel.key,
            city_id=min(actor.city_ids, default=None),
            recipient=user,
            subject=written.subject if written else "",
            body=(written.short if channel.is_short else written.body) if written else "",
            made_at=at,
            next_try_at=at,
            **_state_of(channel.key in reached and written is not None, at),
        )
        for channel in channels
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(reached) if written else 0


def _plan_for_group(channel: Channel, at: datetime, pace: Pace) -> int:
    """The totals of the morning for a chat group, in the installation's language."""
    day = timezone.localdate(at)
    key = f"digest:group:{day}:{channel.key}"
    if timezone.localtime(at).time() < MORNING or Delivery.objects.filter(key=key).exists():
        return 0
    with override(language_of(None)):
        text = _totals(day, pace)
        row = Delivery(
            key=key,
            kind=Delivery.Kind.DIGEST,
            channel=channel.key,
            address=channel.key,
            subject=_("To do today") if text else "",
            body=text,
            made_at=at,
            next_try_at=at,
            **_state_of(bool(text), at),
        )
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    return int(bool(text))


def _totals(day: date, pace: Pace) -> str:
    """Figures by county; "" where nothing is late or near. A group is no place for firms."""
    desk = Desk(Actor.system(), day)
    figures = desk.figures
    if not (figures["all_overdue"] or figures["soon"]):
        return ""
    words = _("%(name)s: overdue %(overdue)d · due soon %(soon)d")
    lines = [
        words % {"name": row.name, "overdue": row.overdue, "soon": row.soon}
        for row in desk.counties()
        if row.overdue or row.soon
    ]
    head = dateformat.format(day, pgettext("digest", "l j M"))
    where = settings.PUBLIC_ADDRESS or _("Please sign in to work on it.")
    return "\n".join([head, *lines, _county(desk, pace), where])


def _state_of(speaks: bool, at: datetime) -> dict[str, Any]:
    return {"state": State.WAITING} if speaks else {"state": State.SILENT, "settled_at": at}


def write(actor: Actor, day: date, pace: Pace = unknown) -> Written | None:
    """The digest of what lies on a desk; None where there is nothing to do."""
    if not actor.may(Act.READ):
        return None
    desk = Desk(actor, day)
    figures = desk.figures
    with override(language_of(actor.user)):
        counts = [
            (_("Overdue"), figures["overdue"]),
            (_("Due today"), figures["today"]),
            (_("Due in 3 working days"), figures["next"]),
            (_("Sent back, to correct"), figures["returned"]),
            (_("For your review"), figures["review"]),
        ]
        if not any(count for _label, count in counts):
            return None
        is_weekly = weekly.is_weekly(desk)
        head = (
            _("The week: %(name)s, %(day)s") if is_weekly else _("To do today: %(name)s, %(day)s")
        )
        lines = [
            head % {"name": actor.user, "day": dateformat.format(day, pgettext("digest", "l j M"))},
            " · ".join(f"{label} {count}" for label, count in counts),
            *_first(desk),
            _county(desk, pace),
            weekly.last_week(desk) if is_weekly else "",
            _links(),
        ]
        body = "\n".join(line for line in lines if line)
        subject = _("The week") if is_weekly else _("To do today")
        return Written(subject, body, short.of_counts(figures))


def _first(desk: Desk) -> list[str]:
    """The three that press most, as the workbench lists them."""
    found = desk.todos(FIRST)
    if not found:
        return []
    rows = Reader(desk.actor, desk.on).plain(found)
    lines = [line_of(n, row) for n, row in enumerate(rows, start=1)]
    head = ngettext("First this one:", "First these %(n)d:", len(lines)) % {"n": len(lines)}
    return [head, *lines]


def _county(desk: Desk, pace: Pace) -> str:
    """How one's part of the map stands, and how far its counties are from the month's line."""
    figures = desk.figures
    if not figures["firms"]:
        return ""
    short = pace(desk.actor, desk.on)
    values = {**{k: figures[k] for k in ("closed", "firms", "lacks_one")}, "short": short}
    if desk.actor.is_system or sees_counties(desk.actor):
        words = _IN_ALL[_how(short)]
    else:
        words = _OWN[_how(short)]
    return str(words % values)


def _how(short: int | None) -> str:
    if short is None:
        return "unknown"
    return "short" if short else "reached"


def _links() -> str:
    """Where to go on; an installation that does not know its address says it in words."""
    if not settings.PUBLIC_ADDRESS:
        return _("See all: sign in. Stop or change the time: My page, message settings")
    return _("See all: %(all)s Stop or change the time: %(change)s") % {
        "all": settings.PUBLIC_ADDRESS + reverse("home"),
        "change": settings.PUBLIC_ADDRESS + reverse("message_settings"),
    }
