"""Acts upon many rows: preview, refusals, the act, undo; nothing outside one's own map."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from cases import policies
from cases.actions import endings, people
from cases.errors import Refused
from cases.models import Case, CaseEvent
from enterprises.contacts import hashed
from enterprises.models import Invitation
from organisations.models import Post, User
from tests.cases.lists import many, sign_in
from tests.config.test_commands import as_json
from tests.world import START, World, at


@pytest.fixture
def opened(world: World) -> World:
    many(world, 3)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    return world


def ids(world: World, county: str = "涧西区") -> list[int]:
    return list(Case.objects.filter(county__name=county).values_list("pk", flat=True))


def second_worker(world: World) -> Post:
    unit = world.item(Case.objects.filter(county__name="涧西区")[0]).unit
    post = Post.objects.create(unit=unit, name="经办人乙", role="county_worker")
    user = User.objects.create(username="second", name="周二")
    post.tenures.create(user=user, from_on=START)
    return post


def test_acknowledge_is_previewed_and_then_done(opened: World, today: Any) -> None:
    client = sign_in(opened, "涧西区/county_worker")
    chosen = ids(opened)
    answer = client.post("/ledger/bulk/acknowledge/", {"case": chosen})
    assert "将办理3件" in answer.content.decode()
    assert set(Case.objects.filter(pk__in=chosen).values_list("stage", flat=True)) == {"assigned"}
    given = {"ids": ",".join(map(str, chosen)), "step": "confirm"}
    answer = client.post("/ledger/bulk/acknowledge/", given)
    assert "已签收3件" in answer.content.decode()
    assert set(Case.objects.filter(pk__in=chosen).values_list("stage", flat=True)) == {"survey"}
    # whoever comes too late reads who was first, and when
    late = client.post("/ledger/bulk/acknowledge/", given).content.decode()
    name = opened.people["涧西区/county_worker"].name
    assert re.findall(rf">{name}签收（(\d+月\d+日) \d{{1,2}}:\d\d）<", late) == ["3月1日"] * 3
    assert "本次没有办理，原因见下" in late


def test_the_firms_of_ticked_rows_are_invited(opened: World, today: Any, settings: Any) -> None:
    """Previewed, then a sheet and a link each, shown once: sent again, the preview comes back."""
    settings.PUBLIC_ADDRESS = "https://city.example"
    client = sign_in(opened, "涧西区/county_worker")
    page = client.get("/ledger/").content.decode()
    assert reverse("bulk_invite") in page
    chosen = ids(opened)
    preview = client.post(reverse("bulk_invite"), {"case": chosen})
    assert "将邀请3家" in preview.content.decode()
    assert not Invitation.objects.exists()
    form = {
        "ids": preview.context["ids"], "newest": preview.context["plan"].newest, "days": "30",
        "seen_again": "0", "step": "confirm",
    }  # fmt: skip
    # another choice than the one that was looked at is looked at first
    asked = client.post(reverse("bulk_invite"), form | {"again": "1"})
    assert "生成3家邀请" in asked.content.decode()
    answer = client.post(reverse("bulk_invite"), form)
    html = answer.content.decode()
    assert (Invitation.objects.count(), html.count('class="qr"')) == (3, 3)
    codes = set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", html))
    assert {hashed(code) for code in codes} == set(
        Invitation.objects.values_list("code_hash", flat=True)
    )
    assert "no-store" in answer["Cache-Control"]
    book = base64.b64decode(re.findall(r'href="data:[^,"]*;base64,([^"]+)"', html)[0])
    lines = [[str(cell.value) for cell in row] for row in load_workbook(io.BytesIO(book)).active]
    assert {code for code in codes if any(code in line for line in lines)} == codes
    again = client.post(reverse("bulk_invite"), form)
    assert (again.status_code, Invitation.objects.count()) == (422, 3)
    # nothing is wanted of whom is struck off, unless somebody asks for him
    endings.withdraw(chosen[0], by=opened.actor("office/1"), at=at(START, 15), reason="误建")
    left = client.post(reverse("bulk_invite"), {"case": chosen}).content.decode()
    assert "将邀请2家" in left
    assert "另有1家已销号或已办结" in left
    asked = client.post(reverse("bulk_invite"), {"case": chosen, "again": "1"})
    assert "将邀请3家" in asked.content.decode()
    worker = ("--by", opened.people["涧西区/county_worker"].username)
    named = as_json("clerks", "invite", "--cases", str(chosen[0]), "--again", *worker)
    assert len(named["invited"]) == 1
    other = sign_in(opened, "嵩县/county_worker")
    assert other.post(reverse("bulk_invite"), {"case": chosen}).status_code == 404
    mixed = client.post(
        reverse("bulk_invite"), form | {"ids": f"{chosen[1]},{ids(opened, '嵩县')[0]}"}
    )
    assert mixed.status_code == 404
    assert "1件已不在您的查看范围内" in mixed.content.decode()
    assert f'name="ids" value="{chosen[1]}"' in mixed.content.decode()


def test_all_that_wait_are_acknowledged_without_a_box_to_tick(opened: World, today: Any) -> None:
    """A phone's cards have no boxes: 批量签收 leads from the workbench to the preview of all."""
    client = sign_in(opened, "涧西区/county_worker")
    assert not client.get("/ledger/?of=mine").context["sign_all"]
    page = client.get("/ledger/?of=mine&chip=sign")
    before, _button, _after = page.content.decode().partition("批量签收（3件）")
    # 批量签收 of the desk's workbench leads here too: the button stands there as on the phone
    assert _button
    assert "phone-part" not in before.rpartition("<p ")[2]
    form = {"all": "1", "query": page.context["query"]}
    assert "将办理3件" in client.post(page.context["sign_all"], form).content.decode()


