"""Where the firms' cases of a programme stand, by county and stage: counted ahead of being asked.

Of a large programme the tick counts each county in which something happened since it last looked
(docs/adr/0037). Whoever asks gets the counties that nothing happened in as they were counted, and
the others counted anew, in one statement: the same as counting everything, at any moment. What has
happened is read off the trail, which the one writer keeps; a move does nothing for it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import BigIntegerField, Count, Max, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from cases import querysets as ask
from cases.lights import late_before, soon_until
from cases.models import Case, CaseEvent
from cases.querysets import CaseQuerySet
from cases.rulebook import calendar
from cases.stages import CARRIED_OVER, CLOSED, DELISTED, TERMINAL, WITHDRAWN
from organisations.asked_again import kept
from organisations.compiled import Compiled, ask_for_its_values
from organisations.days import day_of
from organisations.models import Region
from organisations.planned import open_transactions as _transactions
from organisations.planned import tell_planner
from workflows.models import Programme, stages_left_by

LOG = logging.getLogger(__name__)

LATE = 10  # working days: 逾期10个工作日以上
# fewer cases are counted as they are asked for
LARGE = 5000
# after so many counties the planner is told
MANY = 100
FIGURES = (
    "firms", "opened", "running", "closed", "delisted", "overdue", "overdue_long", "soon", "fine",
    "resting", "reviews", "lacks_one", "carried_in", "carried_out", "unsigned",
)  # fmt: skip
COLUMNS = ("county_id", "stage", *FIGURES)
# county, stage, then a number for each of ``FIGURES``
Line = tuple[Any, ...]


class CountyCount(models.Model):
    """Firms' cases of one county in one stage, as they stood on ``day`` when they were counted."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+")
    county = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=30)
    day = models.DateField()
    firms = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    running = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    delisted = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    overdue_long = models.PositiveIntegerField()
    soon = models.PositiveIntegerField()
    fine = models.PositiveIntegerField()
    resting = models.PositiveIntegerField()
    reviews = models.PositiveIntegerField()
    lacks_one = models.PositiveIntegerField()
    carried_in = models.PositiveIntegerField()
    carried_out = models.PositiveIntegerField()
    unsigned = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "county", "stage"], name="county_count_once_a_stage"
            )
        ]


class CountMark(models.Model):
    """How far the trail is in the counts of a programme.

    ``up_to``: every event of a smaller or the same number is in them. ``seen``: the next such mark,
    once every transaction is over that was open then; those have numbers below ``below``.
    ``looked``: the county that was compared with its cases last; ``differing``: how often one was
    found wrong, and counted anew.
    """

    programme = models.OneToOneField(Programme, on_delete=models.CASCADE, related_name="+")
    up_to = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    below = models.BigIntegerField(default=0)
    looked = models.BigIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)


# --- asking ---------------------------------------------------------------------------------------
def lines(programme: Programme, on: date, county: int | None = None) -> list[Line]:
    """Figures of today by county and stage, or of one county; two statements."""
    up_to = _up_to(programme.pk)
    if not up_to:
        return lines_anew(programme, on, county)

    def build(up_to: int, *here: int) -> QuerySet[Any, Line]:
        moved = _moved(programme, up_to, on)
        at: dict[str, Any] = {"county_id": here[0]} if here else {}
        told = CountyCount.objects.filter(programme=programme, **at).order_by()
        clean = told.exclude(county_id__in=moved).values_list(*COLUMNS)
        anew = _grouped(_cases(programme).filter(county_id__in=moved, **at), on)
        return clean.union(anew.values_list(*COLUMNS), all=True)

    values = (*up_to, *(() if county is None else (county,)))
    named = ("county lines", programme.pk, on, len(values))
    made_with = (calendar(), stages_left_by("acknowledge"))
    asked = kept(named, lambda: Compiled(build, *(int for _one in values)), by=made_with)
    return ask_for_its_values(asked.asked(*values))


# how far the trail is in the counts of a programme, if it is large
_up_to = Compiled(
    lambda programme: CountMark.objects.filter(programme=programme).values_list("up_to", flat=True),
    int,
)


def lacking_one(programme: Programme) -> dict[int, int]:
    """By county the open firms that lack one item now, which is no matter of a day; two statements
    at most."""
    mark = CountMark.objects.filter(programme=programme).first()
    short = _cases(programme).filter(lacking_count=1).exclude(stage__in=TERMINAL)
    if mark is None:
        return dict(short.values_list("county_id").annotate(n=Count("pk")))
    moved = _moved(programme, mark.up_to)
    told = CountyCount.objects.filter(programme=programme, lacks_one__gt=0).order_by()
    clean = told.exclude(county_id__in=moved).values_list("county_id", "lacks_one")
    anew = short.filter(county_id__in=moved).values_list("county_id").annotate(n=Count("pk"))
    found: Counter[int] = Counter()
    for county, n in clean.union(anew, all=True):
        found[county] += n
    return dict(found)


def lines_anew(programme: Programme, on: date, county: int | None = None) -> list[Line]:
    """The same from the cases themselves; one statement. The reference."""
    rows = _cases(programme)
    if county is not None:
        rows = rows.filter(county_id=county)
    return list(_grouped(rows, on).values_list(*COLUMNS))


