"""企业咨询与评价: what a firm asks is owed by its county, what it finds bad becomes an issue."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import asking, endings, filling, stages
from cases.asking import QUESTION, kind_for_firms, threads_of
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent
from enterprises.models import Clerk
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.scope import Actor
from tests.cases.at_once import together
from tests.cases.lists import sign_in
from tests.cases.test_matters import ANSWER
from tests.config.test_commands import as_json, refused, run
from tests.world import START, SYSTEM, World, at, build
from workflows.models import load_calendar
from workflows.packs import SHIPPED, parse_pack

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
TEXT = "研发人员名册要盖哪个章？"


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(WORKER), at=at(START))


@pytest.fixture
def clerk(world: World, case: Case) -> Actor:
    assert case.enterprise is not None
    return world.clerk(case.enterprise)


def said(world: World, key: str) -> list[str]:
    deliver(at(START, 20))
    return list(Notice.objects.filter(recipient=world.people[key]).values_list("body", flat=True))


def test_a_question_is_owed_answered_and_goes_on(world: World, case: Case, clerk: Actor) -> None:
    made = asking.ask(case.firm_id, text=TEXT, by=clerk, at=at(START, 10))
    item = world.item(made)
    assert (item.unit.short_name, item.due_on) == (
        "涧西区工作专班",
        load_calendar().add(START, 3),
    )
    # the firm's own case stays on the desk beside it
    assert set(Case.objects.with_item().owed_by(world.actor(WORKER))) == {case, made}
    [asked] = [words for words in said(world, WORKER) if TEXT in words]
    assert asked.count(TEXT) == 1
    asking.answer(made.pk, text="盖企业公章。", by=world.actor(WORKER), at=at(START, 11))
    [told] = [one for one in said(world, f"clerk/{case.firm_id}") if TEXT in one]
    assert "盖企业公章" in told
    assert told.count(TEXT) == 1
    # what is done stays done; who asks on opens a new one in the same thread
    with pytest.raises(Refused):
        asking.answer(made.pk, text="再答", by=world.actor(WORKER), at=at(START, 12))
    on = asking.ask(
        case.firm_id, text="部门章可以吗？", follows=made.number, by=clerk, at=at(START, 13)
    )
    asking.ask(case.firm_id, text="另一件", follows="2022-9999", by=clerk, at=at(START, 14))
    threads = threads_of([case.firm_id], SYSTEM)[case.firm_id]
    assert [[one.text for one in thread] for thread in threads] == [
        ["另一件"],
        [TEXT, "部门章可以吗？"],
    ]
    first, second = threads[1]
    assert (first.answer, first.is_open, second.case, second.is_open) == (
        "盖企业公章。", False, on, True,
    )  # fmt: skip


def test_only_the_firm_asks_and_only_its_county_answers(
    world: World, case: Case, clerk: Actor
) -> None:
    other = world.clerk(world.firm("别家企业"))
    for by in (other, world.actor(WORKER), world.office):
        with pytest.raises(NotYours):
            asking.ask(case.firm_id, text=TEXT, by=by, at=at(START))
        with pytest.raises(NotYours):
            asking.rate(case.firm_id, satisfied="no", text="慢", by=by, at=at(START))
    made = asking.ask(case.firm_id, text=TEXT, by=clerk, at=at(START))
    for by in (clerk, other, world.actor("嵩县/county_worker"), world.actor("leader")):
        with pytest.raises(NotYours):
            asking.answer(made.pk, text="好", by=by, at=at(START))
    with pytest.raises(Refused) as refused:
        asking.answer(case.pk, text="好", by=world.actor(WORKER), at=at(START))
    assert refused.value.code == "no_question"
    for _n in range(asking.MOST_OPEN - 1):
        asking.ask(case.firm_id, text=TEXT, by=clerk, at=at(START))
    with pytest.raises(Refused) as refused:
        asking.ask(case.firm_id, text=TEXT, by=clerk, at=at(START))
    assert refused.value.code == "many"


def test_the_reviewer_of_the_unit_answers_for_an_absent_handler(
    world: World, case: Case, clerk: Actor
) -> None:
    """By the plan's word (``closer: unit``), of the same unit only; of no other kind of case."""
    made = asking.ask(case.firm_id, text=TEXT, by=clerk, at=at(START))
    other = world.actor("嵩县/county_lead")
    with pytest.raises(NotYours):
        asking.answer(made.pk, text="盖企业公章。", by=other, at=at(START))
    lead = sign_in(world, LEAD)
    url = reverse("case_answer", args=[made.pk])
    assert url in lead.get(reverse("case", args=[made.pk])).content.decode()
    lead.post(url, {"answer": "盖企业公章。"})
    [[answered]] = threads_of([case.firm_id], SYSTEM)[case.firm_id]
    assert (answered.answer, answered.by) == ("盖企业公章。", str(world.people[LEAD]))
    kinds = parse_pack((SHIPPED / "luoyang-2022.yaml").read_text(encoding="utf-8"), "x").procedures
    of_the_unit = [key for key, kind in kinds.items() if kind.closer == "unit"]
    assert of_the_unit == [QUESTION, "reconciling"]


