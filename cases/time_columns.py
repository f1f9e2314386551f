"""The columns of the ledgers of extensions, suspensions and stand-ins, as workbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import time_words
from cases.kinds import remedy_label
from cases.labels import stage_title
from cases.models import Case, Extension, Suspension
from cases.rulebook import pack_of
from cases.suspended import days_of
from organisations.days import day_of
from organisations.models import Delegation

Line = TypeVar("Line")


@dataclass(frozen=True)
class TimeColumn(Generic[Line]):
    title: str | Promise
    text: Callable[[Line], str]
    width: int = 12
    value: Callable[[Line], date | int | None] | None = None


def name_of(case: Case) -> str:
    """The firm, with what a remedy mends."""
    name = case.enterprise.name if case.enterprise else case.title
    remedy = remedy_label(case)
    return _("%(firm)s (%(remedy)s)") % {"firm": name, "remedy": remedy} if remedy else name


def _stage(case: Case, key: str) -> str:
    return stage_title(pack_of(case.pack_version_id), case.procedure, key)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _moment(at: datetime | None) -> date | None:
    return day_of(at) if at else None


EXTENSION_COLUMNS: tuple[TimeColumn[Extension], ...] = (
    TimeColumn(gettext_lazy("Number"), lambda row: row.case.number),
    TimeColumn(gettext_lazy("County"), lambda row: row.case.county.name),
    TimeColumn(gettext_lazy("Firm"), lambda row: name_of(row.case), 32),
    TimeColumn(gettext_lazy("Stage"), lambda row: _stage(row.case, row.item.stage)),
    TimeColumn(
        gettext_lazy("Unit"), lambda row: row.item.unit.short_name or row.item.unit.name, 16
    ),
    TimeColumn(
        gettext_lazy("Due until now"), lambda row: _day(row.old_due), value=lambda row: row.old_due
    ),
    TimeColumn(
        gettext_lazy("Extension to"),
        lambda row: _day(row.wished_on),
        value=lambda row: row.wished_on,
    ),
    TimeColumn(gettext_lazy("Working days"), lambda row: str(row.days), value=lambda row: row.days),
    TimeColumn(gettext_lazy("Reason"), lambda row: row.reason, 36),
    TimeColumn(gettext_lazy("Asked by"), lambda row: str(row.asked_by)),
    TimeColumn(
        gettext_lazy("Asked on"),
        lambda row: _day(_moment(row.asked_at)),
        value=lambda row: _moment(row.asked_at),
    ),
    TimeColumn(
        gettext_lazy("How it was decided"),
        lambda row: time_words.state_of(row, is_open=row.item.is_open),
        14,
    ),
    TimeColumn(
        gettext_lazy("Due from then on"),
        lambda row: _day(row.new_due),
        value=lambda row: row.new_due,
    ),
    TimeColumn(gettext_lazy("Decided by"), lambda row: str(row.decided_by or "")),
    TimeColumn(
        gettext_lazy("Decided on"),
        lambda row: _day(_moment(row.decided_at)),
        value=lambda row: _moment(row.decided_at),
    ),
    TimeColumn(gettext_lazy("Answer"), lambda row: row.answer, 30),
)


def suspension_columns(on: date) -> tuple[TimeColumn[Suspension], ...]:
    """As of a day: a clock that still stands has stood until then."""
    return (
        TimeColumn(gettext_lazy("Number"), lambda row: row.case.number),
        TimeColumn(gettext_lazy("County"), lambda row: row.case.county.name),
        TimeColumn(gettext_lazy("Firm"), lambda row: name_of(row.case), 32),
        TimeColumn(gettext_lazy("Stage"), lambda row: _stage(row.case, row.case.stage)),
        TimeColumn(gettext_lazy("Reason"), lambda row: row.reason, 36),
        TimeColumn(
            gettext_lazy("Since"), lambda row: _day(row.from_on), value=lambda row: row.from_on
        ),
        TimeColumn(
            gettext_lazy("Until"), lambda row: _day(row.until_on), value=lambda row: row.until_on
        ),
        TimeColumn(
            gettext_lazy("Resumed on"),
            lambda row: _day(row.resumed_on),
            value=lambda row: row.resumed_on,
        ),
        TimeColumn(
            gettext_lazy("Working days stood"),
            lambda row: str(days_of(row, on)),
            value=lambda row: days_of(row, on),
        ),
        TimeColumn(gettext_lazy("Suspended by"), lambda row: str(row.by or "")),
    )


def stand_in_columns(people: Mapping[int, str], on: date) -> tuple[TimeColumn[Delegation], ...]:
    """``people``: who holds each post today, by post."""

    def taker(row: Delegation) -> str:
        if row.to_user is not None:
            return str(row.to_user)
        return people.get(row.to_post_id or 0) or (row.to_post.title if row.to_post else "")

    def state(row: Delegation) -> str:
        if row.is_on(on):
            return _("running")
        ahead = row.from_on > on and not row.is_revoked(on)
        return _("to come") if ahead else _("ended")

    return (
        TimeColumn(gettext_lazy("Post"), lambda row: row.post.title, 30),
        TimeColumn(gettext_lazy("Whose post"), lambda row: people.get(row.post_id, "")),
        TimeColumn(gettext_lazy("Who stands in"), taker),
        TimeColumn(
            gettext_lazy("From"), lambda row: _day(row.from_on), value=lambda row: row.from_on
        ),
        TimeColumn(
            gettext_lazy("Last day"), lambda row: _day(row.last_on), value=lambda row: row.last_on
        ),
        TimeColumn(gettext_lazy("State"), state),
        TimeColumn(
            gettext_lazy("Revoked on"),
            lambda row: _day(row.revoked_on),
            value=lambda row: row.revoked_on,
        ),
        TimeColumn(
            gettext_lazy("Reads only"), lambda row: _("reads only") if row.reads_only else ""
        ),
        TimeColumn(gettext_lazy("Reason"), lambda row: row.reason, 30),
        TimeColumn(gettext_lazy("Set by"), lambda row: str(row.by or "")),
    )
