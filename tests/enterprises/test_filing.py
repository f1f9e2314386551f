"""Filing lists: monthly facts by firm, month and day; and what was known on a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext, suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from django.db.models import Max

from enterprises.facts import corrections_of, facts_known, newest_facts
from enterprises.importing.filing_apply import FilingOutcome, filing_batch
from enterprises.importing.filing_plan import FilingPlan, preview_filing, read_filing
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.undo import undo_import
from enterprises.models import ImportBatch, ImportChange, Membership, MoneyFigure, MonthlyFact
from organisations.models import Region, Unit
from organisations.roles import Role
from organisations.scope import Actor
from tests.enterprises.conftest import AT, DATA, FEB, Load, actor_in, many
from tests.enterprises.sheets import code_of, firm, write
from tests.enterprises.test_register import JANUARY, take

FILE = DATA / "luoyang-filing-2022-02.xlsx"
MONTH = date(2022, 2, 1)
HEADER = (
    "企业名称",
    "统一社会信用代码",
    "是否注册",
    "是否填报",
    "有研发机构",
    "有研发人员",
    "有研发经费",
    "有产学研合作",
    "研发经费（万元）",
)

Filing = Callable[..., FilingPlan]


def answer(number: int, *answers: Any, **cells: Any) -> list[Any]:
    """A row: six answers (registered, filed, four haves; yes when not given) and the amount."""
    given = [*answers, *["是"] * (6 - len(answers))]
    row: dict[str, Any] = {"name": f"洛阳样本{number}有限公司", "code": code_of(number)}
    row |= dict(zip(("r", "f", "i", "s", "m", "c"), given, strict=True)) | {"amount": 12.5}
    return list({**row, **cells}.values())


@pytest.fixture
def filing(luoyang: Region, load: Load, tmp_path: Path) -> Filing:
    load([firm(1), firm(2), firm(3)])

    # a workbook tells the second in which it was saved: the same rows are the same file
    files: dict[str, Path] = {}

    def look(rows: Sequence[Sequence[Any]], month: date = MONTH, **more: Any) -> FilingPlan:
        path = files.get(repr(rows))
        if path is None:
            path = write(tmp_path / f"filing-{len(files)}.xlsx", rows, header=HEADER)
            files[repr(rows)] = path
        return preview_filing(luoyang, read_filing(path), about_month=month, **more)

    return look


def apply(plan: FilingPlan) -> FilingOutcome:
    return filing_batch(plan, by=Actor.system(), at=AT)


def codes(plan: FilingPlan) -> dict[int, str]:
    return {finding.row: finding.code for finding in plan.refused}


def test_the_sample_file(luoyang: Region) -> None:
    take(luoyang, JANUARY, date(2022, 1, 31))
    plan = preview_filing(luoyang, read_filing(FILE), about_month=MONTH)
    assert plan.as_json() == {
        "new": 1912,
        "changed": 0,
        "leaving": 0,
        "unchanged": 0,
        "refused": [],
        "warnings": [],
    }
    apply(plan)
    with closing(openpyxl.load_workbook(FILE, read_only=True)) as book:
        lines = book.worksheets[0].iter_rows(min_row=3, values_only=True)
        sheet = {line[1]: [cell == "是" for cell in line[2:8]] for line in lines}
    facts = facts_known(luoyang, as_of=FEB).select_related("enterprise")
    assert {
        f.enterprise.credit_code: [
            f.registered,
            f.filed,
            f.has_institution,
            f.has_staff,
            f.has_spending,
            f.has_cooperation,
        ]
        for f in facts
    } == sheet
    assert len([1 for answers in sheet.values() if not answers[4]]) == 983
    assert MoneyFigure.objects.count() == 0
    again = preview_filing(luoyang, read_filing(FILE), about_month=MONTH)
    assert again.counts() == {"new": 0, "changed": 0, "leaving": 0, "unchanged": 1912}
    changes = ImportChange.objects.count()
    apply(again)
    assert ImportChange.objects.count() == changes


def test_before_the_register_every_firm_is_unknown(luoyang: Region) -> None:
    plan = preview_filing(luoyang, read_filing(FILE), about_month=MONTH)
    assert len(plan.refused) == 1912
    assert {finding.code for finding in plan.refused} == {"unknown_firm"}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (answer(9), "unknown_firm", "统一社会信用代码"),
        (answer(9, code=None), "unknown_firm", "企业名称"),
        (answer(1, name=None, code=None), "missing_name", "企业名称"),
        (answer(1, code=code_of(1)[:-1]), "credit_code_length", "统一社会信用代码"),
        (answer(1, "可能"), "not_yes_or_no", "是否注册"),
        (answer(1, "是", "是", "大概"), "not_yes_or_no", "有研发机构"),
        (answer(1, "是", None), "missing_answer", "是否填报"),
        # written by a program, never calculated by a spreadsheet
        (answer(1, "是", "=1=1"), "formula_unread", "是否填报"),
        (answer(1, "否", "是"), "filed_not_registered", "是否填报"),
        (answer(1, name=firm(2)[0]), "two_firms", "统一社会信用代码"),
    ],
)
def test_refusals(filing: Filing, row: list[Any], code: str, column: str) -> None:
    plan = filing([row, answer(3)])
    assert codes(plan) == {4: code}
    assert plan.refused[0].column == column
    assert len(plan.new) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (answer(1, amount="若干"), "amount_not_number"),
        (answer(1, "是", "是", "否", "否", "否", "否"), "amount_without_spending"),
        (answer(1, "是", "否"), "spending_not_filed"),
    ],
)
def test_warnings(filing: Filing, row: list[Any], code: str) -> None:
    plan = filing([row])
    assert [f.code for f in plan.warnings] == [code]
    assert len(plan.new) == 1


def test_words_are_folded_and_names_match_without_a_code(filing: Filing) -> None:
    rows = [
        answer(1, "√", 1, "有", "Y", True, "１", code=None),
        answer(2, "×", 0, "无", "N", False, "否", amount=None),
        answer(2, name="别名"),
    ]
    plan = filing(rows)
    assert codes(plan) == {6: "same_firm_again"}
    apply(plan)
    answers = ("registered", "filed", "has_institution", "has_staff", "has_spending")
    first, second = MonthlyFact.objects.order_by("enterprise__name").values_list(*answers)
    assert (set(first), set(second)) == ({True}, {False})


def test_a_new_list_for_the_same_day_replaces_and_can_be_undone(filing: Filing) -> None:
    apply(filing([answer(1), answer(2)]))
    before = list(MonthlyFact.objects.order_by("id").values())
    plan = filing([answer(1, "是", "否", "否", "否", "否", "否", amount=None), answer(3)])
    assert plan.counts() == {"new": 1, "changed": 1, "leaving": 0, "unchanged": 0}
    assert {c.field for c in plan.changed[0].changes} == {
        "filed",
        "has_institution",
        "has_staff",
        "has_spending",
        "has_cooperation",
    }
    outcome = apply(plan)
    assert (len(outcome.new_ids), len(outcome.changed_ids)) == (1, 1)
    assert MonthlyFact.objects.count() == 3
    undo_import(outcome.batch, by=Actor.system(), at=AT)
    assert list(MonthlyFact.objects.order_by("id").values()) == before


def test_what_became_known_later_did_not_exist(luoyang: Region, filing: Filing) -> None:
    def spending(day: date, **more: Any) -> dict[str, bool]:
        facts = facts_known(luoyang, as_of=day, **more).select_related("enterprise")
        return {f.enterprise.name[4:5]: f.has_spending for f in facts}

    no = ("是", "是", "否", "否", "否", "否")
    apply(filing([answer(1, *no, amount=None), answer(2)], known_on=date(2022, 3, 5)))
    assert spending(date(2022, 3, 4)) == {}
    assert spending(date(2022, 3, 5)) == {"1": False, "2": True}
    # March makes the first firm covered; a late word about February does not undo that
    apply(filing([answer(1)], month=date(2022, 3, 1)))
    apply(filing([answer(1, *no, amount=None)], known_on=date(2022, 4, 20)))
    assert spending(date(2022, 3, 30)) == {"1": False, "2": True}
    assert spending(date(2022, 3, 31)) == {"1": True, "2": True}
    assert spending(date(2022, 4, 30)) == {"1": True, "2": True}
    # the same month known again on a later day: the later word counts
    apply(filing([answer(2, *no, amount=None)], known_on=date(2022, 3, 10)))
    assert spending(date(2022, 3, 9)) == {"1": False, "2": True}
    assert spending(date(2022, 3, 10)) == {"1": False, "2": False}
    assert spending(date(2022, 4, 30), since_month=date(2022, 3, 1)) == {"1": True}


def test_newest_facts_is_one_query(
    luoyang: Region, filing: Filing, django_assert_num_queries: Any
) -> None:
    apply(filing([answer(1), answer(2), answer(3)]))
    with django_assert_num_queries(1):
        assert len(newest_facts(luoyang, as_of=FEB)) == 3


def test_known_on_defaults_to_the_months_last_day(filing: Filing) -> None:
    plan = filing([answer(1)], month=date(2024, 2, 17))
    assert (plan.about_month, plan.known_on) == (date(2024, 2, 1), date(2024, 2, 29))
    with pytest.raises(ImportRefused) as refused:
        filing([answer(1)], known_on=MONTH - timedelta(1))
    assert refused.value.code == "known_before_month"


def test_the_same_file_for_another_month_is_warned_of(filing: Filing) -> None:
    rows = [answer(1), answer(2)]
    apply(filing(rows))
    assert filing(rows).warnings == ()
    plan = filing(rows, month=date(2022, 3, 1))
    (warning,) = plan.warnings
    assert (warning.code, warning.row, warning.params["month"]) == (
        "same_file_other_month",
        0,
        "2022-02",
    )
    assert len(plan.new) == 2


def test_nothing_is_known_of_the_future(filing: Filing) -> None:
    today = date(2022, 3, 10)
    for wrong in (
        {"month": date(2022, 4, 1)},
        {"month": date(2022, 2, 1), "known_on": date(2022, 3, 11)},
    ):
        with pytest.raises(ImportRefused) as refused:
            filing([answer(1)], today=today, **wrong)
        assert refused.value.code == "day_in_future"
    assert filing([answer(1)], month=date(2022, 2, 1), today=today).known_on == FEB


def test_a_month_that_still_runs_counts_from_its_last_day_and_says_so(filing: Filing) -> None:
    today, march = date(2022, 3, 10), date(2022, 3, 1)
    plan = filing([answer(1)], month=march, today=today)
    assert plan.known_on == date(2022, 3, 31)
    [warning] = plan.warnings
    assert (warning.code, warning.row) == ("known_ahead", 0)
    assert "自当月最后一天（2022年3月31日）起计入" in warning.reason
    apply(plan)
    firm = plan.new[0].firm.id
    [city] = Region.objects.filter(level="city")
    assert firm not in newest_facts(city, as_of=today)
    assert firm in newest_facts(city, as_of=date(2022, 3, 31))
    # who says that it is known today has it today, without a warning
    again = filing([answer(1)], month=march, known_on=today, today=today)
    assert (again.known_on, again.warnings) == (today, ())


# --- as of a past day (ADR 23) --------------------------------------------------------------------
def known_then(city: Region, on: date) -> dict[int, tuple[bool, ...]]:
    names = ("filed", "has_institution", "has_spending")
    facts = newest_facts(city, as_of=on)
    return {firm: tuple(getattr(fact, n) for n in names) for firm, fact in facts.items()}


@pytest.mark.parametrize("seed", range(4))
def test_no_list_changes_in_silence_what_was_known_on_a_past_day(
    luoyang: Region, filing: Filing, seed: int
) -> None:
    """Whatever months and days the lists are about: once a list of a day or a later one is in, what
    was known on that day stays, unless a correction says why not."""
    luck, today = Random(seed), date(2022, 2, 10)
    for _turn in range(8):
        today += timedelta(days=luck.randint(1, 25))
        month = date(2022, luck.randint(1, today.month), 1)
        days = (today - month).days
        given = luck.choice([None, month + timedelta(days=luck.randint(0, days))])
        rows = [
            answer(n, "是", "是", luck.choice("是否"), "是", luck.choice("是否")) for n in (1, 2)
        ]
        past = MonthlyFact.objects.filter(known_on__lt=today).aggregate(to=Max("known_on"))["to"]
        days_answered = [today - timedelta(days=n) for n in range(1, 60, 3)]
        before = {d: known_then(luoyang, d) for d in days_answered if past and d <= past}
        # a day that is given may be refused; without one there is no reason to
        with suppress(ImportRefused) if given else nullcontext():
            apply(filing(rows, month=month, known_on=given, today=today))
        assert {d: known_then(luoyang, d) for d in before} == before
    assert MonthlyFact.objects.filter(known_on__lte=today).exists()


def test_a_later_list_counts_from_today_and_a_correction_says_why(
    luoyang: Region, filing: Filing
) -> None:
    april, may = date(2022, 4, 7), date(2022, 4, 9)
    march = date(2022, 3, 31)
    apply(filing([answer(1, "是", "否")], month=date(2022, 3, 1), today=april))
    assert known_then(luoyang, march) == known_then(luoyang, april)
    # the same list once more is no news; a newer one is known when it is read in
    assert filing([answer(1, "是", "否")], month=date(2022, 3, 1), today=may).known_on == march
    newer = filing([answer(1)], month=date(2022, 3, 1), today=may)
    assert (newer.known_on, [f.code for f in newer.warnings]) == (may, ["counts_from_today"])
    apply(newer)
    assert [f for f, *_rest in known_then(luoyang, march).values()] == [False]
    assert [f for f, *_rest in known_then(luoyang, may).values()] == [True]
    with pytest.raises(ImportRefused) as refused:
        filing([answer(1)], month=date(2022, 3, 1), known_on=march, today=may)
    assert refused.value.code == "corrects_past"
    words = {"known_on": march, "today": may, "correction": "省系统误报，已更正"}
    plan = filing([answer(1)], month=date(2022, 3, 1), **words)
    filing_batch(plan, by=Actor.system(), at=AT.replace(month=4, day=9))
    assert [f for f, *_rest in known_then(luoyang, march).values()] == [True]
    (told,) = corrections_of(luoyang, march)
    assert (told.since, told.reason) == (march, "省系统误报，已更正")
    assert corrections_of(luoyang, may) == []
    # taken back, it changes the past day once more: that is told too, not done in silence
    batch = ImportBatch.objects.latest("pk")
    undo_import(batch, by=Actor.system(), at=AT.replace(month=4, day=10))
    assert [f for f, *_rest in known_then(luoyang, march).values()] == [False]
    (told,) = corrections_of(luoyang, march)
    assert (told.read_on, told.since) == (date(2022, 4, 10), march)
    assert told.reason == f"撤回导入编号{batch.pk}（{batch.file_name}）"
    assert corrections_of(luoyang, date(2022, 4, 10)) == []


def test_a_list_of_firms_that_nobody_knows_writes_nothing(filing: Filing) -> None:
    plan = filing([answer(n) for n in range(50, 70)])
    assert len(plan.refused) == 20
    assert plan.whole is not None
    assert "20" in plan.whole.reason
    with pytest.raises(ImportRefused) as refused:
        apply(plan)
    assert refused.value.code == "no_firm_known"
    assert filing([answer(n) for n in (1, *range(50, 70))]).whole is None
    assert filing([answer(50), answer(51)]).whole is None


def test_what_the_list_says_is_counted_against_what_was_known(filing: Filing) -> None:
    no = ("是", "是", "否", "否", "否", "否")
    apply(filing([answer(1), answer(2), answer(3, *no, amount=None)]))
    rows = [answer(1, *no, amount=None), answer(2), answer(3)]
    states = filing(rows, month=date(2022, 3, 1)).states
    assert (states.spending, len(states.more), len(states.less)) == (2, 1, 1)
    unfiled = answer(2, "是", *["否"] * 5, amount=None)
    states = filing([answer(1, *["否"] * 6, amount=None), unfiled]).states
    assert (states.unregistered, states.unfiled) == (1, 1)


def test_amounts_are_kept_only_with_their_source(filing: Filing) -> None:
    apply(filing([answer(1)], money_source="省科技厅授权"))
    figure = MoneyFigure.objects.get()
    assert (figure.kind, str(figure.amount), figure.on) == ("spending", "12.5000", FEB)


def test_only_the_office_and_no_stale_preview(luoyang: Region, filing: Filing) -> None:
    plan = filing([answer(1)])
    lead = actor_in(luoyang.children.all()[0], Role.COUNTY_LEAD, Unit.Kind.TASK_FORCE, "lead")
    with pytest.raises(ImportRefused) as refused:
        filing_batch(plan, by=lead, at=AT)
    assert refused.value.code == "not_allowed"
    apply(filing([answer(2)]))
    with pytest.raises(ImportRefused) as refused:
        apply(plan)
    assert refused.value.code == "stale_preview"


def test_a_firm_that_left_is_still_known(load: Load, filing: Filing) -> None:
    load([firm(1), firm(2), *many(40)], FEB, confirm=1)
    assert len(filing([answer(3)]).new) == 1


def test_a_firm_on_two_registers_has_facts_of_either_city(luoyang: Region, filing: Filing) -> None:
    """The neighbour's list of the same month and day neither hides nor overwrites ours."""
    enterprise = Membership.objects.get(enterprise__credit_code=code_of(1)).enterprise
    other = Region.objects.create(name="邻市", level="city", key="other", parent=luoyang.parent)
    known_on = date(2022, 2, 28)
    theirs = MonthlyFact.objects.create(
        city=other, enterprise=enterprise, about_month=MONTH, known_on=known_on,
        registered=True, filed=True, has_institution=False, has_staff=False, has_spending=False,
        has_cooperation=False,
    )  # fmt: skip
    plan = filing([answer(1)])
    assert (len(plan.new), len(plan.changed)) == (1, 0)
    apply(plan)
    theirs.refresh_from_db()
    assert not theirs.has_spending
    assert newest_facts(luoyang, as_of=known_on)[enterprise.pk].has_spending
