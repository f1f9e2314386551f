"""The ladder's letters in their order: each firm at its rung, never downward, nothing foreign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from cases import caps
from cases.actions import pauses, stages
from cases.annex import AnnexLine, annex_of
from cases.letters import compose
from cases.models import Case, CaseEvent, DraftLine, EscalationDraft, RungFired, WorkItem
from cases.oversight import tray_counts
from cases.steps import move_deadline
from cases.sweeps import sweep
from organisations.models import Tenure
from organisations.scope import Actor
from tests.cases.climbing import (
    APRIL,
    HANDLER,
    HEAD,
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
from tests.world import World, at, survey_form

CONSENT = "经市工作专班负责同志同意"


def put_off(world: World, case: Case, until: date, on: date) -> WorkItem:
    """A new date for the case's open step, as an extension gives it."""
    item = world.item(case)
    move_deadline(item, case, until, on=on)
    item.save()
    return item


def test_a_rest_after_the_note_does_not_spare_a_county_the_letter(world: World) -> None:
    """What a letter builds on stays on record when the date moves by the days of the rest."""
    [case] = open_firms(world)
    climb(1, 11)
    assert waiting(kind="work_note")
    pauses.suspend(case.pk, by=world.office, at=at(late(11), 11), until=late(16), reason="检修")
    climb(12, 19)
    assert not EscalationDraft.objects.filter(kind="reminder_letter").exists()
    climb(20, 21)  # 15 days late without the five of rest
    assert [line.case.pk for line in _annex("reminder_letter", late(21))] == [case.pk]


def test_going_back_to_oneself_does_not_spare_a_county_the_letter(world: World) -> None:
    """Neither is it told a second time of what the step before has brought."""
    [case] = open_firms(world)
    worker = world.actor(WORKER, APRIL)
    stages.acknowledge(case.pk, by=worker, at=at(APRIL))
    stages.advance(case.pk, by=worker, at=at(APRIL, 10), form=survey_form("B", APRIL))
    due = world.item(case).due_on
    assert due is not None
    _sweep_from(plus(due, 1), 11)
    assert waiting(kind="work_note")
    back = plus(due, 12)
    stages.send_back(case.pk, by=world.actor(WORKER, back), at=at(back, 8), reason="重新核对")
    assert world.item(case).due_on == due
    _sweep_from(back, 5)
    assert waiting(kind="reminder_letter")
    assert RungFired.objects.filter(rung="work_note", item__process=case).count() == 1


def _sweep_from(day: date, n: int) -> None:
    for passed in range(n):
        sweep(at(plus(day, passed)))


def _annex(kind: str, on: date) -> Sequence[AnnexLine]:
    return annex_of(waiting(kind=kind), Actor.system(), on).lines


# --- each at its own rung -------------------------------------------------------------------------
def test_who_climbs_leaves_the_others_in_the_lower_letter(world: World) -> None:
    [first] = open_firms(world)
    climb(10, 10)
    firm = world.firm("涧西区后来有限公司")
    world.open(plus(late(15), -11))
    second = world.case(firm)
    climb(11, 16)
    note, letter = waiting(kind="work_note"), waiting(kind="reminder_letter")
    day = late(16)
    assert [line.case.pk for line in annex_of(letter, Actor.system(), day).lines] == [first.pk]
    found = annex_of(note, Actor.system(), day)
    assert [line.case.pk for line in found.lines] == [second.pk]
    assert [(line.case.pk, code) for line, code in found.gone] == [(first.pk, "climbed")]
    assert found.gone_words() == "1家已列入更高层级文书"


# --- never downward -------------------------------------------------------------------------------
def test_after_a_supervision_letter_no_milder_one_about_the_same_item(world: World) -> None:
    case, other = open_firms(world, 2)
    climb(10, 20)
    stages.acknowledge(other.pk, by=world.actor(WORKER, late(20)), at=at(late(20)))
    release(world, waiting(), late(20))
    item = put_off(world, case, late(22), late(21))
    climb(21, 38)
    kinds = list(EscalationDraft.objects.order_by("id").values_list("kind", "state"))
    assert ("work_note", "drafted") not in kinds
    assert ("reminder_letter", "drafted") not in kinds
    fired = RungFired.objects.filter(item=item, deadline_version=item.deadline_version)
    spoke = dict(fired.values_list("rung", "spoke"))
    assert (spoke["work_note"], spoke["reminder_letter"]) == (False, False)
    # the same rung is reached again
    climb(39, 42)
    assert waiting().kind == "supervision_letter"


