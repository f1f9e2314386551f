"""What the office says of a workbook before it is read."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.importing.guards import check_not_ahead
from enterprises.importing.refusal import ImportRefused
from enterprises.models import ImportBatch
from organisations.days import month_of
from organisations.errors import Refused
from workflows.models import Programme

# refusals that a workbook cannot help
DAYS = frozenset({"earlier_than_newest", "day_in_future", "known_before_month", "corrects_past"})


class DayInput(forms.DateInput):
    input_type = "date"


class UploadForm(forms.Form):
    """``kind`` decides which day is asked for: the register's, or the filing's month."""

    programme = forms.ChoiceField(label=_("Programme"))
    file = forms.FileField(
        label=_("Workbook (.xlsx)"),
        help_text=_(
            "As the bureau hands it over; at most 10 MB. Nothing is changed before you confirm."
        ),
    )
    as_of = forms.DateField(
        label=_("The list describes the register of this day"),
        help_text=_("Firms join and leave from this day on; it cannot lie before the newest list."),
        widget=DayInput,
    )
    month = forms.CharField(
        label=_("Month that the list is about"),
        help_text=_("Written as 2026-09"),
        max_length=20,
    )
    known_on = forms.DateField(
        label=_("Known on"),
        help_text=_(
            "If left empty: the month's last day. While the month still runs give the day of the "
            "list, or it counts from the month's last day on only."
        ),
        required=False,
        widget=DayInput,
    )
    correction = forms.CharField(
        label=_("Correction of past figures"),
        help_text=_(
            "Only where the day above lies before a list that is in already: why what was known "
            "then was wrong. Left empty, no figure of a past day changes."
        ),
        max_length=200,
        required=False,
    )
    money_source = forms.CharField(
        label=_("Lawful source of the money columns"),
        help_text=_(
            "Money columns are checked, not stored. Only who is authorised fills this in: then "
            "they are stored."
        ),
        max_length=200,
        required=False,
    )

    def __init__(
        self, kind: str, programmes: list[Programme], today: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if kind == ImportBatch.Kind.LEDGER:
            del self.fields["money_source"]
            self.fields["as_of"].label = _("The ledger stands as of this day")
            self.fields["as_of"].help_text = _(
                "Where the ledger says none, time limits run from this day."
            )
        for name in (
            ("as_of",) if kind == ImportBatch.Kind.FILING else ("month", "known_on", "correction")
        ):
            del self.fields[name]
        for name in ("as_of", "known_on"):
            if name in self.fields:
                # refused before the workbook travels
                self.fields[name].widget.attrs["max"] = today
        field = self.fields["programme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(p.key, p.title) for p in programmes]
        # nobody is asked where there is nothing to choose
        if len(programmes) == 1:
            del self.fields["programme"]

    def clean_month(self) -> date:
        text = self.cleaned_data["month"].strip()
        try:
            month = month_of(text)
        except ValueError:
            raise forms.ValidationError(
                _("“%(text)s” is not a month. Write it as 2022-03.") % {"text": text}
            ) from None
        return self._not_ahead(month)

    def blame(self, refusal: Refused) -> None:
        """The refusal beside what it is about: the day where it is the day's, else the workbook."""
        day = "as_of" if "as_of" in self.fields else "known_on"
        self.add_error(day if refusal.code in DAYS else "file", refusal.words)

    def clean_as_of(self) -> date:
        return self._not_ahead(self.cleaned_data["as_of"])

    def clean_known_on(self) -> date | None:
        day: date | None = self.cleaned_data["known_on"]
        return self._not_ahead(day) if day else None

    def _not_ahead(self, day: date) -> date:
        """As the verb refuses it, but beside the field."""
        try:
            check_not_ahead(day, self.today)
        except ImportRefused as refusal:
            raise forms.ValidationError(refusal.words) from refusal
        return day
