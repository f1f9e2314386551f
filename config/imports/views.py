"""导入: choose the list → upload → check → confirm → undo. Nothing changes before confirming."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.importing import headings_for, take_back, take_upload
from config.imports import columns, effects, pages
from config.imports.forms import DAYS, UploadForm
from config.imports.preview import Report
from config.imports.reading import begin, read_if_nobody_does
from config.imports.report import write_report
from enterprises.importing import uploads
from enterprises.importing.guards import check_not_earlier
from enterprises.importing.undo import why_not
from enterprises.models import ImportBatch
from organisations import clock
from organisations.downloads import XLSX, note_taken
from organisations.errors import Refused
from organisations.keyset import KeyPage, counted, keys
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from workflows.models import Programme

SHOWN = 30
KINDS = (ImportBatch.Kind.REGISTER, ImportBatch.Kind.FILING, ImportBatch.Kind.LEDGER)
_WAITS = (ImportBatch.State.WAITING, ImportBatch.State.READING)


@require_safe
@office(Act.IMPORT)
def imports(request: ActorRequest) -> HttpResponse:
    """URL name ``imports``: which list, and what was imported before."""
    rows = ImportBatch.objects.visible_to(request.actor).select_related("by", "city")
    # of the report only its tallies: it holds every row of the list
    rows = rows.defer("report").annotate(counts=F("report__counts"))
    page = KeyPage(rows, keys("-id"), request.GET, SHOWN, counted(rows))
    kinds = {
        ImportBatch.Kind.REGISTER: _("the statistics bureau's list: who is above scale, where"),
        ImportBatch.Kind.FILING: _("the provincial system's state: registered, filed, Four Haves"),
        ImportBatch.Kind.LEDGER: _(
            "a campaign that already runs: stage, class, day of striking off, remarks; once"
        ),
    }
    context = {
        "page": page,
        "kinds": [
            {"label": kind.label, "words": words, "url": reverse("import_start", args=[kind.value])}
            for kind, words in kinds.items()
        ],
        "steps": pages.steps(None),
        "has_programme": bool(_programmes(request)),
    }
    return render(request, "enterprises/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.IMPORT)
def start(request: ActorRequest, kind: str) -> HttpResponse:
    """URL name ``import_start``: the day it describes, and the workbook."""
    if kind not in KINDS:
        raise Http404
    programmes = _programmes(request)
    today = clock.today()
    initial = {"as_of": today, "month": today.strftime("%Y-%m")}
    form = UploadForm(
        kind, programmes, today, request.POST or None, request.FILES or None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            batch = _receive(request, kind, programmes, form.cleaned_data)
        except Refused as refusal:
            form.blame(refusal)
        else:
            if "columns" in request.POST and kind == ImportBatch.Kind.FILING:
                return redirect("import_columns", batch.pk)
            begin(batch, at=clock.now())
            if not (words := uploads.forget_unreadable(batch)):
                return redirect("import", batch.pk)
            form.add_error("file", words)
    if form.errors and "file" in request.FILES and "file" not in form.errors:
        # no browser sends a chosen file twice
        words = _("Please choose the files again: a browser keeps none when a form comes back.")
        form.add_error("file", words)
    context = {
        "only": programmes[0] if len(programmes) == 1 else None,
        "maps": kind == ImportBatch.Kind.FILING,
        "form": form,
        "kind": ImportBatch.Kind(kind).label,
        "steps": _upload_steps(kind),
    }
    status = 422 if form.errors else 200
    return render(request, "enterprises/import_start.html", context, status=status)


@require_safe
@office(Act.IMPORT)
def show(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import``: where an import stands; its report by tabs and pages."""
    batch, at = _batch(request, pk), clock.now()
    # without a script nobody polls: looking again reads as well
    if read_if_nobody_does(batch, at=at):
        batch = _batch(request, pk)
    applied = batch.state == ImportBatch.State.APPLIED
    stays = _obstacle(batch, at) if applied else ""
    context: dict[str, Any] = {
        "batch": batch,
        "stays": stays,
        "steps": pages.steps(batch, stays=stays),
        "waits": batch.state in _WAITS,
        "bar": pages.acts(batch, stays=stays),
        "error": batch.report.get("error"),
        "day_is_wrong": batch.report.get("error", {}).get("code") in DAYS,
        "maps": columns.can_map(batch),
    }
    if "counts" in batch.report:
        tab = request.GET.get("tab", "")
        report = Report(batch, tab, request.GET.get("page")).context()
        context |= report | {"dialog": pages.leaving_dialog(batch)}
        if report["tab"] == "refused":
            context["dialogs"] = pages.accept_dialogs(batch, report["rows"])
    return render(request, "enterprises/import.html", context)


