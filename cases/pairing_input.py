"""Pairings as they come in: pasted lines, a workbook, or all firms of a place without one."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from enterprises.actions.pairing import Wish
from enterprises.importing.pairing_sheet import EXAMPLE, KINDS, SHEET
from enterprises.models import Membership, Pairing
from organisations.errors import Refused
from organisations.models import Region
from organisations.workbook import Row, read_rows

MOST = 5000


def of_lines(text: str, *, kind: str, target: str, from_on: date | None) -> list[Wish]:
    """One firm a line (name or code), the same target for all."""
    lines = [line.strip() for line in text.splitlines()]
    wishes = [Wish(n, line, kind, target, from_on) for n, line in enumerate(lines, 1) if line]
    return _not_too_many(wishes)


def of_place(
    place: Region, *, kind: str, target: str, from_on: date | None, city: Region, on: date
) -> list[Wish]:
    """Every firm of a county or township that has no pairing of the kind yet; two statements."""
    taken = Pairing.objects.on(on).filter(city=city, kind=kind).values("enterprise")
    rows = Membership.objects.on(on).filter(city=city).exclude(enterprise__in=taken)
    rows = rows.filter(county=place) if place.level == "county" else rows.filter(township=place)
    names = rows.order_by("enterprise__name").values_list(
        "enterprise__credit_code", "enterprise__name"
    )
    return _not_too_many(
        [Wish(n, code or name, kind, target, from_on) for n, (code, name) in enumerate(names, 1)]
    )


def of_workbook(content: bytes) -> list[Wish]:
    """结对帮扶表: a row may hold a target of each kind; refuses what is no such workbook."""
    wishes: list[Wish] = []
    for row in read_rows(content, [SHEET]).get(SHEET.title, []):
        firm = row.text("code") or row.text("firm")
        if not firm or row.text("firm").startswith(EXAMPLE):
            continue
        from_on = _day(row)
        wishes += [
            Wish(row.number, firm, kind, row.text(kind), from_on)
            for kind in KINDS
            if row.text(kind)
        ]
    return _not_too_many(wishes)


def _day(row: Row) -> date | None:
    try:
        return row.day("from_on")
    except (ValueError, TypeError) as wrong:
        words = _("Row %(row)d: write the day like 2026-03-01.") % {"row": row.number}
        raise Refused("not_a_day", words) from wrong


def _not_too_many(wishes: list[Wish]) -> list[Wish]:
    if not wishes:
        raise Refused("nothing", _("Name at least one firm."))
    if len(wishes) > MOST:
        raise Refused("too_many", _("At most %(n)d at a time.") % {"n": MOST})
    return wishes


def as_text(wishes: list[Wish]) -> str:
    """What a preview carries to its confirmation: a line each, tabs between."""
    return "\n".join(
        "\t".join([str(w.number), w.firm, w.kind, w.target, str(w.from_on or "")]) for w in wishes
    )


def of_text(text: str) -> list[Wish]:
    """The way back; what is not ours is refused."""
    wishes = []
    for line in text.splitlines():
        parts = line.split("\t")
        if len(parts) != 5 or not parts[0].isdecimal() or parts[2] not in KINDS:
            raise Refused("stale", _("This page is too old. Start again."))
        day = date.fromisoformat(parts[4]) if parts[4] else None
        wishes.append(Wish(int(parts[0]), parts[1], parts[2], parts[3], day))
    return _not_too_many(wishes)
