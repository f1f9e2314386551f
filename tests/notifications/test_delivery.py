"""Events become notices once, in the exact words, for the holders of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import get_language, override

from cases.actions import evidence, pauses, people, remarks, stages
from cases.models import Case, PendingEvent, WorkItem
from cases.wording import words_of
from config.ticking import tick
from notifications.delivery import deliver
from notifications.models import Notice
from notifications.texts import compose, missing
from organisations.models import Post, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import actor_of
from reports.documents.circulars import circular
from tests.world import START, World, at, closing_form, matching_form, paper, person

APRIL = date(2022, 4, 11)  # a Monday; until the end of March the ladder rests
# hand-overs; what the calendar opens: versions, measures, first days; months to be frozen; papers
# that end; sweep: resume, claim, fired, rungs, items, events, pending, papers; deliver: claim,
# events, programmes, counties, people, stand-ins, write, delete; news of documents;
# which programmes are so large that their progress is counted ahead; whether all work is: two
TICK_STATEMENTS = 48
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def said(user: User) -> list[str]:
    """What a person reads, oldest first, as one line each."""
    return [f"【{n.title}】{n.body}" for n in Notice.objects.filter(recipient=user).order_by("id")]


def newest(user: User) -> str:
    return said(user)[-1]


@pytest.fixture
def case(world: World) -> Case:
    """One firm, opened, told of, nothing pending."""
    world.firm("洛阳示例耐材有限公司")
    world.open()
    deliver(at(START))
    Notice.objects.all().delete()
    return world.case()


@pytest.fixture
def spring_case(world: World) -> Case:
    """The same outside the quiet season: to be signed for by 12 April."""
    world.firm("洛阳示例耐材有限公司")
    world.open(APRIL)
    deliver(at(APRIL))
    Notice.objects.all().delete()
    return world.case()


def test_a_run_of_openings_is_one_notice_per_unit(world: World) -> None:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.firm("嵩县示例有限公司", "嵩县")
    world.open()
    assert deliver(at(START)) == 4  # the worker and the reviewer of each county
    worker = world.people[WORKER]
    assert said(worker) == [
        "【任务交办】涧西区新交办3家企业，请于3月2日前签收，3月23日前完成摸底。"
    ]
    assert said(world.people["嵩县/county_worker"])[0].startswith("【任务交办】嵩县新交办1家企业")
    assert not PendingEvent.objects.exists()
    assert deliver(at(START)) == 0


def test_a_large_opening_is_counted_whole_over_several_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.delivery.BATCH", 4)
    for number in range(10):
        world.firm(f"洛阳示例{number}有限公司")
    # of a county more with each batch
    for number, county in enumerate(sorted(set(world.counties) - {"涧西区", "嵩县"})[:8]):
        world.firm(f"外县{number}有限公司", county)
        world.firm(f"外县又{number}有限公司", county)
    world.open()
    with CaptureQueriesContext(connection) as asked:
        assert deliver(at(START)) == 2 + 8
    assert "新交办10家企业" in newest(world.people[WORKER])
    # each batch would look at all that wait: half a million, of a country, a thousand times
    sizes = [one["sql"] for one in asked if '"event_id" IN' not in one["sql"]]
    assert sum("pendingevent" in one and "'open'" in one for one in sizes) == 1


def test_two_runs_at_the_same_moment_are_two_notices(world: World) -> None:
    world.firm("甲有限公司")
    world.open()
    world.firm("乙有限公司")
    world.open()
    deliver(at(START))
    assert len(said(world.people[WORKER])) == 2


def test_nobody_is_told_what_he_did_himself(world: World, case: Case) -> None:
    lead = world.actor(LEAD)
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    deliver(at(START))
    assert said(world.people[WORKER]) == [
        "【暂缓办理】洛阳示例耐材“签收”暂缓办理，计时暂停：停产检修，预计3月8日恢复。"
    ]
    assert said(world.people[LEAD]) == []


def test_resumed_by_the_sweep(world: World, case: Case) -> None:
    lead = world.actor(LEAD)
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    tick(at(date(2022, 3, 8)))
    assert newest(world.people[LEAD]) == (
        "【恢复办理】洛阳示例耐材“签收”恢复办理，时限顺延5个工作日至3月9日。"
    )


def test_resumed_late_says_what_the_case_page_says(world: World, case: Case) -> None:
    """Due on 2 March, late for three days, at rest for three: still three days late."""
    lead = world.actor(LEAD)
    pauses.suspend(
        case.pk, by=lead, at=at(date(2022, 3, 7)), until=date(2022, 3, 10), reason="停产检修"
    )
    tick(at(date(2022, 3, 10)))
    event = case.events.get(verb="resume")
    page = "恢复办理，暂缓3个工作日不计入，原时限顺延至3月7日，已逾期3个工作日"
    assert words_of(event) == page
    assert newest(world.people[LEAD]) == f"【恢复办理】洛阳示例耐材“签收”{page}。"


def test_resumed_without_a_date(world: World, case: Case) -> None:
    lead = world.actor(LEAD)
    WorkItem.objects.filter(process=case).update(due_on=None)
    pauses.suspend(case.pk, by=lead, at=at(START), until=date(2022, 3, 8), reason="停产检修")
    tick(at(date(2022, 3, 8)))
    assert newest(world.people[LEAD]) == "【恢复办理】洛阳示例耐材“签收”恢复办理。"


def test_a_returned_paper_in_the_office_s_and_in_the_firm_s_words(
    world: World, settings: Any
) -> None:
    settings.PUBLIC_ADDRESS = "https://rd.example.gov.cn"
    firm = world.firm("洛阳示例耐材有限公司")
    world.open()
    case = world.survey(world.case())
    clerk = world.clerk(firm)
    world.people[WORKER].phone = "0379-5550123"
    world.people[WORKER].save()
    deliver(at(START))
    [row] = evidence.submit(
        case.pk, criterion="staff", papers=[paper("名册.pdf")], by=clerk, at=at(START, 11)
    )
    deliver(at(START))
    worker = world.people[WORKER]
    assert newest(worker) == "【待审核】洛阳示例耐材提交了“名册.pdf”，请审核。"
    evidence.return_(row.pk, reason=2, text="第3页", by=world.actor(LEAD), at=at(START, 12))
    deliver(at(START))
    assert newest(worker) == (
        "【退回补正】洛阳示例耐材的“名册.pdf”被退回：未加盖公章或签字不全；第3页。"
        "请于3月22日前补正。"  # the day that the remedy has
    )
    assert clerk.user is not None
    assert newest(clerk.user) == (
        "【洛阳市科技服务】洛阳示例耐材有限公司：您提交的“名册.pdf”需要补充：未加盖公章或签字"
        "不全；第3页。样表见https://rd.example.gov.cn/portal/ ，有疑问请联系涧西区工作专班经办人"
        "0379-5550123。"
    )


def test_the_way_to_closing(world: World) -> None:
    firm = world.firm("洛阳示例耐材有限公司")
    clerk = world.clerk(firm)
    world.open()
    worker, lead, office = (world.people[key] for key in (WORKER, LEAD, "office/1"))
    case = world.survey(world.case())
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    deliver(at(START))
    assert clerk.user is not None
    assert "还需补充4项材料：研发机构、研发人员、研发经费、产学研合作" in newest(clerk.user)
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(case, have)
    stages.apply_for_closure(case.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form())
    deliver(at(START))
    assert newest(lead) == "【待审核】涧西区申请销号1家，请于3月8日前审核。"
    stages.send_back(case.pk, by=world.actor(LEAD), at=at(START, 14), number=2)
    deliver(at(START))
    assert (
        newest(worker)
        == "【退回补正】洛阳示例耐材的“县级审核”被退回：未加盖公章或签字不全。请于5月6日前补正。"
    )
    assert "您提交的“材料”需要补充：未加盖公章或签字不全" in newest(clerk.user)
    again = world.actor(WORKER)
    stages.apply_for_closure(case.pk, by=again, at=at(START, 15), form=closing_form())
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 16))
    deliver(at(START))
    assert newest(office) == "【待确认】涧西区县级审核通过1家，请于3月15日前确认。"
    stages.close(case.pk, by=world.actor("office/1"), at=at(date(2022, 3, 15)))
    deliver(at(date(2022, 3, 15)))
    assert newest(worker) == "【已销号】洛阳示例耐材已于3月15日确认销号，编号2022-0001。"
    assert newest(clerk.user) == (
        "【洛阳市科技服务】洛阳示例耐材有限公司：相关事项已于3月15日完成，感谢支持。"
    )
    firm_words = " ".join(said(clerk.user))
    assert not any(word in firm_words for word in ("整改", "逾期", "销号"))


def test_applications_of_a_batch_are_told_together(world: World) -> None:
    for name in ("甲有限公司", "乙有限公司"):
        world.firm(name)
    world.open()
    for case in Case.objects.filter(parent=None):
        world.survey(case, "A", institution="regular")
        for have in ("institution", "staff", "spending", "cooperation"):
            world.prove(case, have)
        stages.apply_for_closure(
            case.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form()
        )
    deliver(at(START))
    applied = [line for line in said(world.people[LEAD]) if line.startswith("【待审核】涧西区")]
    assert applied == ["【待审核】涧西区申请销号2家，请于3月8日前审核。"]


def test_both_sides_of_a_reassignment(world: World, case: Case) -> None:
    other = Unit.objects.get(name__contains="嵩县", kind=Unit.Kind.TASK_FORCE)
    people.reassign(
        case.pk, by=world.office, at=at(START), reason="企业已搬迁", unit=other, knowing=True
    )
    deliver(at(START))
    line = (
        "【改派】洛阳示例耐材由涧西区工作专班改派至嵩县工作专班：企业已搬迁。改派不重新计时，"
        "办理时限3月2日。"
    )
    assert said(world.people[WORKER]) == [line]
    assert said(world.people["嵩县/county_worker"]) == [line]
    assert said(world.people["office/1"]) == []


def test_a_bulk_reassignment_is_one_notice_a_side(world: World) -> None:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    deliver(at(START))
    other = Unit.objects.get(name__contains="嵩县", kind=Unit.Kind.TASK_FORCE)
    ids = list(Case.objects.values_list("pk", flat=True))
    people.reassign_many(ids, by=world.office, at=at(START), reason="区划调整", unit=other)
    assert deliver(at(START)) == 2
    assert newest(world.people[WORKER]) == (
        "【改派】3家企业由涧西区工作专班改派至嵩县工作专班：区划调整。改派不重新计时。"
    )


def test_a_city_is_told_in_its_own_words(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a province's plan calls otherwise, it calls so also where no browser asks."""
    there = {"改派": "转派", "县（市、区）": "省辖市"}
    monkeypatch.setattr("workflows.wording.wordings", lambda: {world.programme.city_id: there})
    other = Unit.objects.get(name__contains="嵩县", kind=Unit.Kind.TASK_FORCE)
    people.reassign(
        case.pk, by=world.office, at=at(START), reason="须改派", unit=other, knowing=True
    )
    with override("en"):
        deliver(at(START))
        assert get_language() == "en"  # whatever was active speaks on
    # what a person wrote stays as it was written
    line = "【转派】洛阳示例耐材由涧西区工作专班转派至嵩县工作专班：须改派。转派不重新计时，"
    assert newest(world.people[WORKER]).startswith(line)
    assert "省辖市" in circular(world.programme, START, START).addressee


