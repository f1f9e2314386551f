"""Verbs on the files of papers: noted, scanned, put away, drawn, swept up, and who saw them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Model, Q

from cases import engine, lasting, paper_files, paper_reading, scanner
from cases.actions import corrections, remedies
from cases.around import look
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence, PaperFile, PaperSight
from cases.paper_files import HOLDERS, Held
from cases.rulebook import rules_of
from cases.scanner import ScannerAway
from organisations.days import day_of
from organisations.scope import Actor
from organisations.wake import wake

Scan = PaperFile.Scan
AT_ONCE = 20  # files in one run of the worker
# where the files of papers, of forms and of visits lie
UPLOADS = ("evidence", "forms", "visits")
INFECTED = "paper_infected"
DRAWER = "config.tasks.draw"
# whoever draws a file has it for so long: longer than the child may take (paper_reading.PATIENCE)
LEASE = timedelta(minutes=3)
MOST_DRAWS = 3
ASKED_AGAIN = timedelta(minutes=1)  # somebody still waits: the worker is woken anew
# seconds: what is younger may belong to a submit that still runs
YOUNG = 24 * 3600


# --- noted, seen ---------------------------------------------------------------------------------
def note(papers: Iterable[Held]) -> None:
    """Remember the files of papers that were handed in, put into forms or taken on a visit; with
    a scanner they wait for it. Refuses what was put away before."""
    scan = Scan.WAITING if settings.CLAMD else Scan.NONE
    hashes = {paper.sha256: paper.file_name for paper in papers if paper.file and paper.sha256}
    if settings.CLAMD:
        for bad in PaperFile.objects.filter(sha256__in=hashes, scan=Scan.INFECTED)[:1]:
            words = paper_files.infected_words(hashes[bad.sha256], bad.finding)
            raise Refused("infected", words)
    PaperFile.objects.bulk_create(
        [PaperFile(sha256=one, scan=scan) for one in sorted(hashes)], ignore_conflicts=True
    )
    if settings.CLAMD:  # bytes known from before there was a scanner
        PaperFile.objects.filter(sha256__in=hashes, scan=Scan.NONE).update(scan=scan)


def see(paper: Evidence, how: str, *, by: Actor, at: datetime, once: bool = False) -> None:
    """Somebody looked at a paper or fetched it: one line a person, day and way. ``once``: a page of
    it, which is no further look where there is a line already."""
    if by.user is None:
        return
    day = {"paper": paper, "by": by.user, "how": how, "on": day_of(at)}
    rows = PaperSight.objects.filter(**day)
    if once and rows.exists():
        return
    if not rows.update(at=at, times=F("times") + 1):
        first = PaperSight(**day, at=at, times=0)
        PaperSight.objects.bulk_create([first], ignore_conflicts=True)
        rows.update(at=at, times=F("times") + 1)


# --- scanned -------------------------------------------------------------------------------------
def ask_scanner_again() -> int:
    """Files that came before there was a scanner wait for it from now on; how many."""
    hashes: set[str] = set()
    for kind in HOLDERS:
        rows = kind._default_manager.exclude(sha256="").order_by()
        hashes.update(rows.values_list("sha256", flat=True).distinct())
    PaperFile.objects.bulk_create(
        [PaperFile(sha256=one) for one in sorted(hashes)], ignore_conflicts=True
    )
    return PaperFile.objects.filter(scan=Scan.NONE).update(scan=Scan.WAITING)


def scan_due(at: datetime, most: int = AT_ONCE) -> dict[str, int]:
    """Ask the scanner about what waits, those asked least first: {"clean", "infected"}.

    The scanner is asked outside of any transaction; while it is away everything waits on.
    """
    done = {"clean": 0, "infected": 0}
    if not settings.CLAMD:
        return done
    for file in PaperFile.objects.filter(scan=Scan.WAITING).order_by("tries", "id")[:most]:
        try:
            finding = scanner.scan(_content(file.sha256), settings.CLAMD)
        except ScannerAway:
            PaperFile.objects.filter(pk=file.pk).update(tries=F("tries") + 1)
            continue
        put_away(file, finding, at=at) if finding else _clear(file, at)
        done["infected" if finding else "clean"] += 1
    return done


def _content(sha256: str) -> bytes:
    paper = paper_files.bearers([sha256]).get(sha256)
    if paper is None:  # asked about nothing it would call the hash clean for ever
        raise ScannerAway(sha256)
    try:
        with paper.file.open("rb") as stored:
            return bytes(stored.read())
    except OSError as error:
        raise ScannerAway(str(error)) from error


def _clear(file: PaperFile, at: datetime) -> None:
    PaperFile.objects.filter(pk=file.pk, scan=Scan.WAITING).update(
        scan=Scan.CLEAN, finding="", scanned_at=at
    )


@transaction.atomic
def put_away(file: PaperFile, finding: str, *, at: datetime) -> None:
    """The file is in quarantine: nobody gets it. Papers that wait go back to their firms; so do
    accepted ones, from before the scanner, of cases that are open."""
    PaperFile.objects.filter(pk=file.pk).update(
        scan=Scan.INFECTED, finding=finding, scanned_at=at, pages=0, shown=0
    )
    live = (Evidence.State.SUBMITTED, *Evidence.ACCEPTED)
    papers = Evidence.objects.filter(sha256=file.sha256, state__in=live)
    for pk in papers.order_by("id").values_list("pk", flat=True):
        _send_back(pk, finding, at)


def _send_back(paper_id: int, finding: str, at: datetime) -> None:
    step = engine.lock_family(engine.OF_PAPER, paper_id)
    if step is None:
        return
    if step.case.is_finished:
        _tell(step.case, paper_id, finding, at)
        return
    there = look([step.case, *(child.case for child in step.children)])
    row = next(paper for paper in there.papers if paper.pk == paper_id)
    was = row.state
    if was not in (Evidence.State.SUBMITTED, *Evidence.ACCEPTED):
        return
    number = rules_of(step.case).pack.return_reasons[0].number
    words = paper_files.infected_words(row.file_name, finding)
    row.state, row.reviewed_at, row.return_reason, row.return_text = (
        Evidence.State.RETURNED, at, number, words,
    )  # fmt: skip
    given = corrections.given(step, row.criterion)
    row.correct_by = corrections.correct_by(step.case, day_of(at), given)
    row.save()
    step.verb, step.bumps_version, step.reason = "return_evidence", False, words
    step.data = {
        "criterion": row.criterion,
        "names": row.file_name,
        "reason": number,
        "correct_by": row.correct_by.isoformat() if row.correct_by else None,
        "evidence": row.pk,
    }
    again = []
    if was in Evidence.ACCEPTED:
        lasting.stand_again(row, there, was, on=day_of(at))
        again = remedies.prove_again(
            step, row.criterion, there, at=at, correction=words, not_before=given
        )
    engine.write([step, *again], by=Actor.system(), at=at)


def _tell(case: Case, paper_id: int, finding: str, at: datetime) -> None:
    """A closed case stays as it was confirmed; who had it, and who confirmed it, decide."""
    paper = Evidence.objects.get(pk=paper_id)
    told = Step(case, None)
    told.verb, told.reason = INFECTED, paper_files.infected_words(paper.file_name, finding)
    told.data = {"criterion": paper.criterion, "names": paper.file_name, "evidence": paper.pk}
    closer = CaseEvent.objects.filter(case=case, verb="close").order_by("id").last()
    told.data["closer"] = closer.by_id if closer is not None else None
    engine.record([told], by=Actor.system(), at=at)


# --- drawn ---------------------------------------------------------------------------------------
def picture(paper: Held, number: int, *, at: datetime) -> Path | None:
    """A picture of a paper that the worker drew: 0 is the small one, then the pages; where it was
    lost it is drawn anew."""
    file = paper_files.of(paper)
    if not paper_files.is_drawable(paper, file) or file is None or number > file.shown:
        return None
    there = paper_files.path_of(paper.sha256, number)
    if there.is_file():
        return there
    forget(file, at=at)
    return None


def forget(file: PaperFile, *, at: datetime) -> None:
    """Its pictures are lost: as if nobody had drawn it yet."""
    rows = PaperFile.objects.filter(pk=file.pk, pages=file.pages)
    if rows.update(pages=None, shown=0, draws=0, drawing_at=None, wanted_at=at):
        wake(DRAWER)


def want(paper: Held, file: PaperFile | None, *, at: datetime) -> None:
    """Somebody looks at what is not drawn yet: it is drawn next, and the worker is woken. ``file``:
    what is known of it."""
    if file is None:
        first = PaperFile(sha256=paper.sha256, wanted_at=at)
        PaperFile.objects.bulk_create([first], ignore_conflicts=True)
    elif file.wanted_at is not None and file.wanted_at > at - ASKED_AGAIN:
        return
    else:
        PaperFile.objects.filter(pk=file.pk, pages=None).update(wanted_at=at)
    wake(DRAWER)


def draw_due(now: Callable[[], datetime], most: int = AT_ONCE) -> int:
    """Draw what came since the last time, first what somebody waits for, then the newest; how many
    could be drawn. ``now``: the machine's clock. Whoever begins a file has it for ``LEASE``."""
    drawn = 0
    for _turn in range(most):
        file = _begun(now())
        if file is None:
            break
        paper = paper_files.bearers([file.sha256]).get(file.sha256)
        # a worker that died of it, or a disk that does not give it: some tries, then it is said
        if paper is None or file.draws >= MOST_DRAWS:
            PaperFile.objects.filter(pk=file.pk, pages=None).update(pages=0)
            continue
        drawn += draw(paper) > 0
    return drawn


