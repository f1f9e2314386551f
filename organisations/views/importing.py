"""人员导入: template → upload → report → confirm; nothing changes before the last step."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organisations import clock
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.forms import WorkbookForm
from organisations.importing import Report, import_people
from organisations.markers import ActorRequest, office
from organisations.people_template import people_template
from organisations.roles import Act
from organisations.views.people import city_of, shown_once

KEY = "people_import"


@require_safe
@office(Act.MANAGE_USERS)
def template(request: ActorRequest) -> HttpResponse:
    answer = HttpResponse(people_template(), content_type=XLSX)
    answer["Content-Disposition"] = "attachment; filename*=UTF-8''" + _TEMPLATE_NAME
    return answer


# 单位岗位人员模板.xlsx
_TEMPLATE_NAME = "%E5%8D%95%E4%BD%8D%E5%B2%97%E4%BD%8D%E4%BA%BA%E5%91%98%E6%A8%A1%E6%9D%BF.xlsx"


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
def upload(request: ActorRequest) -> HttpResponse:
    """The first page, and after an upload the report of a dry run."""
    city = city_of(request)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"city": city, "form": form}
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            content = _read(file)
            report = import_people(
                content, city=city, by=request.actor, at=clock.now(), dry_run=True
            )
        except Refused as refusal:
            form.add_error("file", refusal.words)
        else:
            _keep(request, content, file.name)
            context |= {"report": report, "file_name": file.name, "figures": _figures(report)}
    context["steps"] = _steps(2 if "report" in context else 1)
    status = 422 if form.errors else 200
    return render(request, "organisations/import.html", context, status=status)


@require_POST
@office(Act.MANAGE_USERS)
@sensitive_variables("report")
def confirm(request: ActorRequest) -> HttpResponse:
    """Take what the report promised; new accounts' passwords are shown once."""
    kept = request.session.pop(KEY, None)
    if not kept or not default_storage.exists(kept["path"]):
        messages.error(request, _("The report is too old. Upload the workbook again."))
        return redirect("people_import")
    with default_storage.open(kept["path"]) as stored:
        content = stored.read()
    default_storage.delete(kept["path"])
    report = import_people(content, city=city_of(request), by=request.actor, at=clock.now())
    words = _("Taken: %(new)s new, %(changed)s changed. Refused: %(refused)s.")
    counts = {"new": report.new, "changed": report.changed, "refused": len(report.refused)}
    messages.success(request, words % counts)
    if report.accounts:
        accounts = [(a.username, a.name, a.password) for a in report.accounts]
        return shown_once(request, accounts, back=reverse("people"))
    return redirect("people")


def _read(file: Any) -> bytes:
    if file.size > 5 << 20:
        raise Refused("too_large", _("The file is larger than 5 MB."))
    content: bytes = file.read()
    return content


def _keep(request: ActorRequest, content: bytes, name: str) -> None:
    """Until confirmed the workbook lies beside the uploads, under a name of our own."""
    old = request.session.get(KEY)
    if old:
        default_storage.delete(old["path"])
    digest = hashlib.sha256(content).hexdigest()[:32]
    path = default_storage.save(f"imports/people/{digest}.xlsx", ContentFile(content))
    request.session[KEY] = {"path": path, "name": name}


def _figures(report: Report) -> list[dict[str, Any]]:
    refused = len(report.refused)
    counts = (
        (_("New"), report.new, "#sheets"),
        (_("Changed"), report.changed, "#sheets"),
        (_("Unchanged"), report.unchanged, "#sheets"),
        (_("Refused"), refused, "#refused" if refused else "#sheets"),
        (_("Remarks"), len(report.warnings), "#remarks" if report.warnings else "#sheets"),
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
        (_("Confirm"), _("one-time passwords are shown once")),
    )
    return [
        {"name": name, "note": note, "state": _state(n, now)}
        for n, (name, note) in enumerate(steps)
    ]


def _state(step: int, now: int) -> str:
    return "done" if step < now else "now" if step == now else "ahead"
