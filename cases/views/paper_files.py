"""The files of papers, their pictures, and who has seen them. Nothing leaves but through here.

Whoever sees the paper's case gets the file: an official of its rows, a clerk of its firm. It always
leaves as a download; what is looked at are pictures that we drew of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Window
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cases import paper_files, samples
from cases.actions import paper_files as deeds
from cases.errors import Refused
from cases.models import Case, Evidence, FormFile, PaperFile, PaperSight, VisitPhoto
from cases.paper_files import Held
from cases.views.criteria import paper_name
from cases.views.rows import paper_or_404
from cases.views.until_drawn import waiting
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from workflows.pack_parts import EvidencePlan
from workflows.text import localised

SHUT = "default-src 'none'; sandbox"
SIGHTS = 30  # lines of the log on the page


@require_GET
@scoped(Act.READ, Act.ENTERPRISE_PORTAL)
def evidence_file(request: ActorRequest, pk: int) -> HttpResponse | FileResponse:
    """URL name ``evidence_file``: the file itself, always as a download: no sniffing, sandbox.

    ``?look=1`` leads to its pages as pictures instead.
    """
    paper = paper_or_404(request.actor, pk)
    if not paper.file.name or not paper.file.storage.exists(paper.file.name):
        raise Http404
    if request.GET.get("look") == "1" and paper.media_type in paper_files.DRAWN_KINDS:
        return HttpResponseRedirect(reverse("evidence_look", args=[pk]))
    held = _held_words(paper)
    if held:
        return _look(request, paper, held, status=409)
    deeds.see(paper, PaperSight.How.FETCHED, by=request.actor, at=clock.now())
    return shut(
        FileResponse(
            paper.file.open("rb"),
            as_attachment=True,
            filename=paper.file_name,
            content_type=paper.media_type or "application/octet-stream",
        ),
        "private, no-store",
    )


@require_GET
@scoped(Act.READ, Act.ENTERPRISE_PORTAL)
def evidence_look(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``evidence_look``: the pages of a paper, one below the other, for a tab of its own;
    the firm's clerk has no other page of it. ``?part=``: a part of a page, while it is drawn."""
    paper = paper_or_404(request.actor, pk)
    if not paper.file:
        raise Http404
    part = _part(request, paper, reverse("evidence_look", args=[pk]), page_urls(paper))
    if part is not None:
        return part
    held = _held_words(paper)
    deeds.see(paper, PaperSight.How.OPENED, by=request.actor, at=clock.now())
    return _look(request, paper, held, status=409 if held else 200)


@require_GET
@scoped(Act.READ, Act.ENTERPRISE_PORTAL)
def evidence_picture(request: ActorRequest, pk: int, number: int) -> HttpResponse | FileResponse:
    """URL name ``evidence_picture``: a picture of a page, drawn by us; 0 is the small one."""
    paper = paper_or_404(request.actor, pk)
    answer = picture_of(paper, number)
    if number:  # the small one cannot be read
        deeds.see(paper, PaperSight.How.OPENED, by=request.actor, at=clock.now(), once=True)
    return answer


def picture_of(held: Held, number: int) -> FileResponse:
    """A drawn picture of a file that the reader may see; 404 where there is none."""
    there = None
    if number <= paper_files.MOST_PAGES:
        there = deeds.picture(held, number, at=clock.now())
    if there is None:
        raise Http404
    answer = FileResponse(
        there.open("rb"), as_attachment=True, filename=f"{number}.jpg", content_type="image/jpeg"
    )
    # a picture never changes; whoever loses his right keeps it no longer than this
    return shut(answer, "private, max-age=300")


def held_file(request: ActorRequest, held: FormFile | VisitPhoto, url: str) -> HttpResponseBase:
    """A file beside the papers, at its own address: as a download; ``?picture=0`` a picture of it
    that we drew, ``?look=1`` all of them, ``?part=`` as for a paper. 403 in words while the scanner
    has not let it through."""
    number = request.GET.get("picture", "")
    if number.isdecimal() and len(number) < 3:
        return picture_of(held, int(number))
    part = _part(request, held, url, lambda page: f"{url}?picture={page}")
    if part is not None:
        return part
    words = _held_words(held)
    if request.GET.get("look") == "1":
        context = {
            "name": held.file_name,
            "download": url,
            "file": file_part(held, lambda page: f"{url}?picture={page}", url),
            "note": {"words": words, "kind": "soon"} if words else None,
        }
        status = 409 if words else 200
        return render(request, "cases/evidence/look.html", context, status=status)
    if words:
        raise PermissionDenied(words)
    if not held.file.name or not held.file.storage.exists(held.file.name):
        raise Http404
    answer = FileResponse(
        held.file.open("rb"),
        as_attachment=True,
        filename=held.file_name,
        content_type=held.media_type,
    )
    return shut(answer, "private, no-store")


