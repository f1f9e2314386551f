"""Issuing: immutable versions by hash, the city's map, units, the working-day table."""

import hashlib
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from organisations.errors import Refused
from organisations.models import Region, Unit, User
from organisations.regions import find_region
from organisations.scope import Actor
from workflows.city import set_up_units
from workflows.days import announced_year
from workflows.issuing import issue_pack, seed_calendar, set_days
from workflows.models import (
    CalendarDay,
    Immutable,
    Programme,
    ProgrammeVersion,
    forget_calendar,
    load_calendar,
)
from workflows.packs import PackError, shipped_text

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 1, tzinfo=UTC)
SYSTEM = Actor.system()
LUOYANG = shipped_text("luoyang-2022")


def issue(text: str = LUOYANG, at: datetime = AT) -> ProgrammeVersion:
    return issue_pack(text, by=SYSTEM, at=at)


def test_issuing_makes_programme_version_and_map() -> None:
    version = issue()
    programme = version.programme
    assert (programme.key, programme.statistical_year, version.number) == ("luoyang-2022", 2022, 1)
    assert programme.current == version
    assert programme.city.children.count() == 16
    assert version.pack.root.key == "assistance"
    found = find_region(programme.city, "瀍河回族区")
    assert found is not None
    assert found.name == "瀍河区"


def test_the_same_text_again_is_the_same_version() -> None:
    assert issue() == issue()
    assert ProgrammeVersion.objects.count() == 1
    assert Region.objects.filter(level=Region.Level.COUNTY).count() == 16


def test_another_text_is_the_next_version_and_the_first_keeps_its_rules() -> None:
    first = issue()
    second = issue(
        LUOYANG.replace(
            "within: 15 working_days} # inferred\n        form",
            "within: 12 working_days}\n        form",
        )
    )
    assert (second.programme, second.number) == (first.programme, 2)
    assert first.programme.current == second
    limits = [str(v.pack.root.stage("survey").time_for("B")) for v in (first, second)]
    assert limits == ["within: 15 working_days", "within: 12 working_days"]


def test_a_version_is_neither_changed_nor_deleted() -> None:
    version = issue()
    version.source = "changed"
    with pytest.raises(Immutable):
        version.save()
    with pytest.raises(Immutable):
        version.delete()
    with pytest.raises(Immutable):
        ProgrammeVersion.objects.update(source="changed")
    with pytest.raises(Immutable):
        ProgrammeVersion.objects.all().delete()
    with pytest.raises(Immutable), transaction.atomic():
        ProgrammeVersion.objects.bulk_update([version], ["source"])
    assert ProgrammeVersion.objects.get().source == LUOYANG


def test_no_door_changes_an_issued_version() -> None:
    """Not past the ORM's guards either: the database itself refuses."""
    version = issue()
    rows = ProgrammeVersion._base_manager.filter(pk=version.pk)
    for change in ({"source": "changed"}, {"sha256": "0" * 64}, {"number": 9}):
        with pytest.raises(DatabaseError, match="an issued version stays"), transaction.atomic():
            rows.update(**change)
    statement = "UPDATE workflows_programmeversion SET source = 'changed'"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    again = ProgrammeVersion.objects.get()
    assert (again.number, again.source) == (1, LUOYANG)
    assert hashlib.sha256(again.source.encode()).hexdigest() == again.sha256


def test_a_faulty_pack_leaves_nothing_behind() -> None:
    with pytest.raises(PackError):
        issue(LUOYANG.replace("unit: 市国资委", "unit: 市国资局"))
    assert not Programme.objects.exists()
    assert not Region.objects.exists()


def test_who_may_not_issue_is_told_who_may() -> None:
    clerk = Actor(User.objects.create_user("clerk", name="张示例"), AT.date())
    with pytest.raises(Refused) as caught:
        issue_pack(LUOYANG, by=clerk, at=AT)
    assert caught.value.code == "may_not"
    assert not Programme.objects.exists()


def test_the_demo_is_dated_from_its_day_of_issue_for_good() -> None:
    pack = issue(shipped_text("demo")).pack
    assert (pack.work_from, pack.work_until) == (date(2026, 1, 1), date(2026, 12, 31))
    later = issue(shipped_text("demo"), at=datetime(2027, 3, 1, 1, tzinfo=UTC))
    assert later.pack.work_from == date(2026, 1, 1)


