"""进展填报: the county's ledger as a workbook, filled in, handed back, looked at, taken, undone."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.actions import note_sheets as verbs
from cases.importing.note_plan import CHANGED, NEW, REFUSED, STALE, UNCHANGED, NotePlan, Verdict
from cases.importing.note_rows import read_filled
from cases.ledger import Asked
from cases.models import NoteSheet
from cases.note_file import write_notes
from cases.views.asking import asked_or_404
from cases.views.ledger import ledger_of
from enterprises.importing.workbook import usual_limits
from organisations import clock
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.keyset import KeyPage, ListPage, counted, keys
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

SHOWN = 20
LISTED = 100  # rows of one kind on the page
State = NoteSheet.State
TABS = (
    (CHANGED, gettext_lazy("Changed")),
    (NEW, gettext_lazy("New")),
    (STALE, gettext_lazy("Changed meanwhile")),
    (REFUSED, gettext_lazy("Refused")),
    (UNCHANGED, gettext_lazy("Unchanged")),
)
NAMES = {
    "progress": pgettext_lazy("to be filled in", "Progress"),
    "problem": pgettext_lazy("to be filled in", "Problem"),
    "expected": pgettext_lazy("to be filled in", "Expected on"),
}


class SheetForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The sheet, filled in (.xlsx)"),
        help_text=gettext_lazy("At most 10 MB. Nothing is changed before you confirm."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.RECORD_FORM)
def note_sheets(request: ActorRequest) -> HttpResponse:
    """URL name ``note_sheets``: take a sheet away, hand it in; what one handed in before."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = _receive(request, form.cleaned_data["file"])
        except Refused as refusal:
            form.add_error("file", refusal.words)
        else:
            return redirect("note_sheet", sheet.pk)
    asked = asked_or_404(request.actor, request.GET)
    rows = _own(request).defer("rows")
    page = KeyPage(rows, keys("-id"), request.GET, SHOWN, counted(rows))
    context = {
        "form": form,
        "query": asked.as_query(),
        "is_filtered": asked != Asked(),
        "page": page,
        "sheets": [_line(sheet) for sheet in page.object_list],
    }
    status = 422 if form.errors else 200
    return render(request, "cases/notes/sheets.html", context, status=status)


@require_safe
@scoped(Act.RECORD_FORM)
def note_sheet_file(request: ActorRequest) -> FileResponse:
    """URL name ``note_sheet_file``: the rows of the ledger's filter, three columns to fill in."""
    ledger = ledger_of(request)
    names = sorted({s.unit_name for s in request.actor.standings_for(Act.RECORD_FORM)})
    where = _(", ").join(names)
    write = partial(write_notes, ledger=ledger, where=where)
    name = "_".join([pgettext("file name", "Progress"), where, f"{ledger.on:%Y%m%d}"]) + ".xlsx"
    return send_workbook(
        "note_sheet", name, write, by=request.actor, at=clock.now(), query=ledger.asked.as_query()
    )


