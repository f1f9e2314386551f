"""One account: name and phone, its posts over time, a new password, shut and open."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from organisations import clock, outsiders
from organisations.actions import users
from organisations.errors import Refused
from organisations.forms import PersonForm
from organisations.markers import ActorRequest, office
from organisations.models import Tenure, User
from organisations.roles import Act
from organisations.views.people import city_of, confirm, shown_once, tell


def account_of(request: ActorRequest, pk: int) -> User:
    """An account with a post, past or present, in a city that the actor manages, or with none."""
    cities = [s.region_path for s in request.actor.standings_for(Act.MANAGE_USERS)]
    mine = Q(pk__in=[])
    for path in cities:
        mine |= Q(tenures__post__unit__region__path__startswith=path)
    found = User.objects.filter(mine | Q(tenures=None), pk=pk).distinct()
    return get_object_or_404(found)


@require_safe
@office(Act.MANAGE_USERS)
def accounts(request: ActorRequest) -> HttpResponse:
    """Accounts that open nothing today: new ones, left ones, shut ones."""
    city, today = city_of(request), clock.today()
    held = Tenure.objects.ahead(today).values("user_id")
    idle = (
        User.objects.filter(
            Q(tenures=None) | Q(tenures__post__unit__region__path__startswith=city.path)
        )
        .exclude(pk__in=held)
        .exclude(outsiders.at_work(today))
        .distinct()
        .order_by("name", "id")
    )
    return render(request, "organisations/accounts.html", {"city": city, "idle": idle})


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
def account(request: ActorRequest, pk: int) -> HttpResponse:
    person = account_of(request, pk)
    form = PersonForm(
        request.POST if request.method == "POST" else None,
        initial={
            "name": person.name,
            "phone": person.phone,
            "rank": person.rank,
            "is_technical": person.is_technical,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, person, form.cleaned_data)
        except Refused as refusal:
            person.refresh_from_db()
            form.add_error(None, refusal.words)
        else:
            return redirect("account", pk=pk)
    tenures = Tenure.objects.filter(user=person).select_related("post__unit")
    context = {
        "person": person,
        "form": form,
        "tenures": [(t, t.is_on(clock.today())) for t in tenures.order_by("-from_on", "-id")],
        "is_self": person.pk == request.user.pk,
    }
    return render(
        request, "organisations/account.html", context, status=422 if form.errors else 200
    )


@transaction.atomic
def _save(request: ActorRequest, person: User, given: dict[str, Any]) -> None:
    marks = {name: given.pop(name) for name in ("rank", "is_technical")}
    users.update_user(person, **given, by=request.actor, at=clock.now())
    users.mark(person, **marks, by=request.actor, at=clock.now())


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
@sensitive_variables("password")
def reset_password(request: ActorRequest, pk: int) -> HttpResponse:
    """Asked first (GET): the old password ends at once."""
    person = account_of(request, pk)
    if request.method != "POST":
        return _ask(
            request,
            person,
            title=_("New one-time password for %(user)s") % {"user": person},
            notes=[
                _("The present password stops working at once, and open sessions end."),
                _("The new one is shown once. Hand it to its owner only."),
            ],
            submit=_("Make a new password"),
            action=reverse("account_password", args=[pk]),
        )
    try:
        password = users.reset_password(person, by=request.actor, at=clock.now())
    except Refused as refusal:
        return _refused(request, person, refusal)
    return shown_once(
        request,
        [(person.username, person.name, password)],
        back=reverse("account", args=[person.pk]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
def switch(request: ActorRequest, pk: int) -> HttpResponse:
    """Shut an account (asked first, GET), or open it again; ``to`` says which."""
    person = account_of(request, pk)
    if request.method != "POST":
        return _ask(
            request,
            person,
            title=_("Shut the account of %(user)s") % {"user": person},
            notes=[
                _("Nobody can sign in with it any more; its posts end today."),
                _("Its name stays in the history. It can be opened again."),
            ],
            submit=_("Shut the account"),
            action=reverse("account_switch", args=[pk]),
            hidden={"to": "shut"},
        )
    verbs = {"shut": users.deactivate, "open": users.activate}
    verb = verbs.get(request.POST.get("to", ""))
    if verb is None:
        raise Http404
    done = (
        _("The account is shut.") if verb is users.deactivate else _("The account is open again.")
    )
    tell(request, lambda: verb(person, by=request.actor, at=clock.now()), done)
    return redirect("account", pk=pk)


def _ask(
    request: ActorRequest,
    person: User,
    *,
    title: str,
    notes: list[str],
    submit: str,
    action: str,
    hidden: dict[str, str] | None = None,
) -> HttpResponse:
    facts = [(_("Name"), str(person)), (_("Account"), person.username)]
    held = Tenure.objects.on(clock.today()).filter(user=person).select_related("post__unit")
    posts = [f"{t.post.unit.short_name or t.post.unit.name} {t.post.name}" for t in held]
    facts.append((_("Posts today"), _(", ").join(posts) if posts else _("none")))
    asked = {"title": title, "facts": facts, "notes": notes, "submit": submit, "action": action}
    back = reverse("account", args=[person.pk])
    return confirm(request, asked | {"hidden": hidden or {}, "back": back})


def _refused(request: ActorRequest, person: User, refusal: Refused) -> HttpResponse:
    def say() -> None:
        raise refusal

    tell(request, say, "")
    return redirect("account", pk=person.pk)