def test_a_contested_assignment_goes_to_the_office(world: World, case: Case) -> None:
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))
    people.decline(case.pk, by=world.actor(WORKER), at=at(START, 10), reason="不在本区")
    deliver(at(START))
    line = "【申请改派】涧西区工作专班申请改派洛阳示例耐材：不在本区。请审定。"
    assert said(world.people["office/1"]) == said(world.people["office/2"]) == [line]
    assert said(world.people[WORKER]) == []


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_no_notice_names_a_firm_to_an_administrator(world: World, case: Case, role: Role) -> None:
    """They sit in the office and read no case."""
    office = Unit.objects.get(kind=Unit.Kind.OFFICE)
    post, _made = Post.objects.get_or_create(unit=office, name=role, defaults={"role": role})
    post.tenures.create(user=person("admin", "管理员"), from_on=START)
    people.decline(case.pk, by=world.actor(WORKER), at=at(START, 10), reason="不在本区")
    force = world.units["嵩县工作专班"]
    people.reassign(
        case.pk, by=world.office, at=at(START, 11), reason="在嵩县", unit=force, knowing=True
    )
    deliver(at(START, 12))
    assert said(world.people["嵩县/county_worker"])
    assert said(User.objects.get(username="admin")) == []


def test_reminders_by_hand_and_a_leader_s_instruction(world: World, case: Case) -> None:
    remarks.urge(case.pk, by=world.actor(LEAD), at=at(START), text="请抓紧")
    deliver(at(START))
    worker = world.people[WORKER]
    assert said(worker) == [
        "【催办】涧西区工作专班审核人催办：洛阳示例耐材“签收”，办理时限3月2日，尚未签收。请抓紧"
    ]
    remarks.comment(case.pk, by=world.actor("leader"), at=at(START), text="请市工信局协调。")
    remarks.comment(case.pk, by=world.actor(LEAD), at=at(START), text="已联系")
    deliver(at(START))
    line = "【批示】市领导分管领导对洛阳示例耐材批示：请市工信局协调。"
    assert newest(worker) == line
    assert said(world.people["office/2"]) == [line]
    assert len(said(worker)) == 2  # the reviewer's own remark is no notice


