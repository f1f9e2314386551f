"""Days that are being entered and are taken back: nobody else is reckoned by them meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from cases import decided, near
from cases.actions import recalendar, stages
from cases.engine import Step
from cases.models import Case
from tests.cases.at_once import together
from tests.world import START, SYSTEM, at, build

OFF = {date(2022, 3, 10): (False, "专项活动")}


class Broken(Exception):
    """Something that fails in the midst of an entering."""


@pytest.mark.postgres
def test_whoever_signs_meanwhile_is_given_the_days_that_hold(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build()
    for number in range(5):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    by = world.actor("涧西区/county_worker")
    cases: Iterator[Case] = iter(list(Case.objects.order_by("pk")))
    signed: list[Case] = []

    def sign() -> None:
        signed.append(next(cases))
        stages.acknowledge(signed[-1].pk, by=by, at=at(START))

    near.forget()
    decided.forget()
    # what is around the cases becomes known, what is decided does not
    sign()
    sign()
    decided.forget()

    def trees() -> Iterator[list[Step]]:
        together(sign)
        yield []
        raise Broken

    monkeypatch.setattr(recalendar, "_trees", trees)
    with pytest.raises(Broken):
        recalendar.enter_days(OFF, by=SYSTEM, at=at(START))
    sign()
    sign()
    [due] = {world.item(case).due_on for case in signed}
    assert due is not None
    assert len(signed) == 5
    # with the day off it would be another one
    monkeypatch.undo()
    recalendar.enter_days(OFF, by=SYSTEM, at=at(START))
    assert {world.item(case).due_on for case in signed} == {due + timedelta(days=1)}
