"""A form that was sent when it can no longer be filled in: what was typed is shown to be copied.

The step may have been finished, the case closed, suspended or given to another unit meanwhile.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import FormFile, FormRecord
from cases.rulebook import rules_of
from cases.sheet import load
from cases.views import form_fields
from cases.views.acts import back_to
from cases.views.case import title_of
from cases.views.form_files import line_of
from cases.views.rows import case_or_404
from cases.views.timeline import latest
from organisations import clock
from organisations.markers import ActorRequest
from workflows import forms
from workflows.form_fields import Form
from workflows.packs import Pack
from workflows.text import localised


def shown(request: ActorRequest, pk: int, shut: Http404 | PermissionDenied) -> HttpResponse:
    """The page instead of a bare refusal, with the refusal's status; without anything typed the
    refusal itself."""
    try:
        case = case_or_404(request.actor, pk)
    except Http404:
        return _out_of_sight(request, pk, shut)
    form = _sent(request, rules_of(case).pack)
    if form is None:
        raise shut
    sheet = load(case, clock.today())
    context = {
        "title": title_of(case),
        "words": str(shut),
        "news": latest(sheet),
        "back": back_to(request, pk),
        "back_words": _("Load the case again"),
    }
    return _page(request, form, rules_of(case).pack, context)


def _out_of_sight(request: ActorRequest, pk: int, shut: Exception) -> HttpResponse:
    """The case lies with others now: whoever had a hand in this form reads back his own words, and
    nothing else of the case."""
    own = FormRecord.objects.filter(case=pk, by=request.user, form=request.POST.get("form", ""))
    record = own.select_related("case").last()
    form = _sent(request, rules_of(record.case).pack) if record is not None else None
    if record is None or form is None:
        raise shut
    context = {
        "title": "",
        "words": _("The case lies with another unit now; whoever has it fills this form in."),
        "news": [],
        "back": reverse("home"),
        "back_words": _("To your work"),
    }
    return _page(request, form, rules_of(record.case).pack, context)


def _sent(request: ActorRequest, pack: Pack) -> Form | None:
    """The form that was sent, if anything was typed into it."""
    form = pack.forms.get(request.POST.get("form", "")) if request.method == "POST" else None
    return form if form is not None and _answers(request, form, pack) else None


def _answers(request: ActorRequest, form: Form, pack: Pack) -> list[dict[str, Any]]:
    typed = forms.from_post(form, request.POST)
    fields = [field.key for field in form.inputs if field.kind == "file"]
    numbers = [int(n) for key in fields for n in typed[key] if n.isascii() and n.isdecimal()]
    own = FormFile.objects.filter(by=request.user, pk__in=numbers) if numbers else ()
    files = {row.pk: line_of(row) for row in own}
    chosen = {key: [pk for pk in files if str(pk) in typed[key]] for key in fields}
    return form_fields.answers(form, typed | chosen, haves_of(pack), files)


def _page(request: ActorRequest, form: Form, pack: Pack, context: dict[str, Any]) -> HttpResponse:
    context |= {"form_title": localised(form.title), "answers": _answers(request, form, pack)}
    return render(request, "cases/forms/gone.html", context, status=403)


def beside(newer: FormRecord, form: Form, haves: dict[str, str]) -> dict[str, Any]:
    """What somebody else has saved of a form meanwhile, to compare with."""
    return {
        "left": form_fields.answers(form, newer.data, haves),
        "left_title": localised(form.title),
        "left_by": newer.by,
        "left_at": newer.at,
    }


def haves_of(pack: Pack) -> dict[str, str]:
    """The names of the criteria by key."""
    return {have.key: localised(have.label) for have in pack.haves}
