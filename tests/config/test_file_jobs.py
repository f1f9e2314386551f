"""Long files are written in the background: claimed once, cancelled, failing in words."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from cases import sheet_lines
from config.files import writing
from notifications.models import Notice
from organisations import files
from organisations.errors import Refused
from organisations.file_job import FileJob
from organisations.models import AuditEvent
from reports import paper_file
from tests.cases.lists import many, sign_in
from tests.world import START, World, at

LEAD = "涧西区/county_lead"


@pytest.fixture
def world(shared_city: World, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    monkeypatch.setattr("organisations.clock.now", lambda: at(START))
    monkeypatch.setattr(files, "AT_ONCE", 3)
    monkeypatch.setattr(sheet_lines, "CHUNK", 2)
    many(shared_city, 5)
    shared_city.open()
    return shared_city


def asked(world: World, query: str = "") -> FileJob:
    answer = sign_in(world, LEAD).get(f"/ledger/export/?{query}")
    job = FileJob.objects.latest("pk")
    assert answer["Location"] == f"/files/{job.pk}/"
    return job


def test_a_long_ledger_is_written_behind_the_page_and_kept_for_its_asker(world: World) -> None:
    job = asked(world, "sort=-firm")
    client = sign_in(world, LEAD)
    assert "排队等候" in client.get(f"/files/{job.pk}/").content.decode()
    assert asked(world, "sort=-firm") == job  # the same again is the same file
    assert writing.write_now(job.pk, at=at(START))
    assert not writing.write_now(job.pk, at=at(START))  # done by whoever came first
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 5, 5)
    page = client.get(f"/files/{job.pk}/progress/").content.decode()
    assert "已生成" in page
    assert "hx-get" not in page  # nobody polls what is ready
    answer = cast(Any, client.get(f"/files/{job.pk}/file/"))
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["工作台账", "口径说明"]
    rows = list(book.worksheets[0].iter_rows(min_row=5, values_only=True))
    firms = [str(row[2]) for row in rows]
    assert len(firms) == 5
    assert firms == sorted(firms, reverse=True)
    notice = Notice.objects.get(recipient=job.by)
    assert notice.title == "您要的文件已生成"
    trail = AuditEvent.objects.get(kind=AuditEvent.Kind.EXPORT)
    assert (trail.by, trail.data["rows"]) == (job.by, 5)
    other = sign_in(world, "office/1")
    assert other.get(f"/files/{job.pk}/").status_code == 404
    assert other.get(f"/files/{job.pk}/file/").status_code == 404
    assert files.forget_old(at(START) + timedelta(hours=23)) == 0
    assert files.forget_old(at(START) + timedelta(hours=25)) == 1
    assert client.get(f"/files/{job.pk}/file/").status_code == 404
    assert "只保留一天" in client.get(f"/files/{job.pk}/").content.decode()


def test_a_short_ledger_is_answered_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 5)
    answer = cast(Any, sign_in(world, LEAD).get("/ledger/export/"))
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert not FileJob.objects.exists()


def test_what_is_cancelled_half_way_stops_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(world)
    told: list[int] = []
    chunk = sheet_lines.SheetLines.rows

    def cancelling(lines: Any, keys: Any, read: Any) -> Any:
        told.append(len(keys))
        if len(told) == 2:
            sign_in(world, LEAD).post(f"/files/{job.pk}/cancel/")
        return chunk(lines, keys, read)

    monkeypatch.setattr(sheet_lines.SheetLines, "rows", cancelling)
    writing.write_now(job.pk, at=at(START))
    job.refresh_from_db()
    assert (job.state, bool(job.file), len(told)) == ("cancelled", False, 2)
    assert not Notice.objects.exists()
    with pytest.raises(Refused, match="不在生成中"):
        files.cancel(job, at=at(START))


def test_a_failure_is_said_and_a_lost_worker_is_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(world)

    def broken(*_args: Any) -> int:
        raise OSError("disk full")

    monkeypatch.setitem(writing.WRITERS, "ledger", broken)
    writing.write_now(job.pk, at=at(START))
    page = sign_in(world, LEAD).get(f"/files/{job.pk}/").content.decode()
    assert "文件未能生成，请重试" in page
    assert Notice.objects.get().title == "您要的文件未能生成"
    FileJob.objects.update(state="running", beat_at=at(START))
    assert not writing.write_now(job.pk, at=at(START) + timedelta(minutes=5))
    assert writing.write_now(job.pk, at=at(START) + timedelta(minutes=13))


def test_the_page_writes_by_itself_where_no_worker_does(world: World) -> None:
    job = asked(world)
    client = sign_in(world, LEAD)
    assert "排队等候" in client.get(f"/files/{job.pk}/progress/").content.decode()
    FileJob.objects.update(at=at(START) - timedelta(seconds=30))
    assert "已生成" in client.get(f"/files/{job.pk}/progress/").content.decode()


def test_a_long_list_paper_is_printed_behind_the_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_file, "AT_ONCE", 0)
    client = sign_in(world, "office/1")
    answer = client.get("/documents/lists/summary_table.pdf")
    job = FileJob.objects.get()
    assert (job.what, answer["Location"]) == ("list_paper", f"/files/{job.pk}/")
    writing.write_now(job.pk, at=at(START))
    job.refresh_from_db()
    assert job.state == "done", job.words
    kept = cast(Any, client.get(f"/files/{job.pk}/file/"))
    assert b"".join(kept.streaming_content).startswith(b"%PDF")
    # tables as a workbook are quick enough for the click
    book = client.get("/documents/lists/summary_table.xlsx")
    assert book["Content-Type"].endswith("sheet")


def test_nobody_floods_the_machine(world: World) -> None:
    actor = world.actor(LEAD)
    for n in range(files.AT_MOST):
        files.queue("ledger", "x.xlsx", {"query": f"q={n}"}, by=actor, at=at(START))
    answer = sign_in(world, LEAD).get("/ledger/export/", follow=True)
    assert "请等其中一个完成" in answer.content.decode()
    assert FileJob.objects.count() == files.AT_MOST


def test_the_filters_stand_in_the_head_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 50)
    county = world.counties["涧西区"].pk
    answer = cast(Any, sign_in(world, "office/1").get(f"/ledger/export/?county={county}"))
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head, terms = str(book.worksheets[0]["A2"].value), book.worksheets[1]
    assert "筛选：" in head
    assert "涧西区" in head
    assert f"制表：{world.people['office/1']}" in head
    assert {"逾期工作日", "办理时限"} <= {str(row[0].value) for row in terms.iter_rows(min_row=2)}
    assert terms.page_setup.orientation == "landscape"
