"""The dialogs about a step's time: 申请延期, 同意延期, 不同意延期."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import extensions
from cases.actions import extending
from cases.dates import long_day_words
from cases.sheet import Sheet
from cases.views import deed_fields
from cases.views.deed_call import Call
from organisations.scope import Actor

Field = deed_fields.Field


def run_request(call: Call) -> object:
    return extending.request(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        until=call.day("until"), reason=call.reason,
    )  # fmt: skip


def run_grant(call: Call) -> object:
    return extending.decide(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        is_granted=True, until=call.day("until"), reason=call.reason,
    )  # fmt: skip


def run_refuse(call: Call) -> object:
    return extending.decide(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        is_granted=False, reason=call.reason,
    )  # fmt: skip


def request_lead(sheet: Sheet, to: str, actor: Actor) -> str:
    """The date as it stands, and how far it can go."""
    item = sheet.item
    if item is None or item.due_on is None:
        return ""
    left = extensions.room_of(sheet.case, item, sheet.dating)
    last = extensions.last_day(sheet.case, item, left)
    return _("Due on %(due)s; at most until %(last)s.") % {
        "due": long_day_words(item.due_on),
        "last": long_day_words(last),
    }


def request_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    item = sheet.item
    until: Field = {"kind": "date", "name": "until", "label": _("Extended until")}
    if item is not None and item.due_on is not None:
        left = extensions.room_of(sheet.case, item, sheet.dating)
        until["min"] = item.due_on + timedelta(days=1)
        until["max"] = extensions.last_day(sheet.case, item, left)
    return (until, deed_fields.reason_field())


def decide_lead(sheet: Sheet, to: str, actor: Actor) -> str:
    """Who asks for how much, and why."""
    row = sheet.dating.waiting
    if row is None:
        return ""
    days = ngettext("%(n)d working day", "%(n)d working days", row.days) % {"n": row.days}
    return _("%(who)s asks to extend from %(old)s to %(new)s (%(days)s): %(reason)s") % {
        "who": row.asked_by,
        "old": long_day_words(row.old_due),
        "new": long_day_words(row.wished_on),
        "days": days,
        "reason": row.reason,
    }


def grant_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    row, item = sheet.dating.waiting, sheet.item
    until: Field = {
        "kind": "date",
        "name": "until",
        "label": _("Extended until"),
        "hint": _("As asked for, or an earlier day."),
    }
    if row is not None and item is not None and item.due_on is not None:
        until |= {"value": row.wished_on, "min": item.due_on + timedelta(days=1)}
    return (until, deed_fields.reason_field(_("Answer"), required=False))


def refuse_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    return (deed_fields.reason_field(),)
