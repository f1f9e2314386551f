"""Type size, colours and language: chosen by a POST, kept in cookies, rendered by the server."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from organisations import clock
from organisations.actions import users
from organisations.markers import ActorRequest, public
from organisations.models import User

THEMES = frozenset({"auto", "light", "dark"})
SIZES = frozenset({"normal", "large"})
YEAR = 365 * 24 * 3600


def _choices() -> dict[str, tuple[str, frozenset[str]]]:
    """Field of the form → cookie and what it may hold."""
    return {
        "theme": ("theme", THEMES),
        "size": ("size", SIZES),
        "language": (
            settings.LANGUAGE_COOKIE_NAME,
            frozenset(code for code, _name in settings.LANGUAGES),
        ),
    }


def _remember_language(request: HttpRequest) -> None:
    """A person's own language outlives the browser; the cookie serves whoever is not signed in."""
    language = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and language in dict(settings.LANGUAGES):
        actor = cast(ActorRequest, request).actor
        users.set_language(user, language=language, by=actor, at=clock.now())


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form was on (``next``), of this site only."""
    page = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        page = "/"
    return HttpResponseRedirect(page)


@require_POST
@public
def switch(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back to the page."""
    answer = back(request)
    _remember_language(request)
    for field, (cookie, allowed) in _choices().items():
        value = request.POST.get(field, "")
        if value in allowed:
            answer.set_cookie(
                cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure()
            )
    return answer
