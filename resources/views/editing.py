"""Adding and correcting entries, members of alliances, words of the vocabulary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, office, scoped
from organisations.roles import Act
from organisations.scope import Actor
from resources.actions import directory
from resources.forms import ExpertForm, ListedForm, MemberForm, ResourceForm, WordForm, initial_of
from resources.models import Expert, FieldWord, Resource
from resources.permissions import check_edit, check_vocabulary, edits_all
from resources.views.pages import expert_or_404, resource_or_404
from resources.views.places import city_of, number, tabs

forms_only = require_http_methods(["GET", "HEAD", "POST"])


@forms_only
@office(Act.EDIT_RESOURCES)
def resource_new(request: ActorRequest) -> HttpResponse:
    return _edit(request, None, ResourceForm)


@forms_only
@office(Act.EDIT_RESOURCES)
def expert_new(request: ActorRequest) -> HttpResponse:
    return _edit(request, None, ExpertForm)


@forms_only
@scoped(Act.READ)
def resource_edit(request: ActorRequest, pk: int) -> HttpResponse:
    return _edit(request, resource_or_404(request.actor, pk), ResourceForm)


@forms_only
@scoped(Act.READ)
def expert_edit(request: ActorRequest, pk: int) -> HttpResponse:
    return _edit(request, expert_or_404(request.actor, pk), ExpertForm)


def _edit(
    request: ActorRequest, row: Resource | Expert | None, kind: type[ListedForm]
) -> HttpResponse:
    """One page for a new entry and an old one; who does not keep the row is told who does."""
    if row is not None:
        _check_keeps(request.actor, row)
    city = row.city if row else city_of(request, Act.EDIT_RESOURCES)
    initial = initial_of(row) if row else {"valid_from": clock.today()}
    form = kind(city, request.actor, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = _save(request, row, form, city)
        except Refused as refusal:
            form.add_error(_place(refusal.code), refusal.words)
        else:
            messages.success(request, _("Saved."))
            return redirect("resource" if isinstance(made, Resource) else "expert", pk=made.pk)
    is_expert = kind is ExpertForm
    context = {
        "form": form,
        "row": row,
        "is_expert": is_expert,
        "back": reverse("experts" if is_expert else "resources"),
        "version": row.version if row else 0,
    }
    status = 422 if form.errors else 200
    return render(request, "resources/edit.html", context, status=status)


def _check_keeps(actor: Actor, row: Resource | Expert) -> None:
    try:
        check_edit(actor, row.city_id, row.owner_unit_id)
    except Refused as refusal:
        raise PermissionDenied(refusal.words) from None


def _save(
    request: ActorRequest, row: Resource | Expert | None, form: ListedForm, city: Any
) -> Resource | Expert:
    more: dict[str, Any] = {
        "city": city,
        "by": request.actor,
        "at": clock.now(),
        "version": number(request.POST.get("version")) or None,
    }
    if isinstance(form, ExpertForm):
        assert not isinstance(row, Resource)
        return directory.save_expert(row, form.values, **more)
    assert not isinstance(row, Expert)
    return directory.save_resource(row, form.values, **more)


def _place(code: str) -> str | None:
    """The field that a refusal is about."""
    return {"twice": "name", "not_yours": "owner_unit", "unknown_industry": "industries"}.get(code)


@forms_only
@scoped(Act.READ)
def member_new(request: ActorRequest, pk: int) -> HttpResponse:
    """A member of an alliance; a name that is there already is corrected."""
    alliance = resource_or_404(request.actor, pk)
    _check_keeps(request.actor, alliance)
    if alliance.kind != Resource.Kind.ALLIANCE:
        raise Http404
    form = MemberForm(request.POST or None, initial={"from_on": clock.today()})
    if form.is_valid():
        try:
            directory.save_member(alliance, form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error("until_on" if refusal.code == "ends_before" else None, refusal.words)
        else:
            messages.success(request, _("Saved."))
            return redirect("resource", pk=pk)
    context = {"form": form, "alliance": alliance}
    status = 422 if form.errors else 200
    return render(request, "resources/member.html", context, status=status)


@forms_only
@office(Act.EDIT_RESOURCES)
def field_words(request: ActorRequest) -> HttpResponse:
    """领域词: what suggestions take for a word of a field. Whoever may not edit it reads it."""
    city = city_of(request, Act.EDIT_RESOURCES)
    form = WordForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            directory.save_word(
                given["word"], given["also"], city=city, by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error("word", refusal.words)
        else:
            messages.success(request, _("Saved."))
            return redirect("field_words")
    context = {
        "form": form,
        "city": city,
        "words": list(FieldWord.objects.filter(city=city)),
        "may_edit": edits_all(request.actor, city.pk),
        "tabs": tabs(request.actor, city, "field_words"),
    }
    status = 422 if form.errors else 200
    return render(request, "resources/words.html", context, status=status)


@require_POST
@office(Act.EDIT_RESOURCES)
def field_word_drop(request: ActorRequest, pk: int) -> HttpResponse:
    row = FieldWord.objects.filter(pk=pk, city=city_of(request, Act.EDIT_RESOURCES)).first()
    if row is None:
        raise Http404
    try:
        check_vocabulary(request.actor, row.city_id)
    except Refused as refusal:
        raise PermissionDenied(refusal.words) from None
    try:
        directory.drop_word(row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Taken out."))
    return redirect("field_words")
