"""What forbids an import as a whole: who, and which day."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from enterprises.importing.findings import Finding
from enterprises.importing.refusal import ImportRefused
from enterprises.models import ImportBatch, Membership
from organisations.models import Region
from organisations.roles import Act
from organisations.scope import Actor


def check_may_import(city: Region, by: Actor) -> None:
    """The office of this city, or the system."""
    if by.is_system:
        return
    if not any(standing.city_id == city.pk for standing in by.standings_for(Act.IMPORT)):
        raise ImportRefused(
            "not_allowed",
            _("Only the city's office may import lists. Ask the office to do it."),
        )


def check_not_earlier(city: Region, as_of: date) -> None:
    """A register is written forwards in time: a day before the newest one is refused."""
    newest = newest_day(city)
    if newest is not None and as_of < newest:
        raise ImportRefused(
            "earlier_than_newest",
            _(
                "The register already stands as of %(newest)s; a list as of %(day)s cannot be "
                "taken any more. Undo the newer import first, or correct the day."
            )
            % {"newest": date_format(newest), "day": date_format(as_of)},
        )


def check_not_ahead(day: date, today: date | None) -> None:
    """What a list describes has happened; a mistyped year would shut out every list before it."""
    if today is not None and day > today:
        raise ImportRefused(
            "day_in_future",
            _("%(day)s lies in the future; a list describes what was known by today (%(today)s).")
            % {"day": date_format(day), "today": date_format(today)},
        )


def check_whole(whole: Finding | None) -> None:
    """A list that is wrong as a whole writes nothing, not even an import of no rows."""
    if whole is not None:
        raise ImportRefused(whole.code, whole.reason)


def check_waits(batch: ImportBatch) -> None:
    """A double click, or somebody else's: an upload is confirmed once."""
    if not _waiting(batch).exists():
        raise not_waiting()


def hold_waiting(batch: ImportBatch) -> ImportBatch:
    """The same under lock, until the transaction ends: whoever confirms, corrects or drops it at
    this moment comes after. Answers the row as it stands.
    """
    held = _waiting(batch).select_for_update(no_key=True).first()
    if held is None:
        raise not_waiting()
    return held


def _waiting(batch: ImportBatch) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.PREVIEWED)


def not_waiting() -> ImportRefused:
    return ImportRefused(
        "not_waiting", _("This import was confirmed or dropped already. Nothing was changed.")
    )


def newest_day(city: Region) -> date | None:
    """The newest day that an import or a dated row of the register speaks of; two queries."""
    days = Membership.objects.filter(city=city).aggregate(a=Max("joined_on"), b=Max("left_on"))
    batch = _applied(city).aggregate(day=Max("as_of"))
    return max((d for d in (days["a"], days["b"], batch["day"]) if d), default=None)


def newest_batch_id(city: Region, kind: str = ImportBatch.Kind.REGISTER) -> int | None:
    """What the city's rows were last written by; a plan made before another one is stale."""
    newest: int | None = _applied(city, kind).aggregate(newest=Max("id"))["newest"]
    return newest


def _applied(city: Region, kind: str = ImportBatch.Kind.REGISTER) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(city=city, kind=kind, state=ImportBatch.State.APPLIED)