def test_a_successor_is_told_and_not_whoever_left(world: World, spring_case: Case) -> None:
    post, day = world.item(spring_case).post, date(2022, 4, 12)
    Tenure.objects.filter(post=post).update(until_on=day)
    heir = person("heir", "接任者")
    Tenure.objects.create(post=post, user=heir, from_on=day)
    tick(at(day))
    assert newest(heir).startswith("【今日到期】")
    assert said(world.people[WORKER]) == []


def test_everybody_reads_his_own_language(world: World, spring_case: Case) -> None:
    del spring_case
    User.objects.filter(pk=world.people[WORKER].pk).update(language="en")
    with override("zh-hans"):
        tick(at(date(2022, 4, 12)))
    notice = Notice.objects.get(recipient=world.people[WORKER])
    assert (notice.title, notice.body) == (
        "Due today",
        "“Acknowledge” of 洛阳示例耐材, not acknowledged yet. From tomorrow it counts as overdue.",
    )
    assert newest(world.people[LEAD]) == (
        "【今日到期】洛阳示例耐材“签收”今日到期，尚未签收。今日未办结的，明日起计入逾期。"
    )
    # whoever turns the page into another language reads his old messages in it too
    lead = Notice.objects.filter(recipient=world.people[LEAD]).latest("id")
    assert lead.said_in("en") == (notice.title, notice.body)
    assert lead.said_in("zh-hans") == (lead.title, lead.body)
    client = Client()
    client.force_login(world.people[LEAD])
    for language, title in (("en", "Due today"), ("zh-hans", "今日到期")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        [row, *_rest] = client.get("/notices/").context["rows"]
        assert row["title"] == title


@pytest.mark.parametrize("number", [3, 40])
def test_statements_do_not_grow_with_the_batch(world: World, number: int) -> None:
    for place in range(number):
        world.firm(f"洛阳示例{place}有限公司")
    world.open(APRIL)
    deliver(at(APRIL))
    with CaptureQueriesContext(connection) as seen:
        done = tick(at(date(2022, 4, 12)))
    assert done == {"rungs": number, "notices": 2 * number}
    assert len(seen) == TICK_STATEMENTS, "\n".join(q["sql"][:130] for q in seen.captured_queries)


def test_a_vacant_post_keeps_its_notices_for_whoever_holds_it_next(spring_case: Case) -> None:
    """004-30: a successor sees everything; nothing is lost while a post is vacant."""
    item = spring_case.task_set.get(finished=None)
    Tenure.objects.filter(post__unit=item.unit).delete()
    assert tick(at(date(2022, 4, 12)))["notices"] == 1
    kept = Notice.objects.get()
    assert (kept.recipient, kept.post) == (None, item.post)
    assert tick(at(date(2022, 4, 12)))["notices"] == 0

    successor, stranger = person("successor", "新任"), person("stranger", "旁人")
    Tenure.objects.create(post=item.post, user=successor, from_on=date(2022, 4, 13))
    day = date(2022, 4, 13)
    assert list(Notice.objects.visible_to(actor_of(successor, day))) == [kept]
    assert list(Notice.objects.visible_to(actor_of(stranger, day))) == []


def test_english_counts_one_working_day(world: World, spring_case: Case) -> None:
    """And what is to be signed for lacks no paper."""

    def said(language: str, days: str) -> str:
        with override(language):
            parts = {"firm": "X", "stage": "S", "due": "D", "days": days}
            parts |= missing(spring_case, [], "assigned")
            return compose("due_soon", spring_case, parts)[1]

    assert "(1 working day left), not acknowledged yet. " in said("en", "1")
    assert "(3 working days left), not acknowledged yet. " in said("en", "3")
    assert "（剩1个工作日），尚未签收。" in said("zh-hans", "1")
