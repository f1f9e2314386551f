"""The door of a firm's people: an invitation's link or code, one press, and they are in.

Looking at a link enters nobody, as chats fetch every link for their preview; a press does. Whoever
entered once on a phone enters again on it with one press, invitation or not (a signed cookie that
names the clerk, worth nothing once he is removed, gone when somebody signs out there).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from enterprises.actions import inviting
from enterprises.actions.clerks import check_no_official
from enterprises.contacts import cleaned, in_groups
from enterprises.models import Clerk, Invitation
from organisations import clock
from organisations.errors import Refused
from organisations.markers import public
from organisations.models import Tenure, User
from organisations.phones import masked
from organisations.views.signing import BACKEND

COOKIE, SALT = "clerk", "enterprises.clerk"
KEPT_FOR = timedelta(days=180)
STATUS = {"shut": 429, "wrong_code": 404, "expired": 410, "revoked": 410, "removed": 403}


@require_http_methods(["GET", "HEAD", "POST"])
@public
def enter(request: HttpRequest) -> HttpResponse:
    """URL name ``enter``: again on the same phone with one press, else by typing the code."""
    back = returning(request)
    if request.method == "POST":
        if back is not None and request.POST.get("do") == "again":
            return let_in(request, back)
        code = cleaned(request.POST.get("code", ""))
        if code:
            return HttpResponseRedirect(reverse("enter_firm", args=[code]))
    return _answer(request, {"back": back})


@require_http_methods(["GET", "HEAD", "POST"])
@public
def enter_firm(request: HttpRequest, code: str) -> HttpResponse:
    """URL name ``enter_firm``: the invitation of one firm."""
    try:
        address = get_client_ip_address(request)
        invitation = inviting.find(code, at=clock.now(), address=address)
    except Refused as refusal:
        told: dict[str, Any] = {"refusal": refusal.words, "back": returning(request)}
        return _answer(request, told, STATUS.get(refusal.code, 422))
    guest = Guest(request, invitation)
    if guest.is_here:
        return HttpResponseRedirect(reverse("portal"))
    problem, status = "", 200
    if request.method == "POST":
        try:
            return let_in(request, guest.enter(request.POST.get("do", "")))
        except Refused as refused:
            problem, status = refused.words, STATUS.get(refused.code, 422)
    context: dict[str, Any] = {
        "guest": guest,
        "invitation": invitation,
        "firm": invitation.enterprise,
        "address": reverse("enter_firm", args=[in_groups(cleaned(code))]),
        "problem": problem,
        "name": request.POST.get("name", ""),
        "phone": request.POST.get("phone", ""),
        "asks": request.GET.get("other") == "1" or not guest.is_named or bool(problem),
    }
    return _answer(request, context, status)


@dataclass(frozen=True)
class Guest:
    """Whoever opened an invitation: signed in already, known from before, named in it, or new."""

    request: HttpRequest
    invitation: Invitation

    @property
    def user(self) -> User | None:
        user = self.request.user
        return user if isinstance(user, User) and user.is_authenticated else None

    @property
    def is_official(self) -> bool:
        held = Tenure.objects.ahead(clock.today())
        return self.user is not None and held.filter(user=self.user).exists()

    @property
    def is_here(self) -> bool:
        """Signed in as a clerk of this very firm: nothing is to be done."""
        return (
            self.user is not None
            and _clerk(self.user.pk, self.invitation.enterprise_id) is not None
        )

    @property
    def back(self) -> Clerk | None:
        found = returning(self.request)
        if found is None or found.enterprise_id != self.invitation.enterprise_id:
            return None
        return found

    @property
    def is_named(self) -> bool:
        return bool(self.invitation.person and self.invitation.phone)

    @property
    def masked(self) -> str:
        return masked(self.invitation.phone)

    def enter(self, wish: str) -> Clerk:
        if self.is_official and self.user is not None:
            check_no_official(self.user, clock.today())
        back = self.back
        if wish == "again" and back is not None:
            return back
        post = self.request.POST
        return inviting.enter(
            self.invitation.pk,
            at=clock.now(),
            name=post.get("name", ""),
            phone=post.get("phone", ""),
            user=self.user if wish == "account" else None,
        )


def let_in(request: HttpRequest, clerk: Clerk) -> HttpResponse:
    """Signed in, on the firm's page, and remembered on this phone."""
    with transaction.atomic():  # SQLite's write lock is asked for once, not five times
        login(request, clerk.user, backend=BACKEND)
    answer = HttpResponseRedirect(reverse("portal"))
    answer.set_cookie(
        COOKIE,
        signing.dumps([clerk.pk, clerk.from_on.isoformat()], salt=SALT, compress=False),
        max_age=KEPT_FOR,
        path=reverse("enter"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def returning(request: HttpRequest) -> Clerk | None:
    """The clerk who entered on this phone before, while his firm's page is still open to him."""
    try:
        pk, since = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Clerk.objects.select_related("user", "enterprise")
    found = rows.filter(pk=pk, from_on=since, user__is_active=True).first()
    return found if found is not None and found.is_on(clock.today()) else None


def _clerk(user: int, firm: int) -> Clerk | None:
    found = Clerk.objects.filter(user=user, enterprise=firm).first()
    return found if found is not None and found.is_on(clock.today()) else None


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    answer = render(request, "enterprises/enter.html", context, status=status)
    add_never_cache_headers(answer)
    return answer
