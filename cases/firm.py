"""The firm as its case page and its forms show it: register, newest filing facts, whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case
from cases.rulebook import rules_of
from enterprises.filing import HAVES
from enterprises.models import Contact, Enterprise, Membership, MonthlyFact, Pairing
from organisations.compiled import Compiled, ask
from workflows.calendar import add_months
from workflows.packs import Pack
from workflows.text import localised


@dataclass(frozen=True)
class Firm:
    """One firm on a day; ``membership`` and ``fact`` are missing when nothing is known yet."""

    enterprise: Enterprise
    membership: Membership | None
    fact: MonthlyFact | None
    contacts: tuple[Contact, ...]
    filing: str
    covered_last_year: str

    @property
    def industry(self) -> str:
        row = self.membership
        return f"{row.industry_code} {row.industry_name}".strip() if row else ""


def _facts(on: date, city: int, firm: int) -> QuerySet[MonthlyFact]:
    known = MonthlyFact.objects.filter(city_id=city, known_on__lte=on)
    lists = known.order_by("-about_month").values("about_month")
    theirs = known.filter(enterprise=firm).annotate(newest_list=Subquery(lists[:1]))
    return theirs.order_by("-about_month", "-known_on")


_STAYS = Compiled(
    lambda on, city, firm: (
        Membership.objects.on(on)
        .filter(city_id=city, enterprise=firm)
        .select_related("county", "township")
        .order_by("pk")[:1]
    ),
    *(date, int, int),
)
_FACTS = Compiled(_facts, date, int, int)
_CONTACTS = Compiled(lambda firm: Contact.objects.filter(enterprise=firm).order_by("id"), int)


def firm_of(case: Case, on: date) -> Firm | None:
    """The firm of a case as of a day; three queries (register, facts, contacts)."""
    if case.enterprise is None:
        return None
    city, pk = case.programme.city_id, case.enterprise.pk
    stays, facts, contacts = ask(
        _STAYS.asked(on, city, pk), _FACTS.asked(on, city, pk), _CONTACTS.asked(pk)
    )
    pack = rules_of(case).pack
    fact = facts[0] if facts else None
    return Firm(
        enterprise=case.enterprise,
        membership=next(iter(stays), None),
        fact=fact,
        contacts=tuple(contacts),
        filing=filing_words(fact, pack, on, fact.newest_list if fact else None),
        covered_last_year=_last_year(facts, pack, case.programme.statistical_year),
    )


def filing_words(
    fact: MonthlyFact | None, pack: Pack, on: date, newest_list: date | None = None
) -> str:
    """未注册 / 已注册未填报 / 已填报(缺N项) / 四有齐全, and 本月未更新 of what is old.

    Old: the city's newest list (the first of its month) did not name the firm, or none has come
    for the month before.
    """
    if fact is None:
        return _("Nothing known yet")
    words = _state_words(fact, pack)
    expected = add_months(on.replace(day=1), -1)
    if fact.about_month >= max(expected, newest_list or expected):
        return words
    return _("%(state)s, not updated this month") % {"state": words}


def _state_words(fact: MonthlyFact, pack: Pack) -> str:
    if not fact.registered:
        return _("Not registered")
    if not fact.filed:
        return _("Registered, not filed")
    missing = sum(not getattr(fact, column) for column in pack.facts.values())
    if not missing:
        return _("All four there") if len(pack.facts) == len(HAVES) else _("All there")
    return ngettext("Filed (%(n)d missing)", "Filed (%(n)d missing)", missing) % {"n": missing}


def _last_year(facts: Sequence[MonthlyFact], pack: Pack, year: int) -> str:
    """Whether the newest facts of the year before covered the firm; a dash when unknown."""
    fact = next((f for f in facts if f.about_month.year == year - 1), None)
    if fact is None:
        return ""
    named = {name: bool(getattr(fact, name)) for name in pack.covered_when.named()}
    return _("Yes") if pack.is_covered(named) else _("No")


def prefilled(case: Case, firm: Firm | None) -> dict[str, str]:
    """The facts that a form may name under ``prefilled``."""
    pack = rules_of(case).pack
    criteria = rules_of(case).procedure.closes_when
    labels = {have.key: localised(have.label) for have in pack.haves}
    known = {
        "competent_unit": str(case.competent_unit),
        "liaison_group": str(case.liaison_unit or ""),
        "county": str(case.county),
        "township": str(case.township or ""),
        "have": labels.get(case.criterion, ""),
        "criteria": _(", ").join(
            labels.get(key, key) for key in (criteria.named() if criteria else ())
        ),
    }
    if firm is not None:
        known |= {
            "service_officer": _service_officer(case),
            "name": firm.enterprise.name,
            "credit_code": firm.enterprise.credit_code or "",
            "industry": firm.industry,
            "filing_state": firm.filing,
            "covered_last_year": firm.covered_last_year,
        }
        if firm.membership and firm.membership.township:
            known["township"] = str(firm.membership.township)
    return known


def _service_officer(case: Case) -> str:
    """首席服务员: the person meant, else the post that serves the firm; one statement."""
    rows = Pairing.objects.filter(
        city=case.programme.city_id,
        enterprise=case.enterprise_id,
        kind__in=(Pairing.Kind.CHIEF, Pairing.Kind.OFFICER),
        until_on=None,
    ).select_related("user", "post__unit")
    # the chief one before the others
    found = min(rows, key=lambda row: row.kind != Pairing.Kind.CHIEF, default=None)
    return str(found.user or found.post or "") if found is not None else ""


# a form's column of a contact → the register's field
DUTIES = {"head": "head", "finance": "finance", "filing": "filing"}


def contacts_known(firm: Firm | None) -> list[dict[str, str]]:
    """The register's contacts as rows of a form: role, name, post, phone."""
    if firm is None:
        return []
    return [
        {
            "role": DUTIES.get(contact.duty, ""),
            "name": contact.name,
            "post": contact.position,
            "phone": contact.phone,
        }
        for contact in firm.contacts
    ]
