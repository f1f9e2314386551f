"""The tray of letters: the ladder drafts, the office decides; supervisors and leaders read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case as When
from django.db.models import Q, Value
from django.db.models import When as If
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from cases import caps, oversight, permissions
from cases.actions import drafts as letters
from cases.addressing import addressee_in_short, addressee_of, breakable, cities_with_codes
from cases.annex import Annex, annex_of
from cases.dates import day_words
from cases.errors import Refused, Stale
from cases.letter_lacks import lacks_of
from cases.letters import compose
from cases.models import Case, EscalationDraft
from cases.oversight import LETTER_ACTS
from cases.views.annex_rows import annex_rows
from cases.views.overdue import tabs
from organisations import clock
from organisations.keyset import KeyPage, counted, keys
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

A_PAGE = 30
ROWS = 24  # lines of the text field
INDENT = 2  # blanks before a paragraph
State = EscalationDraft.State


@require_safe
@scoped(*LETTER_ACTS)
def drafts(request: ActorRequest) -> HttpResponse:
    """Those to decide first, then what a later day may send, then what was decided; newest first.

    Those to decide are the number on the tab; what is held back stands apart and says until when.
    """
    visible = Case.objects.visible_to(request.actor).values("county_id")
    rows = oversight.drafts_for(request.actor).filter(Q(county=None) | Q(county__in=visible))
    waiting = caps.waiting(rows, clock.today())
    held = {pk: until for pk, until in waiting.items() if until is not None}
    place = When(
        If(pk__in=list(held), then=Value(1)),
        If(state=State.DRAFTED, then=Value(0)),
        default=Value(2),
    )
    rows = rows.annotate(place=place)
    page = KeyPage(rows, keys("place", "-id"), request.GET, A_PAGE, counted(rows))
    listed = list(page.object_list)
    context = {
        "tabs": tabs(request, "drafts"),
        "drafts": [
            {**line, "later": _later(held.get(found.pk))}
            for found, line in zip(listed, _lines(listed), strict=True)
        ],
        "page": page,
        "waiting": len(waiting) - len(held),
        "held": len(held),
        "at": clock.now(),
    }
    return render(request, "cases/drafts.html", context)


@require_safe
@scoped(*LETTER_ACTS)
def draft(request: ActorRequest, pk: int) -> HttpResponse:
    """One letter with its annex; a letter of another city is 404."""
    return _page(request, _draft_or_404(request, pk))


@require_safe
@scoped(Act.READ)
def letter(request: ActorRequest, pk: int) -> HttpResponse:
    """A letter that went out, as whoever it went to reads it; anybody else's is 404."""
    found = oversight.letters_to(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return _page(request, found, decides=False)


@require_POST
@scoped(*LETTER_ACTS)
def release(request: ActorRequest, pk: int) -> HttpResponse:
    """发出: the text as edited, under the name of who releases it; asked twice."""
    found = _decided_here(request, pk)
    body = request.POST.get("body", "").replace("\r\n", "\n")
    number = request.POST.get("number", "")
    if request.POST.get("back"):
        return _page(request, found, body=body, number=number)
    try:
        if found.state == State.DRAFTED and not request.POST.get("confirmed"):
            return _confirmation(request, found, body, number)
        letters.release(
            pk,
            by=request.actor,
            at=clock.now(),
            body=body,
            number=number,
            seal=request.POST.get("seal"),
        )
    except Stale as refusal:
        # an unedited text is composed anew with the list; an edited one stays as it is
        kept = "" if _mark(body) == request.POST.get("proposed") else body
        return _page(request, found, error=refusal.words, body=kept, number=number, status=409)
    except Refused as refusal:
        return _page(request, found, error=refusal.words, body=body, number=number, status=422)
    messages.success(request, _("The letter is released. Every case of its annex records it."))
    return redirect("drafts")


@require_POST
@scoped(*LETTER_ACTS)
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """不发出, with a reason."""
    found = _decided_here(request, pk)
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


def _decided_here(request: ActorRequest, pk: int) -> EscalationDraft:
    """A letter to decide; who only reads it is told who decides."""
    found = _draft_or_404(request, pk)
    if not request.actor.may(Act.RELEASE_DRAFT):
        raise PermissionDenied(permissions.refusal(Act.RELEASE_DRAFT))
    return found


def _lines(drafts: Iterable[EscalationDraft]) -> list[dict[str, Any]]:
    drafts = list(drafts)
    coded = cities_with_codes(drafts)
    return [_line(found, coded) for found in drafts]


def _line(found: EscalationDraft, coded: Collection[int] | None = None) -> dict[str, Any]:
    return {
        "url": reverse("draft", args=[found.pk]),
        "kind": found.get_kind_display(),
        "number": found.number,
        "to": addressee_in_short(found, coded),
        "addressee": addressee_of(found, coded),
        "county": found.county.name if found.county else "",
        "made_at": found.made_at,
        "state": found.get_state_display(),
        "is_open": found.state == State.DRAFTED,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "reason": found.reason,
        "into": found.into.get_kind_display() if found.into else "",
        "into_url": reverse("draft", args=[found.into_id]) if found.into_id else "",
    }


def _later(held: caps.Held | None) -> str:
    """可于12月发出: such a letter has gone to the addressee this month, or none goes out now."""
    if held is None:
        return ""
    if held.season:
        return _("may go out from %(day)s") % {"day": day_words(held.until, clock.today())}
    month = dateformat.format(held.until, pgettext("date format", "F"))
    return _("may go out in %(month)s") % {"month": month}


def _title(found: EscalationDraft) -> str:
    return _("%(kind)s to %(unit)s") % {
        "kind": found.get_kind_display(),
        "unit": addressee_in_short(found),
    }


def _confirmation(
    request: ActorRequest, found: EscalationDraft, body: str, number: str
) -> HttpResponse:
    """The second look at what cannot be taken back: to whom, about how many, in which words."""
    annex = annex_of(found, request.actor, clock.today())
    seal = request.POST.get("seal")
    letters.check_release(found, annex, by=request.actor, at=clock.now(), body=body, seal=seal)
    context = {
        "draft": _line(found),
        "title": _title(found),
        "parts": list(parts_of(body)),
        "body": body,
        "number": number,
        "seal": request.POST.get("seal", annex.seal),
        "proposed": request.POST.get("proposed", ""),
        "counted": _counted(annex) if annex.lines else "—",
        "gone": annex.gone_words(),
        "lacks": lacks_of(found, body, clock.today(), request.actor),
        "lines": annex_rows(annex),
        "release_url": reverse("draft_release", args=[found.pk]),
    }
    return render(request, "cases/draft_confirm.html", context)


def _page(
    request: ActorRequest,
    found: EscalationDraft,
    *,
    error: str = "",
    drop_error: str = "",
    body: str = "",
    number: str = "",
    decides: bool = True,
    status: int = 200,
) -> HttpResponse:
    # the annex starts from visible_to(actor): a line outside one's map is not printed
    on = clock.today()
    annex = annex_of(found, request.actor, on)
    if found.state == State.MERGED:  # its list stands in the higher letter, as of another day
        annex = Annex()
    holds = bool(annex.lines or found.cause)
    proposed = compose(found, annex.lines, on, request.user) if holds or found.body else ""
    text = body or proposed
    decides = decides and found.state == State.DRAFTED and request.actor.may(Act.RELEASE_DRAFT)
    mine = EscalationDraft.objects.filter(pk=found.pk)
    held = caps.held_back(mine, on).get(found.pk) if decides else None
    later = _later(held)
    context = {
        "draft": _line(found),
        "title": _title(found),
        "parts": list(parts_of(text)),
        "lines": annex_rows(annex),
        "counted": _counted(annex),
        "gone": annex.gone_words(),
        "decides": decides,
        "lacks": lacks_of(found, text, on, request.actor) if decides and holds else [],
        "later": later,
        "season": held.season if held else "",
        "order": _order(found, request),
        "has_lines": holds,
        "is_dropped": found.state == State.DROPPED,
        "text_lost": found.state == State.DROPPED and holds and not found.body,
        "releases": decides and holds and not later,
        "needs_head": _needs_head(found, request) if decides else "",
        "back_url": reverse("drafts")
        if any(request.actor.may(act) for act in LETTER_ACTS)
        else reverse("notices"),
        "release_url": reverse("draft_release", args=[found.pk]),
        "seal": annex.seal,
        "proposed": _mark(proposed),
        "field": _text_field(text, error),
        "number_field": {
            "id": "number",
            "name": "number",
            "kind": "text",
            "label": _("Number of the letter"),
            "hint": _("Left empty, it gets the next number of its series."),
            "value": number,
            "required": False,
            "maxlength": 40,
        },
        "drop": _drop_dialog(found, drop_error),
    }
    return render(request, "cases/draft.html", context, status=status)


def _order(found: EscalationDraft, request: ActorRequest) -> dict[str, str] | None:
    """The supervision order that went out with the letter, for whoever sees it."""
    if found.state != State.RELEASED:
        return None
    visible = Case.objects.visible_to(request.actor).select_related("programme")
    case = visible.filter(origin__letter=found).first()
    return {"url": reverse("case", args=[case.pk]), "number": case.number} if case else None


def _text_field(text: str, error: str) -> dict[str, Any]:
    return {
        "id": "body",
        "name": "body",
        "kind": "textarea",
        "rows": min(ROWS, text.count("\n") + len(text) // 60 + 2),
        "label": _("Text of the letter"),
        "hint": _("Composed from the annex. Edit what should read otherwise."),
        "value": text,
        "error": error,
    }


def _drop_dialog(found: EscalationDraft, error: str) -> dict[str, Any]:
    lead = _("The draft stays on record with your reason.")
    if found.kind == EscalationDraft.Kind.TALK:
        lead = _(
            "The draft stays on record with your reason. What is still late in a month is "
            "proposed again."
        )
    return {
        "id": "drop",
        "title": _("Do not send this letter"),
        "lead": lead,
        "fields": [
            {
                "id": "drop-reason",
                "name": "reason",
                "kind": "textarea",
                "rows": 2,
                "label": _("Reason"),
                "error": error,
            }
        ],
        "action": reverse("draft_drop", args=[found.pk]),
        "submit": _("Do not send"),
        "kind": "grave",
        "open": bool(error),
    }


def _needs_head(found: EscalationDraft, request: ActorRequest) -> str:
    """Who has to release it instead; "" for whoever may."""
    try:
        letters.check_head(found, request.actor, clock.today())
    except Refused as refusal:
        return refusal.words
    return ""


def _counted(annex: Annex) -> str:
    return annex.counted.words()


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def parts_of(text: str) -> Iterator[tuple[str, str]]:
    """A letter's lines with what each is: title, addressee, text or signature.

    The composed text marks them by its blanks: two before a paragraph, more before a signature.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    for place, line in enumerate(lines):
        blanks = len(line) - len(line.lstrip())
        if blanks > INDENT:
            yield "sign", line.strip()
        elif place == 0 and len(lines) > 1 and not blanks:
            yield "title", breakable(line.strip())
        elif not blanks and line.rstrip().endswith(("：", ":")):
            yield "to", line.strip()
        else:
            yield "text", line.strip()
