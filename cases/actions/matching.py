"""Contact records follow the form that holds them, in the form's own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from cases.models import Case, FormRecord, MatchRecord
from cases.rulebook import rules_of
from resources.folds import fold_name
from resources.models import Expert, Resource
from workflows.form_fields import Field, Form

# a field of kind rows with these columns holds contact records, whatever the pack calls it
NEEDED = frozenset({"partner", "met_on", "result"})
# texts and their longest
TEXTS = {
    "kind": 40, "need": 300, "way": 40, "people": 200, "result": 40, "agreement": 200,
    "next_step": 200,
}  # fmt: skip
DAYS = ("met_on", "signed_on", "valid_until", "next_on")
# what the packs' forms call a university or an institute
UNIVERSITY = "university"
OWN = (
    *("line", "is_draft", "resource_id", "expert_id", "partner", "expert_name", "is_institute"),
    *TEXTS,
    *DAYS,
    "amount",
)


def partner_field(form: Form | None) -> Field | None:
    """The field whose rows say who met whom."""
    fields = form.inputs if form is not None else ()
    return next(
        (f for f in fields if f.kind == "rows" and {c.key for c in f.columns} >= NEEDED), None
    )


def follow_form(case: Case, form: Form, record: FormRecord) -> None:
    """Make the contact records of a form what its rows say; nothing is written that stands.

    A draft does not touch what was sealed: after a return the agreements of before still hold.
    """
    field = partner_field(form)
    if field is None or case.enterprise_id is None:
        return
    held = list(MatchRecord.objects.filter(case=case, form=form.key).order_by("line"))
    if record.is_draft and any(not row.is_draft for row in held):
        return
    rows = [
        (line, row)
        for line, row in enumerate(record.data.get(field.key) or [])
        if all(row.get(key) for key in NEEDED)
    ]
    if not rows and not held:
        return
    made = list(_records(case, form, record, rows, held))
    if [_content(row) for row in made] == [_content(row) for row in held]:
        return
    if held:
        MatchRecord.objects.filter(case=case, form=form.key).delete()
    MatchRecord.objects.bulk_create(made)


@transaction.atomic
def follow_all() -> int:
    """The contact records of forms that were filled in before there were any; the number of forms
    with partners. Repeatable; some statements a form, as it is done once."""
    newest: dict[tuple[int, str], FormRecord] = {}
    records = FormRecord.objects.select_related("case__programme", "case__pack_version", "by")
    # what was sealed last goes before a draft
    for record in records.order_by("-is_draft", "id"):
        newest[record.case_id, record.form] = record
    followed = 0
    for record in newest.values():
        form = rules_of(record.case).pack.forms.get(record.form)
        if form is not None and partner_field(form) is not None:
            follow_form(record.case, form, record)
            followed += 1
    return followed


def _records(
    case: Case,
    form: Form,
    record: FormRecord,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    held: Sequence[MatchRecord],
) -> Iterator[MatchRecord]:
    partners = Partners(case.programme.city_id, [row for _line, row in rows], held)
    for line, row in rows:
        made = MatchRecord(
            case=case,
            enterprise_id=case.firm_id,
            form=form.key,
            line=line,
            is_draft=record.is_draft,
            partner=str(row["partner"])[:200],
            folded_partner=fold_name(str(row["partner"]))[:200],
            expert_name=str(row.get("expert") or "")[:200],
            amount=Decimal(str(row["amount"])) if row.get("amount") else None,
            by=record.by,
            at=record.at,
            **{name: _text(row, name) for name in TEXTS},
            **{name: _day(row.get(name)) for name in DAYS},
        )
        partners.tie(made)
        yield made


class Partners:
    """Who of the directory is meant by the names of some rows: two statements.

    A name that stood there before keeps its entry, though the entry was renamed since.
    """

    def __init__(
        self, city_id: int, rows: Sequence[Mapping[str, Any]], held: Sequence[MatchRecord]
    ) -> None:
        names = {fold_name(str(row["partner"])) for row in rows}
        people = {fold_name(str(row["expert"])) for row in rows if row.get("expert")}
        found = Resource.objects.filter(city_id=city_id, folded_name__in=names)
        self.resources = {row.folded_name: row for row in found}
        self.experts: dict[tuple[str, str], Expert] = {}
        for expert in Expert.objects.filter(city_id=city_id, folded_name__in=people):
            self.experts[expert.folded_name, expert.folded_institute] = expert
        self.before = {(r.folded_partner, fold_name(r.expert_name)): r for r in held}

    def tie(self, record: MatchRecord) -> None:
        person = fold_name(record.expert_name)
        before = self.before.get((record.folded_partner, person))
        resource = self.resources.get(record.folded_partner)
        expert = self.experts.get((person, record.folded_partner))
        record.resource_id = resource.pk if resource else before.resource_id if before else None
        record.expert_id = expert.pk if expert else before.expert_id if before else None
        record.is_institute = record.kind == UNIVERSITY or (
            resource is not None and resource.kind == Resource.Kind.INSTITUTE
        )


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "")[: TEXTS[name]]


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _content(record: MatchRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in OWN)
