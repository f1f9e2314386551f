"""Letters of the ladder: one a county, judged again at release, to whom the pack says."""

from __future__ import annotations

import pytest

from cases import addressing, rulebook
from cases.actions import drafts, stages
from cases.annex import annex_of
from cases.dates import long_day_words
from cases.letter_facts import subject_of
from cases.letters import compose
from cases.models import Case, CaseEvent, EscalationDraft, WorkItem
from cases.names import Names
from cases.wording import words_of
from enterprises.models import Enterprise
from organisations.models import Post, Unit
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
    release,
    text_of,
    waiting,
)
from tests.world import World, at, remove


# --- to whom --------------------------------------------------------------------------------------
def test_each_rung_goes_to_the_body_that_the_pack_names(world: World) -> None:
    open_firms(world)
    climb(10, 41)
    found = {d.kind: d for d in EscalationDraft.objects.all()}
    to = {kind: (d.addressee, addressing.addressee_of(d)) for kind, d in found.items()}
    assert to == {
        "work_note": ("county_bureau", "涧西区科学技术局"),
        "reminder_letter": ("county_bureau", "涧西区科学技术局"),
        "supervision_letter": ("county_government", "涧西区人民政府"),
        "talk": ("supervision_office", "洛阳市人民政府督查室"),
    }
    for kind, letter in found.items():
        letter.state = "drafted"
        said = text_of(letter, late(41))
        assert f"{to[kind][1]}{'负责同志' if kind == 'work_note' else ''}：" in said, kind
    assert found["supervision_letter"].unit == world.units["涧西区工作专班"]
    assert found["talk"].unit.kind == Unit.Kind.SUPERVISION


def test_without_a_bureau_the_task_force_reads_it(world: World) -> None:
    bureau = Unit.objects.filter(short_name="涧西区科技局")
    remove(Post.objects.filter(unit__in=bureau), bureau)
    open_firms(world)
    climb(10, 10)
    assert EscalationDraft.objects.get().unit == world.units["涧西区工作专班"]


def test_a_county_bureau_reads_what_is_written_to_it(world: World) -> None:
    bureau = Unit.objects.get(short_name="涧西区科技局")
    open_firms(world)
    climb(10, 21)
    assert EscalationDraft.objects.get(kind="work_note").unit == bureau
    letter = waiting()
    assert letter.kind == "supervision_letter"
    assert letter.unit == world.units["涧西区工作专班"]


@pytest.mark.parametrize(
    ("county", "kind", "government", "your"),
    [
        ("嵩县", "county", "嵩县人民政府", "你县"),
        ("涧西区", "district", "涧西区人民政府", "你区"),
        ("高新区", "zone", "高新区管理委员会", "你区"),
        ("伊滨区", "zone", "伊滨区管理委员会", "你区"),
    ],
)
def test_counties_districts_and_zones(
    world: World, county: str, kind: str, government: str, your: str
) -> None:
    region = world.counties[county]
    assert addressing.kind_of(region) == kind
    assert addressing.government_of(region) == government
    assert addressing.your(region) == your


def test_a_county_level_city(world: World) -> None:
    region = world.counties["嵩县"]
    region.name = "义马市"
    assert (addressing.kind_of(region), addressing.your(region)) == ("city", "你市")


# --- what it says ---------------------------------------------------------------------------------
def test_one_firm_is_named_and_not_counted(world: World) -> None:
    open_firms(world, 1, "嵩县")
    climb(10, 20)
    said = text_of(waiting(), late(20))
    assert "嵩县人民政府：" in said
    assert "你县纳入台账企业1家，已销号0家，销号率0.0%；" in said
    assert "在办企业中有1家企业（嵩县示例0号有限公司）在摸底环节逾期20个工作日" in said
    assert "一、请认真分析该企业逾期原因" in said
    # feedback of the arrangements first, the end of it all later (feedback 7, finished 10)
    day = late(20)
    assert f"于{long_day_words(plus(day, 10))}前完成办理" in said
    assert f"责任分工和办理进展请于{long_day_words(plus(day, 7))}前以书面形式" in said
    assert "全部办结后另行报告" in said
    assert "逐户" not in said
    assert "您" not in said


def test_several_firms_are_counted_in_their_phases(world: World) -> None:
    cases = open_firms(world, 3)
    worker = world.actor(WORKER, APRIL)
    stages.acknowledge(cases[0].pk, by=worker, at=at(APRIL))
    climb(1, 40)
    letter = EscalationDraft.objects.get(kind="supervision_letter", state="drafted")
    said = text_of(letter, late(40))
    assert "在办企业中有3家企业逾期20个工作日以上，均处于摸底环节" in said
    assert "请对附件所列3家企业逐户分析原因" in said


