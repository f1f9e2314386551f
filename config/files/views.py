"""导出任务: files being written for whoever asked, how far they are, and the files themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.files.writing import write_if_nobody_does
from organisations import clock, files
from organisations.errors import Refused
from organisations.file_job import FileJob
from organisations.keyset import KeyPage, counted, keys
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

SHOWN = 20


@require_safe
@scoped(Act.READ)
def file_jobs(request: ActorRequest) -> HttpResponse:
    """URL name ``file_jobs``: one's own of the last days, the newest first."""
    rows = _own(request)
    page = KeyPage(rows, keys("-id"), request.GET, SHOWN, counted(rows))
    return render(request, "files/jobs.html", {"page": page, "jobs": list(page.object_list)})


@require_safe
@scoped(Act.READ)
def file_job(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``file_job``: how far it is; whoever leaves finds it here again."""
    return render(request, "files/job.html", _context(_job(request, pk)))


@require_safe
@scoped(Act.READ)
def file_job_progress(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``file_job_progress``: polled by the page; writes by itself if no worker does."""
    job = _job(request, pk)
    if write_if_nobody_does(job, at=clock.now()):
        job = _job(request, pk)
    return render(request, "files/_state.html", _context(job))


@require_safe
@scoped(Act.READ)
def file_job_file(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``file_job_file``: the file, to its asker alone."""
    job = _job(request, pk)
    if job.state != FileJob.State.DONE or not job.file:
        raise Http404
    return FileResponse(job.file.open("rb"), as_attachment=True, filename=job.name)


@require_POST
@scoped(Act.READ)
def file_job_cancel(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``file_job_cancel``: it is not wanted any more."""
    try:
        files.cancel(_job(request, pk), at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Cancelled. Nothing is kept."))
    return redirect("file_job", pk)


def _own(request: ActorRequest) -> Any:
    return FileJob.objects.filter(by=request.user)


def _job(request: ActorRequest, pk: int) -> FileJob:
    found: FileJob | None = _own(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _context(job: FileJob) -> dict[str, Any]:
    until = job.at + files.KEPT
    share = min(100, 100 * job.done // job.total) if job.total else None
    return {"job": job, "share": share, "until": until}
