"""Columns of the workbooks about frozen months: every firm, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from reports.figures.changes import WORDS
from reports.figures.months import State
from reports.figures.rows import FirmRow
from workflows.text import localised


@dataclass(frozen=True)
class Column:
    title: str | Promise
    text: Callable[[Any], str]
    width: int = 12
    value: Callable[[Any], date | int | None] | None = None


@dataclass(frozen=True)
class Changed:
    """A firm with what happened to it."""

    name: str
    code: str
    county: str
    kinds: tuple[str, ...]

    @property
    def words(self) -> str:
        return pgettext("list of names", ", ").join(str(WORDS[kind]) for kind in self.kinds)


CHANGED = (
    Column(_("County"), lambda line: line.county),
    Column(_("Firm"), lambda line: line.name, 38),
    Column(_("Credit code"), lambda line: line.code, 22),
    Column(_("Made up of"), lambda line: line.words, 40),
)


def firm_columns(state: State) -> tuple[Column, ...]:
    """What was frozen of each firm."""
    names = state.names
    stages = {s.key: localised(s.state_label) for s in state.pack.root.stages}

    def yes(name: str) -> Callable[[FirmRow], str]:
        return lambda row: "✓" if getattr(row, name) else ""

    flags = (
        (_("On the register"), "listed"),
        (_("Assessment base"), "assessed"),
        (_("Registered"), "registered"),
        (_("Filed"), "filed"),
        (_("R&D institution"), "has_institution"),
        (_("R&D staff"), "has_staff"),
        (_("R&D spending"), "has_spending"),
        (_("Research cooperation"), "has_cooperation"),
        (_("Covered"), "covered"),
        (_("First-time R&D firms"), "first_time"),
    )
    return (
        Column(_("Firm"), lambda row: row.name, 38),
        Column(_("Credit code"), lambda row: row.code, 22),
        Column(_("County"), lambda row: names.counties.get(row.county, "")),
        Column(_("County of the case"), lambda row: names.counties.get(row.served, "")),
        Column(_("Industry"), lambda row: row.industry, 8),
        Column(_("Competent department"), lambda row: names.units.get(row.department, ""), 16),
        *(Column(title, yes(name), 8) for title, name in flags),
        Column(_("Newest facts"), lambda row: f"{row.about:%Y-%m}" if row.about else "", 10),
        Column(_("Stage"), lambda row: stages.get(row.stage, _ended(row.stage)), 14),
        Column(_("Due"), lambda row: "", 12, lambda row: row.due),
        Column(_("Late (working days)"), lambda row: "", 10, lambda row: row.late or None),
        Column(_("Closed on"), lambda row: "", 12, lambda row: row.closed_on),
    )


def _ended(stage: str) -> str:
    words = {
        "closed": _("Closed"),
        "delisted": _("Left the register"),
        "carried_over": _("Carried over"),
    }
    return str(words.get(stage, stage))
