"""单位与岗位: who does what today, and who may appoint whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organisations import clock, permissions
from organisations.actions import joining, posts
from organisations.errors import Refused
from organisations.forms import DayForm, JoinForm, PairForm, PostForm, UnitForm
from organisations.left_out import left_out
from organisations.markers import ActorRequest, office
from organisations.models import Region, Tenure, Unit
from organisations.roles import Act
from organisations.rosters import UnitLine, roster
from organisations.setup import found_unit

VACANT = "vacant"


def city_of(request: ActorRequest) -> Region:
    """The city whose people the actor manages (``?city=`` where there are several)."""
    ids = {s.city_id for s in request.actor.standings_for(Act.MANAGE_USERS) if s.city_id}
    cities = Region.objects.filter(pk__in=ids).order_by("position", "id")
    wanted = request.GET.get("city", "")
    if wanted and not wanted.isdecimal():
        raise Http404
    found = cities.filter(pk=int(wanted)).first() if wanted else cities.first()
    if found is None:
        raise Http404
    return found


def unit_of(request: ActorRequest, pk: int) -> Unit:
    """A unit that the actor manages; any other one does not exist for him."""
    unit = get_object_or_404(Unit.objects.select_related("region__parent"), pk=pk)
    if not request.actor.may_in(Act.MANAGE_USERS, unit.region):
        raise Http404
    return unit


@require_safe
@office(Act.MANAGE_USERS)
def people(request: ActorRequest) -> HttpResponse:
    city = city_of(request)
    lines = roster(city, clock.today())
    given, text = request.GET, request.GET.get("q", "")
    kind = given.get("kind", "") if given.get("kind") in (VACANT, *Unit.Kind.values) else ""
    places = {str(line.unit.region_id) for line in lines}
    county = given.get("county", "") if given.get("county") in places else ""
    shown = [
        line
        for line in lines
        if _fits(line, kind)
        and (not county or str(line.unit.region_id) == county)
        and (not text or line.mentions(text))
    ]
    context = {
        "city": city,
        "lines": shown,
        "total": len(lines),
        "chips": _chips(lines, kind, keep={"county": county, "q": text}),
        "filters": _filters(lines, city, kind, county, text),
        "strays": left_out(given, {"kind": kind, "county": county}),
        "empty": {
            "words": _("No unit fits"),
            "more": _("%(n)s units in all") % {"n": len(lines)},
            "icon": "search",
            "link": {"url": reverse("people"), "words": _("Show all")},
        },
    }
    return render(request, "organisations/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
def create_unit(request: ActorRequest) -> HttpResponse:
    city = city_of(request)
    form = UnitForm(city, request.POST or None, initial={"region": city.pk})
    if form.is_valid():
        try:
            made = found_unit(**form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error("name", refusal.words)
        else:
            return redirect("unit", pk=made.pk)
    status = 422 if form.errors else 200
    context = {"city": city, "form": form}
    return render(request, "organisations/unit_new.html", context, status=status)


def _fits(line: UnitLine, kind: str) -> bool:
    return not kind or line.unit.kind == kind or (kind == VACANT and line.is_vacant)


def _chips(lines: list[UnitLine], current: str, keep: dict[str, str]) -> list[dict[str, Any]]:
    counts = Counter(line.unit.kind for line in lines)
    vacant = sum(line.is_vacant for line in lines)
    rows = [("", _("All"), len(lines)), (VACANT, _("Nobody in post"), vacant)]
    rows += [(k, str(label), counts[k]) for k, label in Unit.Kind.choices if counts[k]]
    return [
        {
            "label": label,
            "count": count,
            "kind": "overdue" if value == VACANT and count else "",
            "current": value == current,
            "url": "?" + urlencode({k: v for k, v in {**keep, "kind": value}.items() if v}),
        }
        for value, label, count in rows
    ]


def _filters(
    lines: list[UnitLine], city: Region, kind: str, county: str, text: str
) -> dict[str, Any]:
    regions = {line.unit.region_id: line.unit.region for line in lines}
    choices = [(str(pk), _place(region, city)) for pk, region in regions.items()]
    return {
        "action": reverse("people"),
        "search": {
            "name": "q",
            "value": text,
            "label": _("Search units and people"),
            "placeholder": _("Unit, name, account"),
        },
        "selects": [{"name": "county", "label": _("County"), "value": county, "choices": choices}],
        "keep": {"kind": kind} if kind else {},
        "active": bool(county) + bool(text),
        "clear": reverse("people") + (f"?kind={kind}" if kind else ""),
    }


def _place(region: Region, city: Region) -> str:
    if region.pk == city.pk or region.parent_id == city.pk or region.parent is None:
        return region.name
    return f"{region.parent.name}{region.name}"


@require_safe
@office(Act.MANAGE_USERS)
def unit(request: ActorRequest, pk: int) -> HttpResponse:
    return _unit_page(request, unit_of(request, pk))


def _unit_page(
    request: ActorRequest,
    shown: Unit,
    *,
    join_form: JoinForm | None = None,
    post_form: PostForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.today()
    line = next(ln for ln in roster(shown.region, today) if ln.unit.pk == shown.pk)
    history = Tenure.objects.filter(post__unit=shown).select_related("post", "user")
    context = {
        "line": line,
        "past": history.filter(until_on__lte=today).order_by("-until_on", "-id"),
        "join_form": join_form
        or JoinForm(
            shown, request.actor, initial={"from_on": today, "post": request.GET.get("post")}
        ),
        "post_form": post_form or PostForm(),
        "pair_form": PairForm(line.unit) if shown.kind == Unit.Kind.LIAISON_GROUP else None,
        "today": today,
        "may_hand_over": request.actor.may(Act.HAND_OVER),
        "manageable": {
            p.post.pk for p in line.posts if permissions.can_manage_post(request.actor, p.post)
        },
    }
    return render(request, "organisations/unit.html", context, status=status)


@require_POST
@office(Act.MANAGE_USERS)
@sensitive_variables("password")
def join(request: ActorRequest, pk: int) -> HttpResponse:
    """Appoint; a new account's one-time password is in the answer, and nowhere else."""
    shown = unit_of(request, pk)
    form = JoinForm(shown, request.actor, request.POST)
    if not form.is_valid():
        return _unit_page(request, shown, join_form=form, status=422)
    given = form.cleaned_data
    try:
        tenure, password = joining.join(
            given.pop("post"), **given, by=request.actor, at=clock.now()
        )
    except Refused as refusal:
        form.add_error(None, refusal.words)
        return _unit_page(request, shown, join_form=form, status=422)
    if password:
        return shown_once(
            request,
            [(tenure.user.username, tenure.user.name, password)],
            back=reverse("unit", args=[shown.pk]),
        )
    words = _("%(user)s holds “%(post)s” from %(day)s on.")
    messages.success(
        request,
        words % {"user": tenure.user, "post": tenure.post.name, "day": day_words(tenure.from_on)},
    )
    return redirect("unit", pk=shown.pk)


