"""督办: of a letter that goes out (``open_by_letter``) or a leader's word; checked by another."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases import caps
from cases.actions import drafts, matters, remarks, stages, supervising
from cases.actions.matters import Asked
from cases.errors import NotYours, Refused
from cases.models import Case, EscalationDraft, FormRecord, OrderOrigin
from cases.names import Names
from cases.oversight import tray_counts
from cases.wording import words_of
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import Unit
from tests.cases.climbing import (
    HANDLER,
    HEAD,
    LEAD,
    WORKER,
    climb,
    late,
    open_firms,
    plus,
    refused,
    release,
    waiting,
)
from tests.cases.lists import sign_in
from tests.world import START, World, at
from workflows.packs import Pack, parse_pack, shipped_text

LEADER = "leader"
SAID = "请县里逐户分析，月底前见成效。"


def order_of(letter: EscalationDraft) -> Case:
    found: Case = Case.objects.get(origin__letter=letter)
    return found


@pytest.fixture
def sent(world: World) -> EscalationDraft:
    """The county's 督办函 with two firms, gone out on the twentieth day."""
    open_firms(world, 2)
    climb(10, 20)
    return release(world, waiting(kind="supervision_letter"), late(20))


# --- of a letter ----------------------------------------------------------------------------------
def test_a_released_letter_opens_one_order_for_its_county(
    world: World, sent: EscalationDraft
) -> None:
    """立项 → 交办 → 签收 → 反馈 → 复核 → 销号 (004-22)."""
    order, day = order_of(sent), late(20)
    item = world.item(order)
    assert (order.procedure, order.stage, order.county) == ("supervision", "assigned", sent.county)
    assert (order.title, item.unit.short_name) == ("涧西区逾期事项（2家）", "涧西区工作专班")
    assert [event.verb for event in order.events.all()] == ["open", "advance"]
    form = FormRecord.objects.get(case=order)
    assert (form.data["source"], form.data["basis"]) == ("overdue", sent.number)
    worker = world.actor(WORKER, day)
    stages.acknowledge(order.pk, by=worker, at=at(day, 16))
    # what the letter asks for: an answer within seven working days
    assert world.item(order).due_on == plus(day, 7)
    stages.advance(order.pk, by=worker, at=at(day, 17), form={"report": "已逐户分析"})
    office = world.actor(HANDLER, day)
    stages.send_back(order.pk, by=office, at=at(day, 18), reason="未说明时限")
    stages.advance(order.pk, by=worker, at=at(day, 19), form={"report": "已补充时限"})
    assert stages.close(order.pk, by=office, at=at(day, 20)).stage == "closed"


def test_an_answer_is_never_closed_by_whoever_gave_it(world: World, sent: EscalationDraft) -> None:
    order, day = order_of(sent), late(20)
    office = world.actor(HANDLER, day)
    Case.objects.filter(pk=order.pk).update(responsible_unit=Unit.objects.get(kind="office"))
    desk = Case.objects.get(pk=order.pk).task_set.get(finished=None)
    desk.unit = Unit.objects.get(kind="office")
    desk.post_id = office.standings[0].post_id
    desk.save()
    stages.acknowledge(order.pk, by=office, at=at(day, 16))
    stages.advance(order.pk, by=office, at=at(day, 17), form={"report": "已办"})
    assert refused(lambda: stages.close(order.pk, by=office, at=at(day, 18))) == "four_eyes"
    closed = stages.close(order.pk, by=world.actor(HEAD, day), at=at(day, 18))
    assert closed.stage == "closed"


def test_its_page_lists_the_late_cases_and_each_of_them_the_order(
    world: World, sent: EscalationDraft, today: Any
) -> None:
    today(late(20))
    order = order_of(sent)
    for who in (HEAD, WORKER, LEADER):
        client = sign_in(world, who)
        page = client.get(f"/cases/{order.pk}/").content.decode()
        assert "涧西区示例0号有限公司" in page
        assert sent.number in page
        case = Case.objects.filter(is_main=True).first()
        assert case is not None
        assert f"/cases/{order.pk}/" in client.get(f"/cases/{case.pk}/").content.decode()
    assert f"/cases/{order.pk}/" in (
        sign_in(world, HEAD).get(f"/supervision/letters/{sent.pk}/").content.decode()
    )


