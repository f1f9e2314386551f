"""Pairings: one to one and one to many, dated, following the post; the serving county works."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.urls import reverse

from cases import permissions
from cases.actions import handing_over
from cases.actions.pairing import PairedCases, pair
from cases.ledger import Asked, Ledger
from cases.ledger_choices import choices
from cases.models import Case
from cases.pairing_input import as_text, of_lines, of_place, of_text, of_workbook
from config.acting import actor_for
from enterprises.actions.pairing import Wish
from enterprises.models import Enterprise, Membership, Pairing
from organisations.errors import Refused
from organisations.models import AuditEvent, Tenure
from organisations.roles import Act
from organisations.scope import Actor
from tests.cases.views.conftest import Enter, clock_at_start, enter
from tests.config.test_commands import as_json
from tests.world import START, World, at, person

__all__ = ["clock_at_start", "enter"]
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
OFFICER = "市住建局/department_officer"
LATER = START + timedelta(days=10)


@pytest.fixture
def three(world: World) -> World:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    return world


def wish(world: World, kind: str, target: str, *firms: str, by: Actor | None = None,
         on: Any = None) -> PairedCases:  # fmt: skip
    wishes = [Wish(n, firm, kind, target, on) for n, firm in enumerate(firms, 1)]
    return pair(wishes, city=world.city, by=by or world.office, at=at(on or START))


def actor(world: World, key: str, on: Any = START) -> Actor:
    return actor_for(world.people[key], on)


def name(world: World, key: str) -> str:
    return world.people[key].name


# --- officers ------------------------------------------------------------------------------------
def test_an_officer_sees_his_firms_wherever_he_sits(three: World) -> None:
    """003-03: a department's officer serves firms that its own cases do not show him."""
    assert Case.objects.visible_to(actor(three, OFFICER)).count() == 0
    done = wish(three, "officer", name(three, OFFICER), "洛阳示例0有限公司", "洛阳示例1有限公司")
    assert len(done.paired.new) == 2
    officer = actor(three, OFFICER)
    cases = list(Case.objects.visible_to(officer).select_related("programme"))
    assert len(cases) == 2
    assert Membership.objects.visible_to(officer).filter(enterprise=cases[0].enterprise).exists()
    for case in cases:
        assert permissions.can(officer, Act.COMMENT, case)
        assert not permissions.can(officer, Act.REASSIGN, case)
        assert not permissions.can(officer, Act.ADVANCE, case)
    ledger = Ledger(officer, START, Asked(of="paired"))
    assert len(ledger.rows()) == 2
    by_officer = Ledger(three.office, START, Asked(ids={"officer": officer.standings[0].post_id}))
    assert len(by_officer.rows()) == 2


def test_a_firm_has_one_officer_at_a_time_and_a_history(three: World) -> None:
    firm = "洛阳示例0有限公司"
    wish(three, "officer", name(three, OFFICER), firm)
    assert wish(three, "officer", name(three, OFFICER), firm).paired.unchanged == 1
    wish(three, "officer", name(three, WORKER), firm, on=LATER)
    rows = list(Pairing.objects.order_by("from_on").values_list("user__name", "until_on"))
    assert rows == [(name(three, OFFICER), LATER), (name(three, WORKER), None)]
    assert len(actor(three, OFFICER, LATER - timedelta(days=1)).served_ids) == 1
    assert actor(three, OFFICER, LATER).served_ids == frozenset()
    ended = wish(three, "officer", "无", firm, on=LATER + timedelta(days=1))
    assert len(ended.paired.ended) == 1
    assert Pairing.objects.filter(until_on=None).count() == 0


def test_a_chief_and_an_officer_stand_side_by_side(three: World) -> None:
    wish(three, "chief", name(three, LEAD), "洛阳示例0有限公司")
    wish(three, "officer", name(three, WORKER), "洛阳示例0有限公司")
    assert Pairing.objects.filter(until_on=None).count() == 2


