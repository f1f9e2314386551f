"""整改事项: measure, owner and date from the first day, and none closed without them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases.actions import filling, remedies, stages
from cases.actions.filling import FormRefused
from cases.errors import Refused
from cases.models import Case, FormRecord
from tests.world import START, World, at, matching_form, survey_form

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    found = world.case()
    stages.acknowledge(found.pk, by=world.actor(WORKER), at=at(START))
    return found


def remedy(root: Case, criterion: str) -> Case:
    found: Case = Case.objects.get(parent=root, criterion=criterion)
    return found


def answers(case: Case) -> dict[str, object]:
    data: dict[str, object] = FormRecord.objects.get(case=case).data
    return data


def finish_survey(world: World, case: Case, **more: object) -> Case:
    form = {**survey_form("B"), **more}
    return stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=form)


def test_the_plan_stands_in_each_remedy(world: World, case: Case) -> None:
    due = START + timedelta(days=20)
    rows = [
        {"have": "institution", "measure": "发文成立研发部", "unit": "技术部 张示例"},
        {"have": "staff", "measure": "建名册", "unit": "人事部", "due_on": due.isoformat()},
        {"have": "staff", "measure": "记工时"},
        {"have": "spending", "measure": "建辅助账"},
        {"have": "cooperation", "measure": "找高校"},
    ]
    finish_survey(world, case, plan=rows)
    staff = answers(remedy(case, "staff"))
    assert (staff["measure"], staff["responsible"]) == ("建名册；记工时", "人事部")
    assert staff["finish_on"] == due.isoformat()
    spending = remedy(case, "spending")
    # nobody named and no day: the county that owes it, by its deadline
    assert answers(spending)["responsible"] == case.responsible_unit.short_name != ""
    own = world.item(spending).due_on
    assert own is not None
    assert answers(spending)["finish_on"] == own.isoformat()


def test_matching_stands_in_the_remedy_that_needs_a_partner(world: World, case: Case) -> None:
    finish_survey(world, case)
    signed = {"result": "signed", "partner": "示例大学", "agreement": "轴承技术开发合同",
              "signed_on": START.isoformat(), "valid_until": "2023-02-28", "form": "joint",
              "amount": "12.5"}  # fmt: skip
    contacts: Any = matching_form()["contacts"]
    form = {"contacts": [{**contacts[0], **signed}, *contacts]}
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 11), form=form)
    told = answers(remedy(case, "cooperation"))
    assert told["measure"] == "与高校签订合同"
    assert (told["partner"], told["agreement"], told["form"]) == (
        "示例大学",
        "轴承技术开发合同",
        "joint",
    )
    assert (told["signed_on"], told["amount"]) == (START.isoformat(), "12.50")


def test_no_remedy_is_done_without_measure_owner_and_date(world: World, case: Case) -> None:
    finish_survey(world, case)
    child, worker, lead = remedy(case, "staff"), world.actor(WORKER), world.actor(LEAD)
    filling.save_draft(child.pk, form="remedy_staff", data={}, by=worker, at=at(START, 11))
    # the paper is accepted; the remedy stays open until its form says what was done
    world.prove(case, "staff")
    assert not remedy(case, "staff").is_finished
    with pytest.raises(Refused) as refusal:
        stages.close(child.pk, by=lead, at=at(START, 13))
    assert refusal.value.code == "measure_missing"
    assert "措施、责任单位/责任人、完成时限" in refusal.value.words
    done, refused = stages.close_many([child.pk], by=lead, at=at(START, 13))
    assert (done, list(refused)) == ([], [child.pk])
    whole = {"measure": "建名册", "responsible": "人事部", "finish_on": "2022-04-01"}
    filling.save_draft(child.pk, form="remedy_staff", data=whole, by=worker, at=at(START, 14))
    assert stages.close(child.pk, by=lead, at=at(START, 15)).stage == "closed"


def test_a_remedy_by_hand_takes_its_reason_for_the_measure(world: World, case: Case) -> None:
    finish_survey(world, case)
    FormRecord.objects.filter(case=case).update(data={})
    child = remedies.spawn(
        case.pk, criterion="cooperation", reason="校方主动联系", by=world.actor(WORKER),
        at=at(START, 11),
    )  # fmt: skip
    assert answers(child)["measure"] == "校方主动联系"


def test_days_that_cannot_be_are_refused(world: World, case: Case) -> None:
    def errors(**more: object) -> set[str]:
        with pytest.raises(FormRefused) as refusal:
            finish_survey(world, case, **more)
        return set(refusal.value.errors)

    before = (START - timedelta(days=1)).isoformat()
    rows = [{**row, "due_on": before} for row in survey_form("B")["plan"]]  # type: ignore[attr-defined]
    assert errors(visited_on=before) == {"visited_on"}
    assert errors(visited_on=date(2022, 3, 2).isoformat()) == {"visited_on"}
    assert errors(plan=rows) == {f"plan.{place}.due_on" for place in range(4)}
    finish_survey(world, case)
    data = {"finish_on": before}
    with pytest.raises(FormRefused):
        filling.save_draft(
            remedy(case, "staff").pk, form="remedy_staff", data=data, by=world.actor(WORKER),
            at=at(START, 12),
        )  # fmt: skip
