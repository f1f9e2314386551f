"""What may be done with the files of papers: whether they wait for the scanner, their pictures.

A PDF or a picture is drawn small and page by page (``paper_reading``) into ``media/previews``, by
the worker soon after it came, at once where somebody looks; never inside a request. The pictures
are a cache: lost, they are drawn again. They leave through the same question as the file itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Evidence, FormFile, PaperFile, VisitPhoto

DRAWN_KINDS = ("application/pdf", "image/jpeg", "image/png")
FOLDER = "previews"
MOST_PAGES = 10
SMALL, LARGE = 240, 1600  # points of the longer side
# whatever names a stored file: a paper, a file in a form, a photo of a visit
Held = Evidence | FormFile | VisitPhoto
HOLDERS: tuple[type[Held], ...] = (Evidence, FormFile, VisitPhoto)


def known(papers: Sequence[Held]) -> dict[str, PaperFile]:
    """What is known of the files of papers, by hash; one query, none without files."""
    hashes = {paper.sha256 for paper in papers if paper.sha256}
    if not hashes:
        return {}
    return {one.sha256: one for one in PaperFile.objects.filter(sha256__in=hashes)}


def with_pages(photos: QuerySet[VisitPhoto]) -> QuerySet[VisitPhoto]:
    """With ``pages`` as a ``PaperFile`` has them, in the same statement."""
    files = PaperFile.objects.filter(sha256=OuterRef("sha256"))
    return photos.annotate(pages=Subquery(files.values("pages")[:1]))


def of(paper: Held) -> PaperFile | None:
    return known([paper]).get(paper.sha256)


def is_drawable(paper: Held, file: PaperFile | None) -> bool:
    """Whether there are, or may be, pictures of it for whoever may see it."""
    if not paper.file or paper.media_type not in DRAWN_KINDS:
        return False
    return file is None or (file.pages != 0 and not file.is_held_back)


def is_being_drawn(paper: Held, file: PaperFile | None) -> bool:
    """Whether its pictures are still to come."""
    return is_drawable(paper, file) and (file is None or file.pages is None)


def check_scanned(paper: Held) -> None:
    """Nothing is accepted, nor given out, that the scanner has not seen or has put away."""
    file = of(paper)
    if file is None or not file.is_held_back:
        return
    if file.scan == PaperFile.Scan.INFECTED:
        raise Refused("infected", infected_words(paper.file_name, file.finding))
    raise Refused(
        "not_scanned",
        _("%(name)s waits for the virus scanner. Look again in a few minutes.")
        % {"name": paper.file_name},
    )


def check_acceptable(paper: Evidence) -> None:
    """As ``check_scanned``; without a scanner a paper that is reviewed has nothing to wait for."""
    if settings.CLAMD:
        check_scanned(paper)


def infected_words(name: str, finding: str) -> str:
    words = _("%(name)s holds a virus (%(finding)s) and was put away. Send a clean file.")
    return words % {"name": name, "finding": finding}


def path_of(sha256: str, number: int) -> Path:
    """Where a picture lies: 0 is the small one, then the pages."""
    return Path(default_storage.path(FOLDER)) / sha256[:2] / sha256 / f"{number}.jpg"


def unknown_hashes(hashes: Collection[str]) -> set[str]:
    """Those that nothing bears any more."""
    return set(hashes) - set(bearers(hashes))


def bearers(hashes: Collection[str]) -> dict[str, Held]:
    """By hash one row that has the bytes; a statement for each kind, until all are found."""
    found: dict[str, Held] = {}
    for kind in HOLDERS:
        left = set(hashes) - set(found)
        if left:
            rows = kind._default_manager.filter(sha256__in=left).exclude(file="").order_by("-id")
            found |= {row.sha256: row for row in rows}
    return found
