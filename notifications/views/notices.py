"""消息: one's own notices, newest first; at a desk and on a phone."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.views.whole import part_of
from notifications import reading
from notifications.files_ready import READY
from notifications.models import Notice
from organisations import clock
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.numbers_sent import numbers_of
from organisations.roles import Role

PAGE = 30
NEWEST = 5
# notices of several cases lead to the list that shows them
LISTS = {"new_work": "chip=sign", "applied": "chip=review"}
TO_DECIDE = frozenset(
    {"work_note", "reminder_letter", "supervision_letter", "coordination_letter", "talk"}
)


@require_safe
@scoped()
def notices(request: ActorRequest) -> HttpResponse:
    """The list; opening it does not mark anything as read."""
    mine = Notice.objects.visible_to(request.actor).select_related("event")
    unread_only = request.GET.get("only") == "unread"
    unread = mine.unread().count()
    listed = mine.unread() if unread_only else mine
    page = KeyPage(listed, keys("-pk"), request.GET, PAGE, counted(listed))
    context = {
        "rows": [row_of(notice, request) for notice in page.object_list],
        "page": page,
        "unread": unread,
        "chips": _chips(unread, unread_only),
        "strays": left_out(request.GET, {"only": "unread" if unread_only else ""}, searches=False),
        "empty": {"words": _("No messages"), "icon": "message", "more": _more(unread_only)},
    }
    return render(request, "notifications/notices.html", context)


@require_safe
@scoped()
@part_of("notices", gettext_lazy("Messages"))
def notices_box(request: ActorRequest) -> HttpResponse:
    """The newest unread ones, for the workbench; a fragment."""
    mine = Notice.objects.visible_to(request.actor).unread()
    rows = [row_of(notice, request) for notice in mine.select_related("event")[:NEWEST]]
    return render(request, "notifications/_box.html", {"rows": rows, "unread": mine.count()})


@require_POST
@scoped()
def read(request: ActorRequest) -> HttpResponse:
    """Mark all as read, or those given; back to the list."""
    ids = sorted(numbers_of(request.POST.getlist("notice")))[:PAGE]
    given = ids if "notice" in request.POST else None
    # ``visible_to`` is in the verb: nobody reads another one's
    reading.mark_read(by=request.actor, at=clock.now(), ids=given)
    return redirect("notices")


@require_safe
@scoped()
def notice(request: ActorRequest, pk: int) -> HttpResponse:
    """Open what a notice is about, and mark it as read."""
    found = Notice.objects.visible_to(request.actor).filter(pk=pk).select_related("event").first()
    if found is None:
        raise Http404
    reading.mark_read(by=request.actor, at=clock.now(), ids=[pk])
    return redirect(target_of(found, request) or reverse("notices"))


def row_of(found: Notice, request: ActorRequest) -> dict[str, Any]:
    """What the template shows of one notice, in the language of the page."""
    title, body = found.said_in(get_language() or "")
    return {
        "at": found.at,
        "title": title,
        "body": body,
        "unread": found.read_at is None,
        "url": reverse("notice", args=[found.pk]) if target_of(found, request) else "",
    }


def target_of(found: Notice, request: ActorRequest) -> str:
    """Where a notice leads: its case, the list it speaks of, the firm's own page."""
    if request.actor.roles in (frozenset(), {Role.ENTERPRISE_CLERK}):
        return _address("portal")
    if found.link:
        return found.link
    draft = found.event.data.get("draft") if found.event is not None else None
    if found.kind in TO_DECIDE:
        return _address("draft", draft) if draft else _address("drafts")
    if found.kind.startswith("released_") and draft:
        return _address("letter", draft)
    if found.kind == READY:
        return _address("file_jobs")
    if found.kind == "phone_list":
        return _address("calls")
    if found.kind.startswith("review_"):
        return _address("evidence_review")
    if found.kind == "catch_up":
        return _address("workbench")
    if found.kind == "reviewed":
        return _address("closing_batch")
    if found.case_id is not None:
        return _address("case", found.case_id)
    ledger = _address("ledger")
    query = LISTS.get(found.kind, "")
    return f"{ledger}?{query}" if ledger and query else ledger


def unread_of(request: HttpRequest) -> int:
    """The number on the bell."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    return Notice.objects.visible_to(cast(ActorRequest, request).actor).unread().count()


def _address(name: str, *arguments: int) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def _chips(unread: int, unread_only: bool) -> list[dict[str, Any]]:
    address = reverse("notices")
    return [
        {"label": _("All messages"), "url": address, "current": not unread_only},
        {
            "label": _("Unread"),
            "url": f"{address}?only=unread",
            "count": unread,
            "current": unread_only,
        },
    ]


def _more(unread_only: bool) -> str:
    if unread_only:
        return _("You have read everything.")
    return _("Assignments, deadlines and answers to what you did will appear here.")