def differing(programme: Programme, on: date, county: int | None = None) -> list[int]:
    """Counties of which the two say different things. What happens between the one statement and
    the other is no difference: both are asked of one moment, and where somebody has begun a
    transaction already, who differs is asked twice."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = _differing(programme, on, county)
        return sorted(found & _differing(programme, on, county)) if found else []


def _differing(programme: Programme, on: date, county: int | None) -> set[int]:
    told, true = lines(programme, on, county), lines_anew(programme, on, county)
    return {line[0] for line in set(told) ^ set(true)}


def _cases(programme: Programme) -> CaseQuerySet:
    rows: CaseQuerySet = Case.objects.filter(programme=programme, is_main=True).order_by()
    return rows


def _grouped(rows: CaseQuerySet, on: date) -> QuerySet[Any, Any]:
    near = soon_until(on)
    to_sign = ask.stands_in(stages_left_by("acknowledge"))
    questions = {
        "firms": Q(),
        "opened": ~Q(stage__in=(DELISTED, WITHDRAWN)),
        "running": ask.is_open(),
        "closed": Q(stage=CLOSED),
        "delisted": Q(stage=DELISTED),
        "overdue": ask.overdue(on),
        "overdue_long": ask.overdue(late_before(on, LATE)),
        "soon": ask.due_between(on, near),
        "fine": ask.in_time(on, near),
        "resting": ask.rests(on),
        "reviews": ask.review_waits(on),
        "lacks_one": ask.lacks_one(),
        "carried_in": Q(carried_from__isnull=False),
        "carried_out": Q(stage=CARRIED_OVER),
        "unsigned": to_sign & (Q(item__is_declined=True) | ask.suspended()),
    }
    counts = {name: Count("pk", filter=asked) for name, asked in questions.items()}
    found: QuerySet[Any, Any] = rows.with_item().values("county_id", "stage").annotate(**counts)
    return found


# where the trail says which county a case lay in before (``past.taken_back``)
OLD_COUNTY = ("data__was__county_id", "data__old_county")


def _moved(programme: Programme, after: int, on: date | None = None) -> QuerySet[Any, Any]:
    """Counties in which something has happened since, or that were counted on another day; without
    a day only the former."""
    since = CaseEvent.objects.filter(pk__gt=after, case__programme=programme, case__is_main=True)
    left = (
        since.order_by()
        .annotate(was=Cast(KT(name), BigIntegerField()))
        .filter(was__isnull=False)
        .values("was")
        for name in OLD_COUNTY
    )
    told = CountyCount.objects.filter(programme=programme).order_by()
    stale = told.exclude(day=on) if on else told.none()
    return (
        since.order_by().values("case__county_id").union(stale.values("county_id"), *left, all=True)
    )


# --- counting -------------------------------------------------------------------------------------
def count_due(at: datetime) -> int:
    """For the tick: in large programmes the counties in which something has happened; how many."""
    known = set(CountMark.objects.values_list("programme_id", flat=True))
    for programme in Programme.objects.exclude(pk__in=known).order_by("pk"):
        if _cases(programme)[LARGE : LARGE + 1].exists():
            CountMark.objects.get_or_create(programme=programme)
            known.add(programme.pk)
    programmes = Programme.objects.filter(pk__in=known).order_by("pk")
    return sum(count(programme, at) for programme in programmes)


@transaction.atomic
def count(programme: Programme, at: datetime) -> int:
    """Count the counties in which something has happened; how many. What another process counts
    just now is left to it."""
    skip = connection.features.has_select_for_update_skip_locked
    marks = CountMark.objects.select_for_update(skip_locked=skip).filter(programme=programme)
    mark, on = marks.first(), day_of(at)
    if mark is None:
        return 0
    # in this order: whoever drew a smaller number than the newest has a transaction by now
    newest = CaseEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    oldest, coming = _transactions()
    is_settled = oldest >= mark.below
    counties = _to_count(programme, mark, on, is_settled=is_settled)
    _count_anew(programme, on, counties)
    if is_settled:
        mark.up_to, mark.seen, mark.below = mark.seen, newest, coming
    elif mark.below > coming:
        # restored on another server, which numbers its transactions anew
        mark.seen, mark.below = newest, coming
    _look(mark, on)
    mark.save()
    return len(counties)


def _to_count(programme: Programme, mark: CountMark, on: date, *, is_settled: bool) -> set[int]:
    told = CountyCount.objects.filter(programme=programme)
    if not told.exists():
        return set(_cases(programme).values_list("county_id", flat=True).distinct())
    if is_settled and mark.seen > mark.up_to:
        return {pk for row in _moved(programme, mark.up_to, on) for pk in row.values() if pk}
    return set(told.exclude(day=on).values_list("county_id", flat=True))


def _count_anew(programme: Programme, on: date, counties: Iterable[int]) -> None:
    chosen = list(counties)
    if not chosen:
        return
    found = _grouped(_cases(programme).filter(county_id__in=chosen), on).values(*COLUMNS)
    rows = [CountyCount(programme=programme, day=on, **line) for line in found]
    CountyCount.objects.filter(programme=programme, county_id__in=chosen).delete()
    CountyCount.objects.bulk_create(rows, batch_size=1000)
    if len(chosen) > MANY:
        # a new day: until PostgreSQL looks for itself it takes every count for one of yesterday
        tell_planner(CountyCount)


def _look(mark: CountMark, on: date) -> None:
    """One county after the other, one each time: whether its counts are what its cases say."""
    counted = CountyCount.objects.filter(programme=mark.programme).order_by("county_id")
    next_one = counted.filter(county_id__gt=mark.looked).values_list("county_id", flat=True).first()
    mark.looked = next_one or 0
    if next_one and differing(mark.programme, on, next_one):
        mark.differing += 1
        LOG.error("counts of county %s differed from its cases; counted anew", next_one)
        _count_anew(mark.programme, on, [next_one])
