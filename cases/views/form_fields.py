"""A form of the pack as the look's fields: every kind, values and errors put in. No query here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import uploads
from workflows.form_fields import HAVES, Field, Form
from workflows.forms import row_name
from workflows.forms_computed import compute
from workflows.text import localised

Part = dict[str, Any]
Data = Mapping[str, Any]
Errors = Mapping[str, str]
# of a case's files in forms, by number: name, url
Files = Mapping[int, Mapping[str, Any]]

CONTROLS = {
    "text": "text", "long_text": "textarea", "phone": "text", "number": "number",
    "money": "money", "date": "date", "month": "text", "many_of": "many", "tick": "tick",
}  # fmt: skip
# radio buttons while their words fit on one line of a phone
FITS = 14
NARROW = 16  # characters that stand in a third of the width without a break


def sections(
    form: Form,
    data: Data,
    errors: Errors,
    facts: Mapping[str, Any],
    haves: Mapping[str, str],
    files: Files | None = None,
) -> list[Part]:
    """Fields by section; ``facts`` fill what is read only, ``haves`` name the group's lines,
    ``files`` are those put into it."""
    found: list[Part] = []
    for field in form.fields:
        if field.section is not None or not found:
            found.append({"title": localised(field.section), "facts": [], "fields": []})
        if field.read_only:
            value = facts.get(field.prefilled or "", "")
            table = value if isinstance(value, dict) else None
            wide = isinstance(value, str) and len(value) > NARROW
            found[-1]["facts"].append(
                {"name": localised(field.label), "value": value, "table": table, "wide": wide}
            )
        else:
            found[-1]["fields"].append(_field(form, field, data, errors, haves, files or {}))
    return found


def _field(
    form: Form,
    field: Field,
    data: Data,
    errors: Errors,
    haves: Mapping[str, str],
    files: Files,
) -> Part:
    value = data.get(field.key)
    part = control(field, data) | {
        "name": field.key,
        "id": field.key,
        "value": value,
        "error": errors.get(field.key, ""),
    }
    if field.kind == "rows":
        part |= _rows(field, value, errors) | {"from_haves": _haves_column(form, field)}
        # rows that only some answers need: the page marks and makes them for those alone
        if field.required_when is not None:
            part["needed_by"] = field.required_when.field
            part["needed_any"] = " ".join(field.required_when.any_of)
    if field.kind == HAVES:
        part |= _haves(form, field, value, errors, haves)
    if field.kind == "file":
        part |= _files(value, files)
    if field.compute is not None:
        part |= _computed(field, data)
    if field.shown_when is not None:
        part["shown_by"] = field.shown_when.field
        part["shown_any"] = " ".join(field.shown_when.any_of)
    return part


def _files(value: Any, files: Files) -> Part:
    """The files put in already, each with where it is looked at."""
    held = [{"pk": pk, **files[pk]} for pk in value or [] if pk in files]
    return {
        "held": held,
        "accept": f"image/jpeg,image/png,{uploads.ACCEPT}",
        "max_mb": uploads.MAX_BYTES // 1_000_000,
    }


def _computed(field: Field, data: Data) -> Part:
    """The figure as it is now, and for the page's script how it comes about."""
    assert field.compute is not None
    value = compute(field.compute, data)
    return {
        "value": "" if value is None else value,
        "how": field.compute.how,
        "of": " ".join(field.compute.of),
    }


def control(field: Field, data: Data, *, in_row: bool = False) -> Part:
    """The parts that do not depend on the value."""
    labels = [(choice.key, localised(choice.label)) for choice in field.choices]
    kind = CONTROLS.get(field.kind, field.kind)
    if field.kind == "choice":
        few = len(labels) <= 4
        longest = max(len(label) for _key, label in labels)
        wide = longest > 8 or (few and sum(len(label) for _key, label in labels) > FITS)
        kind = "select" if in_row or wide else "choices"
    same = field.required_when is not None and field.required_when == field.shown_when
    part: Part = {
        "kind": kind,
        "label": localised(field.label),
        "hint": localised(field.hint),
        "required": field.is_required(data) or same or (field.kind == "tick" and field.required),
        "choices": labels,
        "unit": unit_of(field),
        "min": field.least,
        "max": field.most,
        "step": 10**-field.decimals if field.decimals else None,
    }
    if field.kind == "phone":
        part["inputmode"] = "tel"
    if field.kind == "month":
        part["placeholder"] = "2026-09"
    if field.kind in ("text", "long_text", "phone"):
        part["maxlength"] = field.limit
    return part


def _rows(field: Field, value: Any, errors: Errors) -> Part:
    given = [row for row in value or [] if isinstance(row, Mapping)]
    lines = [_line(field, number, row, errors) for number, row in enumerate(given or [{}])]
    return {"lines": lines, "empty": _line(field, "__n__", {}, {}), "count": len(lines)}


