"""Cases that lived in every way that figures know, and figures as tests compare them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from cases.models import Case, WorkItem
from cases.stages import CLOSED, DELISTED, WITHDRAWN
from enterprises.models import Enterprise, Membership, MonthlyFact
from reports.figures.breakdown import Line
from reports.figures.tally import Tally
from tests.world import START, World, at


def lived(world: World) -> None:
    """Cases that went on, back and round, were closed, taken up again, taken over, left, withdrawn;
    of firms that came, were covered, and left the register."""
    chance = Random(5)
    for n in range(40):
        firm = world.firm(f"示例{n}有限公司", chance.choice(("涧西区", "嵩县")),
                          joined_on=START - timedelta(days=chance.choice((10, 60))))  # fmt: skip
        for month in (3, 4):
            if chance.random() < 0.4:
                world.fact(firm, date(2022, month, 1), has_spending=chance.random() < 0.7)
    world.open()
    for item in WorkItem.objects.filter(finished=None).order_by("pk").select_related("process"):
        _live(item, chance)
    for n in range(4):  # taken over as they had been closed elsewhere, with no step of ours
        case = Case.objects.main().order_by("pk")[n]
        case.pk, case.serial = None, case.serial + 1000
        case.enterprise = world.firm(f"承接{n}有限公司", "嵩县")
        case.save()
        _end(case, CLOSED, START + timedelta(days=7 * n))
    # last of all, what the registers say: some left, of some the province had nothing
    firms = list(Enterprise.objects.order_by("pk"))
    some = [firms[n] for n in (2, 6, 11)]
    MonthlyFact.objects.filter(about_month__month=4, enterprise__in=some).delete()
    MonthlyFact.objects.filter(pk__in=fact_keys()[::3]).update(filed=False)
    for row in Membership.objects.order_by("pk"):
        if chance.random() < 0.2:
            row.left_on, row.left_reason = START + timedelta(days=chance.randrange(60)), "absent"
            row.save()


def fact_keys() -> list[int]:
    return list(MonthlyFact.objects.order_by("pk").values_list("pk", flat=True))


def _live(item: WorkItem, chance: Random) -> None:
    case, on = item.process, START
    for n in range(chance.randrange(4)):
        ended = on + timedelta(days=chance.randrange(25))
        item.finished, item.status = at(ended, chance.choice((0, 7, 23))), "DONE"
        item.save()
        on = ended + timedelta(days=chance.choice((0, 0, 0, 9)))  # taken up again
        stages = ("survey", "classify", "remedy", "survey")
        item.pk, item.stage, item.started_on, item.finished = None, stages[n], on, None
        item.status = "NEW"
        item.save()
    if chance.random() < 0.6:
        ended = on + timedelta(days=chance.randrange(40))
        item.finished, item.status = at(ended, 8), "DONE"
        item.save()
        _end(case, chance.choice((CLOSED, CLOSED, CLOSED, DELISTED, WITHDRAWN)), ended)


def _end(case: Case, stage: str, on: date) -> None:
    closed = on if stage == CLOSED else None
    Case.objects.filter(pk=case.pk).update(
        stage=stage, status="DONE", finished=at(on, 8), closed_on=closed
    )


def told_more(world: World, today: date) -> None:
    """Earlier years, answers at a closing, steps that were late, rest, or are late a little."""
    chance = Random(9)
    for firm in Enterprise.objects.all():
        world.fact(firm, date(2022, 6, 1), has_spending=chance.random() < 0.6)
        if chance.random() < 0.6:
            world.fact(firm, date(2021, 10, 1), has_staff=True)
            world.fact(firm, date(2021, 11, 1), has_spending=chance.random() < 0.3)
    for case in Case.objects.main():
        for _n in range(chance.randrange(3)):
            answer = chance.choice(({"first_time": "yes"}, {"first_time": "no"},
                                    {"first_time": None}, {}))  # fmt: skip
            case.forms.create(form="closing", data=answer, is_draft=False, at=at(START))
        odds = chance.random()
        if case.stage != CLOSED:
            case.lacking_count = chance.randrange(3)
        elif odds < 0.3:
            case.late_days = 3
        elif odds < 0.6:
            case.closed_on = None
        case.save()
        case.task_set.exclude(finished=None).update(days_late=chance.choice((0, 0, 2)))
        near = today - timedelta(days=chance.choice((-3, 0, 2, 11, 13, 14, 15, 16, 17, 40)))
        case.task_set.filter(finished=None).update(
            due_on=near,
            waits_higher=chance.random() < 0.1,
            is_chased=chance.random() < 0.9,
        )
        if odds > 0.8:
            back = chance.choice((None, today, today + timedelta(days=1)))
            case.suspensions.create(from_on=START, until_on=today, reason="停产", resumed_on=back)


def plain(found: Sequence[Line]) -> list[object]:
    return [(line.key, line.name, said(line.tally)) for line in found]


def said(one: Tally) -> tuple[object, ...]:
    """What is counted at all; a zero is as good as nothing."""
    return dict(+one.counts), dict(+one.stages), one.spent
