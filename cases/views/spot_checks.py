"""材料复核: the draws, a new one after its preview, and what became of each closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import policies, spot_checks
from cases.actions import spot_checks as deeds
from cases.errors import Refused
from cases.models import Evidence, PaperSight, SpotCheck, SpotDraw
from cases.rulebook import rules_of
from cases.views.acts import status_of
from cases.views.rows import officials_cases
from organisations import clock
from organisations.downloads import note_taken
from organisations.lengths import LONGEST
from organisations.markers import ActorRequest, office, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows import sampling
from workflows.models import Programme
from workflows.text import localised

DRAWS = 12  # a page
KINDS = {
    SpotCheck.State.OPEN: "wait",
    SpotCheck.State.PASSED: "good",
    SpotCheck.State.LET_STAND: "good",
    SpotCheck.State.FAILED: "bad",
    SpotCheck.State.EXPLAINED: "wait",
    SpotCheck.State.STRUCK: "bad",
}


@require_safe
@scoped(Act.READ)
def spot_check_list(request: ActorRequest) -> HttpResponse:
    """URL name ``spot_checks``: the draws in which one sees a closing, the newest first."""
    visible = officials_cases(request.actor)
    programmes = _programmes(request)
    context = {
        **spot_checks.draws_of(visible, DRAWS, request.GET),
        "may_draw": bool(programmes),
        "fields": _fields(request, programmes) if programmes else [],
    }
    return render(request, "cases/spot_checks/list.html", context)


@require_http_methods(["POST"])
@office(Act.REOPEN)
def spot_check_draw(request: ActorRequest) -> HttpResponse:
    """URL name ``spot_checks_draw``: first who would be drawn, then with ``confirm`` the draw."""
    programmes, asked = _programmes(request), request.POST
    programme = next((p for p in programmes if p.key == asked.get("programme")), None)
    if programme is None:
        raise Http404
    wish: dict[str, Any] = {}
    try:
        wish = _wish(request)
        if asked.get("step") == "confirm":
            made = deeds.draw(programme, by=request.actor, at=clock.now(), **wish)
            return HttpResponseRedirect(reverse("spot_check_draw_page", args=[made.pk]))
        seen = deeds.plan(programme, **wish | {"seed": wish["seed"] or "0"})
    except Refused as refusal:
        note = {"words": refusal.words, "kind": "bad", "alert": True}
        context = {
            **spot_checks.draws_of(officials_cases(request.actor), DRAWS, {}),
            "may_draw": True,
            "fields": _fields(request, programmes),
            "note": note,
        }
        status = status_of(refusal)
        return render(request, "cases/spot_checks/list.html", context, status=status)
    context = {
        "programme": programme,
        "wish": wish,
        "plan": seen,
        "counties": [
            {"name": name, "of": len(numbers), "drawn": len(seen.drawn.get(name, ()))}
            for name, numbers in seen.population.items()
        ],
    }
    return render(request, "cases/spot_checks/preview.html", context)


def _programmes(request: ActorRequest) -> list[Programme]:
    rows = Programme.objects.select_related("city").order_by("-statistical_year", "key")
    return [one for one in rows if request.actor.may_in(Act.REOPEN, one.city)]


def _wish(request: ActorRequest) -> dict[str, Any]:
    return {
        "closed_from": _day(request.POST.get("closed_from", "")),
        "closed_until": _day(request.POST.get("closed_until", "")),
        "percent": _number(request.POST.get("percent", "")),
        "at_least": _number(request.POST.get("at_least", "")),
        "seed": request.POST.get("seed", "").strip(),
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("day", _("Give both days of the closings.")) from None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _fields(request: ActorRequest, programmes: list[Programme]) -> list[dict[str, Any]]:
    """The closings of the month before, 5 % of each county, one at least."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    asked = request.POST
    return [
        {
            "kind": "select", "name": "programme", "label": _("Programme"), "empty": False,
            "choices": [(one.key, str(one)) for one in programmes],
            "value": asked.get("programme", programmes[0].key),
        },
        {
            "kind": "date", "name": "closed_from", "label": _("Struck off from"),
            "value": asked.get("closed_from", last.replace(day=1).isoformat()),
        },
        {
            "kind": "date", "name": "closed_until", "label": _("Struck off until"),
            "value": asked.get("closed_until", last.isoformat()),
        },
        {
            "kind": "number", "name": "percent", "label": _("Share of each county"), "unit": "%",
            "min": 1, "max": 100, "step": 1, "value": asked.get("percent", 5),
        },
        {
            "kind": "number", "name": "at_least", "label": _("At least, in each county"),
            "min": 0, "max": 999, "step": 1, "value": asked.get("at_least", 1),
        },
        {
            "kind": "text", "name": "seed", "label": _("Word of the seed"), "required": False,
            "maxlength": deeds.MOST_SEED, "value": asked.get("seed", ""),
            "hint": _("May be said before witnesses. The machine adds its number when it draws."),
        },
    ]  # fmt: skip


