"""Letters of the ladder decided: judged again, by whom, once, and read where they went."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cases.actions import drafts, pauses, people, stages
from cases.annex import annex_of
from cases.errors import NotYours, Stale
from cases.models import Case, CaseEvent, DraftLine, EscalationDraft, RungFired, WorkItem
from cases.names import Names
from cases.wording import words_of
from organisations.models import Post, Tenure
from organisations.roles import Role
from organisations.scope import Actor
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
    text_of,
    waiting,
)
from tests.cases.lists import sign_in
from tests.world import World, at, person
from workflows.packs import parse_pack, shipped_text


# --- judged again ---------------------------------------------------------------------------------
def test_whatever_moved_on_is_neither_in_the_text_nor_in_the_annex(world: World) -> None:
    one, two, three, four = open_firms(world, 4)
    climb(10, 10)
    letter, day = waiting(), late(11)
    lead = world.actor(LEAD, day)
    stages.acknowledge(one.pk, by=lead, at=at(day, 8))
    pauses.suspend(two.pk, by=lead, at=at(day, 8), until=plus(day, 3), reason="检修")
    unit = world.units["嵩县工作专班"]
    people.reassign(
        three.pk, by=world.office, at=at(day, 8), reason="已搬迁", unit=unit, knowing=True
    )
    client = sign_in(world, HANDLER)
    annex = annex_of(letter, Actor.system(), day)
    assert [line.case.pk for line in annex.lines] == [four.pk]
    assert sorted(code for _line, code in annex.gone) == ["moved_on", "reassigned", "suspended"]
    assert "1家企业（涧西区示例3号有限公司）" in text_of(letter, day)
    release(world, letter, day, HANDLER)
    sent = DraftLine.objects.filter(draft=letter, gone="")
    assert [line.item.process_id for line in sent] == [four.pk]
    told = CaseEvent.objects.filter(verb="release_draft").values_list("case_id", flat=True)
    assert list(told) == [four.pk]
    # and the annex stays as it went out
    stages.acknowledge(four.pk, by=lead, at=at(day, 16))
    letter.refresh_from_db()
    [line] = annex_of(letter, Actor.system(), plus(day, 9)).lines
    assert (line.days_late, line.phase) == (11, "摸底")
    page = client.get(f"/supervision/letters/{letter.pk}/").content.decode()
    assert "1家已转入下一环节" in page


def test_nothing_left_is_nothing_to_send(world: World) -> None:
    [case] = open_firms(world)
    climb(10, 10)
    letter = waiting()
    stages.acknowledge(case.pk, by=world.actor(WORKER, late(11)), at=at(late(11)))
    assert refused(lambda: release(world, letter, late(11))) == "nothing_left"
    drafts.drop(letter.pk, by=world.office, at=at(late(11)), reason="已签收")


def test_a_list_that_changed_under_the_reader(world: World, today: Any) -> None:
    one, _two = open_firms(world, 2)
    climb(10, 10)
    letter = waiting()
    today(late(10))
    client, url = sign_in(world, HANDLER), f"/supervision/letters/{letter.pk}/release/"
    page = client.get(f"/supervision/letters/{letter.pk}/")
    seen = {"seal": page.context["seal"], "proposed": page.context["proposed"]}
    body = page.context["field"]["value"]
    assert "2家企业" in body
    stages.acknowledge(one.pk, by=world.actor(WORKER, late(10)), at=at(late(10), 16))
    with pytest.raises(Stale):
        release(world, letter, late(10), seal=seen["seal"])
    # an unedited text comes back composed anew, an edited one as it was
    answer = client.post(url, {"body": body, **seen})
    assert answer.status_code == 409
    assert "1家企业（涧西区示例1号有限公司）" in answer.context["field"]["value"]
    answer = client.post(url, {"body": "改过", **seen})
    assert answer.context["field"]["value"] == "改过"
    letter.refresh_from_db()
    assert letter.state == "drafted"
    fresh = {"seal": answer.context["seal"], "body": "改过"}
    assert "请确认发出" in client.post(url, fresh).content.decode()  # nothing has gone out yet
    fresh["confirmed"] = "1"
    assert client.post(url, fresh).status_code == 302
    assert client.post(url, fresh).status_code == 422  # not twice


def test_one_letter_a_county_and_day_and_one_of_a_kind_a_month(world: World) -> None:
    open_firms(world, 2)
    climb(10, 10)
    day = late(10)
    note = release(world, waiting(), day)
    one, other = [line.item for line in note.lines.all()]

    def another(kind: str, item: WorkItem) -> EscalationDraft:
        made = EscalationDraft.objects.create(
            programme=note.programme,
            kind=kind,
            county=note.county,
            unit=note.unit,
            month=note.month,
            made_at=at(day),
        )
        DraftLine.objects.create(draft=made, item=item, rung="work_note")
        return made

    letter, second = another("reminder_letter", one), another("work_note", other)
    assert refused(lambda: release(world, letter, day)) == "same_day"
    assert refused(lambda: release(world, second, late(11))) == "cap"
    DraftLine.objects.create(draft=letter, item=other, rung="work_note")
    release(world, letter, late(11))
    second.refresh_from_db()
    assert (second.state, second.into) == ("merged", letter)


def test_letters_of_all_kinds_share_the_offices_series(world: World) -> None:
    open_firms(world)
    open_firms(world, county="嵩县")
    open_firms(world, county="栾川县")
    climb(10, 20)
    given = {}
    for letter in EscalationDraft.objects.filter(state="drafted").order_by("county__position"):
        given[str(letter.county)] = letter
    kinds = ("supervision_letter", "reminder_letter", "work_note")
    for letter, kind in zip(given.values(), kinds, strict=True):
        EscalationDraft.objects.filter(pk=letter.pk).update(kind=kind)
    numbers = [release(world, letter, late(20)).number for letter in given.values()]
    assert numbers == ["洛研专办函〔2022〕1号", "洛研专办函〔2022〕2号", "洛研专办提示〔2022〕1号"]


def test_a_number_given_by_hand_is_nobody_elses_whatever_the_kind(world: World) -> None:
    open_firms(world)
    open_firms(world, county="嵩县")
    climb(10, 20)
    one, two = EscalationDraft.objects.filter(state="drafted").order_by("id")
    EscalationDraft.objects.filter(pk=two.pk).update(kind="reminder_letter")
    release(world, one, late(20), number="洛研专办函〔2022〕1号")
    again = refused(lambda: release(world, two, late(20), number="洛研专办函〔2022〕1号"))
    assert again == "number_taken"
    # the series passes over what the registry gave by hand
    assert release(world, two, late(20)).number == "洛研专办函〔2022〕2号"


def test_a_pack_without_a_mark_numbers_by_the_offices_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shipped_text("luoyang-2022")
    assert "    mark: 洛研专办\n" in text
    bare = parse_pack(text.replace("    mark: 洛研专办\n", ""))
    monkeypatch.setattr(drafts, "pack_of", lambda _version: bare)
    open_firms(world)
    climb(10, 20)
    assert release(world, waiting(), late(20)).number == "市专班办函〔2022〕1号"


# --- who releases ---------------------------------------------------------------------------------
def test_a_supervision_letter_is_the_heads_and_asked_twice(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 20)
    letter, day = waiting(), late(20)
    today(day)
    with pytest.raises(NotYours) as refusal:
        release(world, letter, day, HANDLER)
    assert refusal.value.code == "needs_head"
    url = f"/supervision/letters/{letter.pk}/"
    page = sign_in(world, HANDLER).get(url).content.decode()
    assert "须由市专班办负责人" in page
    assert 'form="release"' not in page
    head = sign_in(world, HEAD)
    shown = head.get(url)
    assert shown.context["number_field"]["required"] is False  # the browser lets it go without
    seal = shown.context["seal"]
    form = {"body": "督办正文", "seal": seal, "number": "洛研专办函〔2022〕6号"}
    confirmation = head.post(f"{url}release/", form)
    assert confirmation.status_code == 200
    html = confirmation.content.decode()
    assert "确认发出" in html
    assert "涧西区人民政府" in html
    assert "督办正文" in html
    letter.refresh_from_db()
    assert letter.state == "drafted"
    back = head.post(f"{url}release/", {**form, "back": "1"})
    assert back.context["field"]["value"] == "督办正文"
    assert head.post(f"{url}release/", {**form, "confirmed": "1"}).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.number) == ("released", "洛研专办函〔2022〕6号")
    event = CaseEvent.objects.get(verb="release_draft")
    assert words_of(event, Names()) == "市专班办发出《督办函》洛研专办函〔2022〕6号"


def test_without_a_head_the_office_is_not_stuck(world: World) -> None:
    open_firms(world)
    climb(10, 20)
    Tenure.objects.filter(user=world.people[HEAD]).delete()
    assert release(world, waiting(), late(20), HANDLER).state == "released"


def test_numbers_run_by_series_and_year(world: World) -> None:
    open_firms(world)
    open_firms(world, 1, "嵩县")
    climb(10, 10)
    one, two = EscalationDraft.objects.order_by("id")
    assert release(world, one, late(10)).number == "洛研专办提示〔2022〕1号"
    taken = "洛研专办提示〔2022〕1号"
    assert refused(lambda: release(world, two, late(10), number=taken)) == "number_taken"
    assert release(world, two, late(10)).number == "洛研专办提示〔2022〕2号"


def test_the_annex_has_a_row_for_each_firm_that_the_text_counts(world: World, today: Any) -> None:
    """A firm's case and its remedies are one row: what lacks together, the latest first."""
    [case] = open_firms(world)
    climb(10, 20)
    letter, item = waiting(), world.item(case)
    remedy = Case.objects.get(pk=case.pk)
    remedy.pk, remedy.parent, remedy.criterion = None, case, "staff"
    remedy.serial, remedy.title, remedy.is_main = 999, "", False
    remedy.save()
    child = WorkItem.objects.get(pk=item.pk)
    child.pk, child.process = None, remedy
    child.save()
    DraftLine.objects.create(draft=letter, item=child, rung="work_note")
    today(late(20))
    page = sign_in(world, HEAD).get(f"/supervision/letters/{letter.pk}/")
    assert "1家企业（" in page.context["field"]["value"]
    [row] = page.context["lines"]
    assert "研发人员" in row["lack"]
    assert row["late"] == 20
    # the firm's own case is late no more: what is late is a remedy, no firm
    letter.lines.filter(item=item).delete()
    page = sign_in(world, HEAD).get(f"/supervision/letters/{letter.pk}/")
    said = page.context["field"]["value"]
    assert "1家企业（涧西区示例0号有限公司）的1项整改事项逾期" in said
    assert page.context["counted"] == "1家企业的1项整改事项"
    assert [row["stage"] for row in page.context["lines"]] == ["整改事项1项"]


