"""What pages say of frozen months: their names, and the dialogs of the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import Refused
from organisations.days import long_day
from reports.figures.months import State
from reports.figures.nouns import RATES, Freeze
from reports.figures.tally import ASSESSMENT
from workflows.models import Programme


def called(row: Freeze) -> str:
    """2022年9月, 2022年12月31日版, 2022年9月15日当日数据; a later version with its number."""
    if row.edition == Freeze.Edition.MONTH:
        name = dateformat.format(row.as_of, pgettext("date format", "F Y"))
    elif row.edition == Freeze.Edition.CUT:
        name = _("%(day)s, cut of the day") % {"day": long_day(row.as_of)}
    else:
        parts = {"year": row.as_of.year, "edition": row.get_edition_display()}
        name = _("%(year)d, %(edition)s") % parts
    if row.number == 1:
        return name
    return _("%(name)s (version %(n)d)") % {"name": name, "n": row.number}


def bases_words(state: State, province: int | None) -> str:
    """What each figure is a part of: three bases, and the province's own where it is known."""
    counts = state.total.counts
    values = {name: str(counts[name]) for name in ("current", "assessed", "entered", "opened")}
    if state.pack.base == ASSESSMENT:
        words = _(
            "The rates of the filing stand on the year's assessment base (%(assessed)s firms: fixed"
            " for the year, without the %(entered)s that came later, leavers dropped from their "
            "day), not on the %(current)s that are on the register today; closed and overdue cases "
            "stand on the %(opened)s opened in the ledger."
        )
    else:
        words = _(
            "The rates of the filing stand on the %(current)s firms on the register on that day; "
            "the year's assessment base (%(assessed)s firms: fixed for the year, without the "
            "%(entered)s that came later) stands beside it; closed and overdue cases stand on the "
            "%(opened)s opened in the ledger."
        )
    told = words % values
    if province is None:
        return told
    return told + _(" The province counts %(n)s firms of its own list.") % {"n": str(province)}


def freeze_dialogs(programme: Programme, rows: list[Freeze], today: date) -> list[dict[str, Any]]:
    """One for each proposal, one for corrections, one for a cut."""
    action = reverse("month_freeze")
    reason = {
        "kind": "text",
        "name": "reason",
        "label": _("Explanation"),
        "required": False,
        "hint": _("Needed where the month's facts are not in."),
    }
    found = [
        {
            "id": f"freeze-{row.pk}",
            "title": _("Freeze %(what)s") % {"what": called(row)},
            "lead": _(
                "All firms with their facts and cases are kept as they stood at the end of the "
                "month. What is frozen is not changed; a correction is a new version."
            ),
            "fields": [{**reason, "id": f"reason-{row.pk}"}],
            "hidden": _hidden(programme, row),
            "action": action,
            "submit": _("Freeze"),
        }
        for row in rows
        if row.state == Freeze.State.PROPOSED
    ]
    cut = {
        "id": "freeze-cut",
        "title": _("Cut of a day"),
        "lead": _("For a sprint: the figures of a day as they were known on it."),
        "fields": [
            {"kind": "date", "name": "as_of", "label": _("Day"), "value": today, "max": today},
            {**reason, "id": "reason-cut", "hint": _("Needed where the day was cut before.")},
        ],
        "hidden": {"programme": programme.key, "edition": "cut"},
        "action": action,
        "submit": _("Cut"),
    }
    return [*found, cut]


@dataclass(frozen=True)
class Typed:
    """What was typed of the province's figures, and why it was not taken."""

    lines: str
    cut_off: date
    source: str
    refusal: Refused


def province_dialog(
    state: State, row: Freeze, published: dict[int, dict[str, Any]], typed: Typed | None
) -> dict[str, Any]:
    """With what is kept, or what was typed and refused: then it stands open."""
    city = state.programme.city.name
    kept: dict[str, Any] = next(iter(published.values()), {})
    value = {"cut_off": kept.get("cut_off", row.as_of), "source": kept.get("source", "")}
    value["lines"] = "\n".join(
        " ".join([name, *(_figure(published[pk][key]) for key in ("base", *RATES))])
        for pk, name in ((0, city), *state.names.counties.items())
        if pk in published
    )
    if typed is not None:
        value = {"lines": typed.lines, "cut_off": typed.cut_off, "source": typed.source}
    wrong = typed.refusal if typed is not None else None
    error = {"source" if wrong.code == "no_source" else "lines": wrong.words} if wrong else {}
    return {
        "id": "province",
        "title": _("As published by the province"),
        "lead": _(
            "One line for the city or a county: name, base, filing rate, coverage rate, Four Haves "
            "rate; a dash for what was not published. Lines of a table can be pasted."
        ),
        "fields": [
            {"kind": "textarea", "name": "lines", "label": _("Lines"), "rows": 6,
             "placeholder": f"{city} 1912 78.5 60.2 47.7", "value": value["lines"],
             "error": error.get("lines", "")},
            {"kind": "date", "name": "cut_off", "label": _("Cut-off"), "value": value["cut_off"]},
            {"kind": "text", "name": "source", "label": _("Published in"),
             "value": value["source"], "error": error.get("source", "")},
        ],
        "action": reverse("month_published", args=[row.pk]),
        "submit": _("Keep"),
        "open": typed is not None,
    }  # fmt: skip


def _figure(value: object) -> str:
    return "—" if value is None else f"{value}"


def correction_dialog(programme: Programme, row: Freeze) -> dict[str, Any]:
    return {
        "id": "correct",
        "title": _("Correct %(what)s") % {"what": called(row)},
        "lead": _("A new version is frozen from what is known now; this one stays."),
        "fields": [{"kind": "text", "name": "reason", "label": _("Why it is corrected")}],
        "hidden": _hidden(programme, row),
        "action": reverse("month_freeze"),
        "submit": _("Freeze a new version"),
    }


def _hidden(programme: Programme, row: Freeze) -> dict[str, str]:
    return {"programme": programme.key, "as_of": row.as_of.isoformat(), "edition": row.edition}
