"""封账: a month as it was frozen, whatever is read in, closed or assigned afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cases.actions import endings, stages
from cases.actions.endings import withdraw
from cases.actions.matters import Asked, open_matter
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, FormRecord
from enterprises.models import Enterprise, ImportBatch, ImportChange, Membership, MonthlyFact
from organisations.models import Unit
from reports.documents.beside import beside, standing
from reports.documents.circulars import circular
from reports.documents.content import linked
from reports.figures.breakdown import needs_in
from reports.figures.freezing import freeze, propose_due
from reports.figures.matters import matters, matters_of
from reports.figures.months import State, before_of, live, ranking, state_of, state_on
from reports.figures.nouns import Freeze, FrozenRows, PublishedRate
from reports.figures.nouns import Frozen as IsFrozen
from reports.indicators import indicators
from reports.ledger_figures import figures
from tests.cases.lists import many
from tests.cases.standing import LEAD, OFFICE, WORKER, closed
from tests.world import START, SYSTEM, World, at, closing_form
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

FEBRUARY, MARCH = date(2022, 2, 28), date(2022, 3, 31)
FIFTH = date(2022, 4, 6)


def filed(world: World, firm: Enterprise, month: date = date(2022, 2, 1), **haves: bool) -> None:
    world.fact(firm, month, **haves)


def county(state: State, name: str) -> Any:
    key = next(pk for pk, called in state.names.counties.items() if called == name)
    return state.of_county(key).counts


@pytest.fixture
def spring(world: World) -> World:
    """Four firms with facts of January and February, three of them with a case since March."""
    for name, place, spends in (
        ("甲有限公司", "涧西区", False),
        ("乙有限公司", "涧西区", True),
        ("丙有限公司", "嵩县", False),
        ("丁有限公司", "嵩县", False),
    ):
        firm = world.firm(name, place)
        filed(world, firm, has_spending=spends)
    world.open()
    return world


def test_the_rows_say_what_the_older_counts_say(spring: World) -> None:
    """One day, three ways to count it: rows, the aggregates of the pages, those of the circular."""
    case = spring.case(Enterprise.objects.get(name="甲有限公司"))
    on = START + timedelta(days=40)
    spring.survey(case, on=on - timedelta(days=2))
    for day in (FEBRUARY, START, on):
        state, old = live(spring.programme, day, today=on), indicators(spring.programme, day)
        for row in old.counties:
            counts = state.of_county(row.county_id or 0).counts
            names = ("listed", "registered", "filed", "with_rd", "four_haves")
            assert [counts[n] for n in names] == [getattr(row, n) for n in names]
        stood = standing(spring.programme, day)
        assert (state.total.counts["closed"], state.total.counts["running"]) == (
            stood.closed,
            stood.open,
        )
    now, ledger = live(spring.programme, on, today=on).total, figures(spring.programme, on)
    kinds = ("opened", "running", "closed", "overdue", "overdue_long", "lacks_one")
    assert [now.counts[n] for n in kinds] == [getattr(ledger, n) for n in kinds]
    assert now.counts["overdue"] == sum(b.late for b in beside(spring.programme, on, on).values())
    assert now.counts["overdue"] > 0
    assert dict(now.stages) == {key: n for key, _label, n in ledger.stages if n}


def test_a_past_day_forgets_what_came_later(spring: World) -> None:
    """Stage, date and lateness are those of the day; a later list's correction is not known."""
    case = spring.case(Enterprise.objects.get(name="甲有限公司"))
    was = live(spring.programme, START, today=START).rows
    due = next(row.due for row in was if row.case == case.pk)
    spring.survey(case, on=START + timedelta(days=3))
    member = Membership.objects.get(enterprise=case.enterprise_id)
    batch = ImportBatch.objects.create(
        kind="register", state="applied", city=spring.city, file_name="四月.xlsx", sha256="0",
        as_of=date(2022, 4, 1), at=at(FIFTH),
    )  # fmt: skip
    before = {"industry_code": member.industry_code, "ownership": member.ownership}
    ImportChange.objects.create(
        batch=batch, model="membership", row_id=member.pk, before=before, after={}
    )
    Membership.objects.filter(pk=member.pk).update(industry_code="0610")
    filed(spring, Enterprise.objects.get(name="丙有限公司"), date(2022, 3, 1), has_spending=True)
    again = live(spring.programme, START, today=FIFTH).rows
    row = next(row for row in again if row.case == case.pk)
    assert (row.stage, row.due, row.industry) == ("assigned", due, "3411")
    for old, new in zip(was, again, strict=True):
        names = ("firm", "county", "industry", "department", "filed", "covered", "stage", "due")
        assert [getattr(old, n) for n in names] == [getattr(new, n) for n in names]
    later = live(spring.programme, FIFTH, today=FIFTH).rows
    assert next(row for row in later if row.case == case.pk).industry == "0610"


