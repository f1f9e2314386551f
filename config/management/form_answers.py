"""Answers to a form from a file (JSON or YAML), and the form as such a file to be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases import uploads
from cases.actions import filling, form_files
from cases.models import Case
from cases.prefilling import facts_of, first_answers
from cases.sheet import load
from cases.views.form_fields import unit_of
from config.management import arguments
from config.management.talking import disk_words
from organisations.scope import Actor
from workflows import forms_unsound
from workflows.form_fields import HAVES, Field, Form
from workflows.text import localised

NOTHING = ("", "~", "null")


def from_file(name: str) -> dict[str, Any]:
    """The answers that a file holds, by field key; of YAML every value as it is written."""
    text = arguments.text_of(name)
    try:
        found: Any = json.loads(text)
    except json.JSONDecodeError as wrong:
        if name.endswith(".json"):
            raise CommandError(_("The form is no JSON: %(detail)s") % {"detail": wrong}) from wrong
        found = _yaml(text)
    if not isinstance(found, dict):
        raise CommandError(_("The form must be an object of answers."))
    return found


def _yaml(text: str) -> Any:
    try:
        # every scalar stays text: "yes" is an answer of a choice, 2022-03-01 a day as typed
        return _open(yaml.load(text, Loader=yaml.BaseLoader))
    except yaml.YAMLError as wrong:
        raise CommandError(_("The form is no YAML: %(detail)s") % {"detail": wrong}) from wrong


def _open(value: Any) -> Any:
    """What stands empty is not answered."""
    if isinstance(value, dict):
        return {key: _open(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_open(item) for item in value]
    return None if value in NOTHING else value


def with_files(case: Case, form: Form, answers: Mapping[str, Any], *, by: Actor, at: Any) -> Any:
    """Files named by their paths are put into the form; numbers name those that are there."""
    found = dict(answers)
    for field in form.inputs:
        given = found.get(field.key)
        if field.kind != "file" or not given:
            continue
        names = given if isinstance(given, list) else [given]
        found[field.key] = [
            int(str(name))
            if str(name).isascii() and str(name).isdecimal()
            else form_files.put_file(
                case, form=form.key, field=field.key, paper=_paper(str(name)), by=by, at=at
            ).pk
            for name in names
        ]
    return found


def _paper(name: str) -> Any:
    path = Path(name)
    try:
        return uploads.check(ContentFile(path.read_bytes(), name=path.name), path.name)
    except OSError as wrong:
        raise CommandError(disk_words(wrong)) from wrong


# --- the form as a file ---------------------------------------------------------------------------
def described(case: Case, by: Actor, on: date) -> dict[str, Any]:
    """The form of the step on hand: its questions, what is known, what is filled in so far."""
    form = filling.form_of(case)
    if form is None:
        raise CommandError(_("This stage has no form."))
    sheet = load(case, on)
    record = sheet.record_of(form.key)
    typed = forms_unsound.together(record.data, record.unsound) if record is not None else {}
    facts = facts_of(sheet, form, by=by)
    names = {have.key: localised(have.label) for have in sheet.rules.pack.haves}
    return {
        "form": form.key,
        "title": localised(form.title),
        "state": "none" if record is None else "draft" if record.is_draft else "finished",
        "known": {
            localised(field.label): facts.get(field.prefilled or "", "")
            for field in form.fields
            if field.read_only
        },
        "fields": [_field(field, names) for field in form.inputs if field.compute is None],
        "answers": first_answers(sheet, form, by=by) | typed,
    }


def _field(field: Field, haves: Mapping[str, str]) -> dict[str, Any]:
    """``haves``: the criteria by key, as each of them has its own ``{state, note}``."""
    found: dict[str, Any] = {
        "key": field.key,
        "kind": field.kind,
        "label": localised(field.label),
        "required": field.required,
    }
    if field.required_when is not None:
        found["required_when"] = field.required_when.model_dump()
    if unit_of(field):
        found["unit"] = unit_of(field)
    if field.choices:
        found["choices"] = {choice.key: localised(choice.label) for choice in field.choices}
    if field.columns:
        found["columns"] = [_field(column, haves) for column in field.columns]
    if field.kind == HAVES:
        found["of"] = dict(haves)
        found["shape"] = {key: {"state": "", "note": ""} for key in haves}
    return found


def as_yaml(told: Mapping[str, Any]) -> str:
    """A file to fill in: each question as a remark above its answer."""
    lines = [f"# {told['title']} ({told['form']})"]
    lines += [f"# {label}: {value}" for label, value in told["known"].items() if _plain(value)]
    for field in told["fields"]:
        lines += ["", *_remarks(field, "# ")]
        answer = told["answers"].get(field["key"])
        held = {field["key"]: answer if answer not in (None, "", [], {}) else _blank(field)}
        if field["kind"] == HAVES:
            # each with its place to be filled in, those that are there already kept
            held = {field["key"]: {**field["shape"], **(answer or {})}}
        text = yaml.safe_dump(held, allow_unicode=True, sort_keys=False, default_flow_style=False)
        lines.append(text.replace(": null\n", ":\n").rstrip("\n"))
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> bool:
    return bool(value) and not isinstance(value, dict)


def _blank(field: Mapping[str, Any]) -> Any:
    return (
        []
        if field["kind"] in ("rows", "many_of", "file")
        else {}
        if field["kind"] == HAVES
        else None
    )


def _remarks(field: Mapping[str, Any], lead: str) -> Iterator[str]:
    notes = [str(field["kind"])]
    notes += [_("compulsory")] if field["required"] else []
    notes += [str(field["unit"])] if "unit" in field else []
    yield f"{lead}{field['label']} ({', '.join(notes)})"
    for key, label in field.get("choices", {}).items():
        yield f"{lead}  {key} = {label}"
    for key, label in field.get("of", {}).items():
        yield f"{lead}  {key}: {label} (state, note)"
    for column in field.get("columns", ()):
        rest = list(_remarks(column, f"{lead}    "))
        yield f"{lead}  {column['key']}: {rest[0].removeprefix(lead).strip()}"
        yield from rest[1:]
