"""What was known of a city's firms on a day: the question that every rate asks.

The state about the newest month wins; of several about one month, the one known last. What became
known after the day does not exist yet. A firm without a fact is simply not there: not covered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from enterprises.models import ImportBatch, MonthlyFact
from organisations.among import Among
from organisations.days import day_of
from organisations.models import Region


def newest_facts(
    city: Region, *, as_of: date, since_month: date | None = None, until_month: date | None = None
) -> dict[int, MonthlyFact]:
    """The newest fact of each firm by enterprise id, in one query."""
    facts = facts_known(city, as_of=as_of, since_month=since_month, until_month=until_month)
    return {fact.enterprise_id: fact for fact in facts}


def facts_known(
    city: Region,
    *,
    as_of: date,
    since_month: date | None = None,
    until_month: date | None = None,
    firms: Collection[int] | None = None,
) -> QuerySet[MonthlyFact]:
    """At most one fact for each firm, in one query.

    ``since_month``: ignore older months, as a new year's section starts empty (practice: years);
    ``until_month``: ignore newer ones, as of a month that is frozen once its own facts are in;
    ``firms``: of these only.
    Whether a fact means *covered* is for the pack's ``covered_when``, not for this floor.
    """
    known = MonthlyFact.objects.filter(city=city, known_on__lte=as_of)
    if since_month is not None:
        known = known.filter(about_month__gte=since_month.replace(day=1))
    if until_month is not None:
        known = known.filter(about_month__lte=until_month.replace(day=1))
    if firms is not None:
        known = known.filter(Among("enterprise", firms))
    return _newest(known)


def _newest(known: QuerySet[MonthlyFact]) -> QuerySet[MonthlyFact]:
    place = Window(
        RowNumber(),
        partition_by=F("enterprise_id"),
        order_by=[F("about_month").desc(), F("known_on").desc(), F("id").desc()],
    )
    return known.annotate(place=place).filter(place=1)


def facts_in(
    cities: Collection[int], *, as_of: date, firms: Collection[int] | None = None
) -> QuerySet[MonthlyFact]:
    """The newest fact of each firm in any of these cities; ``firms``: of these only."""
    known = MonthlyFact.objects.filter(city__in=list(cities), known_on__lte=as_of)
    if firms is not None:
        known = known.filter(Among("enterprise", firms))
    return _newest(known)


@dataclass(frozen=True)
class Correction:
    """A list that changed what figures of earlier days say: read in with a reason, or taken back
    after it had counted; ``about_month`` None: a register."""

    read_on: date
    about_month: date | None
    since: date
    reason: str


def corrections_of(city: Region, on: date) -> list[Correction]:
    """The lists read in after a day that say something else of it than was known, and those that
    counted on it and were taken back later; one statement."""
    applied = Q(
        kind=ImportBatch.Kind.FILING,
        state=ImportBatch.State.APPLIED,
        known_on__lte=on,
        options__correction__gt="",
    )
    undone = Q(state=ImportBatch.State.UNDONE, undone_at__isnull=False) & (
        Q(kind=ImportBatch.Kind.FILING, known_on__lte=on)
        | Q(kind=ImportBatch.Kind.REGISTER, as_of__lte=on)
    )
    rows = ImportBatch.objects.filter(applied | undone, city=city).order_by("applied_at")
    found = (_correction(row) for row in rows)
    return [one for one in found if one is not None and one.read_on > on]


def _correction(row: ImportBatch) -> Correction | None:
    """Of a list that was taken back the day of that: until then its figures were the city's."""
    since = row.as_of if row.kind == ImportBatch.Kind.REGISTER else row.known_on
    changed_at = row.undone_at or row.applied_at
    if since is None or changed_at is None:
        return None
    words = _("Import no. %(id)s (%(file)s) was taken back")
    reason = (
        words % {"id": row.pk, "file": row.file_name}
        if row.undone_at
        else str(row.options["correction"])
    )
    return Correction(day_of(changed_at), row.about_month, since, reason)
