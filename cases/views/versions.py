"""方案版本: who issued what and when, what changed, and moving open cases to another version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import migrating
from cases.actions.migrating import Kept, Migration
from cases.errors import Refused
from cases.labels import stage_title
from cases.versions import open_by_stage, open_by_version, touched_by
from cases.views.acts import status_of
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from workflows.models import Programme, ProgrammeVersion
from workflows.pack_diff import Diff, compare
from workflows.packs import Pack

KEEP, RECOMPUTE = "keep", "recompute"
SHOWN = 50  # cases that cannot move


@require_GET
@office(Act.ISSUE_PACK, Act.OPEN)
def versions(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_versions``: every version with its hash and its open cases."""
    programme = _programme(request, key)
    running = open_by_version(programme.pk)
    rows = list(programme.versions.select_related("issued_by").defer("source"))
    lines = [
        {"version": row, "running": running.get(row.pk, 0), "before": before}
        for row, before in zip(rows, [*rows[1:], None], strict=True)
    ]
    context = {"programme": programme, "lines": lines, "newest": rows[0] if rows else None}
    return render(request, "cases/versions.html", context)


@require_GET
@office(Act.ISSUE_PACK, Act.OPEN)
def difference(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_diff`` (``?old=1&new=2``): what changed, and which cases it concerns."""
    programme = _programme(request, key)
    old, new = (_version(programme, request.GET.get(name, "")) for name in ("old", "new"))
    diff = compare(old.pack, new.pack)
    context = {
        "programme": programme,
        "old": old,
        "new": new,
        "parts": diff.named_parts(),
        "touched": touched_by(diff, old),
        "numbers": list(programme.versions.values_list("number", flat=True)),
    }
    return render(request, "cases/version_diff.html", context)


@require_GET
@office(Act.ISSUE_PACK, Act.OPEN)
def touched(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_touched`` (``?old=1&place=assistance.survey``): for the page that
    checks a pack, how many open cases its changes would concern.
    """
    old = _version(_programme(request, key), request.GET.get("old", ""))
    places = (place.partition(".") for place in request.GET.getlist("place"))
    diff = Diff((), frozenset((p, stage) for p, _dot, stage in places), "everywhere" in request.GET)
    context = {"old": old, "touched": touched_by(diff, old)}
    return render(request, "cases/version_touched.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.ISSUE_PACK)
def migrate(request: ActorRequest, key: str) -> HttpResponse:
    """URL name ``programme_migrate`` (``?old=1&new=2``): map the stages → see → move."""
    programme = _programme(request, key)
    asked = request.POST if request.method == "POST" else request.GET
    old, new = (_version(programme, asked.get(name, "")) for name in ("old", "new"))
    page = _Page(request, programme, old, new)
    if request.method != "POST":
        return page.form()
    try:
        dry_run = request.POST.get("step") != "confirm"
        found = migrating.migrate(
            programme,
            from_number=old.number,
            to_number=new.number,
            stages=page.stage_map,
            recompute=request.POST.get("deadlines") == RECOMPUTE,
            leave=True,
            dry_run=dry_run,
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return page.form(error=refusal.words, status=status_of(refusal))
    if dry_run:
        return page.preview(found)
    words = ngettext(
        "%(n)d case was moved to version %(number)d.",
        "%(n)d cases were moved to version %(number)d.",
        found.moved,
    )
    messages.success(request, words % {"n": found.moved, "number": new.number})
    return redirect("programme_versions", programme.key)


@dataclass(frozen=True)
class _Page:
    """The page of a migration in its two steps."""

    request: ActorRequest
    programme: Programme
    old: ProgrammeVersion
    new: ProgrammeVersion

    @property
    def stage_map(self) -> dict[str, str]:
        """What was chosen: ``map-assistance.matching`` = ``talks``."""
        posted = self.request.POST
        named = [name for name in posted if name.startswith("map-")]
        return {name[4:]: posted.get(name, "") for name in named if posted.get(name)}

    def form(self, error: str = "", status: int = 200) -> HttpResponse:
        counts = open_by_stage(self.old)
        chosen = self.stage_map
        fields = [
            self._field(procedure, stage, n, chosen.get(f"{procedure}.{stage}", ""))
            for (procedure, stage), n in sorted(counts.items())
        ]
        context = {"fields": fields, "deadlines": self._deadlines(), "error": error}
        return self._render(context, status)

    def preview(self, found: Migration) -> HttpResponse:
        moves = [
            {
                "procedure": str(self.old.pack.procedures[procedure].title),
                "old": _title(self.old.pack, procedure, old),
                "new": _title(self.new.pack, procedure, new),
                "n": n,
            }
            for (procedure, old, new), n in sorted(found.stages.items())
        ]
        held = {name: self.request.POST.get(name, "") for name in ("deadlines",)}
        held |= {f"map-{key}": value for key, value in self.stage_map.items()}
        context = {
            "found": found,
            "moves": moves,
            "kept": [_kept(one) for one in found.kept[:SHOWN]],
            "unseen": max(len(found.kept) - SHOWN, 0),
            "held": list(held.items()),
        }
        return self._render(context)

    def _render(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        known = {"programme": self.programme, "old": self.old, "new": self.new}
        return render(self.request, "cases/migrate.html", {**known, **context}, status=status)

    def _field(self, procedure: str, stage: str, n: int, chosen: str) -> dict[str, Any]:
        """Where the open cases of one stage go on."""
        target = self.new.pack.procedures.get(procedure)
        stages = [(s.key, str(s.title)) for s in target.stages] if target else []
        same = stage if target and target.has(stage) else ""
        words = ngettext("%(n)d open case", "%(n)d open cases", n) % {"n": n}
        title = str(self.old.pack.procedures[procedure].title)
        return {
            "kind": "select",
            "name": f"map-{procedure}.{stage}",
            "label": f"{title} · {_title(self.old.pack, procedure, stage)}",
            "hint": words,
            "choices": stages,
            "value": chosen or same,
            "required": False if not same else None,
        }

    def _deadlines(self) -> dict[str, Any]:
        return {
            "kind": "choices",
            "name": "deadlines",
            "label": _("Dates"),
            "hint": _("Days lost while a case was suspended, and extensions, stay in both."),
            "value": self.request.POST.get("deadlines", KEEP),
            "choices": [
                (KEEP, _("Keep the dates")),
                (RECOMPUTE, _("Compute them by the new limits")),
            ],
        }


def _title(pack: Pack, procedure: str, stage: str) -> str:
    return stage_title(pack, procedure, stage)


def _kept(one: Kept) -> dict[str, Any]:
    firm = one.case.enterprise.name if one.case.enterprise else one.case.title
    return {"case": one.case, "firm": firm, "words": one.words}


def _programme(request: ActorRequest, key: str) -> Programme:
    rows = Programme.objects.filter(city_id__in=request.actor.city_ids)
    found = rows.select_related("city").filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _version(programme: Programme, number: str) -> ProgrammeVersion:
    found = programme.versions.filter(number=number).first() if number.isdecimal() else None
    if found is None:
        raise Http404
    return found
