"""The pack's forms on desk and phone: prefilled, kept as a draft, checked when the step is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import leaving, permissions
from cases.actions import filling, measures, stages
from cases.actions.filling import FormRefused
from cases.actions.matching import partner_field
from cases.acts import FORM, Offer, offers
from cases.drafts_seen import check_seen, mark_of
from cases.errors import Refused, Stale
from cases.models import Case, FormRecord
from cases.prefilling import facts_of, first_answers
from cases.rulebook import APPLY, questions_of
from cases.sheet import Sheet, load
from cases.suggestions import row_of
from cases.views import form_fields, form_files, forms_gone
from cases.views.acts import back_to, status_of, version_of
from cases.views.case import title_of
from cases.views.case_parts import lamp
from cases.views.forms_gone import haves_of
from cases.views.rows import case_or_404
from cases.views.timeline import latest
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows import forms, forms_unsound
from workflows.form_fields import Field, Form
from workflows.text import localised

ADD = "add:"  # the button that adds a row where no script runs


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def case_form(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_form``: the form of the step that the case stands in."""
    try:
        sheet, form = _open(request, pk)
    except (Http404, PermissionDenied) as shut:
        return forms_gone.shown(request, pk, shut)
    if request.method != "POST":
        data = _with_partner(request, sheet, form, _held(sheet, form, request.actor))
        return _show(request, sheet, form, data, {})
    other = _other_form(request, sheet, form)
    data = forms.from_post(form if other is None else other, request.POST)
    wish = request.POST.get("do", "finish") if other is None else "finish"
    spoilt = form_files.take(request, sheet.case, form, data) if other is None else {}
    if spoilt:
        return _show(request, sheet, form, data, spoilt, 422)
    if wish.startswith(ADD):
        key = wish.removeprefix(ADD)
        data[key] = [*(data.get(key) or []), {}]
        return _show(request, sheet, form, data, {})
    try:
        if request.POST.get("form") != form.key or version_of(request) is None:
            raise Stale("stale", _("This page is too old. Load it again and look before you act."))
        _do(request, sheet, form, data, wish)
    except Refused as refusal:
        if other is not None:
            return _gone_on(request, sheet, form, (other, data), refusal)
        if isinstance(refusal, FormRefused):
            _keep(request, pk, form, data)
        return _refuse(request, pk, form, data, refusal)
    saved = _saved_words(sheet, form) if wish == "save" else _("Done.")
    messages.success(request, saved)
    return HttpResponseRedirect(back_to(request, pk))


