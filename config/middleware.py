"""Who asks: ``request.actor`` with posts, scope and firms of the present day, when first needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from enterprises.models import Clerk
from organisations import clock
from organisations.models import User
from organisations.scope import Actor, actor_of

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
        return self.get_response(request)


def present_actor(user: object) -> Actor:
    """The actor of today; nobody has no standing at all. Three queries for anybody."""
    today = clock.today()
    if not isinstance(user, User):
        return Actor.nobody(today)
    return actor_of(user, today, frozenset(_firms(user, today)))


def _firms(user: User, today: date) -> list[int]:
    current = Clerk.objects.filter(user=user, from_on__lte=today).exclude(until_on__lte=today)
    return list(current.values_list("enterprise_id", flat=True))


def _is_open(path: str) -> bool:
    return path.startswith("/static/") or path in {reverse(name) for name in OPEN_PATHS}
