"""Where everybody's work stands, by county and kind of case: counted ahead of being asked.

In a large installation the tick counts each county in which something happened since it last
looked (docs/adr/0070, as 0037). Whoever sees whole cities gets the counties in which nothing
happened as they were counted, and the others counted anew, as of one moment: the same as counting
everything. What has happened is read off the trails; a move does nothing for it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, Max, Min, Q, QuerySet, Value
from django.db.models import Case as Case_
from django.db.models import When as If
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from cases import querysets as ask
from cases.lights import late_before, soon_until
from cases.models import Case, CaseEvent, WorkCount, WorkMark
from cases.querysets import CaseQuerySet
from cases.stages import CLOSED, TERMINAL, UNCOUNTED
from cases.waiting import WHOM, waits_for
from organisations.among import Among, among_those
from organisations.days import day_of
from organisations.models import AuditEvent, Region
from organisations.planned import one_moment, open_transactions, tell_planner
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme

LOG = logging.getLogger(__name__)

REMEDIES, WAITS = ":remedies", ":waits"  # no keys of a pack
LATE = 10  # working days: 逾期10个工作日以上
# fewer firms' cases are counted as they are asked for
LARGE = 5000
# seconds
ASKED_AGAIN = 600
FEW = 200  # counties
# after so many counties the planner is told
MANY = 100
KEYS = ("programme_id", "county_id", "kind", "pack_version_id")
FIGURES = (
    "listed", "running", "closed", "unended", "lacks_one", "overdue", "late10", "soon", "resting",
    "remedies", "open", "kind_overdue", "kind_soon",
)  # fmt: skip
WAITING = tuple(f"waits_{whom}" for whom in WHOM)
COLUMNS = (*KEYS, *FIGURES, *WAITING)
PLACE = ("position", "name", "level")
# where the trail says which county a case lay in before (``people``, ``placing``)
OLD_COUNTY = ("data__was__county_id", "data__old_county")
# the doors by which somebody begins or ends to be a firm's contact (``enterprises.actions``)
CLERKS = ("link_clerk", "unlink_clerk")


class Line(NamedTuple):
    """Figures of one county, kind and version (``COLUMNS``), and where the county stands in a list
    of them (``PLACE``)."""

    programme_id: int
    pk: int
    kind: str
    version: int
    listed: int
    running: int
    closed: int
    unended: int
    lacks_one: int
    overdue: int
    late10: int
    soon: int
    resting: int
    remedies: int
    open: int
    kind_overdue: int
    kind_soon: int
    waits_county: int
    waits_firm: int
    waits_department: int
    waits_group: int
    waits_office: int
    position: int
    name: str
    level: str


@dataclass(frozen=True)
class Kept:
    """All lines of what a person sees; ``newest``: the programme that is worked on, by city."""

    lines: list[Line]
    newest: frozenset[int]

    def firms(self, line: Line) -> int:
        """In the ledger: what is open, and of the newest programme what has ended, too."""
        return line.listed if line.programme_id in self.newest else line.running

    def closed(self, line: Line) -> int:
        return line.closed if line.programme_id in self.newest else 0


class _Small:
    """Whether anything is counted ahead at all, asked once in a while by a process: where that does
    not hold any more, everything is counted as it is asked for, as before."""

    until, is_small = 0.0, True

    def holds(self) -> bool:
        if monotonic() >= self.until:
            self.is_small = not WorkMark.objects.exists()
            self.until = monotonic() + ASKED_AGAIN
        return self.is_small


_SMALL = _Small()


# --- asking ---------------------------------------------------------------------------------------
def kept(actor: Actor, on: date) -> Kept | None:
    """Figures of everything that a person sees who sees whole cities; three statements. None where
    they are not counted ahead, or not for what he sees."""
    if _SMALL.holds():
        return None
    wide = [s for s in actor.standings_for(Act.READ) if not ask.works_in_part(s)]
    if not (wide or actor.is_system):
        return None
    # between mark and lines the first tick of a new day would change what they are of
    with one_moment():
        mark = WorkMark.objects.values_list("as_of", "up_to", "clerks").first()
        if mark is None or mark[0] != as_of(on):
            return None
        seen, newest = _programmes(actor)
        return None if seen is None else Kept(_lines(seen, on, *mark[1:]), newest)


def as_of(on: date) -> str:
    """The days that figures of a day depend on: the calendar may change under them."""
    return f"{on} {soon_until(on)} {late_before(on, LATE)}"


def _programmes(actor: Actor) -> tuple[list[int] | None, frozenset[int]]:
    """Those of the cities that the actor's posts open whole, None where something else opens part
    of another one; and the newest of each city."""
    every = list(
        Programme.objects.order_by("statistical_year").values_list(
            "pk", "city_id", "city__path", "statistical_year"
        )
    )
    years = {city: year for _pk, city, _path, year in every}
    newest = frozenset(pk for pk, city, _path, year in every if years[city] == year)
    standings = actor.standings_for(Act.READ)
    opened = [s.region_path for s in standings if not ask.works_in_part(s)]
    seen = [
        pk
        for pk, _city, path, _year in every
        if actor.is_system or any(path.startswith(one) for one in opened)
    ]
    in_part = len(opened) < len(standings) or actor.enterprise_ids or actor.served_ids
    return (None if in_part and len(seen) < len(every) else seen), newest


def _lines(seen: list[int], on: date, up_to: int, clerks: int) -> list[Line]:
    place = {f"_{name}": F(f"county__{name}") for name in PLACE}
    columns, here = (*COLUMNS, *place), Q(programme_id__in=seen)
    told = WorkCount.objects.filter(here).annotate(**place).order_by().values_list(*columns)
    moved = _keys(_moved(up_to, clerks))
    if not moved:
        return [Line._make(row) for row in told]
    there = _those(moved)
    anew = [rows.annotate(**_placed()) for rows in counted(here & there, on)]
    every = told.filter(~there).union(*(r.values_list(*columns) for r in anew), all=True)
    return [Line._make(row) for row in every]


def _those(counties: list[int]) -> Q:
    """Of up to so many each by its own index; of more PostgreSQL is told how many they are."""
    if len(counties) > FEW:
        return Q(Among("county", counties))
    return among_those("county", Region.objects.filter(pk__in=counties).order_by().values("pk"))


def _keys(rows: QuerySet[Any, Any]) -> list[int]:
    return sorted({pk for row in rows for pk in row.values() if pk})


def _placed() -> dict[str, Min]:
    # grouped by a name too, a country is sorted (docs/adr/0054)
    return {f"_{name}": Min(f"county__{name}") for name in PLACE}


def _moved(up_to: int, clerks: int) -> QuerySet[Any, Any]:
    """Counties in which something has happened since; of a part also where its whole lies, which
    waits for it; and where a case lay before."""
    since = CaseEvent.objects.filter(pk__gt=up_to).order_by()
    whole = since.filter(case__parent__isnull=False).values("case__parent__county_id")
    left = (
        since.annotate(was=Cast(KT(name), BigIntegerField()))
        .filter(was__isnull=False)
        .values("was")
        for name in OLD_COUNTY
    )
    linked = AuditEvent.objects.filter(pk__gt=clerks, verb__in=CLERKS).order_by()
    firms = linked.annotate(firm=Cast(KT("data__enterprise"), BigIntegerField())).values("firm")
    theirs = Case.objects.filter(enterprise__in=firms, is_main=True).order_by().values("county_id")
    return since.values("case__county_id").union(whole, *left, theirs, all=True)


# --- what is counted ------------------------------------------------------------------------------
def counted(where: Q, on: date) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Cases by county, kind and version, from the cases themselves: their figures; and whom the
    overdue firms wait for, apart, as what asks about papers hides every other cost from the
    planner (docs/adr/0054). The reference, too."""
    late, soon = ask.overdue(on), ask.due_between(on, soon_until(on))
    own = Q(criterion="")
    questions = {
        "listed": Q(is_main=True) & ~Q(stage__in=UNCOUNTED),
        "running": Q(is_main=True) & ~Q(stage__in=UNCOUNTED) & ask.is_open(),
        "closed": Q(is_main=True, stage=CLOSED),
        "unended": Q(is_main=True) & ~Q(stage__in=TERMINAL),
        "lacks_one": ask.lacks_one(),
        "overdue": Q(is_main=True) & late,
        "late10": Q(is_main=True) & ask.overdue(late_before(on, LATE)),
        "soon": Q(is_main=True) & soon,
        "resting": Q(is_main=True) & ask.is_open() & (~ask.runs() | Q(item__waits_higher=True)),
        "remedies": ~own & late,
        "open": ask.is_open(),
        # of remedies as of firms, of the rest somebody's work, where a review has a date too
        "kind_overdue": ~own & late | own & ask.overdue(on, own=True),
        "kind_soon": ~own & soon | own & ask.due_between(on, soon_until(on), own=True),
    }
    figures = {name: Count("pk", filter=asked) for name, asked in questions.items()}
    kind = Case_(
        If(is_main=True, then=Value("")),
        If(~Q(criterion=""), then=Value(REMEDIES)),
        default=F("procedure"),
    )
    cases: CaseQuerySet = Case.objects.with_item().order_by()
    # a matter that waits for its parts is nobody's work: they are, and stand in the list instead
    works = Q(is_main=True) | ~Q(criterion="") | ~Q(ask.waits_for_children())
    rows = cases.filter(where & works).annotate(kind=kind).values(*KEYS)
    overdue = cases.filter(where & questions["overdue"]).annotate(kind=Value(WAITS)).values(*KEYS)
    waits = {f"waits_{whom}": Count("pk", filter=waits_for(whom, on)) for whom in WHOM}
    return (
        rows.annotate(**figures, **dict.fromkeys(waits, Value(0))),
        overdue.annotate(**dict.fromkeys(figures, Value(0)), **waits),
    )


