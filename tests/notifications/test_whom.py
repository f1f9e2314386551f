"""Who reads what: firms with and without an account, vacant posts, both sides of an undo."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.actions import drafts, endings, evidence, extending, people, stages
from cases.models import Case, EscalationDraft, Extension
from cases.rulebook import calendar
from cases.sweeps import sweep
from config.ticking import tick
from notifications import texts
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.actions import delegating
from organisations.models import Post, Tenure, Unit, User
from tests.cases.lists import sign_in
from tests.world import START, World, at, matching_form, paper, person

APRIL = date(2022, 4, 11)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
BY_PHONE = "（企业未开通账号，请电话告知）"


def said(user: User) -> list[str]:
    return [f"【{n.title}】{n.body}" for n in Notice.objects.filter(recipient=user).order_by("id")]


def surveyed(world: World) -> Case:
    world.firm("洛阳示例耐材有限公司")
    world.open()
    case = world.survey(world.case())
    deliver(at(START))
    Notice.objects.all().delete()
    return case


def test_a_firm_without_an_account_is_told_by_its_county(world: World) -> None:
    case = surveyed(world)
    worker = world.actor(WORKER)
    stages.advance(case.pk, by=worker, at=at(START, 10), form=matching_form())
    deliver(at(START))
    assert said(world.people[WORKER])[-1] == (
        "【请告知企业】洛阳示例耐材未开通企业账号，请电话告知：还需补充4项材料：研发机构、"
        "研发人员、研发经费、产学研合作，建议于5月6日前完成。"
    )
    everything = " ".join(f"{n.title}{n.body}" for n in Notice.objects.all())
    assert "科技服务" not in everything
    assert not Notice.objects.filter(kind__startswith="firm_").exists()
    assert not Notice.objects.filter(recipient=None).exists()


def test_a_paper_returned_to_a_firm_without_an_account(world: World) -> None:
    case = surveyed(world)
    worker = world.actor(WORKER)
    [row] = evidence.submit(
        case.pk, criterion="staff", papers=[paper("名册.pdf")], by=worker, at=at(START, 11)
    )
    day = date(2022, 3, 21)  # the remedy is due on the next day
    evidence.return_(row.pk, reason=2, by=world.actor(LEAD), at=at(day, 12))
    deliver(at(day))
    [line] = said(world.people[WORKER])
    assert line.startswith("【退回补正】")
    assert line.endswith(f"请于3月28日前补正。{BY_PHONE}")
    assert said(world.people[LEAD]) == []


def test_with_an_account_the_county_reads_no_firm_text(world: World) -> None:
    case = surveyed(world)
    assert case.enterprise is not None
    clerk = world.clerk(case.enterprise)
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    deliver(at(START))
    kinds = Notice.objects.values_list("recipient__username", "kind")
    assert clerk.user is not None
    assert list(kinds) == [(clerk.user.username, "firm_lacking")]


def test_a_vacant_post_keeps_its_notice_though_another_reads_it(world: World) -> None:
    """A post that somebody looks after by reading only (仅查看) is as vacant as before (004-30)."""
    world.firm("洛阳示例耐材有限公司")
    world.open(APRIL)
    post, reader = world.item(world.case()).post, world.people["leader"]
    delegating.delegate(
        post, to_user=reader, from_on=APRIL, until_on=date(2022, 5, 1), reason="了解情况",
        reads_only=True, by=world.office, at=at(APRIL),
    )  # fmt: skip
    Tenure.objects.filter(post=post).delete()
    deliver(at(APRIL))
    tick(at(date(2022, 4, 12)))
    kept = Notice.objects.filter(recipient=None, kind="due_today")
    assert [notice.post for notice in kept] == [post]
    assert any(line.startswith("【今日到期】") for line in said(world.people[LEAD]))
    assert said(reader) == []  # nothing of this is his to do


def test_whoever_was_told_of_a_bulk_reassignment_is_told_of_its_end(world: World) -> None:
    for number in range(3):
        firm = world.firm(f"洛阳示例{number}有限公司")
    world.open()
    world.survey(world.case(firm), "B")  # its remedies go with it, and are no firms
    deliver(at(START))
    other = Unit.objects.get(name__contains="嵩县", kind=Unit.Kind.TASK_FORCE)
    ids = list(Case.objects.values_list("pk", flat=True))
    assert len(ids) > 3
    done = people.reassign_many(ids, by=world.office, at=at(START, 9), reason="区划", unit=other)
    deliver(at(START, 9))
    assert any("3家企业" in line for line in said(world.people["嵩县/county_worker"]))
    Notice.objects.all().delete()
    people.undo_reassign(done.batch, by=world.office, at=at(START, 9) + timedelta(minutes=5))
    assert deliver(at(START, 10)) == 2
    line = "【撤销改派】3家企业的改派已撤销，仍由涧西区工作专班办理，不重新计时。"
    assert said(world.people[WORKER]) == [line]
    assert said(world.people["嵩县/county_worker"]) == [line]


def test_from_person_to_person_inside_a_unit(world: World) -> None:
    world.firm("洛阳示例耐材有限公司")
    world.open()
    deliver(at(START))
    unit = world.units["涧西区工作专班"]
    post = Post.objects.create(unit=unit, name="经办人二", role="county_worker", position=9)
    heir = person("second", "周接手")
    Tenure.objects.create(post=post, user=heir, from_on=date(2022, 1, 1))
    lead = world.actor(LEAD)
    people.reassign(world.case().pk, by=lead, at=at(START), reason="分工调整", post=post)
    deliver(at(START))
    assert said(heir) == [
        "【调整经办人】洛阳示例耐材的经办人由涧西区工作专班经办人调整为周接手：分工调整。"
        "不重新计时，办理时限3月2日。"
    ]


def test_why_a_firm_left_in_words(world: World) -> None:
    case = surveyed(world)
    endings.delist(world.gone(case), by=world.office, at=at(START, 14), reason="deregistered")
    deliver(at(START))
    assert any("因注销退库" in line for line in said(world.people[WORKER]))


# --- the call list --------------------------------------------------------------------------------
def test_one_call_notice_a_day_and_one_line_a_firm(world: World, today: object) -> None:
    for number in range(7):
        world.firm(f"洛阳示例{number}有限公司")
    world.open(APRIL)
    day = date(2022, 4, 19)
    tick(at(day, 9))
    office = world.people["office/1"]
    line = "【电话提醒】今日应电话提醒7家企业，名单共7家待提醒，请逐一联系并记录结果。"
    assert said(office).count(line) == 1
    assert Notice.objects.filter(recipient=office, kind="phone").count() == 0
    today(day)  # type: ignore[operator]
    client = sign_in(world, "office/1")
    notice = Notice.objects.get(recipient=office, kind="phone_list")
    assert client.get(f"/notices/{notice.pk}/").headers["Location"] == "/supervision/calls/"
    assert len(client.get("/supervision/calls/").context["calls"]) == 7


# --- letters and long texts -----------------------------------------------------------------------
def test_a_letter_in_its_notice_ends_with_a_sentence_and_opens(world: World) -> None:
    world.firm("洛阳示例耐材有限公司")
    world.open(APRIL)
    day = APRIL
    while day <= date(2022, 4, 25):
        sweep(at(day))
        day += timedelta(days=1)
    draft = EscalationDraft.objects.get()
    body = "关于某事的函\n\n涧西区人民政府：\n　　" + "截至2022年4月25日，你区有一事未办结。" * 40
    drafts.release(draft.pk, by=world.office, at=at(day, 10), body=body + "\n\n　　附件：清单")
    deliver(at(day, 10))
    notice = Notice.objects.get(recipient=world.people[LEAD], kind="released_work_note")
    assert notice.body.startswith("截至2022年4月25日")
    assert notice.body.endswith("未办结。……（点开查看全文）")
    assert "附件" not in notice.body
    client = sign_in(world, LEAD)
    assert client.get(f"/notices/{notice.pk}/").headers["Location"] == (
        f"/supervision/received/{draft.pk}/"
    )


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (60, "请尽快办理并反馈。截至2022年4月25日，尚有三家企业未办结，请于2022年5月9日前办结。"),
        (43, "请尽快办理并反馈。截至2022年4月25日，尚有三家企业未办结……（点开查看全文）"),
        (20, "请尽快办理并反馈。……（点开查看全文）"),
    ],
)
def test_a_text_is_cut_at_a_sentence_or_a_clause(most: int, kept: str) -> None:
    text = "请尽快办理并反馈。截至2022年4月25日，尚有三家企业未办结，请于2022年5月9日前办结。"
    cut = texts.shorten(text, most)
    assert len(cut) <= most
    assert cut == kept


# --- nothing lacks, one day is left ---------------------------------------------------------------
def test_nothing_lacks_as_one_says_it(world: World) -> None:
    case = surveyed(world)
    parts = {"firm": "甲", "stage": "整改", "missing": "", "due": "4月2日", "days": "3"}
    assert texts.compose("due_soon", case, parts)[1] == (
        "甲“整改”将于4月2日到期（剩3个工作日），材料已齐全。确需延期的，请在到期前1个工作日提出。"
    )
    assert texts.compose("due_soon_last", case, {**parts, "missing": "研发经费", "days": "1"})[
        1
    ] == ("甲“整改”将于4月2日到期（仅剩1个工作日），还差：研发经费。确需延期的，请于今日提出。")
    assert texts.compose("due_soon_review", case, parts)[1] == (
        "甲“整改”将于4月2日到期（剩3个工作日），请按时办理。"
    )


def test_an_extension_is_heard_by_both_sides(world: World) -> None:
    case = surveyed(world)
    due = world.item(case).due_on
    assert due is not None
    until = calendar().add(due, 3)
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    extending.request(case.pk, by=worker, at=at(START, 12), until=until, reason="专家月底才能到")
    deliver(at(START, 12))
    assert said(world.people[LEAD]) == [
        "【延期申请】洛阳示例耐材“对接”原定3月29日到期，申请延期至4月1日（3个工作日）："
        "专家月底才能到。请于到期前审定。"
    ]
    assert said(world.people["office/1"]) == []
    row = Extension.objects.get()
    extending.decide(
        row.case_id, by=lead, at=at(START, 13), is_granted=False, reason="可先行线上对接"
    )
    deliver(at(START, 13))
    assert said(world.people[WORKER]) == [
        "【不同意延期】洛阳示例耐材“对接”仍于3月29日到期：可先行线上对接。"
    ]
    extending.request(case.pk, by=lead, at=at(START, 14), until=until, reason="专家月底才能到")
    deliver(at(START, 14))  # what the reviewer asks for himself goes to the office
    assert said(world.people["office/1"])[-1].startswith("【延期申请】")
    row = Extension.objects.get(decided_at=None)
    extending.decide(row.case_id, by=world.office, at=at(START, 15), is_granted=True)
    deliver(at(START, 15))
    for key in (WORKER, LEAD):
        words = "【同意延期】洛阳示例耐材“对接”延期至4月1日，请按期办结。"
        assert said(world.people[key])[-1] == words
