"""Who asks: ``request.actor`` with posts, scope and firms of the present day, when first needed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from config.acting import actor_for
from organisations import clock
from organisations.models import User
from organisations.scope import Actor
from workflows.wording import speak_as

# what a person whose password somebody else knows may still open
OPEN_PATHS = ("password_change", "logout", "login")


class ActorMiddleware:
    """Puts ``request.actor`` (None for nobody), the user's language, and a new password first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = SimpleLazyObject(lambda: present_actor(user))  # type: ignore[attr-defined]
        if isinstance(user, User) and user.is_authenticated:
            if user.must_change_password and not _is_open(request.path):
                return HttpResponseRedirect(reverse("password_change"))
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
            speak_as(request.actor.city_ids, translation.get_language() or "zh-hans")  # type: ignore[attr-defined]
        return self.get_response(request)


def present_actor(user: object) -> Actor:
    """The actor of today; nobody has no standing at all."""
    today = clock.today()
    return actor_for(user, today) if isinstance(user, User) else Actor.nobody(today)


def _is_open(path: str) -> bool:
    return path.startswith("/static/") or path in {reverse(name) for name in OPEN_PATHS}


class ProgressMiddleware:
    """A form that was sent with a progress bar (static/js/upload.js) is told where to go on: had
    its script followed the redirect, the words of the next page would be spent unseen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "X-Progress" in request.headers and response.status_code in (301, 302, 303):
            response.status_code = 204
            response["X-Location"] = response["Location"]
            del response["Location"]
        return response