# --- counting -------------------------------------------------------------------------------------
def count_due(at: datetime) -> int:
    """For the tick: in a large installation the counties in which something has happened; how
    many."""
    if not WorkMark.objects.exists():
        if not Case.objects.filter(is_main=True).order_by()[LARGE : LARGE + 1].exists():
            return 0
        WorkMark.objects.get_or_create(pk=1)
        _SMALL.until = 0.0
    # in this order: whoever drew a smaller number than the newest has a transaction by now
    newest, linked = _newest(CaseEvent.objects.all()), _newest(AuditEvent.objects.all())
    return _count(at, newest, linked, *open_transactions())


@transaction.atomic
def _count(at: datetime, newest: int, linked: int, oldest: int, coming: int) -> int:
    """What another process counts just now is left to it. Where nobody writes, all that is numbered
    can be seen; else what was seen by one tick is counted by the next."""
    skip = connection.features.has_select_for_update_skip_locked
    mark, on = WorkMark.objects.select_for_update(skip_locked=skip).first(), day_of(at)
    if mark is None:
        return 0
    if oldest == coming:
        mark.seen, mark.clerks_seen, mark.below = newest, linked, 0
    is_settled = oldest >= mark.below
    done = _count_all(mark, on) if mark.as_of != as_of(on) else 0
    if not done and is_settled and (mark.seen, mark.clerks_seen) != (mark.up_to, mark.clerks):
        done = _count_anew(on, _keys(_moved(mark.up_to, mark.clerks)))
    if is_settled:
        mark.up_to, mark.clerks = mark.seen, mark.clerks_seen
        mark.seen, mark.clerks_seen, mark.below = newest, linked, coming
    elif mark.below > coming:
        # restored on another server, which numbers its transactions anew
        mark.seen, mark.clerks_seen, mark.below = newest, linked, coming
    _look(mark, on)
    mark.save()
    return done


