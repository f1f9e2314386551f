"""工作台: whose to-dos stand on it, in which order, how many; what an outsider sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import evidence, people, stages
from cases.columns import Reader
from cases.ledger import Asked, Ledger
from cases.models import Case
from cases.todos import Todos
from cases.workbench import Desk
from enterprises.models import Contact
from organisations.models import Post, Region, User
from tests.cases.lists import sign_in
from tests.world import START, World, at, closing_form, paper

DAY = timedelta(days=1)
Today = Callable[[date], None]


def html_of(world: World, key: str) -> str:
    answer = sign_in(world, key).get("/workbench/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def surveyed(world: World) -> Case:
    """A firm of class A with three remedies; one paper handed in by the worker."""
    firm = world.firm("洛阳示例轴承有限公司")
    Contact.objects.create(enterprise=firm, name="李会计", phone="037955501234")
    world.open()
    case = world.survey(world.case(), "A", institution="regular")
    worker = world.actor("涧西区/county_worker")
    evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=at(START, 11))
    return case


OWED = [
    ("涧西区/county_worker", 3, True),
    ("涧西区/county_lead", 0, True),
    ("嵩县/county_worker", 0, False),
    ("市工信局/department_lead", 0, True),
    ("市住建局/department_lead", 0, False),
    ("office/1", 0, True),
    ("supervisor", 0, True),
    ("leader", 0, True),
    ("liaison_member", 0, True),
]


def test_everybody_finds_his_own_to_dos(world: World, surveyed: Case, today: Today) -> None:
    late = START + 60 * DAY
    today(late)
    for who, owed, sees in OWED:
        assert Desk(world.actor(who), late).figures["mine"] == owed, who
        assert ("洛阳示例轴承有限公司" in html_of(world, who)) is sees, who


def test_neither_a_clerk_nor_anonymous_gets_in(world: World, surveyed: Case, today: Today) -> None:
    other = world.firm("别家企业", "嵩县")
    world.clerk(other)
    for address in ("/workbench/", "/workbench/copy/"):
        assert sign_in(world, f"clerk/{other.pk}").get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_every_tally_opens_a_list_of_the_same_length(
    world: World, surveyed: Case, today: Today
) -> None:
    worker = world.actor("涧西区/county_worker")
    for n in (0, 10, 14, 15, 40):
        on = START + n * DAY
        figures = Desk(worker, on).figures
        for chip in ("overdue", "today", "next", "returned"):
            ledger = Ledger(worker, on, Asked(of="mine", chip=chip))
            assert figures[chip] == len(ledger.ids()), (n, chip)
        assert figures["mine"] == len(Ledger(worker, on, Asked(of="mine")).ids())


def test_the_week_holds_the_worked_sunday_and_counts_each_day(world: World) -> None:
    worker = world.actor("涧西区/county_worker")
    # 2 April 2022, a Saturday, was worked; 3 to 5 April were days off
    days = Desk(worker, date(2022, 3, 31)).week
    assert [day.isoformat() for day in days] == [
        "2022-03-31",
        "2022-04-01",
        "2022-04-02",
        "2022-04-06",
        "2022-04-07",
        "2022-04-08",
        "2022-04-11",
    ]


def test_the_first_act_follows_the_paper(world: World, surveyed: Case, today: Today) -> None:
    lead = world.actor("涧西区/county_lead")
    assert "审核材料" not in html_of(world, "涧西区/county_worker")
    [row] = surveyed.evidence.all()
    evidence.return_(row.pk, reason=2, by=lead, at=at(START, 12))
    today(START + 60 * DAY)
    html = html_of(world, "涧西区/county_worker")
    assert "tel:037955501234" in html
    assert "未加盖公章或签字不全" in html
    assert html.count("button--primary") == 1
    # what the list prints as 退回 its tally counts: the paper lies with the firm's case
    worker = world.actor("涧西区/county_worker")
    assert Desk(worker, START).figures["returned"] == 1
    assert len(Ledger(worker, START, Asked(of="mine", chip="returned")).ids()) == 1


def test_what_lies_with_the_reviewer_is_not_asked_of_the_firm(
    world: World, surveyed: Case, today: Today
) -> None:
    late = START + 60 * DAY
    today(late)
    remedy = Case.objects.get(parent=surveyed, criterion="staff")
    worker = world.actor("涧西区/county_worker")
    with_item = Case.objects.visible_to(worker).with_item().as_rows().filter(pk=remedy.pk)
    [case] = with_item
    todos = Todos(worker, late, [case], Reader(worker, late).plain([case]))
    [todo] = todos.first()
    assert "待审核：研发人员。" in todo["words"]
    assert "还差" not in todo["words"]
    assert "县区审核人" in todo["words"]
    assert (todo["act"]["label"], "tel:" in todo["act"]["url"]) == ("查看材料", False)
    # the reviewer's queue says that his review is late
    assert "审核已超期" in html_of(world, "涧西区/county_lead")
    today(START + 5 * DAY)
    assert "审核已超期" not in html_of(world, "涧西区/county_lead")


def test_what_lacks_nothing_is_not_said_to_lack_it(
    world: World, surveyed: Case, today: Today
) -> None:
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(surveyed, have)
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    stages.apply_for_closure(surveyed.pk, by=worker, at=at(START, 15), form=closing_form())
    today(START + 30 * DAY)
    html = html_of(world, "涧西区/county_lead")
    assert "材料齐全，待审核" in html
    assert "还差：材料" not in html
    stages.advance(surveyed.pk, by=lead, at=at(START, 16))
    html = html_of(world, "office/1")
    assert "材料齐全，待确认" in html
    assert "还差：材料" not in html
    stages.send_back(surveyed.pk, by=world.office, at=at(START, 17), number=1, reason="请补充说明")
    html = html_of(world, "涧西区/county_worker")
    assert "按退回意见补正" in html
    assert "材料齐全" not in html


def test_the_queue_is_the_reviewers_alone(world: World, surveyed: Case, today: Today) -> None:
    [row] = surveyed.evidence.all()
    assert f"/papers/{row.pk}/" in html_of(world, "涧西区/county_lead")
    assert f"/papers/{row.pk}/" not in html_of(world, "涧西区/county_worker")
    assert f"/papers/{row.pk}/" not in html_of(world, "嵩县/county_lead")
    assert f"/papers/{row.pk}/" not in html_of(world, "supervisor")
    lead = html_of(world, "涧西区/county_lead")
    # all that wait are counted where only the first are listed; one's own are not “all”
    assert "待审核材料共1份" in lead
    assert "我的待办" in lead


def test_a_review_is_the_leads_own_work_and_has_a_date(
    world: World, surveyed: Case, today: Today
) -> None:
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(surveyed, have)
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    stages.apply_for_closure(surveyed.pk, by=worker, at=at(START, 15), form=closing_form())
    late = START + 30 * DAY
    assert Desk(lead, late).figures["overdue"] == 1
    assert Desk(worker, late).figures["mine"] == 0
    # the county's own review is the county's delay; who handles it sees that it waits
    for who in (worker, lead, world.actor("supervisor")):
        assert Ledger(who, late).counts["overdue"] == 1
    assert [one.overdue for one in Desk(lead, late).workload()] == [1]
    today(late)
    [row] = sign_in(world, "涧西区/county_worker").get("/ledger/?chip=overdue").context["rows"]
    assert (row.light.shape, row.light.kind) == ("◇", "rest")
    assert "已逾期" in row.light.words
    [row] = sign_in(world, "supervisor").get("/ledger/?chip=overdue").context["rows"]
    assert row.light.kind == "overdue"
    assert "待上级审核" not in html_of(world, "涧西区/county_lead")


def test_a_successor_sees_everything_the_same_minute(
    world: World, surveyed: Case, today: Today
) -> None:
    item = Case.objects.filter(parent=surveyed)[0].task_set.get(finished=None)
    second = Post.objects.create(unit=item.unit, name="经办人乙", role=item.post.role)
    user = User.objects.create(username="successor", name="接任者")
    second.tenures.create(user=user, from_on=START)
    world.people["successor"] = user
    assert Desk(world.actor("successor"), START).figures["mine"] == 3


def test_workload_counts_each_open_item_once(world: World, surveyed: Case) -> None:
    lead = world.actor("涧西区/county_lead")
    [load] = Desk(lead, START + 300 * DAY).workload()
    assert (load.overdue, load.soon, load.fine, load.rest, load.total) == (3, 0, 0, 0, 3)
    assert Desk(world.actor("涧西区/county_worker"), START).workload() == []


def test_a_declined_case_comes_to_the_office(world: World, today: Today) -> None:
    world.firm("错派企业")
    world.open()
    worker = world.actor("涧西区/county_worker")
    people.decline(world.case().pk, by=worker, at=at(START, 10), reason="不在本区")
    desk = Desk(world.actor("office/1"), START)
    assert desk.figures["declined"] == desk.figures["mine"] == 1
    assert len(Ledger(world.office, START, Asked(of="mine", chip="declined")).ids()) == 1
    # who has to answer is not offered to ask
    page = sign_in(world, "office/1").get(f"/cases/{world.case().pk}/")
    keys = {act["key"] for group in ("acts", "more") for act in page.context["acts"].get(group, ())}
    assert "reassign" in keys
    assert not keys & {"decline", "request_extension"}


def test_an_empty_desk_names_the_next_fact(world: World, today: Today) -> None:
    world.firm("将到期企业")
    world.open()
    html = html_of(world, "liaison_member")
    assert "今天没有需要您办理的事项" in html
    assert "3个工作日内到期1家" in html


def test_what_comes_next_is_not_said_to_be_missing(world: World, today: Today) -> None:
    world.firm("新企业")
    world.open()
    today(START)
    html = html_of(world, "涧西区/county_worker")
    assert "下一步：签收" in html
    stages.acknowledge(world.case().pk, by=world.actor("涧西区/county_worker"), at=at(START))
    html = html_of(world, "涧西区/county_worker")
    assert "尚未完成摸底" in html
    assert "下一步：摸底" not in html
    assert "还差：" not in html
    # nothing stands above the list: its items are not “the rest”
    assert "其余待办" not in html
    assert "<h2>待办</h2>" in html


def test_a_card_names_the_county_to_a_city_and_the_township_to_a_county(
    world: World, surveyed: Case, today: Today
) -> None:
    county = world.counties["涧西区"]
    town = Region.objects.create(
        key="town",
        name="桑园乡",
        level=Region.Level.TOWNSHIP,
        parent=county,
        path=f"{county.path}town/",
    )
    Case.objects.update(township=town)
    places = {}
    for key in ("office/1", "涧西区/county_worker"):
        actor = world.actor(key)
        cases = list(Ledger(actor, START, Asked(of="remedies")).rows())
        todos = Todos(actor, START, cases, Reader(actor, START).plain(cases))
        places[key] = {job["place"] for job in todos.jobs()}
    assert places == {"office/1": {"涧西区"}, "涧西区/county_worker": {"桑园乡"}}


def test_the_digest_can_be_copied(world: World, surveyed: Case, today: Today) -> None:
    today(START + 90 * DAY)
    text = sign_in(world, "涧西区/county_worker").get("/workbench/copy/").content.decode()
    assert text.startswith("【今日待办】")
    assert "洛阳示例轴承有限公司" in text
    assert "已销号 0/1" in text


def test_waiting_decisions_are_the_title_and_no_empty_card_stands_above_them(
    world: World, surveyed: Case, today: Today
) -> None:
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(surveyed, have)
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    stages.apply_for_closure(surveyed.pk, by=worker, at=at(START, 15), form=closing_form())
    stages.advance(surveyed.pk, by=lead, at=at(START, 16))
    html = html_of(world, "office/1")
    assert "待您处理1件" in html
    assert "今天没有到期任务" not in html


def test_a_remedy_is_told_from_its_firm_and_from_its_sisters(
    world: World, surveyed: Case, today: Today
) -> None:
    today(START + 60 * DAY)
    html = html_of(world, "涧西区/county_worker")
    for what in ("研发人员", "研发经费", "产学研合作"):
        assert f"整改事项 有{what}" in html or f"整改事项 {what}" in html


def test_a_case_leads_back_to_the_list_it_was_opened_from(
    world: World, surveyed: Case, today: Today
) -> None:
    client = sign_in(world, "涧西区/county_worker")
    remedy = Case.objects.filter(parent=surveyed)[0]
    way = "of=mine&via=workbench"
    assert (
        f"/cases/{remedy.pk}/?{way}".replace("&", "&amp;")
        in client.get("/workbench/").content.decode()
    )
    html = client.get(f"/cases/{remedy.pk}/?{way}").content.decode()
    assert 'href="/workbench/"' in html
    assert "下一件" in html or "下一家" in html
    given = {"version": remedy.version, "reason": "已联系"}
    answer = client.post(f"/cases/{remedy.pk}/acts/comment/?{way}", given)
    assert answer["Location"] == f"/cases/{remedy.pk}/?{way}"


def test_a_way_back_never_leads_off_the_lists(world: World, surveyed: Case, today: Today) -> None:
    client = sign_in(world, "涧西区/county_worker")
    html = client.get(f"/cases/{surveyed.pk}/?via=//elsewhere.example/&x=1").content.decode()
    assert 'href="//elsewhere.example' not in html
    assert "crumbs" not in html


def test_a_remedy_page_says_what_is_to_be_done_and_by_whom(
    world: World, surveyed: Case, today: Today
) -> None:
    remedy = Case.objects.get(parent=surveyed, criterion="spending")
    html = sign_in(world, "涧西区/county_worker").get(f"/cases/{remedy.pk}/").content.decode()
    assert "整改事项 研发经费" in html
    head = html.split("case-head__facts")[1].split("</dl>")[0]
    for words in ("措施", "建辅助账", "责任单位（人）", "财务部"):
        assert words in head, words


def test_the_case_page_has_the_light_of_the_ledger(
    world: World, surveyed: Case, today: Today
) -> None:
    """Under review: who handles it waits (◇), whoever reviews it and who looks on see the date."""
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(surveyed, have)
    worker, lead = "涧西区/county_worker", "涧西区/county_lead"
    stages.apply_for_closure(
        surveyed.pk, by=world.actor(worker), at=at(START, 15), form=closing_form()
    )
    today(START + 30 * DAY)
    pages = (
        reverse("case", args=[surveyed.pk]),
        reverse("case_act", args=[surveyed.pk, "comment"]),
        reverse("evidence", args=[surveyed.evidence.all()[0].pk]),
    )

    def shape(who: str, url: str) -> str:
        found = sign_in(world, who).get(url).context["light"]
        return str(found["shape"])

    for url in pages:
        assert {who: shape(who, url) for who in (worker, lead, "supervisor")} == {
            worker: "◇",
            lead: "■",
            "supervisor": "■",
        }, url
        [row] = sign_in(world, worker).get("/ledger/?chip=overdue").context["rows"]
        assert row.light.shape == "◇"
    firm = reverse("case_fragment", args=[surveyed.firm_id])
    [line] = sign_in(world, worker).get(firm).context["lines"]
    assert line["light"]["shape"] == "◇"
    stages.advance(surveyed.pk, by=world.actor(lead), at=at(START, 16))
    assert [shape(who, pages[0]) for who in (worker, lead, "office/1")] == ["◇", "◇", "■"]


def test_a_paper_that_came_back_is_not_all_there(
    world: World, surveyed: Case, today: Today
) -> None:
    """A second paper of an item that is proved already: returned, the firm owes it all the same."""
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(surveyed, have)
    [row] = evidence.submit(
        surveyed.pk, criterion="staff", papers=[paper("补充名册.pdf")], by=worker, at=at(START, 15)
    )
    stages.apply_for_closure(surveyed.pk, by=worker, at=at(START, 16), form=closing_form())
    office = sign_in(world, "office/1")
    today(START + 1 * DAY)

    def lack() -> str:
        [case] = Case.objects.with_item().as_rows().filter(pk=surveyed.pk)
        return Reader(world.office, START).plain([case])[0].lack

    assert lack() == "材料齐全，待审核"
    evidence.return_(row.pk, reason=2, by=lead, at=at(START, 17))
    assert lack() == "按退回意见补正"
    assert "材料齐全" not in office.get(reverse("ledger")).content.decode()
    evidence.submit(
        surveyed.pk, criterion="staff", papers=[paper("盖章名册.pdf")], by=worker, at=at(START, 18)
    )
    assert lack() == "材料齐全，待审核"
