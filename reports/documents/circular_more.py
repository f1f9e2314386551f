"""What only a frozen month tells: the year's base beside the register, closings gained and taken
back since the month before, and what the province published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.content import unlinked
from reports.documents.setting import long_day
from reports.figures.months import Before, State


@dataclass(frozen=True)
class More:
    """``version``: above 1 a correction, with its ``reason``; ``published`` of the province."""

    as_of: date
    known_until: date
    lacking_on: date
    version: int
    reason: str
    counts: Mapping[str, int]
    closed: int
    reopened: int
    published: Sequence[Mapping[str, Any]]


def more_of(now: State, before: Before) -> More:
    """``now`` is frozen."""
    assert now.freeze is not None
    kept: Mapping[str, Any] = now.more
    return More(
        now.as_of,
        now.known_until,
        date.fromisoformat(kept["lacking_on"]),
        now.freeze.number,
        now.freeze.reason,
        now.total.counts,
        before.closed,
        before.reopened,
        kept.get("published", ()),
    )


def more_figures(more: More | None) -> dict[str, tuple[str, str]]:
    """Key in our texts → (name by which the office's text links it, value)."""
    if more is None:
        return {}
    counts = more.counts
    return {
        "assessed": (_("assessment base"), str(counts["assessed"])),
        "current": (_("firms on the current register"), str(counts["current"])),
        "entered": (_("firms new on the register"), str(counts["entered"])),
        "entered_covered": (_("new firms covered"), str(counts["entered_covered"])),
        "newly_closed": (_("cases closed in the month"), str(more.closed)),
        "taken_back": (_("closings taken back in the month"), str(more.reopened)),
        **_province_figures(more),
    }


def _province_figures(more: More) -> dict[str, tuple[str, str]]:
    """省通报口径 of the city, by names of their own."""
    city = _published_city(more)
    if city is None:
        return {}
    found = {"province_base": (_("base by the province"), str(city["base"] or "—"))}
    for name, label in _rate_names().items():
        if city["rates"].get(name) is not None:
            words = _("%(figure)s by the province") % {"figure": label}
            found[f"province_{name}"] = words, str(city["rates"][name])
    return found


def _published_city(more: More) -> Mapping[str, Any] | None:
    return next((row for row in more.published if row["county"] is None), None)


def _rate_names() -> dict[str, str]:
    return {
        "filing_rate": _("filing rate"),
        "coverage_rate": _("coverage rate"),
        "four_haves_rate": _("Four Haves rate of the city"),
    }


def more_words(more: More | None) -> str:
    """Sentences behind those of the ledger, with the figures as links."""
    if more is None:
        return ""
    words = _(
        " In the month %(newly_closed)s were closed and %(taken_back)s closings were taken back. "
        "The year's assessment base has %(assessed)s firms (%(current)s on the current register); "
        "%(entered)s are new on the register, %(entered_covered)s of them covered."
    )
    return words + _province(more)


def _province(more: More) -> str:
    """The city as the province published it, with its base and cut-off, beside our own."""
    city = _published_city(more)
    if city is None:
        return ""
    rates = pgettext("list of names", ", ").join(
        f"{label}%(province_{name})s%%"
        for name, label in _rate_names().items()
        if city["rates"].get(name) is not None
    )
    words = _(
        " As published by the province (%(source)s; as of %(day)s, base %(base)s firms): %(rates)s."
    )
    values = {
        # a text of the data: neither its braces nor its signs are ours
        "source": unlinked(city["source"]).replace("%", "%%"),
        "day": long_day(date.fromisoformat(city["cut_off"])),
        "base": "%(province_base)s",
        "rates": rates,
    }
    return words % values


def more_terms(more: More | None) -> list[str]:
    """Lines of the definitions: how the month was frozen, and what its further words mean."""
    if more is None:
        return []
    words = [
        _(
            "6. Frozen: version %(version)s of the month; facts about months up to this one that "
            "were known by %(until)s."
        )
        % {"version": more.version, "until": long_day(more.known_until)},
        _(
            "7. Assessment base: firms of the year's base that are still on the register; entrants "
            "are left out until the year's end, leavers from their day."
        ),
    ]
    if more.version > 1:
        words.append(_("8. Corrected: %(reason)s") % {"reason": more.reason})
    return words