def test_whoever_is_not_satisfied_opens_an_issue(world: World, case: Case, clerk: Actor) -> None:
    with pytest.raises(Refused) as refused:
        asking.rate(case.firm_id, satisfied="no", by=clerk, at=at(START))
    assert refused.value.code == "no_text"
    assert asking.rate(case.firm_id, satisfied="yes", by=clerk, at=at(START)) is None
    with pytest.raises(Refused) as refused:
        asking.rate(case.firm_id, satisfied="no", text="慢", by=clerk, at=at(START, 12))
    assert refused.value.code == "once_a_day"
    later = START + timedelta(days=1)
    issue = asking.rate(
        case.firm_id, satisfied="no", text="三次来电口径不一", by=clerk, at=at(later)
    )
    assert issue is not None
    assert (issue.procedure, issue.title) == ("issue", "企业不满意：三次来电口径不一")
    # not with the very unit that it is about: the office follows it, as the firm is told
    assert world.item(issue).unit == world.units["市专班办"]
    # which does not read it either, nor the firm's service officer: it may be about him
    assert issue.county == world.city
    for key in (WORKER, LEAD):
        assert not Case.objects.visible_to(world.actor(key)).filter(pk=issue.pk).exists()
    taken = stages.acknowledge(issue.pk, by=world.office, at=at(later, 11))
    assert taken.stage == "handling"
    moved = stages.advance(issue.pk, by=world.office, at=at(later, 12), form=ANSWER)
    assert moved.stage == "call_back"
    # nor is the firm called back, or the issue closed, by the county that it complains of
    assert world.item(moved).unit == world.units["市专班办"]
    called = {"called_on": later.isoformat(), "person": "甲示例", "satisfied": "yes"}
    filling.save_draft(issue.pk, form="call_back", data=called, by=world.office, at=at(later, 13))
    with pytest.raises(NotYours):
        stages.close(issue.pk, by=world.actor(LEAD), at=at(later, 14))
    done = stages.close(issue.pk, by=world.actor("office/2"), at=at(later, 14))
    assert done.stage == "closed"
    event = CaseEvent.objects.filter(case=case, verb="satisfaction").latest("pk")
    assert (event.reason, event.by) == ("", clerk.user)
    assert any("三次来电口径不一" in one for one in said(world, "office/1"))
    assert [("三次来电" in one, "跟办" in one) for one in said(world, LEAD) if "不满意" in one] == [
        (False, True)
    ]
    page = sign_in(world, LEAD).get(reverse("case", args=[case.pk])).content.decode()
    assert "三次来电口径不一" not in page
    assert "企业评价：不满意，由市专班办跟办" in page


def test_without_a_case_it_is_heard_once_a_day_all_the_same(
    world: World, case: Case, clerk: Actor
) -> None:
    endings.withdraw(case.pk, by=world.office, at=at(START, 10), reason="误建")
    issue = asking.rate(case.firm_id, satisfied="no", text="没人理", by=clerk, at=at(START, 11))
    for hour in (11, 15):
        with pytest.raises(Refused) as refused:
            asking.rate(case.firm_id, satisfied="no", text="又来", by=clerk, at=at(START, hour))
        assert refused.value.code == "once_a_day"
    assert list(Case.objects.filter(procedure="issue")) == [issue]
    assert any("没人理" in one for one in said(world, "office/1"))
    later = at(START + timedelta(days=1))
    assert asking.rate(case.firm_id, satisfied="no", text="又来", by=clerk, at=later) is not None


@pytest.mark.postgres
def test_two_taps_at_once_open_one_issue(transactional_db: None) -> None:
    world = build()
    firm = world.firm("洛阳示例轴承有限公司")
    world.open()
    by = world.clerk(firm)
    found = together(
        *[lambda: asking.rate(firm.pk, satisfied="no", text="慢", by=by, at=at(START, 10))] * 2
    )
    assert Case.objects.filter(procedure="issue").count() == 1
    assert [one.code for one in found if isinstance(one, Refused)] == ["once_a_day"]


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_plan_of_ours_lets_its_firms_ask(file: Path) -> None:
    kind = kind_for_firms(parse_pack(file.read_text(encoding="utf-8"), file.name))
    assert kind is not None
    assert (kind.key, kind.title_from) == (QUESTION, "question")


