"""Faults of a pack's forms that need more than one field to be seen: what is filled in, what is
reckoned, where files cannot be put in."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflows.form_fields import Field, Form
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Path, Source
from workflows.pack_words import unknown

# Facts that a page can put into a form.
PREFILLED = frozenset(
    {
        "name", "credit_code", "county", "township", "industry", "competent_unit",
        "liaison_group", "service_officer", "filing_state", "covered_last_year",
        "have", "have_found", "criteria", "due_on", "plan_measure", "plan_owner", "plan_due",
        "match_partner", "match_agreement", "match_form", "match_signed_on",
        "match_valid_until", "match_amount", "match_number",
        "condition", "first_time", "me", "today", "next_year", "papers", "accepted_on",
        "visit_on", "visit_kind", "visit_people", "visit_met",
    }
)  # fmt: skip
# tables, which nobody types into
READ_ONLY = frozenset({"papers"})
FIGURES = ("number", "money", "computed")


def check_form_parts(form: Form, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    foreign = sum(len(pack.forms[key].fields) for key in form.includes if key in pack.forms)
    for place, field in enumerate(form.fields):
        line = source.line((*path, "fields", place - foreign))
        yield from _prefilled(field, pack, line)
        yield from _computed(field, form.fields, line)
        for column in field.columns:
            yield from _computed(column, field.columns, line)


def _prefilled(field: Field, pack: Pack, line: int) -> Iterator[Finding]:
    """A fact that pages know, or `FORM.FIELD`: what was answered there before."""
    name = field.prefilled
    if not name:
        return
    key, dot, other = name.partition(".")
    if not dot:
        if name not in PREFILLED:
            yield unknown(line, "unknown_field", name, PREFILLED)
        elif name in READ_ONLY and not field.read_only:
            words = _("“%(name)s” is a table: the field must be read_only.")
            yield Finding(line, "read_only", words % {"name": name})
        return
    form = pack.forms.get(key)
    if form is None:
        yield unknown(line, "unknown_form", key, pack.forms)
    elif other not in {one.key for one in form.inputs}:
        yield unknown(line, "unknown_field", other, [one.key for one in form.inputs])


def _computed(field: Field, siblings: tuple[Field, ...], line: int) -> Iterator[Finding]:
    """Figures of figures, a count of rows, months between months."""
    if field.compute is None:
        return
    by_key = {one.key: one for one in siblings}
    for name in field.compute.of:
        key, dot, column = name.partition(".")
        other = by_key.get(key)
        if dot and other is not None:
            other = next((one for one in other.columns if one.key == column), None)
        if other is None or other.key == field.key:
            yield unknown(line, "unknown_field", name, by_key)
            continue
        wanted = {"count": ("rows",), "months": ("month",)}.get(field.compute.how, FIGURES)
        if other.kind not in wanted:
            words = _("“%(field)s” cannot be reckoned from “%(name)s”: that is no %(kind)s.")
            told = {"field": field.key, "name": name, "kind": "/".join(wanted)}
            yield Finding(line, "compute", words % told)


def check_openings_of_files(pack: Pack, source: Source) -> Iterator[Finding]:
    """A case that is opened by hand has no place for files before it is there."""
    opened = {o.form for p in pack.procedures.values() for o in p.opens if o.form}
    for key in sorted(opened & set(pack.forms)):
        for place, field in enumerate(pack.forms[key].fields):
            if field.kind == "file":
                words = _("“%(name)s”: a form that opens a case takes no files.")
                line = source.line(("forms", key, "fields", place))
                yield Finding(line, "file_too_early", words % {"name": field.key})
