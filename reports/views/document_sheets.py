"""发文稿纸: the scan of the paper form, taken with the names on it, and given out again."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases import uploads
from cases.views.paper_files import shut
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.documents.hands import writes
from reports.documents.nouns import Document, SigningSheet
from reports.documents.route import ON_PAPER, UNSIGNED, State, Step, forward


@require_safe
@scoped(Act.ISSUE_DOCUMENT, Act.WRITE_OWN_PAPERS)
def document_sheet(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``document_sheet``: a scan as a download, for whoever writes it."""
    mine = Document.objects.visible_to(request.actor)
    found = SigningSheet.objects.filter(pk=pk, document__in=mine).select_related(
        "document__programme__city"
    )
    sheet = found.first()
    if sheet is None or not writes(sheet.document, request.actor):
        raise Http404
    if not sheet.file.storage.exists(str(sheet.file.name)):
        raise Http404
    answer = FileResponse(
        sheet.file.open("rb"),
        as_attachment=True,
        filename=sheet.file_name,
        content_type=sheet.media_type,
    )
    return shut(answer, "private, no-store")


def sheet_dialog(found: Document, typed: Any = None, error: str = "") -> dict[str, Any] | None:
    """The form of the scan: a name and a day for each step that the sheet still stands for.

    ``typed``: what was sent and refused; the form stands open with it, the file is chosen anew."""
    steps = _to_be_signed(found)
    if not steps:
        return None
    fields: list[dict[str, Any]] = [
        {
            "id": "sheet-files",
            "name": "files",
            "kind": "file",
            "label": _("Scan of the paper form"),
            "hint": _("PDF, JPG or PNG; up to %(mb)d MB each")
            % {"mb": uploads.MAX_BYTES // 1_000_000},
            "accept": "application/pdf,image/jpeg,image/png",
            "multiple": True,
            "max_mb": uploads.MAX_BYTES // 1_000_000,
        }
    ]
    for step in steps:
        fields += _of_step(step, typed or {})
    is_refused = bool(error and typed and any(one["name"] in typed for one in fields))
    return {
        "id": "sheet",
        "title": _("Signed on the paper form"),
        "lead": _("Names and days as they stand on it: they are recorded as signed on paper."),
        "fields": fields,
        "files": True,
        "open": is_refused,
        "note": {"kind": "bad", "words": error} if is_refused else None,
        "version": found.version,
        "action": reverse("document_act", args=[found.pk, "sign_by_sheet"]),
        "submit": _("Record the paper form"),
    }


def _to_be_signed(found: Document) -> list[Step]:
    state, steps, skips = State(found.state), [], found.said.skips
    while state in UNSIGNED and (ahead := forward(state, found.countersigners, skips)):
        if ahead[0] in ON_PAPER:
            steps.append(ahead[0])
        state = ahead[1]
    return steps


def _of_step(step: Step, typed: Any) -> list[dict[str, Any]]:
    values = {"step": step.label}
    return [
        {
            "id": f"sheet-name-{step.value}",
            "name": f"name-{step.value}",
            "kind": "text",
            "label": pgettext("on the paper form", "%(step)s: name") % values,
            "value": typed.get(f"name-{step.value}", ""),
            "maxlength": 60,
        },
        {
            "id": f"sheet-on-{step.value}",
            "name": f"on-{step.value}",
            "kind": "date",
            "label": pgettext("on the paper form", "%(step)s: date") % values,
            "value": typed.get(f"on-{step.value}", ""),
            "max": clock.today(),
        },
    ]