def samples_of(case: Case, plan: EvidencePlan) -> list[dict[str, str]]:
    """Blank papers of a criterion with the firm's name and code, to be sent to it or printed."""
    if case.enterprise_id is None:
        return []
    return [
        {
            "name": localised(sample.title),
            "url": reverse("firm_sample", args=[case.enterprise_id, sample.key, "docx"]),
        }
        for sample in samples.for_papers([paper.key for paper in plan.papers])
    ]


def shut(answer: FileResponse, cache: str) -> FileResponse:
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = SHUT
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = cache
    return answer


def _held_words(paper: Held) -> str:
    """Why nobody gets the file now."""
    try:
        paper_files.check_scanned(paper)
    except Refused as refusal:
        return refusal.words
    return ""


def _look(request: ActorRequest, paper: Evidence, held: str, status: int) -> HttpResponse:
    context = {
        "paper": paper,
        "name": paper_name(paper),
        "download": reverse("evidence_file", args=[paper.pk]),
        "file": paper_part(paper),
        "note": {"words": held, "kind": "soon"} if held else None,
    }
    return render(request, "cases/evidence/look.html", context, status=status)


def page_urls(paper: Evidence) -> Callable[[int], str]:
    return lambda page: reverse("evidence_picture", args=[paper.pk, page])


def paper_part(paper: Evidence) -> dict[str, Any]:
    return file_part(paper, page_urls(paper), reverse("evidence_look", args=[paper.pk]))


def file_part(held: Held, url: Callable[[int], str], parts: str, asked: int = 0) -> dict[str, Any]:
    """What a page shows of a file: its pictures, how many pages there are, whether it is held back;
    ``again``: where to ask for the part anew while the worker draws it. ``parts``: its address."""
    file = paper_files.of(held)
    drawing = paper_files.is_being_drawn(held, file)
    if drawing:
        deeds.want(held, file, at=clock.now())
    shown = file.shown if file and paper_files.is_drawable(held, file) else 0
    return {
        "pictures": [url(number) for number in range(1, shown + 1)],
        "total": file.pages if file else 0,
        "more": max((file.pages or 0) - shown, 0) if file and shown else 0,
        "waits": bool(file and file.scan == PaperFile.Scan.WAITING),
        "infected": file.finding if file and file.scan == PaperFile.Scan.INFECTED else "",
        "kind": PurePath(held.file_name).suffix.lstrip(".").upper(),
        "size": held.size,
        "cannot": held.media_type in paper_files.DRAWN_KINDS and file is not None and not shown,
    } | (waiting("pages", parts, asked) if drawing else {})


def small_part(held: Held, url: Callable[[int], str], parts: str, asked: int) -> dict[str, Any]:
    """The small picture, or where to ask for it anew while the worker draws it."""
    file = paper_files.of(held)
    if paper_files.is_being_drawn(held, file):
        deeds.want(held, file, at=clock.now())
        return waiting("small", parts, asked)
    drawn = paper_files.is_drawable(held, file) and file is not None and file.shown
    return {"url": url(0) if drawn else ""}


def _part(
    request: ActorRequest, held: Held, url: str, pages: Callable[[int], str]
) -> HttpResponse | None:
    """A part of a page that was drawn meanwhile, or still is not; None: a whole page is wanted."""
    part, said = request.GET.get("part"), request.GET.get("asked", "")
    asked = int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else 0
    context: dict[str, Any] = {"name": held.file_name}
    if part == "pages":
        context["file"] = file_part(held, pages, url, asked)
        answer = render(request, "cases/evidence/pages.html", context)
    elif part == "small":
        context["small"] = small_part(held, pages, url, asked)
        context["css"] = "thumb" if isinstance(held, VisitPhoto) else "evidence__thumb"
        # beside a paper stands its name
        context["alt"] = "" if isinstance(held, Evidence) else held.file_name
        answer = render(request, "cases/evidence/small.html", context)
    else:
        return None
    answer["Cache-Control"] = "private, no-store"
    return answer


def sights_of(paper: Evidence) -> list[PaperSight]:
    """Who has looked at a paper or fetched it, the newest first; ``total``: of how many."""
    rows = paper.sights.select_related("by").annotate(total=Window(Count("pk")))
    return list(rows[:SIGHTS])
