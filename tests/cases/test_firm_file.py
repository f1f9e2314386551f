"""一企一档 (000-34): visits that serve several programmes, papers used again, a firm's years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import carrying, endings, evidence, reusing, visiting
from cases.dossier import years_of
from cases.errors import NotYours, Refused
from cases.firm_policies import policies_for
from cases.models import Case, CaseEvent, Evidence, Visit
from cases.offers import fitting_one
from cases.views.evidence import reusable
from cases.visits import visits_of
from enterprises.models import Enterprise
from organisations.scope import Actor
from tests.cases.lists import sign_in
from tests.cases.test_carrying import next_year
from tests.config.test_commands import as_json
from tests.world import START, SYSTEM, World, at, paper
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
LATER = START + timedelta(days=3)
FOUND = "辅助账已建，缺立项文件"


@pytest.fixture
def firm(world: World) -> Enterprise:
    found = world.firm("洛阳示例轴承有限公司")
    world.open()
    return found


def visit(world: World, firm: Enterprise, who: str = WORKER, **more: Any) -> Visit:
    given: dict[str, Any] = {"visited_on": LATER, "people": "周示例、孟示例", "found": FOUND}
    return visiting.record_visit(firm, by=world.actor(who), at=at(LATER), **given | more)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found:
        act()
    assert found.value.words
    return found.value.code


# --- visits --------------------------------------------------------------------------------------
def test_one_visit_serves_every_open_case(world: World, firm: Enterprise) -> None:
    first = world.survey(world.case(), "B")
    to = next_year(world)
    other = world.case(firm)
    made = visit(world, firm)
    assert [case.pk for case in made.cases.all()] == [first.pk] == [other.pk]
    event = CaseEvent.objects.get(verb="visit")
    assert (event.case_id, event.reason, event.data["visit"]) == (first.pk, FOUND, made.pk)
    first.refresh_from_db()
    assert first.progress == FOUND
    assert to.pk  # a programme without a case of the firm asks for nothing


def test_the_survey_counts_and_one_day_counts_once(world: World, firm: Enterprise) -> None:
    world.survey(world.case(), "B")
    found = visits_of(firm, SYSTEM, LATER)
    assert [(one.day, one.pk) for one in found.lines] == [(START, None)]
    visit(world, firm, visited_on=START)
    visit(world, firm)
    found = visits_of(firm, SYSTEM, LATER)
    assert (len(found.lines), found.tally.in_year, found.tally.last_on) == (3, 2, LATER)
    assert found.tally.asks_to_merge
    assert "30天内已有人走访" in found.advice
    assert found.words == "年内走访2次，最近一次3月4日"


def test_a_mistake_is_taken_back_and_not_counted(world: World, firm: Enterprise) -> None:
    made = visit(world, firm)

    def back(who: str, reason: str = "填错企业") -> Visit:
        by = world.actor(who)
        return visiting.take_back_visit(made.pk, by=by, at=at(LATER), reason=reason)

    assert refused(lambda: back(LEAD)) == "not_yours"
    assert refused(lambda: back(WORKER, " ")) == "no_reason"
    back("office/1")
    assert visits_of(firm, SYSTEM, LATER).tally.in_year == 0
    assert refused(lambda: back(WORKER)) == "taken_back"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"visited_on": LATER + timedelta(days=1)}, "in_future"),
        ({"visited_on": LATER - timedelta(days=400)}, "long_ago"),
        ({"way": "inspection"}, "no_way"),
        ({"people": " "}, "no_people"),
        ({"found": ""}, "no_text"),
        ({"found": "长" * 1001}, "too_long"),
        ({"cases": [999_999]}, "no_case"),
    ],
)
def test_what_is_no_visit_is_refused(
    world: World, firm: Enterprise, change: dict[str, Any], code: str
) -> None:
    assert refused(lambda: visit(world, firm, **change)) == code
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (WORKER, True), ("liaison_member", True), ("市工信局/department_officer", True),
        ("office/1", True), ("leader", False), ("supervisor", False), ("嵩县/county_lead", False),
    ],
)  # fmt: skip
def test_who_writes_up_visits(world: World, firm: Enterprise, who: str, may: bool) -> None:
    if may:
        assert visit(world, firm, who).by == world.people[who]
    else:
        assert refused(lambda: visit(world, firm, who)) == "not_yours"
    assert refused(lambda: visiting.record_visit(
        firm, by=world.clerk(firm), at=at(LATER), visited_on=LATER, people="甲", found="乙",
    )) == "not_yours"  # fmt: skip


def test_everybody_counts_but_what_was_found_stays_with_the_case(
    world: World, firm: Enterprise
) -> None:
    visit(world, firm)
    other = world.actor("市住建局/department_officer")
    [line] = visits_of(firm, other, LATER).lines
    assert (line.day, line.people, line.found) == (LATER, "周示例、孟示例", "")
    [line] = visits_of(firm, world.actor("市工信局/department_officer"), LATER).lines
    assert line.found == FOUND


# --- papers handed in again ----------------------------------------------------------------------
def again(world: World, row: Evidence, case: Case, criterion: str, by: Actor) -> Evidence:
    return reusing.hand_in_again(row.pk, case.pk, criterion=criterion, by=by, at=at(LATER))


def test_an_accepted_paper_serves_another_item_after_its_own_acceptance(
    world: World, firm: Enterprise
) -> None:
    case = world.survey(world.case(), "A")
    row = world.prove(case, "institution")
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    offers = reusable(worker, case, "staff")
    assert [(one.held.paper.pk, one.fits) for one in offers] == [(row.pk, False)]
    made = again(world, row, case, "staff", worker)
    assert (made.state, made.file.name, made.reused_from, made.reviewed_by) == (
        "submitted", row.file.name, row, None,
    )  # fmt: skip
    case.refresh_from_db()
    assert "staff" in case.lacking
    assert CaseEvent.objects.get(verb="submit_evidence", data__reused_from=case.number)
    assert refused(lambda: again(world, row, case, "staff", worker)) == "upload_twice"
    assert refused(
        lambda: evidence.accept(made.pk, by=worker, at=at(LATER))
    ) == "four_eyes"  # fmt: skip
    evidence.accept(made.pk, by=lead, at=at(LATER))
    case.refresh_from_db()
    assert "staff" not in case.lacking


def test_next_year_only_what_still_holds_is_offered(world: World, firm: Enterprise) -> None:
    """Body till changed, roster and spending every year; the old case may be closed by then."""
    old = world.survey(world.case(), "A")
    rows = {have: world.prove(old, have) for have in ("institution", "staff")}
    to = next_year(world)
    later = date(2023, 2, 1)
    endings.withdraw(old.pk, by=world.office, at=at(LATER), reason="x")
    endings.reopen(old.pk, by=world.office, at=at(LATER), reason="x")
    carrying.carry_over(
        world.programme, to, by=world.office, at=at(date(2022, 12, 28)), reason="未完成"
    )
    new = Case.objects.get(programme=to, parent=None)
    # the body went along by itself; it is offered for the others, the roster no more
    worker = world.actor(WORKER, later)
    offered = {one.held.paper.criterion for one in reusable(worker, new, "staff")}
    assert offered == {"institution"}
    act = lambda: reusing.hand_in_again(  # noqa: E731
        rows["staff"].pk, new.pk, criterion="staff", by=worker, at=at(later)
    )
    assert refused(act) == "expired"


def test_papers_of_others_and_unaccepted_ones_are_refused(world: World, firm: Enterprise) -> None:
    case = world.survey(world.case(), "A")
    other = world.firm("洛阳样本水泥厂")
    world.open()
    row = world.prove(case, "institution")
    worker = world.actor(WORKER)
    assert refused(lambda: again(world, row, world.case(other), "staff", worker)) == "other_firm"
    [waits] = evidence.submit(
        case.pk, criterion="spending", papers=[paper("账.pdf")], by=worker, at=at(LATER)
    )
    assert refused(lambda: again(world, waits, case, "staff", worker)) == "not_accepted"
    with pytest.raises(NotYours):
        again(world, row, case, "staff", world.actor("嵩县/county_worker"))


# --- the whole file ------------------------------------------------------------------------------
PARTS = ("firm", "firm_visits", "firm_papers", "firm_years", "firm_policies", "case_fragment",
         "firm_pairings")  # fmt: skip


def test_the_page_stays_within_twelve_statements_however_long_the_file(
    world: World, firm: Enterprise, today: Any
) -> None:
    case = world.survey(world.case(), "A")
    today(LATER)

    def cost() -> dict[str, int]:
        client, found = sign_in(world, "liaison_member"), {}
        client.get(reverse("firm", args=[firm.pk]))
        for name in PARTS:
            with CaptureQueriesContext(connection) as asked:
                asks = {} if name == "firm" else {"HX-Request": "true"}
                answer = client.get(reverse(name, args=[firm.pk]), headers=asks)
            assert answer.status_code == 200, name
            found[name] = len(asked)
        return found

    visit(world, firm)
    world.prove(case, "institution", LATER)
    cost()  # packs and stages are read once a process
    few = cost()
    for n in range(8):
        visit(world, firm, visited_on=LATER - timedelta(days=n))
        evidence.accept(
            evidence.submit(
                case.pk, criterion="staff", papers=[paper(f"{n}.pdf")],
                by=world.actor(WORKER), at=at(LATER),
            )[0].pk,
            by=world.actor(LEAD), at=at(LATER),
        )  # fmt: skip
        world.fact(firm, date(2021, n + 1, 1))
    many = cost()
    assert many == few
    assert max(many.values()) <= 12, many


def test_the_years_tell_everything_and_the_command_prints_it(
    world: World, firm: Enterprise
) -> None:
    case = world.survey(world.case(), "A")
    world.prove(case, "institution")
    visit(world, firm)
    [year] = years_of(firm, SYSTEM, LATER)
    assert (year.year, year.filed, year.months, year.visits) == (2022, 1, 1, 2)
    assert [line.kind for line in year.lines] == ["visit", "paper", "visit", "case", "register"]
    told = as_json("firm", "show", firm.name, "--at", LATER.isoformat())
    assert told["visits"]["this_year"] == 2
    assert [row["criterion"] for row in told["papers"] if row["holds"]] == ["institution"]
    assert len(told["years"][0]["lines"]) == 5
    hidden = as_json(
        "firm", "show", firm.name, "--at", LATER.isoformat(),
        "--by", world.people["市住建局/department_officer"].username,
    )  # fmt: skip
    assert (hidden["cases"], hidden["papers"]) == ([], [])


def test_the_command_does_what_the_pages_do(world: World, firm: Enterprise) -> None:
    case = world.survey(world.case(), "A")
    row = world.prove(case, "institution")
    who = ("--by", world.people[WORKER].username, "--at", LATER.isoformat())
    made = as_json(
        "firm", "visit", firm.name, "--on", "2022-03-03", "--people", "周示例", "--met", "李示例",
        "--found", FOUND, "--way", "telephone", "--case", case.number, *who,
    )  # fmt: skip
    assert (made["serves"], made["this_year"]) == ([case.number], 2)
    assert as_json("firm", "take_back", str(made["visit"]), "--reason", "重复", *who)["taken_back"]
    used = as_json(
        "firm", "reuse", str(row.pk), case.number, "staff", "--programme", "luoyang-2022", *who
    )
    assert (used["reused_from"], used["state"]) == (row.pk, "submitted")


def test_the_form_and_the_reuse_button(world: World, firm: Enterprise, today: Any) -> None:
    case = world.survey(world.case(), "A")
    row = world.prove(case, "institution")
    today(LATER)
    client = sign_in(world, WORKER)
    page = client.get(reverse("visit_new", args=[firm.pk])).content.decode()
    assert "30天内已有人走访" in page
    given = {"visited_on": "2022-03-04", "way": "on_site", "people": "周示例", "found": ""}
    answer = client.post(reverse("visit_new", args=[firm.pk]), given)
    assert (answer.status_code, Visit.objects.count()) == (422, 0)
    client.post(
        reverse("visit_new", args=[firm.pk]), given | {"found": FOUND, "cases": [str(case.pk)]}
    )
    assert [one.pk for one in Visit.objects.get().cases.all()] == [case.pk]
    shown = client.get(reverse("firm_visits", args=[firm.pk])).content.decode()
    assert FOUND in shown
    add = client.get(reverse("evidence_add", args=[case.pk]) + "?criterion=staff").content.decode()
    assert row.file_name in add
    done = client.post(
        reverse("evidence_reuse", args=[case.pk]), {"paper": row.pk, "criterion": "staff"}
    )
    assert done.status_code == 302
    made = Evidence.objects.get(reused_from=row)
    told = sign_in(world, LEAD).get(reverse("evidence", args=[made.pk])).content.decode()
    assert "沿用材料" in told


def test_the_plus_of_the_phone_asks_which_firm(world: World, firm: Enterprise, today: Any) -> None:
    today(LATER)
    far = world.firm("嵩县样本厂", "嵩县")
    client, url = sign_in(world, WORKER), reverse("phone_visit")
    page = client.get(url).content.decode()
    assert reverse("visit_new", args=[firm.pk]) in page
    assert far.name not in page
    assert firm.name not in client.get(url + "?q=样本").content.decode()
    assert url in client.get(reverse("firms")).content.decode()  # the bar's middle button
    assert sign_in(world, "leader").get(url).status_code == 403


def test_policies_that_fit_are_those_of_the_register(world: World) -> None:
    issue_pack(shipped_text("sanmenxia-2022"), by=SYSTEM, at=at(START))
    firm = world.firm("洛阳示例轴承有限公司", spending=True)
    found = policies_for(firm, None, START)
    wanted = fitting_one(world.programme, firm.pk, START)
    assert [one.policy.key for one in found] == [policy.key for policy in wanted]
