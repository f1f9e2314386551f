"""Every view carries one marker; the architecture test asks for it.

``scoped``: rows start from ``visible_to(actor)``; ``office``: set-up pages, the act alone opens
them; ``public``: before signing in. A refusal says why: no bare 403.

Who may not see what an address names gets 404, whether it exists or not, to read and to write;
who sees it and may not do that to it, and who may not enter a page at all, gets 403 in words. The
method is looked at before everything else, so the decorators of ``http`` stand above the marker.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from organisations.models import User
from organisations.roles import Act
from organisations.scope import Actor


class ActorRequest(HttpRequest):
    """A request behind the sign-in: ``config.middleware`` has put the actor on it."""

    actor: Actor
    user: User


View = Callable[..., HttpResponseBase]
# parts of an address that name one row, whose existence an answer would give away
NAMES = frozenset({"pk", "key", "batch"})


def scoped(*acts: Act) -> Callable[[View], View]:
    """Signed in and may do one of ``acts`` somewhere; which rows, the view's queryset says.

    For the page of one row ``acts`` are those that let one see it.
    """
    return _marked("scoped", acts)


def office(*acts: Act) -> Callable[[View], View]:
    """A set-up page: signed in and may do one of ``acts``."""
    return _marked("office", acts)


def public(view: View) -> View:
    """Open before signing in."""
    cast(Any, view).marker = "public"
    return view


def no_entry() -> PermissionDenied:
    """A page that none of the person's posts opens."""
    return PermissionDenied(
        _("None of your posts opens this page. The office can appoint you to one.")
    )


def _marked(marker: str, acts: tuple[Act, ...]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if acts and not any(request.actor.may(act) for act in acts):
                if marker == "scoped" and NAMES & kwargs.keys():
                    raise Http404
                raise no_entry()
            return view(request, *args, **kwargs)

        marked = login_required(guarded)
        cast(Any, marked).marker = marker
        cast(Any, marked).acts = acts
        return cast(View, marked)

    return decorate
