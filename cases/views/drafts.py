"""The tray of letters: the ladder drafts, the office decides; supervisors and leaders read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from cases import oversight
from cases.actions import drafts as letters
from cases.columns import address_of
from cases.errors import Refused
from cases.letters import compose, phase_title
from cases.models import Case, EscalationDraft
from cases.oversight import LETTER_ACTS, AnnexLine
from cases.policies import names_of
from cases.views.overdue import tabs
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

LISTED = 200
ROWS = 24  # lines of the text field
State = EscalationDraft.State


@scoped(*LETTER_ACTS)
def drafts(request: ActorRequest) -> HttpResponse:
    """Those to decide first, then what was decided, the newest first."""
    found = list(oversight.drafts_for(request.actor)[:LISTED])
    found.sort(key=lambda draft: draft.state != State.DRAFTED)
    visible = set(Case.objects.visible_to(request.actor).values_list("county_id", flat=True))
    context = {
        "tabs": tabs(request, "drafts"),
        "drafts": [_line(d) for d in found if d.county_id is None or d.county_id in visible],
        "at": clock.now(),
    }
    return render(request, "cases/drafts.html", context)


@scoped(*LETTER_ACTS)
def draft(request: ActorRequest, pk: int) -> HttpResponse:
    """One letter with its annex; a letter of another city is 404."""
    return _page(request, _draft_or_404(request, pk))


@scoped(Act.RELEASE_DRAFT)
@require_POST
def release(request: ActorRequest, pk: int) -> HttpResponse:
    """发出: the text as edited, under the name of whoever releases it."""
    found = _draft_or_404(request, pk)
    body = request.POST.get("body", "").replace("\r\n", "\n")
    try:
        letters.release(pk, by=request.actor, at=clock.now(), body=body)
    except Refused as refusal:
        return _page(request, found, error=refusal.words, body=body, status=422)
    messages.success(request, _("The letter is released. Every case of its annex records it."))
    return redirect("drafts")


@scoped(Act.RELEASE_DRAFT)
@require_POST
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """不发出, with a reason."""
    found = _draft_or_404(request, pk)
    try:
        letters.drop(pk, by=request.actor, at=clock.now(), reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _page(request, found, drop_error=refusal.words, status=422)
    messages.success(request, _("The letter is not sent; the reason is recorded."))
    return redirect("drafts")


def _draft_or_404(request: ActorRequest, pk: int) -> EscalationDraft:
    found = oversight.drafts_for(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _line(found: EscalationDraft) -> dict[str, Any]:
    return {
        "url": reverse("draft", args=[found.pk]),
        "kind": found.get_kind_display(),
        "unit": found.unit.short_name or found.unit.name,
        "county": found.county.name if found.county else "",
        "made_at": found.made_at,
        "state": found.get_state_display(),
        "is_open": found.state == State.DRAFTED,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "reason": found.reason,
    }


def _page(
    request: ActorRequest,
    found: EscalationDraft,
    *,
    error: str = "",
    drop_error: str = "",
    body: str = "",
    status: int = 200,
) -> HttpResponse:
    # the annex starts from visible_to(actor): a line outside one's map is not printed
    lines = oversight.annex(found, request.actor, clock.today())
    text = body or compose(found, lines, clock.today(), request.user)
    decides = found.state == State.DRAFTED and request.actor.may(Act.RELEASE_DRAFT)
    context = {
        "draft": _line(found),
        "title": _("%(kind)s to %(unit)s")
        % {"kind": found.get_kind_display(), "unit": found.unit.short_name or found.unit.name},
        "text": text,
        "lines": [_annex_line(n, line) for n, line in enumerate(lines, start=1)],
        "decides": decides,
        "release_url": reverse("draft_release", args=[found.pk]),
        "field": {
            "id": "body",
            "name": "body",
            "kind": "textarea",
            "rows": min(ROWS, text.count("\n") + len(text) // 60 + 2),
            "label": _("Text of the letter"),
            "hint": _("Composed from the annex. Edit what should read otherwise."),
            "value": text,
            "error": error,
        },
        "drop": {
            "id": "drop",
            "title": _("Do not send this letter"),
            "lead": _("The draft stays on record with your reason; its rungs stay fired."),
            "fields": [
                {
                    "id": "drop-reason",
                    "name": "reason",
                    "kind": "textarea",
                    "rows": 2,
                    "label": _("Reason"),
                    "error": drop_error,
                }
            ],
            "action": reverse("draft_drop", args=[found.pk]),
            "submit": _("Do not send"),
            "kind": "grave",
            "open": bool(drop_error),
        },
    }
    return render(request, "cases/draft.html", context, status=status)


def _annex_line(number: int, line: AnnexLine) -> dict[str, Any]:
    """序号 企业名称 所在乡镇 当前环节 尚缺事项 办理时限 逾期 承办单位 已提醒次数."""
    case, item = line.case, line.item
    keys = [case.criterion] if case.criterion else case.lacking
    unit = item.unit.short_name or item.unit.name
    return {
        "n": number,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "url": address_of("case", case.pk),
        "township": case.township.name if case.township else "",
        "stage": phase_title(case, item.stage),
        "lack": names_of(case, keys) or pgettext("annex", "to be surveyed"),
        "due_on": item.due_on,
        "late": line.days_late,
        "unit": unit,
        "reminded": line.reminded,
    }
