"""等谁办理, 无人承办, N天无进展: whose turn it is, what nobody holds, what nobody touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import translation

from cases.actions import evidence, pauses, people, stages
from cases.columns import Reader
from cases.ledger import Asked, Ledger
from cases.models import Case
from tests.cases.lists import sign_in
from tests.world import START, World, at, paper

DAY = timedelta(days=1)


def page(world: World, key: str, query: str = "") -> str:
    return sign_in(world, key).get(f"/ledger/?{query}").content.decode()


def test_who_has_the_next_move(world: World) -> None:
    """等谁办理: each open case waits for one, a resting one for nobody; the list says whom."""
    names = ["县厂", "企厂", "停厂"]
    plain, asked, resting = (world.firm(name) for name in names)
    world.open()
    lead, worker = world.actor("涧西区/county_lead"), world.actor("涧西区/county_worker")
    pauses.suspend(
        world.case(resting).pk, by=lead, at=at(START), until=START + 10 * DAY, reason="停产"
    )
    case = world.survey(world.case(asked), "A")
    remedies = list(Case.objects.filter(parent=case))

    def waits(whom: str, of: str = "") -> set[int]:
        ledger = Ledger(lead, START, Asked(of=of, waits=whom))
        assert ledger.counts["shown"] == len(ledger.ids())
        return set(ledger.ids())

    # nobody at the firm has an account: the county collects the papers itself
    assert waits("county") == {world.case(plain).pk, case.pk}
    world.clerk(asked)
    assert waits("firm") == {case.pk}
    assert waits("firm", "remedies") == {one.pk for one in remedies}
    assert waits("county") == {world.case(plain).pk}
    assert not waits("department") | waits("office") | waits("group")
    found = Ledger(lead, START, Asked(waits="firm"))
    with translation.override("zh-hans"):
        assert [row.waits for row in Reader(lead, START).rows(list(found.rows()))] == ["企业"]
    # a paper that waits for the county's review is the county's move
    [remedy] = [one for one in remedies if one.criterion == "staff"]
    evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=at(START, 11))
    assert waits("county") == {world.case(plain).pk, case.pk}
    assert remedy.pk in waits("county", "remedies")
    people.decline(world.case(plain).pk, by=worker, at=at(START, 12), reason="不属本县")
    assert Ledger(world.office, START, Asked(waits="office")).ids() == [world.case(plain).pk]


def test_what_nobody_holds(world: World, today: Any) -> None:
    """无人承办, as long as the post is empty; whoever may hand it on sees the chip."""
    world.firm("空岗厂")
    world.open()
    post = world.item(world.case()).post
    lead = world.actor("涧西区/county_lead")
    assert Ledger(lead, START).counts["unowned"] == 0
    post.tenures.update(until_on=START)
    assert Ledger(lead, START, Asked(chip="unowned")).ids() == [world.case().pk]
    assert "无人承办" in page(world, "涧西区/county_lead")
    assert "无人承办" not in page(world, "supervisor")


def test_so_many_days_without_progress(world: World, today: Any) -> None:
    firm = world.firm("静厂")
    world.open()
    stages.acknowledge(world.case(firm).pk, by=world.actor("涧西区/county_worker"), at=at(START))
    lead = world.actor("涧西区/county_lead")
    for days, day, shown in ((7, 7, 0), (7, 8, 1), (45, 45, 0), (45, 46, 1)):
        ledger = Ledger(lead, START + day * DAY, Asked.of_query({"idle": f"{days}"}))
        assert ledger.counts["shown"] == len(ledger.ids()) == shown
    html = page(world, "涧西区/county_lead", "idle=45")
    assert '<option value="45" selected>' in html
    assert Asked.of_query({"idle": "9999"}).idle == Asked.of_query({"idle": "x"}).idle == 0


def test_the_end_of_a_number_finds_the_firm_for_whoever_calls_it(world: World) -> None:
    firm = world.firm("电话厂")
    world.open()
    firm.contacts.create(name="李示例", phone="13800006789")
    for who, found in {"涧西区/county_worker": 1, "office/1": 1, "supervisor": 0}.items():
        for text in ("6789", "13800006789"):
            ledger = Ledger(world.actor(who), START, Asked(q=text))
            assert ledger.counts["shown"] == found, (who, text)
    assert not Ledger(world.office, START, Asked(q="789")).ids()
    assert not Ledger(world.actor("嵩县/county_worker"), START, Asked(q="6789")).ids()