def test_the_annex_as_a_workbook(world: World, sent: EscalationDraft, today: Any) -> None:
    today(late(20))
    url = f"/cases/{order_of(sent).pk}/annex/"
    answer = sign_in(world, WORKER).get(url)
    rows = list(load_workbook(io.BytesIO(answer.getvalue())).active.values)
    assert [row[1] for row in rows[4:]] == ["涧西区示例0号有限公司", "涧西区示例1号有限公司"]
    assert sign_in(world, "嵩县/county_worker").get(url).status_code == 404
    assert Client().get(url).status_code == 302
    case = Case.objects.filter(is_main=True).first()
    assert case is not None
    assert sign_in(world, WORKER).get(f"/cases/{case.pk}/annex/").status_code == 404


def test_only_supervision_letters_and_only_where_the_plan_knows_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_firms(world)
    climb(10, 15)
    release(world, waiting(kind="reminder_letter"), late(15))
    assert not OrderOrigin.objects.exists()
    climb(16, 20)
    monkeypatch.setattr(Pack, "opened_by", lambda _pack, _letter: None)
    release(world, waiting(kind="supervision_letter"), late(20))
    assert not OrderOrigin.objects.exists()


# --- caps and quiet periods -----------------------------------------------------------------------
def second_letter(world: World, day: date) -> EscalationDraft:
    """Another supervision letter to the same county."""
    first = EscalationDraft.objects.get(kind="supervision_letter")
    lines = list(first.lines.all())
    first.pk = None
    first.number, first.state, first.body = "", "drafted", ""
    first.decided_at = first.decided_by = None
    first.save()
    for line in lines:
        line.pk, line.draft, line.sent = None, first, {}
        line.save()
    return first


def test_at_most_one_a_county_and_month_though_the_ladder_says_nothing(
    world: World, sent: EscalationDraft, monkeypatch: pytest.MonkeyPatch, today: Any
) -> None:
    text = shipped_text("luoyang-2022").replace("once_per: month, ", "")
    free = parse_pack(text)
    monkeypatch.setattr(caps, "pack_of", lambda _version: free)
    day = plus(late(20), 1)
    again = second_letter(world, day)
    assert refused(lambda: release(world, again, day)) == "cap"
    today(day)
    assert "可于6月发出" in sign_in(world, HEAD).get("/supervision/letters/").content.decode()
    loose = free.model_copy(
        update={
            "procedures": {
                key: one.model_copy(update={"at_most_a_month": None})
                for key, one in free.procedures.items()
            }
        }
    )
    monkeypatch.setattr(caps, "pack_of", lambda _version: loose)
    assert release(world, again, day).state == "released"


def test_nothing_goes_out_in_a_quiet_period_and_the_page_says_until_when(
    world: World, monkeypatch: pytest.MonkeyPatch, today: Any
) -> None:
    open_firms(world)
    climb(10, 10)
    letter, day = waiting(), late(10)
    text = shipped_text("luoyang-2022").replace(
        "{from: 03-21, until: 03-25", f"{{from: {day:%m-%d}, until: {day + timedelta(days=2):%m-%d}"
    )
    quiet = parse_pack(text)
    monkeypatch.setattr(caps, "pack_of", lambda _version: quiet)
    with pytest.raises(Refused) as refusal:
        release(world, letter, day)
    assert refusal.value.code == "quiet"
    assert "年报审核周" in refusal.value.words
    today(day)
    page = sign_in(world, HEAD).get(f"/supervision/letters/{letter.pk}/").content.decode()
    assert "年报审核周" in page
    assert 'form="release"' not in page
    # the number on the tab is what the page says is to be decided; what is held stands apart
    tray = sign_in(world, HEAD).get("/supervision/letters/")
    [tab] = [tab for tab in tray.context["tabs"] if tab["current"]]
    assert (tab["count"], tray.context["waiting"], tray.context["held"]) == (0, 0, 1)
    assert "待审定0件" in tray.content.decode()
    assert '<span class="state">暂缓发出</span>' in tray.content.decode()
    assert tray_counts(world.actor(HEAD, day), day)["drafts"] == 0
    assert release(world, letter, day + timedelta(days=3)).state == "released"


