"""文书: nothing leaves unsigned, numbers without gaps or doubles, what was signed stays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.actions import drafts
from cases.errors import NotYours, Refused, Stale
from cases.models import Case, CaseEvent
from enterprises.models import Enterprise
from organisations.models import Unit
from organisations.rounding import half_up
from organisations.scope import Actor
from reports.documents import actions
from reports.documents.circular_facts import Facts
from reports.documents.circulars import circular, ranked
from reports.documents.content import LINK, Annex, linked
from reports.documents.letters import register_letter
from reports.documents.nouns import Document, Receipt, part_for
from reports.documents.persons import hindrance
from reports.documents.readers import addressees_of
from reports.documents.route import State, Step
from reports.documents.styles import set_style
from reports.indicators import Indicators, Row
from tests.cases.climbing import climb, late, open_firms, waiting
from tests.reports import papers
from tests.reports.offices import CHECKER, DAY, HANDLER, HEAD, drafted, step, until
from tests.world import World, at

WORKER = "涧西区/county_worker"


def refused(act: Any) -> str:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act()
    return refusal.value.code


# --- the way -----------------------------------------------------------------------------------
def test_from_the_draft_to_the_archive_with_name_and_date(world: World) -> None:
    document = until(world, drafted(world), State.ARCHIVED)
    assert document.number == "洛研专办〔2022〕1号"
    assert document.said.dated == DAY
    steps = [(row.step, row.name, row.signed_on) for row in document.steps.all()]
    handler, head = str(world.people[HANDLER]), str(world.people[HEAD])
    assert steps == [
        ("draft", handler, DAY),
        ("check", CHECKER, DAY),
        *((step, head, DAY) for step in ("sign", "number", "seal", "issue", "archive")),
    ]
    got = list(document.receipts.select_related("unit__region"))
    assert {receipt.unit.kind for receipt in got} >= {Unit.Kind.TASK_FORCE, Unit.Kind.DEPARTMENT}
    # 各县（市、区）人民政府（管委会），市直有关部门: no bureau of a county among them
    named = addressees_of(document, got)
    assert ("嵩县人民政府", "嵩县工作专班") in named
    assert ("高新区管理委员会", "高新区工作专班") in named
    assert ("市工信局", "") in named
    assert not [to for to, by in named if "区科技局" in to or "县科技局" in to]


def test_no_step_is_skipped(world: World) -> None:
    document = drafted(world)
    for skipped in (Step.CHECK, Step.SIGN, Step.NUMBER, Step.SEAL, Step.ISSUE):
        assert refused(partial(step, world, document, skipped)) == "not_now"


def test_whoever_drafted_neither_checks_nor_signs(world: World) -> None:
    document = step(world, drafted(world), Step.DRAFT, HANDLER)
    assert refused(lambda: step(world, document, Step.CHECK, HANDLER)) == "four_eyes"
    document = step(world, document, Step.CHECK, HEAD)
    assert refused(lambda: step(world, document, Step.SIGN, HANDLER)) == "four_eyes"
    # nor by writing his own name on the paper form
    own = str(world.people[HANDLER])
    assert refused(lambda: step(world, document, Step.SIGN, HEAD, name=own)) == "four_eyes"


def test_whoever_checked_does_not_sign(world: World) -> None:
    document = step(world, step(world, drafted(world), Step.DRAFT, HANDLER), Step.CHECK, HEAD)
    assert refused(lambda: step(world, document, Step.SIGN, HEAD)) == "same_checker"
    head = str(world.people[HEAD])
    # nor by writing his own name on the paper form, whoever records it
    assert refused(lambda: step(world, document, Step.SIGN, HANDLER, name=head)) == "same_checker"
    words = hindrance(document, Step.SIGN, world.actor(HEAD, DAY), DAY)
    assert words.startswith("核稿人不能签发")
    assert step(world, document, Step.SIGN, HEAD, name="王示例").state == State.TO_NUMBER


def test_the_head_signs_and_no_machine(world: World) -> None:
    # drafted by the head: the handler may not sign all the same
    content = circular(world.programme, DAY, DAY)
    kind = Document.Kind.CIRCULAR
    head = world.actor(HEAD, DAY)
    document = actions.draft(world.programme, kind, content, by=head, at=at(DAY))
    document = step(world, document, Step.DRAFT, HEAD)
    document = step(world, document, Step.CHECK, HANDLER, name=CHECKER)
    assert refused(lambda: step(world, document, Step.SIGN, HANDLER)) == "needs_head"
    with pytest.raises(NotYours):
        actions.advance(
            document.pk,
            by=Actor.system(),
            at=at(DAY),
            version=document.version,
            step=Step.SIGN,
        )


def test_a_signature_on_the_paper_form_stands_with_its_name_and_day(world: World) -> None:
    document = step(world, drafted(world), Step.DRAFT, HANDLER)
    document = step(world, document, Step.CHECK, HEAD)
    before = DAY - timedelta(days=2)
    tomorrow = DAY + timedelta(days=1)
    assert refused(
        lambda: step(world, document, Step.SIGN, HEAD, name="王示例", signed_on=tomorrow)
    ) == ("ahead")
    signed = step(world, document, Step.SIGN, HANDLER, name="王示例", signed_on=before)
    last = signed.steps.last()
    assert last is not None
    assert (last.name, last.signed_on, last.on_paper) == ("王示例", before, True)
    assert last.recorded_by == world.people[HANDLER]
    assert refused(lambda: step(world, signed, Step.NUMBER, HEAD, name="王示例")) == "not_on_paper"


def test_countersigning_is_a_step_where_somebody_is_named(world: World) -> None:
    document = drafted(world)
    document = actions.edit(
        document.pk,
        by=world.actor(HANDLER, DAY),
        at=at(DAY),
        version=document.version,
        title=document.title,
        addressee="各县",
        text="正文",
        copies=(),
        countersigners="市工信局",
    )
    document = step(world, step(world, document, Step.DRAFT, HANDLER), Step.CHECK)
    assert document.state == State.COUNTERSIGNING


def test_sent_back_to_the_author_with_a_reason(world: World) -> None:
    document = step(world, drafted(world), Step.DRAFT, HANDLER)
    head = world.actor(HEAD, DAY)
    given: dict[str, Any] = {"by": head, "at": at(DAY), "version": document.version}
    assert refused(lambda: actions.send_back(document.pk, reason=" ", **given))
    back = actions.send_back(document.pk, reason="数据待核", **given)
    assert back.state == State.DRAFTING
    assert refused(
        lambda: actions.send_back(back.pk, reason="再退", by=head, at=at(DAY), version=back.version)
    ) == ("not_now")


# --- numbers -----------------------------------------------------------------------------------
def test_numbers_have_neither_gaps_nor_doubles(world: World) -> None:
    one, two, three = (until(world, drafted(world), State.TO_NUMBER) for _n in range(3))
    outside = step(world, one, Step.NUMBER, number="洛研专办〔2022〕1号")
    assert outside.number == "洛研专办〔2022〕1号"
    assert refused(lambda: step(world, two, Step.NUMBER, number=outside.number)) == "number_taken"
    for typed, code in (
        ("洛研专办[2022]第01号", "taken"),
        ("第3号", "shape"),
        ("洛研专办〔2023〕3号", "year"),
    ):
        assert refused(partial(step, world, two, Step.NUMBER, number=typed)) == f"number_{code}"
    # the series steps over what the registry gave by hand; a refusal costs no number
    assert step(world, two, Step.NUMBER).number == "洛研专办〔2022〕2号"
    with transaction.atomic():
        step(world, three, Step.NUMBER)
        transaction.set_rollback(True)
    assert step(world, three, Step.NUMBER).number == "洛研专办〔2022〕3号"
    next_year = date(2023, 2, 1)
    later = until(world, drafted(world, next_year), State.TO_NUMBER, next_year)
    assert step(world, later, Step.NUMBER, on=next_year).number == "洛研专办〔2023〕1号"


# --- what was signed ---------------------------------------------------------------------------
def test_what_was_signed_is_not_edited_and_its_change_is_found(world: World) -> None:
    document = until(world, drafted(world), State.TO_NUMBER)
    by, version = world.actor(HANDLER, DAY), document.version
    words: dict[str, Any] = {"title": "x", "addressee": "", "text": "改写", "copies": ()}
    given: dict[str, Any] = {"by": by, "version": version}
    assert (
        refused(lambda: actions.edit(document.pk, at=at(DAY), **given, **words)) == "not_drafting"
    )
    assert refused(lambda: actions.discard(document.pk, at=at(DAY), reason="不要了", **given)) == (
        "signed"
    )
    assert document.is_as_signed()
    changed = {**document.content, "title": "改过的标题"}
    Document.objects.filter(pk=document.pk).update(content=changed)
    assert not Document.objects.get(pk=document.pk).is_as_signed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(seal="")


def test_withdrawn_with_a_notice_of_its_own_to_the_same_addressees(world: World) -> None:
    document = until(world, drafted(world), State.ISSUED)
    given: dict[str, Any] = {"at": at(DAY), "version": document.version, "reason": "数据有误"}
    handler, head = world.actor(HANDLER, DAY), world.actor(HEAD, DAY)
    assert refused(lambda: actions.withdraw(document.pk, by=handler, **given)) == "needs_head"
    notice = actions.withdraw(document.pk, by=head, **given)
    assert Document.objects.get(pk=document.pk).state == State.WITHDRAWN
    assert "洛研专办〔2022〕1号" in notice.said.paragraphs[0]
    assert "数据有误" in notice.said.paragraphs[0]
    # the head wrote it, so somebody else checks; signed on paper
    notice = step(world, notice, Step.DRAFT, HEAD)
    notice = step(world, notice, Step.CHECK, HANDLER)
    notice = step(world, notice, Step.SIGN, HANDLER, name="王示例")
    notice = until(world, notice, State.ISSUED)
    got = set(notice.receipts.values_list("unit", flat=True))
    assert got == set(document.receipts.values_list("unit", flat=True))


def test_two_at_once_the_second_is_told(world: World) -> None:
    document = drafted(world)
    step(world, document, Step.DRAFT, HANDLER)
    with pytest.raises(Stale):
        actions.advance(
            document.pk,
            by=world.actor(HEAD, DAY),
            at=at(DAY),
            version=document.version,
            step=Step.CHECK,
        )


# --- text and figures --------------------------------------------------------------------------
def test_figures_stay_linked_while_words_are_edited(world: World) -> None:
    world.firm("甲有限公司", spending=True)
    document = drafted(world)
    figures = document.said.figures
    assert all(name in figures for p in document.said.paragraphs for name in LINK.findall(p))
    given: dict[str, Any] = {
        "by": world.actor(HANDLER, DAY),
        "at": at(DAY),
        "title": "通报",
        "addressee": "",
    }
    wrong: dict[str, Any] = {"text": "覆盖率{没有的数}%", "copies": (), "version": document.version}
    assert refused(lambda: actions.edit(document.pk, **given, **wrong)) == "unknown_figure"
    right = {**wrong, "text": "在库{在库企业数}家，\n覆盖率{覆盖率}%。"}
    document = actions.edit(document.pk, **given, **right)
    assert [linked(p, document.said.figures) for p in document.said.paragraphs] == [
        "在库1家，",
        "覆盖率100.0%。",
    ]
    world.firm("乙有限公司")
    fresh = circular(world.programme, DAY, DAY)
    by = world.actor(HANDLER, DAY)
    document = actions.relink(document.pk, by=by, version=document.version, compiled=fresh)
    assert linked("{在库企业数}", document.said.figures) == "2"
    assert document.said.paragraphs[0] == "在库{在库企业数}家，"


def test_ranked_by_the_gap_before_rounding_ties_shared_nobody_on_the_line_is_slow(
    world: World,
) -> None:
    pack = world.programme.current.pack
    share = pack.planned_share(DAY)

    def row(name: str, covered: int, listed: int, target: str) -> Row:
        return Row(
            name, 1, listed, 0, 0, covered, 0, Decimal(target), half_up(Fraction(target) * share)
        )

    rows = [
        row("甲县", 5001, 10000, "50"),
        row("乙县", 5000, 10000, "50"),
        row("丙县", 50, 100, "50"),
        row("丁县", 40, 100, "85"),
        row("戊县", 0, 0, "50"),
    ]
    empty = Indicators(DAY, rows[0], ())
    was = (row("甲县", 1, 100, "50"), row("乙县", 48, 100, "50"), row("丁县", 50, 100, "85"))
    earlier = Indicators(DAY.replace(day=1), rows[0], was)
    facts = Facts(pack, DAY, empty, earlier, None, (), DAY, {}, None)  # type: ignore[arg-type]
    lines = ranked(rows, facts, {"乙县": Decimal("48.0")})
    assert [(line.row.name, line.rank) for line in lines] == [
        ("甲县", 1),
        ("乙县", 2),
        ("丙县", 2),
        ("丁县", 4),
        ("戊县", None),
    ]
    assert [line.before for line in lines][1] == Decimal("2.0")
    # from the third place to the first; who had no rate then has not moved
    assert [line.moved for line in lines] == [2, -1, None, -2, None]


def test_the_ranking_names_the_ledger_and_the_group_of_a_county(world: World) -> None:
    world.firm("甲有限公司")
    world.open()
    annex = circular(world.programme, DAY, DAY).annexes[0]
    [row] = [row for table in annex.tables for row in table.rows if row[1] == "涧西区"]
    assert row[-3:] == ("0", "1", "包联第一组")
    day = "2022年3月31日"
    assert annex.notes[1] == f"累计销号、逾期取自工作台账，累计销号截至{day}，逾期截至{day}。"


def test_what_came_after_the_circulars_day_is_not_in_it(world: World) -> None:
    """Closed, open and late are of its own day, in the text as in the annex: one cut-off."""
    for name in ("甲有限公司", "乙有限公司"):
        world.firm(name)
    world.open()
    later = DAY + timedelta(days=20)
    closed = Case.objects.filter(pk=world.case(Enterprise.objects.get(name="甲有限公司")).pk)
    CaseEvent.objects.create(
        case=closed.get(), verb="close", at=at(later), from_stage="assigned", to_stage="closed"
    )
    closed.update(stage="closed", status="DONE", finished=at(later), closed_on=later)
    said = circular(world.programme, DAY, later)
    text = [linked(p, said.figures) for p in said.paragraphs]
    told = "截至2022年3月31日，全市工作台账累计销号0家，在办2家。其中逾期10个工作日以上2家。"
    assert told in text[3]
    assert any("截至2022年3月31日，台账中有2家企业逾期" in line for line in text)
    assert not any("4月20日" in line and "逾期" in line for line in text)
    [row] = [row for t in said.annexes[0].tables for row in t.rows if row[1] == "涧西区"]
    assert row[-3:-1] == ("0", "2")
    after = circular(world.programme, later, later)
    assert "累计销号1家，在办1家。其中逾期10个工作日以上" in linked(
        after.paragraphs[3], after.figures
    )


# --- letters, readers --------------------------------------------------------------------------
def test_a_released_letter_is_registered_once_and_goes_to_its_own_county(world: World) -> None:
    open_firms(world, 3)
    climb(1, 20)
    letter = waiting(kind="supervision_letter")
    day = late(20)
    office = world.actor(HANDLER, day)
    assert refused(lambda: register_letter(letter.pk, by=office, at=at(day))) == "not_released"
    body = (
        "关于督促办理的函\n\n涧西区人民政府：\n　　请办理。\n　　附件：清单\n\n"
        "　　　　　　专班办公室\n　　　　　　2022年5月10日\n　　（联系人：周示例，电话：1）"
    )
    drafts.release(letter.pk, by=world.actor(HEAD, day), at=at(day, 15), body=body)
    set_style(
        world.city, Document.Kind.LETTER, by=office, at=at(day, 16), masthead="洛阳市科学技术局"
    )
    document = register_letter(letter.pk, by=office, at=at(day, 16))
    assert register_letter(letter.pk, by=office, at=at(day, 17)).pk == document.pk
    said = document.said
    assert said.masthead == "洛阳市科学技术局"  # as the office set it for letters
    assert (said.title, said.addressee, said.paragraphs) == (
        "关于督促办理的函",
        "涧西区人民政府：",
        ("请办理。",),
    )
    assert (said.signer, said.note) == ("专班办公室", "（联系人：周示例，电话：1）")
    assert said.annexes[0].title == "清单"
    assert len(said.annexes[0].tables[0].rows) == 3
    assert document.number.startswith("洛研专办函〔2022〕")
    issued = until(world, document, State.ISSUED, day)
    got = list(issued.receipts.select_related("unit__region"))
    assert [receipt.unit for receipt in got] == [letter.unit]
    assert issued.to == "涧西区人民政府"
    assert addressees_of(issued, got) == [("涧西区人民政府", "涧西区工作专班")]
    other = world.actor("嵩县/county_worker", day)
    assert not Document.objects.visible_to(other).exists()
    mine = world.actor(WORKER, day)
    assert Document.objects.visible_to(mine).get() == document
    assert refused(lambda: actions.sign_for(document.pk, by=other, at=at(day))) == "nothing_to_sign"
    actions.open_copy(document, by=mine, at=at(day, 17))
    actions.sign_for(document.pk, by=mine, at=at(day, 18))
    receipt = Receipt.objects.get(document=document)
    assert (receipt.opened_at, receipt.signed_at) == (at(day, 17), at(day, 18))
    assert receipt.signed_by == world.people[WORKER]


def test_an_annex_with_firms_goes_to_its_own_county_only() -> None:
    annexes = (Annex(title="表"), Annex(title="甲", reader=1), Annex(title="乙", reader=2))
    said = papers.circular().model_copy(update={"annexes": annexes})
    assert [a.title for a in part_for(said, {1}).annexes] == ["表", "甲"]
    assert len(part_for(said, None).annexes) == 3


def test_drafts_are_the_offices_own(world: World) -> None:
    document = drafted(world)
    for key in (WORKER, "leader", "涧西区/county_lead"):
        assert not Document.objects.visible_to(world.actor(key, DAY)).exists()
    assert refused(
        lambda: actions.discard(
            document.pk, by=world.actor(WORKER, DAY), at=at(DAY), version=1, reason="不要"
        )
    ) == ("not_yours")