@require_safe
@scoped(Act.READ)
def spot_check_draw_page(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``spot_check_draw_page``: one draw, its seed, and each closing that one sees."""
    return _page(request, pk)


def _page(
    request: ActorRequest,
    pk: int,
    note: dict[str, Any] | None = None,
    status: int = 200,
    refused: int | None = None,
) -> HttpResponse:
    """``refused``: the check whose decision came back; what was typed for it stays."""
    visible, today = officials_cases(request.actor), clock.today()
    rows = SpotCheck.objects.filter(draw=pk, case__in=visible).select_related(*spot_checks.WITH)
    checks = list(rows.order_by("case__county__position", "id"))
    if not checks:
        raise Http404
    draw = SpotDraw.objects.select_related("programme__city").get(pk=pk)
    granted = spot_checks.grantors(check.case for check in checks)
    papers = _papers(checks, request.actor)
    context = {
        "found": spot_checks.Drawn(draw, checks),
        "lines": [
            {
                "check": check,
                "kind": KINDS[SpotCheck.State(check.state)],
                "acts": spot_checks.acts_on(check, request.actor, today, granted[check.case_id]),
                "is_over": spot_checks.is_over(check),
                "criteria": policies.names_of(check.case, check.criteria),
                "haves": _haves(check),
                "typed": request.POST.get("reason", "") if check.pk == refused else "",
                "ticked": request.POST.getlist("criteria") if check.pk == refused else (),
                "papers": papers.get(check.case_id, ()),
                "seen": sum(paper["seen"] for paper in papers.get(check.case_id, ())),
            }
            for check in checks
        ],
        "whole": request.actor.may_in(Act.REOPEN, draw.programme.city),
        "longest": LONGEST,
        "note": note,
    }
    return render(request, "cases/spot_checks/draw.html", context, status=status)


def _papers(checks: list[SpotCheck], actor: Actor) -> dict[int, list[dict[str, Any]]]:
    """By case what its closing stands on, to be opened from its card, and whether the reader has
    opened it; one statement."""
    cases = {check.case_id: check.case for check in checks}
    rows = Evidence.objects.filter(case__in=list(cases), state__in=Evidence.ACCEPTED)
    opened = PaperSight.objects.filter(paper=OuterRef("pk"), by=actor.user)
    rows = rows.annotate(is_seen=Exists(opened))
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("criterion", "id"):
        found.setdefault(row.case_id, []).append(
            {
                "item": policies.names_of(cases[row.case_id], [row.criterion]),
                "name": row.file_name or row.offline_number or row.get_state_display(),
                "url": reverse("evidence", args=[row.pk]) if row.file else "",
                # nothing lies here of what was seen offline
                "seen": row.is_seen or not row.file,
            }
        )
    return found


def _haves(check: SpotCheck) -> list[tuple[str, str]]:
    rules = rules_of(check.case)
    rule = rules.procedure.criteria_for(None)
    names = {have.key: localised(have.label) for have in rules.pack.haves}
    return [(key, names.get(key, key)) for key in (rule.named() if rule else ())]


@require_POST
@scoped(Act.READ)
def spot_check_decide(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``spot_check_decide``: pass, fail, explain, let stand or strike."""
    rows = SpotCheck.objects.filter(case__in=officials_cases(request.actor))
    check = rows.filter(pk=pk).first()
    if check is None:
        raise Http404
    wish, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    told: dict[str, Any] = {"by": request.actor, "at": clock.now(), "reason": reason}
    try:
        if wish == "fail":
            deeds.fail_check(pk, criteria=request.POST.getlist("criteria"), **told)
        elif wish in VERBS:
            VERBS[wish](pk, **told)
        else:
            raise Refused("no_wish", _("Choose what came out of the recheck."))
    except Refused as refusal:
        note = {"words": refusal.words, "kind": "bad", "alert": True}
        return _page(request, check.draw_id, note, status_of(refusal), refused=pk)
    messages.success(request, _("Recorded."))
    return HttpResponseRedirect(reverse("spot_check_draw_page", args=[check.draw_id]))


VERBS: dict[str, Callable[..., SpotCheck]] = {
    "pass": deeds.pass_check,
    "explain": deeds.explain_check,
    "let_stand": deeds.accept_explanation,
    "strike": deeds.strike,
}


@require_safe
@office(Act.REOPEN)
def spot_check_population(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``spot_check_population``: the whole population with the hash of each number, so
    that anybody can draw again with ``sha256sum``."""
    draw = SpotDraw.objects.select_related("programme__city").filter(pk=pk).first()
    if draw is None or not request.actor.may_in(Act.REOPEN, draw.programme.city):
        raise Http404
    drawn = set(draw.drawn)
    lines = [
        f"# SHA-256({draw.seed}:NUMBER), {draw.percent}%, >= {draw.at_least}",
        *(
            "\t".join((county, number, sampling.rank(draw.seed, number), "*" * (number in drawn)))
            for county, numbers in sorted(draw.population.items())
            for number in sorted(numbers, key=lambda one: sampling.rank(draw.seed, one))
        ),
    ]
    name = f"spot-check-{draw.pk}.txt"
    rows = len(lines) - 1
    note_taken("spot_checks", name, by=request.actor, at=clock.now(), subject=draw, rows=rows)
    answer = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
