"""Reading and checking what was filled into a form. Cleaned values can be stored as JSON."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _

from organisations.days import long_day
from organisations.numbers_sent import number_of
from workflows.form_fields import HAVES, Choice, Field, Form, Outcome, When
from workflows.forms_computed import compute
from workflows.forms_reading import READERS, too_long
from workflows.text import localised

__all__ = [
    "HAVES",
    "Choice",
    "Field",
    "Form",
    "Outcome",
    "When",
    "from_post",
    "missing_haves",
    "place_of",
    "row_name",
    "validate",
]

COMPUTED = "computed"
REGULAR = "regular"  # 有且规范: the only answer that is not a gap
TRUE = ("true", "on", "1", "yes", "是")
MAX_ROWS = 50

Errors = dict[str, str]


class Post(Protocol):
    """What a browser posts: Django's QueryDict fits."""

    def getlist(self, key: str) -> list[str]: ...

    def __iter__(self) -> Iterator[str]: ...


def validate(
    form: Form,
    data: Mapping[str, Any],
    *,
    today: date,
    complete: bool = True,
    since: date | None = None,
    until: date | None = None,
) -> tuple[dict[str, Any], Errors]:
    """Cleaned values and errors in words, by field key (`rows.0.column` inside rows).

    `complete=False` keeps a draft: nothing is compulsory yet, but what is there must be sound.
    Dates come out as ISO text, numbers as int, money as text with at most two decimals (万元).
    `since`: the day the case was opened, for the dates that cannot lie before it; `until`: the last
    day of the plan's work, for those that cannot lie after it.
    """
    cleaned, errors = _validate(form.inputs, data, today, complete, form.haves)
    errors |= _outside(form.inputs, cleaned, since, until, errors)
    if complete:
        errors |= _rows_per_missing(form, cleaned, errors)
    if complete and form.outcome is not None and not errors:
        errors |= _outcome(form, form.outcome, cleaned)
    return cleaned, errors


def missing_haves(cleaned: Mapping[str, Any]) -> tuple[str, ...]:
    """Haves that are not there in due form; 不清楚 counts as missing."""
    answers = cleaned.get(HAVES) or {}
    return tuple(key for key, answer in answers.items() if answer.get("state") != REGULAR)


def place_of(form: Form, key: str, haves: Mapping[str, str]) -> str:
    """Where an error of ``validate`` stands, as the page names it: "一企一案 2 措施".

    ``haves``: the names of the criteria by key, as a form knows their keys only.
    """
    name, *rest = key.split(".")
    field = next((field for field in form.fields if field.key == name), None)
    if field is None:
        return key
    words = [localised(field.label)]
    for part in rest:
        column = next((column for column in field.columns if column.key == part), None)
        words.append(localised(column.label) if column else haves.get(part, _counted(part)))
    return " ".join(words)


def _counted(part: str) -> str:
    """Rows are counted from one."""
    return str(int(part) + 1) if part.isdigit() else part


def row_name(field: str, row: int, column: str) -> str:
    """Name of an input inside rows (`visitors-0-name`) or a have (`haves-staff-state`)."""
    return f"{field}-{row}-{column}"


def from_post(form: Form, post: Post) -> dict[str, Any]:
    """Nested data of a posted form, ready for `validate`. Empty rows are dropped."""
    asked = (field for field in form.inputs if field.kind != COMPUTED)
    return {field.key: _posted(field, post, form.haves) for field in asked}


def _posted(field: Field, post: Post, haves: Sequence[str]) -> Any:
    if field.kind == HAVES:
        return {
            have: {part: _last(post, f"{HAVES}-{have}-{part}") for part in ("state", "note")}
            for have in haves
        }
    if field.kind == "rows":
        rows = (_posted_row(field, post, row) for row in _numbers(field, post))
        return [row for row in rows if any(row.values())]
    if field.kind in ("many_of", "file"):
        return post.getlist(field.key)
    return _last(post, field.key)


def _numbers(field: Field, post: Post) -> list[int]:
    """Of the rows posted, all of them: a page that adds and takes out lines counts on."""
    names = (name.split("-") for name in post)
    counted = (parts[1] for parts in names if len(parts) == 3 and parts[0] == field.key)
    return sorted({number_of(text) for text in counted})


def _posted_row(field: Field, post: Post, row: int) -> dict[str, Any]:
    return {
        column.key: post.getlist(row_name(field.key, row, column.key))
        if column.kind == "many_of"
        else _last(post, row_name(field.key, row, column.key))
        for column in field.columns
    }


