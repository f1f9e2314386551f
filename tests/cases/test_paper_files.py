"""Files of papers: held back until the scanner has seen them, swept up where no row names them."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases import scanner, uploads
from cases.actions import evidence, form_files, paper_files, visiting
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence, FormFile, PaperFile, VisitPhoto
from cases.paper_files import path_of
from cases.wording import words_of
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.scope import Actor
from tests import bad_files
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, WORKER, rectifying
from tests.world import START, World, at

VIRUS = b"X5O!P%@AP-stands-for-a-virus"


class Clamd:
    """Answers as clamd does: one word for what came in pieces."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.door.getsockname()[1]}"
        self.answer: bytes | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, _address = self.door.accept()
            except OSError:
                return
            with wire, wire.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                data = b""
                while size := struct.unpack(">I", stream.read(4))[0]:
                    data += stream.read(size)
                found = b"stream: Test.Virus FOUND\0" if VIRUS in data else b"stream: OK\0"
                wire.sendall(found if self.answer is None else self.answer)


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    server = Clamd()
    settings.CLAMD = server.address
    yield server
    server.door.close()


@pytest.fixture
def case(world: World) -> Case:
    return rectifying(world)


def hand_in(world: World, case: Case, tail: bytes = b"", criterion: str = "staff") -> Evidence:
    content = bad_files.pdf(f"/Lang ({criterion})", tail=b"% " + tail + b"\n%%EOF\n")
    paper = uploads.check(ContentFile(content), "名册.pdf")
    [row] = evidence.submit(
        case.pk, criterion=criterion, papers=[paper], by=world.actor(WORKER), at=at(START, 11)
    )
    return row


def accept(world: World, row: Evidence) -> Evidence:
    return evidence.accept(row.pk, by=world.actor(LEAD), at=at(START, 13))


def refusal(world: World, row: Evidence) -> str:
    with pytest.raises(Refused) as refused:
        accept(world, row)
    return refused.value.code


# --- the scanner ----------------------------------------------------------------------------------
def test_without_a_scanner_nothing_waits(world: World, case: Case) -> None:
    row = hand_in(world, case, VIRUS)
    assert paper_files.scan_due(at(START, 12)) == {"clean": 0, "infected": 0}
    assert accept(world, row).state == "county_accepted"


def test_a_file_waits_until_the_scanner_has_seen_it(world: World, case: Case, clamd: Clamd) -> None:
    row = hand_in(world, case)
    lead = sign_in(world, LEAD)
    page, file, picture = (
        reverse("evidence", args=[row.pk]),
        reverse("evidence_file", args=[row.pk]),
        reverse("evidence_picture", args=[row.pk, 0]),
    )
    assert refusal(world, row) == "not_scanned"
    assert "正在等待查毒" in lead.get(page).content.decode()
    assert lead.get(file).status_code == 409
    assert lead.get(picture).status_code == 404
    assert paper_files.draw_due(timezone.now) == 0
    assert paper_files.scan_due(at(START, 12)) == {"clean": 1, "infected": 0}
    assert lead.get(file).getvalue().startswith(b"%PDF")
    assert paper_files.draw_due(timezone.now) == 1
    assert lead.get(picture).getvalue().startswith(b"\xff\xd8")
    assert accept(world, row).state == "county_accepted"


def test_what_holds_a_virus_is_put_away_and_goes_back(
    world: World, case: Case, clamd: Clamd
) -> None:
    row = hand_in(world, case, VIRUS)
    assert paper_files.scan_due(at(START, 12)) == {"clean": 0, "infected": 1}
    row.refresh_from_db()
    assert (row.state, row.return_reason, row.reviewed_by) == ("returned", 1, None)
    assert "Test.Virus" in row.return_text
    assert row.correct_by is not None
    lead = sign_in(world, LEAD)
    assert lead.get(reverse("evidence_file", args=[row.pk])).status_code == 409
    assert "含有病毒" in lead.get(reverse("evidence", args=[row.pk])).content.decode()
    html = lead.get(reverse("case", args=[case.pk])).content.decode()
    assert "Test.Virus" in html
    with pytest.raises(Refused) as again:
        hand_in(world, case, VIRUS)
    assert again.value.code == "infected"


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
def test_while_the_scanner_is_away_everything_waits(
    world: World, case: Case, clamd: Clamd, answer: bytes
) -> None:
    row = hand_in(world, case)
    clamd.answer = answer
    assert paper_files.scan_due(at(START, 12)) == {"clean": 0, "infected": 0}
    assert PaperFile.objects.get(sha256=row.sha256).tries == 1
    assert refusal(world, row) == "not_scanned"


