"""The directory's workbook: good rows taken, bad ones named by sheet, row, column, code, reason."""

from __future__ import annotations

from typing import Any

import pytest

from organisations.errors import Refused
from organisations.importing import Report
from organisations.models import AuditEvent
from organisations.people_template import template_of
from organisations.scope import Actor
from resources.importing.apply import import_directory
from resources.importing.export import directory_workbook, head_of
from resources.importing.sheets import SHEETS
from resources.models import Directory, Expert, FieldWord, Member, Resource
from tests.resources.conftest import expert_line, line, resource, workbook
from tests.world import START, SYSTEM, World, at

FULL = {
    "资源": [
        line(region="涧西区", level="省级", industries="30、33", phone="0379-00000001"),
        line(name="示例轴承联盟", kind="产业联盟", fields="轴承", valid_from="2022年1月5日"),
    ],
    "专家": [expert_line(team="铸造服务团")],
    "联盟成员": [{"alliance": "示例轴承联盟", "name": "洛阳示例厂", "shares": "圆度仪"}],
    "领域词": [{"word": "热处理", "also": "淬火、渗碳"}],
}


def take(world: World, content: bytes, by: Actor = SYSTEM, **options: Any) -> Report:
    return import_directory(content, city=world.city, by=by, at=at(START), **options)


def test_good_rows_of_four_sheets(world: World) -> None:
    """001-14, 003-12, 004-07: institutes, platforms, alliances and experts of the city."""
    report = take(world, workbook(FULL, title="科技资源摸底表"))
    assert (report.new, report.changed, report.unchanged, report.refused) == (5, 0, 0, [])
    university = Resource.objects.get(name="示例大学")
    assert (university.kind, university.level) == ("institute", "province")
    assert university.fields == ["铸造", "耐火材料"]
    assert university.industries == ["30", "33"]
    assert (university.where, university.phone) == ("涧西区", "0379-00000001")
    assert university.valid_from == START
    assert str(Resource.objects.get(name="示例轴承联盟").valid_from) == "2022-01-05"
    expert = Expert.objects.get()
    assert (expert.institute, expert.team, expert.region) == (university, "铸造服务团", world.city)
    assert Member.objects.get().shares == "圆度仪"
    assert FieldWord.objects.get().also == ["淬火", "渗碳"]
    assert AuditEvent.objects.filter(verb="import_resources", data__new=5).count() == 1


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    content = workbook(FULL)
    take(world, content)
    versions = list(Resource.objects.values_list("version", flat=True))
    report = take(world, content)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 5)
    assert list(Resource.objects.values_list("version", flat=True)) == versions
    assert AuditEvent.objects.filter(verb="import_resources").count() == 1


def test_a_dry_run_writes_nothing(world: World) -> None:
    report = take(world, workbook(FULL), dry_run=True)
    assert report.new == 5
    assert not Resource.objects.exists()
    assert not Directory.objects.exists()


def test_a_blank_cell_leaves_what_is_there(world: World) -> None:
    take(world, workbook(FULL))
    again = {
        "资源": [line(phone="0379-00000009")],
        "专家": [expert_line(title="教授")],
    }
    report = take(world, workbook(again))
    assert (report.new, report.changed, report.unchanged) == (0, 2, 0)
    university = Resource.objects.get(name="示例大学")
    assert (university.phone, university.industries) == ("0379-00000009", ["30", "33"])
    assert university.version == 2
    assert Expert.objects.get().team == "铸造服务团"


def test_names_are_the_same_however_they_are_written(world: World) -> None:
    resource(world, "示例理工学院（洛阳）")
    report = take(world, workbook({"资源": [line(name="示例理工学院 (洛阳)")]}))
    assert (report.new, report.changed) == (0, 1)
    assert Resource.objects.count() == 1


def test_an_institute_that_comes_later_finds_its_experts(world: World) -> None:
    take(world, workbook({"专家": [expert_line()]}))
    assert Expert.objects.get().institute is None
    take(world, workbook({"资源": [line()]}))
    assert Expert.objects.get().institute == Resource.objects.get()