def _last(post: Post, name: str) -> str:
    values = post.getlist(name)
    return values[-1] if values else ""


def _validate(
    fields: Sequence[Field],
    data: Mapping[str, Any],
    today: date,
    complete: bool,
    haves: Sequence[str],
) -> tuple[dict[str, Any], Errors]:
    cleaned: dict[str, Any] = {}
    errors: Errors = {}
    for field in fields:
        known = {**data, **cleaned}  # conditions look at cleaned values where there are any
        if field.kind == COMPUTED or not field.is_shown(known):
            continue
        value = data.get(field.key)
        if field.kind == "rows":
            # a plan that this class does not need demands nothing of its rows either
            idle = field.per_missing is not None and not field.is_required(known)
            rows = _rows(field, value, today, complete and not idle, errors)
            cleaned[field.key] = _without_bare(field, rows) if idle and complete else rows
        elif field.kind == HAVES:
            cleaned[field.key] = _haves(field, value, complete, haves, errors)
        else:
            cleaned[field.key] = _single(field, value, today, errors)
        if complete and field.key not in errors and _is_missing(field, cleaned, known):
            errors[field.key] = _required_words(field)
    _compare_dates(fields, cleaned, errors)
    for field in fields:  # last: of what the others say
        if field.compute is not None and field.is_shown({**data, **cleaned}):
            cleaned[field.key] = compute(field.compute, cleaned, without=errors)
    return cleaned, errors


