"""The firm's own page: what is still missing, one upload each, what became of each file.

Plain words only: a firm never reads 整改, 逾期, 销号 or 检查. A clerk sees nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from cases import samples
from cases.actions import reusing
from cases.actions.evidence import State
from cases.asking import last_rating, listings_of, threads_of
from cases.dates import day_words
from cases.errors import Refused
from cases.firm_policies import policies_for
from cases.models import Case, Evidence, ProgrammeFirm
from cases.rulebook import calendar, rules_of
from cases.sheet import Sheet, load_brief, local_day, of_criterion
from cases.stages import CLOSED
from cases.views.acts import status_of
from cases.views.evidence import file_field, hand_in, plan_part, reusable
from cases.views.portal_papers import RECEIVED, ended, history, received_part, take_back
from cases.views.rows import WITH
from cases.views.sent_before import say_sent_before
from enterprises.models import Enterprise
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows.pack_model import Pack
from workflows.text import localised

Part = dict[str, Any]


@require_GET
@scoped(Act.ENTERPRISE_PORTAL)
def portal(request: ActorRequest) -> HttpResponse:
    """URL name ``portal``: the newest case of each of the clerk's firms."""
    return home(request)


def home(request: ActorRequest, said: Part | None = None, status: int = 200) -> HttpResponse:
    """The firm's page. ``said``: what it wrote and could not send, with the ``words`` why; it
    stands in its field again."""
    actor, today = request.actor, clock.today()
    cases = {case.firm_id: case for case in newest_cases(actor)}
    sheets = {sheet.case.pk: sheet for sheet in load_brief(list(cases.values()), today)}
    firms = {pk: case.enterprise for pk, case in cases.items() if case.enterprise is not None}
    others = actor.enterprise_ids - firms.keys()
    if others:
        firms |= Enterprise.objects.in_bulk(others)
    threads, listings = threads_of(actor.enterprise_ids, actor), listings_of(others)
    parts = []
    for pk, firm in sorted(firms.items()):
        case = cases.get(pk)
        part = firm_part(sheets[case.pk], actor) if case else without_case(firm, listings.get(pk))
        own = said if said is not None and said["firm"] == pk else None
        parts.append(part | {"firm": firm, "threads": threads.get(pk, []), "said": own})
    return render(request, "cases/portal/home.html", {"firms": parts}, status=status)


