"""How long a paper proves something, and which one takes the place of which.

An accepted paper stands until the newer one is accepted too: nobody loses a proof by handing in a
better one. The chain of ``replaced_by`` is its history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.around import Around
from cases.dates import day_words, long_day_words
from cases.errors import Refused
from cases.models import Case, Evidence, FormRecord
from cases.rulebook import rules_of
from cases.stages import DELISTED, WITHDRAWN
from workflows.packs import Pack

State = Evidence.State
UNTIL = "valid_until"
# what another may be handed in for, and which stands until that one is accepted
HOLDING = (*Evidence.ACCEPTED, State.EXPIRED)


# --- until when -----------------------------------------------------------------------------------
def last_day(
    case: Case, paper: Evidence, there: Around, *, given: date | None, on: date
) -> date | None:
    """As the reviewer read it; of an agreement, as the forms say. None: until something changes,
    or the year ends. Raises ``Refused`` where it has ended already, and where the forms name
    several agreements' days: which of them this paper is, the reviewer alone sees."""
    if given is not None and given < on:
        words = _("It was valid until %(day)s only. Return it (reason 4) instead of accepting it.")
        raise Refused("expired", words % {"day": long_day_words(given)})
    if given is not None:
        return given
    plan = next((p for p in rules_of(case).pack.evidence if p.criterion == paper.criterion), None)
    if plan is None or plan.next_year != "until_expiry":
        return None
    days = sorted({day for record in there.forms for day in _days(record) if day >= on})
    if len(days) > 1:
        words = _("The forms name agreements until %(days)s. Enter until when this paper is valid.")
        told = pgettext("list of names", ", ").join(long_day_words(day) for day in days)
        raise Refused("several_days", words % {"days": told})
    return days[0] if days else None


def _days(record: FormRecord) -> Iterator[date]:
    """What a form says of agreements: its own last day, and those of its rows."""
    rows = [row for value in record.data.values() if isinstance(value, list) for row in value]
    for holder in (record.data, *rows):
        text = holder.get(UNTIL) if isinstance(holder, dict) else None
        day = parse_date(text) if isinstance(text, str) else None
        if day is not None:
            yield day


def until_words(paper: Evidence, pack: Pack, on: date) -> str:
    """即将失效，有效期至5月31日; empty where no day is known or it proves nothing yet."""
    last = paper.valid_until
    if last is None or paper.state not in (*Evidence.ACCEPTED, State.EXPIRED):
        return ""
    day = day_words(last, on)
    plan = next((p for p in pack.evidence if p.criterion == paper.criterion), None)
    if paper.state == State.EXPIRED or last < on:
        return _("expired, was valid until %(day)s") % {"day": day}
    if plan is not None and paper.ends_soon(on, plan.remind_days):
        return _("ends soon, valid until %(day)s") % {"day": day}
    return _("valid until %(day)s") % {"day": day}


def papers_end(pack: Pack | None, on: date) -> Q:
    """即将失效: firms' own cases with an accepted paper that ends within its plan's time of
    reminding, with no newer one accepted."""
    near = Q(pk__in=[])
    for plan in pack.evidence if pack is not None else ():
        last = on + timedelta(days=plan.remind_days)
        near |= Q(criterion=plan.criterion, valid_until__gte=on, valid_until__lte=last)
    papers = Evidence.objects.filter(near, state__in=Evidence.ACCEPTED)
    gone = Q(stage__in=(WITHDRAWN, DELISTED))
    return Q(is_main=True, pk__in=papers.values("case")) & ~gone


def check_dated(dated: date, on: date) -> date:
    """The date of a paper that two people saw lies behind them."""
    if dated > on:
        raise Refused("in_future", _("The date of the paper has not come yet."))
    return dated


