"""A filing list is taken back: what was done on its word is told, a closing stands in the way."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from cases.actions import evidence, stages
from cases.filing_rests import resting_on
from cases.models import Case
from enterprises.models import ImportBatch, MonthlyFact
from tests.cases.lists import sign_in
from tests.enterprises.sheets import code_of, firm, write
from tests.enterprises.test_filing import HEADER, answer
from tests.wizard import NOW, post
from tests.world import START, World, at, closing_form, matching_form

LEAD, WORKER = "涧西区/county_lead", "涧西区/county_worker"


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def batch(shared_city: World, tmp_path: Path) -> ImportBatch:
    """Three firms, of which the list says that the third has spending; then cases are opened."""
    register = write(tmp_path / "register.xlsx", [firm(n, county="涧西区") for n in (1, 2, 3)])
    rows = [
        answer(1, "是", "是", "是", "是", "否"),
        answer(2, "是", "是", "否", "否", "否"),
        answer(3),
    ]
    filing = write(tmp_path / "filing.xlsx", rows, header=HEADER)
    with time_machine.travel(NOW, tick=False):
        plan = ("--programme", "luoyang-2022")
        run("register", str(register), *plan, "--as-of", "2022-01-31")
        run("filing", str(filing), *plan, "--month", "2022-02")
    shared_city.open()
    return ImportBatch.objects.get(kind=ImportBatch.Kind.FILING)


@time_machine.travel(at(START, 18), tick=False)
def test_what_rests_on_a_list_is_told_and_confirmed(batch: ImportBatch, shared_city: World) -> None:
    case = _let_off(shared_city)
    page = sign_in(shared_city, "office/1").get(f"/imports/{batch.pk}/undo/").content.decode()
    for words in ("此后建档的办件", "2件", "因此无需建档", "1家", "据此免予提交的材料", "1份"):
        assert words in page
    with pytest.raises(CommandError, match="建档2件，因此无需建档1家，免予提交材料1份"):
        run("undo_import", str(batch.pk))
    assert MonthlyFact.objects.count() == 3
    # opened for a day of the past (--at): the list's day counts, not the hour of the upload
    assert batch.applied_at is not None
    Case.objects.main().update(created=batch.applied_at - timedelta(days=1))
    assert resting_on(batch).opened == 2
    assert f"{batch.pk}" in run("undo_import", str(batch.pk), "--knowing")
    assert MonthlyFact.objects.count() == 0
    case.refresh_from_db()
    assert (Case.objects.main().count(), case.stage) == (2, "matching")


@time_machine.travel(at(START, 18), tick=False)
def test_a_closing_on_its_word_is_taken_up_first(batch: ImportBatch, shared_city: World) -> None:
    world, case = shared_city, _let_off(shared_city)
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 13), form=matching_form())
    for have in ("institution", "spending", "cooperation"):
        world.prove(case, have)
    _close(world, case)
    office = sign_in(world, "office/1")
    why = f"有1件已销号企业的材料系据该填报名单免予提交：{case.enterprise}"
    assert why in office.get(f"/imports/{batch.pk}/undo/").content.decode()
    assert why in post(office, batch, "undo")
    with pytest.raises(CommandError, match="请先恢复办理"):
        run("undo_import", str(batch.pk), "--knowing")
    assert MonthlyFact.objects.count() == 3


def _let_off(world: World) -> Case:
    case = world.survey(Case.objects.main().get(enterprise__credit_code=code_of(1)), "B")
    evidence.waive(
        case.pk, criterion="staff", reason="省系统已有", by=world.actor(LEAD), at=at(START, 12)
    )
    return case


def _close(world: World, case: Case) -> None:
    stages.apply_for_closure(case.pk, by=world.actor(WORKER), at=at(START, 14), form=closing_form())
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 15))
    stages.close(case.pk, by=world.actor("office/1"), at=at(START, 16))
