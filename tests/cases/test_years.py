"""Two statistical years side by side: what is worked on now is counted, what was is found."""

from __future__ import annotations

from cases.ledger import Asked, Ledger
from cases.models import Case
from cases.oversight import lateness
from cases.workbench import Desk
from tests.cases.test_carrying import DAY, carried, next_year
from tests.world import World, at


def test_last_years_closings_are_no_part_of_this_years_sums(world: World) -> None:
    """累计销号 of the year that is worked on; who looks for an old case still finds it."""
    for name in ("去年示例有限公司", "结转示例有限公司"):
        world.firm(name)
    world.open()
    done, _left = Case.objects.order_by("pk")
    Case.objects.filter(pk=done.pk).update(stage="closed", status="DONE", finished=at(DAY))
    done.task_set.update(finished=at(DAY), status="DONE")

    def sums(year: str = "", q: str = "") -> tuple[int, int]:
        asked = Asked(stage="closed", year=year, q=q)
        ledger = Ledger(world.office, DAY, asked)
        assert ledger.rows().count() == ledger.counts["shown"]
        return ledger.counts["closed"], ledger.counts["shown"]

    def stand() -> list[tuple[int, int]]:
        desk = Desk(world.office, DAY).figures
        rows = lateness(world.office, DAY).counties
        return [(desk["closed"], desk["firms"]), *((r.closed, r.firms) for r in rows if r.firms)]

    assert (sums(), stand()) == ((1, 1), [(1, 2), (1, 2)])
    carried(world, next_year(world))
    assert (sums(), stand()) == ((0, 0), [(0, 1), (0, 1)])
    assert sums("2022") == sums("all") == sums(q="去年") == (1, 1)
    assert sums("2023") == (0, 0)
