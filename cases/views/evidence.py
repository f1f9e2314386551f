"""Papers: hand in, look at, review. Files and their pictures leave through ``paper_files``."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import lasting, permissions, policies, reuse, uploads
from cases.actions import corrections, evidence, paper_files, reusing, witnessing
from cases.actions.evidence import State
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence, PaperSight
from cases.querysets import scope_of
from cases.rulebook import rules_of
from cases.sheet import Sheet, load
from cases.views import case_parts as parts
from cases.views import criteria
from cases.views import evidence_ends as ends
from cases.views.acts import back_to, status_of
from cases.views.case import title_of
from cases.views.deed_fields import correction_words
from cases.views.pager import onward, way
from cases.views.paper_files import paper_part, samples_of, sights_of
from cases.views.rows import officials_papers, paper_or_404, root_or_404
from cases.views.same_files import NONE, same_files
from cases.views.sent_before import warn_of_twins
from organisations import clock
from organisations.days import day_of
from organisations.keyset import KeyPage, counted, keys
from organisations.lengths import LONGEST
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows.pack_model import Pack
from workflows.pack_parts import EvidencePlan
from workflows.text import localised

A_PAGE = 20


# --- hand in -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.READ)
def evidence_add(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``evidence_add``: an official uploads for the firm (代企业上传)."""
    case = root_or_404(request.actor, pk)
    wanted = request.POST.get("criterion") or request.GET.get("criterion") or ""
    note: dict[str, Any] | None = None
    status = 200
    if not permissions.can(request.actor, Act.SUBMIT_EVIDENCE, case):
        raise PermissionDenied(permissions.refusal(Act.SUBMIT_EVIDENCE))
    if request.method == "POST":
        try:
            made = hand_in(request, case, wanted)
        except Refused as refusal:
            note = {"words": refusal.words, "kind": "bad", "alert": True}
            status = status_of(refusal)
        else:
            messages.success(request, _("Handed in: %(n)d.") % {"n": len(made)})
            warn_of_twins(request, made)
            return HttpResponseRedirect(back_to(request, pk))
    pack = rules_of(case).pack
    context = {
        "case": case,
        "title": title_of(case),
        "plans": [
            plan_part(pack, plan, wanted) | {"samples": samples_of(case, plan)}
            for plan in pack.evidence
        ],
        "reusable": reusable(request.actor, case, wanted),
        "replaced": _replaced(
            case, _number(request.POST.get("replaces") or request.GET.get("replaces", "")), wanted
        ),
        "reuse_url": f"{reverse('evidence_reuse', args=[pk])}?{request.GET.urlencode()}",
        "fields": upload_fields(pack, wanted, request.POST.get("note", "")),
        "action": f"{reverse('evidence_add', args=[pk])}?{request.GET.urlencode()}",
        "back": back_to(request, pk),
        "note": note,
    }
    return render(request, "cases/evidence/add.html", context, status=status)


def reusable(actor: Actor, case: Case, wanted: str) -> list[reuse.Offer]:
    """Accepted papers of the firm for the item asked for, or for all that is lacking."""
    asked = [wanted] if wanted in {have.key for have in rules_of(case).pack.haves} else case.lacking
    if case.enterprise is None or not asked:
        return []
    there = list(case.evidence.all())
    return reuse.offered(case, asked, on=clock.today(), seen_by=actor, there=there)


