"""Who serves which firms in the demo: officers of two counties, lead firms with followers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cases.actions.pairing import pair
from config.demo.people import HOME, STAR, SYSTEM, City
from enterprises.actions.pairing import Wish
from enterprises.models import Membership
from organisations.days import day_of
from organisations.models import Tenure, User
from organisations.roles import Role

LED = 4  # firms that a lead firm takes along (000-24)
CHIEFS = 6  # firms with a chief service officer from a department


def pair_firms(city: City, at: datetime) -> None:
    """By the verb of the office's page; a second time changes nothing."""
    wishes = [wish for county in (HOME, STAR) for wish in _county(county, city, at)]
    pair(wishes, city=city.programme.city, by=SYSTEM, at=at)


def _county(county: str, city: City, at: datetime) -> Iterator[Wish]:
    rows = Membership.objects.on(day_of(at)).filter(city=city.programme.city, county__name=county)
    firms = list(rows.order_by("id").values_list("enterprise__name", flat=True))
    worker = _holder(Role.COUNTY_WORKER, county)
    head = User.objects.filter(username="demo-department").first()
    for number, firm in enumerate(firms, 1):
        if worker is not None:
            yield Wish(number, firm, "officer", worker.username)
        if head is not None and number <= CHIEFS:
            yield Wish(number, firm, "chief", head.username)
        if 1 < number <= 1 + LED:
            yield Wish(number, firm, "lead_firm", firms[0])


def _holder(role: str, county: str) -> User | None:
    held = Tenure.objects.filter(post__role=role, post__unit__region__name=county)
    tenure = held.select_related("user").order_by("id").first()
    return tenure.user if tenure is not None else None
