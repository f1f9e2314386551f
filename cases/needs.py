"""What a firm asks for, as its forms say it: what suggestions answer (001-13, 001-23)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cases.models import Case, FormRecord
from enterprises.models import Membership
from resources.suggesting import Need

# columns and fields of the packs' forms that hold a need in the firm's words
DETAILS = ("detail", "need", "content")
ROWS = ("needs",)
# a need for money finds no partner
NOT_FOR_PARTNERS = frozenset({"money"})


def needs_of(case: Case) -> list[str]:
    """The needs of a case's newest forms and of its parent's survey, each once; a child case that
    is itself a need says it in its title. One statement."""
    ids = [pk for pk in (case.pk, case.parent_id) if pk]
    records = FormRecord.objects.filter(case__in=ids).order_by("id")
    newest = {(record.case_id, record.form): record.data for record in records}
    own = [case.title] if case.parent_id and not case.criterion and case.title else []
    return list(dict.fromkeys([*own, *_texts(newest.values())]))


def _texts(forms: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for data in forms:
        for key in DETAILS:
            if isinstance(data.get(key), str) and data[key].strip():
                yield data[key].strip()
        for key in ROWS:
            for row in data.get(key) or []:
                if row.get("kind") not in NOT_FOR_PARTNERS and row.get("detail"):
                    yield str(row["detail"]).strip()


def question(case: Case, words: Iterable[str]) -> Need:
    """The need in these words, with the firm's industry and county; one statement."""
    rows = Membership.objects.filter(enterprise=case.enterprise_id, city=case.programme.city_id)
    row = rows.order_by("-joined_on", "-pk").first()
    return Need(
        words="\n".join(words),
        industry=row.industry_code if row else "",
        trade=row.industry_name if row else "",
        county=case.county_id,
    )