def _begun(at: datetime) -> PaperFile | None:
    """The next file to be drawn, taken by nobody else."""
    free = Q(drawing_at=None) | Q(drawing_at__lt=at - LEASE)
    held = (Scan.WAITING, Scan.INFECTED) if settings.CLAMD else (Scan.INFECTED,)
    rows = PaperFile.objects.filter(free, pages=None).exclude(scan__in=held)
    while file := rows.order_by(F("wanted_at").desc(nulls_last=True), "-id").first():
        if rows.filter(pk=file.pk).update(drawing_at=at, draws=F("draws") + 1):
            return file
    return None


def draw(paper: Held) -> int:
    """Write the pictures of a paper, each whole or not at all; how many pages were drawn."""
    found = None
    if paper.media_type in paper_files.DRAWN_KINDS:
        try:
            with paper.file.open("rb") as stored:
                content = stored.read()
        except OSError:
            return 0
        found = paper_reading.draw(
            content, small=paper_files.SMALL, side=paper_files.LARGE, most=paper_files.MOST_PAGES
        )
    pictures = (found.small, *found.pages) if found else ()
    for number, content in enumerate(pictures):
        _write(paper_files.path_of(paper.sha256, number), content)
    drawn = {"pages": found.total if found else 0, "shown": max(len(pictures) - 1, 0)}
    PaperFile.objects.update_or_create(sha256=paper.sha256, defaults=drawn)
    return drawn["shown"]


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(aside).replace(target)


