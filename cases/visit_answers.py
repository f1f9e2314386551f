"""What a visit record asks of whoever was there, and what was answered, in words (004-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases.actions.filling import FormRefused
from cases.errors import Refused
from cases.models import Visit
from cases.rulebook import pack_of
from cases.views.form_fields import shown
from workflows import forms
from workflows.form_fields import Field, Form
from workflows.form_visit import field_of, standard, visit_form
from workflows.forms import Post
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.text import localised

EMPTY: tuple[Any, ...] = (None, "", [], False)


@dataclass(frozen=True)
class Questions:
    """The form and the version of the plan that asks it; none: the product's own."""

    version: int | None
    pack: Pack | None
    form: Form

    def field(self, role: str) -> Field | None:
        return field_of(self.form, role)

    def key(self, role: str) -> str:
        field = self.field(role)
        return field.key if field is not None else ""

    def posted(self, post: Post) -> dict[str, Any]:
        """Answers of a page; one that was taken along under earlier questions names the roles."""
        data = forms.from_post(self.form, post)
        for field in self.form.inputs:
            if field.role and not data.get(field.key):
                data[field.key] = next(iter(post.getlist(field.role)), "")
        return data

    def first_way(self) -> str:
        """A kind is ticked beforehand, as most visits are of the first."""
        field = self.field("way")
        return field.choices[0].key if field is not None and field.required else ""

    def with_roles(self, given: Mapping[str, Any], roles: Mapping[str, Any]) -> dict[str, Any]:
        """Answers together with what the caller says by role; refuses what is not asked here."""
        data = dict(given)
        for role, value in roles.items():
            field = self.field(role)
            if field is not None:
                data[field.key] = value or data.get(field.key) or ""
            elif value:
                words = _("The visit record of this plan does not ask for “%(what)s”.")
                other = field_of(standard(), role)
                told = localised(other.label) if other is not None else role
                raise Refused("not_asked", words % {"what": told})
        return data

    def said(self, data: Mapping[str, Any], role: str) -> str:
        return str(data.get(self.key(role)) or "").strip()

    def check_way(self, way: str) -> None:
        field = self.field("way")
        if field is None or not way or field.choice(way) is not None:
            return
        known = ", ".join(f"{one.key} {localised(one.label)}" for one in field.choices)
        words = _("“%(way)s” is no kind of visit. There are: %(known)s")
        raise Refused("no_way", words % {"way": way, "known": known})

    def checked(self, given: Mapping[str, Any], on: date) -> dict[str, Any]:
        """Cleaned answers by key; raises ``FormRefused``."""
        cleaned, errors = forms.validate(self.form, given, today=on)
        if errors:
            refused = FormRefused(self.pack, self.form, errors)
            # a phone that sends it later shows the words alone
            told = [f"{one['place']}{_(': ')}{one['words']}" for one in refused.fields]
            refused.words = " ".join(told)
            raise refused
        return cleaned

    def apart(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that no role names, without the empty ones."""
        own = {field.key for field in self.form.inputs if field.role}
        return {k: v for k, v in cleaned.items() if k not in own and v not in EMPTY}


def asked(city: int, version: int | None = None) -> Questions:
    """Those of the city's newest plan, or of the version that a page was made under; one
    statement."""
    rows = ProgrammeVersion.objects.filter(programme__city=city)
    order = ("-programme__statistical_year", "-pk")
    found = list(rows.order_by(*order).values_list("pk", flat=True))
    if not found:
        return Questions(None, None, standard())
    chosen = version if version in found else found[0]
    pack = pack_of(chosen)
    return Questions(chosen, pack, visit_form(pack))


def form_that_asked(visit: Visit) -> Form:
    """In whose words it was answered; before forms were declared, the product's own."""
    version = visit.pack_version_id
    return visit_form(pack_of(version)) if version is not None else standard()


def way_of(visit: Visit) -> str:
    return way_words(visit.way, form_that_asked(visit))


def way_words(way: str, form: Form | None = None) -> str:
    """A kind of visit in words; one that the form knows no more in the product's own."""
    for one in (form, standard()):
        field = field_of(one, "way") if one is not None else None
        choice = field.choice(way) if field is not None else None
        if choice is not None:
            return localised(choice.label)
    return ""


def words_of(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Question and answer of what no role names, in the words of the version that asked; no
    statement but the first."""
    if not visit.answers or visit.pack_version_id is None:
        return ()
    return tuple(
        (localised(field.label), shown(field, visit.answers[field.key]))
        for field in form_that_asked(visit).inputs
        if field.key in visit.answers
    )


def held_by(visit: Visit) -> dict[str, Any]:
    """All its answers under the keys of the form that asked; those of a role as they are stored."""
    roles = _by_role(visit)
    own = {f.key: roles[f.role] for f in form_that_asked(visit).inputs if f.role}
    return {**visit.answers, **own}


def _by_role(visit: Visit) -> dict[str, Any]:
    return {
        "visited_on": visit.visited_on.isoformat(),
        "people": visit.people,
        "way": visit.way,
        "met": visit.met,
        "found": visit.found,
        "next_contact": visit.next_on.isoformat() if visit.next_on else "",
    }


def record_of(visit: Visit) -> list[tuple[str, str]]:
    """The whole record in the order of its form, for reading and printing."""
    held = _by_role(visit)
    form = form_that_asked(visit)
    # what is stored and not asked (any more) is read all the same
    unasked = [field for field in standard().inputs if field_of(form, str(field.role)) is None]
    found = []
    for field in (*form.inputs, *unasked):
        value = held[field.role] if field.role else visit.answers.get(field.key)
        words = way_of(visit) if field.role == "way" else shown(field, value)
        if words and value not in EMPTY:
            found.append((localised(field.label), words))
    return found