# --- not sent -------------------------------------------------------------------------------------
def test_a_talk_that_is_not_sent_is_proposed_again(world: World) -> None:
    [case] = open_firms(world)
    climb(10, 40)
    talk = waiting(kind="talk")
    drafts.drop(talk.pk, by=world.actor(HEAD, late(40)), at=at(late(40)), reason="先上门")
    climb(41, 59)
    assert not EscalationDraft.objects.filter(kind="talk", state="drafted").exists()
    climb(60, 64)
    again = waiting(kind="talk")
    assert again.lines.get().item.process_id == case.pk
    assert RungFired.objects.filter(rung="talk").count() == 1


def test_a_note_that_is_not_sent_leaves_the_ladder_to_climb(world: World) -> None:
    open_firms(world)
    climb(10, 10)
    drafts.drop(waiting().pk, by=world.office, at=at(late(10)), reason="已电话沟通")
    climb(11, 14)
    assert not EscalationDraft.objects.filter(state="drafted").exists()
    climb(15, 15)
    assert waiting().kind == "reminder_letter"


def test_a_letter_that_was_not_sent_stays_as_it_was_decided(world: World, today: Any) -> None:
    """Neither its day, nor how late, nor what lacks is worked out anew at every look."""
    one, two = open_firms(world, 2)
    climb(10, 10)
    letter, day = waiting(), late(11)
    today(day)
    stages.acknowledge(one.pk, by=world.actor(LEAD, day), at=at(day, 8))
    client, url = sign_in(world, HANDLER), f"/supervision/letters/{letter.pk}/"
    proposed = client.get(url).context["field"]["value"]
    drafts.drop(letter.pk, by=world.office, at=at(day), reason="已电话沟通")
    stages.acknowledge(two.pk, by=world.actor(LEAD, day), at=at(day, 16))
    today(plus(day, 9))
    page = client.get(url)
    letter.refresh_from_db()
    assert letter.body == proposed
    [row] = page.context["lines"]
    assert (row["firm"], row["late"]) == ("涧西区示例1号有限公司", 11)
    assert "作出决定时：1家已转入下一环节。" in page.content.decode()
    # of those decided before texts were kept, none is made up
    EscalationDraft.objects.update(body="")
    assert "未留存正文" in client.get(url).content.decode()