def test_a_closing_that_was_taken_back_stood_until_then(world: World) -> None:
    """Closed, taken up again and closed once more: each day as the trail has it, at its end."""
    again, twice = START + timedelta(days=7), START + timedelta(days=14)
    case = closed(world)
    days = {START: "closed", again: "rectification", twice: "closed"}

    def told(until: date) -> list[tuple[str, date | None, bool]]:
        rows = [live(world.programme, day, today=twice).rows[0] for day in days if day <= until]
        return [(row.stage, row.closed_on, row.was_late) for row in rows]

    first = told(START)
    assert first == [("closed", START, False)]
    failing = ["cooperation"]
    endings.reopen(case.pk, by=world.office, at=at(again), reason="合同未履行", criteria=failing)
    assert told(again) == [*first, ("rectification", None, False)]
    world.prove(case, "cooperation", on=twice)
    worker, lead, office = (world.actor(who, twice) for who in (WORKER, LEAD, OFFICE))
    stages.apply_for_closure(case.pk, by=worker, at=at(twice, 13), form=closing_form(twice))
    stages.advance(case.pk, by=lead, at=at(twice, 14))
    stages.close(case.pk, by=office, at=at(twice, 15))
    assert [stage for stage, _on, _late in told(twice)] == list(days.values())
    assert [on for _stage, on, _late in told(twice)] == [START, None, twice]
    for day, stage in days.items():
        counts = live(world.programme, day, today=twice).total.counts
        assert (counts["closed"], counts["running"]) == (stage == "closed", stage != "closed")
        stood = standing(world.programme, day)
        assert (stood.closed, stood.open) == (counts["closed"], counts["running"])


def test_a_frozen_month_stays_as_it_was(spring: World) -> None:
    """Imports, leavings and closings of later days, even a fact that pretends to be older."""
    row = freeze(spring.programme, MARCH, by=spring.office, at=at(FIFTH), reason="三月未更新")
    was = state_of(row)
    compare = before_of(was, today=FIFTH)
    firm = Enterprise.objects.get(name="丙有限公司")
    filed(spring, firm, date(2022, 3, 1), has_spending=True)  # known on 31 March, says the list
    Membership.objects.filter(enterprise__name="丁有限公司").update(left_on=date(2022, 3, 15))
    spring.programme.city.name = "改名市"
    now = state_on(spring.programme, MARCH, today=FIFTH)
    assert now.freeze == row
    assert now.rows == was.rows
    assert ranking(now, before_of(now, today=FIFTH)) == ranking(was, compare)
    fresh = live(spring.programme, MARCH, today=FIFTH)
    assert fresh.total.counts["listed"] == was.total.counts["listed"] - 1
    assert county(fresh, "嵩县")["with_rd"] == county(was, "嵩县")["with_rd"] + 1


def test_nobody_changes_what_was_frozen(spring: World) -> None:
    row = freeze(spring.programme, FEBRUARY, by=spring.office, at=at(START))
    kept = FrozenRows.objects.get(freeze=row)
    row.reason = "改"
    rows = Freeze.objects.all()
    acts: list[Callable[[], Any]] = [row.save, row.delete, kept.save, kept.delete, rows.delete]
    acts.append(partial(rows.update, reason="改"))
    for act in acts:
        with pytest.raises(IsFrozen):
            act()


