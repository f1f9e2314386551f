"""Files in forms: put in at once, looked at as downloads only, like every file of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cases import paper_files, permissions, uploads
from cases.actions import form_files
from cases.errors import Refused
from cases.models import Case, FormFile, PaperFile, WorkItem
from cases.querysets import CaseQuerySet
from cases.views.acts import status_of
from cases.views.paper_files import held_file
from cases.views.rows import case_or_404
from cases.views.until_drawn import waiting
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from workflows.form_fields import Form

NEW = "-new"  # behind the field's name: files that are just chosen


@require_POST
@scoped(Act.READ)
def case_form_files(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_form_files``: one file for a field of the form on hand. Answers JSON."""
    case = case_or_404(request.actor, pk)
    item = WorkItem.objects.filter(process=case, finished=None).first()
    if not permissions.can_move(request.actor, Act.RECORD_FORM, case, item):
        raise PermissionDenied(permissions.refusal(Act.RECORD_FORM))
    try:
        [paper] = uploads.check_all(request.FILES.getlist("file")[:1])
        row = form_files.put_file(
            case,
            form=request.POST.get("form", ""),
            field=request.POST.get("field", ""),
            paper=paper,
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return JsonResponse({"words": refusal.words}, status=status_of(refusal))
    return JsonResponse({"pk": row.pk, **line_of(row)})


@require_safe
@scoped(Act.READ)
def case_form_file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """URL name ``case_form_file``: the file as a download: no sniffing, sandbox, not stored; or
    what we drew of it (``held_file``)."""
    seen: CaseQuerySet = Case.objects.visible_to(request.actor)
    row = FormFile.objects.filter(pk=pk, case__in=seen).select_related("case").first()
    if row is None:
        raise Http404
    case_or_404(request.actor, row.case_id)
    return held_file(request, row, reverse("case_form_file", args=[pk]))


def take(request: ActorRequest, case: Case, form: Form, data: dict[str, Any]) -> dict[str, str]:
    """Keep the files that came with a posted form and name them in its answers; what was refused
    in words, by field. Numbers that are none of this case's files are left out."""
    errors: dict[str, str] = {}
    fields = [field for field in form.inputs if field.kind == "file"]
    cases = [pk for pk in (case.pk, case.carried_from_id) if pk is not None]
    own = set(files_of(cases)) if fields else set()
    for field in fields:
        held = [int(n) for n in data.get(field.key) or [] if str(n).isdecimal() and int(n) in own]
        data[field.key] = held
        chosen = request.FILES.getlist(field.key + NEW)
        if not chosen:
            continue
        try:
            for paper in uploads.check_all(chosen):
                row = form_files.put_file(
                    case,
                    form=form.key,
                    field=field.key,
                    paper=paper,
                    by=request.actor,
                    at=clock.now(),
                )
                held.append(row.pk)
        except Refused as refusal:
            errors[field.key] = refusal.words
    return errors


def files_of(cases: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """The files in forms of these cases, by number; two statements."""
    rows = list(FormFile.objects.filter(case__in=list(cases)))
    known = paper_files.known(rows)
    return {row.pk: line_of(row) | _drawn(row, known.get(row.sha256)) for row in rows}


def line_of(row: FormFile) -> dict[str, Any]:
    url = reverse("case_form_file", args=[row.pk])
    return {"name": row.file_name, "url": url, "size": row.size}


def _drawn(row: FormFile, file: PaperFile | None) -> dict[str, Any]:
    """Where its small picture is, and its pages, as long as the scanner lets it through."""
    if not paper_files.is_drawable(row, file):
        return {}
    url = reverse("case_form_file", args=[row.pk])
    drawing = paper_files.is_being_drawn(row, file)
    small = waiting("small", url) if drawing else {"url": f"{url}?picture=0"}
    return {"small": small, "look": f"{url}?look=1"}
