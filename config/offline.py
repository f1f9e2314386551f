"""What a phone needs away from the network: the service worker, its page, who is signed in.

The worker keeps the shell (sheets, scripts, one page without anybody's name) under a name made of
their content, so that a new version replaces the old one whole; and it opens the pages that
somebody chose to take along (``static/js/field.js``), nothing else.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from organisations.markers import ActorRequest, public, scoped

# what the pages that are taken along are made of (a test compares them)
SHELL = (
    "seal.svg",
    *(f"css/{one}.css" for one in ("tokens", "dark", "layout", "components", "places", "phone")),
    *("css/print.css", "css/field.css", "django_htmx/htmx-2.min.js"),
    *(f"js/{one}.js" for one in ("page", "forms", "upload", "rows", "keys", "field", "pack")),
)
SOURCE = "js/worker.js"
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@require_safe
@public
def service_worker(request: HttpRequest) -> HttpResponse:
    """URL name ``service_worker``: at the root, so that it may answer for every page.

    Never kept by the browser: whether there is a new one is asked at each visit.
    """
    answer = HttpResponse(_worker(_language(request)), content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_safe
@public
def offline(request: HttpRequest) -> HttpResponse:
    """URL name ``offline``: shown where there is no network and no page was taken along."""
    answer = HttpResponse(_page(_language(request)))
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@scoped()
def hello(request: ActorRequest) -> JsonResponse:
    """URL name ``field_hello``: whether the server answers, and to whom; with a fresh token, as a
    page that was taken along holds an old one."""
    answer = JsonResponse({"person": request.user.pk, "token": get_token(request)})
    answer["Cache-Control"] = "no-store"
    return answer


def _language(request: HttpRequest) -> str:
    """Asked for without cookies: the address says the language."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else settings.LANGUAGE_CODE


def _page(language: str) -> str:
    """Without a request: nobody's name, no token, the same for everybody."""
    with translation.override(language):
        return render_to_string("offline.html", {"LANGUAGE_CODE": language})


def _worker(language: str) -> str:
    return _made(language) if settings.DEBUG else _made_once(language)


@lru_cache(maxsize=4)
def _made_once(language: str) -> str:
    return _made(language)


def _made(language: str) -> str:
    source, page = _text(SOURCE), _page(language)
    assets = [static(name) for name in SHELL]
    whole = hashlib.sha256(source.encode() + page.encode() + "\n".join(assets).encode())
    for name in SHELL:
        whole.update(Path(finders.find(name) or "").read_bytes())
    given = {
        "version": whole.hexdigest()[:16],
        "assets": assets,
        "offline": f"{reverse('offline')}?lang={language}",
        "leave": reverse("logout"),
    }
    return f"const SET = {json.dumps(given)};\n{source}"


def _text(name: str) -> str:
    return Path(finders.find(name) or "").read_text(encoding="utf-8")
