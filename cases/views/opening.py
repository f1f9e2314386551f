"""方案管理 and 建档交办: the city's programmes, and opening what is missing, in waves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import opening
from cases.actions.opening_plan import OpeningPlan, plan_opening
from cases.errors import Refused
from cases.models import Case, ProgrammeFirm
from cases.stages import CLOSED
from cases.views.acts import status_of
from enterprises.models import Membership
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.models import Region
from organisations.roles import Act
from workflows.models import Programme, ProgrammeVersion
from workflows.text import localised

ALL, COUNTY, NUMBER, CLASS = "all", "county", "number", "class"


@require_GET
@office(Act.OPEN, Act.ISSUE_PACK)
def programmes(request: ActorRequest) -> HttpResponse:
    """URL name ``programmes``: every programme of the city with its version and figures."""
    rows = list(_own(request).select_related("city").order_by("-statistical_year", "key"))
    counts = _counts(rows)
    newest = _newest(rows)
    lines = [
        {
            "programme": row,
            "version": newest.get(row.pk),
            "next": next_of(row, rows, newest),
            **counts.get(row.pk, {}),
        }
        for row in rows
    ]
    return render(request, "cases/programmes.html", {"lines": lines})


def next_of(
    programme: Programme, rows: list[Programme], newest: Mapping[int, ProgrammeVersion]
) -> Programme | None:
    """The programme of the next statistical year in the same city, once it is issued."""
    later = [
        row
        for row in rows
        if row.city_id == programme.city_id
        and row.statistical_year > programme.statistical_year
        and row.pk in newest
    ]
    return min(later, key=lambda row: (row.statistical_year, row.key), default=None)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.OPEN)
def open_wave(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_open``: choose a wave → what it would open → open it."""
    programme = _own(request).select_related("city").filter(key=key).first()
    if programme is None:
        raise Http404
    if request.method != "POST":
        return _page(request, programme)
    try:
        wave = wave_of(request.POST.get("kind", ALL), request.POST)
        if request.POST.get("step") != "confirm":
            plan = plan_opening(programme, by=request.actor, at=clock.now(), wave=wave)
            return _page(request, programme, wave=wave, plan=plan)
        done = opening.open_cases(programme, by=request.actor, at=clock.now(), wave=wave)
    except Refused as refusal:
        return _page(request, programme, error=refusal.words, status=status_of(refusal))
    if done.opened:
        words = ngettext("%(n)d case is opened.", "%(n)d cases are opened.", done.opened)
        messages.success(request, words % {"n": done.opened})
    else:
        # somebody was quicker
        messages.info(request, _("Nothing was opened: these firms have their cases already."))
    return redirect("programmes")


def wave_of(kind: str, given: Mapping[str, Any]) -> str:
    """The wave as the verb takes it: ``county=…``, ``number=…``, ``class=…``, or all."""
    if kind == ALL:
        return ""
    many = getattr(given, "getlist", lambda name: [given.get(name, "")])
    value = given.get(NUMBER, "") if kind == NUMBER else ",".join(filter(None, many(kind)))
    if not value:
        raise Refused("wave", _("Say which firms: tick counties or classes, or give a number."))
    return f"{kind}={value}"


def _own(request: ActorRequest) -> Any:
    return Programme.objects.filter(city_id__in=request.actor.city_ids)


def _newest(rows: list[Programme]) -> dict[int, ProgrammeVersion]:
    versions = ProgrammeVersion.objects.filter(programme__in=rows).order_by("number")
    return {v.programme_id: v for v in versions.defer("source")}


def _counts(rows: list[Programme]) -> dict[int, dict[str, int]]:
    """Firms listed and covered, cases open and closed, of each programme: two statements.

    Firms of today's register, as the progress page counts them; those that left stand apart.
    """
    found: dict[int, dict[str, int]] = {}
    here = Membership.objects.on(clock.today()).filter(
        city=OuterRef("programme__city"), enterprise=OuterRef("enterprise")
    )
    firms = ProgrammeFirm.objects.filter(programme__in=rows).order_by().alias(is_in=Exists(here))
    for pk, listed, covered, left in firms.values_list("programme").annotate(
        listed=Count("pk", filter=Q(is_in=True)),
        is_covered=Count("pk", filter=Q(is_in=True, covered=True)),
        left=Count("pk", filter=Q(is_in=False)),
    ):
        found.setdefault(pk, {}).update(listed=listed, covered=covered, left=left)
    roots = Case.objects.filter(programme__in=rows, is_main=True).order_by()
    for pk, cases, closed in roots.values_list("programme").annotate(
        cases=Count("pk"), closed=Count("pk", filter=Q(stage=CLOSED))
    ):
        found.setdefault(pk, {}).update(cases=cases, closed=closed)
    return found


def _page(
    request: ActorRequest,
    programme: Programme,
    *,
    wave: str = "",
    plan: OpeningPlan | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    kind = request.POST.get("kind", ALL)
    context = {
        "programme": programme,
        "plan": plan,
        "error": error,
        "fields": _fields(programme, kind, request),
        "held": _held(request, kind, wave) if plan else [],
        "today": clock.today(),
    }
    return render(request, "cases/open_wave.html", context, status=status)


def _held(request: ActorRequest, kind: str, wave: str) -> list[tuple[str, str]]:
    """What was chosen, once more for the step that confirms."""
    values = request.POST.getlist(kind) if wave else []
    return [("kind", kind), *((kind, value) for value in values)]


def _fields(programme: Programme, kind: str, request: ActorRequest) -> list[dict[str, Any]]:
    counties = Region.objects.filter(parent=programme.city, level=Region.Level.COUNTY)
    names = list(counties.order_by("position", "name").values_list("name", flat=True))
    grades = programme.current.pack.grades
    classes = [(g.key, f"{g.key} {localised(g.label)}") for g in grades if g.chased]
    return [
        {
            "kind": "choices",
            "name": "kind",
            "label": _("Which firms"),
            "hint": _("Waves keep everything from falling due on one day."),
            "value": kind,
            "choices": [
                (ALL, _("All that are missing")),
                (COUNTY, _("By county")),
                (NUMBER, _("A number of firms")),
                *([(CLASS, _("By provisional class"))] if classes else []),
            ],
        },
        _part(COUNTY, "many", _("Counties"), request, choices=[(name, name) for name in names]),
        _part(NUMBER, "number", _("How many"), request, unit=_("firms"), min=1, step=1),
        _part(CLASS, "many", _("Provisional class, from the filing"), request, choices=classes),
    ]


def _part(name: str, kind: str, label: str, request: ActorRequest, **more: Any) -> dict[str, Any]:
    many = kind == "many"
    value = request.POST.getlist(name) if many else request.POST.get(name, "")
    part = {"kind": kind, "name": name, "label": label, "value": value, "shown_any": name}
    return {**part, "required": False if not many else None, **more}
