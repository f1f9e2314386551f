"""封账: on the 1st a month is proposed, the office freezes it once its facts are in.

What was frozen is not changed: a correction is a new version with its reason, and both stay. A
freeze is a fixed number of statements, whatever the number of firms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import NotYours, Refused
from cases.permissions import refusal
from cases.rulebook import pack_of
from enterprises.models import Membership, MonthlyFact
from organisations.days import day_of, long_day
from organisations.journal import record
from organisations.lengths import check_length
from organisations.models import AuditEvent
from organisations.roles import Act
from organisations.scope import Actor
from reports.figures.following import follow
from reports.figures.matters import matters
from reports.figures.months import (
    State,
    compared,
    live,
    month_before,
    month_end,
    state_of,
    state_on,
)
from reports.figures.nouns import RATES, Freeze, FrozenRows, PublishedRate, seal_of
from reports.figures.rows import FirmRow, packed
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

LONGEST_REASON = 300
Edition = Freeze.Edition


def edition_of(programme: Programme, as_of: date) -> Freeze.Edition:
    """A month's end is the month's, that of the statistical year its 31 December edition."""
    if as_of != month_end(as_of):
        return Edition.CUT
    last = date(programme.statistical_year, 12, 31)
    return Edition.YEAR_END if as_of == last else Edition.MONTH


@transaction.atomic
def propose_due(at: datetime) -> int:
    """Put forward every month that has ended since a programme began and is neither proposed nor
    frozen; two statements where nothing is due. How many."""
    on = day_of(at)
    newest = ProgrammeVersion.objects.order_by("programme", "-number").defer("source")
    versions = {row.programme_id: row for row in reversed(newest.select_related("programme"))}
    if not versions:
        return 0
    known = set(
        Freeze.objects.exclude(edition=Edition.CUT).values_list("programme_id", "edition", "as_of")
    )
    begun = _begun()
    fresh = []
    for version in versions.values():
        pack, programme = pack_of(version.pk), version.programme
        first = begun.get(programme.city_id)
        if first is None:
            continue
        day = month_end(max(pack.work_from, first))
        last = min(month_before(on), month_end(pack.work_until))
        wanted: list[tuple[str, date]] = []
        while day <= last:
            wanted.append((edition_of(programme, day), day))
            day = month_end(day + timedelta(days=1))
        year_end = date(programme.statistical_year, 12, 31)
        if pack.verified_by is not None and pack.verified_by < on and first <= year_end:
            wanted.append((Edition.ANNUAL_REPORT, year_end))
        fresh += [
            Freeze(programme=programme, edition=edition, as_of=as_of, proposed_at=at)
            for edition, as_of in wanted
            if (programme.pk, edition, as_of) not in known
        ]
    # of two ticks at once the second finds what the first has put down
    Freeze.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _begun() -> dict[int, date]:
    """The first day of each city's register."""
    rows = Membership.objects.order_by().values_list("city_id")
    return dict(rows.annotate(first=Min("joined_on")))


@transaction.atomic
def freeze(
    programme: Programme,
    as_of: date,
    *,
    by: Actor,
    at: datetime,
    edition: Freeze.Edition | None = None,
    known_until: date | None = None,
    reason: str = "",
) -> Freeze:
    """Freeze a month's end, the annual report's state of a year, or any day (a cut).

    Raises ``NotYours``, ``Refused``: the day has not ended, it is frozen already and no reason for
    a correction is given, or none of the month's facts is in and no reason says why that is right.
    """
    if not by.may_in(Act.ISSUE_DOCUMENT, programme.city):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    on, said = day_of(at), " ".join(reason.split())
    check_length(said, LONGEST_REASON)
    edition = edition or edition_of(programme, as_of)
    # of two at once the second one finds the first one's version
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    until = known_until or (as_of if edition == Edition.CUT else max(as_of, on))
    _check_day(programme, edition, as_of, until, on)
    row = _next(programme, edition, as_of, said, at)
    version = programme.current
    earlier = _before(row)
    state = _counted(programme, version.pack, as_of, until, earlier)
    lacking_on = on.isoformat() if earlier is None else str(earlier.more["lacking_on"])
    if not said:
        _check_facts(state.rows, as_of)
    rows = packed(state.rows)
    row.state, row.pack_version, row.known_until = Freeze.State.FROZEN, version, until
    row.names, row.reason, row.by, row.at = state.names.as_json(), said, by.user, at
    was = state_on(programme, month_before(as_of), today=on, pack=state.pack)
    row.more = {
        "lacking_on": lacking_on,
        "published": published(programme, as_of),
        "before": compared(state, was).as_json(),
        "matters": matters(state).as_json(),
    }
    row.seal = seal_of(row.names, row.more, rows)
    row.save()
    FrozenRows.objects.create(freeze=row, rows=rows)
    record(
        AuditEvent.Kind.SETTING,
        "freeze",
        row,
        by=by,
        at=at,
        words=str(row),
        number=row.number,
        reason=said,
        seal=row.seal,
    )
    follow(row, version, state, was, at=at)
    return row


@dataclass(frozen=True)
class Preview:
    """What a freeze would keep (``after``), and the version that it would correct; none is the
    first. ``number``: of the version that it would be."""

    before: State | None
    after: State
    number: int


