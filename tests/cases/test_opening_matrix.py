"""Ownership × industry × county, on the real verb: every cell has its unit, its post, its rule."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from cases.models import Case, ProgrammeFirm, WorkItem
from enterprises.industries import DIVISIONS
from enterprises.models import Enterprise, Membership
from tests.world import CODES, START, World, build

PRIVATE, STATE = "私营有限责任公司", "国有独资公司"
# finer than divisions where a rule is
INDUSTRIES = (*(f"{division.code}10" for division in DIVISIONS), "3021", "3039", "3081")


def department(ownership: str, industry: str) -> str:
    """001-24, written down once more: ownership first, then the industry, else the catch-all."""
    if ownership == STATE:
        return "市国资委"
    if industry[:2] in ("06", "44", "45", "46"):
        return "市发展改革委"
    return "市住建局" if industry[:3] in ("301", "302", "303") else "市工信局"


@pytest.mark.django_db
def test_every_ownership_industry_and_county() -> None:
    world = build()
    cells = list(product(sorted(world.counties), INDUSTRIES, (PRIVATE, STATE)))
    assert len(cells) == 16 * 44 * 2
    _register(world, cells)
    opened = world.open()
    assert (opened.opened, opened.without_unit) == (len(cells), 0)
    rows = Case.objects.select_related("county", "responsible_unit", "competent_unit")
    items = WorkItem.objects.filter(finished=None).select_related("unit", "post")
    owed = {item.process_id: item for item in items}
    stored = {row.enterprise_id: row for row in ProgrammeFirm.objects.all()}
    places = {
        row.enterprise_id: (row.county.name, row.industry_code, row.ownership)
        for row in Membership.objects.select_related("county")
    }
    met = set()
    for case in rows:
        county, industry, ownership = cell = places[case.firm_id]
        met.add(cell)
        assert case.county.name == county
        assert case.responsible_unit.short_name == f"{county}工作专班"
        assert case.competent_unit.short_name == department(ownership, industry), cell
        item, row = owed[case.pk], stored[case.firm_id]
        assert item.unit_id == item.post.unit_id == case.responsible_unit_id
        assert item.post.role == "county_worker"
        assert case.rule == row.rule != ""
        assert row.competent_unit_id == case.competent_unit_id
    assert met == set(cells)


def _register(world: World, cells: list[tuple[str, str, str]]) -> None:
    firms = [
        Enterprise(name=f"示例{n}有限公司", folded_name=f"示例{n}", credit_code=CODES.format(n))
        for n in range(len(cells))
    ]
    Enterprise.objects.bulk_create(firms)
    Membership.objects.bulk_create(
        Membership(
            city=world.city,
            enterprise=firm,
            county=world.counties[county],
            industry_code=industry,
            ownership=ownership,
            joined_on=date(START.year, 1, 1),
        )
        for firm, (county, industry, ownership) in zip(firms, cells, strict=True)
    )