def _newest(rows: QuerySet[Any, Any]) -> int:
    return int(rows.aggregate(newest=Max("pk"))["newest"] or 0)


def _count_all(mark: WorkMark, on: date) -> int:
    WorkCount.objects.all().delete()
    mark.as_of = as_of(on)
    return _write(Q(), on)


def _count_anew(on: date, counties: Iterable[int]) -> int:
    chosen = sorted(counties)
    if chosen:
        WorkCount.objects.filter(county__in=chosen).delete()
        _write(Q(county__in=chosen), on)
    return len(chosen)


def _write(where: Q, on: date) -> int:
    rows = [WorkCount(**line) for part in counted(where, on) for line in part.values(*COLUMNS)]
    WorkCount.objects.bulk_create(rows, batch_size=1000)
    counties = len({row.county_id for row in rows})
    if counties > MANY:
        # until PostgreSQL looks for itself it takes them for what they were
        tell_planner(WorkCount)
    return counties


def _look(mark: WorkMark, on: date) -> None:
    """One county after the other, one each time: whether its counts are what its cases say."""
    later = WorkCount.objects.filter(county__gt=mark.looked).order_by("county")
    county = later.values_list("county", flat=True).first()
    mark.looked = county or 0
    if county and differing(mark, on, Q(county=county)):
        mark.differing += 1
        LOG.error("counts of work in county %s differed from its cases; counted anew", county)
        _count_anew(on, [county])


def differing(mark: WorkMark, on: date, where: Q) -> list[int]:
    """Counties of which counts and cases say different things, asked twice: what happens between
    two looks is no difference."""
    found = _differing(mark, on, where)
    return sorted(found & _differing(mark, on, where)) if found else []


def wrong(programme: Programme, on: date) -> list[int]:
    """By hand, of all counties of a programme; none where nothing was counted for that day."""
    mark = WorkMark.objects.filter(as_of=as_of(on)).first()
    return [] if mark is None else differing(mark, on, Q(programme=programme))


def _differing(mark: WorkMark, on: date, where: Q) -> set[int]:
    moved = set(_keys(_moved(mark.up_to, mark.clerks)))
    told = Counter(WorkCount.objects.filter(where).values_list(*COLUMNS))
    true = Counter(row for part in counted(where, on) for row in part.values_list(*COLUMNS))
    return {row[1] for row in ((told - true) | (true - told))} - moved