@require_POST
@scoped(Act.READ)
def evidence_reuse(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``evidence_reuse``: an accepted paper of the firm is handed in again (沿用)."""
    case = root_or_404(request.actor, pk)
    if not permissions.can(request.actor, Act.SUBMIT_EVIDENCE, case):
        raise PermissionDenied(permissions.refusal(Act.SUBMIT_EVIDENCE))
    paper = request.POST.get("paper", "")
    try:
        reusing.hand_in_again(
            int(paper) if paper.isascii() and paper.isdigit() and len(paper) < 10 else 0,
            pk,
            criterion=request.POST.get("criterion", ""),
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        return HttpResponseRedirect(f"{reverse('evidence_add', args=[pk])}")
    messages.success(request, _("Handed in again; it waits for a reviewer."))
    return HttpResponseRedirect(back_to(request, pk))


def hand_in(request: ActorRequest, case: Case, criterion: str) -> list[Evidence]:
    """Check the files, then hand them in by the verb."""
    if not permissions.can(request.actor, Act.SUBMIT_EVIDENCE, case):
        raise NotYours("not_yours", permissions.refusal(Act.SUBMIT_EVIDENCE))
    policies.check_open(case)
    papers = uploads.check_all(request.FILES.getlist("files"))
    return evidence.submit(
        case.pk,
        criterion=criterion,
        papers=papers,
        paper=request.POST.get("paper", "")[:60],
        note=request.POST.get("note", "").strip(),
        replaces=_number(request.POST.get("replaces", "")),
        by=request.actor,
        at=clock.now(),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _replaced(case: Case, number: int | None, criterion: str) -> Evidence | None:
    """The paper of the item in whose place the new one is to come."""
    rows = Evidence.objects.filter(case=case, pk=number or 0)
    return rows.filter(criterion=criterion).first() if criterion else rows.first()


def upload_fields(pack: Pack, criterion: str, note: str) -> list[dict[str, Any]]:
    choices = [(have.key, localised(have.label)) for have in pack.haves]
    return [
        {
            "kind": "select", "name": "criterion", "label": _("For which item"),
            "choices": choices, "value": criterion,
        },
        file_field(),
        {
            "kind": "text", "name": "note", "label": _("Note"), "required": False,
            "maxlength": LONGEST, "value": note,
        },
    ]  # fmt: skip


def file_field() -> dict[str, Any]:
    return {
        "kind": "file",
        "name": "files",
        "label": _("Files or photos"),
        "hint": _("PDF, JPG, PNG, .docx, .xlsx or OFD; up to %(n)d files of %(mb)d MB each")
        % {"n": uploads.MAX_FILES, "mb": uploads.MAX_BYTES // 1_000_000},
        "accept": f"image/jpeg,image/png,{uploads.ACCEPT}",
        "multiple": True,
        "max_mb": uploads.MAX_BYTES // 1_000_000,
    }


def plan_part(pack: Pack, plan: EvidencePlan, wanted: str = "") -> dict[str, Any]:
    """What proves an item, in the words of the pack."""
    return {
        "key": plan.criterion,
        "name": localised(pack.have(plan.criterion).label),
        "main": [localised(paper.label) for paper in plan.main],
        "papers": [(paper.key, localised(paper.label)) for paper in plan.papers],
        "supporting": [localised(paper.label) for paper in plan.supporting],
        "acceptable": localised(plan.acceptable_when),
        "returned": localised(plan.usually_returned),
        "wanted": plan.criterion == wanted,
    }


# --- look at, fetch ------------------------------------------------------------------------------
@require_GET
@scoped(Act.READ)
def evidence_page(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``evidence``: one paper, what it proves, and the decision on it."""
    paper = _official_paper(request.actor, pk)
    if paper.file:
        paper_files.see(paper, PaperSight.How.OPENED, by=request.actor, at=clock.now())
    return render(request, "cases/evidence/paper.html", _paper_context(request, paper))


def _official_paper(actor: Actor, pk: int) -> Evidence:
    paper = paper_or_404(actor, pk)
    if not permissions.can(actor, Act.READ, paper.case):
        raise Http404
    return paper


def _correction(sheet: Sheet, paper: Evidence) -> str:
    """By when the paper would come back that is returned now: the day of the notice."""
    remedies = [c.item for c in sheet.children if c.case.criterion == paper.criterion]
    given = corrections.given_of(sheet.case, sheet.item, remedies)
    day = corrections.correct_by(sheet.case, sheet.on, given)
    within = corrections.CORRECTION.within
    assert within is not None
    return correction_words(within.n, day, sheet.on).strip()


def _paper_context(
    request: ActorRequest, paper: Evidence, note: dict[str, Any] | None = None
) -> dict[str, Any]:
    sheet = load(paper.case, clock.today())
    pack, actor = sheet.rules.pack, request.actor
    same = same_files([paper], actor).get(paper.pk, NONE)
    may = permissions.can(actor, Act.REVIEW_EVIDENCE, paper.case, sheet.item)
    return {
        "paper": paper,
        "reused": paper.reused_from,
        "case": paper.case,
        "title": title_of(paper.case),
        "light": parts.lamp(sheet.light_for(actor)),
        "name": criteria.paper_name(paper),
        "state_kind": criteria.STATE_KINDS.get(State(paper.state), ""),
        "criterion": localised(pack.have(paper.criterion).label),
        "plan": plan_part(pack, pack.evidence_for(paper.criterion))
        | {"samples": samples_of(paper.case, pack.evidence_for(paper.criterion))},
        "returned": criteria.return_words(paper, pack, parts.contact_words(sheet, actor.user))
        if paper.state == State.RETURNED
        else "",
        "file": paper_part(paper),
        "sights": sights_of(paper) if may else [],
        "correction": _correction(sheet, paper),
        "reasons": [(r.number, localised(r.label)) for r in pack.return_reasons],
        "may_accept": may and paper.state == State.SUBMITTED and not paper.case.is_finished,
        "may_return": may
        and paper.state in (State.SUBMITTED, State.COUNTY_ACCEPTED, *Evidence.UNFILED)
        and not paper.case.is_finished,
        "own": _own_words(actor, paper)
        if may and paper.state in (State.SUBMITTED, *Evidence.UNFILED)
        else "",
        "is_asked": actor.user is not None
        and paper.offline_witness_account_id == actor.user.pk
        and paper.state == State.VERIFIED_OFFLINE
        and not paper.is_witnessed
        and not paper.case.is_finished,
        "may_take_back": actor.user is not None
        and paper.submitted_by_id == actor.user.pk
        and paper.state in (State.SUBMITTED, State.RETURNED)
        and not paper.case.is_finished,
        "twins": same.others,
        "own_twins": same.own,
        "until": lasting.until_words(paper, pack, sheet.on),
        "history": ends.history(paper, sheet, request.GET.urlencode()),
        "may_replace": paper.state in (*Evidence.ACCEPTED, State.EXPIRED, State.RETURNED)
        and not paper.case.is_finished
        and permissions.can(actor, Act.SUBMIT_EVIDENCE, paper.case),
        "siblings": [p for p in sheet.papers if p.criterion == paper.criterion and p != paper],
        "from": request.GET.get("from", ""),
        "case_url": back_to(request, paper.case_id),
        "query": onward(f"/?from={request.GET.get('from', '')}", way(request)).removeprefix("/?"),
        "note": note,
        "text": request.POST.get("text", ""),
        "picked": request.POST.get("reason", ""),
    }


def _own_words(actor: Actor, paper: Evidence) -> str:
    """The verb's own words where four eyes are missing."""
    try:
        policies.check_not_own(actor.user, paper.submitted_by_id, policies.own_upload_words())
    except Refused as refusal:
        return refusal.words
    return ""


# --- decide --------------------------------------------------------------------------------------
@require_http_methods(["POST"])
@scoped(Act.READ)
def evidence_decide(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``evidence_decide``: accept, return with a reason, take back, or attest."""
    paper = _official_paper(request.actor, pk)
    wish, actor, at = request.POST.get("do", ""), request.actor, clock.now()
    try:
        if wish == "accept":
            until = ends.day_posted(request.POST, "valid_until")
            evidence.accept(pk, by=actor, at=at, valid_until=until)
            messages.success(request, _("Accepted."))
        elif wish == "return":
            number = request.POST.get("reason", "")
            reason = int(number) if number.isdecimal() and len(number) < 4 else 0
            text = request.POST.get("text", "")
            found = request.POST.get("found") or None
            evidence.return_(pk, reason=reason, text=text, by=actor, at=at, found=found)
            messages.success(request, _("Returned for correction."))
        elif wish == "take_back":
            evidence.take_back(pk, by=actor, at=at)
            messages.success(request, _("Taken back by you."))
        elif wish in ("saw", "denied"):
            said = request.POST.get("text", "")
            witnessing.attest(pk, saw=wish == "saw", reason=said, by=actor, at=at)
            messages.success(request, _("Thank you. It is on record."))
        else:
            raise Refused("no_wish", _("Choose what to do with this paper."))
    except Refused as refusal:
        paper = _official_paper(request.actor, pk)
        note = {"words": refusal.words, "kind": "bad", "alert": True}
        context = _paper_context(request, paper, note)
        return render(request, "cases/evidence/paper.html", context, status=status_of(refusal))
    return HttpResponseRedirect(_next(request, paper))


def _next(request: ActorRequest, paper: Evidence) -> str:
    """Where the reviewer goes on: the next paper of the queue, of the case, or the case page."""
    came, case_url = request.GET.get("from", ""), back_to(request, paper.case_id)
    if came not in ("queue", "case"):
        return case_url
    rows = waiting_for(request.actor)
    if came == "case":
        rows = rows.filter(case_id=paper.case_id)
    following = rows.order_by("submitted_at", "pk").first()
    if following is not None:
        return onward(f"{reverse('evidence', args=[following.pk])}?from={came}", way(request))
    return reverse("evidence_review") if came == "queue" else case_url


# --- queue ---------------------------------------------------------------------------------------
def waiting_for(actor: Actor) -> Any:
    """Papers that this person may review now: in his rows, not his own, on running cases."""
    rows = officials_papers(actor).filter(state=State.SUBMITTED, case__finished=None)
    rows = rows.filter(scope_of(actor, "case__", Act.REVIEW_EVIDENCE))
    return rows.exclude(submitted_by=actor.user)


@require_GET
@scoped(Act.REVIEW_EVIDENCE)
def evidence_review(request: ActorRequest) -> HttpResponse:
    """URL name ``evidence_review``: what waits for a review, the oldest first."""
    rows = waiting_for(request.actor).select_related(
        "enterprise", "case__programme", "case__county", "case__pack_version", "submitted_by"
    )
    page = KeyPage(rows, keys("submitted_at", "pk"), request.GET, A_PAGE, counted(rows))
    papers = list(page.object_list)
    same = same_files(papers, request.actor)
    lines = [
        {
            "paper": paper,
            "criterion": policies.names_of(paper.case, [paper.criterion]),
            "same": same.get(paper.pk),
            "days": (clock.today() - day_of(paper.submitted_at)).days,
        }
        for paper in papers
    ]
    return render(request, "cases/evidence/review.html", {"lines": lines, "page": page})
