"""Verb: numbers in other platforms, one or thousands at a time; a fixed number of statements.

What stood there before is in the audit trail: a number is a label of the firm, not its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises.importing.folding import fold_name
from enterprises.importing.number_sheet import EXAMPLE, NOTHING, SHEET, platform_of
from enterprises.models import Enterprise, PlatformNumber
from enterprises.permissions import KEEPING, may_write
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record
from organisations.lengths import check_length
from organisations.models import AuditEvent
from organisations.scope import Actor
from organisations.workbook import Row, read_rows

MOST = 5000
OF_NUMBER = 60  # characters
Key = tuple[int, str, str]


@dataclass(frozen=True)
class NumberWish:
    """One firm (name or code) has this number; ``row``: where it came from."""

    row: int
    firm: str
    platform: str
    number: str
    since_on: date | None = None
    until_on: date | None = None


@dataclass
class Noted:
    """What was done: new and changed numbers, removed ones, wishes that changed nothing."""

    new: list[PlatformNumber] = field(default_factory=list)
    changed: list[PlatformNumber] = field(default_factory=list)
    removed: list[PlatformNumber] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


@transaction.atomic
def note_numbers(wishes: Sequence[NumberWish], *, by: Actor, at: datetime) -> Noted:
    """Note what is wished; what cannot be is refused row by row, the rest is done."""
    if not wishes:
        raise Refused("nothing", _("Name at least one firm."))
    if len(wishes) > MOST:
        raise Refused("too_many", _("At most %(n)d at a time.") % {"n": MOST})
    if not any(by.may(act) for act in KEEPING):
        raise Refused(
            "not_yours", _("Numbers are kept by the county, the township and the city office.")
        )
    run = _Run(wishes, by, at)
    for wish in wishes:
        try:
            run.take(wish)
        except Refused as refusal:
            run.result.refused.append((wish.row, wish.firm, refusal.words))
    run.write()
    return run.result


class _Run:
    def __init__(self, wishes: Sequence[NumberWish], by: Actor, at: datetime) -> None:
        self.by, self.at, self.today = by, at, day_of(at)
        self.result = Noted()
        codes = {wish.firm.strip().upper() for wish in wishes}
        names = {fold_name(wish.firm) for wish in wishes}
        asked = Q(credit_code__in=codes) | Q(folded_name__in=names)
        self.firms: dict[str, list[Enterprise]] = {}
        for firm in Enterprise.objects.visible_to(by).filter(asked):
            for name in {firm.folded_name, (firm.credit_code or "").upper()} - {""}:
                self.firms.setdefault(name, []).append(firm)
        found = {firm.pk for rows in self.firms.values() for firm in rows}
        self.mine = may_write(by, found, *KEEPING)
        held = PlatformNumber.objects.filter(enterprise__in=found).select_related("enterprise")
        self.held: dict[Key, PlatformNumber] = {
            (row.enterprise_id, row.kind, row.name): row for row in held
        }

    def take(self, wish: NumberWish) -> None:
        firm = self._firm(wish.firm)
        if not wish.platform.strip() or not wish.number.strip():
            raise Refused("no_number", _("Give the platform and the number."))
        kind, name = platform_of(wish.platform)
        key = (firm.pk, kind, name)
        was = self.held.get(key)
        if wish.number.strip().casefold() in NOTHING:
            self._remove(key, was)
            return
        self._check_days(wish)
        check_length(wish.number, OF_NUMBER)
        values = (wish.number.strip(), wish.since_on, wish.until_on)
        if was is not None and values == (was.number, was.since_on, was.until_on):
            self.result.unchanged += 1
            return
        row = was or PlatformNumber(enterprise=firm, kind=kind, name=name)
        row.number, row.since_on, row.until_on = values
        row.by, row.at = self.by.user, self.at
        if was is None:
            self.held[key] = row
            self.result.new.append(row)
        elif row.pk is not None and row not in self.result.changed:
            self.result.changed.append(row)

    def _remove(self, key: Key, was: PlatformNumber | None) -> None:
        if was is None or was.pk is None:
            self.result.unchanged += 1
            return
        self.held.pop(key)
        self.result.removed.append(was)

    def _firm(self, text: str) -> Enterprise:
        found = self.firms.get(text.strip().upper()) or self.firms.get(fold_name(text), [])
        if not found:
            raise Refused("no_firm", _("No firm on the register is called so or has this code."))
        if len({firm.pk for firm in found}) > 1:
            raise Refused("several_firms", _("Several firms are called so. Write the code."))
        if found[0].pk not in self.mine:
            raise Refused("not_yours", _("This firm lies outside your area."))
        return found[0]

    def _check_days(self, wish: NumberWish) -> None:
        if wish.since_on is not None and wish.since_on > self.today:
            raise Refused("in_future", _("The number cannot be newer than today."))
        if wish.since_on and wish.until_on and wish.until_on < wish.since_on:
            raise Refused("ends_before_it_starts", _("The last day lies before the first."))

    def write(self) -> None:
        result = self.result
        was = {
            row.pk: row.number
            for row in PlatformNumber.objects.filter(
                pk__in=[r.pk for r in (*result.changed, *result.removed)]
            )
        }
        PlatformNumber.objects.filter(pk__in=[row.pk for row in result.removed]).delete()
        PlatformNumber.objects.bulk_update(
            result.changed, ["number", "since_on", "until_on", "by", "at"], batch_size=500
        )
        PlatformNumber.objects.bulk_create(result.new, batch_size=500)
        touched = (*result.new, *result.changed, *result.removed)
        if touched:
            record(
                AuditEvent.Kind.IMPORT,
                "note_numbers",
                touched[0].enterprise,
                by=self.by,
                at=self.at,
                new=len(result.new),
                changed=len(result.changed),
                removed=len(result.removed),
                was={str(pk): number for pk, number in list(was.items())[:500]},
                firms=[row.enterprise_id for row in touched][:500],
            )


# --- the ways in ---------------------------------------------------------------------------------
def of_workbook(content: bytes) -> list[NumberWish]:
    """平台编号表: one row a number; refuses what is no such workbook."""
    wishes = []
    for row in read_rows(content, [SHEET]).get(SHEET.title, []):
        firm = row.text("code") or row.text("firm")
        if not firm or row.text("firm").startswith(EXAMPLE):
            continue
        wishes.append(
            NumberWish(
                row.number,
                firm,
                row.text("platform"),
                row.text("number"),
                _day(row, "since"),
                _day(row, "until"),
            )
        )
    return wishes


def _day(row: Row, column: str) -> date | None:
    try:
        return row.day(column)
    except (ValueError, TypeError) as wrong:
        words = _("Row %(row)d: write the day like 2026-03-01.") % {"row": row.number}
        raise Refused("not_a_day", words) from wrong


def as_text(wishes: Sequence[NumberWish]) -> str:
    """What a preview carries to its confirmation: a line each, tabs between."""
    return "\n".join(
        "\t".join(
            [str(w.row), w.firm, w.platform, w.number, str(w.since_on or ""), str(w.until_on or "")]
        )
        for w in wishes
    )


def of_text(text: str) -> list[NumberWish]:
    """The way back; what is not ours is refused."""
    wishes = []
    for line in text.splitlines():
        parts = line.split("\t")
        if len(parts) != 6 or not parts[0].isdecimal():
            raise Refused("stale", _("This page is too old. Start again."))
        days = [date.fromisoformat(part) if part else None for part in parts[4:]]
        wishes.append(NumberWish(int(parts[0]), parts[1], parts[2], parts[3], days[0], days[1]))
    return wishes
