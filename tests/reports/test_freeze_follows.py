"""What a freeze sets going: the counties' to-dos about the lists, letters that a person sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases import letters as letters_text
from cases.actions import county_letters, stages
from cases.actions import drafts as letters_verbs
from cases.actions.filling import save_draft
from cases.models import Case, EscalationDraft
from enterprises.models import Enterprise, MonthlyFact
from organisations.models import Unit
from reports import reconciled
from reports.figures import following
from reports.figures.freezing import freeze
from reports.figures.months import live
from tests.cases.lists import sign_in
from tests.world import World, at

FEBRUARY, MARCH, NOW = date(2022, 2, 28), date(2022, 3, 31), date(2022, 4, 6)
LATER = date(2022, 4, 7)


@pytest.fixture
def spring(shared_city: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """March is in: 乙 has not filed, 丙 stands on the register and not in the list."""
    world = shared_city
    for name, place in (("甲有限公司", "涧西区"), ("乙有限公司", "涧西区"), ("丙有限公司", "嵩县")):
        firm = world.firm(name, place)
        for month in (2, 3):
            world.fact(firm, date(2022, month, 1))
    MonthlyFact.objects.filter(enterprise__name="乙有限公司").update(filed=False)
    MonthlyFact.objects.filter(enterprise__name="丙有限公司", about_month__month=3).delete()
    world.open()
    monkeypatch.setattr("organisations.clock.today", lambda: NOW)
    monkeypatch.setattr("organisations.clock.now", lambda: at(NOW))
    return world


def todos() -> dict[tuple[str, str], Case]:
    rows = Case.objects.filter(procedure="reconciling").select_related("county")
    return {(case.grade, case.county.name): case for case in rows}


def test_a_frozen_month_makes_a_to_do_of_each_list_of_a_county(spring: World) -> None:
    freeze(spring.programme, MARCH, by=spring.office, at=at(NOW))
    found = todos()
    assert set(found) == {("unfiled", "涧西区"), ("unmatched", "嵩县")}
    case = found["unfiled", "涧西区"]
    item = case.task_set.get()
    assert (case.title, item.unit.short_name) == ("催报（2022年3月，1家）", "涧西区工作专班")
    assert item.due_on == date(2022, 4, 13)  # 5 working days
    worker = sign_in(spring, "涧西区/county_worker")
    assert case.title in worker.get("/workbench/").content.decode()
    page = worker.get(f"/cases/{case.pk}/documents/").content.decode()
    assert "乙有限公司" in page
    assert "仍在清单内" in page
    page = worker.get("/progress/reconciling/").content.decode()
    assert f'href="/cases/{case.pk}/">4月13日前核对' in page
    # the city's sums and other counties' numbers open nothing for a county
    assert 'list=unfiled"' not in page
    assert (
        'list=unfiled"'
        in sign_in(spring, "office/1").get("/progress/reconciling/").content.decode()
    )
    # a correction, and a month that is frozen late, open nothing
    freeze(spring.programme, MARCH, by=spring.office, at=at(NOW, 15), reason="补报")
    freeze(spring.programme, FEBRUARY, by=spring.office, at=at(NOW, 16))
    assert Case.objects.filter(procedure="reconciling").count() == 2


def test_it_ends_when_its_firms_agree_or_by_the_county_s_answer(spring: World) -> None:
    freeze(spring.programme, MARCH, by=spring.office, at=at(NOW))
    assert reconciled.settle(at(LATER)) == 0
    MonthlyFact.objects.filter(enterprise__name="乙有限公司").update(filed=True)
    # another firm's turn to be asked is next month's, not this one's
    late = MonthlyFact.objects.filter(enterprise__name="甲有限公司", about_month__month=3)
    late.update(filed=False)
    assert reconciled.settle(at(LATER)) == 1
    ended = todos()["unfiled", "涧西区"]
    assert (ended.stage, ended.closed_on) == ("closed", LATER)
    last = ended.events.order_by("pk").last()
    assert last is not None
    assert "自动办结" in last.reason
    case = todos()["unmatched", "嵩县"]
    lead = spring.actor("嵩县/county_worker")
    save_draft(
        case.pk,
        form="reconciling_answer",
        data={"handled": "省系统名单未更新，已报市专班办"},
        by=lead,
        at=at(LATER),
    )
    stages.close(case.pk, by=lead, at=at(LATER))
    assert todos()["unmatched", "嵩县"].stage == "closed"
    assert reconciled.settle(at(LATER + timedelta(days=1))) == 0
    assert Enterprise.objects.count() == 3


# --- letters about a county as a whole -----------------------------------------------------------
def drafts(world: World) -> list[EscalationDraft]:
    rows = EscalationDraft.objects.filter(county=world.counties["涧西区"])
    return list(rows.order_by("pk"))


def test_two_months_behind_the_line_draft_a_letter_that_a_person_sends(spring: World) -> None:
    """No letter before the second month, one a county and month; it opens its order when sent."""
    world = spring
    freeze(world.programme, MARCH, by=world.office, at=at(NOW))
    letters = {draft.county.name: draft for draft in EscalationDraft.objects.all() if draft.county}
    assert set(letters) == {"涧西区", "嵩县"}
    draft = letters["涧西区"]
    assert (draft.state, draft.kind) == ("drafted", "supervision_letter")
    assert draft.cause["months"] == ["2022-02", "2022-03"]
    page = sign_in(world, "office/1").get(f"/supervision/letters/{draft.pk}/").content.decode()
    for words in ("2022年3月底", "已连续2个月落后序时目标", "涧西区人民政府"):
        assert words in page, words
    assert "已无逾期" not in page
    body = letters_text.compose(draft, [], NOW, None).replace("____", "0379-1")
    asked = {"body": body, "seal": "", "proposed": ""}
    head = sign_in(world, "office/2")
    sure = head.post(f"/supervision/letters/{draft.pk}/release/", asked).content.decode()
    assert "已连续2个月落后序时目标" in sure
    assert "0家" not in sure
    # the clock of its month: a correction drafts nothing new
    freeze(world.programme, MARCH, by=world.office, at=at(NOW, 15), reason="补报")
    assert drafts(world) == [draft]
    sent = letters_verbs.release(
        draft.pk, by=world.actor("office/2", NOW), at=at(NOW, 16), body=body
    )
    order = sent.opened.case
    assert (sent.state, order.title) == ("released", "涧西区研发活动覆盖率落后序时目标")
    assert letters_text.compose(sent, [], NOW, None) == body


def test_one_month_behind_or_a_plan_that_says_so_drafts_none(spring: World) -> None:
    rules = spring.programme.current.pack
    state = live(spring.programme, MARCH, today=NOW)
    was = live(spring.programme, FEBRUARY, today=NOW)
    MonthlyFact.objects.update(has_spending=True)
    ahead = live(spring.programme, FEBRUARY, today=NOW)
    assert len(following.behind(state, was, at(NOW))) == 2
    assert following.behind(state, ahead, at(NOW)) == []
    off = rules.model_copy(update={"limits": rules.limits.model_copy(update={"behind_months": 0})})
    assert following.behind(replace(state, pack=off), was, at(NOW)) == []
    three = rules.limits.model_copy(update={"behind_months": 3})
    longer = replace(state, pack=rules.model_copy(update={"limits": three}))
    # January too, counted anew: it was ahead by what is known now
    assert following.behind(longer, was, at(NOW)) == []


def test_three_letters_propose_a_talk_once_until_it_is_decided(spring: World) -> None:
    world = spring
    county, kind = world.counties["涧西区"], EscalationDraft.Kind.SUPERVISION_LETTER
    unit = Unit.objects.get(short_name="涧西区工作专班")
    for month in (1, 2, 3):
        EscalationDraft.objects.create(
            programme=world.programme, kind=kind, county=county, unit=unit, made_at=at(NOW),
            month=date(2022, month, 1), state="released", number=f"洛研专办函〔2022〕{month}号",
            body="函", decided_at=at(date(2022, month, 20)),
        )  # fmt: skip
    freeze(world.programme, MARCH, by=world.office, at=at(NOW))
    talk = EscalationDraft.objects.get(kind="talk")
    assert talk.unit.kind == Unit.Kind.SUPERVISION
    said = letters_text.compose(talk, [], NOW, None)
    assert "已向涧西区发出督办函3件（洛研专办函〔2022〕1号、" in said
    letters_verbs.drop(
        talk.pk, by=world.actor("office/2", NOW), at=at(NOW, 11), reason="已电话沟通"
    )
    assert county_letters.sent_since_talk(world.programme.pk) == {county.pk: []}
    talk.refresh_from_db()
    assert "督办函3件" in talk.body
