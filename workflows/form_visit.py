"""The visit record (004-17): the form ``visit`` of a plan, else the product's own.

The product needs to read a few of its answers (when, who, how, what was found, when to be in touch
again): the form names them by ``role``, under whatever key and words. Everything else is the
city's. The page is taken along where there is no network, so it holds no rows and no files apart
from its photos.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from workflows.form_fields import Field, Form
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Source
from workflows.pack_words import unknown

VISIT = "visit"
STANDARD = Path(__file__).parent / "visit.yaml"
TEXT = ("text", "long_text")
# what the product reads, of which kinds it may be, and the longest that is kept of it
ROLES: Mapping[str, tuple[tuple[str, ...], int | None]] = {
    "visited_on": (("date",), None),
    "people": (TEXT, 200),
    "way": (("choice",), None),
    "met": (TEXT, 200),
    "found": (TEXT, 1000),
    "next_contact": (("date",), None),
}
# without these nothing is a visit
COMPULSORY = ("visited_on", "people")
LONGEST_KEY = 40  # of a kind of visit, as it is stored
PLAIN = frozenset(
    {
        *("text", "long_text", "phone", "number", "money", "date", "month", "choice", "many_of"),
        *("tick", "computed"),
    }
)
# what can be known of a firm before anybody went there, without asking for one of its cases
KNOWN = frozenset(
    {
        *("name", "credit_code", "county", "township", "industry", "me", "today"),
        *("visit_on", "visit_kind", "visit_people", "visit_met"),
    }
)
# what the page itself posts
TAKEN = frozenset(
    {
        *("cases", "photos", "latitude", "longitude", "sent_as", "basis", "opens", "asked_by"),
        "csrfmiddlewaretoken",
    }
)


@lru_cache(maxsize=1)
def standard() -> Form:
    return Form.model_validate({"key": VISIT, **yaml.safe_load(STANDARD.read_text("utf-8"))})


def visit_form(pack: Pack | None) -> Form:
    """What a visit is asked under a plan: its own form; where that names no roles (plans from
    before they could) the standard questions and then its own; where it has none the standard."""
    own = _declared(pack) if pack is not None else None
    if own is None:
        return standard()
    if any(field.role for field in own.fields):
        return own
    fields = (*standard().fields, *own.fields)
    return own.model_copy(update={"fields": fields})


def field_of(form: Form, role: str) -> Field | None:
    return next((field for field in form.inputs if field.role == role), None)


def _declared(pack: Pack) -> Form | None:
    """The form of that key, unless a step of some kind of case is filled in by it."""
    kinds = pack.procedures.values()
    used = {stage.form for kind in kinds for stage in kind.stages}
    used |= {opening.form for kind in kinds for opening in kind.opens}
    return None if VISIT in used else pack.forms.get(VISIT)


def check_visit_form(pack: Pack, source: Source) -> Iterator[Finding]:
    form = _declared(pack)
    yield from _roles_elsewhere(pack, form, source)
    if form is None:
        return
    held = [field.role for field in form.fields if field.role]
    taken = TAKEN if held else TAKEN | {field.key for field in standard().fields}
    for place, field in enumerate(form.fields):
        line = source.line(("forms", VISIT, "fields", place))
        yield from _plainness(field, line)
        yield from _role(field, held, line)
        if field.key in taken:
            words = _("“%(name)s” is asked of every visit already; give it another key.")
            yield Finding(line, "key_taken", words % {"name": field.key})
    for role in COMPULSORY if held else ():
        if role not in held:
            words = _("A visit needs a field with the role “%(role)s”.")
            yield Finding(source.line(("forms", VISIT)), "no_role", words % {"role": role})


def _plainness(field: Field, line: int) -> Iterator[Finding]:
    if field.kind not in PLAIN:
        words = _(
            "“%(name)s”: a visit asks plain fields only, no rows and no files, as its page works "
            "offline."
        )
        yield Finding(line, "not_plain", words % {"name": field.key})
    if field.prefilled and "." not in field.prefilled and field.prefilled not in KNOWN:
        yield unknown(line, "unknown_fact", field.prefilled, KNOWN)
    if field.since_opening or field.within_work:
        words = _("“%(name)s”: a visit belongs to the firm; no case was opened for it.")
        yield Finding(line, "since_opening", words % {"name": field.key})


def _role(field: Field, held: Sequence[str], line: int) -> Iterator[Finding]:
    if not field.role:
        return
    kinds, longest = ROLES[field.role]
    told: dict[str, Any] = {"name": field.key, "role": field.role}
    if field.kind not in kinds or field.read_only:
        words = _("“%(name)s”: the role “%(role)s” is filled in, of kind %(kinds)s.")
        yield Finding(line, "role_kind", words % {**told, "kinds": "/".join(kinds)})
    if held.count(field.role) > 1:
        words = _("“%(name)s”: another field has the role “%(role)s” already.")
        yield Finding(line, "role_twice", words % told)
    if longest is not None and field.limit > longest:
        words = _("“%(name)s”: the role “%(role)s” takes at most %(n)d characters (max_length).")
        yield Finding(line, "role_long", words % {**told, "n": longest})
    if any(len(choice.key) > LONGEST_KEY for choice in field.choices):
        words = _("“%(name)s”: keys of the role “%(role)s” have at most %(n)d characters.")
        yield Finding(line, "role_long", words % {**told, "n": LONGEST_KEY})
    if field.role in COMPULSORY and (not field.required or field.shown_when is not None):
        words = _("“%(name)s”: the role “%(role)s” is always asked for (required: true).")
        yield Finding(line, "role_open", words % told)


def _roles_elsewhere(pack: Pack, visit: Form | None, source: Source) -> Iterator[Finding]:
    for key, form in pack.forms.items():
        if visit is not None and key == visit.key:
            continue
        for place, field in enumerate(form.fields):
            if field.role or any(column.role for column in field.columns):
                words = _("“%(name)s”: only the fields of the form “visit” have roles.")
                line = source.line(("forms", key, "fields", place))
                yield Finding(line, "role_elsewhere", words % {"name": field.key})
