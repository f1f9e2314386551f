"""工作移交 and 移交清单: posts go to a successor; what was open, as a page and as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import handing
from cases.actions.handing_over import hand_over
from cases.actions.rehearsal import rehearse
from cases.forms_people import HandOverForm
from cases.groups import groups
from cases.handing import WITH
from cases.handing_workbook import write_note
from cases.models import Case, HandOver
from cases.views.previewed import is_other, other_words, told_of
from organisations import clock
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.models import Post, Tenure
from organisations.numbers_sent import number_of, numbers_of
from organisations.permissions import can_entrust
from organisations.roles import Act
from organisations.scope import Actor
from organisations.sight import in_view

LISTED = 100
# the fields that the preview tells about; the note to the successor is none
TOLD = ("posts", "to", "from_on")


def posts_in_view(actor: Actor) -> list[Post]:
    """Posts of the actor's part of the map, by unit; one query."""
    posts = Post.objects.filter(in_view(actor, "unit__")).select_related("unit__region")
    return list(posts.order_by("unit__position", "unit_id", "position", "id"))


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.HAND_OVER)
def give(request: ActorRequest) -> HttpResponse:
    """URL name ``hand_over``: ask, preview, done. ``?post=`` and ``?user=`` choose what to show."""
    # rows start from visible_to: posts are those in the actor's own part of the map
    seen = posts_in_view(request.actor)
    may = [post for post in seen if can_entrust(request.actor, Act.HAND_OVER, post)]
    posts = _offered(request, may)
    if not posts:
        raise Http404
    asked = request.method == "POST"
    initial = {"posts": [p.pk for p in posts], "from_on": clock.today()}
    form = HandOverForm(posts, request.POST if asked else None, initial=initial)
    context: dict[str, Any] = {"form": form, "people": _people(posts)}
    context["offered"] = ",".join(str(post.pk) for post in posts)
    if not form.is_valid():
        return render(request, "cases/handing/give.html", context, status=422 if asked else 200)
    try:
        confirmed = request.POST.get("step") == "confirm"
        if confirmed and not is_other(request, TOLD):
            return _done(request, _hand_over(request, form.cleaned_data))
        made, warnings = rehearse(lambda: _rehearsed(request, form.cleaned_data))
    except Refused as refusal:
        form.add_error(None, refusal.words)
        return render(request, "cases/handing/give.html", context, status=422)
    context |= {"seen": told_of(request, TOLD), "other": other_words() if confirmed else ""}
    return render(request, "cases/handing/give.html", context | _preview(made, warnings))


def _offered(request: ActorRequest, posts: list[Post]) -> list[Post]:
    """The posts of one person, or those named, or of a whole POST; nothing else to choose from."""
    if request.method == "POST":
        ids = numbers_of(request.POST.getlist("posts") + request.POST.get("offered", "").split(","))
        return [post for post in posts if post.pk in ids]
    user, asked = request.GET.get("user", ""), request.GET.getlist("post")
    if user.isdecimal():
        held = Tenure.objects.ahead(clock.today()).filter(user=number_of(user))
        mine = set(held.values_list("post_id", flat=True))
        return [post for post in posts if post.pk in mine]
    return [post for post in posts if str(post.pk) in asked]


def _people(posts: list[Post]) -> list[dict[str, str]]:
    """Colleagues as suggestions: whoever holds a post in the same units."""
    tenures = Tenure.objects.ahead(clock.today()).filter(
        post__unit__in={post.unit_id for post in posts}, user__is_active=True
    )
    found = {t.user.username: t.user.name for t in tenures.select_related("user")}
    return [{"account": account, "name": name} for account, name in sorted(found.items())]


def _rehearsed(request: ActorRequest, given: dict[str, Any]) -> tuple[list[HandOver], list[str]]:
    """What would be done, and what it would break in the groups (004-13, 004-15)."""
    made = _hand_over(request, given)
    units = {row.post.unit_id for row in made}
    states = [s for unit in units for s in groups(request.actor, given["from_on"], unit=unit)]
    words = _("Afterwards %(unit)s is not made as the programme asks: %(words)s")
    broken = [state for state in states if state.is_broken]
    return made, [
        words % {"unit": s.unit.short_name or s.unit.name, "words": s.fault_words} for s in broken
    ]


def _hand_over(request: ActorRequest, given: dict[str, Any]) -> list[HandOver]:
    to = handing.person_of(given["to"], clock.today()) if given["to"] else None
    return hand_over(
        list(given["posts"]),
        to=to,
        from_on=given["from_on"],
        note=given["note"],
        by=request.actor,
        at=clock.now(),
    )


def _preview(made: list[HandOver], warnings: list[str]) -> dict[str, Any]:
    today = clock.today()
    lines = {row.post_id: handing.note_lines(row, today) for row in made}
    rows = [
        {
            "post": row.post,
            "from": row.from_whom,
            "to": row.successor,
            "open": len(lines[row.post_id]),
            "late": handing.late(lines[row.post_id]),
        }
        for row in made
    ]
    return {
        "warnings": warnings,
        "preview": rows,
        "first": made[0],
        "open": sum(len(found) for found in lines.values()),
        "is_later": made[0].from_on > today,
    }


def _done(request: ActorRequest, made: list[HandOver]) -> HttpResponse:
    if len(made) == 1:
        return redirect("hand_over_note", pk=made[0].pk)
    return redirect(reverse("stand_ins") + "#handed")


def _found(request: ActorRequest, pk: int) -> HandOver:
    row = HandOver.objects.visible_to(request.actor).select_related(*WITH).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_safe
@scoped(Act.READ)
def note(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``hand_over_note``: 移交清单, frozen on its day."""
    row = _found(request, pk)
    lines = handing.note_lines(row, clock.today())
    # a successor elsewhere later on still reads the list, but opens only what he may see
    seen = set(
        Case.objects.visible_to(request.actor)
        .filter(pk__in=[line.case for line in lines])
        .values_list("pk", flat=True)
    )
    context = {
        "row": row,
        "lines": [(line, line.case in seen) for line in lines],
        "late": handing.late(lines),
        "remedies": sum(line.is_remedy for line in lines),
        "print_head": {
            "title": _("Hand-over list: %(post)s") % {"post": row.post.title},
            "facts": [
                _("Handed over by: %(who)s") % {"who": "、".join(row.from_whom) or "—"},
                _("Successor: %(who)s") % {"who": row.successor or "—"},
                _("From: %(day)s") % {"day": row.from_on.isoformat()},
            ],
        },
    }
    return render(request, "cases/handing/note.html", context)


@require_safe
@scoped(Act.READ)
def workbook(request: ActorRequest, pk: int) -> FileResponse:
    """移交清单 as .xlsx; the trail keeps who took it."""
    # rows start from visible_to: the hand-over itself is looked up in the actor's view
    row = _found(request, pk)
    lines = handing.note_lines(row, clock.today())
    name = _("Hand-over list") + f"_{row.post.title}_{row.from_on:%Y%m%d}.xlsx".replace(" ", "")
    return send_workbook(
        "hand_over",
        name,
        lambda target: write_note(target, row, lines),
        by=request.actor,
        at=clock.now(),
    )
