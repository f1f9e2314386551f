"""What of an address is no filter is said on every list, and the list is the whole one."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from cases import rulebook
from cases.views import asking
from tests.cases.lists import sign_in
from tests.cases.test_list_statements import admin_of
from tests.world import World
from workflows.models import ProgrammeVersion

LISTS = {
    "firms": "state=x&division=9x&of=z",
    "matches": "result=x&month=2022-13",
    "resources": "kind=x&level=x&division=9x",
    "experts": "kind=platform",
    "issues": "kind=x&chip=x&county=x",
    "measures": "chip=x",
    "people": "kind=x&county=x",
    # and of those that have few filters, or none
    "overdue": "chip=x&county=410302",
    "near": "q=轴承&kind=x",
    "suspensions": "state=x",
    "extensions": "state=x&year=2021",
    "documents": "state=x",
    "closing_batch": "state=x",
    "closing_numbers": "state=x&stage=y",
    "notices": "only=x&kind=y",
    "county_ranks": "month=2022-13",
    "load": "kind=x",
    "pairings": "kind=x",
}


@pytest.mark.django_db
def test_what_is_no_filter_is_said(world: World, today: Any) -> None:
    world.firm("洛阳示例轴承有限公司")
    admin_of(world)
    office, admin = sign_in(world, "office/1"), sign_in(world, "system_admin")
    for name, query in LISTS.items():
        client = admin if name == "people" else office
        html = client.get(f"{reverse(name)}?{query}").content.decode()
        assert f"无法识别，未采用：{query.replace('&', '、')}" in html, name
        assert "无法识别" not in client.get(reverse(name)).content.decode(), name
    long = office.get("/ledger/", {"q": "轴承" * 31}).content.decode()
    assert "检索内容最多60个字" in long
    # one wrong sign of a credit code
    for name in ("ledger", "firms"):
        told = office.get(reverse(name), {"q": "91410300MA3X000018"}).content.decode()
        assert "校验位错误" in told, name
    # on paper and in Excel too, which would be taken for the list that was asked for
    paper = office.get("/ledger/print/?of=&stage=zzz").content.decode()
    assert paper.count("无法识别，未采用：stage=zzz") == 2  # on the paper, and before it is printed
    assert "轴承" in office.get(f"{reverse('firms')}?{LISTS['firms']}").content.decode()


@pytest.mark.django_db
def test_a_word_of_no_plan_does_not_read_every_plan_of_the_country(
    world: World, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    monkeypatch.setattr(asking, "LATEST", 2)
    issued = ProgrammeVersion.objects.get()
    told = {"source": issued.source, "issued_at": issued.issued_at}
    ProgrammeVersion.objects.bulk_create(
        ProgrammeVersion(programme=issued.programme, number=n, sha256=str(n), **told)
        for n in range(2, 8)
    )
    rulebook.pack_of.cache_clear()
    client = sign_in(world, "office/1")
    with django_assert_max_num_queries(20):
        html = client.get("/ledger/?of=&stage=zzz").content.decode()
    assert "无法识别，未采用：stage=zzz" in html
