"""Sentences of the timeline about the field: visits and telephone calls."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import CallNote, CaseEvent
from cases.people_words import short_day
from organisations.days import day_of


def visit(event: CaseEvent, _names: object) -> str:
    words = _("%(people)s visited the firm on %(day)s") % {
        "people": event.data.get("people") or str(event.by or ""),
        "day": short_day(event.data.get("on"), day_of(event.at)),
    }
    if not event.data.get("next_on"):
        return words
    again = _("%(words)s; to be in touch again on %(day)s")
    return again % {"words": words, "day": short_day(event.data["next_on"], day_of(event.at))}


def call_note(event: CaseEvent, _names: object) -> str:
    """通话小结：与李示例通话，答应办理；下一步：上门走访（9月18日前）."""
    data, parts = event.data, []
    if data.get("spoke_to"):
        parts.append(_("spoke to %(name)s") % {"name": data["spoke_to"]})
    parts.append(_label(CallNote.Result.choices, data.get("result")))
    comma = pgettext("between parts of a sentence", ", ")
    words = _("Call note: %(what)s") % {"what": comma.join(filter(None, parts))}
    if data.get("next_step") in (None, CallNote.Next.NOTHING):
        return words
    step = next_words(str(data["next_step"]), data.get("next_on"), event)
    return _("%(words)s; next: %(step)s") % {"words": words, "step": step}


def next_words(step: str, day: str | None, event: CaseEvent) -> str:
    label = _label(CallNote.Next.choices, step)
    if not day:
        return label
    by = _("%(step)s (by %(day)s)")
    return by % {"step": label, "day": short_day(day, day_of(event.at))}


def _label(choices: object, key: object) -> str:
    return str(dict(choices).get(key, ""))  # type: ignore[call-overload]