def test_the_pages(
    world: World, case: Case, clerk: Actor, today: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked on a phone, answered at a desk, read on the phone; the office sees what waits."""
    today(START)  # type: ignore[operator]
    phone = sign_in(world, f"clerk/{case.firm_id}")
    ask, rate = (reverse(name, args=[case.firm_id]) for name in ("portal_ask", "portal_rate"))
    assert phone.post(ask, {"text": TEXT}).status_code == 302
    assert "前答复您" in phone.get(reverse("portal")).content.decode()
    made = Case.objects.get(procedure="question")
    office = sign_in(world, "office/1")
    assert "企业咨询待答复" in office.get("/workbench/").content.decode()
    assert TEXT in office.get(reverse("issues") + "?kind=question").content.decode()
    worker = sign_in(world, WORKER)
    page = worker.get(reverse("case", args=[made.pk])).content.decode()
    assert reverse("case_answer", args=[made.pk]) in page
    assert "咨询，由涧西区工作专班答复" in page
    assert (
        reverse("case_answer", args=[made.pk])
        not in office.get(reverse("case", args=[made.pk])).content.decode()
    )
    worker.post(reverse("case_answer", args=[made.pk]), {"answer": "盖企业公章。"})
    assert "盖企业公章。" in phone.get(reverse("portal")).content.decode()
    talk = worker.get(reverse("firm_talk", args=[case.firm_id])).content.decode()
    assert TEXT in talk
    assert "盖企业公章。" in talk
    # a colleague was quicker: what was typed is not lost
    late = worker.post(reverse("case_answer", args=[made.pk]), {"answer": "盖部门章也行"})
    assert (late.status_code, "盖部门章也行" in late.content.decode()) == (422, True)
    kept = phone.post(rate, {"satisfied": "no", "text": ""})
    page = kept.content.decode()
    assert (kept.status_code, 'value="no" required checked' in page) == (422, True)
    assert "请用一句话说明" in page
    long = TEXT + "一" * asking.OF_QUESTION
    for follows in ("", made.number):
        kept = phone.post(ask, {"text": long, "follows": follows})
        assert (kept.status_code, kept.content.decode().count(long)) == (422, 1)
    phone.post(ask, {"text": "交到哪里？"})
    monkeypatch.setattr("cases.views.talk.SHOWN", 1)
    there = reverse("firm_talk", args=[case.firm_id])
    cut, whole = (worker.get(there + more).content.decode() for more in ("", "?all=1"))
    assert (TEXT in cut, f'href="{there}?all=1">查看全部2条咨询' in cut) == (False, True)
    assert (TEXT in whole, "查看全部" in whole) == (True, False)
    phone.post(rate, {"satisfied": "no", "text": "慢"})
    assert "不满意" in phone.get(reverse("portal")).content.decode()
    assert "不满意" in worker.get(reverse("firm_talk", args=[case.firm_id])).content.decode()
    assert Case.objects.get(procedure="issue").title == "企业不满意：慢"
    for address in (ask, rate):
        assert sign_in(world, WORKER).post(address, {"text": "x"}).status_code == 404


def test_the_page_of_many_firms_costs_what_one_does(
    world: World, case: Case, clerk: Actor, today: object
) -> None:
    """Somebody keeps the papers of several firms, one of which has no case."""
    today(START)  # type: ignore[operator]
    phone = sign_in(world, f"clerk/{case.firm_id}")

    def cost() -> int:
        phone.get(reverse("portal"))
        with CaptureQueriesContext(connection) as asked:
            page = phone.get(reverse("portal"))
        assert len(page.context["firms"]) == Clerk.objects.count()
        return len(asked)

    one = cost()
    user = clerk.user
    assert user is not None
    for n in range(4):
        firm = world.firm(f"洛阳示例{n}有限公司")
        Clerk.objects.create(user=user, enterprise=firm, from_on=START)
    world.open()
    for gone in Case.objects.main().order_by("-pk")[:2]:
        endings.withdraw(gone.pk, by=world.office, at=at(START, 10), reason="误建")
    assert cost() <= one + 2 <= 12


def test_on_the_command_line(world: World, case: Case, clerk: Actor) -> None:
    firm, day = str(case.enterprise), START.isoformat()
    own = ("--by", world.people[f"clerk/{case.firm_id}"].username, "--at", day)
    county = ("--by", world.people[WORKER].username, "--at", day)
    made = as_json("questions", "ask", firm, "--text", TEXT, *own)
    assert Case.objects.get(procedure="question").title == TEXT
    on = as_json("questions", "ask", firm, "--text", "再问", "--follows", made["number"], *own)
    [thread] = threads_of([case.firm_id], SYSTEM).values()
    assert [one.text for one in thread[0]] == [TEXT, "再问"]
    answered = as_json("questions", "answer", made["number"], "--text", "盖公章", *county)
    assert answered["stage"] == "closed"
    waiting = as_json("questions", "list", "--at", day)
    assert [one["number"] for one in waiting] == [on["number"]]
    assert len(as_json("questions", "list", "--all", "--at", day)) == 2
    assert TEXT in run("questions", "list", "--all", "--at", day)
    rated = as_json("questions", "rate", firm, "no", "--text", "慢", *own)
    assert Case.objects.get(procedure="issue").number == rated["issue"]
    for words in (("ask", firm), ("answer", on["number"]), ("rate", firm, "no")):
        other = ("--by", world.people["嵩县/county_worker"].username, "--at", day)
        assert refused("questions", *words, "--text", "x", *other)