def test_a_preview_names_who_is_refused_and_why(opened: World, today: Any) -> None:
    chosen = ids(opened)
    endings.withdraw(chosen[0], by=opened.office, at=at(START), reason="误建")
    client = sign_in(opened, "涧西区/county_worker")
    html = client.post("/ledger/bulk/acknowledge/", {"case": chosen}).content.decode()
    assert "将办理2件" in html
    assert "1件不能办理" in html
    with translation.override("zh-hans"):
        case = Case.objects.get(pk=chosen[0])
        with pytest.raises(Refused) as refusal:
            policies.check_open(case)
    assert refusal.value.words in html


def test_reassign_asks_for_target_and_reason_then_can_be_undone(opened: World, today: Any) -> None:
    post = second_worker(opened)
    client = sign_in(opened, "涧西区/county_lead")
    chosen = ids(opened)
    url, joined = "/ledger/bulk/reassign/", ",".join(map(str, chosen))
    first = client.post(url, {"case": chosen}).content.decode()
    assert "由谁接办" in first
    assert "涧西区工作专班审核人（审核人），兼审核人：本人提交的须由他人审核" in first
    assert "请填写理由" not in first
    wrong = client.post(url, {"ids": joined, "step": "preview"}).content.decode()
    assert "请填写理由" in wrong
    given = {"ids": joined, "target": f"post-{post.pk}", "reason": "分片包干", "step": "preview"}
    preview = client.post(url, given)
    assert "将办理3件" in preview.content.decode()
    assert not CaseEvent.objects.filter(verb="reassign").exists()
    given |= {"seen": preview.context["seen"]}
    names = Case.objects.filter(pk__in=chosen).values_list("enterprise__name", flat=True)
    done = client.post(url, given | {"step": "confirm"}).content.decode()
    # once, to whom, and which firms
    assert done.count("已调整3件的经办人") == 1
    assert f"转至{post.title}" in done
    assert all(firm in done for firm in names)
    assert {opened.item(case).post_id for case in Case.objects.filter(pk__in=chosen)} == {post.pk}
    [undo] = re.findall(r'action="(/ledger/undo/\w+/)"', done)
    stranger = sign_in(opened, "嵩县/county_lead").post(undo)
    assert stranger.status_code == 404
    assert "只能由操作人本人在30分钟内撤销" in stranger.content.decode()
    with pytest.raises(Refused, match="已超过30分钟"):
        people.undo_reassign(
            undo.split("/")[3], by=opened.actor("涧西区/county_lead"), at=at(START, 23)
        )
    assert "已撤销改派3件" in client.post(undo).content.decode()
    again = client.post(undo).content.decode()
    name = opened.people["涧西区/county_lead"].name
    assert again.count(f"已由{name}于2022年3月1日撤销，无需再次撤销") == 3
    assert post.pk not in {opened.item(c).post_id for c in Case.objects.filter(pk__in=chosen)}


