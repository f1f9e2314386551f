"""委托代办 (AB岗): who stands in for whom, and the hand-overs beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import handing
from cases.actions.handing_over import delegate, revoke
from cases.desks import WORKING
from cases.forms_people import StandInForm
from cases.handing import WITH
from cases.models import HandOver
from cases.time_columns import stand_in_columns
from cases.views.handing import posts_in_view
from cases.views.time_sheets import send
from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, no_entry, scoped
from organisations.models import Delegation, Tenure
from organisations.permissions import can_entrust
from organisations.roles import Act
from organisations.scope import Actor

LISTED = 60
PARTS = ("post__unit__region", "to_user", "to_post__unit", "by")


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def stand_ins(request: ActorRequest) -> HttpResponse:
    """URL name ``stand_ins``: running, coming and past, with a form for whoever may add one."""
    # rows start from visible_to: delegations and hand-overs of posts in the actor's view
    actor = request.actor
    form = None
    if actor.may(Act.DELEGATE):
        seen = posts_in_view(actor)
        posts = [post for post in seen if can_entrust(actor, Act.DELEGATE, post)]
        deputies = [post for post in seen if post.role in WORKING]
        asked = request.POST if request.method == "POST" else None
        initial = {"post": request.GET.get("post"), "from_on": clock.today()}
        form = StandInForm(posts, deputies, asked, initial=initial)
    if request.method == "POST":
        if form is None:
            raise no_entry()
        if form.is_valid() and _added(request, form):
            return redirect("stand_ins")
    status = 422 if form is not None and form.errors else 200
    return render(request, "cases/handing/stand_ins.html", _context(request, form), status=status)


def _added(request: ActorRequest, form: StandInForm) -> bool:
    given = form.cleaned_data
    try:
        to = handing.person_of(given["to"], clock.today()) if given["to"] else None
        row = delegate(
            given["post"],
            to_user=to,
            to_post=given["to_post"],
            from_on=given["from_on"],
            until_on=given["last_on"] + timedelta(days=1),
            reason=given["reason"],
            reads_only=given["reads_only"],
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        form.add_error(None, refusal.words)
        return False
    words = _("From %(first)s to %(last)s %(new)s stands in for “%(post)s”.")
    new = row.to_user or (row.to_post.title if row.to_post else "")
    parts = {"first": row.from_on, "last": row.last_on, "new": new}
    messages.success(request, words % {**parts, "post": row.post.title})
    return True


@require_POST
@scoped(Act.READ)
def end(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``stand_in_end``: it ends today."""
    # rows start from visible_to: only delegations in the actor's view
    row = Delegation.objects.visible_to(request.actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        revoke(row, by=request.actor, at=clock.now())
    except Refused as refusal:
        if refusal.code == "not_your_unit":
            raise PermissionDenied(refusal.words) from None
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("The stand-in has ended."))
    return redirect("stand_ins")


@require_safe
@scoped(Act.READ)
def workbook(request: ActorRequest) -> FileResponse:
    """URL name ``stand_ins_xlsx``: every stand-in in the actor's view, ended ones too."""
    rows = list(Delegation.objects.visible_to(request.actor).select_related(*PARTS))
    people = _holders(rows)
    return send(
        request,
        "stand_ins",
        title=_("Ledger of stand-ins"),
        definition=_("Both days are included; who is revoked acts no more from that day on."),
        columns=stand_in_columns(people, clock.today()),
        rows=rows,
    )


def _context(request: ActorRequest, form: StandInForm | None) -> dict[str, Any]:
    actor, today = request.actor, clock.today()
    rows = list(Delegation.objects.visible_to(actor).select_related(*PARTS)[:LISTED])
    handed = list(HandOver.objects.visible_to(actor).select_related(*WITH)[:LISTED])
    people = _holders(rows)
    return {
        "form": form,
        "lines": [_line(row, actor, people) for row in rows],
        "handed": handed,
        "today": today,
        "mine": actor.stand_ins,
        "empty": {
            "words": _("Nobody stands in for anybody"),
            "more": _("Before an absence a lead sets who does the work; it ends by itself."),
            "icon": "user",
        },
    }


def _line(row: Delegation, actor: Actor, people: dict[int, str]) -> dict[str, Any]:
    today = clock.today()
    running, ahead = row.is_on(today), row.from_on > today and not row.is_revoked(today)
    own = actor.user is not None and actor.user.pk == row.by_id
    back = row.post_id in {s.post_id for s in actor.standings if s.delegation_id is None}
    may = own or back or can_entrust(actor, Act.DELEGATE, row.post)
    return {
        "row": row,
        "holder": people.get(row.post_id, ""),
        "to": row.to_user or people.get(row.to_post_id or 0) or (row.to_post and row.to_post.title),
        "state": "running" if running else "ahead" if ahead else "past",
        "may_end": may and (running or ahead),
    }


def _holders(rows: list[Delegation]) -> dict[int, str]:
    """Who holds the posts today; one query."""
    posts = {row.post_id for row in rows}
    posts |= {row.to_post_id for row in rows if row.to_post_id is not None}
    found: dict[int, list[str]] = {}
    tenures = Tenure.objects.on(clock.today()).filter(post__in=posts)
    for tenure in tenures.select_related("user").order_by("id"):
        found.setdefault(tenure.post_id, []).append(str(tenure.user))
    return {pk: "、".join(names) for pk, names in found.items()}
