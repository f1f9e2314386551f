"""Sound answers to any form: for the demo, the simulator and tests."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from workflows.form_fields import HAVES, Field, Form
from workflows.forms import REGULAR, missing_haves
from workflows.text import localised

# no case has a file of this number: it stands for one
SAMPLE_FILE = 0


def filled(form: Form, *, today: date, answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The least that `validate` accepts: compulsory fields only; `answers` go before.

    The first choice is taken where one is needed, every have is in due form, days are `today`.
    """
    return _filled(form.inputs, today, dict(answers or {}), form.haves)


def _filled(
    fields: Sequence[Field], today: date, answers: Mapping[str, Any], haves: Sequence[str]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in fields:
        known = {**data, **answers}
        if field.key in answers:
            data[field.key] = answers[field.key]
        elif field.kind == "tick":
            data[field.key] = field.is_required(known)
        elif field.is_shown(known) and (field.is_required(known) or field.min_rows):
            data[field.key] = _answer(field, today, haves)
            missing = missing_haves({**data, **answers})
            if field.per_missing and missing:
                [row] = data[field.key]
                data[field.key] = [{**row, field.per_missing: have} for have in missing]
    return data


def _answer(field: Field, today: date, haves: Sequence[str]) -> Any:
    if field.kind == HAVES:
        return {have: {"state": REGULAR, "note": ""} for have in haves}
    if field.kind == "rows":
        return [_filled(field.columns, today, {}, ()) for _row in range(max(1, field.min_rows))]
    if field.kind == "choice":
        return field.choices[0].key
    if field.kind == "many_of":
        return [field.choices[0].key]
    if field.kind == "file":
        return [SAMPLE_FILE]
    plain = {
        "date": today.isoformat(),
        "month": f"{today:%Y-%m}",
        "number": field.least or 1,
        "money": "1.00",
        "phone": "000-00000000",
    }
    return plain.get(field.kind) or _sample(field)


def _sample(field: Field) -> str:
    return (_("Sample: %(label)s") % {"label": localised(field.label)})[: field.limit]
