"""Whom a document goes to, as its paper says, and which units here read and sign for it.

A county's government has no desk here: its task force reads and signs in its name (代收).
"""

from __future__ import annotations

from django.db.models import Q

from cases.addressing import government_of
from organisations.models import Region, Unit
from reports.documents.nouns import Document, Receipt

# what every county, department and group gets; it names units, never a firm
TO_ALL = (
    Document.Kind.CIRCULAR,
    Document.Kind.BULLETIN,
    Document.Kind.COMMENDATION,
    Document.Kind.CRITICISM,
)


def readers_of(document: Document) -> list[Unit]:
    """What is about one case goes to whoever does it, a list with firms of every county to nobody
    (practice: firm lists go to their own county only). A letter's own addressee. Of a circular
    (各县区人民政府，市直有关部门) the counties' task forces, the city's own departments and the
    groups. A correction goes to whoever got what it corrects.
    """
    if document.letter is not None:
        return [document.letter.unit]
    if document.corrects is not None:
        got = document.corrects.receipts.select_related("unit")
        return [receipt.unit for receipt in got]
    if document.case is not None:
        case = document.case
        helping = [part.unit for part in case.parts.select_related("unit")]
        if document.issuer is not None:
            # a unit's own paper: the office keeps a copy, and whoever helped with it
            office = Unit.objects.filter(kind=Unit.Kind.OFFICE, region=document.programme.city_id)
            return list(dict.fromkeys([*office, *helping]))
        return list(dict.fromkeys([case.responsible_unit, *helping]))
    if document.kind not in TO_ALL:
        return []
    city = document.programme.city
    counties = Q(kind=Unit.Kind.TASK_FORCE, region__parent=city)
    own = Q(kind__in=(Unit.Kind.DEPARTMENT, Unit.Kind.LIAISON_GROUP), region=city)
    return list(Unit.objects.filter(counties | own))


def addressees_of(document: Document, receipts: list[Receipt]) -> list[tuple[str, str]]:
    """Of each receipt the addressee as the paper names it, and who signs in its name ("" itself).

    ``receipts`` with their units' regions; one statement.
    """
    city = document.programme.city_id
    counties = Region.objects.filter(parent=city, level=Region.Level.COUNTY)
    coded = {city} if counties.exclude(code="").exists() else set()
    return [_addressee(document, receipt.unit, coded) for receipt in receipts]


def _addressee(document: Document, unit: Unit, coded: set[int]) -> tuple[str, str]:
    short = unit.short_name or unit.name
    if document.letter_id is not None:
        said = document.said.addressee.rstrip("：: ")
        return (short, "") if said in ("", unit.name, short) else (said, short)
    if unit.kind == Unit.Kind.TASK_FORCE and unit.region.level == Region.Level.COUNTY:
        return government_of(unit.region, coded), short
    return short, ""
