"""Until when a case must be done, and why it is that day, in words for its page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import time_words
from cases.dates import day_words, long_day_words
from cases.models import StandingNote, WorkItem
from cases.sheet import Sheet, local_day
from workflows.deadlines import Phrase

Part = dict[str, Any]


def due_fact(sheet: Sheet) -> Part:
    """The date and why it is that date, in words."""
    item = sheet.item
    if item is None:
        day = sheet.case.closed_on or local_day(sheet.case.finished)
        return {"name": _("Ended on"), "value": long_day_words(day), "strong": True, "note": ""}
    if item.due_on is None:
        return {"name": _("Due"), "value": _("No date"), "note": _time_words(sheet, item)}
    return {
        "name": _("Due"),
        "value": long_day_words(item.due_on),
        "strong": True,
        "note": _(". ").join(
            filter(
                None,
                [
                    _time_words(sheet, item),
                    time_words.of_open_step(sheet),
                    _pauses(sheet),
                    _expected(sheet),
                ],
            )
        ),
    }


def _expected(sheet: Sheet) -> str:
    """预计完成, as the handler filled it in: no deadline."""
    # joined where the page reads the case
    note: StandingNote | None = getattr(sheet.case, "standing_note", None)
    if note is None or note.expected_on is None:
        return ""
    return _("the handler expects to be done on %(day)s") % {"day": day_words(note.expected_on)}


def _time_words(sheet: Sheet, item: WorkItem) -> str:
    """Of a measure what the plan says of it: 5期，至2022年12月31日; else the step's own limit."""
    case = sheet.case
    if case.measure and item.phrase and Phrase.parse(item.phrase).as_given:
        return sheet.rules.pack.measure(case.measure).time.words()
    return phrase_words(item, case.given_due)


def phrase_words(item: WorkItem, given: date | None = None) -> str:
    """ "6月10日起，20个工作日内"; a paper sent back says so. ``given``: the day that was set."""
    if not item.phrase:
        return ""
    words = _limit_words(item, Phrase.parse(item.phrase), given)
    if item.provisional:
        words = _("%(words)s; provisional until the next year's holidays are announced") % {
            "words": words
        }
    return words


def _limit_words(item: WorkItem, phrase: Phrase, given: date | None) -> str:
    if (day := phrase.not_before) is not None:
        # who is early, or corrects, keeps the day that was given: the span is of no account
        words = (
            _("the date given before, %(day)s; a correction does not shorten it")
            if item.is_correction
            else _("the date given before, %(day)s; being early does not shorten it")
        )
        return words % {"day": long_day_words(day)}
    if phrase.as_given and given is not None:
        return _("the date set when it was handed out")
    said = phrase.otherwise if phrase.as_given else None
    words = _("From %(day)s: %(phrase)s") % {
        "day": day_words(item.started_on),
        "phrase": (Phrase(within=said) if said else phrase).words(),
    }
    return _("%(words)s, for the correction") % {"words": words} if item.is_correction else words


def _pauses(sheet: Sheet) -> str:
    rows = sheet.suspensions
    if not rows:
        return ""
    if rows[-1].resumed_on is None:
        return _("Suspended until %(day)s: %(reason)s") % {
            "day": day_words(rows[-1].until_on, sheet.on),
            "reason": rows[-1].reason,
        }
    return ngettext("Suspended %(n)d time", "Suspended %(n)d times", len(rows)) % {"n": len(rows)}