# --- what lacks before it goes out ----------------------------------------------------------------
def test_a_letter_with_a_blank_does_not_go_out(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 10)
    letter, day = waiting(), late(10)
    today(day)
    url, client = f"/supervision/letters/{letter.pk}/", sign_in(world, HANDLER)
    page = client.get(url)
    body = page.context["field"]["value"]
    assert "____" in body
    assert "/me/#phone" in [lack.url for lack in page.context["lacks"]]
    form = {"body": body, "seal": page.context["seal"], "confirmed": "1"}
    answer = client.post(f"{url}release/", form)
    assert answer.status_code == 422
    assert "没有登记联系电话" in answer.content.decode()
    assert client.post("/me/", {"phone": "没有"}).status_code == 422
    assert client.post("/me/", {"phone": "000-12345678"}).status_code == 302
    page = client.get(url)
    assert "____" not in page.context["field"]["value"]
    assert client.post(f"{url}release/", form | {"body": page.context["field"]["value"]})
    letter.refresh_from_db()
    assert letter.state == "released"
    assert "000-12345678" in letter.body


def test_a_vacant_addressee_is_said_before_the_letter_goes_out(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 10)
    letter = waiting()
    today(late(10))
    client, url = sign_in(world, HANDLER), f"/supervision/letters/{letter.pk}/"
    page = client.get(url).content.decode()
    assert "涧西区科学技术局的岗位目前无人任职，发出后系统内只有" in page
    force = {"post__unit__kind": "task_force", "post__unit__region": letter.county}
    Tenure.objects.filter(**force).delete()
    assert "发出后系统内无人收到" in client.get(url).content.decode()
    post = letter.unit.posts.get()
    reader = person("bureau", "局长")
    Tenure.objects.create(post=post, user=reader, from_on=date(2022, 1, 1))
    assert "无人任职" not in client.get(url).content.decode()


