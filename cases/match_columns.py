"""The columns of the contact records' workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.matched import result_label
from cases.models import MatchRecord
from cases.rulebook import rules_of
from workflows.text import localised


@dataclass(frozen=True)
class MatchColumn:
    title: str | Promise
    text: Callable[[MatchRecord], str]
    width: int = 12
    value: Callable[[MatchRecord], date | Decimal | None] | None = None


def choice_words(record: MatchRecord, column: str) -> str:
    """The label of a choice in the form that the record comes from."""
    form = rules_of(record.case).pack.forms.get(record.form)
    for field in form.inputs if form else ():
        for one in field.columns:
            choice = one.choice(getattr(record, column)) if one.key == column else None
            if choice is not None:
                return localised(choice.label)
    return ""


def result_words(record: MatchRecord) -> str:
    words = choice_words(record, "result") or result_label(record.result)
    return _("%(words)s (draft)") % {"words": words} if record.is_draft else words


COLUMNS = (
    MatchColumn(gettext_lazy("County"), lambda row: row.case.county.name),
    MatchColumn(gettext_lazy("Firm"), lambda row: row.enterprise.name, 30),
    MatchColumn(gettext_lazy("Need"), lambda row: row.need, 30),
    MatchColumn(gettext_lazy("Partner"), lambda row: row.partner, 26),
    MatchColumn(gettext_lazy("Expert"), lambda row: row.expert_name),
    MatchColumn(gettext_lazy("Kind"), lambda row: choice_words(row, "kind"), 16),
    MatchColumn(gettext_lazy("Met on"), lambda row: "", 12, lambda row: row.met_on),
    MatchColumn(gettext_lazy("How"), lambda row: choice_words(row, "way")),
    MatchColumn(gettext_lazy("Who met"), lambda row: row.people, 18),
    MatchColumn(gettext_lazy("Result"), result_words),
    MatchColumn(gettext_lazy("Agreement"), lambda row: row.agreement, 24),
    MatchColumn(gettext_lazy("Signed on"), lambda row: "", 12, lambda row: row.signed_on),
    MatchColumn(gettext_lazy("Valid until"), lambda row: "", 12, lambda row: row.valid_until),
    MatchColumn(gettext_lazy("Amount (10,000 yuan)"), lambda row: "", 12, lambda row: row.amount),
    MatchColumn(gettext_lazy("Next step"), lambda row: row.next_step, 20),
    MatchColumn(gettext_lazy("Recorded by"), lambda row: str(row.by or "")),
)
