"""主送: how a letter calls the county that it goes to, and the body that the pack names for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import EscalationDraft
from organisations.models import Region, Unit

# zones have an administrative committee (管委会) in the place of a government
ZONE = re.compile(r"(开发|高新|经开|经济技术|示范|新区$|园区|集聚区|产业|保税|合作区|管理区)")
COUNTY_CITY = re.compile(r"市$")
DISTRICT = re.compile(r"区$")

# a title breaks behind words, never inside one
TITLE_WORDS = re.compile(r"(研发活动|全覆盖|逾期事项|有关事项)")
BREAK = "\u200b"


def breakable(title: str) -> str:
    """A letter's title with the places at which a line may end."""
    return TITLE_WORDS.sub(rf"\1{BREAK}", title).removesuffix(BREAK)


def cities_with_codes(drafts: Iterable[EscalationDraft]) -> frozenset[int]:
    """Cities of the drafts' counties where any county has a code; one statement for a page."""
    cities = {draft.county.parent_id for draft in drafts if draft.county is not None}
    counties = Region.objects.filter(parent__in=cities, level=Region.Level.COUNTY)
    found = counties.exclude(code="").values_list("parent_id", flat=True).distinct()
    return frozenset(pk for pk in found if pk is not None)


def kind_of(county: Region, coded: Collection[int] | None = None) -> str:
    """``county`` (县), ``city`` (县级市), ``district`` (区) or ``zone`` (开发区).

    A district without a code among counties that have one is a zone: 高新区 and 伊滨区 have none.
    One statement at most; none with ``coded``, from ``cities_with_codes``.
    """
    if ZONE.search(county.name):
        return "zone"
    if COUNTY_CITY.search(county.name):
        return "city"
    if not DISTRICT.search(county.name):
        return "county"
    if county.code:
        return "district"
    if coded is not None:
        return "zone" if county.parent_id in coded else "district"
    siblings = Region.objects.filter(parent=county.parent_id, level=Region.Level.COUNTY)
    return "zone" if siblings.exclude(code="").exists() else "district"


def government_of(county: Region, coded: Collection[int] | None = None) -> str:
    """云岭县人民政府; a zone's 管理委员会."""
    if kind_of(county, coded) == "zone":
        return _("%(county)s administrative committee") % {"county": county.name}
    return _("%(county)s people's government") % {"county": county.name}


def your(county: Region) -> str:
    """你县, 你市, 你区: how an office writes to one."""
    return {
        "county": pgettext("in a letter to a county", "your county"),
        "city": pgettext("in a letter to a county-level city", "your city"),
        "district": pgettext("in a letter to a district", "your district"),
        "zone": pgettext("in a letter to a zone", "your zone"),
    }[kind_of(county)]


def addressee_of(draft: EscalationDraft, coded: Collection[int] | None = None) -> str:
    """主送: the body that the pack's rung names; its task force where a county has no bureau."""
    if draft.addressee == "county_government" and draft.county is not None:
        return government_of(draft.county, coded)
    if draft.addressee == "supervision_office" and draft.unit.kind != Unit.Kind.SUPERVISION:
        return _("the city government's supervision office")
    return draft.unit.name


def addressee_in_short(draft: EscalationDraft, coded: Collection[int] | None = None) -> str:
    """The same for a list: a task force by its short name, a bureau as its letter calls it."""
    name = addressee_of(draft, coded)
    if draft.unit.kind == Unit.Kind.DEPARTMENT:
        return name
    return draft.unit.short_name or name if name == draft.unit.name else name
