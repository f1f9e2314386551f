"""企业咨询与评价, the officials' side: what the firm asked and said, and the answer to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases import permissions
from cases.actions import asking
from cases.actions.stages import act_of
from cases.asking import QUESTION, RATE, Question, last_rating, threads_of
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent
from cases.sheet import Sheet
from cases.views.firm_file import firm_or_404
from cases.views.rows import case_or_404
from cases.views.whole import part_of
from enterprises.models import Enterprise
from enterprises.views.firm import clerks_on
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor

SHOWN = 5  # threads of one firm, unless all are asked for


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def firm_talk(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_talk``: the firm's questions with their answers, and its opinion."""
    # a case that lies in another county than its firm brings along what the firm asks
    cases = Case.objects.visible_to(request.actor).filter(enterprise=pk)
    firm = Enterprise.objects.filter(pk__in=cases.values("enterprise")).first()
    firm = firm or firm_or_404(request.actor, pk)
    events = CaseEvent.objects.filter(case__in=cases, verb=RATE).select_related("by")
    threads = threads_of([pk], request.actor).get(pk, [])
    context = {
        "threads": threads if request.GET.get("all") else threads[:SHOWN],
        "total": len(threads),
        "waiting": sum(one.is_open for thread in threads for one in thread),
        "rating": last_rating(events),
        "firm": firm,
        "has_page": clerks_on(firm, clock.today()),
    }
    return render(request, "cases/firm/talk.html", context)


@require_POST
@scoped(Act.READ)
def case_answer(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_answer``: the answer to a firm's question, which is done with it."""
    case = case_or_404(request.actor, pk)
    if case.procedure != QUESTION:
        raise Http404
    text = request.POST.get("answer", "")
    try:
        asking.answer(pk, text=text, by=request.actor, at=clock.now())
    except Refused as refusal:
        return _kept(request, case, text, refusal)
    messages.success(request, _("Answered; the firm reads it on its page."))
    return HttpResponseRedirect(reverse("case", args=[pk]))


def _kept(request: ActorRequest, case: Case, text: str, refusal: Refused) -> HttpResponse:
    """What was typed is shown to be copied: a colleague may have answered meanwhile."""
    context = {
        "title": case.title,
        "words": refusal.words,
        "form_title": _("Answer to the firm"),
        "answers": [{"name": _("Answer to the firm"), "value": text}] if text.strip() else [],
        "back": reverse("case", args=[case.pk]),
        "back_words": _("Load the case again"),
    }
    status = 403 if isinstance(refusal, NotYours) else 422
    return render(request, "cases/forms/gone.html", context, status=status)


def card_of(sheet: Sheet, actor: Actor) -> dict[str, Any] | None:
    """On the page of a question: its thread, and room for the answer of whoever owes it."""
    case = sheet.case
    if case.procedure != QUESTION:
        return None
    threads = threads_of([case.firm_id], actor).get(case.firm_id, [])
    thread: list[Question] = next(
        (thread for thread in threads if any(one.case.pk == case.pk for one in thread)), []
    )
    may = not case.is_finished and permissions.can(actor, act_of(case, "close"), case, sheet.item)
    return {"thread": thread, "case": case, "may": may}