def test_a_correction_is_a_new_version_with_its_reason(spring: World) -> None:
    first = freeze(spring.programme, FEBRUARY, by=spring.office, at=at(START))
    firm = Enterprise.objects.get(name="丙有限公司")
    MonthlyFact.objects.filter(enterprise=firm, about_month=date(2022, 2, 1)).update(
        has_spending=True
    )
    with pytest.raises(Refused) as refused:
        freeze(spring.programme, FEBRUARY, by=spring.office, at=at(FIFTH))
    assert refused.value.code == "frozen"
    second = freeze(spring.programme, FEBRUARY, by=spring.office, at=at(FIFTH), reason="补报1家")
    assert (first.number, second.number, second.reason) == (1, 2, "补报1家")
    assert state_on(spring.programme, FEBRUARY, today=FIFTH).freeze == second
    rates = [state_of(row).total.counts["with_rd"] for row in (first, second)]
    assert rates == [1, 2]


def test_a_correction_keeps_what_cases_lacked_when_the_month_was_frozen(spring: World) -> None:
    """The ledger went on: today's 只差一项 is none of the month that is corrected."""
    Case.objects.update(lacking_count=1)
    first = freeze(spring.programme, MARCH, by=spring.office, at=at(FIFTH), reason="三月未更新")
    case = Case.objects.order_by("pk")[0]
    Case.objects.exclude(pk=case.pk).update(lacking_count=3)
    later = at(FIFTH + timedelta(days=20))
    second = freeze(spring.programme, MARCH, by=spring.office, at=later, reason="补报1家")
    states = [state_of(row) for row in (first, second)]
    short = [state.total.counts["lacks_one"] for state in states]
    assert short == [short[0]] * 2
    assert short[0] > 1
    assert {state.more["lacking_on"] for state in states} == {FIFTH.isoformat()}


