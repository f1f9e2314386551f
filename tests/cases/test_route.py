"""今日路线: by hand, one's own, of one's own firms; what does not fit is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases.actions import routing
from cases.errors import NotYours, Refused
from cases.models import Case, RouteStop
from enterprises.models import Contact, Enterprise, Membership
from organisations.models import Region
from tests.cases.lists import many, sign_in
from tests.world import START, World, at

WORKER, LEAD, FAR = "涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker"


@pytest.fixture
def firm(world: World, today: Any) -> Enterprise:
    found = world.firm("洛阳示例轴承有限公司")
    Contact.objects.create(enterprise=found, name="李示例", phone="0379-6480 0000")
    world.open()
    today(START)
    return found


def test_a_route_is_grouped_by_township_and_ordered_by_hand(world: World, firm: Enterprise) -> None:
    county = world.counties["涧西区"]
    towns = [
        Region.objects.create(name=name, level="township", parent=county, key=name)
        for name in ("谷水镇", "工农乡")
    ]
    many(world, 4)
    names = [f"示例企业{n}" for n in range(1, 5)]
    for place, name in enumerate(names):
        Membership.objects.filter(enterprise__name=name).update(township=towns[place % 2])
    world.open()
    client, url = sign_in(world, WORKER), reverse("route_plan")
    first = client.get(reverse("route"))
    assert [area for area, _stops in first.context["suggested"]] == ["涧西区", "工农乡", "谷水镇"]

    def order(act: str) -> list[str]:
        assert client.post(url, {"act": act}).status_code == 302
        return [stop.name for stop in client.get(reverse("route")).context["stops"]]

    ids = {one.name: one.pk for one in Enterprise.objects.all()}
    order(f"in:{ids['示例企业1']}")
    order(f"in:{ids['示例企业2']}")
    # 示例企业3 lies where 1 lies: it comes behind it, before the other township
    assert order(f"in:{ids['示例企业3']}") == ["示例企业1", "示例企业3", "示例企业2"]
    assert order(f"up:{ids['示例企业2']}") == ["示例企业1", "示例企业2", "示例企业3"]
    assert order(f"down:{ids['示例企业1']}") == ["示例企业2", "示例企业1", "示例企业3"]
    assert order(f"out:{ids['示例企业1']}") == ["示例企业2", "示例企业3"]
    assert set(order("all")) == {*names, firm.name}
    assert order("wrong") == order("all")
    page = client.get(reverse("route")).content.decode()
    assert 'href="tel:037964800000"' in page
    assert f'data-note="{reverse("call_new", args=[firm.pk])}"' in page


def test_a_route_is_ones_own_and_of_ones_own_firms(world: World, firm: Enterprise) -> None:
    by = world.actor(WORKER)
    routing.plan_route([firm.pk], on=START, by=by, at=at(START))
    routing.plan_route([firm.pk], on=START, by=by, at=at(START))
    assert RouteStop.objects.count() == 1
    assert sign_in(world, LEAD).get(reverse("route")).context["stops"] == []
    with pytest.raises(NotYours):
        routing.plan_route([firm.pk], on=START, by=world.actor(FAR), at=at(START))
    for day in (START - timedelta(days=1), START + timedelta(days=15)):
        with pytest.raises(Refused):
            routing.plan_route([firm.pk], on=day, by=by, at=at(START))
    stranger = sign_in(world, FAR).post(reverse("route_plan"), {"act": f"in:{firm.pk}"})
    assert stranger.status_code == 403


def test_a_firm_that_was_reassigned_does_not_hold_the_route(world: World, firm: Enterprise) -> None:
    other = world.firm("洛阳示例二有限公司")
    world.open()
    routing.plan_route([firm.pk, other.pk], on=START, by=world.actor(WORKER), at=at(START))
    Membership.objects.filter(enterprise=firm).update(county=world.counties["嵩县"])
    Case.objects.filter(enterprise=firm).update(county=world.counties["嵩县"])
    client = sign_in(world, WORKER)
    page = client.get(reverse("route"))
    assert [stop.name for stop in page.context["stops"]] == [other.name]
    assert "今日路线中有1家已不在您的负责范围" in page.content.decode()
    assert client.post(reverse("route_plan"), {"act": f"out:{other.pk}"}).status_code == 302
    assert not RouteStop.objects.exists()


def test_a_full_route_and_a_cut_list_say_so(
    world: World, firm: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(world, 3)
    world.open()
    monkeypatch.setattr("cases.route.SUGGESTED", 3)
    monkeypatch.setattr("cases.actions.routing.MOST", 2)
    client = sign_in(world, WORKER)
    page = client.get(reverse("route"))
    assert sum(len(stops) for _area, stops in page.context["suggested"]) == 3
    assert f'href="{reverse("ledger")}?of=mine"' in page.content.decode()
    full = client.post(reverse("route_plan"), {"act": "all"}, follow=True)
    assert RouteStop.objects.count() == 2
    assert "今日路线已满2家，其余仍列在下方。" in full.content.decode()
    RouteStop.objects.all().delete()
    monkeypatch.setattr("cases.route.SUGGESTED", 4)
    whole = client.get(reverse("route")).content.decode()
    assert f'href="{reverse("ledger")}?of=mine"' not in whole