def _haves_column(form: Form, field: Field) -> str:
    """The column that names a have: such rows grow by themselves from what is said to be missing
    (一企一案: rows made from the survey's haves)."""
    for column in field.columns:
        if form.haves and {choice.key for choice in column.choices} == set(form.haves):
            return column.key
    return ""


def _line(field: Field, number: int | str, row: Data, errors: Errors) -> list[Part]:
    return [
        control(column, row, in_row=True)
        | {
            "name": f"{field.key}-{number}-{column.key}",
            "id": f"{field.key}-{number}-{column.key}",
            "value": row.get(column.key),
            "error": errors.get(f"{field.key}.{number}.{column.key}", ""),
        }
        for column in field.columns
    ]


def _haves(form: Form, field: Field, value: Any, errors: Errors, names: Mapping[str, str]) -> Part:
    given = value if isinstance(value, Mapping) else {}
    lines = []
    for have in form.haves:
        answer = given.get(have) or {}
        lines.append(
            {
                "label": names.get(have, have),
                "state": f"{HAVES}-{have}-state",
                "note": f"{HAVES}-{have}-note",
                "held": answer.get("state", ""),
                "said": answer.get("note", ""),
                "error": errors.get(f"{HAVES}.{have}", ""),
            }
        )
    return {"lines": lines}


def summary(form: Form, errors: Errors, haves: Mapping[str, str]) -> list[Part]:
    """Each error with the label and the place of its field, in the form's order."""
    labels = {field.key: field for field in form.fields}
    found = []
    for key, words in errors.items():
        name, *rest = key.split(".")
        field = labels.get(name)
        if field is None:
            continue
        label, place = localised(field.label), name
        if field.kind == "rows" and len(rest) == 2:
            column = next((c for c in field.columns if c.key == rest[1]), None)
            place = row_name(name, int(rest[0]), rest[1])
            label = _("%(label)s, row %(n)d, %(column)s") % {
                "label": label,
                "n": int(rest[0]) + 1,
                "column": localised(column.label) if column else rest[1],
            }
        elif field.kind == HAVES and rest:
            label, place = haves.get(rest[0], rest[0]), f"{HAVES}-{rest[0]}-state"
        found.append({"label": label, "words": words, "place": place})
    order = list(labels)
    return sorted(found, key=lambda e: order.index(e["place"].split("-")[0]))


def unit_of(field: Field) -> str:
    """Money is in 万元 where the plan says nothing else; a share is in per cent."""
    if field.unit is None and field.kind == "money":
        return _("10,000 yuan")
    if field.unit is None and field.compute is not None and field.compute.how == "share":
        return "%"
    return localised(field.unit)


# --- reading back --------------------------------------------------------------------------------
def answers(
    form: Form, data: Data, haves: Mapping[str, str], files: Files | None = None
) -> list[Part]:
    """What was filled in, as words; what was left open is left out. ``files`` by number."""
    found: list[Part] = []
    for field in form.inputs:
        value = data.get(field.key)
        if value in (None, "", [], {}, False):
            continue
        label = localised(field.label)
        if field.kind == "file":
            held = [files[pk] for pk in value if pk in (files or {})] if files else []
            found.append({"name": label, "value": shown(field, value), "files": held})
        elif field.kind == "rows":
            found.append({"name": label, "table": _table(field, value)})
        elif field.kind == HAVES:
            found += [_have_answer(field, haves.get(k, k), v) for k, v in value.items()]
        else:
            found.append({"name": label, "value": shown(field, value)})
    return found


def shown(field: Field, value: Any) -> str:
    if field.kind == "tick":
        return _("Yes") if value else _("No")
    if field.kind == "file":
        n = len(value or [])
        return ngettext("%(n)d file", "%(n)d files", n) % {"n": n} if n else ""
    if isinstance(value, list):
        return "、".join(_choice(field, item) for item in value)
    unit = unit_of(field)
    return f"{_choice(field, value)}{unit}" if value not in (None, "") else ""


def _choice(field: Field, value: Any) -> str:
    choice = field.choice(str(value))
    return localised(choice.label) if choice else str(value)


def _have_answer(field: Field, name: str, answer: Data) -> Part:
    words = _choice(field, answer.get("state", ""))
    note = answer.get("note")
    return {"name": name, "value": f"{words}{_(': ')}{note}" if note else words}


def _table(field: Field, rows: Sequence[Data]) -> Part:
    used = [c for c in field.columns if any(row.get(c.key) not in (None, "") for row in rows)]
    return {
        "head": [localised(column.label) for column in used],
        "rows": [[shown(column, row.get(column.key)) for column in used] for row in rows],
    }