@require_POST
@office(Act.MANAGE_USERS)
def create_post(request: ActorRequest, pk: int) -> HttpResponse:
    shown = unit_of(request, pk)
    form = PostForm(request.POST)
    if form.is_valid():
        try:
            posts.create_post(
                unit=shown,
                **form.cleaned_data,
                position=shown.posts.count() + 1,
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error("name", refusal.words)
        else:
            return redirect("unit", pk=shown.pk)
    return _unit_page(request, shown, post_form=form, status=422)


@require_POST
@office(Act.MANAGE_USERS)
def pair(request: ActorRequest, pk: int) -> HttpResponse:
    """The counties of a liaison group (001-22, 004-12)."""
    shown = unit_of(request, pk)
    form = PairForm(shown, request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose from the counties of the city."))
        return redirect("unit", pk=shown.pk)
    counties = form.cleaned_data["counties"]
    tell(
        request,
        lambda: posts.pair(shown, counties=counties, by=request.actor, at=clock.now()),
        _("The paired counties are saved."),
    )
    return redirect("unit", pk=shown.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_USERS)
def end_tenure(request: ActorRequest, pk: int) -> HttpResponse:
    """Asked first (GET): who leaves which post from which day, and what becomes of the work."""
    tenure = get_object_or_404(Tenure.objects.select_related("post__unit__region", "user"), pk=pk)
    shown = unit_of(request, tenure.post.unit_id)
    if request.method != "POST":
        return _ask_end(request, tenure, shown)
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say from which day."))
        return redirect("unit", pk=shown.pk)
    day = form.cleaned_data["on"]
    done = _("%(user)s no longer holds “%(post)s” from %(day)s on.") % {
        "user": tenure.user,
        "post": tenure.post.name,
        "day": day_words(day),
    }
    tell(request, lambda: posts.end_tenure(tenure, on=day, by=request.actor, at=clock.now()), done)
    return redirect("unit", pk=shown.pk)


def _ask_end(request: ActorRequest, tenure: Tenure, shown: Unit) -> HttpResponse:
    today = clock.today()
    others = Tenure.objects.ahead(today).filter(post=tenure.post).exclude(pk=tenure.pk)
    facts = [
        (_("Name"), str(tenure.user)),
        (_("Unit"), shown.name),
        (_("Post"), tenure.post.name),
        (_("Holds it since"), day_words(tenure.from_on)),
    ]
    notes = [_("Work that is open stays with the post; whoever takes over finds all of it.")]
    if not others.exists():
        notes.append(_("Nobody else holds this post: appoint a successor, or its work lies."))
    return confirm(
        request,
        {
            "title": _("End the post of %(user)s") % {"user": tenure.user},
            "facts": facts,
            "notes": notes,
            "fields": [
                {
                    "kind": "date",
                    "name": "on",
                    "label": _("No longer holds it from"),
                    "value": max(today, tenure.from_on),
                    "min": max(today, tenure.from_on),
                }
            ],
            "submit": _("End the post"),
            "action": reverse("tenure_end", args=[tenure.pk]),
            "back": reverse("unit", args=[shown.pk]),
        },
    )


def confirm(request: ActorRequest, asked: dict[str, Any]) -> HttpResponse:
    """A page of its own before a grave act: what will happen to whom, then the button."""
    return render(request, "organisations/confirm.html", {"asked": asked})


def day_words(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y"))


def tell(request: ActorRequest, act: Callable[[], object], done: str) -> None:
    """Run a verb and say how it went."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, done)


def shown_once(
    request: ActorRequest, accounts: list[tuple[str, str, str]], *, back: str
) -> HttpResponse:
    """One-time passwords, (account, name, password) each; never cached, never stored."""
    context = {"accounts": accounts, "back": back}
    answer = render(request, "organisations/passwords.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