def _is_missing(field: Field, cleaned: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    if field.kind == HAVES or not field.is_required(data):
        return False
    return cleaned[field.key] in (None, "", [], False)


def _required_words(field: Field) -> str:
    if field.kind == "tick":
        return _("Please confirm “%(label)s”.") % {"label": localised(field.label)}
    if field.kind == "file":
        return _("Please add “%(label)s”.") % {"label": localised(field.label)}
    if field.kind in ("choice", "many_of"):
        return _("Please choose “%(label)s”.") % {"label": localised(field.label)}
    return _("Please fill in “%(label)s”.") % {"label": localised(field.label)}


def _single(field: Field, value: Any, today: date, errors: Errors) -> Any:
    if field.kind == "tick":
        return value is True or str(value).lower() in TRUE
    if field.kind == "many_of":
        return _many_of(field, value, errors)
    if field.kind == "file":
        return _files(field, value, errors)
    text = unicodedata.normalize("NFKC", str(value)).strip() if value is not None else ""
    if field.kind in ("text", "long_text"):
        text = str(value).strip() if value is not None else ""  # keep full-width punctuation
    if not text:
        return None
    read = READERS[field.kind]
    try:
        return read(field, text, today)
    except ValueError as error:
        errors[field.key] = str(error)
        return text


def _many_of(field: Field, value: Any, errors: Errors) -> list[str]:
    given = value if isinstance(value, (list, tuple)) else [value] if value else []
    chosen = [str(item) for item in given if item not in ("", None)]
    if any(field.choice(item) is None for item in chosen):
        errors[field.key] = _("Please choose among the answers given.")
    return chosen


def _files(field: Field, value: Any, errors: Errors) -> list[int]:
    """Numbers of the files put in; whether they are of this case, the door has seen."""
    given = value if isinstance(value, (list, tuple)) else [value] if value else []
    numbers = [number_of(str(item)) for item in given]
    found = list(dict.fromkeys(number for number in numbers if number))
    if len(found) > field.most_files:
        words = _("“%(label)s” takes at most %(count)d files.")
        errors[field.key] = words % {"label": localised(field.label), "count": field.most_files}
    return found


def _rows(
    field: Field, value: Any, today: date, complete: bool, errors: Errors
) -> list[dict[str, Any]]:
    given = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    rows = []
    for place, row in enumerate(given):
        cleaned, wrong = _validate(field.columns, row, today, complete, ())
        rows.append(cleaned)
        errors.update({f"{field.key}.{place}.{key}": words for key, words in wrong.items()})
    label = localised(field.label)
    if len(given) > MAX_ROWS:
        values = {"label": label, "count": MAX_ROWS}
        errors[field.key] = _("“%(label)s” takes at most %(count)d rows.") % values
    if complete and len(rows) < field.min_rows:
        values = {"label": label, "count": field.min_rows}
        errors[field.key] = _("“%(label)s” needs at least %(count)d rows.") % values
    return rows


def _without_bare(field: Field, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that say more than which have is missing (that much the page puts in by itself)."""
    return [row for row in rows if any(v for k, v in row.items() if k != field.per_missing)]


def _haves(
    field: Field, value: Any, complete: bool, haves: Sequence[str], errors: Errors
) -> dict[str, dict[str, str]]:
    given = value if isinstance(value, Mapping) else {}
    answers = {}
    for have in haves:
        answer = given.get(have)
        answer = answer if isinstance(answer, Mapping) else {}
        state = str(answer.get("state") or "")
        note = str(answer.get("note") or "").strip()
        if state and field.choice(state) is None:
            errors[f"{HAVES}.{have}"] = _("Please choose one of the answers given.")
        elif not state and complete and field.required:
            errors[f"{HAVES}.{have}"] = _("Please say how this item stands.")
        elif len(note) > field.limit:
            errors[f"{HAVES}.{have}"] = too_long(field, note)
        answers[have] = {"state": state, "note": note}
    return answers


def _outside(
    fields: Sequence[Field],
    cleaned: Mapping[str, Any],
    since: date | None,
    until: date | None,
    errors: Errors,
    path: str = "",
) -> Errors:
    """Days before the case was opened or after the plan's work, where the form says so."""
    found: Errors = {}
    for field in fields:
        key, value = f"{path}{field.key}", cleaned.get(field.key)
        if field.kind == "rows":
            for place, row in enumerate(value or []):
                inner = f"{key}.{place}."
                found |= _outside(field.columns, row, since, until, errors, inner)
        elif not value or key in errors:
            continue
        elif field.since_opening and since is not None and value < since.isoformat():
            words = _("Cannot be earlier than the opening of the case on %(day)s.")
            found[key] = words % {"day": long_day(since)}
        elif field.within_work and until is not None and value > until.isoformat():
            words = _("Cannot be later than %(day)s, when the work of this plan ends.")
            found[key] = words % {"day": long_day(until)}
    return found


def _rows_per_missing(form: Form, cleaned: Mapping[str, Any], errors: Errors) -> Errors:
    """001-23: the plan says for every missing have what is done about it."""
    haves = next((field for field in form.inputs if field.kind == HAVES), None)
    found: Errors = {}
    for field in form.inputs if haves is not None else ():
        unsure = field.key in errors or any(key.startswith(f"{HAVES}.") for key in errors)
        if field.per_missing is None or unsure or not field.is_required(cleaned):
            continue
        column = next(c for c in field.columns if c.key == field.per_missing)
        planned = {row.get(column.key) for row in cleaned.get(field.key) or []}
        lacking = [key for key in missing_haves(cleaned) if key not in planned]
        names = [localised(choice.label) for choice in column.choices if choice.key in lacking]
        if names:
            words = _("No row yet for: %(names)s.")
            found[field.key] = words % {"names": _(", ").join(names)}
    return found


def _outcome(form: Form, wanted: Outcome, cleaned: Mapping[str, Any]) -> Errors:
    """One row with the wanted result for each `per` (001-23: one agreement a need)."""
    field = form.field(wanted.field)
    if not field.is_required(cleaned):
        return {}
    column = next(c for c in field.columns if c.key == wanted.column)
    groups: dict[str, bool] = {}
    for row in cleaned.get(field.key) or []:
        group = str(row.get(wanted.per) or "").strip() if wanted.per else ""
        groups[group] = groups.get(group, False) or row.get(column.key) in wanted.any_of
    short = [group for group, reached in groups.items() if not reached]
    if groups and not short:
        return {}
    results = (choice for choice in column.choices if choice.key in wanted.any_of)
    values = {
        "results": _(" or ").join(localised(choice.label) for choice in results),
        "groups": _(", ").join(filter(None, short)),
    }
    if values["groups"]:
        return {field.key: _("Not yet “%(results)s”: %(groups)s.") % values}
    return {field.key: _("At least one row must say “%(results)s”.") % values}


def _compare_dates(fields: Sequence[Field], cleaned: Mapping[str, Any], errors: Errors) -> None:
    for field in fields:
        earlier, later = cleaned.get(field.not_before or ""), cleaned.get(field.key)
        sound = field.key not in errors and field.not_before not in errors
        if sound and field.not_before and earlier and later and later < earlier:
            label = next(one.label for one in fields if one.key == field.not_before)
            errors[field.key] = _("Cannot be earlier than “%(label)s”.") % {
                "label": localised(label)
            }
