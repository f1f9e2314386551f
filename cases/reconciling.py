"""Where the filing's newest facts and the ledger's cases disagree: 可销号, 账表不一致.

Facts never close or reopen a case (practice: three truths); here they only make lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import BooleanField, OuterRef, Q, Subquery
from django.db.models import Case as When
from django.db.models import When as If
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import Case
from cases.querysets import in_review
from cases.rulebook import rules_of
from cases.stages import CLOSED
from enterprises.models import MonthlyFact
from workflows.criteria import Criteria, satisfied
from workflows.form_fields import Form
from workflows.packs import Pack
from workflows.text import localised

# 省系统核对: a field of this key with this answer means something (docs/adding-a-city.md)
COMPARED, AGREES = "provincial_check", "agrees"


def closable(pack: Pack, on: date) -> Q:
    """可销号: the facts meet the closing criteria, and nobody has applied yet."""
    return waits_to_close() & Q(_newest(pack, on, If(_met(pack), then=True)))


def waits_to_close() -> Q:
    """A firm's own case for whose closing nobody has applied yet."""
    return Q(item__isnull=False, is_main=True) & ~in_review()


def differs(pack: Pack, on: date) -> Q:
    """账表不一致: closed, but the facts miss what the closing asked for; a person decides."""
    missing = If(~_met(pack), then=True)
    return Q(stage=CLOSED, is_main=True) & Q(_newest(pack, on, missing))


def has_in_province(case: Case, criterion: str, on: date) -> bool:
    """Whether the newest facts of the firm say that this have is there; an older year's do not."""
    pack = rules_of(case).pack
    column = pack.facts.get(criterion)
    if column is None or case.enterprise_id is None:
        return False
    known = MonthlyFact.objects.filter(
        city_id=case.programme.city_id,
        enterprise_id=case.enterprise_id,
        known_on__lte=on,
        about_month__year__gte=pack.statistical_year,
    )
    fact = known.order_by("-about_month", "-known_on", "-id").first()
    return fact is not None and fact.filed and bool(getattr(fact, column))


def is_in_province(case: Case, on: date) -> bool:
    """Whether the province's lists of the year, as known by that day, have the firm filed."""
    known = MonthlyFact.objects.filter(
        city_id=case.programme.city_id,
        enterprise_id=case.enterprise_id or 0,
        known_on__lte=on,
        about_month__year__gte=rules_of(case).pack.statistical_year,
    )
    return known.exists()


def unsupported(case: Case, form: Form, answers: Mapping[str, Any], on: date) -> dict[str, str]:
    """省系统核对“一致” while the province has nothing of the firm: there is nothing to agree with.

    By field key, as ``forms.validate`` tells errors; one statement, where that was answered.
    """
    if answers.get(COMPARED) != AGREES or is_in_province(case, on):
        return {}
    field = form.field(COMPARED)
    others = [localised(one.label) for one in field.choices if one.key != AGREES]
    words = _(
        "The province has no data of this firm for the year, so nothing agrees. Choose: %(others)s"
    )
    return {COMPARED: words % {"others": pgettext("list of names", ", ").join(others)}}


def _newest(pack: Pack, on: date, asked: If) -> Subquery:
    """Whether the newest fact of a case's firm about the programme's year says so, by the lists of
    the case's own city; null of a firm without any.

    Asked of each row by the firm's index: a county's ledger must not read the facts of its whole
    city for the few firms it holds. What it says is read with it, not looked up by its key.
    """
    known = MonthlyFact.objects.filter(
        enterprise=OuterRef("enterprise"),
        # a firm may stand on the registers of two cities, each with a list of its own
        city=OuterRef("programme__city"),
        known_on__lte=on,
        about_month__year=pack.statistical_year,
    )
    said = known.annotate(said=When(asked, default=False))
    # of one city no two are of the same month and day, and they lie in the order of an index
    newest = said.order_by("-about_month", "-known_on").values("said")[:1]
    return Subquery(newest, output_field=BooleanField())


def _met(pack: Pack) -> Q:
    """The closing criteria of firms' own cases as a question about one fact."""
    rule = pack.root.closes_when
    return _question(rule, pack.facts) if rule is not None else Q(pk__in=[])


def meets(pack: Pack, said: Mapping[str, bool]) -> bool:
    """The same of what a fact says, by column."""
    rule = pack.root.closes_when
    met = {key: said.get(column, False) for key, column in pack.facts.items()}
    return rule is not None and satisfied(rule, met)


def _question(rule: Criteria, facts: dict[str, str]) -> Q:
    parts = [
        _said(item, facts) if isinstance(item, str) else _question(item, facts)
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


def _said(criterion: str, facts: dict[str, str]) -> Q:
    """What the filing says of a criterion; of one that only papers show it says nothing."""
    column = facts.get(criterion)
    return Q(**{column: True}) if column else Q(pk__in=[])
