"""待我审核 of a reviewer's desk: papers of matters (提升) are behind its number, the late first."""

from __future__ import annotations

from datetime import timedelta

from cases.actions import evidence
from cases.ledger import Asked, Ledger
from cases.models import Case
from cases.workbench import Desk
from tests.world import START, World, at, paper

DAY = timedelta(days=1)


def test_papers_of_a_matter_stand_behind_the_number_the_late_one_first(
    shared_city: World,
) -> None:
    world = shared_city
    for name in ("甲示例有限公司", "乙示例有限公司"):
        world.firm(name)
    world.open()
    main, matter = Case.objects.order_by("pk")
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    for case, on in ((matter, START), (main, START + 20 * DAY)):
        world.survey(case, "A")
        evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=at(on, 15))
    # as a case of the year after is: no firm's main case, and no remedy of one
    Case.objects.filter(pk=matter.pk).update(is_main=False)
    today = START + 21 * DAY
    ledger = Ledger(lead, today, Asked(of="review", chip="review"))
    assert [case.pk for case in ledger.rows()] == [matter.pk, main.pk]
    assert Desk(lead, today).figures["review"] == ledger.counts["shown"] == 2
