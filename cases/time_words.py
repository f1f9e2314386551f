"""Sentences about a step's time: what was asked for, and what was decided."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.dates import day_words
from cases.models import CaseEvent, Extension
from cases.people_words import short_day
from cases.sheet import Sheet
from cases.stages import WITHDRAWN
from organisations.days import day_of


def requested(event: CaseEvent, _names: object) -> str:
    """申请延期至{日期}：{理由}."""
    return _("An extension to %(day)s is asked for: %(reason)s") % {
        "day": short_day(event.data.get("wished"), day_of(event.at)),
        "reason": event.reason,
    }


def taken_back(event: CaseEvent, _names: object) -> str:
    """撤回延期申请."""
    return _("The extension to %(day)s is not asked for any more") % {
        "day": short_day(event.data.get("wished"), day_of(event.at))
    }


def decided(event: CaseEvent, _names: object) -> str:
    """{姓名}同意/不同意."""
    who = str(event.by) if event.by else _("The system")
    if not event.data.get("granted"):
        words = _("%(who)s did not grant the extension: %(reason)s")
        return words % {"who": who, "reason": event.reason}
    words = _("%(who)s granted the extension, due on %(day)s") % {
        "who": who,
        "day": short_day(event.data.get("new_due"), day_of(event.at)),
    }
    if not event.reason:
        return words
    return _("%(words)s: %(reason)s") % {"words": words, "reason": event.reason}


def of_open_step(sheet: Sheet) -> str:
    """Under the date on the case page: what is asked for, and by how much it has moved."""
    past = sheet.dating
    parts = []
    if past.granted:
        parts.append(
            ngettext(
                "Extended %(n)d time, by %(days)d working days",
                "Extended %(n)d times, by %(days)d working days",
                len(past.granted),
            )
            % {"n": len(past.granted), "days": sum(past.granted)}
        )
    if past.waiting is not None:
        words = _("an extension to %(day)s is asked for and waits for the decision")
        parts.append(words % {"day": day_words(past.waiting.wished_on, sheet.on)})
    lapsed = _lapsed(sheet)
    if lapsed is not None:
        words = _("the extension to %(day)s asked for before was not decided; that step has ended")
        parts.append(words % {"day": day_words(lapsed.wished_on, sheet.on)})
    return _(", ").join(parts)


def _lapsed(sheet: Sheet) -> Extension | None:
    """The newest request of the case, where its step was left before anybody decided."""
    newest = max(sheet.extensions, key=lambda row: row.pk, default=None)
    if newest is None or newest.is_granted is not None or sheet.item is None:
        return None
    return newest if newest.item_id != sheet.item.pk else None


def state_of(row: Extension, *, is_open: bool) -> str:
    """审定中, 同意, 不同意, 已失效."""
    if row.is_granted is not None:
        return _("granted") if row.is_granted else _("not granted")
    return _("waits for the decision") if is_open else _("lapsed, the step has ended")


def carried_over(event: CaseEvent, _names: object) -> str:
    """结转至{年度}，原因：{…}; with the number under which it goes on."""
    year = event.data.get("to_year") or event.case.programme.statistical_year + 1
    parts = {"year": year, "reason": event.reason, "number": event.data.get("to_number", "")}
    if not parts["number"]:
        return _("Carried over to %(year)d, reason: %(reason)s") % parts
    return _("Carried over to %(year)d as %(number)s, reason: %(reason)s") % parts


def carried_in(event: CaseEvent, _names: object) -> str:
    """Where a case of the new year comes from."""
    parts = {"year": event.data.get("from_year"), "number": event.data.get("from_number", "")}
    if not parts["number"]:
        return _("Begins anew in this year: what was settled for %(year)d is proved anew") % parts
    return _("Carried over from %(year)d (%(number)s), the time begins anew") % parts


def carry_undone(event: CaseEvent, _names: object) -> str:
    """撤销结转, on both sides."""
    parts = {"reason": event.reason}
    if event.to_stage == WITHDRAWN:
        return _("Carry-over taken back, it goes on in the year before: %(reason)s") % parts
    return _("Carry-over taken back, it goes on here: %(reason)s") % parts


def import_undone(event: CaseEvent) -> str:
    """撤销入库名单导入: what it had delisted goes on."""
    return _("Import no. %(id)s of the register was undone, the case goes on") % {
        "id": event.data["import"]
    }


def ended_with(_event: CaseEvent, _names: object) -> str:
    """What a closing left behind."""
    return _("Ended with the closing of the case, which did not wait for it")
