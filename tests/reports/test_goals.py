"""Aims in figures: what the product counts itself, what is entered, what a paper only told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cases.actions import plan_measures, stages
from cases.errors import Refused
from cases.models import Case
from reports.goals import Standing, standings
from tests.stories.town import Town, town
from tests.world import SYSTEM, at

START = date(2023, 8, 1)
HAVES = ("has_institution", "has_staff", "has_spending", "has_cooperation")


def goals(city: Town, on: date) -> dict[str, Standing]:
    return {one.goal.key: one for one in standings(city.programme, on)}


@pytest.fixture
def henan(db: None, tmp_path_factory: pytest.TempPathFactory) -> Town:
    city = town("henan-2023", START)
    rows = [{"county": "许昌市"} for _n in range(4)]
    city.list_firms(tmp_path_factory.mktemp("register"), rows, date(2023, 7, 1))
    city.file("样本0有限公司", date(2023, 8, 1), filed=True, **dict.fromkeys(HAVES, True))
    city.file("样本1有限公司", date(2023, 8, 1), filed=False)
    city.file("样本1有限公司", date(2023, 9, 1), filed=True, **dict.fromkeys(HAVES, True))
    return city


def test_rates_and_their_monthly_increase(henan: Town) -> None:
    """000-12 四有 coverage of 50 %, 000-13 five points more than the month before, 000-14."""
    august, september = (goals(henan, date(2023, month, 30)) for month in (8, 9))
    assert august["four_haves"].actual == 0
    assert september["four_haves"].actual == Decimal("50.0")
    # what is filed about August is known on its last day
    first = goals(henan, date(2023, 8, 31))
    assert first["four_haves"].actual == Decimal("25.0")
    assert first["four_haves"].gap == -25
    assert (first["four_haves"].is_reached, september["four_haves"].is_reached) == (False, True)
    assert september["september"].actual == 25
    assert september["september"].gap == 20
    assert august["september"].actual == 0
    assert september["year"].actual == Decimal("50.0")


def test_a_tier_is_named_and_what_a_paper_told_is_shown_with_its_day(henan: Town) -> None:
    """000-15 争取进入全省第一方阵; 000-09 1501 firms told on a day."""
    found = goals(henan, START)
    assert (str(found["front_row"].goal.tier), found["front_row"].actual) == ("第一方阵", None)
    told = found["filed_luoyang"]
    assert told.actual == 1501
    assert (told.of_day, told.is_reached) == (date(2023, 9, 22), None)


def test_counts_come_from_the_entries_of_a_measure(db: None) -> None:
    """001-06, 002-13: events are entered one by one; the report waits for the count or a reason."""
    start = date(2022, 4, 1)
    city = town("sanmenxia-2022", start)
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(start))
    giants = Case.objects.get(measure="giants", parent=None)
    entries = [
        {"done_on": "2022-04-01", "what": "认定2家", "number": 2},
        {"done_on": "2022-04-01", "what": "认定1家"},
    ]
    officer = "市工信局/department_officer"
    with pytest.raises(Refused) as refusal:
        city.go(giants, officer, entries=entries)
    assert refusal.value.code == "count"
    entries.append({"done_on": "2022-04-01", "what": "认定2家", "number": 2})
    assert city.go(giants, officer, entries=entries).stage == "review"
    standing = goals(city, date(2022, 4, 1))["giants"]
    assert standing.actual == 5
    assert standing.is_reached
    assert goals(city, date(2022, 3, 31))["giants"].actual == 0
    # 200 events are far: the reason stands in their place
    training = Case.objects.get(measure="training", parent=None)
    city.go(training, "市人社局/department_officer", shortfall="疫情影响")


def test_what_is_assessed_is_marked(db: None) -> None:
    """004-21: alliances, R&D bodies, share of firms, intensity; 004-02 targets of three kinds."""
    city = town("jincheng-2020", date(2020, 7, 1))
    found = goals(city, date(2020, 7, 1))
    assert [key for key, one in found.items() if one.goal.assessed] == [
        "alliances", "founding", "activity", "intensity",
    ]  # fmt: skip
    kinds = [(one.goal.kind, one.goal.target) for one in found.values() if not one.goal.assessed]
    assert kinds == [("full", 100), ("growth", 10), ("share", Decimal("21.71"))]


def test_part_of_a_measure_is_counted_with_the_whole(db: None) -> None:
    """001-04, 001-06: what the counties hold counts for the city's number."""
    start = date(2022, 4, 1)
    city = town("sanmenxia-2022", start)
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(start))
    whole = Case.objects.get(measure="four_contacts", parent=None)
    officer = "市工信局/department_officer"
    for part in whole.children.all():
        worker = f"{part.responsible_unit.short_name}/county_worker"
        city.go(part, worker, entries=[{"done_on": "2022-04-01", "what": "对接会", "number": 24}])
        stages.close(part.pk, by=city.who(officer), at=at(start, 12))
    assert goals(city, start)["contacts"].actual == 8 * 24
    with pytest.raises(Refused) as refusal:
        city.go(whole, officer)
    assert refusal.value.code == "count"
    own = [{"done_on": "2022-04-01", "what": "市级对接会", "number": 8}]
    assert city.go(whole, officer, entries=own).stage == "review"
