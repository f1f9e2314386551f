"""Pages of hand-overs, stand-ins and load: who opens them, what they do, how many statements."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cases.models import Case, HandOver
from organisations.models import Delegation, Post, Tenure
from organisations.scope import actor_of
from tests.cases.views.conftest import Enter
from tests.world import START, World, person

WORKER, LEAD, OTHER = "涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker"


@pytest.fixture
def busy(world: World) -> World:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    person("new", "接任者")
    return world


def post_of(world: World, key: str) -> Post:
    return Tenure.objects.select_related("post").get(user=world.people[key]).post


def give(client: Client, post: Post, **values: Any) -> Any:
    base = {"posts": [post.pk], "offered": str(post.pk), "to": "接任者", "note": ""}
    base |= {"from_on": START.isoformat()}
    if values.get("step") == "confirm" and "seen" not in values:
        context = client.post(reverse("hand_over"), base | values).context
        values["seen"] = context.get("seen", "") if context else ""
    return client.post(reverse("hand_over"), base | values)


def test_a_preview_changes_nothing_and_confirming_leads_to_the_list(
    busy: World, enter: Enter
) -> None:
    post, client = post_of(busy, WORKER), enter(LEAD)
    html = give(client, post).content.decode()
    assert "由接任者负责全部在办事项3件" in html
    assert not HandOver.objects.exists()
    answer = give(client, post, step="confirm", note="先办第一家")
    row = HandOver.objects.get()
    assert answer.url == reverse("hand_over_note", args=[row.pk])
    page = client.get(answer.url).content.decode()
    assert "洛阳示例2有限公司" in page
    assert "先办第一家" in page


def test_another_successor_than_previewed_is_previewed_first(busy: World, enter: Enter) -> None:
    person("newer", "另一人")
    post, client = post_of(busy, WORKER), enter(LEAD)
    seen = give(client, post).context["seen"]
    html = give(client, post, step="confirm", to="另一人", seen=seen).content.decode()
    assert "所选内容与预览时不一致，尚未办理" in html
    assert "由另一人负责全部在办事项3件" in html
    assert not HandOver.objects.exists()
    # the note is no part of what was previewed
    give(client, post, step="confirm", note="先办第一家", seen=seen)
    assert HandOver.objects.get().note == "先办第一家"


def test_the_list_is_a_workbook_without_formulas(busy: World, enter: Enter) -> None:
    give(enter(LEAD), post_of(busy, WORKER), step="confirm", note="=1+1")
    row = HandOver.objects.get()
    answer = enter(LEAD).get(reverse("hand_over_xlsx", args=[row.pk]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    lines = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert [line[2] for line in lines[5:8]] == [f"洛阳示例{n}有限公司" for n in range(3)]
    assert "移交清单" in str(lines[0][0])
    assert any("监交人" in str(cell) for line in lines for cell in line)


def test_a_list_may_be_left_without_successor(busy: World, enter: Enter) -> None:
    html = give(enter(LEAD), post_of(busy, WORKER), to="").content.decode()
    assert "请尽快确定接任者" in html
    answer = give(enter(LEAD), post_of(busy, WORKER), to="", step="confirm")
    assert "确定接任者" in enter(LEAD).get(answer.url).content.decode()


def test_an_unknown_successor_is_said_in_words(busy: World, enter: Enter) -> None:
    answer = give(enter(LEAD), post_of(busy, WORKER), to="某某")
    assert answer.status_code == 422
    assert "没有找到“某某”" in answer.content.decode()


def test_all_posts_of_a_person_are_offered(busy: World, enter: Enter) -> None:
    Tenure.objects.create(post=post_of(busy, OTHER), user=busy.people[WORKER], from_on=START)
    user = busy.people[WORKER].pk
    html = enter("office/1").get(reverse("hand_over"), {"user": user}).content.decode()
    assert html.count('name="posts"') == 2
    # a lead sees only what he may hand over
    html = enter(LEAD).get(reverse("hand_over"), {"user": user}).content.decode()
    assert html.count('name="posts"') == 1


@pytest.mark.parametrize("who", [WORKER, OTHER, "嵩县/county_lead", "liaison_member"])
def test_outsiders_hand_nothing_over(busy: World, enter: Enter, who: str) -> None:
    post = post_of(busy, WORKER)
    assert give(enter(who), post, step="confirm").status_code in (403, 404)
    assert not HandOver.objects.exists()
    give(enter(LEAD), post, step="confirm")
    row = HandOver.objects.get()
    if who != WORKER:  # he was on one side
        for name in ("hand_over_note", "hand_over_xlsx"):
            assert enter(who).get(reverse(name, args=[row.pk])).status_code == 404


def test_a_stand_in_is_set_seen_and_ended(busy: World, enter: Enter) -> None:
    post, client = post_of(busy, WORKER), enter(LEAD)
    given = {"post": post.pk, "to": "接任者", "from_on": START, "reason": "培训"}
    given |= {"last_on": START + timedelta(days=4)}
    assert client.post(reverse("stand_ins"), given).status_code == 302
    row = Delegation.objects.get()
    assert row.until_on == START + timedelta(days=5)
    html = client.get(reverse("stand_ins")).content.decode()
    assert "代办中" in html
    busy.people["new"] = row.to_user or pytest.fail("a person was named")
    html = enter("new").get(reverse("stand_ins")).content.decode()
    assert "您正在代办" in html
    for page in ("workbench", "profile"):
        assert "您正在代办" in enter("new").get(reverse(page)).content.decode(), page
    assert enter(OTHER).post(reverse("stand_in_end", args=[row.pk])).status_code == 404
    client.post(reverse("stand_in_end", args=[row.pk]))
    assert actor_of(busy.people["new"], START).standings == ()


def test_a_workers_page_has_no_form_and_takes_none(busy: World, enter: Enter) -> None:
    assert 'name="last_on"' not in enter(WORKER).get(reverse("stand_ins")).content.decode()
    assert enter(WORKER).post(reverse("stand_ins"), {}).status_code == 403


def test_a_figure_opens_a_list_of_its_length(busy: World, enter: Enter) -> None:
    post = post_of(busy, WORKER)
    html = enter(LEAD).get(reverse("load")).content.decode()
    link = f"/ledger/?of=all&amp;post={post.pk}"
    assert f'<a href="{link}">3</a>' in html
    assert enter(LEAD).get(link.replace("&amp;", "&")).content.decode().count("data-row ") == 3


@pytest.mark.parametrize("name", ["load", "stand_ins"])
@pytest.mark.parametrize("who", ["office/1", LEAD])
def test_statements(
    busy: World, enter: Enter, name: str, who: str, django_assert_max_num_queries: Any
) -> None:
    client = enter(who)
    client.get("/me/")
    give(enter("office/1"), post_of(busy, WORKER), step="confirm")
    with django_assert_max_num_queries(12):
        client.get(reverse(name))


def test_pages_in_english(busy: World, enter: Enter) -> None:
    busy.people[LEAD].language = "en"
    busy.people[LEAD].save()
    client = enter(LEAD)
    assert "Due this week" in client.get(reverse("load")).content.decode()
    assert "Set a stand-in" in client.get(reverse("stand_ins")).content.decode()
    give(client, post_of(busy, WORKER), step="confirm")
    assert (
        "Hand-over list"
        in client.get(reverse("hand_over_note", args=[HandOver.objects.get().pk])).content.decode()
    )
    # the list itself is a paper of the city
    frozen = HandOver.objects.get().lines
    assert frozen is not None
    assert frozen[0]["stage"] == "待签收"
    assert Case.objects.count() == 3