def test_of_each_reminder_the_newest_in_the_order_of_days(world: World) -> None:
    open_firms(world, 2)
    climb(5, 6)
    reminder = WorkItem.objects.first()
    assert reminder is not None
    row = reminder.phone_reminders.get()
    drafts.record_call(row.pk, by=world.office, at=at(late(6), 15), result="已联系")
    climb(7, 10)
    release(world, waiting(), late(10))
    climb(11, 15)
    release(world, waiting(), late(15))
    # the work note goes out once more, a month later, and the newest counts
    again = EscalationDraft.objects.get(kind="work_note")
    EscalationDraft.objects.filter(pk=again.pk).update(decided_at=at(late(17)))
    climb(16, 20)
    said = text_of(waiting(), late(20))
    days = [f"{d.month}月{d.day}日" for d in (late(6), late(15), late(17))]
    assert (
        f"市专班办公室已于{days[0]}电话提醒、{days[1]}发出提醒函、{days[2]}发出工作提示。" in said
    )


def test_what_mostly_lacks_is_named_only_where_it_stands_out(world: World) -> None:
    open_firms(world, 2)
    Case.objects.filter(parent=None).update(lacking=["staff", "spending", "institution"])
    climb(10, 20)
    assert "主要集中在" not in text_of(waiting(), late(20))
    Case.objects.filter(pk=Case.objects.all()[0].pk).update(lacking=["spending"])
    assert "，主要集中在研发经费。" in text_of(waiting(), late(20))


# --- one letter a county --------------------------------------------------------------------------
def test_the_higher_letter_takes_the_lower_one_up(world: World) -> None:
    first, second = open_firms(world, 2)
    climb(10, 10)
    note = waiting()
    assert (note.kind, note.lines.count()) == ("work_note", 2)
    # one of them is signed for: only the other climbs
    stages.acknowledge(first.pk, by=world.actor(WORKER, late(12)), at=at(late(12)))
    climb(11, 15)
    note.refresh_from_db()
    letter = waiting()
    assert (note.state, note.into) == ("merged", letter)
    assert letter.kind == "reminder_letter"
    assert [line.item.process_id for line in letter.lines.all()] == [second.pk]


def test_what_is_late_later_stands_in_the_letter_of_its_own_rung(world: World) -> None:
    """10 days are no matter for a 督办函 that waits for another firm of the county."""
    [first] = open_firms(world)
    climb(10, 20)
    letter = waiting()
    other = world.firm("涧西区后来有限公司")
    world.open(plus(APRIL, 9))
    climb(21, 23)
    note = waiting(kind="work_note")
    assert waiting(kind="supervision_letter") == letter
    assert [line.item.process_id for line in letter.lines.all()] == [first.pk]
    assert note.lines.get().item.process.enterprise == other
    event = CaseEvent.objects.get(verb="rung", data__rung="work_note", case__enterprise=other)
    assert event.data["kind"] == "work_note"
    assert words_of(event, Names()) == "系统拟《工作提示》，待市专班办审定"
    # nor does the note get lost when the graver letter goes out
    release(world, letter, late(23))
    assert waiting() == note
    annex = annex_of(note, Actor.system(), late(24))
    assert [line.case.enterprise for line in annex.lines] == [other]


def test_counties_do_not_share_letters(world: World) -> None:
    open_firms(world, 2)
    open_firms(world, 1, "嵩县")
    climb(10, 20)
    found = EscalationDraft.objects.filter(state="drafted").values_list("county__name", "kind")
    assert sorted(found) == [("嵩县", "supervision_letter"), ("涧西区", "supervision_letter")]


def test_the_contact_is_the_handler_whoever_signs(world: World) -> None:
    open_firms(world)
    climb(10, 20)
    handler = world.people[HANDLER]
    handler.phone = "0379-5550100"
    handler.save()
    letter = waiting()
    lines = annex_of(letter, Actor.system(), late(20)).lines
    said = compose(letter, lines, late(20), world.people[HEAD])
    assert f"（联系人：{handler}，电话：0379-5550100）" in said


def test_the_pack_is_the_one_that_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rung that another pack sends elsewhere goes elsewhere."""
    open_firms(world)
    pack = rulebook.pack_of(world.case().pack_version_id)
    rungs = tuple(
        rung.model_copy(update={"addressee": "county_government"})
        if rung.key == "work_note"
        else rung
        for rung in pack.ladders["county"].rungs
    )
    ladder = pack.ladders["county"].model_copy(update={"rungs": rungs})
    changed = pack.model_copy(update={"ladders": {**pack.ladders, "county": ladder}})
    with monkeypatch.context() as patch:
        patch.setattr("cases.actions.drafting.pack_of", lambda version: changed)
        patch.setattr(rulebook, "pack_of", lambda version: changed)
        climb(10, 10)
    assert addressing.addressee_of(waiting()) == "涧西区人民政府"


def test_a_measure_is_named_in_quotation_marks() -> None:
    measure = Case(title="对照“四有”标准摸清需求清单")
    assert subject_of(measure) == "“对照‘四有’标准摸清需求清单”"
    assert subject_of(Case(enterprise=Enterprise(name="示例矿业"))) == "示例矿业"
