"""A city at work is backed up again and again; each backup is put back elsewhere and looked at.

Two leaders speak, a handler hands in papers, two processes tick and one seals the trail, all the
while. Of a backup it is asked: does it hold every word and paper that was acknowledged before it
began, nothing of which only a part is there, each file as it was sent, a chain without a break; and
does the installation that it was put into go on. Backups and restores are killed, too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, connections

from cases import chains, sealing
from cases.actions import evidence, remarks
from cases.actions.evidence import Paper
from cases.models import Case, CaseEvent, Evidence, PendingEvent
from config import ticking
from notifications.models import Notice
from tests.prove import elsewhere, lanes
from tests.prove.bed import bed
from tests.prove.deeds import Scene, warm
from tests.prove.stopping import DAY, READERS
from tests.world import World, at, build

SECONDS = 60
FIRMS, PAPERS, PAPER_BYTES = 4, 200, 200_000
PAUSE = 0.02  # between two deeds of a person
_told_to_end = False


def run(rounds: int, rows: int) -> dict[str, Any]:
    """``rows``: events that the city has behind it when the first backup is made."""
    with bed():
        world = _city(rows)
        workers = _set_to_work(world)
        try:
            time.sleep(1)
            kept = Path(settings.VAR_DIR) / "kept"
            found = [_round(kept, number) for number in range(rounds)]
            killed = _killed_backups(kept)
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGTERM)
            codes = [os.waitpid(pid, 0)[1] for pid in workers]
        ticking.tick(at(DAY))
        wrong = [words for one in found for words in one["wrong"]]
        wrong += [*killed["wrong"], *_look_at_work(), *(["a worker failed"] if any(codes) else [])]
        slowest = max(one["restored"] for one in found)
        return {
            "holds": not wrong and slowest <= SECONDS,
            "backups": rounds, "slowest_backup": max(one["backed_up"] for one in found),
            "slowest_restore": slowest, "rows": found[-1]["rows"], "files": found[-1]["files"],
            "megabytes": found[-1]["megabytes"], "deeds_meanwhile": len(_acknowledged()),
            "lost": sum(one["lost"] for one in found), "killed_backups": killed["killed"],
            "killed_restores": sum(one["killed"] for one in found), "wrong": wrong[:20],
        }  # fmt: skip


# --- the city ------------------------------------------------------------------------------------
def _city(rows: int) -> World:
    world = build()
    for number in range(FIRMS):
        world.firm(f"洛阳示例{number}有限公司")
    world.open(DAY)
    ticking.tick(at(DAY))
    warm(Scene(world, None, settings.VAR_DIR))  # type: ignore[arg-type]
    first = Case.objects.main().order_by("pk")[0]
    world.survey(first, on=DAY)
    several = min(PAPERS, rows // 100)
    for _paper in range(several):
        _hand_in(world, first.pk, PAPER_BYTES)
    others = list(Case.objects.main().exclude(pk=first.pk).values_list("pk", flat=True))
    said = [
        CaseEvent(case_id=others[n % len(others)], verb="looked", at=at(DAY), reason=f"往年第{n}条")
        for n in range(rows)
    ]
    CaseEvent.objects.bulk_create(said, batch_size=5000)
    sealing.seal()
    ticking.tick(at(DAY))
    Notice.objects.all().delete()
    return world


def _hand_in(world: World, case: int, size: int) -> str:
    """A paper that nobody has handed in before; its SHA-256."""
    content = random.randbytes(size)
    digest = sha256(content).hexdigest()
    name = f"{uuid4().hex}.pdf"
    paper = Paper(ContentFile(content, name), name, "application/pdf", size, digest)
    by = world.actor("涧西区/county_worker", DAY)
    evidence.submit(case, criterion="institution", papers=[paper], by=by, at=at(DAY))
    return digest


# --- at work -------------------------------------------------------------------------------------
def _set_to_work(world: World) -> list[int]:
    cases = list(Case.objects.main().order_by("pk").values_list("pk", flat=True))
    works: list[Callable[[], None]] = [
        partial(_speak, world, 1, cases[1]),
        partial(_speak, world, 2, cases[2]),
        partial(_bring, world, cases[0]),
        partial(_again, lambda: ticking.tick(at(DAY))),
        partial(_again, lambda: ticking.tick(at(DAY))),
        partial(_again, sealing.seal),
    ]
    return [_fork(work) for work in works]


def _fork(work: Callable[[], None]) -> int:
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGTERM, _end)
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def _end(number: int, frame: object) -> None:
    global _told_to_end
    _told_to_end = True


def _again(work: Callable[[], object]) -> None:
    while not _told_to_end:
        work()
        time.sleep(PAUSE)


def _speak(world: World, name: int, case: int) -> None:
    with _log(name).open("a") as log:
        n = 0
        while not _told_to_end:
            n += 1
            text = f"{name}-{n}."
            remarks.comment(case, by=world.actor("leader", DAY), at=at(DAY), text=text)
            log.write(f"{text}\n")
            log.flush()
            time.sleep(PAUSE)


def _bring(world: World, case: int) -> None:
    with _log("papers").open("a") as log:
        while not _told_to_end:
            log.write(f"{_hand_in(world, case, 20_000)}\n")
            log.flush()
            time.sleep(10 * PAUSE)


def _log(name: object) -> Path:
    return Path(settings.VAR_DIR) / f"acknowledged-{name}"


def _acknowledged() -> set[str]:
    """Words and digests of papers whose deed was answered."""
    logs = [_log(name) for name in (1, 2, "papers")]
    return {line for log in logs if log.exists() for line in log.read_text().splitlines()}


# --- one backup ----------------------------------------------------------------------------------
def _round(kept: Path, number: int) -> dict[str, Any]:
    before = _acknowledged()
    begun = time.monotonic()
    made = elsewhere.at_work().manage("backup", str(kept / str(number)))
    backed_up = time.monotonic() - begun
    if "error" in made:
        return {"wrong": [f"backup: {made['error']}"], "restored": 0, "backed_up": backed_up,
                "lost": 0, "killed": 0, "rows": 0, "files": 0, "megabytes": 0}  # fmt: skip
    target = elsewhere.empty(f"restored{number}")
    # every other one is killed in the midst of it, and called again
    killed = number % 2 == 1 and target.killed(
        "restore", made["file"], when=lambda: any((target.var / "media").rglob("*.pdf"))
    )
    begun = time.monotonic()
    restored = target.manage("restore", made["file"], "--replace")
    took = time.monotonic() - begun
    wrong = [] if restored.get("rows") == made["rows"] else [f"restore: {restored}"]
    if number % 2 == 1 and not killed:
        wrong.append("the restore was not killed")
    verdict = target.manage("audit", "verify")
    if verdict.get("breaks") != []:
        wrong.append(f"the chain: {verdict}")
    looked = lanes.answer(lanes.start("backing.look", target.url, media=str(target.var / "media")))
    there = set(looked.get("there", ()))
    lost = before - there
    wrong += [f"lost: {one}" for one in sorted(lost)]
    wrong += looked.get("wrong", [looked.get("error", "")])
    Path(made["file"]).unlink()
    return {
        "wrong": [f"backup {number + 1}: {words}" for words in wrong], "restored": round(took, 1),
        "backed_up": round(backed_up, 1), "lost": len(lost), "killed": int(killed),
        "rows": made["rows"], "files": made["files"], "megabytes": round(made["bytes"] / 1e6),
    }  # fmt: skip


def look(media: str) -> dict[str, Any]:
    """In the installation that a backup was put into: is it of one moment, and does it go on?"""
    settings.MEDIA_ROOT = media
    papers = list(Evidence.objects.all())
    wrong = [f"{row.file_name} is not as it was sent" for row in papers if not _is_whole(row)]
    connection.check_constraints()  # no row names one that is not there
    said = CaseEvent.objects.filter(verb="comment")
    pending = set(PendingEvent.objects.values_list("event", flat=True))
    told = _told()
    for pk in said.values_list("pk", flat=True):
        if told[pk] != (0 if pk in pending else READERS):
            wrong.append(f"event {pk} is half told: {told[pk]} notices")
    ticking.tick(at(DAY))
    sealing.seal(every=True)
    told = _told()
    wrong += [f"event {pk} has {told[pk]} notices" for pk in said.values_list("pk", flat=True)
              if told[pk] != READERS]  # fmt: skip
    if PendingEvent.objects.exists():
        wrong.append("events wait for ever")
    wrong += [one.what for one in chains.verify().breaks]
    there = [*said.values_list("reason", flat=True), *(row.sha256 for row in papers)]
    return {"holds": not wrong, "wrong": wrong[:8], "there": there}


def _is_whole(row: Evidence) -> bool:
    path = Path(settings.MEDIA_ROOT) / (row.file.name or "?")
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == row.sha256


def _told() -> Counter[int]:
    return Counter(Notice.objects.filter(kind="instruction").values_list("event", flat=True))


# --- killed, and afterwards ----------------------------------------------------------------------
def _killed_backups(kept: Path) -> dict[str, Any]:
    """Killed at several moments: whatever bears a backup's name is whole."""
    folder, wrong, killed = kept / "killed", list[str](), 0
    folder.mkdir(parents=True)
    here = elsewhere.at_work()
    for begun in (".xiaohao-*/database*", ".xiaohao-*/whole"):
        seen = partial(_is_there, folder, begun)
        killed += here.killed("backup", str(folder), when=seen)
    wrong += [] if killed == 2 else ["a backup was not killed"]
    for path in folder.glob("xiaohao-*.tar"):
        answer = here.manage("restore", str(path), "--check")
        wrong += [f"{path.name} is not whole: {json.dumps(answer)}"] if "error" in answer else []
    return {"killed": killed, "wrong": wrong}


def _is_there(folder: Path, name: str) -> bool:
    return any(folder.glob(name))


def _look_at_work() -> list[str]:
    """The city that was backed up has lost nothing either."""
    said = Counter(CaseEvent.objects.filter(verb="comment").values_list("reason", flat=True))
    there = {*said, *Evidence.objects.values_list("sha256", flat=True)}
    wrong = [f"lost at work: {one}" for one in sorted(_acknowledged() - there)]
    wrong += [f"twice at work: {text}" for text, n in said.items() if n > 1]
    told = _told()
    return wrong + [f"{told[pk]} notices at work" for pk in told if told[pk] != READERS]
