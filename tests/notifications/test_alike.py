"""Words put together once for alike reminders are those of each reminder by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from cases.actions import stages
from cases.models import Case
from cases.sweeps import sweep
from notifications import delivery, texts
from notifications.alike import Said
from notifications.delivery import deliver
from notifications.models import Notice
from tests.notifications.test_delivery import APRIL, WORKER
from tests.world import World, at

# a sign that parts a heading from its text, signs that fill a text, and what is no firm's own name
NAMES = (
    "甲机械有限公司", "乙机械股份有限公司", "丙: 100% {due} 有限公司", "“丁”有限公司", "戊】重工",
    "Smith & Sons Ltd.", "己" * 60,
)  # fmt: skip


def said() -> list[tuple[Any, ...]]:
    rows = Notice.objects.order_by("key")
    return list(
        rows.values_list("key", "kind", "title", "body", "other", "case", "post", "recipient")
    )


def test_alike_reminders_read_as_each_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate(NAMES * 2):
        world.firm(f"{name}{number}", ("涧西区", "嵩县")[number % 2])
    world.open(APRIL)
    deliver(at(APRIL))
    # some stand elsewhere by then
    worker = world.actor(WORKER, APRIL)
    for case in Case.objects.main().filter(county__name="涧西区").order_by("pk")[:3]:
        stages.acknowledge(case.pk, by=worker, at=at(APRIL, 10))
    composed: list[str] = []
    compose = texts.compose

    def counted(key: str, *more: Any) -> tuple[str, str]:
        composed.append(key)
        return compose(key, *more)

    monkeypatch.setattr(delivery, "compose", counted)
    counts: dict[bool, int] = {True: 0, False: 0}
    for days in range(1, 12):
        moment = at(APRIL + timedelta(days=days))
        sweep(moment)
        found = {}
        for is_alike in (False, True):
            with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
                if not is_alike:
                    patch.setattr(Said, "known", lambda *_asked: None)
                    patch.setattr(Said, "learn", lambda *_asked: None)
                composed.clear()
                deliver(moment)
                found[is_alike] = said()
                counts[is_alike] += len(composed)
                transaction.set_rollback(not is_alike)
        assert found[True] == found[False]
    assert len(found[True]) > 40
    assert counts[True] < counts[False]
