"""Contact records: written with the form, tied to the directory, counted, seen by the right."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import TestCase
from python_calamine import CalamineWorkbook

from cases.actions import endings, filling, stages
from cases.matched import matched
from cases.models import Case, MatchRecord
from cases.needs import needs_of, question
from config.acting import actor_for
from enterprises.models import Enterprise
from organisations.models import AuditEvent
from resources.actions import directory
from tests.cases.lists import sign_in
from tests.resources.conftest import PHONE, expert, resource
from tests.world import START, SYSTEM, World, at, person, survey_form

WORKER = "涧西区/county_worker"


@pytest.fixture(autouse=True)
def _at_start() -> Iterator[None]:
    with time_machine.travel(at(START, 9), tick=False):
        yield


def met(partner: str = "示例理工学院", result: str = "intention", **values: Any) -> dict[str, Any]:
    base = {
        "kind": "university",
        "need": "轴承热处理变形",
        "partner": partner,
        "met_on": START.isoformat(),
        "way": "on_site",
        "result": result,
    }
    if result == "signed":
        base |= {"agreement": "技术开发合同", "signed_on": START.isoformat()}
    return base | values


def in_matching(world: World, name: str = "洛阳示例轴承有限公司", county: str = "涧西区") -> Case:
    firm = world.firm(name, county)
    world.open()
    case = world.case(firm)
    worker = world.actor(f"{county}/county_worker")
    stages.acknowledge(case.pk, by=worker, at=at(START))
    form = survey_form("B") | {
        "needs": [
            {"kind": "technology", "detail": "滚动轴承淬火变形控制"},
            {"kind": "money", "detail": "流动资金"},
            {"kind": "talent", "detail": "引进材料专业人才"},
        ]
    }
    return stages.advance(case.pk, by=worker, at=at(START, 10), form=form)


def leave(world: World, case: Case, *rows: dict[str, Any], county: str = "涧西区") -> Case:
    worker = world.actor(f"{county}/county_worker")
    with TestCase.captureOnCommitCallbacks(execute=True):
        return stages.advance(case.pk, by=worker, at=at(START, 11), form={"contacts": list(rows)})


def draft(world: World, case: Case, *rows: dict[str, Any]) -> None:
    by, data = world.actor(WORKER), {"contacts": list(rows)}
    with TestCase.captureOnCommitCallbacks(execute=True):
        filling.save_draft(case.pk, form="matching", data=data, by=by, at=at(START, 10))


# --- the record follows the form -----------------------------------------------------------------
def test_leaving_the_stage_records_who_met_whom(world: World) -> None:
    row, man = resource(world), expert(world)
    case = in_matching(world)
    signed = met("示例理工学院", "signed", expert="陈示例", amount="12.5", people="厂长、教授")
    leave(world, case, signed, met("山外研究所", "talking", next_step="寄样品"))
    first, second = MatchRecord.objects.order_by("line")
    assert (first.resource, first.expert, first.enterprise) == (row, man, case.enterprise)
    assert (first.amount, first.agreement, first.people) == (
        Decimal("12.5"),
        "技术开发合同",
        "厂长、教授",
    )
    assert (first.is_institute, first.is_draft, first.by) == (True, False, world.people[WORKER])
    assert (second.resource, second.partner, second.next_step) == (None, "山外研究所", "寄样品")


def test_names_are_folded(world: World) -> None:
    row = resource(world, "示例理工学院（洛阳）")
    leave(world, in_matching(world), met("示例理工学院 (洛阳)"))
    assert MatchRecord.objects.get().resource == row


def test_a_draft_is_kept_but_does_not_count(world: World) -> None:
    case = in_matching(world)
    draft(world, case, met(), {"partner": "还没有谈"})
    record = MatchRecord.objects.get()
    assert record.is_draft
    assert matched(MatchRecord.objects.all()).total["records"] == 0
    draft(world, case, met())
    assert MatchRecord.objects.get().pk == record.pk  # nothing was written anew
    draft(world, case)
    assert not MatchRecord.objects.exists()


def test_after_a_return_the_agreements_of_before_hold_until_it_is_left_again(
    world: World,
) -> None:
    case = in_matching(world)
    leave(world, case, met("甲院", "signed"), met("乙院", "signed"))
    lead = world.actor("涧西区/county_lead")
    stages.send_back(case.pk, by=lead, at=at(START, 12), reason="补充", to="matching")
    draft(world, case, met("丙院", "signed"))
    assert set(MatchRecord.objects.values_list("partner", flat=True)) == {"甲院", "乙院"}
    leave(world, case, met("丙院", "signed"))
    assert set(MatchRecord.objects.values_list("partner", flat=True)) == {"丙院"}


def test_an_entry_that_was_renamed_keeps_its_records(world: World) -> None:
    row, case = resource(world), in_matching(world)
    leave(world, case, met())
    directory.save_resource(row, {"name": "示例理工大学"}, city=world.city, by=SYSTEM, at=at(START))
    lead = world.actor("涧西区/county_lead")
    stages.send_back(case.pk, by=lead, at=at(START, 12), reason="补充", to="matching")
    leave(world, case, met(people="两人"))
    assert MatchRecord.objects.get().resource == row


def test_a_form_without_partners_leaves_no_record(world: World) -> None:
    in_matching(world)
    assert not MatchRecord.objects.exists()


# --- figures -------------------------------------------------------------------------------------
def test_firms_institutes_and_projects_are_counted(world: World) -> None:
    """003-07: firms, institutes and projects of cooperation are counted."""
    resource(world, "示例检测公司", kind="testing")
    a = in_matching(world, "甲厂")
    b = in_matching(world, "乙厂")
    c = in_matching(world, "丙厂", "嵩县")
    leave(world, a, met("理工学院", "signed", amount="10"), met("农学院", "signed"))
    earlier = date(2022, 2, 11).isoformat()
    leave(world, b, met("理 工学院", "signed", amount="2.5", met_on=earlier))
    leave(
        world, c, met("示例检测公司", "signed", kind="platform"),
        met("农学院", "intention", need="另一项"), county="嵩县",
    )  # fmt: skip
    found = matched(MatchRecord.objects.all())
    assert found.total == {
        "records": 5,
        "contacted_firms": 3,
        "firms": 3,
        "partners": 3,
        "institutes": 2,
        "projects": 4,
        "intentions": 1,
        "talking": 0,
        "no_match": 0,
        "amount": Decimal("12.5"),
    }
    assert [(row["county"], row["firms"], row["institutes"]) for row in found.counties] == [
        ("涧西区", 2, 2),
        ("嵩县", 1, 0),
    ]
    assert [(row["month"], row["projects"]) for row in found.months] == [
        ("2022-02", 1),
        ("2022-03", 3),
    ]
    assert [(row["label"], row["records"]) for row in found.results] == [
        ("签订协议", 4),
        ("达成意向", 1),
    ]
    late = matched(MatchRecord.objects.all(), first=START, last=START)
    assert late.total["projects"] == 3


def test_figures_are_of_what_one_sees_and_withdrawn_cases_do_not_count(world: World) -> None:
    case = in_matching(world)
    leave(world, case, met("理工学院", "signed"))
    for who, seen in ((WORKER, 1), ("嵩县/county_lead", 0), ("市住建局/department_lead", 0)):
        rows = MatchRecord.objects.visible_to(world.actor(who))
        assert matched(rows).total["projects"] == seen
    endings.withdraw(case.pk, by=world.office, at=at(START, 12), reason="误建")
    assert matched(MatchRecord.objects.all()).total["projects"] == 0


# --- suggestions ---------------------------------------------------------------------------------
def test_the_question_comes_from_the_survey_and_the_register(world: World) -> None:
    """000-22, 001-13: 摸清企业需求."""
    case = in_matching(world)
    assert needs_of(case) == ["滚动轴承淬火变形控制", "引进材料专业人才"]
    need = question(case, needs_of(case))
    assert (need.industry, need.county) == ("3411", world.counties["涧西区"].pk)


def partners(html: str) -> list[str]:
    return re.findall(r'class="firm" href="[^"]+">([^<]+)</a>', html)


def fills(html: str) -> list[dict[str, str]]:
    found = re.findall(r'data-fill="([^"]+)"', html)
    return [json.loads(text.replace("&quot;", '"')) for text in found]


def test_the_case_offers_partners_ready_to_fill_in(
    world: World, django_assert_max_num_queries: Any
) -> None:
    resource(world)
    expert(world, industries=["34"])
    resource(world, "食品学院", fields=["食品"], industries=["13"], offers="")
    case = in_matching(world)
    client = sign_in(world, WORKER)
    for page in (f"/cases/{case.pk}/", f"/cases/{case.pk}/form/"):
        assert f'hx-get="/cases/{case.pk}/partners/"' in client.get(page).content.decode()
    with django_assert_max_num_queries(16):
        html = client.get(f"/cases/{case.pk}/partners/").content.decode()
    assert partners(html) == ["示例理工学院 陈示例", "示例理工学院"]
    assert "行业34一致；领域含“轴承”；同县区" in html
    assert PHONE in html
    assert fills(html)[0] == {
        "kind": "envoy",
        "need": "滚动轴承淬火变形控制",
        "partner": "示例理工学院",
        "expert": "陈示例",
        "phone": PHONE,
        "source": "资源库",
    }
    one = client.get(f"/cases/{case.pk}/partners/?need=1").content.decode()
    assert fills(one)[0]["need"] == "引进材料专业人才"
    assert 'aria-pressed="true"' in one
    assert client.get(f"/cases/{case.pk}/partners/?need=99").status_code == 200


def test_who_only_reads_fills_nothing_and_sees_no_number(world: World) -> None:
    resource(world)
    case = in_matching(world)
    html = sign_in(world, "leader").get(f"/cases/{case.pk}/partners/").content.decode()
    assert partners(html) == ["示例理工学院"]
    assert "data-fill" not in html
    assert PHONE not in html
    other = sign_in(world, "嵩县/county_worker")
    assert other.get(f"/cases/{case.pk}/partners/").status_code == 404


def test_without_a_script_the_link_fills_the_row(world: World) -> None:
    row = resource(world)
    case = in_matching(world)
    client = sign_in(world, WORKER)
    page = client.get(f"/cases/{case.pk}/form/?partner=resource-{row.pk}").content.decode()
    assert f'name="contacts-0-partner" value="{row.name}"' in re.sub(r'" id="[^"]*"', '"', page)
    for key in ("resource-999", "expert-1", "firm-1", "resource-x", "resource-²"):
        page = client.get(f"/cases/{case.pk}/form/?partner={key}").content.decode()
        assert row.name not in page, key


# --- pages ---------------------------------------------------------------------------------------
@pytest.fixture
def recorded(world: World) -> Case:
    resource(world), expert(world)
    case = in_matching(world)
    leave(world, case, met("示例理工学院", "signed", expert="陈示例", amount="12.5"))
    return case


def test_records_follow_the_resource_as_far_as_one_sees_them(world: World, recorded: Case) -> None:
    record = MatchRecord.objects.get()
    pages = (
        f"/resources/{record.resource_id}/matches/",
        f"/resources/experts/{record.expert_id}/matches/",
        "/matches/",
    )
    for page in pages:
        html = sign_in(world, WORKER).get(page).content.decode()
        assert "洛阳示例轴承有限公司" in html
        assert "12.50" in html
        other = sign_in(world, "嵩县/county_worker").get(page)
        assert other.status_code == 200
        assert "洛阳示例轴承有限公司" not in other.content.decode()
        assert "12.50" not in other.content.decode()
    page = sign_in(world, WORKER).get(f"/resources/{record.resource_id}/").content.decode()
    assert f'hx-get="{pages[0]}"' in page
    assert sign_in(world, WORKER).get("/resources/999/matches/").status_code == 404


def test_the_workbook_holds_what_the_list_shows(world: World, recorded: Case) -> None:
    answer = sign_in(world, WORKER).get("/matches/export/?result=signed")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("对接记录")
    cells = rows.to_python()
    head = [str(cell) for cell in cells[3]]
    line = dict(zip(head, map(str, cells[4]), strict=True))
    assert line["对接单位"] == "示例理工学院"
    assert line["专家"] == "陈示例"
    assert (line["结果"], line["方式"]) == ("签订协议", "现场")
    # a day and a number: they sort and sum
    held = dict(zip(head, cells[4], strict=True))
    assert (held["金额（万元）"], held["对接日期"]) == (12.5, MatchRecord.objects.get().met_on)
    assert len(cells) == 5
    none = sign_in(world, "嵩县/county_worker").get("/matches/export/")
    content = b"".join(none.streaming_content)  # type: ignore[attr-defined]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 4
    assert AuditEvent.objects.filter(kind="export", verb="matches").count() == 2


def test_a_firms_contact_sees_none_of_these_pages(world: World, recorded: Case) -> None:
    assert recorded.enterprise is not None
    world.clerk(recorded.enterprise)
    client = sign_in(world, f"clerk/{recorded.enterprise_id}")
    assert client.get("/matches/").status_code == 403
    assert client.get("/matches/export/").status_code == 403
    assert client.get(f"/cases/{recorded.pk}/partners/").status_code == 404
    assert client.get("/matches/mine/").status_code == 403


def test_an_expert_sees_himself_and_nothing_of_a_rival(world: World, recorded: Case) -> None:
    record = MatchRecord.objects.get()
    assert record.expert is not None
    rival = expert(world, "赵示例", institute_name="示例大学")
    other = in_matching(world, "别家示例厂")
    leave(world, other, met("示例大学", "signed", expert="赵示例", amount="99.99"))
    user = person("envoy", "陈示例")
    directory.link_account(record.expert, user, by=SYSTEM, at=at(START))
    world.people["envoy"] = user
    client = sign_in(world, "envoy")
    assert client.get("/")["Location"] == "/matches/mine/"
    html = client.get("/matches/mine/").content.decode()
    assert "洛阳示例轴承有限公司" in html
    assert "别家示例厂" not in html
    assert "赵示例" not in html
    hidden = (
        *(
            "/matches/",
            "/matches/export/",
            "/resources/",
            "/resources/experts/",
            "/ledger/",
            "/firms/",
        ),
        *(f"/resources/{record.resource_id}/", f"/resources/{record.resource_id}/matches/"),
        *(f"/resources/experts/{rival.pk}/", f"/resources/experts/{rival.pk}/matches/"),
        *(f"/cases/{other.pk}/", f"/cases/{recorded.pk}/", f"/cases/{other.pk}/partners/"),
    )
    for page in hidden:
        assert client.get(page).status_code in (403, 404), page
    seen = MatchRecord.objects.visible_to(actor_for(user, START))
    assert list(seen) == [record]
    assert sign_in(world, WORKER).get("/matches/mine/").status_code == 403


def test_the_list_its_filters_and_statements(
    world: World, recorded: Case, django_assert_max_num_queries: Any
) -> None:
    song = in_matching(world, "嵩县样本厂", "嵩县")
    leave(world, song, met("农学院", "intention"), county="嵩县")
    client = sign_in(world, "office/1")
    firms = {"洛阳示例轴承有限公司", "嵩县样本厂"}
    for query, seen in {
        "": firms,
        "result=signed": {"洛阳示例轴承有限公司"},
        "result=x&month=x": firms,
        f"county={world.counties['嵩县'].pk}": {"嵩县样本厂"},
        "month=2022-03": firms,
        "month=2022-02": set(),
        "q=农学院": {"嵩县样本厂"},
        "q=轴承": {"洛阳示例轴承有限公司"},
    }.items():
        html = client.get(f"/matches/?{query}").content.decode()
        found = set(re.findall(r'class="firm" href="/cases/\d+/">([^<]+)</a>', html))
        assert found == seen, query
    assert client.get("/matches/?county=x").status_code == 404
    with django_assert_max_num_queries(12):
        client.get("/matches/")
    rows = [
        MatchRecord(
            case=recorded, enterprise=recorded.enterprise, form="matching", line=n, is_draft=False,
            partner=f"院{n}", folded_partner=f"院{n}", met_on=START, result="signed", at=at(START),
        )
        for n in range(10, 80)
    ]  # fmt: skip
    MatchRecord.objects.bulk_create(rows)
    with django_assert_max_num_queries(12):
        client.get("/matches/")
    assert Enterprise.objects.count() == 2
