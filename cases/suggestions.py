"""推荐对接资源 for a case: ranked rows of the directory, each ready to become a row of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases.actions.matching import partner_field
from cases.models import Case
from cases.needs import needs_of, question
from cases.rulebook import rules_of
from organisations.lengths import OF_NAME, excerpt
from organisations.scope import Actor
from resources.index import EXPERT, RESOURCE, Suggested, suggest
from resources.models import Expert, Resource
from resources.permissions import phone_of, sees_phones
from resources.wording import why_words
from workflows.form_fields import Field, Form

MOST = 6
# kinds of the directory as the packs' forms call them (default; a form without the key gets none)
FORM_KINDS: dict[str, str] = {
    Resource.Kind.INSTITUTE: "university",
    Resource.Kind.LABORATORY: "platform",
    Resource.Kind.PLATFORM: "platform",
    Resource.Kind.TESTING: "platform",
    Resource.Kind.NEW_TYPE: "platform",
    Resource.Kind.ALLIANCE: "leader",
    Resource.Kind.LEAD_FIRM: "leader",
    Resource.Kind.SERVICE: "coaching",
    Expert.Kind.ENVOY: "envoy",
    Expert.Kind.EXPERT: "envoy",
}


@dataclass(frozen=True)
class Partner:
    """One suggestion as the page prints it; ``row`` is what it would fill in."""

    key: str
    name: str
    kind: str
    where: str
    why: str
    phone: str
    # dials; empty for whoever only reads
    tel: str
    contact: str
    is_expert: bool
    pk: int
    row: Mapping[str, str]


@dataclass(frozen=True)
class Offered:
    """What a case's page shows: the needs to choose from, the one chosen, the partners."""

    needs: list[str]
    chosen: int | None
    partners: list[Partner]


def form_with_partners(case: Case) -> Form | None:
    """The form of the step that the case stands in, if its rows say who met whom."""
    rules = rules_of(case)
    key = rules.stage.form_for(case.criterion or None) if rules.stage else None
    form = rules.pack.form(key) if key else None
    return form if partner_field(form) is not None else None


def offered(case: Case, actor: Actor, *, on: date, chosen: int | None = None) -> Offered:
    """Suggestions for one of the needs, or for all together."""
    needs = needs_of(case)
    chosen = chosen if chosen is not None and chosen < len(needs) else None
    words = needs if chosen is None else [needs[chosen]]
    found = suggest(case.programme.city, question(case, words), on=on, limit=MOST)
    field = partner_field(form_with_partners(case))
    need = needs[chosen or 0] if needs else ""
    return Offered(needs, chosen, [_partner(one, actor, field, need) for one in found])


def row_of(case: Case, actor: Actor, key: str) -> dict[str, str]:
    """The form's row for a suggestion's key ("expert-12"); empty for what is not to be seen."""
    table, _sign, number = key.partition("-")
    rows: Any = {RESOURCE: Resource.objects, EXPERT: Expert.objects}.get(table)
    if rows is None or not number.isascii() or not number.isdigit():
        return {}
    row = rows.visible_to(actor).filter(pk=int(number), city=case.programme.city_id).first()
    needs = needs_of(case)
    field = partner_field(form_with_partners(case))
    return filled(row, actor, field, needs[0] if needs else "") if row and field else {}


def filled(row: Resource | Expert, actor: Actor, field: Field | None, need: str) -> dict[str, str]:
    """The values of a new contact record, for the columns that the form has."""
    is_expert = isinstance(row, Expert)
    values = {
        "kind": FORM_KINDS.get(row.kind, ""),
        "need": excerpt(need, OF_NAME),
        "partner": row.institute_name if isinstance(row, Expert) else row.name,
        "expert": row.name if is_expert else "",
        "phone": row.phone if sees_phones(actor) else "",
        "source": _("Resource directory"),
    }
    columns = {column.key: column for column in (field.columns if field else ())}
    return {
        name: value
        for name, value in values.items()
        if value
        and name in columns
        and (not columns[name].choices or columns[name].choice(value) is not None)
    }


def _partner(one: Suggested, actor: Actor, field: Field | None, need: str) -> Partner:
    row = one.row
    expert = row if isinstance(row, Expert) else None
    level = row.get_level_display() if row.level else ""
    phone = phone_of(row, actor)
    return Partner(
        key=f"{EXPERT if expert else RESOURCE}-{row.pk}",
        name=f"{expert.institute_name} {row.name}" if expert else row.name,
        kind=" ".join(filter(None, [level, str(row.get_kind_display())])),
        where=row.where,
        why=why_words(one.reasons),
        phone=phone["shown"],
        tel=phone["tel"],
        contact="" if isinstance(row, Expert) else row.contact,
        is_expert=expert is not None,
        pk=row.pk,
        row=filled(row, actor, field, need),
    )