def test_what_came_before_the_scanner_is_scanned_on_demand(
    world: World, case: Case, clamd: Clamd, settings: Any
) -> None:
    """An accepted paper of an open case that proves infected proves nothing: it lacks anew."""
    settings.CLAMD = ""
    accept(world, hand_in(world, case, VIRUS))
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert remedy.is_finished
    settings.CLAMD = clamd.address
    assert paper_files.ask_scanner_again() == 1
    assert paper_files.scan_due(at(START, 14)) == {"clean": 0, "infected": 1}
    remedy.refresh_from_db()
    case.refresh_from_db()
    assert (Evidence.objects.get().state, "staff" in case.lacking) == ("returned", True)
    assert not remedy.is_finished


def test_a_closed_case_whose_paper_proves_infected_is_told_of(
    world: World, case: Case, clamd: Clamd, settings: Any
) -> None:
    """To whoever has it and whoever confirmed it; the closing stays until somebody decides."""
    settings.CLAMD = ""
    accept(world, hand_in(world, case, VIRUS))
    lead, closer = world.people[LEAD], world.people["office/1"]
    Case.objects.filter(pk=case.pk).update(
        finished=at(START, 13), stage="closed", status="DONE", closed_on=START
    )
    CaseEvent.objects.create(case=case, verb="close", at=at(START, 13), by=closer)
    settings.CLAMD = clamd.address
    assert paper_files.ask_scanner_again() == 1
    assert paper_files.scan_due(at(START, 14)) == {"clean": 0, "infected": 1}
    assert Evidence.objects.get().state == "county_accepted"
    event = CaseEvent.objects.get(verb="paper_infected")
    assert words_of(event) == "“研发人员”的材料在销号后查出病毒，已隔离"
    deliver(at(START, 15))
    told = Notice.objects.filter(body__contains="查出病毒").values_list("recipient", flat=True)
    assert {lead.pk, closer.pk} <= set(told)


def test_bytes_from_before_the_scanner_are_scanned_when_they_are_handed_in_anew(
    world: World, case: Case, clamd: Clamd, settings: Any
) -> None:
    settings.CLAMD = ""
    row = hand_in(world, case)
    evidence.take_back(row.pk, by=world.actor(WORKER), at=at(START, 12))
    settings.CLAMD = clamd.address
    assert refusal(world, hand_in(world, case)) == "not_scanned"


def test_a_hash_without_its_bytes_is_not_called_clean(
    world: World, case: Case, clamd: Clamd
) -> None:
    PaperFile.objects.create(sha256="a" * 64, scan="waiting")
    assert paper_files.scan_due(at(START, 12)) == {"clean": 0, "infected": 0}
    assert PaperFile.objects.get().scan == "waiting"


def test_files_of_forms_and_photos_of_visits_wait_as_papers_do(
    world: World, case: Case, clamd: Clamd, settings: Any
) -> None:
    """Noted when they come, or asked again later; shown only when the scanner has seen them."""
    settings.CLAMD = ""
    photo, form_file = beside(world, case)
    PaperFile.objects.all().delete()  # as before there were any rows of files
    settings.CLAMD = clamd.address
    assert paper_files.ask_scanner_again() == 2
    lead = sign_in(world, LEAD)
    urls = [
        reverse("visit_photo", args=[photo.pk]),
        reverse("case_form_file", args=[form_file.pk]),
    ]
    for url in urls:
        assert [lead.get(url + ask).status_code for ask in ("", "?picture=0", "?look=1")] == [
            403, 404, 409,
        ]  # fmt: skip
    assert paper_files.scan_due(at(START, 12)) == {"clean": 2, "infected": 0}
    assert paper_files.draw_due(timezone.now) == 2
    for url in urls:
        assert f"{url}?picture=0" in lead.get(url + "?part=small").content.decode()
        answer = lead.get(url)
        assert "attachment" in answer["Content-Disposition"]
        assert answer.getvalue().startswith(b"\x89PNG")
        assert lead.get(url + "?picture=0").getvalue().startswith(b"\xff\xd8")
        assert f"{url}?picture=1" in lead.get(url + "?look=1").content.decode()
    page = lead.get(reverse("firm_visits", args=[case.firm_id])).content.decode()
    assert urls[0] + "?picture=0" in page
    # from now on each waits as it comes
    settings.CLAMD = clamd.address
    _more = beside(world, case, "blue")
    assert PaperFile.objects.filter(scan="waiting").count() == 2