def test_the_day_of_issue_is_the_citys_not_utcs() -> None:
    late = datetime(2026, 9, 30, 17, tzinfo=UTC)  # 1 October, one o'clock at night in the city
    assert issue(shipped_text("demo"), at=late).pack.work_from == date(2026, 2, 1)


def test_units_are_set_up_once_and_groups_are_paired_with_their_counties() -> None:
    pack = issue(shipped_text("demo")).pack
    first = set_up_units(pack, by=SYSTEM, at=AT)
    again = set_up_units(pack, by=SYSTEM, at=AT)
    assert first == again
    kinds = [unit.kind for unit in Unit.objects.all()]
    counted = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counted == {
        Unit.Kind.OFFICE: 1,
        Unit.Kind.SUPERVISION: 1,
        Unit.Kind.LEADERSHIP: 1,
        Unit.Kind.DEPARTMENT: 10 + 16,
        Unit.Kind.LIAISON_GROUP: 8,
        Unit.Kind.TASK_FORCE: 16,
    }
    group = first["包联第一组"]
    assert {region.name for region in group.paired_counties.all()} == {"云泽区", "示范高新区"}
    assert first["青岭县工作专班"].region.name == "青岭县"
    bureau = first["青岭县科技局"]
    assert (bureau.region.name, bureau.name) == ("青岭县", "青岭县科学技术局")
    # it reads letters and has no case work: one post, of which new cases know nothing
    assert [(post.name, post.role) for post in bureau.posts.all()] == [
        ("分管负责人", "department_lead")
    ]


def test_every_unit_that_a_rule_names_exists_after_set_up() -> None:
    pack = issue().pack
    made = set_up_units(pack, by=SYSTEM, at=AT)
    assert {rule.unit for rule in pack.assignment} | {pack.units.guide_unit} <= set(made)


def test_the_calendar_is_there_from_the_start_and_knows_moved_days() -> None:
    forget_calendar()
    calendar = load_calendar()
    assert calendar.known_until == date(2026, 12, 31)
    assert calendar.is_working(date(2026, 9, 20))
    assert not calendar.is_working(date(2026, 10, 1))
    assert seed_calendar() == 0


def test_seeding_fills_gaps_and_keeps_what_was_entered() -> None:
    CalendarDay.objects.filter(day=date(2026, 3, 3)).delete()
    CalendarDay.objects.filter(day=date(2026, 3, 4)).update(is_working=False)
    assert seed_calendar() == 1
    calendar = load_calendar()
    assert calendar.is_working(date(2026, 3, 3))
    assert not calendar.is_working(date(2026, 3, 4))
    forget_calendar()


def test_announced_days_are_taken_at_once_and_name_what_changed() -> None:
    load_calendar()
    days = {
        date(2026, 12, 31): (True, ""),
        date(2027, 1, 1): (False, "元旦"),
        date(2027, 1, 2): (True, "元旦"),
    }
    changed = set_days(days, by=SYSTEM, at=AT)
    assert changed == (date(2027, 1, 1), date(2027, 1, 2))
    calendar = load_calendar()
    assert calendar.is_known(date(2027, 1, 2))
    assert calendar.is_working(date(2027, 1, 2))
    forget_calendar()


def test_a_single_day_far_ahead_does_not_make_the_year_known() -> None:
    set_days({date(2027, 10, 7): (False, "国庆节")}, by=SYSTEM, at=AT)
    calendar = load_calendar()
    assert calendar.known_until == date(2026, 12, 31)
    assert not calendar.is_working(date(2027, 10, 7))
    forget_calendar()


def test_a_whole_year_is_made_out_of_its_announcement() -> None:
    off = {date(2027, 1, 1): "元旦", date(2027, 10, 6): "国庆节"}
    days = announced_year(2027, off=off, worked=[date(2027, 9, 26)])
    set_days(days, by=SYSTEM, at=AT)
    calendar = load_calendar()
    assert calendar.known_until == date(2027, 12, 31)
    assert calendar.is_working(date(2027, 9, 26))
    assert not calendar.is_working(date(2027, 10, 6))
    assert calendar.add(date(2026, 12, 31), 1) == date(2027, 1, 4)
    forget_calendar()


def test_an_empty_table_knows_nothing_but_still_counts() -> None:
    CalendarDay.objects.all().delete()
    forget_calendar()
    calendar = load_calendar()
    assert not calendar.is_known(date(2026, 1, 5))
    assert calendar.add(date(2026, 1, 9), 1) == date(2026, 1, 12)
    forget_calendar()
