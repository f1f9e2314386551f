"""ADR 14: a plan that does not wait for remedies may close over them, but never in silence."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.actions import endings, evidence, stages
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence
from cases.sheet import load
from cases.views.deed_fields import advance_lead
from cases.wording import words_of
from tests.cases.lists import sign_in
from tests.cases.test_matters import open_issue
from tests.cases.test_papers import applied, hand_in, plus
from tests.cases.test_papers import root as root
from tests.config.test_commands import as_json, refused
from tests.world import START, SYSTEM, World, at, closing_form, matching_form, paper
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def careless() -> str:
    """Luoyang's plan, whose rectification and closing wait for nothing."""
    text = shipped_text("luoyang-2022")
    assert text.count("waits_for: [remedy]") == 2
    return text.replace("        waits_for: [remedy]\n", "", 1)


def proved_to_the_office(world: World, case: Case, have: str) -> None:
    worker = world.actor(WORKER)
    [row] = evidence.submit(case.pk, criterion=have, papers=[paper()], by=worker, at=at(START, 11))
    evidence.accept(row.pk, by=world.office, at=at(START, 12))


@pytest.fixture
def case(world: World) -> Case:
    """Everything proved to the office, which closes no remedies: one of them is still open."""
    issue_pack(careless(), by=SYSTEM, at=at(START))
    world.firm("洛阳示例轴承有限公司")
    world.open()
    found = world.survey(world.case(), "B")
    stages.advance(found.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    for have in ("institution", "staff", "spending"):
        world.prove(found, have)
    proved_to_the_office(world, found, "cooperation")
    assert [c.criterion for c in Case.objects.filter(parent=found).open()] == ["cooperation"]
    return found


def apply(world: World, case: Case, knowing: bool = False) -> Case:
    worker = world.actor(WORKER)
    return stages.apply_for_closure(
        case.pk, by=worker, at=at(START, 13), form=closing_form(), knowing=knowing
    )


def test_whoever_applies_reads_what_stays_open_and_is_asked(world: World, case: Case) -> None:
    with pytest.raises(Refused) as found:
        apply(world, case)
    assert found.value.code == "children_left"
    assert "产学研合作" in found.value.words
    assert apply(world, case, knowing=True).stage == "county_review"


def test_the_remedy_ends_with_the_closing_and_an_issue_goes_on(world: World, case: Case) -> None:
    issue = open_issue(world, case)
    remedy = Case.objects.filter(parent=case).open().get()
    apply(world, case, knowing=True)
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))
    stages.close(case.pk, by=world.actor("office/2"), at=at(START, 15))
    remedy.refresh_from_db()
    issue.refresh_from_db()
    assert (remedy.stage, remedy.closed_on) == ("withdrawn", None)
    assert issue.finished is None
    event = CaseEvent.objects.get(case=remedy, verb="end_with")
    assert words_of(event) == "随企业销号终止，方案不要求先办结"
    # what fails a spot check is mended anew
    endings.reopen(case.pk, by=world.office, at=at(START, 16), reason="未履行",
                   criteria=["cooperation"])  # fmt: skip
    remedy.refresh_from_db()
    assert remedy.finished is None


def test_on_the_page_and_on_the_command_line(world: World, case: Case, today: object) -> None:
    client = sign_in(world, WORKER)
    form = {"form": "closing", "version": str(Case.objects.get(pk=case.pk).version), "do": "finish"}
    given = form | {k: str(v) for k, v in closing_form().items()}
    page = client.post(reverse("case_form", args=[case.pk]), given)
    assert page.status_code == 422
    assert 'name="knowing" value="1"' in page.content.decode()
    line = ["case", "apply_for_closure", case.number, "--at", "2022-03-01T17:00",
            "--by", world.people[WORKER].username]  # fmt: skip
    line += [word for k, v in closing_form().items() for word in ("--set", f"{k}={v}")]
    assert refused(*line)[0]["code"] == "children_left"
    assert as_json(*line, "--knowing")["stage"] == "county_review"


def test_a_plan_that_waits_refuses_as_before(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    found = world.survey(world.case(), "B")
    stages.advance(found.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    for have in ("institution", "staff", "spending"):
        world.prove(found, have)
    proved_to_the_office(world, found, "cooperation")
    with pytest.raises(Refused) as told:
        apply(world, found, knowing=True)
    assert told.value.code == "children_open"
    assert "县区审核人" in told.value.words  # who closes what is open


def test_a_reviewer_is_told_what_waits_came_back_or_ends(world: World, root: Case) -> None:
    case = applied(world, root)
    lead = world.actor(LEAD)
    assert advance_lead(load(case, START), "", lead).count("。") == 1
    hand_in(world, case, "staff")
    evidence.return_(hand_in(world, case, "spending"), reason=2, by=lead, at=at(START, 14))
    Evidence.objects.filter(criterion="institution").update(valid_until=plus(START, 6))
    words = advance_lead(load(case, START), "", lead)
    assert "1份材料待审核（研发人员）" in words
    assert "1份材料已退回、尚未补正（研发经费）" in words
    assert "“研发机构”材料有效期至" in words