BAD: list[tuple[str, dict[str, str], str, str]] = [
    ("资源", line(name=""), "资源名称", "missing"),
    ("资源", line(kind=""), "类别", "missing"),
    ("资源", line(fields=""), "技术领域", "missing"),
    ("资源", line(source=""), "信息来源", "missing"),
    ("资源", line(kind="银行"), "类别", "unknown_kind"),
    ("资源", line(level="世界级"), "级别", "unknown_level"),
    ("资源", line(region="南极县"), "所在县区", "unknown_county"),
    ("资源", line(industries="99"), "服务行业", "unknown_industry"),
    ("资源", line(industries="34、轴承"), "服务行业", "unknown_industry"),
    ("资源", line(owner_unit="无此局"), "归口单位", "unknown_unit"),
    ("资源", line(valid_from="下周"), "有效期起", "not_a_day"),
    ("资源", line(valid_until="2022-02-30"), "有效期止", "not_a_day"),
    ("资源", line(valid_from="2022-05-01", valid_until="2022-04-01"), "有效期止", "ends_before"),
    ("资源", line(name="长" * 121), "资源名称", "too_long"),
    ("资源", line(fields="长" * 21), "技术领域", "word_too_long"),
    ("专家", expert_line(level=""), "级别", "missing"),
    ("专家", expert_line(institute_name=""), "所在单位", "missing"),
    ("专家", expert_line(kind="院士"), "类别", "unknown_kind"),
    ("联盟成员", {"alliance": "没有的联盟", "name": "某厂"}, "联盟名称", "unknown_alliance"),
    ("联盟成员", {"alliance": "示例理工学院", "name": "某厂"}, "联盟名称", "unknown_alliance"),
    ("领域词", {"word": "热"}, "领域词", "word_length"),
]


@pytest.mark.parametrize(("sheet", "bad", "column", "code"), BAD)
def test_a_bad_row_is_named_and_the_good_one_taken(
    world: World, sheet: str, bad: dict[str, str], column: str, code: str
) -> None:
    resource(world)
    good = {
        "资源": line(name="好学院"),
        "专家": expert_line(name="好专家"),
        "领域词": {"word": "铸造"},
    }
    rows = [row for row in (good.get(sheet), bad) if row]
    report = take(world, workbook({sheet: rows}, title="标题"))
    assert report.new == len(rows) - 1
    [finding] = report.refused
    assert (finding.sheet, finding.column, finding.code) == (sheet, column, code)
    assert finding.row == 3 + len(rows)
    assert finding.reason


def test_a_row_that_stands_twice(world: World) -> None:
    report = take(world, workbook({"资源": [line(), line(fields="焊接")]}))
    assert report.new == 1
    assert [f.code for f in report.refused] == ["twice"]
    assert Resource.objects.get().fields == ["铸造", "耐火材料"]


@pytest.mark.parametrize("content", [b"no workbook", b"PK\x03\x04"])
def test_no_workbook(world: World, content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        take(world, content)
    assert refusal.value.code == "not_a_workbook"


def test_the_template_as_it_is_changes_nothing(world: World) -> None:
    report = take(world, template_of(SHEETS))
    assert (report.new, report.changed, report.refused) == (0, 0, [])


def test_what_is_taken_out_can_be_put_back(world: World) -> None:
    take(world, workbook(FULL))
    resource(world, "=示例公式学院", region=world.counties["嵩县"], place="")
    exported = directory_workbook(
        resources=Resource.objects.select_related("region", "owner_unit"),
        experts=Expert.objects.select_related("region", "owner_unit"),
        members=Member.objects.select_related("alliance"),
        words=FieldWord.objects.all(),
        head=head_of(world.city, START),
        with_phones=True,
    )
    report = take(world, exported)
    assert (report.new, report.changed, report.unchanged, report.refused) == (0, 0, 6, [])


def test_a_department_lead_adds_to_his_own_unit_only(world: World) -> None:
    lead = world.actor("市工信局/department_lead")
    other = line(name="别家", owner_unit="市住建局")
    report = take(world, workbook({"资源": [line(), other]}), by=lead)
    assert report.new == 1
    assert Resource.objects.get().owner_unit == world.units["市工信局"]
    assert [(f.code, f.column) for f in report.refused] == [("not_yours", "归口单位")]
    foreign = world.actor("市住建局/department_lead")
    report = take(world, workbook({"资源": [line(fields="焊接")]}), by=foreign)
    assert [f.code for f in report.refused] == ["not_yours"]
    report = take(world, workbook({"领域词": [{"word": "热处理"}]}), by=lead)
    assert [f.code for f in report.refused] == ["not_yours"]


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市工信局/department_officer"])
def test_others_import_nothing(world: World, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        take(world, workbook(FULL), by=world.actor(who))
    assert refusal.value.code == "may_not"


def test_statements_do_not_follow_the_rows(
    world: World, django_assert_max_num_queries: Any
) -> None:
    few = workbook({"资源": [line(name=f"学院{n}") for n in range(3)]})
    many = workbook({"资源": [line(name=f"大学{n}") for n in range(450)]})
    with django_assert_max_num_queries(30) as first:
        take(world, few)
    with django_assert_max_num_queries(30) as second:
        assert take(world, many).new == 450
    # SQLite takes 999 values a statement: some forty rows
    assert len(second) <= len(first) + 450 // 40
