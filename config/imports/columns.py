"""列对应: the office says once what the columns of a filing list are; then the ordinary check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.imports import pages
from config.imports.reading import begin
from enterprises.importing import column_maps, uploads
from enterprises.importing.column_maps import FIELDS, Sighted
from enterprises.models import ImportBatch
from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, office
from organisations.roles import Act

OPEN = (ImportBatch.State.WAITING, ImportBatch.State.PREVIEWED, ImportBatch.State.FAILED)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.IMPORT)
def import_columns(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``import_columns``: each column with its first values, and what it becomes."""
    batch = _batch(request, pk)
    try:
        found = column_maps.columns_in(
            Path(batch.file.path), batch.file_name, batch.options.get("headings")
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        told = {"code": refusal.code, "words": refusal.words}
        gone = uploads.forget_unreadable(batch, told)
        return redirect("import_start", batch.kind) if gone else redirect("imports")
    error = ""
    if request.method == "POST":
        try:
            _save(request, batch, found)
        except Refused as refusal:
            error = refusal.words
        else:
            begin(batch, at=clock.now())
            return redirect("import", pk)
    context = {
        "batch": batch,
        "steps": pages.steps(batch),
        "error": error,
        "columns": [_column(request, n, one) for n, one in enumerate(found)],
        "saved": column_maps.map_of(batch.city, batch.programme_key),
    }
    return render(request, "enterprises/columns.html", context, status=422 if error else 200)


def _save(request: ActorRequest, batch: ImportBatch, found: list[Sighted]) -> None:
    columns: dict[str, list[str]] = {}
    for n, one in enumerate(found):
        columns.setdefault(request.POST.get(f"column-{n}", "")[:30], []).append(one.header)
    kept = column_maps.save_map(
        batch.city, batch.programme_key, columns, by=request.actor, at=clock.now()
    )
    uploads.read_anew(batch, kept.columns, by=request.actor)


def _column(request: ActorRequest, n: int, one: Sighted) -> dict[str, Any]:
    name = f"column-{n}"
    value = request.POST.get(name, one.field)
    return {
        "letter": one.letter,
        "header": one.header,
        "values": [value for value in one.values if value],
        "is_guess": one.is_guess and request.method != "POST",
        "name": name,
        "value": value,
        "choices": [("", _("not read")), *((key, str(label)) for key, label in FIELDS.items())],
    }


def can_map(batch: ImportBatch) -> bool:
    """Whether its columns can still be named: a list of the filing that is not taken yet."""
    return bool(batch.file) and batch.kind == ImportBatch.Kind.FILING and batch.state in OPEN


def _batch(request: ActorRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.actor).select_related("city", "by")
    batch = rows.filter(pk=pk, kind=ImportBatch.Kind.FILING, state__in=OPEN).first()
    if batch is None or not batch.file:
        raise Http404
    return batch