def beside(world: World, case: Case, colour: str = "red") -> tuple[VisitPhoto, FormFile]:
    """A photo of a visit, and a file in the form on hand."""
    assert case.enterprise is not None
    by, when = world.actor(WORKER), at(START, 12)
    visit = visiting.record_visit(
        case.enterprise, visited_on=START, people="周示例", found="已看现场", by=by, at=when,
        photos=[picture(colour, 30)],
    )  # fmt: skip
    made = form_files.put_file(
        case, form="closing", field="declaration", paper=picture(colour, 31), by=by, at=when
    )
    return visit.photos.get(), made


def picture(colour: str, side: int) -> Paper:
    held = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(held, "PNG")
    return uploads.check(ContentFile(held.getvalue()), "照片.png")


def test_a_scanner_that_is_not_there() -> None:
    for address in ("unix:/nowhere/clamd.ctl", "tcp://127.0.0.1:1"):
        with pytest.raises(scanner.ScannerAway):
            scanner.scan(b"x", address)


# --- seen ---------------------------------------------------------------------------------------
def test_a_look_of_the_system_leaves_no_line(world: World, case: Case) -> None:
    row = hand_in(world, case)
    paper_files.see(row, "opened", by=Actor.system(), at=at(START, 12))
    assert not row.sights.exists()
    for hour in (12, 13):
        paper_files.see(row, "opened", by=world.actor(LEAD), at=at(START, hour))
    assert row.sights.get().times == 2


def test_a_cut_list_of_who_saw_it_says_of_how_many(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hand_in(world, case)
    for who in (LEAD, WORKER):
        paper_files.see(row, "opened", by=world.actor(who), at=at(START, 12))
    monkeypatch.setattr("cases.views.paper_files.SIGHTS", 1)
    client = sign_in(world, LEAD)
    page = client.get(reverse("evidence", args=[row.pk])).content.decode()
    assert "仅列最近1条。" in page
    monkeypatch.setattr("cases.views.paper_files.SIGHTS", 9)
    assert "仅列最近" not in client.get(reverse("evidence", args=[row.pk])).content.decode()


# --- swept up -------------------------------------------------------------------------------------
def test_uploads_that_nobody_has_are_swept_up_a_day_later(world: World, case: Case) -> None:
    row = hand_in(world, case)
    paper_files.draw_due(timezone.now)
    photo, form_file = beside(world, case)
    kept = [Path(one.file.path) for one in (row, photo, form_file)]
    stored = [
        default_storage.save(f"{folder}/0.pdf", ContentFile(b"x"))
        for folder in ("evidence/2022/03", "forms/2022/03", "visits/2022")
    ]
    waste = [Path(default_storage.path(one)) for one in stored]
    lost = path_of("f" * 64, 1)
    root = Path(default_storage.path(""))
    lost.parent.mkdir(parents=True, exist_ok=True)
    lost.write_bytes(b"x")
    assert all(path.exists() for path in (*waste, lost))

    def mine(names: list[str]) -> list[str]:
        return [name for name in names if name in (*stored, str(lost.relative_to(root)))]

    assert mine(paper_files.sweep_up(timezone.now())) == []
    old = time.time() - paper_files.YOUNG - 60
    for path in (*waste, lost, *kept):
        os.utime(path, (old, old))
    names = mine(paper_files.sweep_up(timezone.now(), dry=True))
    assert len(names) == 4
    assert all(path.exists() for path in waste)
    assert mine(paper_files.sweep_up(timezone.now())) == names
    assert not any(path.exists() for path in (*waste, lost))
    assert all(path.exists() for path in kept)
