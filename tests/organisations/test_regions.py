"""The map: what people write is found, within the city only; the path is always right."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from organisations.actions import regions
from organisations.actions.regions import CountySpec
from organisations.errors import Refused
from organisations.models import AuditEvent, Region
from organisations.regions import RegionFinder, find_city, find_region
from tests.organisations.conftest import AT, COUNTIES, SYSTEM


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("嵩县", "嵩县"),
        ("嵩  县", "嵩县"),
        ("嵩\u3000县 ", "嵩县"),
        ("嵩\n县", "嵩县"),
        ("瀍河回族区", "瀍河区"),
        ("偃师市", "偃师区"),
        ("洛阳市嵩县", "嵩县"),
        ("洛阳市 偃师市", "偃师区"),
        ("410304", "瀍河区"),
        ("４１０３０４", "瀍河区"),
        ("洛阳市/老城区", "老城区"),
    ],
)
def test_what_people_write_is_found(city: Region, text: str, name: str) -> None:
    assert find_region(city, text) == Region.objects.get(key=f"洛阳市/{name}")


@pytest.mark.parametrize("text", ["", " ", "洛阳市", "伊川县", "嵩", "县", "410300", "41030"])
def test_what_is_no_county_is_not_found(city: Region, text: str) -> None:
    assert find_region(city, text) is None


def test_one_name_in_two_cities(city: Region) -> None:
    other = regions.create_city(
        name="晋城市", counties=[CountySpec("开发区"), CountySpec("城区")], by=SYSTEM, at=AT
    )
    mine, theirs = find_region(city, "开发区"), find_region(other, "开发区")
    assert mine is not None
    assert theirs is not None
    assert (mine.parent, theirs.parent) == (city, other)
    assert find_region(city, "城区") is None


def test_paths_run_from_the_root(city: Region, county: Region) -> None:
    province = Region.objects.get(level="province")
    township = regions.create_township(county=county, name="城关镇", by=SYSTEM, at=AT)
    assert city.path == f"/{province.pk}/{city.pk}/"
    assert township.path == f"/{province.pk}/{city.pk}/{county.pk}/{township.pk}/"
    assert township.is_within(county)
    assert township.is_within(city)
    assert not county.is_within(township)
    assert set(Region.objects.within(county)) == {county, township}


def test_a_longer_id_is_not_inside_a_shorter_one(city: Region) -> None:
    first = Region(path="/1/4/")
    assert not Region(path="/1/41/").is_within(first)


def test_townships_are_looked_up_in_their_county(city: Region, county: Region) -> None:
    other = Region.objects.get(key="洛阳市/老城区")
    mine = regions.create_township(county=county, name="城关镇", by=SYSTEM, at=AT)
    theirs = regions.create_township(county=other, name="城关镇", by=SYSTEM, at=AT)
    finder = RegionFinder(city)
    assert finder.township(county, "城 关镇") == mine
    assert finder.township(other, "城关镇") == theirs
    assert finder.county("城关镇") is None


def test_a_move_takes_what_lies_below_along(city: Region, county: Region) -> None:
    other = Region.objects.get(key="洛阳市/老城区")
    park = regions.create_township(county=county, name="产业园", by=SYSTEM, at=AT)
    regions.move(park, parent=other, by=SYSTEM, at=AT)
    assert Region.objects.get(pk=park.pk).path == f"{other.path}{park.pk}/"
    regions.move(other, parent=Region.objects.get(level="province"), by=SYSTEM, at=AT)
    other.refresh_from_db()
    assert Region.objects.get(pk=park.pk).path == f"{other.path}{park.pk}/"


def test_a_region_cannot_lie_inside_itself(city: Region, county: Region) -> None:
    with pytest.raises(Refused) as refusal:
        regions.move(city, parent=county, by=SYSTEM, at=AT)
    assert refusal.value.code == "circle"


def test_creating_again_changes_nothing(city: Region) -> None:
    before = list(Region.objects.values())
    events = AuditEvent.objects.count()
    again = regions.create_city(
        name="洛阳市", province="河南省", code="410300", counties=COUNTIES, by=SYSTEM, at=AT
    )
    assert again == city
    assert list(Region.objects.values()) == before
    assert AuditEvent.objects.count() == events


def test_creating_again_adds_a_new_county_and_a_new_alias(city: Region) -> None:
    more = (*COUNTIES, CountySpec("伊滨区"))
    regions.create_city(name="洛阳市", counties=more, by=SYSTEM, at=AT)
    regions.create_city(
        name="洛阳市", counties=[CountySpec("嵩县", aliases=("嵩州",))], by=SYSTEM, at=AT
    )
    assert find_region(city, "伊滨区") is not None
    assert find_region(city, "嵩州") == Region.objects.get(key="洛阳市/嵩县")


def test_an_alias_that_means_two_counties_is_refused(db: None) -> None:
    twice = [CountySpec("甲区", aliases=("老区",)), CountySpec("乙区", aliases=("老 区",))]
    with pytest.raises(Refused) as refusal:
        regions.create_city(name="某市", counties=twice, by=SYSTEM, at=AT)
    assert refusal.value.code == "county_ambiguous"
    assert not Region.objects.exists()


@pytest.mark.parametrize("text", ["洛阳市", "洛 阳市", "410300"])
def test_a_city_is_found_by_name_or_code(city: Region, text: str) -> None:
    assert find_city(text) == city


def test_the_database_refuses_a_county_without_a_city(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.create(key="x", name="x", level="county")


def test_the_database_refuses_a_path_without_its_slash(city: Region) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.filter(pk=city.pk).update(path="/1")


def test_finding_costs_one_query(city: Region, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        finder = RegionFinder(city)
        assert all(finder.county(spec.name) for spec in COUNTIES)
