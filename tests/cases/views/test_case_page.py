"""The case page: what it shows, how many statements it takes, who may see it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import remarks, stages
from cases.firm import firm_of
from cases.models import Case
from cases.sheet import load
from cases.views.case_parts import head_facts
from tests.cases.standing import applied
from tests.cases.test_life import to_rectification
from tests.cases.views.conftest import Enter
from tests.world import START, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
MOST = 20  # statements of the page


def page(case: Case) -> str:
    return reverse("case", args=[case.pk])


def test_shows_the_case(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    html = enter(WORKER).get(page(case)).content.decode()
    for words in ("洛阳示例轴承有限公司", "研发机构", "市工信局", case.number):
        assert words in html


def test_remedy_has_a_page_too(world: World, enter: Enter) -> None:
    remedy = Case.objects.filter(parent=to_rectification(world)).first()
    assert remedy is not None
    client, parent = enter(WORKER), reverse("case", args=[remedy.parent_id])
    html = client.get(page(remedy)).content.decode()
    assert parent in html
    # visits stand on the firm's case: no dash here as if nobody had come
    assert "最近走访" not in html
    assert "最近走访" in client.get(parent).content.decode()


def test_a_have_without_a_remedy_says_why(world: World, enter: Enter) -> None:
    """The survey asks for four, remedies arise for what lacks: the page accounts for the rest."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "A", staff="regular")
    assert case.children.filter(criterion="staff").count() == 0
    html = enter(WORKER).get(page(case)).content.decode()
    assert "研发人员：已具备，只需提交印证材料" in html
    assert "研发机构：" not in html.split('id="remedies"')[1].split("</section>")[0]


def test_a_remedy_that_waits_for_the_partner_says_with_which_step_it_comes(
    world: World, enter: Enter
) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "B")
    assert (case.stage, case.children.filter(criterion="cooperation").count()) == ("matching", 0)
    assert (
        "产学研合作：转入“整改”环节时建整改事项" in enter(WORKER).get(page(case)).content.decode()
    )


@pytest.mark.parametrize("remarks_made", [0, 60])
def test_statements_do_not_grow_with_the_history(
    world: World, enter: Enter, remarks_made: int
) -> None:
    case = to_rectification(world)
    for n in range(remarks_made):
        remarks.comment(case.pk, by=world.actor(WORKER), at=at(START, 12), text=f"备注{n}")
    client = enter(WORKER)
    client.get(page(case))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(page(case)).status_code == 200
    assert len(seen) <= MOST, "\n".join(q["sql"][:150] for q in seen)


def test_what_is_old_of_a_firms_filing_is_said_to_be_old(world: World) -> None:
    """本月未更新: the newest list did not name it, or none has come for the month before."""
    first = world.firm("洛阳示例甲有限公司")  # known of January
    world.open()
    case = world.case(first)

    def said(on: date) -> str:
        firm = firm_of(case, on)
        assert firm is not None
        return firm.filing

    assert said(date(2022, 2, 28)) == "已填报（缺4项）"
    assert said(date(2022, 3, 1)) == "已填报（缺4项），本月未更新"
    world.fact(first, date(2022, 2, 1), has_spending=True)
    assert said(date(2022, 3, 31)) == "已填报（缺3项）"
    world.fact(world.firm("洛阳示例乙有限公司"), date(2022, 3, 1))
    assert said(date(2022, 3, 30)) == "已填报（缺3项）"  # that list was not there yet
    assert said(date(2022, 3, 31)) == "已填报（缺3项），本月未更新"


OUTSIDERS = ("嵩县/county_worker", "嵩县/county_lead", "市住建局/department_officer")


@pytest.mark.parametrize("who", OUTSIDERS)
def test_another_countys_case_is_not_there(world: World, enter: Enter, who: str) -> None:
    assert enter(who).get(page(to_rectification(world))).status_code == 404


def test_the_header_names_people_of_the_unit_that_holds_the_step(world: World) -> None:
    """A reviewer is no handler, and nobody of the county stands under the city's office."""
    case = applied(world)

    def said() -> tuple[str, str]:
        handled = next(f for f in head_facts(load(case, START)) if f["name"] == "承办单位")
        return handled["value"], handled["note"]

    worker, lead = world.people[WORKER], world.people[LEAD]
    assert said() == ("涧西区工作专班", f"经办 {worker} · 审核 {lead}")
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))
    case.refresh_from_db()
    unit, people = said()
    assert (unit, people) == ("市专班办", f"审核 {world.people['office/1']}")
