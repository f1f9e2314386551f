"""What a city's plan asks of a visit beside the usual, and what was answered, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases.actions.filling import FormRefused
from cases.models import Visit
from cases.rulebook import pack_of
from cases.views.form_fields import shown
from workflows import forms
from workflows.form_fields import Form
from workflows.form_visit import visit_form
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.text import localised


@dataclass(frozen=True)
class Questions:
    """The plan's form and the version that asks it."""

    version: int
    pack: Pack
    form: Form

    def checked(self, given: Mapping[str, Any], on: date) -> dict[str, Any]:
        """Cleaned answers; raises ``FormRefused``."""
        cleaned, errors = forms.validate(self.form, given, today=on)
        if errors:
            refused = FormRefused(self.pack, self.form, errors)
            # a phone that sends it later shows the words alone
            told = [f"{one['place']}{_(': ')}{one['words']}" for one in refused.fields]
            refused.words = " ".join(told)
            raise refused
        return {key: value for key, value in cleaned.items() if value not in (None, "", [], False)}


def asked(city: int) -> Questions | None:
    """Those of the city's newest plan; one statement."""
    rows = ProgrammeVersion.objects.filter(programme__city=city)
    newest = rows.order_by("-programme__statistical_year", "-pk").values_list("pk", flat=True)
    version = newest.first()
    if version is None:
        return None
    pack = pack_of(version)
    form = visit_form(pack)
    return Questions(version, pack, form) if form is not None else None


def words_of(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Question and answer, in the words of the version that asked; no statement but the first."""
    if not visit.answers or visit.pack_version_id is None:
        return ()
    form = visit_form(pack_of(visit.pack_version_id))
    return tuple(
        (localised(field.label), shown(field, visit.answers[field.key]))
        for field in (form.inputs if form else ())
        if field.key in visit.answers
    )
