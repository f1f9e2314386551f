"""Type size, colours and language: chosen by a POST, kept in cookies, rendered by the server."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

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


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back to the page (of this site only)."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    answer = HttpResponseRedirect(back)
    for field, (cookie, allowed) in _choices().items():
        value = request.POST.get(field, "")
        if value in allowed:
            answer.set_cookie(
                cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure()
            )
    return answer
