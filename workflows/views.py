"""方案管理: a pack is uploaded, checked, looked at as a diagram, and issued as a new version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from organisations import clock
from organisations.errors import Refused
from organisations.markers import ActorRequest, office
from organisations.roles import Act
from workflows.draw import described, draw
from workflows.issuing import check_city, issue_and_set_up
from workflows.models import ProgrammeVersion
from workflows.pack_diff import Diff, compare
from workflows.pack_source import LONGEST
from workflows.packs import Pack, PackError, parse_pack
from workflows.text import localised


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.ISSUE_PACK)
def upload(request: ActorRequest) -> HttpResponse:
    """URL name ``pack_upload``: the file, and after it what is wrong with it, or its diagram."""
    if request.method != "POST":
        return _page(request)
    try:
        text, name = _text_of(request)
        pack = parse_pack(text, name, issued_on=clock.today())
        check_city(pack, request.actor)
    except PackError as wrong:
        return _page(request, status=422, findings=wrong.findings, file_name=wrong.source)
    except Refused as refusal:
        return _page(request, status=422, error=refusal.words)
    known = ProgrammeVersion.objects.filter(programme__key=pack.key).order_by("-number").first()
    same = known is not None and known.source == text
    context = {"text": text, "file_name": name, "known": known, "same": same, **_shown(pack)}
    if known is not None and not same:
        diff = compare(known.pack, pack)
        context |= {"parts": diff.named_parts(), "touched_url": _touched_url(known, diff)}
    return _page(request, **context)


@require_POST
@office(Act.ISSUE_PACK)
def issue(request: ActorRequest) -> HttpResponse:
    """URL name ``pack_issue``: the text that was just checked becomes the newest version."""
    text, name = request.POST.get("text", "").replace("\r\n", "\n"), request.POST.get("name", "")
    try:
        version = issue_and_set_up(text, by=request.actor, at=clock.now(), source=name)
    except PackError as wrong:
        return _page(request, status=422, findings=wrong.findings, file_name=name)
    except Refused as refusal:
        return _page(request, status=422, error=refusal.words)
    words = _("“%(title)s” is issued as version %(number)s.")
    messages.success(request, words % {"title": version.programme, "number": version.number})
    return redirect("programmes")


@require_GET
@office(Act.ISSUE_PACK, Act.OPEN)
def version(request: ActorRequest, key: str, number: int) -> HttpResponse:
    """URL name ``pack_version``: an issued version, as diagram and figures."""
    row = _issued(request, key, number)
    context = {"version": row, **_shown(row.pack)}
    return render(request, "workflows/version.html", context)


@require_GET
@office(Act.ISSUE_PACK, Act.OPEN)
def text(request: ActorRequest, key: str, number: int) -> HttpResponse:
    """URL name ``pack_text``: the file as it was issued."""
    row = _issued(request, key, number)
    answer = HttpResponse(row.source, content_type="text/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.programme.key}-v{row.number}.yaml"'
    return answer


def _touched_url(known: ProgrammeVersion, diff: Diff) -> str:
    """Where the floor above tells how many open cases the changes concern."""
    places = [f"{procedure}.{stage}" for procedure, stage in sorted(diff.concerned)]
    query: dict[str, Any] = {"old": known.number, "place": places}
    query |= {"everywhere": 1} if diff.everywhere else {}
    address = reverse("programme_touched", args=[known.programme.key])
    return f"{address}?{urlencode(query, doseq=True)}"


def _issued(request: ActorRequest, key: str, number: int) -> ProgrammeVersion:
    rows = ProgrammeVersion.objects.select_related("programme__city", "issued_by")
    row = rows.filter(programme__key=key, number=number).first()
    if row is None or row.programme.city_id not in request.actor.city_ids:
        raise Http404
    return row


def _text_of(request: ActorRequest) -> tuple[str, str]:
    file = request.FILES.get("file")
    if file is None:
        raise Refused("no_file", _("Choose the pack first: a .yaml file."))
    if file.size is None or file.size > LONGEST * 4:
        raise Refused("too_large", _("The file is too long for a pack."))
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        words = _("This is no text in UTF-8. A pack is a .yaml file, not a workbook or a picture.")
        raise Refused("not_text", words) from None
    # a browser posts a text back with CRLF: the same file must stay the same text
    return text.replace("\r\n", "\n"), file.name or ""


def _shown(pack: Pack) -> dict[str, Any]:
    """What the page prints of a pack: figures, and each procedure as a diagram."""
    days = sum(bool(stage.ladder) for p in pack.procedures.values() for stage in p.stages)
    counts = (
        (_("Counties"), len(pack.counties)),
        (_("Units named"), len(pack.units.departments) + len(pack.units.liaison_groups) + 1),
        (_("Rules of assignment"), len(pack.assignment)),
        (_("Stages with reminders"), days),
    )
    drawings = [
        {
            "title": localised(procedure.title),
            # our own drawing of a checked pack; its words are escaped where they are drawn
            "svg": mark_safe(draw(pack, key)),
            "lines": described(pack, key),
        }
        for key, procedure in pack.procedures.items()
    ]
    return {
        "pack_title": localised(pack.title),
        "pack": pack,
        "figures": [{"name": name, "value": count, "unit": ""} for name, count in counts],
        "drawings": drawings,
    }


def _page(request: ActorRequest, status: int = 200, **more: Any) -> HttpResponse:
    field = {
        "kind": "file",
        "name": "file",
        "label": _("Programme pack"),
        "hint": _("A .yaml file. It is only checked now; nothing is issued before you confirm."),
        "accept": ".yaml,.yml",
        "error": more.get("error", ""),
    }
    findings = more.get("findings", ())
    count = ngettext("%(n)d fault", "%(n)d faults", len(findings)) % {"n": len(findings)}
    context = {"field": field, "fault_count": count, **more}
    return render(request, "workflows/pack.html", context, status=status)
