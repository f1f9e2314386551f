"""What the tests of the lists share: signing in, a register of any size, a day for the doors."""

from __future__ import annotations

from datetime import date

from django.test import Client

from enterprises.models import Enterprise, Membership
from organisations.models import User
from tests.world import CODES, World


def sign_in(world: World, key: str) -> Client:
    return entered(world.people[key])


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def many(world: World, count: int, county: str = "涧西区") -> None:
    """``count`` firms on the register, in three statements."""
    have = Enterprise.objects.count()
    firms = Enterprise.objects.bulk_create(
        Enterprise(
            name=f"示例企业{n}",
            folded_name=f"示例企业{n}",
            credit_code=CODES.format(n),
            pinyin=f"shiliqiye{n}",
            initials=f"slqy{n}",
        )
        for n in range(have, have + count)
    )
    Membership.objects.bulk_create(
        Membership(
            city=world.city,
            enterprise=firm,
            county=world.counties[county],
            industry_code="3411",
            ownership="私营有限责任公司",
            joined_on=date(2022, 1, 1),
        )
        for firm in firms
    )