@pytest.mark.parametrize(
    ("as_of", "on", "more", "code"),
    [
        (MARCH, date(2022, 3, 31), {}, "not_over"),
        (MARCH, FIFTH, {}, "facts_missing"),
        (FEBRUARY, FIFTH, {"known_until": date(2022, 2, 1)}, "known_before"),
        (FEBRUARY, FIFTH, {"known_until": date(2022, 5, 1)}, "not_over"),
        (date(2021, 5, 31), FIFTH, {}, "outside"),
        (date(2022, 3, 2), FIFTH, {"edition": Freeze.Edition.MONTH}, "no_month_end"),
    ],
)
def test_what_cannot_be_frozen_says_why(
    spring: World, as_of: date, on: date, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        freeze(spring.programme, as_of, by=spring.office, at=at(on), **more)
    assert refused.value.code == code
    assert not Freeze.objects.exists()


def test_only_the_office_freezes(spring: World) -> None:
    for key in ("涧西区/county_lead", "leader", "supervisor", "市工信局/department_lead"):
        with pytest.raises(NotYours):
            freeze(spring.programme, FEBRUARY, by=spring.actor(key), at=at(FIFTH))


def test_facts_that_became_known_until_the_freezing_are_in_it(spring: World) -> None:
    """The office freezes once the facts are in: the month's own, known after its end."""
    firm = Enterprise.objects.get(name="甲有限公司")
    fact = MonthlyFact.objects.get(enterprise=firm, about_month=date(2022, 2, 1))
    fact.pk, fact.known_on, fact.has_spending = None, date(2022, 3, 3), True
    fact.save()  # known in March, beside what was known in February
    spring.fact(firm, date(2022, 3, 1), has_spending=False)  # of the next month: not in February
    assert live(spring.programme, FEBRUARY, today=FIFTH).total.counts["with_rd"] == 1
    row = freeze(spring.programme, FEBRUARY, by=spring.office, at=at(FIFTH))
    assert row.known_until == FIFTH
    assert state_of(row).total.counts["with_rd"] == 2
    cut = freeze(
        spring.programme, FEBRUARY, by=spring.office, at=at(FIFTH), known_until=FEBRUARY,
        reason="按月末口径",
    )  # fmt: skip
    assert state_of(cut).total.counts["with_rd"] == 1


def test_on_the_first_the_month_is_proposed_once(spring: World) -> None:
    assert propose_due(at(MARCH)) == 2  # January and February have ended
    assert propose_due(at(date(2022, 4, 1))) == 1
    assert propose_due(at(date(2022, 4, 1), 10)) == 0
    rows = Freeze.objects.order_by("as_of").values_list("as_of", "state")
    assert list(rows) == [(day, "proposed") for day in (date(2022, 1, 31), FEBRUARY, MARCH)]
    row = freeze(spring.programme, MARCH, by=spring.office, at=at(FIFTH), reason="三月未更新")
    assert (row.number, row.state, Freeze.objects.count()) == (1, "frozen", 3)


def test_a_year_has_two_editions(spring: World) -> None:
    """12月31日版, and 年报核定版 once the annual report was checked."""
    end, spring_day = date(2022, 12, 31), date(2023, 4, 1)
    freeze(spring.programme, end, by=spring.office, at=at(date(2023, 1, 4)), reason="12月未更新")
    firm = Enterprise.objects.get(name="丙有限公司")
    fact = spring.fact(firm, date(2022, 12, 1), has_spending=True)
    MonthlyFact.objects.filter(pk=fact.pk).update(known_on=date(2023, 3, 20))
    propose_due(at(spring_day))
    edition = Freeze.Edition.ANNUAL_REPORT
    assert Freeze.objects.get(edition=edition).as_of == end
    row = freeze(spring.programme, end, by=spring.office, at=at(spring_day), edition=edition)
    first = state_on(spring.programme, end, today=spring_day)
    assert first.freeze is not None
    assert first.freeze.edition == Freeze.Edition.YEAR_END
    assert [s.total.counts["with_rd"] for s in (first, state_of(row))] == [1, 2]


def test_the_year_s_base_ignores_entrants_and_drops_leavers(spring: World) -> None:
    """考核基数 beside 当期在库: 新入库 N 家，其中已覆盖 M 家."""
    spring.firm("戊有限公司", spending=True, joined_on=date(2022, 3, 10))
    Membership.objects.filter(enterprise__name="丁有限公司").update(left_on=date(2022, 3, 20))
    counts = live(spring.programme, MARCH, today=FIFTH).total.counts
    names = ("current", "assessed", "entered", "entered_covered", "listed")
    assert [counts[name] for name in names] == [4, 3, 1, 1, 4]
    pack = spring.programme.current.pack.model_copy(update={"base": "assessment_base"})
    counts = live(spring.programme, MARCH, today=FIFTH, pack=pack).total.counts
    assert (counts["listed"], counts["with_rd"]) == (3, 1)


def test_first_time_firms_are_flagged(spring: World) -> None:
    """001-20: no R&D in the filing of the year before, R&D now."""
    names = ("甲有限公司", "乙有限公司", "丙有限公司")
    first, second, third = (Enterprise.objects.get(name=name) for name in names)
    for firm, had in ((first, False), (second, True)):
        spring.fact(firm, date(2021, 11, 1), has_spending=had)
    for firm in (first, second, third):
        spring.fact(firm, date(2022, 3, 1), has_spending=True)
    rows = {row.name: row for row in live(spring.programme, MARCH, today=FIFTH).rows}
    assert [rows[name].first_time for name in names] == [True, False, False]
    # what was said at the closing counts before what the filing of earlier years leads to
    case = spring.case(first)
    for said, is_first in (("no", False), ("yes", True)):
        FormRecord.objects.create(
            case=case, form="closing", data={"first_time": said}, is_draft=False, at=at(START)
        )
        now = {row.name: row for row in live(spring.programme, MARCH, today=FIFTH).rows}
        assert now[first.name].first_time is is_first


def test_needs_and_measures_of_a_past_day_stay(spring: World) -> None:
    """What was withdrawn or taken up again since stood that day; a freeze holds it besides."""
    parent = Case.objects.get(enterprise__name="甲有限公司")
    answers = {"need": "热处理变形控制", "kind": "technology"}
    asked = Asked(procedure="need", parent_id=parent.pk, answers=answers)
    need = open_matter(spring.programme, asked, by=spring.office, at=at(START))
    pack = spring.programme.current.pack
    key = pack.measures[0].key
    Case.objects.filter(pk=need.pk).update(measure=key, parent=None)
    CaseEvent.objects.create(
        case=need, verb="reopen", at=at(FIFTH), from_stage="closed", to_stage="match"
    )
    row = freeze(spring.programme, MARCH, by=spring.office, at=at(FIFTH), reason="三月未更新")
    later = date(2022, 4, 11)
    withdraw(need.pk, by=spring.office, at=at(later), reason="登记有误")
    county, of = need.county_id, len(pack.measures)
    then, now = (matters(live(spring.programme, day, today=later)) for day in (MARCH, later))
    assert (then.needs, then.matched, then.measures) == ({county: 1}, {county: 1}, (1, of))
    assert (now.needs, now.matched, now.measures) == ({}, {}, (0, of))
    Case.objects.filter(pk=need.pk).update(opened_on=later)
    assert matters(live(spring.programme, MARCH, today=later)).needs == {}
    kept = state_of(row)
    assert matters_of(kept) == then
    assert {per: list(parts.values()) for per, parts in then.asked.items()} == {
        "department": [(1, 1)], "industry": [(1, 1)],
    }  # fmt: skip
    parts = {by: needs_in(kept, by, then.needs) for by in ("county", "zone", "industry")}
    assert parts == {"county": {"涧西区": 1}, "zone": {"都市核心区": 1}, "industry": {}}


@pytest.mark.parametrize("number", [3, 60])
def test_a_freeze_is_a_fixed_number_of_statements(world: World, number: int) -> None:
    many(world, number)
    for firm in Enterprise.objects.all():
        world.fact(firm, date(2022, 2, 1), has_spending=firm.pk % 2 == 0)
    world.open()
    with CaptureQueriesContext(connection) as seen:
        row = freeze(world.programme, FEBRUARY, by=world.office, at=at(FIFTH))
    assert len(state_of(row).rows) == number
    assert len(seen) == 47, "\n".join(q["sql"][:150] for q in seen)


def test_rates_and_lines_are_exact(spring: World) -> None:
    state = live(spring.programme, MARCH, today=FIFTH)
    before = before_of(state, today=FIFTH)
    place = next(p for p in ranking(state, before) if p.name == "涧西区")
    assert (place.rate, place.share.target) == (Decimal("50.0"), Decimal(80))


def test_a_circular_printed_years_later_says_the_same(spring: World) -> None:
    """From the freeze alone: no list, no closing, no other plan and no other month moves a word."""
    PublishedRate.objects.create(
        programme=spring.programme, month=date(2022, 3, 1), base=1912, source="省通报第3期",
        filing_rate=Decimal("78.50"), cut_off=MARCH, at=at(FIFTH),
    )  # fmt: skip
    first = Enterprise.objects.get(name="甲有限公司")
    spring.fact(first, date(2022, 3, 1), has_spending=False)
    freeze(spring.programme, MARCH, by=spring.office, at=at(FIFTH))
    with override("zh-hans"):
        said = circular(spring.programme, MARCH, FIFTH)
    later = date(2025, 6, 1)
    for firm in Enterprise.objects.all():
        spring.fact(firm, date(2022, 3, 2), has_spending=True)
    MonthlyFact.objects.update(has_spending=True)
    Membership.objects.filter(enterprise=first).update(joined_on=date(2022, 3, 20))
    Unit.objects.filter(name="包联第一组").update(name="改名组")
    PublishedRate.objects.update(base=1)
    text = shipped_text(spring.programme.key).replace("city_target: 50", "city_target: 51")
    issue_pack(text, by=SYSTEM, at=at(later))
    with override("zh-hans"):
        again = circular(spring.programme, MARCH, later)
        other = circular(spring.programme, date(2022, 3, 30), later)
    assert again == said
    assert other.figures["覆盖率"] != said.figures["覆盖率"]
    words = "".join(linked(line, said.figures) for line in said.paragraphs)
    assert "本月新增销号0家、核减0家。纳入考核基数的企业4家（当期在库4家）" in words
    assert "省通报口径（省通报第3期，截至2022年3月31日，基数1912家）：填报率78.5%。" in words
    assert any("本月第1版" in line for line in said.annexes[1].paragraphs)


def test_a_corrected_month_says_why_in_the_next_circular(spring: World) -> None:
    freeze(spring.programme, FEBRUARY, by=spring.office, at=at(START))
    freeze(spring.programme, FEBRUARY, by=spring.office, at=at(FIFTH), reason="补报1家")
    with override("zh-hans"):
        said = circular(spring.programme, FEBRUARY, FIFTH)
    assert said.annexes[1].paragraphs[-1] == "8.更正说明：补报1家"
