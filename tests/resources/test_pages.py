"""The directory's pages: who sees which rows and numbers, filters, statements, editing."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from config.trail.words import details
from organisations.models import AuditEvent, Region, Tenure
from organisations.phones import masked
from resources import urls
from resources.models import Expert, FieldWord, Member, Resource
from tests.cases.lists import sign_in
from tests.resources.conftest import PHONE, expert, line, resource, workbook
from tests.world import World, person

CALLERS = ("office/1", "涧西区/county_worker", "涧西区/county_lead", "市工信局/department_lead")
READERS = ("leader", "supervisor", "liaison_member", "市工信局/department_officer")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shown(client: Client, query: str = "", of: str = "resources/") -> set[str]:
    answer = client.get(f"/{of}?{query}")
    assert answer.status_code == 200
    return set(re.findall(r'<a class="firm" href="[^"]+">([^<]+)</a>', answer.content.decode()))


def form_of(**values: str) -> dict[str, str]:
    base = {
        "name": "新增示例大学",
        "kind": "institute",
        "fields_": "铸造、焊接",
        "industries": "33",
        "source": "来函",
        "valid_from": "2022-01-01",
    }
    return base | values


@pytest.mark.parametrize("who", CALLERS + READERS)
def test_officials_of_the_city_see_the_directory_and_those_who_call_the_numbers(
    world: World, who: str
) -> None:
    row, man = resource(world), expert(world)
    client = sign_in(world, who)
    assert shown(client) == {row.name}
    assert shown(client, of="resources/experts/") == {man.name}
    pages = ("/resources/", "/resources/experts/", f"/resources/{row.pk}/")
    for page in (*pages, f"/resources/experts/{man.pk}/"):
        html = client.get(page).content.decode()
        assert (PHONE in html) == (who in CALLERS), page
        assert ("138****5678" in html) == (who in READERS), page
        assert (f'href="tel:{PHONE}"' in html) == (who in CALLERS and page[-2].isdigit())


def test_the_export_hides_what_the_page_hides(world: World) -> None:
    resource(world)
    for who, number in (("office/1", PHONE), ("leader", "138****5678")):
        answer = sign_in(world, who).get("/resources/export/")
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        cells = [str(c) for row in book.get_sheet_by_name("资源").to_python() for c in row]
        assert number in cells
        # each sheet its own number
        heads = {
            name: str(book.get_sheet_by_name(name).to_python()[0][0]) for name in book.sheet_names
        }
        assert heads.pop("资源").endswith("，共1条")
        assert heads
        assert all(head.endswith("，共0条") for head in heads.values())
        assert (PHONE in cells) == (number == PHONE)
        assert "%E8%B5%84%E6%BA%90%E5%BA%93_" in answer.headers["Content-Disposition"]
    assert AuditEvent.objects.filter(kind="export", verb="resources").count() == 2


def addresses(row: Resource, man: Expert, word: FieldWord) -> dict[str, str]:
    known = {
        "resource": row.pk, "resource_edit": row.pk, "member_new": row.pk,
        "expert": man.pk, "expert_edit": man.pk, "field_word_drop": word.pk,
    }  # fmt: skip
    found = {}
    for pattern in urls.urlpatterns:
        route = re.sub(r"<int:pk>", str(known.get(pattern.name or "", "")), str(pattern.pattern))
        found[str(pattern.name)] = f"/{route}"
    return found


def test_outsiders_find_nothing(world: World) -> None:
    row, man = resource(world, kind="alliance"), expert(world)
    word = FieldWord.objects.create(city=world.city, word="热处理")
    firm = world.firm("洛阳示例厂")
    world.clerk(firm)
    city = Region.objects.create(key="别市", name="别市", level=Region.Level.CITY)
    unit = type(world.units["市工信局"]).objects.create(region=city, name="别办", kind="office")
    stranger = person("stranger", "别市经办人")
    post = unit.posts.create(name="经办人", role="office")
    Tenure.objects.create(post=post, user=stranger, from_on="2022-01-01")
    world.people["stranger"] = stranger
    pages = addresses(row, man, word)
    assert len(pages) == len(urls.urlpatterns)
    for key in (f"clerk/{firm.pk}", "stranger"):
        client = sign_in(world, key)
        for name, page in pages.items():
            for answer in (client.get(page), client.post(page, form_of())):
                html = answer.content.decode(errors="replace")
                assert row.name not in html, (key, name)
                assert PHONE not in html, (key, name)
                if key != "stranger" or name in ("resource", "resource_edit", "expert"):
                    assert answer.status_code in (403, 404, 405), (key, name)
    for name, page in pages.items():
        assert Client().post(page).status_code in (302, 405), name
        assert Client().get(page).status_code in (302, 405), name
    assert FieldWord.objects.exists()
    assert Resource.objects.filter(city=world.city).count() == 1


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市工信局/department_officer"])
def test_who_only_reads_changes_nothing(world: World, who: str) -> None:
    row = resource(world)
    client = sign_in(world, who)
    html = client.get(f"/resources/{row.pk}/").content.decode()
    assert "/edit/" not in html
    for page in (f"/resources/{row.pk}/edit/", "/resources/new/", "/resources/import/"):
        assert client.get(page).status_code == 403
        assert client.post(page, form_of()).status_code == 403
    assert Resource.objects.get().fields == ["轴承", "热处理"]


def test_a_department_lead_keeps_the_rows_of_his_unit(world: World) -> None:
    own = resource(world, "本局学院", owner_unit=world.units["市工信局"])
    other = resource(world, "别局学院", owner_unit=world.units["市住建局"])
    client = sign_in(world, "市工信局/department_lead")
    assert client.get(f"/resources/{other.pk}/edit/").status_code == 403
    mine = str(world.units["市工信局"].pk)
    values = form_of(name=own.name, owner_unit=mine, version="1")
    assert client.post(f"/resources/{own.pk}/edit/", values).status_code == 302
    own.refresh_from_db()
    assert (own.fields, own.version) == (["铸造", "焊接"], 2)
    theirs = str(world.units["市住建局"].pk)
    answer = client.post("/resources/new/", form_of(owner_unit=theirs))
    assert answer.status_code == 422
    assert client.post("/resources/words/", {"word": "焊接"}).status_code == 422
    assert not FieldWord.objects.exists()


def test_adding_and_correcting(world: World) -> None:
    client = sign_in(world, "office/1")
    made = client.post("/resources/new/", form_of(region=str(world.counties["嵩县"].pk)))
    row = Resource.objects.get()
    assert made["Location"] == f"/resources/{row.pk}/"
    assert (row.where, row.industries, row.owner_unit) == ("嵩县", ["33"], None)
    twice = client.post("/resources/new/", form_of())
    assert (twice.status_code, Resource.objects.count()) == (422, 1)
    assert "资源库中已有同名条目" in twice.content.decode()
    stale = client.post(f"/resources/{row.pk}/edit/", form_of(version="9"))
    assert stale.status_code == 422
    assert "刚被他人修改" in stale.content.decode()
    page = client.get(f"/resources/{row.pk}/edit/").content.decode()
    assert 'value="铸造、焊接"' in page
    new = form_of(
        version=str(row.version), phone="13800000001", kind="testing", industries="33、34"
    )
    assert client.post(f"/resources/{row.pk}/edit/", new).status_code == 302
    # the trail says from what to what, a telephone in part
    told = details(AuditEvent.objects.get(verb="update_resource"))
    assert {"行业：33→33、34", "所在县区：嵩县→—"} <= set(told)
    assert any(one.startswith("类别：") and one.endswith("→检测机构") for one in told)
    assert [one for one in told if "138" in one] == ["电话：—→138****0001"]
    man = {"name": "孙示例", "kind": "envoy", "level": "city", "institute_name": row.name}
    assert client.post("/resources/experts/new/", form_of(**man)).status_code == 302
    assert Expert.objects.get().institute == row
    assert "孙示例" in client.get(f"/resources/{row.pk}/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("kind", "bank"),
        ("fields_", ""),
        ("fields_", "长" * 21),
        ("industries", "99"),
        ("source", ""),
        ("valid_from", "某日"),
        ("valid_until", "2021-01-01"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_saved(world: World, field: str, value: str) -> None:
    answer = sign_in(world, "office/1").post("/resources/new/", form_of(**{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode().replace(f"id_{field}", field)
    assert not Resource.objects.exists()


def test_members_of_an_alliance(world: World) -> None:
    """004-06: what members of an alliance share."""
    alliance, other = resource(world, "示例轴承联盟", kind="alliance"), resource(world)
    client = sign_in(world, "office/1")
    values = {"name": "洛阳示例厂", "shares": "圆度仪", "from_on": "2022-01-01"}
    assert client.post(f"/resources/{alliance.pk}/members/", values).status_code == 302
    values |= {"shares": "三坐标测量机"}
    assert client.post(f"/resources/{alliance.pk}/members/", values).status_code == 302
    assert Member.objects.get().shares == "三坐标测量机"
    assert "三坐标测量机" in client.get(f"/resources/{alliance.pk}/").content.decode()
    assert client.post(f"/resources/{other.pk}/members/", values).status_code == 404
    values |= {"until_on": "2021-01-01"}
    assert client.post(f"/resources/{alliance.pk}/members/", values).status_code == 422


def test_the_vocabulary(world: World) -> None:
    client = sign_in(world, "office/1")
    client.post("/resources/words/", {"word": "热处理", "also": "淬火、渗碳"})
    row = FieldWord.objects.get()
    assert row.also == ["淬火", "渗碳"]
    client.post("/resources/words/", {"word": "热处理", "also": "淬火"})
    assert FieldWord.objects.get().also == ["淬火"]
    assert client.get("/resources/words/").content.decode().count("淬火") == 1
    client.post(f"/resources/words/{row.pk}/drop/")
    assert not FieldWord.objects.exists()


def test_search_filters_and_chips(world: World) -> None:
    first = resource(world, "示例理工学院", level="province")
    second = resource(
        world,
        "示例检测公司",
        kind="testing",
        fields=["计量"],
        industries=["4011"],
        offers="仪表校准",
        region=world.counties["嵩县"],
        place="",
    )
    ended = resource(world, "旧平台", kind="platform", valid_until=date(2022, 2, 1))
    client = sign_in(world, "office/1")
    for query, names in {
        "": {first, second},
        "q=理工": {first},
        "q=轴 承": {first},
        "q=校准": {second},
        "q=4011": {second},
        "q=%00": {first, second},
        "q=没有": set(),
        "kind=testing": {second},
        "kind=ended": {ended},
        "kind=nonsense": {first, second},
        f"county={world.counties['嵩县'].pk}": {second},
        "level=province": {first},
        "division=40": {second},
        "division=34&kind=institute": {first},
        "division=%25&level=y": {first, second},
        "page=99": {first, second},
    }.items():
        assert shown(client, query) == {row.name for row in names}, query
    html = client.get("/resources/").content.decode()
    assert "34 通用设备制造业" in html
    assert "已过有效期" in html


@pytest.mark.parametrize("page", ["resources/", "resources/experts/"])
def test_statements_do_not_follow_the_rows(
    world: World, django_assert_max_num_queries: Any, page: str
) -> None:
    for number in range(3):
        resource(world, f"学院{number}")
        expert(world, f"专家{number}")
    client = sign_in(world, "office/1")
    client.get(f"/{page}")  # plans and the calendar are read once a process
    with django_assert_max_num_queries(12) as few:
        client.get(f"/{page}?division=34")
    for number in range(3, 60):
        resource(world, f"学院{number}")
        expert(world, f"专家{number}")
    with django_assert_max_num_queries(12) as many:
        client.get(f"/{page}?division=34")
    assert len(few) == len(many)


@pytest.mark.parametrize("kind", ["resource", "expert"])
def test_statements_of_a_page(world: World, django_assert_max_num_queries: Any, kind: str) -> None:
    row, man = resource(world), expert(world)
    page = f"/resources/{row.pk}/" if kind == "resource" else f"/resources/experts/{man.pk}/"
    client = sign_in(world, "office/1")
    with django_assert_max_num_queries(12):
        assert client.get(page).status_code == 200


def test_the_import_pages(world: World) -> None:
    client = sign_in(world, "office/1")
    template = client.get("/resources/import/template/")
    assert template["Content-Type"] == XLSX
    content = workbook({"资源": [line(), line(name="坏行", kind="银行")]})
    upload = SimpleUploadedFile("资源.xlsx", content, content_type=XLSX)
    answer = client.post("/resources/import/", {"file": upload})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "“银行”不在可选范围内" in html
    assert not Resource.objects.exists()
    assert client.post("/resources/import/confirm/")["Location"] == "/resources/"
    assert [row.name for row in Resource.objects.all()] == ["示例大学"]
    again = client.post("/resources/import/confirm/")
    assert again["Location"] == "/resources/import/"
    wrong = SimpleUploadedFile("资源.xlsx", b"nothing", content_type=XLSX)
    assert client.post("/resources/import/", {"file": wrong}).status_code == 422


def test_masked() -> None:
    assert [masked(p) for p in (PHONE, "1234", "")] == ["138****5678", "**34", ""]
