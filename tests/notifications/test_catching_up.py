"""After an outage each person reads one notice, not a flood."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from cases.models import Case, WorkItem
from cases.sweeps import sweep
from config.ticking import tick
from notifications.delivery import deliver
from notifications.models import Notice
from tests.notifications.test_delivery import WORKER, newest, said, spring_case
from tests.world import World, at

__all__ = ["spring_case"]


def test_nine_days_off_and_one_item_is_told_as_usual(world: World, spring_case: Case) -> None:
    del spring_case
    late = date(2022, 4, 21)  # seven working days late; lower rungs are passed over in silence
    assert tick(at(late))["notices"] == 2
    assert said(world.people["office/1"]) == [
        "【电话提醒】今日应电话提醒1家企业，名单共1家待提醒，请逐一联系并记录结果。"
    ]
    assert said(world.people[WORKER]) == []
    assert tick(at(late)) == {"rungs": 0, "notices": 0}


@pytest.mark.parametrize("batch", [500, 2])
def test_nine_days_off_give_one_notice_per_person_with_the_highest_rung(
    world: World, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened on the 11th to the 18th, then off until the 21st: seven to two working days late."""
    monkeypatch.setattr("notifications.delivery.BATCH", batch)
    days = [date(2022, 4, n) for n in (11, 11, 14, 15, 18)]
    for place, day in enumerate(days):
        world.firm(f"洛阳示例{place}有限公司")
        world.open(day)
    deliver(at(days[-1]))
    Notice.objects.all().delete()
    late = date(2022, 4, 21)
    tick(at(late, 9))
    readers = Counter(Notice.objects.values_list("recipient", flat=True))
    assert set(readers.values()) == {1}
    assert said(world.people["office/1"]) == [
        "【电话提醒】今日应电话提醒2家企业，名单共2家待提醒，请逐一联系并记录结果。"
    ]
    assert said(world.people[WORKER]) == [
        "【逾期提示】系统停用期间有3项提醒未按时发出：逾期3项。最急的是洛阳示例2“签收”，"
        "已逾期4个工作日。全部事项见待办，请逐项办理。"
    ]
    assert tick(at(late, 10)) == {"rungs": 0, "notices": 0}
    # from the next day on everything is as usual: the third firm is overdue for long
    tick(at(date(2022, 4, 22)))
    assert newest(world.people["office/1"]).startswith("【电话提醒】今日应电话提醒1家企业")


def test_what_is_told_late_is_told_as_it_is(world: World, spring_case: Case) -> None:
    """Due on the 12th, met on the 13th: no longer “today”."""
    del spring_case
    tick(at(date(2022, 4, 13)))
    assert newest(world.people[WORKER]).startswith("【逾期提示】洛阳示例耐材“签收”已逾期1个工作日")


def test_what_becomes_late_after_the_notice_of_the_day_is_told_too(
    world: World, spring_case: Case
) -> None:
    """Three firms, off until the 21st; then two more are opened for days long past."""
    del spring_case
    late, worker = date(2022, 4, 21), world.people[WORKER]
    for place, day in enumerate((14, 15)):
        world.firm(f"洛阳示例{place}有限公司")
        world.open(date(2022, 4, day))
    tick(at(late, 9))
    for place, day in enumerate((14, 15), 2):
        world.firm(f"洛阳示例{place}有限公司")
        world.open(date(2022, 4, day))
    tick(at(late, 10))
    assert said(worker)[-1] == (
        "【逾期提示】另有2项提醒已过应提醒日期：逾期2项。最急的是洛阳示例2“签收”，"
        "已逾期4个工作日。全部事项见待办，请逐项办理。"
    )
    assert Notice.objects.filter(kind="catch_up", recipient=worker).count() == 2
    assert tick(at(late, 11)) == {"rungs": 0, "notices": 0}


def test_nobody_is_told_of_a_part_while_others_still_sweep(world: World, spring_case: Case) -> None:
    """Two workers after an outage: the one who is done leaves the notice to the one who is not."""
    for place, day in enumerate((14, 15)):
        world.firm(f"洛阳示例{place}有限公司")
        world.open(date(2022, 4, day))
    late = at(date(2022, 4, 21))
    deliver(late)
    Notice.objects.all().delete()
    step = world.item(spring_case)
    WorkItem.objects.filter(pk=step.pk).update(next_check_at=None)
    sweep(late)
    WorkItem.objects.filter(pk=step.pk).update(next_check_at=step.next_check_at)
    assert deliver(late) == 0  # his is still in the other's hands
    tick(late)
    readers = Counter(Notice.objects.values_list("recipient", flat=True))
    assert set(readers.values()) == {1}
    assert "今日应电话提醒1家企业" in said(world.people["office/1"])[0]