@require_GET
@scoped(Act.ENTERPRISE_PORTAL)
def portal_policies(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``portal_policies``: what fits the firm; a page, or the part of one."""
    if pk not in request.actor.enterprise_ids:
        raise Http404
    firm = Enterprise.objects.get(pk=pk)
    part = "cases/portal/policy_list.html" if request.headers.get("HX-Request") else None
    context = {"firm": firm, "policies": policies_of(firm, clock.today())}
    answer = render(request, part or "cases/portal/policies.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Act.ENTERPRISE_PORTAL)
def portal_upload(request: ActorRequest, pk: int, criterion: str) -> HttpResponse:
    """URL name ``portal_upload``: photos or files for one item."""
    case = next((c for c in newest_cases(request.actor) if c.pk == pk), None)
    pack = rules_of(case).pack if case else None
    if case is None or pack is None or criterion not in {have.key for have in pack.haves}:
        raise Http404
    note, status = None, 200
    if request.method == "POST":
        try:
            taken = request.POST.get("take_back", "")
            made = received(request, case, criterion) if not taken else 0
            if taken:
                take_back(request.actor, case, criterion, taken)
        except Refused as refusal:
            words = _rests() if refusal.code == "suspended" else refusal.words
            note = {"words": words, "kind": "bad", "alert": True}
            status = status_of(refusal)
        else:
            if taken:
                messages.success(request, _("Taken back by you."))
                return HttpResponseRedirect(reverse("portal"))
            words = ngettext(
                "Received %(n)d file, thank you.", "Received %(n)d files, thank you.", made
            )
            messages.success(request, words % {"n": made})
            return HttpResponseRedirect(reverse("portal"))
    plan = plan_part(pack, pack.evidence_for(criterion))
    rests = case.task_set.filter(finished=None, is_suspended=True).exists()
    if rests and note is None:
        note = {"words": _rests(), "kind": ""}
    context = {
        "case": case,
        "rests": rests,
        "plan": plan,
        "points": points(plan),
        "samples": samples_of(case.firm_id, plan),
        "field": file_field(),
        "criterion": criterion,
        "again": again(request.actor, case, criterion),
        "note": note,
        "said": request.POST.get("note", ""),
    }
    return render(request, "cases/portal/upload.html", context, status=status)


def _rests() -> str:
    return _("This rests at present; nothing is to be sent.")


def received(request: ActorRequest, case: Case, criterion: str) -> int:
    """New files, or one that was accepted before (沿用): how many were handed in."""
    paper = request.POST.get("again", "")
    if not paper:
        made = hand_in(request, case, criterion)
        say_sent_before(request, made)
        return len(made)
    known = {str(offer["pk"]): offer["pk"] for offer in again(request.actor, case, criterion)}
    if paper not in known:
        raise Refused("expired", _("This paper can no longer be used. Please send a new one."))
    reusing.hand_in_again(
        known[paper], case.pk, criterion=criterion, by=request.actor, at=clock.now()
    )
    return 1


def again(actor: Actor, case: Case, criterion: str) -> list[Part]:
    """The firm's papers that were accepted earlier and still hold for this item, as the plan has it
    (`next_year`), each to be looked at first; only what the item itself asks for.
    """
    return [
        {
            "pk": offer.held.paper.pk,
            "name": offer.held.paper.file_name,
            "year": offer.held.paper.case.programme.statistical_year,
            "until": offer.held.until_words,
            "url": reverse("evidence_file", args=[offer.held.paper.pk]) + "?look=1",
        }
        for offer in reusable(actor, case, criterion)
        if offer.fits
    ]


def newest_cases(actor: Actor) -> list[Case]:
    """The clerk's own cases that are not taken back, the newest of each firm; one query."""
    rows = (
        Case.objects.visible_to(actor)
        .main()
        .filter(enterprise_id__in=actor.enterprise_ids)
        .exclude(stage="withdrawn")
        .select_related(*WITH)
        .order_by("-programme__statistical_year", "-id")
    )
    found: dict[int, Case] = {}
    for case in rows:
        found.setdefault(case.firm_id, case)
    return list(found.values())


def without_case(firm: Enterprise, listed: ProgrammeFirm | None) -> Part:
    """A firm of which nothing is asked: it may ask all the same."""
    return {"name": firm.name, "county": "", "city": "", "is_over": True, "contact": _at(listed)}


def _at(listed: ProgrammeFirm | None) -> Part:
    """The unit that answers for a firm without a case."""
    unit = listed.responsible_unit if listed is not None else None
    phone = unit.phone if unit is not None else ""
    return {"name": "", "unit": (unit.short_name or unit.name) if unit else "", "phone": phone}


def policies_of(firm: Enterprise, on: date) -> list[Part]:
    """What a plan offers to firms like this one, with whom to ask."""
    return [
        {
            "title": localised(one.policy.title),
            "unit": one.policy.leads[0],
            "gives": [f"{localised(part.label)} {part.value}" for part in one.policy.gives],
        }
        for one in policies_for(firm, None, on)
    ]


def firm_part(sheet: Sheet, actor: Actor) -> Part:
    case, pack = sheet.case, sheet.rules.pack
    rule = sheet.rules.procedure.criteria_for(None)
    named = list(rule.named()) if rule else []
    missing = sheet.lacking if not case.is_finished else []
    again = _came_back(sheet, missing)
    asks = [_ask(sheet, pack, key) for key in (*missing, *again)]
    open_asks = [ask for ask in asks if ask["open"]]
    for number, ask in enumerate(open_asks, start=1):
        ask["number"] = number
    rests = sheet.item is not None and sheet.item.is_suspended
    return {
        "case": case,
        "name": case.enterprise.name if case.enterprise else "",
        "county": str(case.county),
        "city": str(case.programme.city),
        "is_done": case.stage == CLOSED,
        "is_over": case.is_finished and case.stage != CLOSED,
        "step": localised(sheet.rules.stage.firm_label) if sheet.rules.stage else "",
        "asks": asks,
        "missing": len(open_asks),
        "waiting": sum(ask["state_kind"] == "wait" for ask in asks),
        "total": len(named),
        # what is asked for once more is done once, not twice
        "done": len(named) - len(missing) - len(again),
        "rests": rests,
        "by": _by_when(sheet, open_asks) if open_asks and not rests else "",
        "received": received_part(sheet, pack, actor),
        "history": history(sheet),
        "contact": _contact(sheet),
        "rating": last_rating(sheet.events),
    }


def _came_back(sheet: Sheet, missing: Sequence[str]) -> list[str]:
    """Items that are proved, and of which a further paper was sent back since: what was sent back
    before another one was accepted is history."""
    if sheet.case.is_finished:
        return []
    proved: dict[str, datetime] = {}
    for paper in sheet.papers:
        if RECEIVED.get(State(paper.state)) == "good" and paper.reviewed_at is not None:
            newest = proved.get(paper.criterion, paper.reviewed_at)
            proved[paper.criterion] = max(newest, paper.reviewed_at)
    returned = [
        paper.criterion
        for paper in sheet.papers
        if paper.state == State.RETURNED
        and paper.criterion not in missing
        and paper.reviewed_at is not None
        and (paper.criterion not in proved or paper.reviewed_at > proved[paper.criterion])
    ]
    return list(dict.fromkeys(returned))


def _ask(sheet: Sheet, pack: Pack, key: str) -> Part:
    papers = of_criterion(sheet.papers, key)
    returned = [p for p in papers if p.state == State.RETURNED]
    waiting = [p for p in papers if p.state == State.SUBMITTED]
    plan = plan_part(pack, pack.evidence_for(key))
    state, kind = _("not handed in"), ""
    if any(p.state == State.EXPIRED for p in papers):
        state, kind = _("expired"), "bad"
    elif any(p.state in Evidence.ACCEPTED for p in papers):
        state = _("the main paper is still missing")
    # what came back is answered by a new file, whatever else of the item still waits
    if returned:
        state, kind = _("please complete"), "bad"
    elif waiting:
        state, kind = _("being looked at"), "wait"
    return {
        "key": key,
        "title": plan["name"],
        "state": state,
        "state_kind": kind,
        "open": bool(returned) or not waiting,
        "reason": _why(sheet, returned[0], pack) if returned else "",
        "correct_by": returned[0].correct_by if returned else None,
        "points": points(plan),
        "suspended": sheet.item is not None and sheet.item.is_suspended,
        "ended": ended(papers, sheet) if not waiting else "",
        "field": {
            **file_field(),
            "id": f"files-{key}",
            "hint": "",
            "button": _("Take a photo or choose a file"),
        },
        "samples": samples_of(sheet.case.firm_id, plan),
    }


def samples_of(firm: int, plan: Part) -> list[Part]:
    """Blank papers with the firm's name and code in them, as Word and PDF."""
    return [
        {
            "name": localised(sample.title),
            "docx": reverse("firm_sample", args=[firm, sample.key, "docx"]),
            "pdf": reverse("firm_sample", args=[firm, sample.key, "pdf"]),
        }
        for sample in samples.for_papers([key for key, _name in plan["papers"]])
    ]


def points(plan: Part) -> list[str]:
    """What to hand in and what it must show, a line each."""
    main = pgettext("between papers, any of which will do", " or ").join(plan["main"])
    rules = [part.strip() for part in plan["acceptable"].replace(";", "；").split("；")]
    return [main, *[part for part in rules if part]]


def _why(sheet: Sheet, paper: Evidence, pack: Pack) -> str:
    """Why a paper came back, in the firm's words, and whom to ask; by when stands above, once for
    all."""
    labels = {r.number: localised(r.label) for r in pack.return_reasons}
    parts = [labels.get(paper.return_reason or 0, ""), paper.return_text]
    sent = (
        _("“%(name)s”, handed in for you on %(day)s. %(reason)s")
        if paper.on_behalf
        else _("You sent “%(name)s” on %(day)s. %(reason)s")
    )
    words = sent % {
        "name": paper.file_name,
        "day": day_words(local_day(paper.submitted_at)),
        "reason": _(". ").join(filter(None, parts)),
    }
    contact = _contact(sheet)
    asked = f"{contact['name'] or contact['unit']} {contact['phone']}".strip()
    roles = _(
        "%(words)s. Looked at by the reviewer %(reviewer)s; questions to your contact %(asked)s."
    )
    said = words.rstrip("。. ")
    return roles % {"words": said, "reviewer": paper.reviewed_by or "", "asked": asked}


def _by_when(sheet: Sheet, asks: Sequence[Part]) -> str:
    """One day for all, that which comes first; a suggestion, never a threat: a day that has passed
    is not named."""
    own = sheet.item.due_on if sheet.item else None
    # a paper that came back has a time of its own
    days_of = [ask["correct_by"] or own for ask in asks]
    due = min((day for day in days_of if day), default=None)
    if due is None:
        return ""
    if due < sheet.on:
        return _("Please complete it as soon as you can")
    days = calendar().between(sheet.on, due)
    return ngettext(
        "Best completed by %(day)s, %(n)d working day left",
        "Best completed by %(day)s, %(n)d working days left",
        days,
    ) % {"day": day_words(due, clock.today()), "n": days}


def _contact(sheet: Sheet) -> Part:
    people = sheet.county_handlers or sheet.handlers
    unit = sheet.case.responsible_unit
    name = str(people[0].user) if people else ""
    phone = (people[0].user.phone if people else "") or unit.phone
    return {"name": name, "unit": unit.short_name or unit.name, "phone": phone}
