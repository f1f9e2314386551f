"""Signing in and out, the demo's one-click roles, one's own password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from organisations import clock, outsiders
from organisations.actions import users
from organisations.errors import Refused
from organisations.markers import ActorRequest, public, scoped
from organisations.models import Tenure, User
from organisations.roles import Role

DEMO_PREFIX = "demo-"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class DemoRole:
    """A button of the demo's sign-in page."""

    username: str
    title: str
    note: str
    # not while the demo is still being made: the card says so and turns live by itself
    is_ready: bool = True


class SignInForm(AuthenticationForm):
    """Says what to do; does not say whether the account exists."""

    error_messages = {
        "invalid_login": gettext_lazy(
            "The account or the password is not right. After five wrong tries sign-in is closed "
            "for 15 minutes; the office can give you a new password."
        ),
        "inactive": gettext_lazy("This account is shut. Please ask the office."),
    }


class OwnPasswordForm(PasswordChangeForm):
    """Says what is wrong as the other pages do."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": gettext_lazy("The present password is not right; type it again."),
    }


class ClosedForm(SignInForm):
    """The form after too many tries: keeps what was typed, asks nobody, says how long."""

    def clean(self) -> dict[str, Any]:
        raise ValidationError(
            _(
                "Sign-in is closed for 15 minutes after five wrong tries. Wait, or ask the office "
                "for a new password."
            )
        )


class SignIn(LoginView):
    """``registration/login.html``: ``form``, ``next``, ``demo_roles`` (empty outside the demo)."""

    form_class = SignInForm
    redirect_authenticated_user = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**cover(), **kwargs)


class DemoSignIn(RedirectURLMixin, View):
    """One click of the demo: ``username`` by POST; refused on a real database."""

    next_page = settings.LOGIN_REDIRECT_URL
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = demo_user(request.POST.get("username", ""))
        if user is None:
            messages.error(request, self.refusal())
            return redirect("login")
        with transaction.atomic():  # SQLite's write lock is asked for once, not five times
            login(request, user, backend=BACKEND)
        return HttpResponseRedirect(self.get_success_url())

    def refusal(self) -> str:
        """Outside the demo there is no such thing; in it an account may not be there yet."""
        name = self.request.POST.get("username", "")
        if settings.DEMO and User.objects.filter(username=name, last_login=None).exists():
            return _("This page is still being made. Wait a moment and try again.")
        return _("One-click sign-in exists in the demo only.")


def locked_out(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """What axes answers when an account or an address is closed: the page, with the reason."""
    context = {"form": ClosedForm(request, data=request.POST), **cover()}
    return render(request, "registration/login.html", context, status=429)


def cover() -> dict[str, Any]:
    """What the cover shows beside the form."""
    return {"demo_roles": demo_roles(), "today": clock.today(), "login_action": reverse("login")}


def demo_roles() -> list[DemoRole]:
    """One button for each of the demo's people, in the order they were made; two queries."""
    if not settings.DEMO:
        return []
    people = list(User.objects.filter(username__startswith=DEMO_PREFIX).order_by("id"))
    posts: dict[int, Tenure] = {}
    held = Tenure.objects.on(clock.today()).filter(user__in=people).select_related("post__unit")
    for tenure in held.order_by("id"):
        posts.setdefault(tenure.user_id, tenure)
    return [
        _button(person, posts.get(person.pk))
        for person in people
        if person.is_active or person.last_login is None
    ]


def demo_user(username: str) -> User | None:
    if not settings.DEMO or not username.startswith(DEMO_PREFIX):
        return None
    return User.objects.filter(username=username, is_active=True).first()


def _button(person: User, tenure: Tenure | None) -> DemoRole:
    if tenure is None:
        title = str(Role.ENTERPRISE_CLERK.label)
        if not person.is_active:
            return DemoRole(person.username, title, _("being made, a moment"), is_ready=False)
        return DemoRole(person.username, title, _("a firm's own page"))
    unit = tenure.post.unit
    return DemoRole(person.username, tenure.post.name, unit.short_name or unit.name)


sign_in = public(SignIn.as_view())
demo_sign_in = public(DemoSignIn.as_view())


class SignOut(LogoutView):
    """Nobody is let in again on this device without a key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().dispatch(request, *args, **kwargs)
        if request.method == "POST":
            for cookie, page in outsiders.kept_on_device():
                answer.delete_cookie(cookie, path=reverse(page), samesite="Lax")
        return answer


sign_out = public(SignOut.as_view())


@sensitive_post_parameters()
def _change_password(request: ActorRequest) -> HttpResponse:
    form = OwnPasswordForm(request.user, request.POST or None)
    was_given = request.user.must_change_password
    for name in ("new_password1", "new_password2"):
        form.fields[name].help_text = ""  # the rule stands once, under the title
    if request.method == "POST" and form.is_valid():
        try:
            users.set_password(
                request.user,
                password=form.cleaned_data["new_password1"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error("new_password1", refusal.words)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password has been changed."))
            # whoever signs in for the first time goes on to his work
            return redirect("home" if was_given else "profile")
    return render(request, "organisations/password.html", {"form": form})


change_password = require_http_methods(["GET", "HEAD", "POST"])(scoped()(_change_password))