def preview(
    programme: Programme,
    as_of: date,
    *,
    by: Actor,
    at: datetime,
    edition: Freeze.Edition | None = None,
    known_until: date | None = None,
    reason: str = "",
) -> Preview:
    """What ``freeze`` would keep now; writes nothing. Raises what that would raise, but asks for no
    reason of a correction: the reason is often what the preview shows."""
    if not by.may_in(Act.ISSUE_DOCUMENT, programme.city):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    on = day_of(at)
    check_length(reason, LONGEST_REASON)
    edition = edition or edition_of(programme, as_of)
    until = known_until or (as_of if edition == Edition.CUT else max(as_of, on))
    _check_day(programme, edition, as_of, until, on)
    like = Freeze.objects.frozen().filter(programme=programme, edition=edition, as_of=as_of)
    last = like.select_related("programme__city").order_by("number").last()
    before = state_of(last) if last else None
    after = _counted(programme, programme.current.pack, as_of, until, before)
    if before is None and not reason.strip():
        _check_facts(after.rows, as_of)
    return Preview(before, after, last.number + 1 if last else 1)


def _counted(
    programme: Programme, pack: Pack, as_of: date, until: date, earlier: State | None
) -> State:
    """What a freeze keeps; ``earlier``: the version that it corrects."""
    # what is lacking is known as of the freezing, and says so
    state = live(programme, as_of, today=as_of, pack=pack, known_until=until)
    # the ledger went on since: a correction keeps what the first version knew of it
    return state if earlier is None else _as_lacked(state, earlier)


def _check_day(programme: Programme, edition: str, as_of: date, until: date, on: date) -> None:
    pack = programme.current.pack
    ends = as_of >= on if edition != Edition.CUT else as_of > on
    if ends or until > on:
        words = _("%(day)s has not ended yet. A month is frozen from the 1st of the next one.")
        raise Refused("not_over", words % {"day": long_day(as_of)})
    if until < as_of:
        raise Refused("known_before", _("The facts cannot be cut off before the day itself."))
    last = max(pack.work_until, pack.verified_by or pack.work_until)
    if not month_end(pack.work_from).replace(day=1) <= as_of <= month_end(last):
        raise Refused("outside", _("This day lies outside the programme."))
    if edition != Edition.CUT and as_of != month_end(as_of):
        raise Refused("no_month_end", _("Only a cut is taken on any day; a month at its end."))


def _next(programme: Programme, edition: str, as_of: date, reason: str, at: datetime) -> Freeze:
    """The proposal, or the next version of what was frozen before."""
    like = Freeze.objects.filter(programme=programme, edition=edition, as_of=as_of)
    proposal = like.filter(state=Freeze.State.PROPOSED).first()
    if proposal is not None:
        return proposal
    last = like.aggregate(last=Max("number"))["last"]
    if last and not reason:
        words = _("%(day)s is frozen. A correction is a new version and needs a reason.")
        raise Refused("frozen", words % {"day": long_day(as_of)})
    return Freeze(
        programme=programme,
        edition=edition,
        as_of=as_of,
        number=(last or 0) + 1,
        proposed_at=at,
    )


def _before(row: Freeze) -> State | None:
    """The version that a correction follows; none for the first."""
    if row.number == 1:
        return None
    like = Freeze.objects.frozen().filter(
        programme=row.programme_id, edition=row.edition, as_of=row.as_of, number__lt=row.number
    )
    last = like.select_related("programme__city").order_by("number").last()
    return state_of(last) if last else None


def _as_lacked(state: State, earlier: State) -> State:
    """The same rows, but what an open case lacked as the version before has it; a firm that it
    does not hold open is not known to lack anything."""
    known = {row.case: row.lacking for row in earlier.rows if row.case}
    return replace(
        state,
        rows=tuple(
            replace(row, lacking=known.get(row.case)) if row.lacking is not None else row
            for row in state.rows
        ),
    )


def _check_facts(rows: Iterable[FirmRow], as_of: date) -> None:
    about = as_of.replace(day=1)
    if not any(row.about == about for row in rows):
        words = _(
            "No facts about %(month)s are known yet. Read in the month's filing first, or say "
            "why the month is frozen without it."
        )
        month = dateformat.format(about, pgettext("date format", "F Y"))
        raise Refused("facts_missing", words % {"month": month})


def published(programme: Programme, as_of: date) -> list[dict[str, Any]]:
    """省通报口径 of a month as the province published it, the city first; one statement."""
    rows = PublishedRate.objects.filter(programme=programme, month=as_of.replace(day=1))
    return [
        {
            "county": row.county_id,
            "base": row.base,
            "rates": {name: plain(getattr(row, name)) for name in RATES},
            "cut_off": row.cut_off.isoformat(),
            "source": row.source,
        }
        for row in sorted(rows, key=lambda row: row.county_id or 0)
    ]


def plain(rate: Decimal | None) -> str | None:
    """78.50 as 78.5: as the province printed it."""
    return None if rate is None else f"{rate.normalize():f}"


def facts_in(programme: Programme, as_of: date, on: date) -> tuple[int, int]:
    """Of the firms on the register how many have facts about the month; two statements."""
    members = Membership.objects.on(as_of).filter(city=programme.city_id)
    facts = MonthlyFact.objects.filter(
        city=programme.city_id, about_month=as_of.replace(day=1), known_on__lte=on
    )
    firms = members.values("enterprise")
    there = facts.filter(enterprise__in=firms).values("enterprise").distinct().count()
    return there, members.count()
