"""The firms that a workbook is compared with, loaded by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar

from django.db.models import QuerySet

from enterprises.models import Contact, Enterprise, Membership
from organisations.models import Region

# rows per statement: what SQLite and PostgreSQL both take without thinking
BATCH = 1000

T = TypeVar("T")


def batches(rows: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]


@dataclass
class Firm:
    """A stored firm with its open row in the city's register, if it has one."""

    enterprise: Enterprise
    membership: Membership | None = None
    was_member: bool = False
    # stood on the register for a time: not only marked as gone by the list that first named it
    was_listed: bool = False
    contact: Contact | None = None

    @property
    def id(self) -> int:
        return self.enterprise.pk

    @property
    def code(self) -> str:
        return self.enterprise.credit_code or ""


@dataclass
class Store:
    """Firms of one city (present and former), and those that another city already knows."""

    by_code: dict[str, Firm] = field(default_factory=dict)
    # firms of this city only: a name alone says little about another city's firm
    by_name: dict[str, list[Firm]] = field(default_factory=dict)
    firms: dict[int, Firm] = field(default_factory=dict)

    @property
    def members(self) -> list[Firm]:
        """Those with an open row."""
        return [f for f in self.firms.values() if f.membership is not None]

    @property
    def noted_codes(self) -> frozenset[str]:
        return frozenset(c for c, f in self.by_code.items() if f.enterprise.code_note)


def _never_entered(row: Membership) -> bool:
    """The row of no length of a firm that its first list already marks as bankrupt or gone."""
    gone = (Membership.LeftReason.BANKRUPT, Membership.LeftReason.DEREGISTERED)
    return row.left_on == row.joined_on and row.left_reason in gone


def load(city: Region, codes: Iterable[str]) -> Store:
    """Two queries, and two more for each ``BATCH`` of codes that the city does not know."""
    store = Store()
    rows = Membership.objects.filter(city=city).select_related("enterprise").order_by("id")
    _add_stays(rows, store)
    outside = _add_outside(store, sorted({c for c in codes if c} - store.by_code.keys()))
    _add_contacts(city, outside, store)
    return store


def load_some(city: Region, ids: Sequence[int]) -> Store:
    """These firms only, as if there were no others: three queries for each ``BATCH``."""
    store = Store()
    stays: list[Membership] = []
    for part in batches(ids):
        stays += Membership.objects.filter(city=city, enterprise__in=part).select_related(
            "enterprise"
        )
    _add_stays(sorted(stays, key=attrgetter("pk")), store)
    outside = [pk for pk in ids if pk not in store.firms]
    for part in batches(outside):
        for enterprise in Enterprise.objects.filter(pk__in=part):
            store.firms[enterprise.pk] = Firm(enterprise)
            store.by_code[enterprise.credit_code or ""] = store.firms[enterprise.pk]
    for part in batches(ids):
        _set_contacts(_general().filter(enterprise__in=part), store)
    return store


def _add_stays(rows: Iterable[Membership], store: Store) -> None:
    """The city's firms, from their rows in the order of their keys."""
    for membership in rows:
        firm = store.firms.setdefault(membership.enterprise_id, Firm(membership.enterprise))
        firm.was_member = True
        firm.was_listed = firm.was_listed or not _never_entered(membership)
        if membership.left_on is None:
            firm.membership = membership
    for firm in store.firms.values():
        store.by_name.setdefault(firm.enterprise.folded_name, []).append(firm)
        if firm.code:
            store.by_code[firm.code] = firm


def _add_outside(store: Store, unknown: list[str]) -> list[int]:
    """Firms that only another city lists, by code."""
    found: list[int] = []
    for part in batches(unknown):
        for enterprise in Enterprise.objects.filter(credit_code__in=part):
            firm = store.firms.setdefault(enterprise.pk, Firm(enterprise))
            store.by_code[firm.code] = firm
            found.append(firm.id)
    return found


def _add_contacts(city: Region, outside: list[int], store: Store) -> None:
    """The first general contact of each firm: the one that lists write."""
    ours = Membership.objects.filter(city=city).values("enterprise")
    found = list(_general().filter(enterprise__in=ours))
    for part in batches(outside):
        found.extend(_general().filter(enterprise__in=part))
    _set_contacts(found, store)


def _general() -> QuerySet[Contact]:
    return Contact.objects.filter(duty=Contact.Duty.GENERAL).order_by("-id")


def _set_contacts(found: Iterable[Contact], store: Store) -> None:
    for contact in found:
        store.firms[contact.enterprise_id].contact = contact