def test_firms_follow_the_post_when_its_holder_leaves(three: World) -> None:
    """004-30: the successor serves them; while the person meant is there, only he does."""
    post = Tenure.objects.select_related("post__unit__region").get(user=three.people[OFFICER]).post
    colleague = person("mate", "同岗同事")
    Tenure.objects.create(post=post, user=colleague, from_on=START)
    wish(three, "officer", name(three, OFFICER), "洛阳示例0有限公司")
    assert actor_for(colleague, START).served_ids == frozenset()
    new = person("new", "接任者")
    handing_over.hand_over([post], to=new, from_on=LATER, by=three.office, at=at(START))
    assert len(actor_for(new, LATER).served_ids) == 1
    assert actor_for(three.people[OFFICER], LATER).served_ids == frozenset()


def test_a_stand_in_serves_them_meanwhile(three: World) -> None:
    post = Tenure.objects.select_related("post__unit__region").get(user=three.people[OFFICER]).post
    wish(three, "officer", name(three, OFFICER), "洛阳示例0有限公司")
    deputy = person("new", "代办人")
    handing_over.delegate(
        post, to_user=deputy, from_on=START, until_on=LATER, reason="出差", by=three.office,
        at=at(START),
    )  # fmt: skip
    assert len(actor_for(deputy, START).served_ids) == 1
    assert actor_for(deputy, LATER).served_ids == frozenset()


# --- lead firms ----------------------------------------------------------------------------------
def test_one_firm_leads_many_and_never_in_a_circle(three: World) -> None:
    """000-24 一托多, 004-05 一带一、一带多."""
    names = [f"洛阳示例{n}有限公司" for n in range(3)]
    assert len(wish(three, "lead_firm", names[0], *names[1:]).paired.new) == 2
    lead = Enterprise.objects.get(name=names[0])
    assert {row.enterprise.name for row in lead.followers.all()} == set(names[1:])
    refused = wish(three, "lead_firm", names[1], names[0], names[1]).paired.refused
    assert [why for _n, _firm, why in refused] == ["两家企业会互为龙头企业。"] * 2
    followers = Ledger(three.office, START, Asked(ids={"lead": lead.pk}))
    assert len(followers.rows()) == 2


# --- the serving county --------------------------------------------------------------------------
def test_the_serving_county_sees_and_works_while_the_register_stays(three: World) -> None:
    firm = "洛阳示例0有限公司"
    before = Case.objects.get(enterprise__name=firm)
    due = three.item(before).due_on
    done = wish(three, "county", "嵩县", firm)
    assert (done.moved, done.stayed) == (1, 0)
    case = Case.objects.get(pk=before.pk)
    other = actor(three, "嵩县/county_worker")
    assert permissions.owes(other, three.item(case))
    assert three.item(case).due_on == due
    assert Case.objects.visible_to(other).count() == 1
    assert Membership.objects.visible_to(other).get().county.name == "涧西区"
    # the register's county still finds the firm, and the rates are counted there
    home = actor(three, WORKER)
    assert Membership.objects.visible_to(home).filter(enterprise__name=firm).exists()
    back = wish(three, "county", "无", firm)
    assert back.moved == 1
    assert Case.objects.get(pk=before.pk).county.name == "涧西区"


def test_a_serving_county_is_set_on_its_day(three: World) -> None:
    """Its cases go at once, so a later day would leave them where they are."""
    later = [Wish(1, "洛阳示例0有限公司", "county", "嵩县", LATER)]
    done = pair(later, city=three.city, by=three.office, at=at(START))
    assert "当日" in done.paired.refused[0][2]
    assert not Pairing.objects.exists()


def test_a_case_opened_later_goes_to_the_serving_county(three: World) -> None:
    three.firm("洛阳新来有限公司")
    wish(three, "county", "嵩县", "洛阳新来有限公司")
    three.open()
    case = Case.objects.get(enterprise__name="洛阳新来有限公司")
    assert case.county.name == "嵩县"
    assert case.responsible_unit.region.name == "嵩县"


