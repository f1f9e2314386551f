"""``manage.py document``: the same steps as on the pages, each with its person."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from reports.documents.nouns import Document
from tests.config.test_commands import as_json, refused, run
from tests.taken import taken
from tests.world import World

ON = ("--at", "2022-03-31")
BY_HANDLER, BY_HEAD = ("--by", "office-1"), ("--by", "office-2")


@pytest.fixture(autouse=True)
def accounts(world: World) -> None:
    for key, name in (("office/1", "office-1"), ("office/2", "office-2")):
        user = world.people[key]
        user.username = name
        user.save(update_fields=["username"])
    user = world.people["涧西区/county_worker"]
    user.username = "county"
    user.save(update_fields=["username"])


def step(name: str, document: int, *more: str) -> dict[str, str]:
    found: dict[str, str] = as_json("document", "step", name, str(document), *ON, *more)
    return found


def test_a_circular_from_draft_to_receipt(world: World, tmp_path: Path) -> None:
    world.firm("甲有限公司", spending=True)
    drafted = as_json(
        "document", "draft", "circular", "luoyang-2022", "--as-of", "2022-02-28", *ON, *BY_HANDLER
    )
    pk = drafted["id"]
    assert (drafted["state"], drafted["as_of"]) == ("drafting", "2022-02-28")
    step("draft", pk, *BY_HANDLER)
    assert refused("document", "step", "check", str(pk), *ON, *BY_HANDLER)[0]["code"] == "four_eyes"
    step("check", pk, *BY_HEAD)
    step("send_back", pk, "--note", "补充一句", *BY_HEAD)
    step("draft", pk, *BY_HANDLER)
    step("check", pk, "--name", "赵主任", "--signed-on", "2022-03-30", *BY_HANDLER)
    scan = tmp_path / "稿纸.png"
    Image.new("RGB", (60, 80), "white").save(scan)
    told = ("--signed", "sign=钱示例,2022-03-31", *ON, *BY_HANDLER)
    signed = as_json("document", "sheet", str(pk), str(scan), *told)
    assert signed["state"] == "to_number"
    numbered = step("number", pk, "--number", "洛研专办〔2022〕99号", *BY_HANDLER)
    assert numbered["number"] == "洛研专办〔2022〕99号"
    step("seal", pk, *BY_HANDLER)
    step("issue", pk, *BY_HANDLER)
    step("receive", pk, "--by", "county")
    late = ("--at", "2022-04-06", *BY_HANDLER)
    assert as_json("document", "urge", str(pk), *late)["urged"] > 5
    shown = as_json("document", "show", str(pk), *ON)
    paper = [(one["signed_on"], one["sheet"]) for one in shown["steps"] if one["on_paper"]]
    assert paper == [("2022-03-30", ""), ("2022-03-31", "稿纸.png")]
    assert [one["unit"] for one in shown["receipts"] if one["signed_at"]] == [
        world.people["涧西区/county_worker"].tenures.get().post.unit.name
    ]
    assert any("填报率100.0%" in text for text in shown["text"])
    step("archive", pk, *BY_HANDLER)
    listed = as_json(
        "document", "list", "--state", "archived", "--kind", "circular", "--programme",
        "luoyang-2022", *ON, "--by", "county",
    )  # fmt: skip
    assert [one["id"] for one in listed] == [pk]
    target = tmp_path / "通报.pdf"
    assert run("document", "pdf", str(pk), "--output", str(target), *ON).strip() == str(target)
    assert target.read_bytes().startswith(b"%PDF")
    stack = as_json("document", "merge", str(pk), "--output", str(target), *ON)
    assert (stack["kind"], stack["documents"]) == ("pdf", 1)
    apart = as_json("document", "merge", str(pk), "--apart", "--output", str(target), *ON)
    assert (apart["kind"], zipfile.is_zipfile(target)) == ("zip", True)
    for part in ("docx", "xlsx"):
        file = tmp_path / f"通报.{part}"
        assert as_json("document", part, str(pk), "--output", str(file), *ON)["bytes"] > 1000
        assert zipfile.is_zipfile(file)
    kept = ["document", *["document_stack"] * 2, *["document"] * 2]
    assert [what for what, _who in taken()] == kept
    step("withdraw", pk, "--note", "数据有误", *BY_HEAD)
    assert Document.objects.get(kind="correction").corrects_id == pk


def test_what_cannot_be_drafted_is_said(world: World) -> None:
    line = ("document", "draft", "letter", "luoyang-2022", *ON, *BY_HANDLER)
    assert refused(*line)[0]["code"] == "no_maker"
    assert refused(*line, "--letter", "77")[0]["code"] == "no_letter"
    world.firm("甲有限公司")
    world.open()
    number = world.case().number
    line = ("document", "draft", "closing_sheet", "luoyang-2022", *ON, *BY_HANDLER)
    assert refused(*line)[0]["code"] == "no_case"
    made = as_json(*line, "--case", number)
    assert Document.objects.get(pk=made["id"]).case == world.case()
    assert refused(*line, "--case", "2022-99999")[0]["code"] == "wrong_input"
    outsider = ("document", "draft", "circular", "luoyang-2022", *ON, "--by", "county")
    assert refused(*outsider)[0]["code"] == "not_yours"