@require_POST
@scoped(Act.READ)
def case_form_draft(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_form_draft``: what is filled in so far, saved in passing. Answers JSON."""
    try:
        _sheet, form = _open(request, pk)
        if request.POST.get("form") != form.key:
            raise Stale("stale", _("The case has moved on; this form is closed."))
        held = filling.save_draft(
            pk,
            form=form.key,
            data=forms.from_post(form, request.POST),
            by=request.actor,
            at=clock.now(),
            keeps_unsound=True,
            seen=request.POST.get("held", ""),
        )
    except PermissionDenied as shut:
        return JsonResponse({"saved": False, "words": str(shut)}, status=403)
    except Refused as refusal:
        return JsonResponse({"saved": False, "words": refusal.words}, status=status_of(refusal))
    return JsonResponse({"saved": True, "words": _to_mend(held.unsound), "held": mark_of(held)})


@require_safe
@scoped(Act.READ)
def case_record(request: ActorRequest, pk: int, record: int) -> HttpResponse:
    """URL name ``case_record``: a form as it was filled in, to read and to print."""
    case = case_or_404(request.actor, pk)
    row = (
        FormRecord.objects.select_related("by", "pack_version").filter(pk=record, case=case).first()
    )
    if row is None:
        raise Http404
    pack, form = questions_of(row, case)
    context = {
        "case": case,
        "title": title_of(case),
        "form_title": localised(form.title),
        "record": row,
        "answers": form_fields.answers(form, row.data, haves_of(pack), _files(case, form.inputs)),
        "earlier": row.pack_version.number
        if row.pack_version_id != case.pack_version_id and row.pack_version
        else 0,
        "back": back_to(request, pk),
    }
    return render(request, "cases/forms/record.html", context)


def _open(request: ActorRequest, pk: int) -> tuple[Sheet, Form]:
    """The case and the form that this person may fill in now."""
    sheet = load(case_or_404(request.actor, pk), clock.today())
    form = filling.form_of(sheet.case)
    if form is None:
        raise PermissionDenied(_("Nothing is to be filled in at this step. Go back to the case."))
    if not permissions.can_move(request.actor, Act.RECORD_FORM, sheet.case, sheet.item):
        raise PermissionDenied(permissions.refusal(Act.RECORD_FORM))
    return sheet, form


def _held(sheet: Sheet, form: Form, by: Actor) -> dict[str, Any]:
    """The draft; after a return what was filled in before; at first what is known already."""
    record = sheet.record_of(form.key)
    if record is not None:
        typed = forms_unsound.together(record.data, record.unsound)
        # a remedy's draft holds what was planned, and nothing of what it does not ask about
        is_planned = record.is_draft and set(typed) < {field.key for field in form.inputs}
        return (first_answers(sheet, form, by=by) | typed) if is_planned else typed
    known = first_answers(sheet, form, by=by)
    if sheet.case.criterion and sheet.item is not None:
        known |= dict(measures.planned(sheet.case, sheet.item, at=clock.now()))
    return known


def _with_partner(
    request: ActorRequest, sheet: Sheet, form: Form, data: dict[str, Any]
) -> dict[str, Any]:
    """``?partner=resource-12``: one more contact record, filled in from the directory."""
    field = partner_field(form)
    row = row_of(sheet.case, request.actor, request.GET.get("partner", "")) if field else {}
    if field is None or not row:
        return data
    return data | {field.key: [*(data.get(field.key) or []), row]}


def _do(request: ActorRequest, sheet: Sheet, form: Form, data: dict[str, Any], wish: str) -> None:
    actor, at, pk = request.actor, clock.now(), sheet.case.pk
    # a page that does not say which draft it showed has seen none
    seen, verb = request.POST.get("held", ""), _verb(sheet, request)
    if wish == "save" or verb is None:
        # what is saved for later may hold what is not sound yet; a form without a move may not
        more: dict[str, Any] = {"keeps_unsound": verb is not None, "seen": seen}
        filling.save_draft(pk, form=form.key, data=data, by=actor, at=at, **more)
        return
    check_seen(sheet.record_of(form.key), seen, actor)
    if verb == APPLY:
        version, knowing = version_of(request), request.POST.get("knowing") == "1"
        stages.apply_for_closure(pk, by=actor, at=at, version=version, form=data, knowing=knowing)
    else:
        to = request.POST.get("to") or None
        stages.advance(pk, by=actor, at=at, version=version_of(request), to=to, form=data)


def _keep(request: ActorRequest, pk: int, form: Form, data: dict[str, Any]) -> None:
    """What was refused before the page saved it in passing: whoever leaves now finds it again."""
    if not any(data.values()):
        return
    with suppress(Refused):
        filling.save_draft(
            pk,
            form=form.key,
            data=data,
            by=request.actor,
            at=clock.now(),
            keeps_unsound=True,
            seen=request.POST.get("held", ""),
        )


def _verb(sheet: Sheet, request: ActorRequest) -> str | None:
    """The verb that ends the form: APPLY, the advance, or none (a remedy's is only kept)."""
    verbs = {move.verb for move in sheet.rules.stage.moves} if sheet.rules.stage else set()
    if APPLY in verbs:
        return APPLY
    return FORM if "advance" in verbs else None


def _offer(sheet: Sheet, request: ActorRequest) -> Offer | None:
    found = [o for o in offers(sheet, request.actor) if o.verb in (FORM, APPLY)]
    return found[0] if found else None


def _haves(sheet: Sheet) -> dict[str, str]:
    return haves_of(sheet.rules.pack)


def _files(case: Case, fields: Iterable[Field]) -> dict[int, Mapping[str, Any]]:
    """The case's files in forms, those of the year before that went along too."""
    if not any(field.kind == "file" for field in fields):
        return {}
    return form_files.files_of(pk for pk in (case.pk, case.carried_from_id) if pk is not None)


def _saved_words(sheet: Sheet, form: Form) -> str:
    held = FormRecord.objects.filter(case=sheet.case, form=form.key, is_draft=True).first()
    return " ".join(filter(None, [_("Draft saved."), _to_mend(held.unsound if held else {})]))


def _to_mend(unsound: Mapping[str, Any]) -> str:
    """How many answers of a draft have to be looked at before the step is finished."""
    n = len(unsound)
    words = ngettext("%(n)d field needs another look.", "%(n)d fields need another look.", n)
    return words % {"n": n} if n else ""


def _show(
    request: ActorRequest,
    sheet: Sheet,
    form: Form,
    data: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    haves, case = _haves(sheet), sheet.case
    # an unticked box is a “no”, on which other fields may depend
    data = {field.key: False for field in form.inputs if field.kind == "tick"} | data
    facts = facts_of(sheet, form, by=request.actor)
    offer, verb = _offer(sheet, request), _verb(sheet, request)
    query = request.GET.urlencode()
    context = {
        "case": case,
        "title": title_of(case),
        "light": lamp(sheet.light_for(request.actor)),
        "form": form,
        "form_title": localised(form.title),
        "hint": localised(form.hint),
        "sections": form_fields.sections(
            form, data, errors, facts, haves, _files(sheet.case, form.inputs)
        ),
        "files_url": reverse("case_form_files", args=[case.pk]),
        "has_files": any(field.kind == "file" for field in form.inputs),
        "errors": form_fields.summary(form, errors, haves),
        "action": f"{reverse('case_form', args=[case.pk])}?{query}",
        "autosave": reverse("case_form_draft", args=[case.pk]),
        "partners_url": reverse("case_partners", args=[case.pk]) if partner_field(form) else "",
        "held": mark_of(sheet.record_of(form.key)),
        "draft_key": f"form:{case.pk}:{case.version}:{form.key}",
        "back": back_to(request, case.pk),
        "submit": _submit(sheet, verb),
        "shut": offer.why if offer and offer.is_shut else "",
        **more,
    }
    return render(request, "cases/forms/form.html", context, status=status)


def _submit(sheet: Sheet, verb: str | None) -> list[dict[str, str]]:
    """The buttons that end the form: one a target where the pack leaves a choice."""
    stage = sheet.rules.stage
    if verb is None or stage is None:
        return []
    if verb == APPLY:
        move = next(m for m in stage.moves if m.verb == APPLY)
        return [{"to": "", "label": localised(move.label)}]
    free = [m for m in stage.moves if m.verb == "advance" and m.grades is None]
    if len(free) == sum(m.verb == "advance" for m in stage.moves):
        return [{"to": move.to, "label": localised(move.label)} for move in free]
    return [{"to": "", "label": _("Finish “%s” and go on") % localised(stage.title)}]


def _other_form(request: ActorRequest, sheet: Sheet, form: Form) -> Form | None:
    """The form that was sent, where the case stands at another one by now."""
    key = request.POST.get("form", "")
    return sheet.rules.pack.forms.get(key) if key != form.key else None


def _gone_on(
    request: ActorRequest,
    sheet: Sheet,
    form: Form,
    sent: tuple[Form, dict[str, Any]],
    refusal: Refused,
) -> HttpResponse:
    """The form of the step on hand as it is, and below it what was typed for the step before."""
    other, typed = sent
    more: dict[str, Any] = {
        "note": {"words": refusal.words, "kind": "bad", "alert": True},
        "news": latest(sheet),
        "left": form_fields.answers(other, typed, _haves(sheet)),
        "left_title": localised(other.title),
    }
    return _show(
        request, sheet, form, _held(sheet, form, request.actor), {}, status_of(refusal), **more
    )


def _refuse(
    request: ActorRequest, pk: int, form: Form, data: dict[str, Any], refusal: Refused
) -> HttpResponse:
    sheet = load(case_or_404(request.actor, pk), clock.today())
    errors = refusal.errors if isinstance(refusal, FormRefused) else {}
    note = {"words": refusal.words, "kind": "bad", "alert": True}
    # read once, it may be sent again
    more: dict[str, Any] = {"note": note, "knowing": refusal.code == leaving.CODE}
    if isinstance(refusal, Stale):
        more["news"] = latest(sheet)
        more["kept"] = any(data.values())
        newer = sheet.record_of(form.key) if refusal.code == "draft_newer" else None
        if newer is not None:
            more |= forms_gone.beside(newer, form, _haves(sheet))
    return _show(request, sheet, form, data, errors, status_of(refusal), **more)
