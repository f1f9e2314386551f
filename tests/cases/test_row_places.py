"""What the lines of a ledger name is kept by the process, and never older than the database's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from cases import row_places
from cases.ledger import Asked, Ledger
from cases.models import Case
from cases.walking import Walk
from organisations.keyset import Place
from organisations.models import Post, Region, Unit
from tests.cases.lists import many
from tests.world import START, World
from workflows.models import Programme


@pytest.fixture
def listed(world: World) -> Ledger:
    many(world, 3)
    many(world, 2, "嵩县")
    world.open()
    first = Case.objects.order_by("pk")[:1].get()
    township = Region.objects.create(
        key="town/1", name="第一镇", level=Region.Level.TOWNSHIP, parent=first.county, position=0
    )
    Case.objects.filter(pk=first.pk).update(township=township)
    row_places.forget()
    return Ledger(world.office, START, Asked(of="all"), world.programme.current.pk)


def page(ledger: Ledger) -> list[Case]:
    return list(Walk(ledger).walked(Place(), 50))


def names(case: Any) -> tuple[object, ...]:
    township, item = case.township, case.item
    own = (case.county.name, township and township.name, case.competent_unit.short_name)
    return (case.pk, *own, case.programme.title, item.post.title, item.post.unit.name)


def told(ledger: Ledger) -> list[tuple[object, ...]]:
    return [names(case) for case in page(ledger)]


def plainly(ledger: Ledger) -> list[tuple[object, ...]]:
    """The same with every place joined."""
    return [names(case) for case in ledger.rows()]


CHANGES: dict[str, Callable[[Case], object]] = {
    "county": lambda case: Region.objects.filter(pk=case.county_id).update(name="新县"),
    "township": lambda case: Region.objects.filter(level="township").update(name="新镇"),
    "unit": lambda case: Unit.objects.filter(pk=case.competent_unit_id).update(short_name="新局"),
    "post": lambda case: Post.objects.update(name=Concat(Value("新"), "name")),
    "programme": lambda case: Programme.objects.update(title="新方案"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_on_the_next_page_and_what_was_undone_is_not(listed: Ledger, name: str) -> None:
    before = told(listed)
    assert before == plainly(listed)
    assert any(township for _pk, _county, township, *_rest in before)
    point = transaction.savepoint()
    CHANGES[name](Case.objects.order_by("pk")[:1].get())
    after = told(listed)
    assert after == plainly(listed) != before
    transaction.savepoint_rollback(point)
    assert told(listed) == before


def test_what_is_known_is_not_asked_for_again(listed: Ledger) -> None:
    first = told(listed)
    with CaptureQueriesContext(connection) as captured:
        assert told(listed) == first
    joined = [q["sql"] for q in captured.captured_queries if "organisations_region" in q["sql"]]
    assert len(captured) == 2
    assert not joined
    row_places.forget()
    with CaptureQueriesContext(connection) as captured:
        assert told(listed) == first
    # posts first, as they name units; then places, units and the programme
    assert len(captured) == 6


def test_what_one_page_is_given_is_not_anothers(listed: Ledger) -> None:
    first = told(listed)
    for case in page(listed):
        item: Any = case.item
        case.county.name = item.post.name = item.post.unit.name = case.programme.title = "x"
    assert told(listed) == first


def test_more_than_a_process_keeps_is_asked_for(
    listed: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_places, "MOST", 1)
    assert told(listed) == told(listed) == plainly(listed)