@require_safe
@office(Act.IMPORT)
def progress(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_progress``: polled once a second; reads by itself when no worker does."""
    batch = _batch(request, pk)
    if read_if_nobody_does(batch, at=clock.now()):
        batch = _batch(request, pk)
    if batch.state in _WAITS:
        return render(request, "enterprises/_import_waits.html", {"batch": batch})
    answer = HttpResponse(status=204)
    answer["HX-Refresh"] = "true"
    return answer


@require_safe
@office(Act.IMPORT)
def report(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_report``: the whole report as a workbook, to send back to the bureau."""
    batch = _batch(request, pk)
    if "counts" not in batch.report:
        raise Http404
    buffer = io.BytesIO()
    write_report(buffer, batch)
    name = _("check_report_%(id)s.xlsx") % {"id": batch.pk}
    note_taken("import_report", name, by=request.actor, at=clock.now(), subject=batch)
    answer = HttpResponse(buffer.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@require_POST
@office(Act.IMPORT)
def confirm(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_confirm``: what the page has shown is written, or refused in words."""
    batch = _batch(request, pk)
    typed = request.POST.get("leaving", "").strip()
    try:
        take_upload(
            batch,
            by=request.actor,
            at=clock.now(),
            confirm_leaving=int(typed) if typed.isascii() and typed.isdigit() else None,
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Imported. The whole import can be undone for 24 hours."))
    return redirect("import", pk)


@require_POST
@office(Act.IMPORT)
def accept(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_accept``: a wrong check digit is right after all, and why."""
    batch = _batch(request, pk)
    row = request.POST.get("row", "")
    try:
        uploads.accept_code(
            batch,
            sheet=request.POST.get("sheet", "")[:60],
            row=int(row) if row.isascii() and row.isdigit() and len(row) < 8 else 0,
            reason=request.POST.get("reason", ""),
            by=request.actor,
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        begin(batch, at=clock.now())
    return redirect("import", pk)


@require_POST
@office(Act.IMPORT)
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_drop``: nothing was written, the file goes."""
    try:
        uploads.drop(_batch(request, pk), by=request.actor)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("import", pk)
    messages.success(request, _("Dropped. Nothing was changed."))
    return redirect("imports")


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.IMPORT)
def undo(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_undo``: says what taking it back does and what stands in the way; does it.

    What the import made goes, what it altered is as before.
    """
    batch, at = _batch(request, pk), clock.now()
    if request.method != "POST":
        if batch.state != ImportBatch.State.APPLIED:
            return redirect("import", pk)
        obstacle = _obstacle(batch, at)
        context = {
            "batch": batch,
            "effects": effects.undo_effects(batch),
            "obstacle": obstacle and {"words": obstacle},
            "bar": pages.undo_acts(batch, obstacle),
        }
        return render(request, "enterprises/import_undo.html", context)
    try:
        take_back(batch, by=request.actor, at=at, knowing=True)  # the page has said it
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("The import was taken back."))
    return redirect("import", pk)


def _obstacle(batch: ImportBatch, at: datetime) -> str:
    """Why an applied import cannot be taken back; empty when it can."""
    refusal = why_not(batch, at)
    return refusal.words if refusal else effects.undo_obstacle(batch)


def _batch(request: ActorRequest, pk: int) -> ImportBatch:
    """An import of the actor's own city, else 404."""
    rows = ImportBatch.objects.visible_to(request.actor).select_related("city", "by")
    batch = rows.filter(pk=pk).first()
    if batch is None:
        raise Http404
    return batch


def _programmes(request: ActorRequest) -> list[Programme]:
    cities = [s.city_id for s in request.actor.standings_for(Act.IMPORT)]
    return list(Programme.objects.filter(city_id__in=cities).select_related("city"))


def _receive(
    request: ActorRequest, kind: str, programmes: list[Programme], said: dict[str, Any]
) -> ImportBatch:
    key = said.get("programme", programmes[0].key)
    programme = next(p for p in programmes if p.key == key)
    if kind == ImportBatch.Kind.REGISTER:
        # said beside the day, not of a workbook that has been read for nothing
        check_not_earlier(programme.city, said["as_of"])
    return uploads.receive(
        said["file"],
        kind=kind,
        city=programme.city,
        programme_key=programme.key,
        by=request.actor,
        at=clock.now(),
        as_of=said.get("as_of"),
        about_month=said.get("month"),
        known_on=said.get("known_on"),
        money_source=said.get("money_source", ""),
        correction=said.get("correction", ""),
        headings=headings_for(programme, kind),
    )


def _upload_steps(kind: str) -> list[dict[str, str]]:
    steps = pages.steps(None)
    steps[0] |= {"state": "done", "note": str(ImportBatch.Kind(kind).label)}
    steps[1]["state"] = "now"
    return steps