# --- of a leader's word ---------------------------------------------------------------------------
@pytest.fixture
def said(world: World) -> Case:
    """批示 on a firm's case."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    return remarks.comment(case.pk, by=world.actor(LEADER), at=at(START), text=SAID)


def turn(world: World, case: Case, who: str) -> Case:
    event = case.events.get(verb="comment", by_post__role=LEADER)
    answers = {"matter": "逐户分析", "source": "instruction", "asked": SAID, "grade": "major"}
    asked = Asked(
        "supervision", unit="涧西区工作专班", about_id=case.pk, instruction_id=event.pk,
        answers=answers,
    )  # fmt: skip
    return matters.open_matter(world.programme, asked, by=world.actor(who), at=at(START, 10))


@pytest.mark.parametrize("who", [HEAD, "supervisor", LEADER])
def test_an_instruction_becomes_an_order_that_the_office_issues(
    world: World, said: Case, who: str
) -> None:
    order = turn(world, said, who)
    origin = OrderOrigin.objects.get(case=order)
    assert (origin.about, origin.letter) == (said, None)
    assert world.item(order).unit.kind == "office"
    if who != HEAD:
        with pytest.raises(NotYours):
            stages.advance(order.pk, by=world.actor(who), at=at(START, 11))
    stages.advance(order.pk, by=world.actor(HANDLER), at=at(START, 11))
    event = said.events.get(verb="supervise")
    assert words_of(event, Names()) == f"已转督办，编号{order.number}"


def test_the_leader_is_told_what_came_of_his_word(world: World, said: Case) -> None:
    order = turn(world, said, HEAD)
    stages.advance(order.pk, by=world.actor(HANDLER), at=at(START, 11))
    worker = world.actor(WORKER)
    stages.acknowledge(order.pk, by=worker, at=at(START, 12))
    stages.advance(order.pk, by=worker, at=at(START, 13), form={"report": "已分析"})
    stages.close(order.pk, by=world.actor(HANDLER), at=at(START, 14))
    deliver(at(START, 15))
    told = Notice.objects.filter(recipient=world.people[LEADER]).values_list("body", flat=True)
    assert list(told) == ["督办：逐户分析，3月1日已销号。"]


def test_the_way_to_it_from_the_case_page_filled_in(world: World, said: Case, today: Any) -> None:
    today(START)
    event = said.events.get(verb="comment")
    way = f"/matters/open/supervision/?about={said.pk}&instruction={event.pk}"
    html = {who: sign_in(world, who).get(f"/cases/{said.pk}/").content.decode()
            for who in (HEAD, "supervisor", WORKER)}  # fmt: skip
    assert "转督办" in html[HEAD]
    assert "提请督办" in html["supervisor"]
    assert SAID in html[WORKER]
    assert "instruction=" not in html[WORKER]
    client = sign_in(world, HEAD)
    page = client.get(way)
    assert SAID in page.content.decode()
    data = {"matter": "逐户分析", "source": "instruction", "asked": SAID, "grade": "ordinary"}
    answer = client.post(way, {**data, "unit": "涧西区工作专班", "do": "open"})
    assert answer.status_code == 302
    order = Case.objects.get(procedure="supervision")
    assert f"/cases/{order.pk}/" in client.get(f"/cases/{said.pk}/").content.decode()
    back = sign_in(world, LEADER).get(f"/cases/{order.pk}/").content.decode()
    assert SAID in back
    assert f"/cases/{said.pk}/" in back
    # once is enough
    assert way.replace("&", "&amp;") not in client.get(f"/cases/{said.pk}/").content.decode()


def test_no_order_of_what_is_no_instruction_or_not_in_sight(world: World, said: Case) -> None:
    remark = remarks.comment(said.pk, by=world.actor(WORKER), at=at(START, 9), text="已联系")
    event = remark.events.filter(verb="comment").latest("pk")
    pack = world.programme.current.pack
    procedure, office = pack.procedure("supervision"), world.actor(HEAD)
    source = supervising.source_of
    assert refused(lambda: source(pack, procedure, said.pk, event.pk, office)) == "no_instruction"
    issue = pack.procedure("issue")
    assert refused(lambda: source(pack, issue, said.pk, None, office)) == "no_order"
    far = world.actor("嵩县/county_lead")
    assert refused(lambda: source(pack, procedure, said.pk, None, far)) == "not_yours"
    with pytest.raises(NotYours):
        turn(world, said, LEAD)
    way = f"/matters/open/supervision/?about={said.pk}&instruction={event.pk}"
    assert sign_in(world, HEAD).get(way).status_code == 404


def test_releasing_costs_what_it_cost(world: World, django_assert_max_num_queries: Any) -> None:
    open_firms(world, 4)
    climb(10, 20)
    letter, head = waiting(kind="supervision_letter"), world.actor(HEAD, late(20))
    with django_assert_max_num_queries(60):
        drafts.release(letter.pk, by=head, at=at(late(20), 15), body="请关注")
