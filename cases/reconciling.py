"""Where the filing's newest facts and the ledger's cases disagree: 可销号, 账表不一致.

Facts never close or reopen a case (practice: three truths); here they only make lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from cases.stages import CLOSED
from enterprises.models import MonthlyFact
from workflows.criteria import Criteria
from workflows.packs import Pack


def closable(pack: Pack, cities: Iterable[int], on: date) -> Q:
    """可销号: the facts meet the closing criteria, and nobody has applied yet."""
    waits = Q(item__isnull=False, item__waits_higher=False, parent=None)
    return waits & Q(Exists(_newest(pack, cities, on).filter(_met(pack))))


def differs(pack: Pack, cities: Iterable[int], on: date) -> Q:
    """账表不一致: closed, but the facts miss what the closing asked for; a person decides."""
    return Q(stage=CLOSED, parent=None) & Q(Exists(_newest(pack, cities, on).exclude(_met(pack))))


def _newest(pack: Pack, cities: Iterable[int], on: date) -> QuerySet[MonthlyFact]:
    """The one newest fact of the outer case's firm, about the programme's year."""
    ours = MonthlyFact.objects.filter(
        city_id__in=list(cities), known_on__lte=on, about_month__year=pack.statistical_year
    )
    # inside the inner query the outer fact's firm is the case's firm
    inner = ours.filter(enterprise_id=OuterRef("enterprise_id"))
    newest = inner.order_by("-about_month", "-known_on", "-id").values("pk")[:1]
    return ours.filter(enterprise_id=OuterRef("enterprise_id"), pk=Subquery(newest))


def _met(pack: Pack) -> Q:
    """The closing criteria of firms' own cases as a question about one fact."""
    rule = pack.root.closes_when
    facts = {have.key: have.fact for have in pack.haves}
    return _question(rule, facts) if rule is not None else Q(pk__in=[])


def _question(rule: Criteria, facts: dict[str, str]) -> Q:
    parts = [
        Q(**{facts[item]: True}) if isinstance(item, str) else _question(item, facts)
        for item in rule.items
    ]
    needed = {"all": len(parts), "any": 1, "at_least": rule.n}[rule.kind]
    found = Q()
    for chosen in combinations(parts, needed):
        together = Q()
        for part in chosen:
            together &= part
        found |= together
    return found
