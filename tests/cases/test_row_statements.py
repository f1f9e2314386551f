"""A page that names a row: its statements are counted; what hangs on the row costs none more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import handing_over
from cases.models import Case, CaseEvent, DraftLine, Evidence, MatchRecord, WorkItem
from enterprises.models import ImportBatch, ImportChange
from organisations.models import Post, Tenure, User
from resources.models import Member
from tests.cases.climbing import climb, late, open_firms, waiting
from tests.cases.copies import again
from tests.cases.lists import many, sign_in
from tests.cases.standing import WORKER, handed_in, rectifying
from tests.resources.conftest import expert, resource
from tests.world import START, World, at, person

FEW, MANY = 3, 100
LEAD = "涧西区/county_lead"


@dataclass
class Page:
    """An address, what makes its row longer by ``n``, and the statements that it may take."""

    address: str
    longer: Callable[[int], object]
    most: int
    who: str = "office/1"
    # turns pages, or has its list from a fragment of its own
    is_paged: bool = False


def hung_on(world: World, case: Case) -> Callable[[int], None]:
    """More children, papers and events of one case."""
    handed_in(world, case)
    child = case.children.order_by("pk")[0]
    item = WorkItem.objects.get(process=child, finished=None)
    paper = Evidence.objects.latest("pk")
    event = CaseEvent.objects.filter(case=case).latest("pk")

    def longer(n: int) -> None:
        # no two children are about one thing: these are what a visit left
        made = again(
            Case, child, n, serial=lambda k: 1000 * n + k, procedure=lambda _k: "issue",
            criterion=lambda _k: "", stage=lambda _k: "handling",
        )  # fmt: skip
        again(WorkItem, item, n, process_id=lambda k: made[k].pk, stage=lambda _k: "handling")
        again(Evidence, paper, n)
        again(CaseEvent, event, n)

    return longer


def case_page(world: World) -> Page:
    case = rectifying(world)
    return Page(reverse("case", args=[case.pk]), hung_on(world, case), 22)


def a_paper(world: World) -> Page:
    longer = hung_on(world, rectifying(world))
    # three of them for its pictures, and for who has seen it
    return Page(reverse("evidence", args=[Evidence.objects.latest("pk").pk]), longer, 17, LEAD)


def a_firm(world: World) -> Page:
    case = rectifying(world)
    return Page(reverse("firm", args=[case.enterprise_id]), hung_on(world, case), 12, is_paged=True)


def cases_of_a_firm(world: World) -> Page:
    case = rectifying(world)
    return Page(
        reverse("case_fragment", args=[case.enterprise_id]), hung_on(world, case), 10, is_paged=True
    )


def a_clerks_page(world: World) -> Page:
    case = rectifying(world)
    assert case.enterprise is not None
    world.clerk(case.enterprise)
    who = next(key for key in world.people if key.startswith("clerk/"))
    return Page(reverse("portal"), hung_on(world, case), 12, who)


def a_unit(world: World) -> Page:
    post = Post.objects.get(tenures__user=world.people[WORKER])
    tenure = Tenure.objects.get(post=post)

    def longer(n: int) -> None:
        posts = again(Post, post, n, name=lambda k: f"{n}号岗位{k}")
        users = User.objects.bulk_create(
            User(username=f"more{n}-{k}", name=f"人员{k}") for k in range(n)
        )
        again(Tenure, tenure, n, post_id=lambda k: posts[k].pk, user_id=lambda k: users[k].pk)

    return Page(reverse("unit", args=[post.unit_id]), longer, 13)


def an_account(world: World) -> Page:
    tenure = Tenure.objects.get(user=world.people[WORKER])

    def longer(n: int) -> None:
        posts = again(Post, tenure.post, n, name=lambda k: f"{n}号岗位{k}")
        again(Tenure, tenure, n, post_id=lambda k: posts[k].pk)

    return Page(reverse("account", args=[tenure.user_id]), longer, 7)


def more_in_a_letter(world: World) -> Callable[[int], None]:
    open_firms(world)
    climb(10, 10)
    line = waiting().lines.get()

    def longer(n: int) -> None:
        many(world, n)
        world.open(late(-1))
        items = WorkItem.objects.filter(finished=None).exclude(draft_lines__isnull=False)
        ids = list(items.values_list("pk", flat=True))
        assert len(ids) == n
        again(DraftLine, line, n, item_id=lambda k: ids[k])

    return longer


def a_letter(world: World) -> Page:
    longer = more_in_a_letter(world)
    # six for whom it is about and who reads it: a number to call, a post that somebody holds
    return Page(reverse("draft", args=[waiting().pk]), longer, 21)


def a_letter_received(world: World) -> Page:
    longer = more_in_a_letter(world)
    draft = waiting()
    draft.state, draft.body = draft.State.RELEASED, "请关注"
    draft.decided_at, draft.decided_by = at(late(11)), world.people["office/1"]
    draft.save()
    return Page(reverse("letter", args=[draft.pk]), longer, 10, LEAD)


def a_hand_over(world: World) -> Page:
    """What lay on the desk on that day; a larger desk is handed over again."""
    post = Post.objects.select_related("unit__region").get(tenures__user=world.people[WORKER])
    page = Page("", lambda n: None, 7)

    def longer(n: int) -> None:
        many(world, n)
        world.open()
        day = START + timedelta(days=n)
        [row] = handing_over.hand_over(
            [post], to=person(f"new{n}", "接任者"), from_on=day, by=world.office, at=at(day)
        )
        page.address = reverse("hand_over_note", args=[row.pk])

    page.longer = longer
    return page


def an_import(world: World) -> Page:
    firm = world.firm("洛阳示例轴承有限公司")
    batch = ImportBatch.objects.create(
        kind="register", city=world.city, file_name="名录.xlsx", as_of=START, at=at(START),
        by=world.people["office/1"], state=ImportBatch.State.APPLIED,
        report={"counts": {"new": 1}, "refused": [], "warnings": []},
    )  # fmt: skip
    change = ImportChange.objects.create(batch=batch, model="enterprise", row_id=firm.pk)
    line = {"sheet": "名录", "row": 5, "column": "统一社会信用代码", "code": "missing_name",
            "params": {}, "firm": "甲", "value": "1"}  # fmt: skip

    def longer(n: int) -> None:
        again(ImportChange, change, n)
        batch.report["refused"] += [line] * n
        batch.save()

    return Page(reverse("import", args=[batch.pk]) + "?tab=refused", longer, 7)


def partners(world: World, **of: Any) -> Callable[[int], None]:
    """Contacts with a resource or an expert."""
    case = rectifying(world)
    form = case.forms.latest("pk")

    def longer(n: int) -> None:
        MatchRecord.objects.bulk_create(
            MatchRecord(
                case=case, enterprise_id=case.firm_id, form=form, line=2 * n + k,
                is_draft=False, partner="示例理工学院", folded_partner="示例理工学院",
                by=world.people[WORKER], at=at(START), met_on=START, **of,
            )
            for k in range(n)
        )  # fmt: skip

    return longer


def a_resource(world: World) -> Page:
    row = resource(world, kind="alliance")
    contacts = partners(world, resource=row)
    member = Member.objects.create(alliance=row, name="示例厂", folded_name="示例厂", from_on=START)

    def longer(n: int) -> None:
        contacts(n)
        again(Member, member, n, name=lambda k: f"厂{n}-{k}", folded_name=lambda k: f"厂{n}-{k}")

    return Page(reverse("resource", args=[row.pk]), longer, 8)


def matches_of_a_resource(world: World) -> Page:
    row = resource(world)
    longer = partners(world, resource=row)
    return Page(reverse("resource_matches", args=[row.pk]), longer, 7)


def an_expert(world: World) -> Page:
    row = expert(world)
    return Page(reverse("expert", args=[row.pk]), partners(world, expert=row), 6, is_paged=True)


def matches_of_an_expert(world: World) -> Page:
    row = expert(world)
    longer = partners(world, expert=row)
    return Page(reverse("expert_matches", args=[row.pk]), longer, 7)


PAGES = (
    case_page, a_paper, a_firm, cases_of_a_firm, a_clerks_page, a_unit, an_account, a_letter,
    a_letter_received,
    a_hand_over, an_import, a_resource, matches_of_a_resource, an_expert, matches_of_an_expert,
)  # fmt: skip


@pytest.mark.parametrize("prepare", PAGES)
def test_a_long_row_takes_no_more(
    world: World, today: Any, prepare: Callable[[World], Page]
) -> None:
    today(START + timedelta(days=60))
    page = prepare(world)
    client = sign_in(world, page.who)
    taken, sizes = [], []
    for n in (FEW, MANY):
        page.longer(n)
        client.get(page.address)  # packs and the calendar are read once a process
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(page.address)
        assert answer.status_code == 200
        taken.append(len(asked))
        sizes.append(len(answer.content))
    assert max(taken) <= page.most, taken
    assert taken[1] <= taken[0], taken
    assert sizes[1] > sizes[0] or page.is_paged
