"""常用筛选 and 显示列: kept, shared by who may, renamed, deleted; columns in one's own order."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from cases.actions import lists
from cases.errors import Refused
from cases.models import SavedList
from organisations.models import AuditEvent
from organisations.scope import Actor
from tests.cases.lists import many, sign_in
from tests.config.test_commands import as_json, refused
from tests.world import START, World, at

LEAD, WORKER = "涧西区/county_lead", "涧西区/county_worker"
OTHER = "嵩县/county_lead"


def keep(world: World, who: str, name: str = "逾期摸底", audience: str = "own") -> SavedList:
    return lists.save_list(
        by=world.actor(who),
        at=at(START),
        name=name,
        query="chip=overdue&stage=survey&nonsense=1&idle=15",
        audience=audience,
    )


def test_a_filter_is_kept_and_opens_the_ledger(world: World, today: Any) -> None:
    client = sign_in(world, LEAD)
    given = {"name": " 逾期  摸底 ", "query": "stage=survey&chip=overdue", "default": "1"}
    answer = client.post("/ledger/lists/save/", given)
    assert answer.headers["Location"] == "/ledger/?chip=overdue&stage=survey"
    [kept] = SavedList.objects.all()
    assert (kept.name, kept.query, kept.audience) == (
        "逾期 摸底",
        "chip=overdue&stage=survey",
        "own",
    )
    # the ledger opens with it; whoever asks for something, or for all of it, gets that
    assert client.get("/ledger/").headers["Location"] == "/ledger/?chip=overdue&stage=survey"
    for query in ("of=", "chip=soon", "q="):
        assert client.get(f"/ledger/?{query}").status_code == 200
    html = client.get("/ledger/?chip=overdue&stage=survey").content.decode()
    assert "逾期 摸底" in html
    assert 'href="?of=" aria-current' in html
    assert client.post(f"/ledger/lists/{kept.pk}/", {"act": "default"}).status_code == 302
    assert client.get("/ledger/").status_code == 200
    client.post(f"/ledger/lists/{kept.pk}/", {"act": "rename", "name": "超期"})
    assert "超期" in client.get("/ledger/lists/").content.decode()
    client.post(f"/ledger/lists/{kept.pk}/", {"act": "default"})
    client.post(f"/ledger/lists/{kept.pk}/", {"act": "delete"})
    # what it opened with is gone: the whole ledger again
    assert client.get("/ledger/").status_code == 200
    assert "还没有保存的筛选" in client.get("/ledger/lists/").content.decode()


def test_who_shares_with_whom(world: World) -> None:
    """One's own; leads with their unit; the office with the whole task force of its city."""
    own, unit = keep(world, LEAD), keep(world, LEAD, "本县逾期", "unit")
    city = keep(world, "office/1", "全市逾期", "city")
    for who, seen in {LEAD: {own, unit, city}, WORKER: {unit, city}, OTHER: {city}}.items():
        assert set(SavedList.objects.visible_to(world.actor(who))) == seen, who
    for who, audience in ((WORKER, "unit"), (LEAD, "city"), ("supervisor", "unit")):
        with pytest.raises(Refused) as refusal:
            keep(world, who, "x", audience)
        assert refusal.value.code == "not_yours"
    # a shared one is changed by its owner and whoever shares with the same people
    people = (LEAD, WORKER, OTHER, "office/1", "supervisor")
    for one, may in ((own, {LEAD}), (unit, {LEAD}), (city, {"office/1"})):
        assert {who for who in people if lists.may_change(world.actor(who), one)} == may
    with pytest.raises(Refused):
        lists.delete_list(city.pk, by=world.actor(LEAD), at=at(START))
    with pytest.raises(Refused):
        lists.rename_list(own.pk, by=world.actor(WORKER), at=at(START), name="y")
    # what others use leaves a line in the trail, one's own does not
    assert set(AuditEvent.objects.filter(verb="save_list").values_list("subject", flat=True)) == {
        "本县逾期",
        "全市逾期",
    }
    keep(world, LEAD, "本县逾期")  # from now on his own
    lists.rename_list(city.pk, by=world.actor("office/1"), at=at(START), name="全市")
    told = AuditEvent.objects.order_by("-pk").values_list("data", flat=True)[:2]
    assert [one.get("before", one.get("audience")) for one in told] == [
        {"name": "全市逾期"},
        "本单位",
    ]


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        ("  ", "chip=overdue", "no_name"),
        ("长" * 31, "chip=overdue", "long_name"),
        ("全部", "of=&q=", "no_filter"),
        ("全部", "nonsense=1", "no_filter"),
    ],
)
def test_what_is_not_kept(world: World, name: str, query: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        lists.save_list(by=world.actor(LEAD), at=at(START), name=name, query=query)
    assert refusal.value.code == code
    assert not SavedList.objects.exists()


def test_one_name_once_and_not_too_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(world, LEAD)
    assert keep(world, LEAD).pk == first.pk
    other = keep(world, LEAD, "别的")
    with pytest.raises(Refused) as refusal:
        lists.rename_list(other.pk, by=world.actor(LEAD), at=at(START), name="逾期摸底")
    assert refusal.value.code == "same_name"
    monkeypatch.setattr(lists, "MOST", 2)
    with pytest.raises(Refused) as refusal:
        keep(world, LEAD, "第三个")
    assert refusal.value.code == "many_lists"
    assert keep(world, OTHER).owner_id != first.owner_id


def test_columns_are_chosen_and_excel_follows(world: World, today: Any) -> None:
    many(world, 2)
    world.open()
    client = sign_in(world, LEAD)
    usual = [str(c.key) for c in client.get("/ledger/").context["columns"]]
    given = {"column": ["due", "firm", "waits"], "place-due": "3", "place-firm": "1",
             "place-waits": "2", "query": "chip=sign"}  # fmt: skip
    answer: Any = client.post("/ledger/lists/columns/", given)
    assert answer.headers["Location"] == "/ledger/?chip=sign"
    page = client.get("/ledger/?of=")
    found = page.context["columns"]
    # what only a phone's card shows comes last, and stays off the desk
    assert [c.key for c in found if "phone-part" not in c.head_class] == ["firm", "waits", "due"]
    assert {c.key for c in found if "phone-part" in c.head_class} == {"state", "stage", "lack"}
    assert "涧西区专班" in page.content.decode() or "涧西区工作专班" in page.content.decode()
    answer = client.get("/ledger/export/")
    book = b"".join(answer.streaming_content)
    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    heads = [cell.value for cell in sheet[4]]
    assert heads[1:4] == ["企业名称", "等谁办理", "办理时限"]
    # another person's stay; the firm is there whether ticked or not; back as they were made
    assert [c.key for c in sign_in(world, OTHER).get("/ledger/").context["columns"]] == usual
    client.post("/ledger/lists/columns/", {"column": ["grade"]})
    shown = client.get("/ledger/?of=").context["columns"]
    assert [c.key for c in shown if "phone-part" not in c.head_class] == ["firm", "grade"]
    client.post("/ledger/lists/columns/", {"reset": "1", "column": ["grade"]})
    assert [c.key for c in client.get("/ledger/").context["columns"]] == usual
    assert client.post("/ledger/lists/columns/", {"column": ["x"]}).status_code == 422


def test_nobodys_lists_and_strangers_are_refused(world: World) -> None:
    kept = keep(world, LEAD)
    for by, pk in ((world.actor(OTHER), kept.pk), (world.actor(LEAD), 999)):
        with pytest.raises(Refused) as refusal:
            lists.choose_default(pk, by=by)
        assert refusal.value.code == "no_list"
    for keys, code in ((["nonsense"], "no_column"), (["firm"], "needs_person")):
        by = world.actor(LEAD) if code == "no_column" else Actor.system()
        with pytest.raises(Refused) as refusal:
            lists.choose_columns(keys, by=by)
        assert refusal.value.code == code


def test_by_command(world: World, today: Any) -> None:
    lead = ("--by", world.people[LEAD].username)
    as_json("lists", "save", "逾期", "chip=overdue", "--for", "unit", *lead)
    found = as_json("lists", "default", "逾期", *lead)
    assert found["lists"] == [
        {"name": "逾期", "query": "chip=overdue", "for": "unit", "opens_first": True}
    ]
    worker = ("--by", world.people[WORKER].username)
    assert as_json("lists", "show", *worker)["lists"][0]["opens_first"] is False
    assert as_json("lists", "columns", "firm", "due", *lead)["columns"] == ["firm", "due"]
    assert "state" in as_json("lists", "columns", *lead)["columns"]
    assert refused("lists", "delete", "逾期", *worker)[0]["code"] == "not_yours"
    assert refused("lists", "save", "全市", "chip=overdue", "--for", "city", *lead)[0]["code"] == (
        "not_yours"
    )
    assert refused("lists", "rename", "无", "有", *lead)[0]["code"] == "wrong_input"
    assert refused("lists", "show")[0]["code"] == "needs_person"
    assert as_json("lists", "rename", "逾期", "超期", *lead)["lists"][0]["name"] == "超期"
    assert as_json("lists", "delete", "超期", *lead)["lists"] == []
