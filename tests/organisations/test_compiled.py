"""A queryset that is compiled once answers as the queryset itself does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date

import pytest
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext

from organisations.compiled import MOST, Compiled, CompiledFor
from organisations.models import Post, Region, Tenure, Unit, User

pytestmark = pytest.mark.django_db


def units_in(ids: Sequence[int]) -> QuerySet[Unit, Unit]:
    """With an object beside each, a column of its own and a value that is no id."""
    key = Region.objects.filter(pk=OuterRef("region")).values("key")
    found: QuerySet[Unit, Unit] = (
        Unit.objects.filter(region__in=ids, kind="department")
        .select_related("region")
        .annotate(key=Subquery(key))
        .order_by("pk")
    )
    return found


@pytest.fixture
def regions() -> list[int]:
    made = []
    for place in range(MOST + 3):
        region = Region.objects.create(key=f"r{place}", name=f"区{place}", level="city")
        Unit.objects.create(region=region, name=f"局{place}", short_name="局", kind="department")
        Unit.objects.create(region=region, name=f"专班{place}", short_name="班", kind="task_force")
        made.append(region.pk)
    return made


def told(rows: Sequence[Unit]) -> list[object]:
    return [(row.pk, row.name, row.region.name, getattr(row, "key")) for row in rows]  # noqa: B009


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 64, 65, 67])
def test_it_answers_as_the_queryset_does(regions: list[int], size: int) -> None:
    asked = CompiledFor(units_in)
    for ids in (regions[:size], regions[::-1][:size]):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found = asked(ids)
            assert told(found) == told(list(units_in(ids)))
        assert len(found) == size
        # the object beside each came along
        assert len(seen) == (2 if size else 0)


def test_the_second_answer_is_not_compiled(regions: list[int]) -> None:
    built: list[int] = []

    def build(ids: Sequence[int]) -> QuerySet[Unit, Unit]:
        built.append(len(ids))
        return units_in(ids)

    asked = CompiledFor(build)
    for ids in (regions[:3], regions[4:8], regions[9:13]):
        assert [row.region_id for row in asked(ids)] == ids
    assert built == [4]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection() -> None:
    region = Region.objects.create(key="r", name="区", level="city")
    Unit.objects.create(region=region, name="局", short_name="局", kind="department")
    asked = CompiledFor(units_in)
    assert len(asked([region.pk])) == 1
    found: list[int] = []

    def elsewhere() -> None:
        try:
            with CaptureQueriesContext(connection) as seen:
                found.append(len(asked([region.pk])))
            found.append(len(seen))
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [1, 1]


def test_days_and_keys_are_told_apart() -> None:
    region = Region.objects.create(key="r", name="市", level="city")
    unit = Unit.objects.create(region=region, name="局", short_name="局", kind="department")
    post = Post.objects.create(unit=unit, name="联络员", role="department_officer")
    first, second = (User.objects.create(username=name, name=name) for name in "ab")
    change = date(2022, 3, 1)
    Tenure.objects.create(post=post, user=first, from_on=date(2022, 1, 1), until_on=change)
    Tenure.objects.create(post=post, user=second, from_on=change)

    def held(user: int, day: date) -> QuerySet[Tenure, int]:
        return Tenure.objects.on(day).filter(user=user).values_list("user_id", flat=True)

    asked = Compiled(held, int, date)
    for day in (date(2022, 2, 28), change):
        for user in (first, second):
            assert asked(user.pk, day) == list(held(user.pk, day))
    assert asked(first.pk, date(2022, 2, 28)) == [first.pk]
    assert asked(first.pk, change) == []


def test_a_value_that_the_statement_does_not_take_is_an_error() -> None:
    asked = Compiled(lambda pk, _day: Unit.objects.filter(pk=pk), int, date)
    with pytest.raises(ValueError, match="not in the statement"):
        asked(1, date(2022, 3, 1))


def units_or_of(regions: Sequence[int], units: Sequence[int]) -> QuerySet[Unit, Unit]:
    wanted = Q(pk__in=units)
    if regions:
        wanted |= Q(region__in=regions, kind="department")
    found: QuerySet[Unit, Unit] = Unit.objects.filter(wanted).order_by("pk")
    return found


@pytest.mark.parametrize(("of_regions", "of_units"), [(0, 0), (1, 0), (0, 1), (3, 5), (2, 66)])
def test_several_lists_are_each_as_long_as_they_are(
    regions: list[int], of_regions: int, of_units: int
) -> None:
    asked = CompiledFor(units_or_of)
    forces = list(Unit.objects.filter(kind="task_force").values_list("pk", flat=True))
    lists = (regions[:of_regions], forces[::-1][:of_units])
    with CaptureQueriesContext(connection) as seen:
        found = asked(*lists)
    assert [row.pk for row in found] == [row.pk for row in units_or_of(*lists)]
    assert len(found) == of_regions + of_units
    assert len(seen) == (1 if found else 0)
