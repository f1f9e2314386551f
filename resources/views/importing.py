"""资源导入: template → upload → report → confirm; nothing changes before the last step."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organisations import clock
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.forms import WorkbookForm
from organisations.importing import Report
from organisations.markers import ActorRequest, office
from organisations.people_template import template_of
from organisations.roles import Act
from resources.importing.apply import import_directory
from resources.importing.sheets import SHEETS
from resources.views.places import city_of

KEY = "resources_import"
MOST_BYTES = 5 << 20


@require_safe
@office(Act.EDIT_RESOURCES)
def template(request: ActorRequest) -> HttpResponse:
    answer = HttpResponse(template_of(SHEETS), content_type=XLSX)
    name = pgettext("file name", "Resources") + ".xlsx"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.EDIT_RESOURCES)
def upload(request: ActorRequest) -> HttpResponse:
    """The first page, and after an upload the report of a dry run."""
    city = city_of(request, Act.EDIT_RESOURCES)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"city": city, "form": form}
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            content = _read(file)
            report = import_directory(
                content, city=city, by=request.actor, at=clock.now(), dry_run=True
            )
        except Refused as refusal:
            form.add_error("file", refusal.words)
        else:
            _keep(request, content)
            context |= {"report": report, "file_name": file.name, "figures": _figures(report)}
    context["steps"] = _steps(2 if "report" in context else 1)
    status = 422 if form.errors else 200
    return render(request, "resources/import.html", context, status=status)


@require_POST
@office(Act.EDIT_RESOURCES)
def confirm(request: ActorRequest) -> HttpResponse:
    """Take what the report promised."""
    kept = request.session.pop(KEY, None)
    if not kept or not default_storage.exists(kept["path"]):
        messages.error(request, _("The report is too old. Upload the workbook again."))
        return redirect("resources_import")
    with default_storage.open(kept["path"]) as stored:
        content = stored.read()
    default_storage.delete(kept["path"])
    city = city_of(request, Act.EDIT_RESOURCES)
    try:
        report = import_directory(content, city=city, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("resources_import")
    words = _("Taken: %(new)s new, %(changed)s changed. Refused: %(refused)s.")
    counts = {"new": report.new, "changed": report.changed, "refused": len(report.refused)}
    messages.success(request, words % counts)
    return redirect("resources")


def _read(file: Any) -> bytes:
    if file.size > MOST_BYTES:
        raise Refused("too_large", _("The file is larger than 5 MB."))
    content: bytes = file.read()
    return content


def _keep(request: ActorRequest, content: bytes) -> None:
    """Until confirmed the workbook lies beside the uploads, under a name of our own."""
    old = request.session.get(KEY)
    if old:
        default_storage.delete(old["path"])
    digest = hashlib.sha256(content).hexdigest()[:32]
    path = default_storage.save(f"imports/resources/{digest}.xlsx", ContentFile(content))
    request.session[KEY] = {"path": path}


def _figures(report: Report) -> list[dict[str, Any]]:
    refused = len(report.refused)
    counts = (
        (_("New"), report.new, "#sheets"),
        (_("Changed"), report.changed, "#sheets"),
        (_("Unchanged"), report.unchanged, "#sheets"),
        (_("Refused"), refused, "#refused" if refused else "#sheets"),
    )
    return [
        {"name": name, "value": n, "unit": _("rows"), "url": url, "bad": url == "#refused"}
        for name, n, url in counts
    ]


def _steps(now: int) -> list[dict[str, str]]:
    steps = (
        (_("Template"), _("fill in what you need")),
        (_("Upload"), _("an .xlsx of at most 5 MB")),
        (_("Check"), _("nothing is changed before confirming")),
        (_("Confirm"), _("good rows are taken")),
    )
    states = ("done", "now", "ahead")
    return [
        {"name": name, "note": note, "state": states[(n > now) - (n < now) + 1]}
        for n, (name, note) in enumerate(steps)
    ]
