"""审计日志: who did what, when, as far as one may read it; a page, a workbook, a command read it.

The audit administrator and the office read all of their city, the system administrator too (no
case is in it), the security administrator the sign-ins and accounts. What was done to cases is for
the audit administrator and the office.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import CaseEvent
from cases.names import Names
from cases.wording import words_of
from config.trail import words
from config.trail.filters import Filters
from enterprises.models import Clerk, Membership
from organisations.keyset import Key
from organisations.models import AuditEvent, Region, Tenure, User
from organisations.roles import Act
from organisations.scope import Actor

Kind = AuditEvent.Kind
# who reads the trail of settings, sign-ins, exports; and of it all, or sign-ins and accounts alone
READERS = (Act.READ_AUDIT, Act.READ_SIGN_INS, Act.MANAGE_SETTINGS, Act.MANAGE_DELIVERIES)
OF_ALL = frozenset({Act.READ_AUDIT, Act.MANAGE_SETTINGS, Act.MANAGE_DELIVERIES})
OF_CASES = (Act.READ_AUDIT, Act.MANAGE_DELIVERIES)
SECURITY = (Kind.SIGN_IN, Kind.USER)
CASES = "cases"
ORDER = (Key("pk", is_down=True),)


@dataclass(frozen=True)
class Asked:
    """What is looked for: a kind (``cases`` for deeds on cases), whom, from and until a day."""

    kind: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Entry:
    """One line for people: ``case`` is the number of the case that it was done to."""

    pk: int
    at: datetime
    who: str
    account: str
    kind: str
    deed: str
    subject: str
    details: list[str]
    address: str
    case_id: int | None = None


def may_read_cases(actor: Actor) -> bool:
    return actor.is_system or any(actor.may(act) for act in OF_CASES)


def kinds_for(actor: Actor) -> list[tuple[str, str]]:
    """What can be chosen, with its words."""
    every = [(str(value), str(label)) for value, label in Kind.choices]
    if not (actor.is_system or any(actor.may(act) for act in OF_ALL)):
        every = [one for one in every if one[0] in SECURITY]
    if may_read_cases(actor):
        every.append((CASES, _("Deeds on cases")))
    return every


def entries(actor: Actor, asked: Asked) -> QuerySet[Any]:
    """The lines that ``actor`` may read, newest first."""
    rows: QuerySet[Any]
    if asked.kind == CASES:
        rows = _of_cases(actor)
    else:
        rows = _of_the_house(actor)
        if asked.kind:
            rows = rows.filter(kind=asked.kind)
    if asked.who:
        named = Q(by__username__iexact=asked.who) | Q(by__name=asked.who)
        # a sign-in that failed has nobody but the account that was typed
        typed = Q(by=None, kind=Kind.SIGN_IN, subject__iexact=asked.who)
        rows = rows.filter(named if asked.kind == CASES else named | typed)
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return rows.select_related("by").order_by("-pk")


def _of_the_house(actor: Actor) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.all()
    if actor.is_system:
        return rows
    cities = _cities(actor, READERS)
    if not any(actor.may(act) for act in OF_ALL):
        rows = rows.filter(kind__in=SECURITY)
    return rows.filter(_in_cities(cities))


def _of_cases(actor: Actor) -> QuerySet[CaseEvent]:
    rows = CaseEvent.objects.select_related("case__programme", "by_post__unit")
    if actor.is_system:
        return rows
    return rows.filter(case__programme__city__in=_cities(actor, OF_CASES))


def _cities(actor: Actor, acts: tuple[Act, ...]) -> set[int]:
    found = {s.city_id for act in acts for s in actor.standings_for(act)}
    return {pk for pk in found if pk is not None}


def _in_cities(cities: set[int]) -> Q:
    """Where there is one city, everything. Else what its people did, and failed sign-ins with an
    account of theirs: what the machine did is read on the command line alone.
    """
    if not cities:
        return Q(pk=None)
    if not Region.objects.cities().exclude(pk__in=cities).exists():
        return Q()
    paths = Q()
    for path in Region.objects.filter(pk__in=cities).values_list("path", flat=True):
        paths |= Q(post__unit__region__path__startswith=path)
    staff = Tenure.objects.filter(paths)
    firms = Membership.objects.filter(city__in=cities)
    clerks = Clerk.objects.filter(enterprise__in=firms.values("enterprise"))
    accounts = User.objects.filter(pk__in=staff.values("user")).values("username")
    return (
        Q(by__in=staff.values("user"))
        | Q(by__in=clerks.values("user"))
        | Q(by=None, kind=Kind.SIGN_IN, subject__in=accounts)
    )


def lines(rows: Iterable[Any], on: date) -> Iterator[Entry]:
    """Lines of one page, or of one chunk of a workbook; names of units are looked up at once."""
    found = list(rows)
    names = Names.of([row for row in found if isinstance(row, CaseEvent)], on)
    filters = Filters([row for row in found if isinstance(row, AuditEvent)])
    for row in found:
        yield _case_line(row, names) if isinstance(row, CaseEvent) else _line(row, filters)


def _line(row: AuditEvent, filters: Filters) -> Entry:
    return Entry(
        pk=row.pk,
        at=row.at,
        who=_who(row.by),
        account=row.by.username if row.by else "",
        kind=str(row.get_kind_display()),
        deed=words.deed(row),
        subject=row.subject,
        details=words.details(row, filters),
        address=row.address or "",
    )


def _case_line(row: CaseEvent, names: Names) -> Entry:
    return Entry(
        pk=row.pk,
        at=row.at,
        who=_who(row.by),
        account=row.by.username if row.by else "",
        kind=_("Case"),
        deed=words_of(row, names),
        subject=row.case.number,
        details=[],
        address="",
        case_id=row.case_id,
    )


def _who(user: User | None) -> str:
    return str(user) if user else _("the system")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