def test_a_lead_cannot_name_a_post_outside_his_unit(opened: World, today: Any) -> None:
    other = opened.item(Case.objects.get(county__name="嵩县")).post
    client = sign_in(opened, "涧西区/county_lead")
    given = {
        "ids": str(ids(opened)[0]),
        "target": f"post-{other.pk}",
        "reason": "x",
        "step": "confirm",
    }
    answer = client.post("/ledger/bulk/reassign/", given)
    assert answer.status_code == 422
    assert "请选择接办的单位或岗位" in answer.content.decode()
    assert not CaseEvent.objects.filter(verb="reassign").exists()


def test_all_of_a_filter_is_more_than_the_page(world: World, today: Any) -> None:
    many(world, 60)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    client = sign_in(world, "涧西区/county_lead")
    html = client.get("/ledger/?chip=sign").content.decode()
    assert "本次筛选的全部60件" in html
    given = {"all": "1", "query": "chip=sign", "case": ids(world)[:1]}
    assert "将办理60件" in client.post("/ledger/bulk/urge/", given).content.decode()


def test_urging_twice_in_two_days_is_refused_in_words(opened: World, today: Any) -> None:
    client = sign_in(opened, "涧西区/county_lead")
    given = {"ids": ",".join(map(str, ids(opened))), "step": "confirm", "reason": "请尽快签收"}
    assert "已催办3件" in client.post("/ledger/bulk/urge/", given).content.decode()
    today(START + timedelta(days=1))
    html = client.post("/ledger/bulk/urge/", given | {"step": ""}).content.decode()
    assert "将办理0件" in html
    assert "3件不能办理" in html
    assert 'type="submit">催办' not in html


@pytest.mark.parametrize("act", ["urge", "reassign", "acknowledge"])
def test_a_row_outside_ones_map_is_404_for_the_whole_act(
    opened: World, today: Any, act: str
) -> None:
    client = sign_in(opened, "涧西区/county_lead")
    for foreign in (*ids(opened, "嵩县"), "9" * 25):  # nor is a number longer than any a fault
        mixed = {"case": [*ids(opened), foreign], "step": "confirm"}
        answer = client.post(f"/ledger/bulk/{act}/", mixed)
        assert answer.status_code == 404
        # in words, and the others stay chosen
        told = answer.content.decode()
        assert "1件已不在您的查看范围内" in told
        assert f'name="ids" value="{",".join(map(str, sorted(ids(opened))))}"' in told
    assert not CaseEvent.objects.exclude(verb="open").exists()


@pytest.mark.parametrize(
    ("who", "act", "code"),
    [
        ("涧西区/county_worker", "urge", 403),
        ("涧西区/county_worker", "reassign", 403),
        ("supervisor", "urge", 403),
        ("leader", "acknowledge", 403),
        ("涧西区/county_lead", "close", 404),
    ],
)
def test_who_may_not(opened: World, today: Any, who: str, act: str, code: int) -> None:
    answer = sign_in(opened, who).post(f"/ledger/bulk/{act}/", {"case": ids(opened)})
    assert answer.status_code == code


