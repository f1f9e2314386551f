"""When a letter may go out: so many of a kind per addressee and month, none in a quiet period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cases.models import DraftLine, EscalationDraft
from cases.rulebook import pack_of
from workflows.models import ProgrammeVersion
from workflows.text import localised

State = EscalationDraft.State


@dataclass(frozen=True)
class Held:
    """A letter that cannot go out today: from which day it can, and the quiet period that holds it
    (else the month's cap does).
    """

    until: date
    season: str = ""


def waiting(drafts: QuerySet[EscalationDraft], on: date) -> dict[int, Held | None]:
    """Those of ``drafts`` that wait → what holds them back; one statement."""
    sent = EscalationDraft.objects.filter(
        Q(county=OuterRef("county")) | Q(county=None, unit=OuterRef("unit")),
        programme=OuterRef("programme"),
        kind=OuterRef("kind"),
        state=State.RELEASED,
        month=on.replace(day=1),
    )
    counted = sent.order_by().values("programme").annotate(n=Count("pk")).values("n")
    lines = DraftLine.objects.filter(draft=OuterRef("pk")).order_by("pk")
    newest = ProgrammeVersion.objects.filter(programme=OuterRef("programme")).order_by("-number")
    rows = (
        drafts.filter(state=State.DRAFTED)
        .order_by()
        .annotate(
            # a letter about a county as a whole has no lines: the plan of today says
            version=Coalesce(
                Subquery(lines.values("item__process__pack_version_id")[:1]),
                Subquery(newest.values("pk")[:1]),
                output_field=IntegerField(),
            ),
            sent=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        )
        .annotate(to=F("county"))
    )
    found = rows.values_list("pk", "kind", "to", "sent", "version")
    return {pk: _held(version, kind, to, n, on) for pk, kind, to, n, version in found}


def held_back(drafts: QuerySet[EscalationDraft], on: date) -> dict[int, Held]:
    """Those of ``drafts`` that wait and cannot go out today; one statement."""
    return {pk: held for pk, held in waiting(drafts, on).items() if held is not None}


def next_month(on: date) -> date:
    """The first day of the month in which what is held back may go out."""
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)


def _held(version: int | None, kind: str, county: int | None, sent: int, on: date) -> Held | None:
    if version is None:
        return None
    pack = pack_of(version)
    if (season := pack.letters_rest_on(on)) is not None:
        return Held(season.last_day(on) + timedelta(days=1), localised(season.title))
    most = _most(version, kind, to_county=county is not None)
    return Held(next_month(on)) if most is not None and sent >= most else None


def _most(version: int, kind: str, *, to_county: bool) -> int | None:
    """How many letters of this kind a month: as the ladder says, and the procedure that it opens
    for a county."""
    pack = pack_of(version)
    rungs = [rung for ladder in pack.ladders.values() for rung in ladder.rungs]
    monthly = any(rung.once_per == "month" for rung in rungs if rung.draft_kind == kind)
    opened = pack.opened_by(kind) if to_county else None
    found = [1] if monthly else []
    if opened is not None and opened.at_most_a_month is not None:
        found.append(opened.at_most_a_month)
    return min(found, default=None)
