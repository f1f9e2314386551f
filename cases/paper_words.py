"""Sentences of the timeline about papers without a file, and papers that end."""

from __future__ import annotations

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases.dates import long_day_words
from cases.labels import criterion_label
from cases.models import CaseEvent
from cases.names import Names
from cases.rulebook import pack_of


def waived(event: CaseEvent, names: Names) -> str:
    return _("“%(paper)s” need not be handed in (in the provincial system)") % {
        "paper": _criterion(event)
    }


def verified_offline(event: CaseEvent, names: Names) -> str:
    """Who saw it with whom, and which paper it was."""
    told = {
        "paper": _criterion(event),
        "who": str(event.by) if event.by else _("The system"),
        "other": str(event.data.get("offline_witness", "")),
        "number": str(event.data.get("offline_number", "")),
    }
    return _("%(who)s and %(other)s verified “%(paper)s” offline: %(number)s") % told


def witnessed(event: CaseEvent, names: Names) -> str:
    told = {"paper": _criterion(event), "who": str(event.by or "")}
    return _("%(who)s confirmed having seen “%(paper)s” offline") % told


def denied(event: CaseEvent, names: Names) -> str:
    told = {"paper": _criterion(event), "who": str(event.by or "")}
    said = _("%(who)s did not see “%(paper)s”: its verification offline is void") % told
    if not event.reason:
        return said
    return _("%(words)s: %(reason)s") % {"words": said, "reason": event.reason}


def ends(event: CaseEvent, names: Names) -> str:
    return _("“%(paper)s” is valid until %(day)s only; hand in a newer one in time") % _parts(event)


def ended(event: CaseEvent, names: Names) -> str:
    return _("“%(paper)s” was valid until %(day)s: it proves nothing any more") % _parts(event)


def infected(event: CaseEvent, names: Names) -> str:
    return _("A file of “%(paper)s” proved infected after the case was closed") % {
        "paper": _criterion(event)
    }


def _parts(event: CaseEvent) -> dict[str, str]:
    day = parse_date(str(event.data.get("until", "")))
    return {"paper": _criterion(event), "day": long_day_words(day) if day else ""}


def _criterion(event: CaseEvent) -> str:
    return criterion_label(
        pack_of(event.case.pack_version_id), str(event.data.get("criterion", ""))
    )