def test_who_may(three: World) -> None:
    lead, firm = three.actor(LEAD), "洛阳示例0有限公司"
    three.firm("嵩县示例有限公司", county="嵩县")
    assert len(wish(three, "officer", name(three, WORKER), firm, by=lead).paired.new) == 1
    refused = wish(
        three, "officer", name(three, WORKER), "嵩县示例有限公司", by=lead
    ).paired.refused
    assert "其他县区" in refused[0][2]
    assert wish(three, "county", "嵩县", firm, by=lead).paired.refused
    with pytest.raises(Refused):
        wish(three, "officer", name(three, WORKER), firm, by=three.actor(WORKER))


@pytest.mark.parametrize(
    ("kind", "target", "firm", "words"),
    [
        ("officer", "查无此人", "洛阳示例0有限公司", "查无此人"),
        ("county", "火星县", "洛阳示例0有限公司", "火星县"),
        ("county", "涧西区", "洛阳示例0有限公司", "归属县区"),
        ("officer", "无", "不存在有限公司", "在库企业"),
        ("lead_firm", "不存在有限公司", "洛阳示例0有限公司", "在库企业"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_rest_is_done(
    three: World, kind: str, target: str, firm: str, words: str
) -> None:
    wishes = [
        Wish(1, firm, kind, target),
        Wish(2, "洛阳示例1有限公司", "officer", name(three, WORKER)),
    ]
    done = pair(wishes, city=three.city, by=three.office, at=at(START)).paired
    assert len(done.new) == 1
    [(number, _firm, why)] = done.refused
    assert number == 1
    assert words in why
    assert AuditEvent.objects.filter(verb="pair_firms").count() == 1


def test_statements_do_not_grow(three: World, django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        three.firm(f"洛阳多{number}有限公司")
    firms = [f"洛阳多{number}有限公司" for number in range(60)]
    with django_assert_max_num_queries(16):
        assert len(wish(three, "officer", name(three, WORKER), *firms).paired.new) == 60


# --- ways in -------------------------------------------------------------------------------------
def workbook(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    heads = (
        "企业名称",
        "统一社会信用代码",
        "首席服务员",
        "服务专员",
        "龙头企业",
        "服务县区",
        "起始日",
    )
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("结对帮扶")
        for line, cells in enumerate((heads, *rows)):
            for place, cell in enumerate(cells):
                sheet.write_string(line, place, cell)
    return out.getvalue()


def test_a_workbook_row_may_pair_several_ways(three: World) -> None:
    wishes = of_workbook(
        workbook(
            ("洛阳示例0有限公司", "", name(three, LEAD), name(three, WORKER), "", "", "2022-03-02"),
            ("示例：不算", "", "某人", "", "", "", ""),
            ("洛阳示例1有限公司", "", "", "", "洛阳示例0有限公司", "", ""),
        )
    )
    assert [(w.number, w.kind) for w in wishes] == [(2, "chief"), (2, "officer"), (4, "lead_firm")]
    assert of_text(as_text(wishes)) == wishes
    with pytest.raises(Refused):
        of_text("1\tx\tbad\ty\t")


def test_all_firms_of_a_county_that_have_nobody(three: World) -> None:
    wish(three, "officer", name(three, OFFICER), "洛阳示例0有限公司")
    wishes = of_place(
        three.counties["涧西区"], kind="officer", target=name(three, WORKER), from_on=None,
        city=three.city, on=START,
    )  # fmt: skip
    assert len(wishes) == 2
    with pytest.raises(Refused):
        of_lines("  \n ", kind="officer", target="x", from_on=None)


def test_the_ledger_is_filtered_by_lead_firm_and_officer(three: World, enter: Enter) -> None:
    """一带多: the firms that one leads, as a filter; not of another county's. Without a number:
    that of the pairings is none of the list, which holds open cases under all that is chosen."""
    lead = three.firm("洛阳龙头有限公司", "嵩县", spending=True)
    wish(three, "lead_firm", lead.name, "洛阳示例0有限公司", "洛阳示例1有限公司")
    wish(three, "officer", three.people[WORKER].username, "洛阳示例2有限公司")
    page = enter(LEAD).get(reverse("ledger")).content.decode()
    assert f'<option value="{lead.pk}">洛阳龙头有限公司</option>' in page
    assert f">{three.people[WORKER].name}</option>" in page
    page = enter(LEAD).get(reverse("ledger") + f"?lead={lead.pk}").content.decode()
    assert "洛阳示例0有限公司" in page
    assert "洛阳示例2有限公司" not in page
    assert f'<option value="{lead.pk}" selected>' in page
    assert (
        "洛阳龙头有限公司" not in enter("嵩县/county_lead").get(reverse("ledger")).content.decode()
    )


def test_who_leads_is_offered_by_the_sound_of_his_name(three: World) -> None:
    for place, lead in enumerate(("中州", "安示例", "洛轴")):
        firm = three.firm(f"{lead}有限公司", "嵩县", spending=True)
        wish(three, "lead_firm", firm.name, f"洛阳示例{place}有限公司")
    offered = choices(Ledger(three.actor(LEAD), START)).leads
    assert [words[:2] for _pk, words in offered] == ["安示", "洛轴", "中州"]


def test_the_pages(three: World, enter: Enter, django_assert_max_num_queries: Any) -> None:
    client = enter("office/1")
    given = {"kind": "officer", "target": name(three, WORKER), "from_on": START.isoformat()}
    given["firms"] = "洛阳示例0有限公司\n不存在有限公司"
    html = client.post(reverse("pairing_assign"), given).content.decode()
    assert "将结对1家" in html
    assert not Pairing.objects.exists()
    table = html.split('name="table" hidden>')[1].split("</textarea>")[0]
    client.post(reverse("pairing_assign"), {"step": "confirm", "table": table})
    assert Pairing.objects.count() == 1
    with django_assert_max_num_queries(12):
        page = client.get(reverse("pairings"), {"kind": "officer"}).content.decode()
    assert "洛阳示例0有限公司" in page
    firm = Pairing.objects.get().enterprise_id
    part = client.get(reverse("firm_pairings", args=[firm])).content.decode()
    assert name(three, WORKER) in part
    mine = enter(WORKER)
    mine.get("/me/")
    mine.get("/ledger/")  # packs and the calendar are read once a process
    with django_assert_max_num_queries(12):
        assert mine.get("/ledger/?of=paired").content.decode().count("data-row ") == 1
    with django_assert_max_num_queries(12):
        assert "我包联的企业" in mine.get("/firms/?of=mine").content.decode()
    outsider = enter("嵩县/county_worker")
    assert "洛阳示例0" not in outsider.get(reverse("pairings")).content.decode()
    assert outsider.get(reverse("pairing_assign")).status_code == 403
    assert client.get(reverse("pairing_template")).status_code == 200


def test_the_command(three: World, tmp_path: Path) -> None:
    done = as_json(
        "pairings", "set", "chief", name(three, LEAD), "洛阳示例0有限公司", "--city", "洛阳市",
        "--at", "2022-03-01",
    )  # fmt: skip
    assert [row["target"] for row in done["new"]]
    file = tmp_path / "pairs.xlsx"
    file.write_bytes(workbook(("洛阳示例1有限公司", "", "", "", "", "嵩县", "")))
    dry = as_json(
        "pairings", "import", str(file), "--city", "洛阳市", "--dry-run", "--at", "2022-03-01"
    )
    assert dry["cases_moved"] == 1
    assert len(as_json("pairings", "list", "--at", "2022-03-01")) == 1
    as_json("pairings", "import", str(file), "--city", "洛阳市", "--at", "2022-03-01")
    [row] = as_json("pairings", "list", "--kind", "county", "--at", "2022-03-01")
    assert row["target"] == "嵩县"