# --- what a firm lacks ----------------------------------------------------------------------------
def test_a_firm_that_has_all_is_not_said_to_be_unsurveyed(world: World, today: Any) -> None:
    [case] = open_firms(world)
    climb(10, 10)
    letter = waiting()
    today(late(10))
    url = f"/supervision/letters/{letter.pk}/"
    client = sign_in(world, HANDLER)
    [row] = client.get(url).context["lines"]
    assert row["lack"] == "待摸底"
    Case.objects.filter(pk=case.pk).update(grade="b", lacking=[], stage="rectification")
    [row] = client.get(url).context["lines"]
    assert row["lack"] == "材料齐全"


# --- who reads what went out ----------------------------------------------------------------------
def test_a_letter_is_read_where_it_went_and_nowhere_else(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 10)
    letter, day = waiting(), late(10)
    today(day)
    url = f"/supervision/received/{letter.pk}/"
    assert sign_in(world, LEAD).get(url).status_code == 404  # a draft is the office's
    release(world, letter, day)
    page = sign_in(world, LEAD).get(url)
    assert page.status_code == 200
    assert "请关注" in page.content.decode()
    assert "涧西区示例0号有限公司" in page.content.decode()
    assert "不发出" not in page.content.decode()
    outsiders = ("嵩县/county_lead", "市工信局/department_lead", "liaison_member", "leader")
    for who in outsiders:
        assert sign_in(world, who).get(url).status_code == 404, who


def test_the_county_does_not_read_who_is_asked_to_talk_to_it(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 40)
    talk = waiting(kind="talk")
    today(late(41))
    release(world, talk, late(41))
    url = f"/supervision/received/{talk.pk}/"
    assert sign_in(world, LEAD).get(url).status_code == 404
    assert sign_in(world, "supervisor").get(url).status_code == 200


def test_heads_by_the_name_of_the_post(world: World) -> None:
    open_firms(world)
    climb(10, 20)
    post = Post.objects.create(
        unit=world.units["市专班办"], name="副主任", role=Role.OFFICE, position=5
    )
    deputy = person("deputy", "副手")
    Tenure.objects.create(post=post, user=deputy, from_on=date(2022, 1, 1))
    world.people["deputy"] = deputy
    assert refused(lambda: release(world, waiting(), late(20), "deputy")) == "needs_head"