# --- in whose place -------------------------------------------------------------------------------
def replace(there: Around, criterion: str, replaces: int | None, new: Evidence) -> None:
    """A new file takes the place of the one named, or of those that were returned. An accepted one
    stands until the new one is accepted."""
    papers = [row for row in there.papers if row.criterion == criterion]
    if replaces is not None:
        _check_there(papers, replaces)
    states = (State.RETURNED, State.SUBMITTED) if replaces else (State.RETURNED,)
    old = [row.pk for row in papers if row.state in states and replaces in (None, row.pk)]
    Evidence.objects.filter(pk__in=old).update(state=State.REPLACED, replaced_by=new)
    # what a returned one was to replace waits for its correction
    held = [row.pk for row in papers if row.replaced_by_id in old and row.state in HOLDING]
    if held:
        Evidence.objects.filter(pk__in=held).update(replaced_by=new)
    if replaces is not None and replaces not in old:
        Evidence.objects.filter(pk=replaces).update(replaced_by=new)


def _check_there(papers: Iterable[Evidence], replaces: int) -> None:
    live = (State.SUBMITTED, State.RETURNED, *HOLDING)
    if not any(row.pk == replaces and row.state in live for row in papers):
        raise Refused("no_evidence", _("There is no such paper of this item to be replaced."))


def take_place(paper: Evidence, there: Around) -> None:
    """The accepted one that this was handed in for has had its time; one statement, if any."""
    old = _held_for(paper, there)
    for row in old:
        row.state = State.REPLACED
    if old:
        Evidence.objects.filter(pk__in=[row.pk for row in old]).update(state=State.REPLACED)


def give_back_place(paper: Evidence, there: Around) -> None:
    """What was taken back replaces nothing."""
    old = [row.pk for row in _held_for(paper, there)]
    if old:
        Evidence.objects.filter(pk__in=old).update(replaced_by=None)


def _held_for(paper: Evidence, there: Around) -> list[Evidence]:
    rows: list[Any] = [row for row in there.papers if row.replaced_by_id == paper.pk]
    return [row for row in rows if row.state in HOLDING]


def not_needed(papers: Iterable[Evidence], waiver: Evidence) -> None:
    """免予提交: what was sent before and waits, or was returned, is decided with it."""
    open_ = [row for row in papers if row.state in (State.SUBMITTED, State.RETURNED)]
    for row in open_:
        row.state = State.NOT_NEEDED
    if open_:
        Evidence.objects.filter(pk__in=[row.pk for row in open_]).update(
            state=State.NOT_NEEDED, reviewed_by=waiver.reviewed_by, reviewed_at=waiver.reviewed_at
        )


def _needed_again(waiver: Evidence, there: Around) -> None:
    """The waiver fell: what it made needless waits for its review."""
    rows = [r for r in there.papers if r.criterion == waiver.criterion]
    held = [row for row in rows if row.state == State.NOT_NEEDED]
    for row in held:
        row.state = State.SUBMITTED
    if held:
        Evidence.objects.filter(pk__in=[row.pk for row in held]).update(
            state=State.SUBMITTED, reviewed_by=None, reviewed_at=None
        )


def stand_again(paper: Evidence, there: Around, was: str, *, on: date) -> None:
    """An accepted paper is returned: what had been accepted before it, and gave way to it, proves
    again, as nobody doubted that. ``was``: the state of the returned one until now."""
    if was == State.WAIVED:
        _needed_again(paper, there)
    gone = [r for r in there.papers if r.replaced_by_id == paper.pk and r.state == State.REPLACED]
    if not gone:
        return
    # those that were returned, or never reviewed, proved nothing before either
    proved = Evidence.objects.filter(
        pk__in=[row.pk for row in gone], return_reason=None, reviewed_at__isnull=False
    )
    known = {row.pk: row for row in gone}
    for row in proved:
        known[row.pk].state = row.state = _stood_as(row, was, on)
        # whoever reviewed the closing has looked at what had taken its place
        row.is_unseen = paper.case.applied_by_id is not None
        row.save(update_fields=["state", "is_unseen"])


def _stood_as(paper: Evidence, was: str, on: date) -> str:
    if paper.valid_until is not None and paper.valid_until < on:
        return State.EXPIRED
    if not paper.file:
        return State.VERIFIED_OFFLINE if paper.offline_number else State.WAIVED
    return State.CITY_ACCEPTED if was == State.CITY_ACCEPTED else State.COUNTY_ACCEPTED
