"""平台编号: a firm's numbers in other platforms, edited on its page or read from a workbook."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enterprises.actions import numbers
from enterprises.actions.numbers import Noted, NumberWish
from enterprises.importing.number_sheet import SHEET
from enterprises.models import Enterprise, PlatformNumber
from enterprises.permissions import can_keep
from organisations import clock
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.markers import ActorRequest, office, scoped
from organisations.roles import Act

SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def firm_numbers(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_numbers``: one number noted, changed or removed ("无")."""
    actor = request.actor
    firm = Enterprise.objects.visible_to(actor).filter(pk=pk).first()
    if firm is None:
        raise Http404
    if not can_keep(actor, firm):
        raise PermissionDenied(
            _("Numbers are kept by the county, the township and the city office.")
        )
    error = ""
    if request.method == "POST":
        error = _note(request, firm)
        if not error:
            return redirect("firm", pk=pk)
    context = {
        "firm": firm,
        "numbers": list(firm.numbers.all()),
        "fields": _fields(request),
        "error": error,
    }
    return render(request, "enterprises/numbers.html", context, status=422 if error else 200)


def _note(request: ActorRequest, firm: Enterprise) -> str:
    """What was typed, noted; the words of a refusal."""
    post = request.POST
    kind = post.get("kind", "")
    platform = post.get("name", "") if kind == PlatformNumber.Kind.OTHER else kind
    try:
        days = [_day(post.get(name, "")) for name in ("since", "until")]
        wish = NumberWish(
            1, firm.credit_code or firm.name, platform, post.get("number", ""), days[0], days[1]
        )
        done = numbers.note_numbers([wish], by=request.actor, at=clock.now())
    except ValueError:
        return _("Please choose a date.")
    except Refused as refusal:
        return refusal.words
    if done.refused:
        return done.refused[0][2]
    messages.success(request, _("The numbers of the firm are up to date."))
    return ""


def _day(text: str) -> date | None:
    """Raises ValueError for what is no day."""
    if not text.strip():
        return None
    day = parse_date(text.strip())
    if day is None:
        raise ValueError(text)
    return day


def _fields(request: ActorRequest) -> list[dict[str, Any]]:
    post = request.POST
    return [
        {
            "kind": "select", "name": "kind", "label": _("Platform"),
            "choices": PlatformNumber.Kind.choices, "value": post.get("kind", ""),
        },
        {
            "kind": "text", "name": "name", "label": _("Name of another platform"),
            "required": False, "maxlength": 60, "value": post.get("name", ""),
        },
        {
            "kind": "text", "name": "number", "label": _("Number"), "maxlength": 60,
            "hint": _("“none” removes it."), "value": post.get("number", ""),
        },
        {
            "kind": "date", "name": "since", "label": _("Since"), "required": False,
            "value": post.get("since", ""),
        },
        {
            "kind": "date", "name": "until", "label": _("Valid until"), "required": False,
            "value": post.get("until", ""),
        },
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.IMPORT)
def numbers_import(request: ActorRequest) -> HttpResponse:
    """URL name ``numbers_import``: upload, preview, confirm; nothing is written before that."""
    context: dict[str, Any] = {}
    if request.method != "POST":
        return render(request, "enterprises/numbers_import.html", context)
    confirmed = request.POST.get("step") == "confirm"
    try:
        if confirmed:
            wishes = numbers.of_text(request.POST.get("table", ""))
        else:
            upload = request.FILES.get("file")
            if upload is None:
                raise Refused("no_file", _("Choose at least one file."))
            wishes = numbers.of_workbook(upload.read())
        done = _run(request, wishes, keep=confirmed)
    except (Refused, ValueError) as refusal:
        words = refusal.words if isinstance(refusal, Refused) else _("Start again.")
        return render(request, "enterprises/numbers_import.html", {"error": words}, status=422)
    if confirmed:
        words = _("Numbers: %(new)d new, %(changed)d changed, %(removed)d removed.")
        messages.success(request, words % _counts(done))
        return redirect("firms")
    context = {
        "done": done,
        "shown": [*done.new, *done.changed][:SHOWN],
        "table": numbers.as_text(wishes),
    }
    return render(request, "enterprises/numbers_import.html", context)


def _run(request: ActorRequest, wishes: list[NumberWish], *, keep: bool) -> Noted:
    """The preview is the verb itself, taken back again."""
    with transaction.atomic():
        done = numbers.note_numbers(wishes, by=request.actor, at=clock.now())
        if not keep:
            transaction.set_rollback(True)
    return done


def _counts(done: Noted) -> dict[str, int]:
    return {name: len(getattr(done, name)) for name in ("new", "changed", "removed")}


@require_safe
@office(Act.IMPORT)
def numbers_template(request: ActorRequest) -> HttpResponse:
    """URL name ``numbers_template``: the empty workbook with notes and an example."""
    answer = HttpResponse(template(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="numbers.xlsx"'
    return answer


def template() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET.title)
        head = book.add_format({"bold": True, "bg_color": "#e9ecf0", "border": 1})
        note = book.add_format({"italic": True, "font_color": "#5d6773", "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        for place, column in enumerate(SHEET.columns):
            sheet.set_column(place, place, column.width, text)
            sheet.write_string(0, place, column.note, note)
            sheet.write_string(1, place, column.header, head)
            sheet.write_string(2, place, SHEET.examples[0][place], text)
        sheet.set_row(0, 48)
        sheet.freeze_panes(2, 0)
    return out.getvalue()
