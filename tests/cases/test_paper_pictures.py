"""Pictures of papers: the worker draws them, once; pages wait and look again by themselves."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.actions import paper_files
from cases.models import Case, Evidence, PaperFile
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, rectifying
from tests.cases.test_paper_files import hand_in
from tests.world import START, World, at


@pytest.fixture
def case(world: World) -> Case:
    return rectifying(world)


def test_nothing_is_drawn_in_a_request_and_nothing_twice(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page waits and asks again; the worker draws first what somebody waits for, once."""
    woken: list[str] = []
    monkeypatch.setattr("cases.actions.paper_files.wake", lambda task: woken.append(task))
    row, other = hand_in(world, case), hand_in(world, case, b"other")
    lead, page = sign_in(world, LEAD), reverse("evidence", args=[row.pk])
    look = reverse("evidence_look", args=[row.pk])
    with monkeypatch.context() as nobody:
        nobody.setattr("cases.paper_reading.draw", None)
        html = lead.get(page).content.decode()
        assert "正在生成页面预览" in html
        assert f'hx-get="{look}?part=pages&amp;asked=1"' in html
        small = reverse("case", args=[case.pk])
        assert f'hx-get="{look}?part=small&amp;asked=1"' in lead.get(small).content.decode()
        assert "delay:2s" in lead.get(f"{look}?part=small&asked=1").content.decode()
        late = lead.get(f"{look}?part=pages&asked=15").content.decode()
        assert "delay:20s" in late
        assert "生成时间较长" in late
    # asked thrice within the minute, the worker is woken once
    assert woken == ["config.tasks.draw"]
    assert row.pk < other.pk
    assert paper_files.draw_due(timezone.now, 1) == 1
    assert PaperFile.objects.get(sha256=other.sha256).pages is None
    answer = lead.get(f"{look}?part=pages&asked=3").content.decode()
    there = [reverse("evidence_picture", args=[row.pk, n]) for n in (0, 1)]
    assert there[1] in answer
    assert "hx-get" not in answer
    assert there[0] in lead.get(f"{look}?part=small&asked=3").content.decode()
    assert paper_files.draw_due(timezone.now) == 1
    assert paper_files.draw_due(timezone.now) == 0
    path = paper_files.picture(row, 1, at=at(START, 13))
    assert path is not None
    assert path.read_bytes().startswith(b"\xff\xd8")
    assert paper_files.picture(row, 2, at=at(START, 13)) is None
    # lost, it is drawn again
    path.unlink()
    assert lead.get(there[1]).status_code == 404
    assert "正在生成页面预览" in lead.get(page).content.decode()
    assert paper_files.draw_due(timezone.now) == 1
    assert path.exists()


def test_whoever_draws_has_the_file_for_a_while_and_the_third_failure_is_said(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hand_in(world, case)
    drawn: list[int] = []

    def dies(_paper: Evidence) -> int:
        drawn.append(1)
        return 0

    monkeypatch.setattr(paper_files, "draw", dies)
    later = [
        timezone.now() + n * (paper_files.LEASE + timedelta(seconds=1)) for n in (0, 0, 1, 1, 2, 3)
    ]
    counts = []
    for moment in later:
        assert paper_files.draw_due(itertools.repeat(moment).__next__) == 0
        counts.append(len(drawn))
    assert counts == [1, 1, 2, 2, 3, 3]
    assert PaperFile.objects.get(sha256=row.sha256).pages == 0
    page = sign_in(world, LEAD).get(reverse("evidence", args=[row.pk])).content.decode()
    assert "页面未能生成预览" in page


def test_what_cannot_be_drawn_is_tried_once(world: World, case: Case) -> None:
    row = hand_in(world, case)
    Path(row.file.path).write_bytes(b"%PDF-1.4 nothing")
    assert paper_files.draw_due(timezone.now) == 0
    assert PaperFile.objects.get(sha256=row.sha256).pages == 0
    assert paper_files.picture(row, 0, at=at(START, 13)) is None
