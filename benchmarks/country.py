"""Many firms on one register, and their cases, opened by the product's own verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tests.world import World

# parts of names, so that a search finds common and rare ones
PLACES = ("华示", "中信示", "东方", "恒达", "永利", "鑫源", "宏图", "瀍河")
TRADES = ("机械", "轴承", "耐火", "化工", "铝业", "电子", "食品", "新材料", "装备", "矿业", "制药")
BATCH = 5000


def name_of(number: int) -> str:
    """Every firm is another one; one of 5,000 is a rare one."""
    place, trade = PLACES[number % len(PLACES)], TRADES[number % len(TRADES)]
    rare = "熠砺" if number % 5000 == 7 else ""
    return f"{place}{rare}{trade}{number}有限公司"


def list_firms(world: World, count: int, first: int = 0) -> None:
    """``count`` firms on the register, spread over the counties, none with R&D spending;
    ``first``: how many there were before."""
    from datetime import date

    from enterprises.models import Enterprise, Membership, MonthlyFact
    from enterprises.pinyin import spell

    counties = [region for _name, region in sorted(world.counties.items())]
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        firms = []
        for number in numbers:
            name = name_of(number)
            pinyin, initials = spell(name)
            firms.append(
                Enterprise(
                    name=name,
                    folded_name=name,
                    credit_code=f"9141{number:013d}K",
                    pinyin=pinyin,
                    initials=initials,
                )
            )
        Enterprise.objects.bulk_create(firms)
        Membership.objects.bulk_create(
            Membership(
                city=world.city,
                enterprise=firm,
                county=counties[number % len(counties)],
                industry_code="3411",
                ownership="私营有限责任公司",
                joined_on=date(2022, 1, 1),
            )
            for number, firm in zip(numbers, firms, strict=True)
        )
        MonthlyFact.objects.bulk_create(
            MonthlyFact(
                city=world.city,
                enterprise=firm,
                about_month=date(2022, 1, 1),
                known_on=date(2022, 1, 31),
                registered=True,
                filed=True,
                has_institution=False,
                has_staff=False,
                has_spending=False,
                has_cooperation=False,
            )
            for firm in firms
        )


def settle() -> None:
    """What the planner knows of tables that have just grown."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def counted_ahead(at: datetime) -> None:
    """As where a tick has run at that moment (docs/adr/0070)."""
    from cases.work_counts import count_due

    count_due(at)