# --- swept up ------------------------------------------------------------------------------------
def sweep_up(at: datetime, *, dry: bool = False) -> list[str]:
    """Remove uploads that no row names (a process was killed between file and COMMIT) and pictures
    of papers that there are no more; names as they lay below ``media/``. Only what is a day old.
    """
    root = Path(default_storage.path(""))
    before = at.timestamp() - YOUNG
    waste = [
        *(one for kind in zip(UPLOADS, HOLDERS, strict=True) for one in _lost(root, before, *kind)),
        *_pictures_without_paper(root, before),
    ]
    for path in waste if not dry else ():
        path.unlink(missing_ok=True)
    return [str(path.relative_to(root)) for path in waste]


def remove_lost(
    at: datetime, kinds: Iterable[tuple[str, type[Model]]], *, dry: bool = False
) -> list[str]:
    """The same of other folders of uploads, each with the rows whose ``file`` names them."""
    root = Path(default_storage.path(""))
    before = at.timestamp() - YOUNG
    waste = [path for folder, kind in kinds for path in _lost(root, before, folder, kind)]
    for path in waste if not dry else ():
        path.unlink(missing_ok=True)
    return [str(path.relative_to(root)) for path in waste]


def _lost(root: Path, before: float, uploads: str, kind: type[Model]) -> Iterator[Path]:
    """Uploads of a kind that no row names."""
    for folder in sorted({path.parent for path in _old(root / uploads, before)}):
        there = [path for path in sorted(folder.iterdir()) if _is_old(path, before)]
        names = {str(path.relative_to(root)): path for path in there}
        held = set(kind._default_manager.filter(file__in=names).values_list("file", flat=True))
        yield from (path for name, path in names.items() if name not in held)


def _pictures_without_paper(root: Path, before: float) -> Iterator[Path]:
    there = list(_old(root / paper_files.FOLDER, before))
    gone = paper_files.unknown_hashes({path.parent.name for path in there})
    yield from (p for p in there if p.suffix == ".part" or p.parent.name in gone)


def _old(folder: Path, before: float) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if _is_old(path, before))


def _is_old(path: Path, before: float) -> bool:
    return path.is_file() and path.stat().st_mtime < before
