"""Sentences of the timeline about what the handler fills in: 进展, 问题, 预计完成."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import CaseEvent
from cases.people_words import short_day
from organisations.days import day_of


def noted(event: CaseEvent, _names: object) -> str:
    """{姓名}填报：进展：…；问题：…；预计11月5日完成."""
    said, who = event.data.get("said", {}), str(event.by) if event.by else _("The system")
    parts = []
    if "progress" in said:
        parts.append(_("progress: %(text)s") % {"text": said["progress"] or _("(emptied)")})
    if "problem" in said:
        parts.append(_("problem: %(text)s") % {"text": said["problem"] or _("(emptied)")})
    if "expected" in said:
        day = said["expected"]
        told = short_day(day, day_of(event.at)) if day else _("(emptied)")
        parts.append(_("expected to be done on %(day)s") % {"day": told})
    return _("%(who)s filled in %(what)s") % {
        "who": who,
        "what": pgettext("between two reasons", "; ").join(parts),
    }


def undone(event: CaseEvent, _names: object) -> str:
    who = str(event.by) if event.by else _("The system")
    return _("%(who)s took back what had been filled in from a sheet") % {"who": who}


SENTENCES: dict[str, Callable[[CaseEvent, Any], str]] = {"note": noted, "note_undone": undone}
