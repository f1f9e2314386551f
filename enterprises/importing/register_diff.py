"""Field by field: what a row says differently from what is stored. A blank cell says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from enterprises.importing.register_rows import RegisterRow
from enterprises.importing.store import Firm


@dataclass(frozen=True, slots=True)
class Change:
    """``field`` is the column's key; regions are given by id, the rest as text."""

    field: str
    before: str | int | None
    after: str | int | None


def changes(row: RegisterRow, firm: Firm | None) -> tuple[Change, ...]:
    """In the order of the sheet; for a firm without an open row only what it has of its own."""
    if firm is None:
        return ()
    pairs = [*_firm_pairs(row, firm), *_membership_pairs(row, firm), *_contact_pairs(row, firm)]
    return tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])


Pair = tuple[str, str | int | None, str | int | None]


def _firm_pairs(row: RegisterRow, firm: Firm) -> list[Pair]:
    enterprise = firm.enterprise
    pairs: list[Pair] = []
    if row.folded_name != enterprise.folded_name:
        pairs.append(("name", enterprise.name, row.name))
    if row.credit_code and not firm.code:
        pairs.append(("credit_code", "", row.credit_code))
    if row.code_note:
        pairs.append(("code_note", enterprise.code_note, row.code_note))
    if row.condition:
        pairs.append(("condition", enterprise.condition, row.condition))
    if row.address:
        pairs.append(("address", enterprise.address, row.address))
    return pairs


def _membership_pairs(row: RegisterRow, firm: Firm) -> list[Pair]:
    stored = firm.membership
    if stored is None:
        return []
    pairs: list[Pair] = [("county", stored.county_id, row.county_id)]
    if row.township_id or stored.county_id != row.county_id:
        pairs.append(("township", stored.township_id, row.township_id))
    texts = (
        ("industry_code", stored.industry_code, row.industry_code),
        ("industry_name", stored.industry_name, row.industry_name),
        ("ownership", stored.ownership, row.ownership),
        ("listed", stored.listed_text, row.listed_text),
    )
    pairs.extend(text for text in texts if text[2])
    return pairs


def _contact_pairs(row: RegisterRow, firm: Firm) -> list[Pair]:
    stored = firm.contact
    pairs: list[Pair] = []
    if row.contact:
        pairs.append(("contact", stored.name if stored else "", row.contact))
    if row.phone:
        pairs.append(("phone", stored.phone if stored else "", row.phone))
    return pairs