def test_a_milder_letter_about_what_a_graver_one_said_is_not_sent(world: World) -> None:
    """Even where an older version put the item into both."""
    open_firms(world)
    climb(10, 20)
    letter = release(world, waiting(), late(20))
    line = letter.lines.get()
    milder = EscalationDraft.objects.create(
        programme=letter.programme,
        kind="reminder_letter",
        county=letter.county,
        addressee="county_bureau",
        unit=letter.unit,
        month=letter.month,
        made_at=at(late(21)),
    )
    DraftLine.objects.create(draft=milder, item=line.item, rung="reminder_letter")
    assert annex_of(milder, Actor.system(), late(21)).lines == []
    assert refused(lambda: release(world, milder, late(21))) == "nothing_left"


# --- what it cites --------------------------------------------------------------------------------
def test_only_what_was_sent_about_these_items_since_they_were_due(world: World) -> None:
    [case] = open_firms(world)
    climb(10, 10)
    release(world, waiting(), late(10))
    climb(11, 20)
    letter = waiting()
    assert "发出工作提示" in text_of(letter, late(20))
    # another step of the same firm: the note was about the one before
    line = letter.lines.get()
    second = WorkItem.objects.get(pk=line.item_id)
    second.pk, second.due_on = None, late(3)
    WorkItem.objects.filter(pk=line.item_id).update(finished=at(late(19)))
    second.save()
    DraftLine.objects.filter(pk=line.pk).update(item=second)
    assert "发出工作提示" not in text_of(letter, late(40))
    # the same step with a later limit: the note was before it
    DraftLine.objects.filter(pk=line.pk).update(item=line.item_id)
    WorkItem.objects.filter(pk=second.pk).update(finished=at(late(19)))  # none is ever removed
    WorkItem.objects.filter(pk=line.item_id).update(finished=None, due_on=late(9))
    assert "发出工作提示" in text_of(letter, late(40))
    WorkItem.objects.filter(pk=line.item_id).update(due_on=late(10))
    assert "发出" not in text_of(letter, late(40)).split("现就")[0]
    assert case.pk == line.item.process_id


# --- whose consent --------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["supervision_letter", "talk"])
def test_consent_is_claimed_by_the_head_only(world: World, kind: str) -> None:
    open_firms(world)
    climb(10, 20)
    letter, day = waiting(), late(20)
    lines = annex_of(letter, Actor.system(), day).lines
    letter.kind = kind
    assert CONSENT in compose(letter, lines, day, world.people[HEAD])
    for by in (world.people[HANDLER], None):
        said = compose(letter, lines, day, by)
        assert "同意" not in said
        assert ("现就有关事项函告如下：" if kind == "supervision_letter" else "商请对") in said
    Tenure.objects.filter(user=world.people[HEAD]).delete()
    assert CONSENT not in compose(letter, lines, day, world.people[HEAD])


# --- one a month ----------------------------------------------------------------------------------
def test_what_may_go_out_next_month_says_so_and_is_not_counted(world: World, today: Any) -> None:
    open_firms(world)
    climb(10, 10)
    day = late(10)
    release(world, waiting(), day)
    assert (day.month, late(12).month) == (4, 4)
    other = world.firm("涧西区后来有限公司")
    world.open(plus(late(12), -11))
    climb(11, 12)
    note = waiting()
    assert note.lines.get().item.process.enterprise == other
    open_firms(world, 1, "嵩县", on=plus(late(12), -11))
    climb(12, 12)
    assert EscalationDraft.objects.filter(state="drafted").count() == 2
    today(late(12))
    head = world.actor(HEAD, late(12))
    assert tray_counts(head, late(12))["drafts"] == 1
    client = sign_in(world, HEAD)
    listed = client.get("/supervision/letters/").content.decode()
    assert listed.count("可于5月发出") == 1
    url = f"/supervision/letters/{note.pk}/"
    page = client.get(url)
    html = page.content.decode()
    assert "本月已向该单位发出过同类文书，本份可于5月发出" in html
    assert 'form="release"' not in html
    assert refused(lambda: release(world, note, late(12))) == "cap"
    # nothing gets lost: in May it is one to decide
    today(date(2022, 5, 5))
    assert tray_counts(head, date(2022, 5, 5))["drafts"] == 2
    assert 'form="release"' in client.get(url).content.decode()


def test_the_month_after_december() -> None:
    assert caps.next_month(date(2026, 11, 21)) == date(2026, 12, 1)
    assert caps.next_month(date(2026, 12, 31)) == date(2027, 1, 1)


def test_a_rung_that_does_not_speak_writes_nothing(world: World) -> None:
    [case] = open_firms(world)
    climb(10, 20)
    release(world, waiting(), late(20))
    put_off(world, case, late(22), late(21))
    before = CaseEvent.objects.filter(verb="rung", data__rung="work_note").count()
    climb(21, 33)
    assert CaseEvent.objects.filter(verb="rung", data__rung="work_note").count() == before
