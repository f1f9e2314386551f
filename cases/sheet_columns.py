"""Columns of the ledger as a workbook: the screen's, with real dates and numbers, and contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext_lazy as _

from cases.columns import DUE, STATE, Column, Row
from cases.columns_chosen import columns_of
from cases.models import Case
from enterprises.models import Contact
from organisations.among import Among
from organisations.roles import Act
from organisations.scope import Actor


@dataclass(frozen=True)
class SheetRow(Row):
    """A row with whom to call at the firm; empty for whoever may not see it."""

    contact: str = ""
    phone: str = ""


def _due(row: Row) -> date | None:
    return row.due_on


def _unsure(row: Row) -> bool:
    return row.is_provisional


def _late(row: Row) -> int | None:
    """Working days; nothing for what is in time, rests or waits for a higher level."""
    return row.light.days if row.light.kind == "overdue" else None


def _contact(row: Row) -> str:
    return row.contact if isinstance(row, SheetRow) else ""


def _phone(row: Row) -> str:
    return row.phone if isinstance(row, SheetRow) else ""


LATE = Column("late", _("Working days overdue"), lambda row: "", width=12, value=_late)
CONTACT = Column("contact", _("Contact person"), _contact, width=12)
PHONE = Column("phone", _("Telephone"), _phone, width=16)


def sheet_columns(actor: Actor) -> tuple[Column, ...]:
    """The screen's columns in their order, as the person chose them; the state in words alone, as
    filters want it."""
    found: list[Column] = []
    for column in columns_of(actor):
        if column.key == STATE.key:
            found.append(replace(STATE, text=lambda row: row.light.words))
        elif column.key == DUE.key:
            found += [replace(DUE, value=_due, unsure=_unsure, width=16), LATE]
        else:
            found.append(column)
    return (*found, CONTACT, PHONE) if calls(actor) else tuple(found)


def calls(actor: Actor) -> bool:
    """Who calls firms sees their numbers in full, as on the firm's page (personal data)."""
    return actor.may(Act.RECORD_FORM) or actor.may(Act.IMPORT)


def with_contacts(rows: Sequence[Row], cases: Sequence[Case]) -> list[Row]:
    """Rows of these cases with the firm's contact; one query."""
    firms = {case.pk: case.enterprise_id for case in cases}
    found: dict[int, Contact] = {}
    asked = {pk for pk in firms.values() if pk}
    contacts = Contact.objects.filter(Among("enterprise", asked))
    for one in contacts.order_by("-id"):
        # the general contact goes before people of one duty, the newest before older ones
        if one.enterprise_id not in found or one.duty == Contact.Duty.GENERAL:
            found[one.enterprise_id] = one
    return [_named(row, found.get(firms[row.pk] or 0)) for row in rows]


def _named(row: Row, contact: Contact | None) -> Row:
    if contact is None:
        return row
    return SheetRow(**vars(row), contact=contact.name, phone=contact.phone)
