"""延期 and 督办 of many rows: previewed, done, refused in words, taken back while it may be."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cases.actions import batches, drafts, extending, stages
from cases.errors import Refused
from cases.models import Case, CaseEvent, DraftLine, EscalationDraft, Extension
from tests.cases.lists import many, sign_in
from tests.config.test_commands import as_json, refused
from tests.world import START, World, at

LEAD, WORKER = "涧西区/county_lead", "涧西区/county_worker"
WISH = START + timedelta(days=24)
LATE = START + timedelta(days=40)


@pytest.fixture
def surveyed(world: World) -> World:
    """Three firms of 涧西区 in the survey, whose time can be extended; one of 嵩县."""
    many(world, 3)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    mine = Case.objects.filter(county__name="涧西区").values_list("pk", flat=True)
    stages.acknowledge_many(list(mine), by=world.actor(WORKER), at=at(START))
    return world


def ids(county: str = "涧西区") -> list[int]:
    return list(Case.objects.filter(county__name=county).values_list("pk", flat=True))


def test_time_is_asked_for_many_and_taken_back(surveyed: World, today: Any) -> None:
    client, chosen = sign_in(surveyed, WORKER), ids()
    url, joined = "/ledger/bulk/extend/", ",".join(map(str, chosen))
    extending.request(
        chosen[0], by=surveyed.actor(WORKER), at=at(START), until=WISH, reason="资料未齐"
    )
    assert "延期至" in client.post(url, {"case": chosen}).content.decode()
    given = {"ids": joined, "until": WISH.isoformat(), "reason": "统一补录", "step": "preview"}
    wrong = client.post(url, given | {"until": "x"}).content.decode()
    assert "请选择日期" in wrong
    answer = client.post(url, given)
    preview = answer.content.decode()
    assert "将办理2件" in preview
    assert "1件不能办理" in preview
    assert "将通知审批人" in preview
    assert Extension.objects.count() == 1
    given |= {"seen": answer.context["seen"], "step": "confirm"}
    # another day than the preview was of
    later = client.post(url, given | {"until": (WISH + timedelta(days=1)).isoformat()})
    assert "所选内容与预览时不一致，尚未办理" in later.content.decode()
    assert Extension.objects.count() == 1
    done = client.post(url, given).content.decode()
    assert "已申请延期2件" in done
    assert Extension.objects.filter(decided_at=None, wished_on=WISH).count() == 3
    # what became of each, to be kept
    book = re.findall(r'href="data:[^,"]*;base64,([^"]+)"', done)[0]
    sheet = load_workbook(io.BytesIO(base64.b64decode(book))).active
    assert sheet is not None
    told = [str(cell.value) for row in sheet for cell in row]
    assert (told.count("已办理"), told.count("未办理")) == (2, 1)
    [undo] = re.findall(r'action="(/ledger/undo/\w+/)"', done)
    assert sign_in(surveyed, LEAD).post(undo).status_code == 404
    # one of them is decided meanwhile: it stays
    extending.decide(chosen[1], by=surveyed.actor(LEAD), at=at(START, 12), is_granted=True)
    back = client.post(undo).content.decode()
    assert "已撤回延期申请1件" in back
    assert "已有审批结果" in back
    assert set(Extension.objects.values_list("case", flat=True)) == set(chosen[:2])
    verbs = CaseEvent.objects.filter(case=chosen[2]).order_by("id").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["request_extension", "withdraw_extension"]
    # and it can be asked for again
    again = batches.request_many(
        chosen, by=surveyed.actor(WORKER), at=at(START, 13), until=WISH, reason="仍需时间"
    )
    assert [case.pk for case in again.done] == [chosen[2]]


def test_taken_back_within_half_an_hour_by_whoever_asked(surveyed: World) -> None:
    worker = surveyed.actor(WORKER)
    asked = batches.request_many(ids(), by=worker, at=at(START), until=WISH, reason="统一补录")
    # whose request it is is said to a stranger, that it is too late to the person
    others = (surveyed.actor(LEAD), at(START), "由申请人"), (worker, at(START, 10), "已超过30分钟")
    for by, moment, words in others:
        with pytest.raises(Refused, match=words) as refusal:
            batches.undo_requests(asked.batch, by=by, at=moment)
        assert refusal.value.code == "undo_late"
    assert Extension.objects.count() == 3


def test_one_letter_a_county_waits_in_the_tray(surveyed: World, today: Any) -> None:
    today(LATE)
    client, every = sign_in(surveyed, "office/1"), [*ids(), *ids("嵩县")]
    url, given = "/ledger/bulk/supervise/", {"ids": ",".join(map(str, every)), "step": "confirm"}
    preview = client.post(url, {"case": every}).content.decode()
    assert "将办理4件" in preview
    assert "发出前不通知任何人" in preview
    assert not EscalationDraft.objects.exists()
    done = client.post(url, given).content.decode()
    assert "已列入待审定督办函4件" in done
    letters = EscalationDraft.objects.order_by("county__name")
    assert {(one.county.name, one.lines.count()) for one in letters if one.county} == {
        ("涧西区", 3),
        ("嵩县", 1),
    }
    assert {one.kind for one in letters} == {"supervision_letter"}
    assert "查看待审定" in done
    assert "撤销" not in done.split("<main", 1)[1]
    # not twice; what is no longer late is not in it; and it can be dropped
    again = batches.draft_supervision(every, by=surveyed.actor("office/1"), at=at(LATE))
    assert (again.done, len(again.refused)) == ([], 4)
    html = client.get(f"/supervision/letters/{letters[0].pk}/").content.decode()
    assert "示例" in html
    office = surveyed.actor("office/1")
    for letter in letters:
        drafts.drop(letter.pk, by=office, at=at(LATE, 11), reason="先电话提醒")
    assert not EscalationDraft.objects.filter(state="drafted").exists()
    assert batches.draft_supervision(every, by=office, at=at(LATE, 12)).done


def test_what_is_not_late_gets_no_letter(surveyed: World) -> None:
    result = batches.draft_supervision(ids(), by=surveyed.office, at=at(START))
    assert not result.done
    assert len(result.refused) == 3
    assert not DraftLine.objects.exists()
    # whoever releases no letter drafts none
    assert not batches.draft_supervision(ids(), by=surveyed.actor(LEAD), at=at(LATE)).done


def test_a_fixed_number_of_statements(world: World) -> None:
    found = {}
    for count in (3, 120):
        many(world, count)
        world.open()
        late = ids()[-count:]
        stages.acknowledge_many(late, by=world.actor(WORKER), at=at(START))
        with CaptureQueriesContext(connection) as asking:
            asked = batches.request_many(
                late, by=world.actor(WORKER), at=at(START), until=WISH, reason="统一补录"
            )
        with CaptureQueriesContext(connection) as undoing:
            batches.undo_requests(asked.batch, by=world.actor(WORKER), at=at(START))
        with CaptureQueriesContext(connection) as drafting:
            batches.draft_supervision(late, by=world.office, at=at(LATE))
        found[count] = (len(asking), len(undoing), len(drafting))
    # SQLite takes so many parameters a statement: 120 requests are two inserts there
    grown = [most - few for few, most in zip(found[3], found[120], strict=True)]
    assert max(grown) <= 1, found


def test_by_command(surveyed: World, today: Any) -> None:
    worker = ("--by", surveyed.people[WORKER].username)
    lead, office = (("--by", surveyed.people[who].username) for who in (LEAD, "office/1"))
    day = ("--at", START.isoformat())
    numbers = [case.number for case in Case.objects.filter(pk__in=ids())]
    asked = ("bulk", "extend", "--query", "stage=survey", "--until", WISH.isoformat())
    would = as_json(*asked, "--reason", "统一补录", "--dry-run", *day, *worker)
    assert (sorted(would["done"]), would["batch"]) == (sorted(numbers), "")
    assert not Extension.objects.exists()
    done = as_json(*asked, "--reason", "统一补录", *day, *worker)
    assert as_json("bulk", "undo", done["batch"], *day, *worker)["done"] == done["done"]
    urged = as_json("bulk", "urge", *numbers, "--reason", "请尽快", *day, *lead)
    assert len(urged["done"]) == 3
    twice = as_json("bulk", "urge", *numbers, *day, *lead)
    assert [one["number"] for one in twice["refused"]] == numbers
    moved = as_json(
        "bulk", "reassign", numbers[0], "--unit", "市住建局", "--reason", "归口", *day, *office
    )
    assert moved["done"] == numbers[:1]
    post = "涧西区工作专班/经办人"
    assert refused("bulk", "reassign", numbers[0], "--post", post + "x", *day, *office)
    late = ("--at", LATE.isoformat())
    letters = as_json("bulk", "supervise", numbers[1], *late, *office)
    assert letters["done"] == numbers[1:2]
    assert refused("bulk", "urge", *day, *lead)[0]["code"] == "wrong_input"
    assert refused("bulk", "urge", numbers[0], *day)[0]["code"] == "needs_person"