@require_safe
@scoped(Act.RECORD_FORM)
def note_sheet(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``note_sheet``: what would change, row by row; once taken, what was."""
    sheet = _sheet(request, pk)
    context: dict[str, Any] = {"sheet": sheet, "at": clock.now()}
    if sheet.state == State.PREVIEWED:
        plan = verbs.plan_for(sheet, request.actor, clock.today())
        context |= _preview(request, plan)
    else:
        context |= {"figures": _figures(sheet.counts, ""), "may_undo": _may_undo(sheet)}
    return render(request, "cases/notes/sheet.html", context)


@require_POST
@scoped(Act.RECORD_FORM)
def note_sheet_act(request: ActorRequest, pk: int, do: str) -> HttpResponse:
    """URL name ``note_sheet_act``: take, drop or undo."""
    sheet = _sheet(request, pk)
    acts = {"take": _take, "drop": _drop, "undo": _undo}
    if do not in acts:
        raise Http404
    try:
        words = acts[do](request, sheet)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("note_sheet", pk)
    messages.success(request, words)
    return redirect("note_sheets") if do == "drop" else redirect("note_sheet", pk)


def _take(request: ActorRequest, sheet: NoteSheet) -> str:
    knowing = bool(request.POST.get("knowing"))
    plan = verbs.take_sheet(sheet, by=request.actor, at=clock.now(), knowing=knowing)
    n = len(plan.to_take(knowing=knowing))
    return _("%(n)d rows taken. This can be undone for 24 hours.") % {"n": n}


def _drop(request: ActorRequest, sheet: NoteSheet) -> str:
    verbs.drop_sheet(sheet, by=request.actor)
    return _("Dropped. Nothing was changed.")


def _undo(request: ActorRequest, sheet: NoteSheet) -> str:
    undone = verbs.undo_sheet(sheet, by=request.actor, at=clock.now())
    words = _("%(n)d rows are as before; %(stays)d were written to since and stay.")
    return words % {"n": len(undone.cases), "stays": len(undone.stays)}


def _receive(request: ActorRequest, upload: Any) -> NoteSheet:
    if upload.size > usual_limits().size:
        words = _("The file is larger than %(mb)s MB.")
        raise Refused("too_large", words % {"mb": usual_limits().size >> 20})
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        filled = read_filled(Path(kept.name), upload.name)
    return verbs.hand_in_sheet(filled, Path(upload.name).name, by=request.actor, at=clock.now())


def _own(request: ActorRequest) -> Any:
    """One's own: it holds what one typed."""
    return NoteSheet.objects.filter(by=request.user).exclude(state=State.DROPPED)


def _sheet(request: ActorRequest, pk: int) -> NoteSheet:
    found: NoteSheet | None = _own(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _line(sheet: NoteSheet) -> dict[str, Any]:
    taken = sum(sheet.counts.get(kind, 0) for kind in (NEW, CHANGED))
    return {"sheet": sheet, "taken": taken, "url": reverse("note_sheet", args=[sheet.pk])}


def _may_undo(sheet: NoteSheet) -> bool:
    if sheet.state != State.TAKEN or sheet.taken_at is None:
        return False
    return clock.now() - sheet.taken_at <= verbs.UNDO_WITHIN


def _preview(request: ActorRequest, plan: NotePlan) -> dict[str, Any]:
    counts = plan.counts()
    first = next((kind for kind, _label in TABS if counts[kind]), CHANGED)
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else first
    # a sheet handed in stays as it is: its rows are told by their places
    rows = list(enumerate(plan.of(tab)))
    page = ListPage(rows, lambda row: (row[0],), request.GET, LISTED)
    ready = len(plan.to_take(knowing=False))
    return {
        "figures": _figures(counts, tab),
        "tab": tab,
        "page": page,
        "rows": [_shown(verdict) for _place, verdict in page.object_list],
        "ready": ready,
        "stale": counts[STALE],
    }


def _figures(counts: dict[str, int], tab: str) -> list[dict[str, Any]]:
    return [
        {
            "name": label,
            "value": counts.get(kind, 0),
            "unit": _("rows"),
            "url": f"?tab={kind}",
            "bad": kind in (STALE, REFUSED) and bool(counts.get(kind)),
            "current": kind == tab,
        }
        for kind, label in TABS
    ]


def _shown(verdict: Verdict) -> dict[str, Any]:
    row, case = verdict.row, verdict.case
    return {
        "place": f"{row.sheet}!{row.cells.get(verdict.column) or row.row}",
        "firm": case.subject if case else row.firm,
        "number": case.number if case else row.number,
        "url": reverse("case", args=[case.pk]) if case else "",
        "changes": [
            {"name": NAMES[change.name], "old": change.old, "new": change.new}
            for change in verdict.changes
        ],
        "reason": verdict.reason,
        "remark": verdict.remark,
    }
