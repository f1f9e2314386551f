"""Columns of the ledger as a workbook: the screen's, with real dates and numbers, and contacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from cases.columns import DUE, STATE, Column, Row
from cases.columns_chosen import columns_of
from cases.lights import Light
from enterprises.models import Contact
from organisations.roles import Act
from organisations.scope import Actor


class SheetRow(NamedTuple):
    """What these columns read of a ``columns.Row``, under the same names, and whom to call at the
    firm; empty for whoever may not see it."""

    light: Light
    name: str
    code: str
    county: str
    township: str
    grade: str
    phase: dict[str, Any]
    lack: str
    due_on: date | None
    is_provisional: bool
    handler: str
    department: str
    progress_line: str
    waits: str
    number: str
    contact: str
    phone: str


def _late(row: Row) -> int | None:
    """Working days; nothing for what is in time, rests or waits for a higher level."""
    return row.light.days if row.light.kind == "overdue" else None


LATE = Column("late", _("Working days overdue"), lambda row: "", width=12, value=_late)
CONTACT = Column("contact", _("Contact person"), attrgetter("contact"), width=12)
PHONE = Column("phone", _("Telephone"), attrgetter("phone"), width=16)


def sheet_columns(actor: Actor) -> tuple[Column, ...]:
    """The screen's columns in their order, as the person chose them; the state in words alone, as
    filters want it."""
    found: list[Column] = []
    for column in columns_of(actor):
        if column.key == STATE.key:
            found.append(replace(STATE, text=attrgetter("light.words")))
        elif column.key == DUE.key:
            found += [
                replace(
                    DUE, value=attrgetter("due_on"), unsure=attrgetter("is_provisional"), width=16
                ),
                LATE,
            ]
        else:
            found.append(column)
    return (*found, CONTACT, PHONE) if calls(actor) else tuple(found)


def calls(actor: Actor) -> bool:
    """Who calls firms sees their numbers in full, as on the firm's page (personal data)."""
    return actor.may(Act.RECORD_FORM) or actor.may(Act.IMPORT)


def first_contacts(found: Iterable[tuple[int, str, str, str]]) -> dict[int, tuple[str, str]]:
    """Name and number of whom to call at each firm, of (firm, duty, name, number), the newest
    first: the general contact goes before people of one duty, the newest before older ones.
    """
    first: dict[int, tuple[str, str]] = {}
    for firm, duty, name, phone in found:
        if firm not in first or duty == Contact.Duty.GENERAL:
            first[firm] = (name, phone)
    return first
