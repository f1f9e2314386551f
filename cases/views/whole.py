"""A part of a page that is opened by itself, by a link or without scripts: with frame and way back.

htmx asks for the part alone and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.safestring import mark_safe

from organisations.markers import ActorRequest

View = Callable[..., HttpResponse]
# a part that brings its own frame
CARD = re.compile(r'<section class="card[ "]')


def part_of(page: str, title: Promise) -> Callable[[View], View]:
    """``page``: URL name of the page that the part belongs to, with the same keys."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: ActorRequest, **keys: int) -> HttpResponse:
            answer = view(request, **keys)
            if not request.headers.get("HX-Request"):
                # what our own template rendered, as it stands
                body = mark_safe(answer.content.decode().strip())
                context = {
                    "title": title,
                    "back": reverse(page, kwargs=keys),
                    "body": body,
                    "is_framed": CARD.search(body) is not None,
                }
                answer = render(request, "cases/whole.html", context)
            patch_vary_headers(answer, ["HX-Request"])
            return answer

        return shown

    return decorate
