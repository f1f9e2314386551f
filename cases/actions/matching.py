"""Contact records follow the form that holds them, right after the form is written.

The form's row says itself that it is not followed yet. Whoever wrote it follows it once that is
committed, in a transaction of its own; if that is lost, the next tick finds the row.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction

from cases.models import Case, FormRecord, MatchRecord
from cases.rulebook import rules_of
from organisations.lengths import OF_NAME, excerpt
from resources.folds import fold_name
from resources.models import Expert, Resource
from workflows.form_fields import Field, Form

log = logging.getLogger(__name__)

BATCH = 200
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


class Place(NamedTuple):
    """Whose contact records: those of one form of one case."""

    case_id: int
    form: str


@dataclass(frozen=True)
class Contacts:
    """What the rows of a form say of contacts, and what is on record of them."""

    case: Case
    record: FormRecord
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    held: Sequence[MatchRecord]


def mark(record: FormRecord, case: Case, form: Form) -> None:
    """Say on a form about to be written whether contact records have to follow it, and see to it
    that they do once it is committed."""
    record.is_followed = case.enterprise_id is None or partner_field(form) is None
    if not record.is_followed:
        transaction.on_commit(partial(_follow_soon, case.pk))


def _follow_soon(case_id: int) -> None:
    """What was filled in is committed: whatever goes wrong here, the person goes on and the tick
    makes it good."""
    try:
        follow_due(case_id)
    except Exception:
        log.warning("contact records of case %d wait for the tick", case_id, exc_info=True)


def follow_due(case_id: int | None = None) -> int:
    """Make contact records what the forms say, of a case or wherever that is still to be done; how
    many forms with partners. Idempotent; eight statements a batch, one when nothing is due.

    A draft does not touch what was sealed: after a return the agreements of before still hold.
    """
    followed = 0
    while True:
        claimed, done = _follow_batch(case_id)
        followed += done
        if claimed < BATCH:
            return followed


def follow_all() -> int:
    """All contact records anew, of forms that were filled in before there were any too."""
    FormRecord.objects.update(is_followed=False)
    return follow_due()


@transaction.atomic
def _follow_batch(case_id: int | None) -> tuple[int, int]:
    """How many forms were claimed, and of them those with partners."""
    claimed = _claim(case_id)
    if not claimed:
        return 0, 0
    cases = {Place(row.case_id, row.form): row.case for row in claimed}
    forms = _forms(cases)
    contacts = _contacts(cases, forms)
    directory = Directory(contacts)
    outdated: list[int] = []
    wanted: list[MatchRecord] = []
    for one in contacts:
        made = [directory.tied(_record(one, line, row), one) for line, row in one.rows]
        if [_content(row) for row in made] != [_content(row) for row in one.held]:
            outdated += [row.pk for row in one.held]
            wanted += made
    MatchRecord.objects.filter(pk__in=outdated).delete()
    MatchRecord.objects.bulk_create(wanted)
    marked = [row.pk for row in forms if not row.is_followed]
    FormRecord.objects.filter(pk__in=marked).update(is_followed=True)
    return len(claimed), len(contacts)


def _claim(case_id: int | None) -> list[FormRecord]:
    """Forms that are not followed yet, their cases under lock, as whoever writes a form has it.

    The tick leaves alone what somebody is at; after a click one waits for one's own case.
    """
    skip = case_id is None and connection.features.has_select_for_update_skip_locked
    due = FormRecord.objects.filter(is_followed=False)
    if case_id is not None:
        due = due.filter(case=case_id)
    locked = due.select_for_update(of=("case",), skip_locked=skip, no_key=True)
    return list(locked.select_related("case__programme").order_by("id")[:BATCH])


def _forms(cases: Mapping[Place, Case]) -> list[FormRecord]:
    """All records of these forms as they are now that the lock is held; what counts comes last:
    drafts before sealed ones, the older before the newer."""
    rows = FormRecord.objects.filter(
        case__in={place.case_id for place in cases}, form__in={place.form for place in cases}
    )
    found = rows.order_by("-is_draft", "id")
    return [row for row in found if Place(row.case_id, row.form) in cases]


def _contacts(cases: Mapping[Place, Case], forms: Iterable[FormRecord]) -> list[Contacts]:
    """What counts of each form that has partners; one statement."""
    held: dict[Place, list[MatchRecord]] = defaultdict(list)
    ids = {place.case_id for place in cases}
    for match in MatchRecord.objects.filter(case__in=ids).order_by("line"):
        held[Place(match.case_id, match.form)].append(match)
    found = []
    for place, record in {Place(row.case_id, row.form): row for row in forms}.items():
        field = partner_field(rules_of(cases[place]).pack.forms.get(place.form))
        if field is None or cases[place].enterprise_id is None:
            continue
        rows = [
            (line, row)
            for line, row in enumerate(record.data.get(field.key) or [])
            if all(row.get(key) for key in NEEDED)
        ]
        found.append(Contacts(cases[place], record, rows, held[place]))
    return found


def _record(contacts: Contacts, line: int, row: Mapping[str, Any]) -> MatchRecord:
    record = contacts.record
    return MatchRecord(
        case=contacts.case,
        enterprise_id=contacts.case.firm_id,
        form=record.form,
        line=line,
        is_draft=record.is_draft,
        partner=excerpt(str(row["partner"]), OF_NAME),
        folded_partner=fold_name(str(row["partner"]))[:200],
        expert_name=excerpt(str(row.get("expert") or ""), OF_NAME),
        amount=Decimal(str(row["amount"])) if row.get("amount") else None,
        by_id=record.by_id,
        at=record.at,
        **{name: _text(row, name) for name in TEXTS},
        **{name: _day(row.get(name)) for name in DAYS},
    )


class Directory:
    """Who is meant by the names in some forms: two statements, each city's own entries.

    A name that stood there before keeps its entry, though the entry was renamed since.
    """

    def __init__(self, contacts: Sequence[Contacts]) -> None:
        rows = [row for one in contacts for _line, row in one.rows]
        names = {fold_name(str(row["partner"])) for row in rows}
        people = {fold_name(str(row["expert"])) for row in rows if row.get("expert")}
        cities = {one.case.programme.city_id for one in contacts}
        found = Resource.objects.filter(city__in=cities, folded_name__in=names)
        self.resources = {(row.city_id, row.folded_name): row for row in found}
        self.experts: dict[tuple[int, str, str], Expert] = {}
        for one in Expert.objects.filter(city__in=cities, folded_name__in=people):
            self.experts[one.city_id, one.folded_name, one.folded_institute] = one

    def tied(self, record: MatchRecord, contacts: Contacts) -> MatchRecord:
        city, person = contacts.case.programme.city_id, fold_name(record.expert_name)
        names = (record.folded_partner, person)
        before = next((r for r in contacts.held if _names(r) == names), None)
        resource = self.resources.get((city, record.folded_partner))
        expert = self.experts.get((city, person, record.folded_partner))
        record.resource_id = resource.pk if resource else before.resource_id if before else None
        record.expert_id = expert.pk if expert else before.expert_id if before else None
        record.is_institute = record.kind == UNIVERSITY or (
            resource is not None and resource.kind == Resource.Kind.INSTITUTE
        )
        return record


def _names(record: MatchRecord) -> tuple[str, str]:
    return record.folded_partner, fold_name(record.expert_name)


def _text(row: Mapping[str, Any], name: str) -> str:
    return excerpt(str(row.get(name) or ""), TEXTS[name])


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _content(record: MatchRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in OWN)