def test_neither_a_clerk_nor_anonymous(opened: World, today: Any) -> None:
    firm = Case.objects.filter(county__name="涧西区")[0].enterprise
    assert firm is not None
    opened.clerk(firm)
    clerk = sign_in(opened, f"clerk/{firm.pk}")
    assert clerk.post("/ledger/bulk/urge/", {"case": ids(opened)}).status_code == 403
    assert Client().post("/ledger/bulk/urge/").status_code == 302


def test_nothing_ticked_is_said_in_words(opened: World, today: Any) -> None:
    answer = sign_in(opened, "涧西区/county_lead").post("/ledger/bulk/urge/", {})
    assert answer.status_code == 422
    assert "没有选择事项" in answer.content.decode()


def test_a_bulk_act_takes_a_fixed_number_of_statements(
    world: World, today: Any, django_assert_max_num_queries: Any
) -> None:
    many(world, 400)
    world.open()
    client = sign_in(world, "涧西区/county_lead")
    client.get("/ledger/")
    given = {"ids": ",".join(map(str, ids(world))), "step": "confirm"}
    with django_assert_max_num_queries(25):
        client.post("/ledger/bulk/urge/", given)
    assert CaseEvent.objects.filter(verb="urge").count() == 400


def test_the_preview_warns_of_another_county(opened: World, today: Any) -> None:
    client, force = sign_in(opened, "office/1"), opened.units["嵩县工作专班"]
    chosen = [*ids(opened), *ids(opened, "嵩县")]
    given = {"ids": ",".join(map(str, chosen)), "reason": "调整", "step": "preview"}
    url = "/ledger/bulk/reassign/"
    told = client.post(url, {**given, "target": f"unit-{force.pk}"}).content.decode()
    assert "3家企业在涧西区，拟改派至嵩县工作专班。" in told
    bureau = opened.units["市住建局"]
    told = client.post(url, {**given, "target": f"unit-{bureau.pk}"}).content.decode()
    assert "将办理4件" in told
    assert "拟改派至" not in told


def test_what_was_not_previewed_is_previewed_first(opened: World, today: Any) -> None:
    """Another unit than the preview told of, or none at all: nothing is done, the warning of the
    new one stands there, and what was entered is kept."""
    client, chosen = sign_in(opened, "office/1"), ids(opened)
    url, bureau = "/ledger/bulk/reassign/", f"unit-{opened.units['市住建局'].pk}"
    other = f"unit-{opened.units['嵩县工作专班'].pk}"
    given = {"ids": ",".join(map(str, chosen)), "target": bureau, "reason": "区划调整"}
    seen = client.post(url, given | {"step": "preview"}).context["seen"]
    asked = given | {"target": other, "step": "confirm"}
    for told in ({"seen": seen}, {}):
        answer = client.post(url, asked | told)
        page = answer.content.decode()
        assert "所选内容与预览时不一致，尚未办理" in page
        assert "3家企业在涧西区，拟改派至嵩县工作专班。" in page
        assert f'<option value="{other}" selected>' in page
        assert "区划调整" in page
        assert not CaseEvent.objects.filter(verb="reassign").exists()
    # a slip of the pen in what the preview does not tell about needs no second look
    done = asked | {"seen": answer.context["seen"], "reason": "区划有调整"}
    assert "已改派3件" in client.post(url, done).content.decode()


def test_there_is_a_way_on_where_nothing_can_be_reassigned(opened: World, today: Any) -> None:
    client, chosen = sign_in(opened, "office/1"), ids(opened)
    unit = opened.item(Case.objects.get(pk=chosen[0])).unit_id
    given = {"ids": ",".join(map(str, chosen)), "target": f"unit-{unit}", "reason": "调整"}
    page = client.post("/ledger/bulk/reassign/", given | {"step": "preview"}).content.decode()
    assert "将办理0件" in page
    assert re.search(r'<button class="button button--primary" type="submit">预览</button>', page)
    assert 'name="step" value="preview"' in page
    assert 'name="step" value="confirm"' not in page
