"""The case page: everything about one case, and at the bottom what this person can do."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import permissions, policies, spot_words
from cases.acts import FORM, Offer, offers, reviewable
from cases.agenda import is_meeting
from cases.closing_register import revoked_of
from cases.firm import firm_of
from cases.kinds import remedy_label
from cases.models import Case, ProgrammeFirm
from cases.outdoors import VISITING
from cases.rulebook import APPLY, rule_words
from cases.sheet import Sheet, load
from cases.suggestions import form_with_partners
from cases.views import case_branches as tree
from cases.views import case_orders, talk
from cases.views import case_parts as parts
from cases.views.criteria import criterion_rows
from cases.views.pager import onward, pager, way
from cases.views.rows import case_or_404, officials_cases
from cases.views.timeline import timeline
from cases.views.whole import part_of
from enterprises.models import Enterprise
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows.text import localised


@require_safe
@scoped(Act.READ)
def case_page(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case``: a firm's case or a remedy."""
    sheet = load(case_or_404(request.actor, pk), clock.today())
    return render(request, "cases/case.html", page(request, sheet))


def page(request: ActorRequest, sheet: Sheet) -> dict[str, Any]:
    """The context of ``cases/case.html``; a fixed number of statements."""
    case, actor, query = sheet.case, request.actor, way(request)
    found, firm = offers(sheet, actor), firm_of(case, sheet.on)
    criteria = criterion_rows(
        sheet,
        may_upload=permissions.can(actor, Act.SUBMIT_EVIDENCE, case, sheet.item)
        and not case.is_finished,
        reviewable=reviewable(sheet, actor)
        if permissions.can(actor, Act.REVIEW_EVIDENCE, case, sheet.item) and not case.is_finished
        else None,
        contact=parts.contact_words(sheet, actor.user),
        query=query,
        may_waive=policies.can_waive(actor, case),
    )
    return {
        "sheet": sheet,
        "case": case,
        "title": title_of(case),
        "revoked_numbers": revoked_of(case, sheet.events),
        "light": parts.lamp(sheet.light_for(actor)),
        "tags": parts.tags(sheet),
        "state": parts.state_words(sheet),
        "recheck": spot_words.undecided(sheet.events),
        "steps": parts.stepper(sheet),
        "facts": tree.facts(sheet),
        "criteria": criteria,
        "met": sum(row["state"] == "met" for row in criteria),
        "remedies": parts.remedies(sheet, query),
        "without_remedy": parts.without_remedy(sheet),
        "branches": tree.branches(sheet, query),
        "awaited": tree.awaited(sheet),
        "openings": tree.openings(sheet, actor),
        "materials": is_meeting(sheet.rules.procedure),
        "supervised": case_orders.of_case(sheet, actor),
        "said": tree.said_in_forms(sheet, actor),
        "matters": tree.matters_of_firm(case, actor, sheet.on),
        "firm_facts": parts.firm_facts(sheet, firm),
        "may_call": any(permissions.can(actor, act, case, sheet.item) for act in VISITING),
        "contacts": [one for one in firm.contacts if one.phone] if firm else (),
        "question": talk.card_of(sheet, actor),
        "forms": parts.sealed_forms(sheet),
        "events": timeline(sheet),
        "acts": bar(sheet, found, query),
        "pager": pager(request, case.pk),
        "partners_url": reverse("case_partners", args=[case.pk])
        if form_with_partners(case)
        else "",
        "parent_url": onward(reverse("case", args=[case.parent_id or case.pk]), query),
        "printed_on": sheet.on,
    }


def title_of(case: Case) -> str:
    """The firm's name; a remedy adds what it mends, a firm's matter what it is about."""
    if case.criterion:
        return f"{case.subject} · {remedy_label(case)}"
    if case.enterprise is not None and case.title:
        return f"{case.subject} · {case.title}"
    return case.subject


# addresses of acts that are pages of their own; the rest are small dialogs
PAGES = {FORM: "case_form", APPLY: "case_form", "upload": "evidence_add"}


def bar(sheet: Sheet, found: list[Offer], query: str) -> dict[str, Any]:
    """The bar: shut acts share one line per reason; ``quiet`` ones fold away on a phone."""
    why: dict[str, list[str]] = {}
    acts = []
    for offer in found:
        if offer.is_shut:
            why.setdefault(offer.why, []).append(offer.label)
        acts.append(_act(sheet, offer, query))
    reasons = [
        {"id": f"why-{n}", "labels": _(", ").join(labels), "words": words}
        for n, (words, labels) in enumerate(why.items(), start=1)
    ]
    named = {reason["words"]: reason["id"] for reason in reasons}
    for act in acts:
        act["described"] = named.get(act["why"], "")
    return {"why": reasons, "acts": acts, "version": sheet.case.version}


def _act(sheet: Sheet, offer: Offer, query: str) -> dict[str, Any]:
    main = offer.kind == "primary" or (offer.is_shut and offer.verb in (APPLY, "close", "advance"))
    return {
        "key": offer.key,
        "label": offer.label,
        "kind": offer.kind,
        "why": offer.why,
        "url": onward(act_url(sheet, offer), query),
        "direct": offer.verb == "acknowledge",
        "dialog": offer.verb not in (*PAGES, "review", "acknowledge"),
        "main": main,
    }


def act_url(sheet: Sheet, offer: Offer) -> str:
    pk = sheet.case.pk
    if offer.verb in PAGES:
        return reverse(PAGES[offer.verb], args=[pk])
    if offer.verb == "review":
        return reverse("case_review", args=[pk])
    return reverse("case_act", args=[pk, offer.key])


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Cases"))
def case_fragment(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``case_fragment``: a firm's cases over all programmes, as far as seen.

    Covered firms have no case; who answers for them is said all the same (001-25). Who sees neither
    the firm nor a case of it gets 404.
    """
    rows = (
        officials_cases(request.actor)
        .roots()
        .filter(enterprise_id=pk)
        .select_related("programme", "pack_version", "county", "responsible_unit")
        .prefetch_related("task_set__post")
        .order_by("-programme__statistical_year", "id")
    )
    lines = [_line(case, request.actor) for case in rows]
    seen = _sees_firm(request.actor, pk)
    if not (lines or seen):
        raise Http404
    covered = _covered(request, pk, {case.programme_id for case in rows}) if seen else []
    return render(request, "cases/case_fragment.html", {"lines": lines, "covered": covered})


def _sees_firm(actor: Actor, pk: int) -> bool:
    """Whether the actor's posts open the firm; a clerk's own firm is the portal's."""
    posts = Actor(
        actor.user,
        actor.day,
        actor.standings,
        served_ids=actor.served_ids,
        reading=actor.reading,
    )
    return Enterprise.objects.visible_to(posts).filter(pk=pk).exists()


def _covered(request: ActorRequest, pk: int, with_case: set[int]) -> list[dict[str, Any]]:
    """Programmes that know the firm as covered, with its units; for components/fact.html."""
    rows = (
        ProgrammeFirm.objects.filter(
            enterprise=pk, covered=True, programme__city__in=request.actor.city_ids
        )
        .exclude(programme__in=with_case)
        .select_related("programme", "responsible_unit", "competent_unit", "guide_unit")
        .order_by("-programme__statistical_year", "id")
    )
    return [{"programme": row.programme, "facts": _who_answers(row)} for row in rows]


def _who_answers(row: ProgrammeFirm) -> list[dict[str, Any]]:
    pack = row.programme.current.pack
    units = [
        (_("Responsible unit"), row.responsible_unit, ""),
        (_("Competent department"), row.competent_unit, rule_words(row.rule, pack)),
        (_("Guided by"), row.guide_unit, ""),
    ]
    return [
        {"name": name, "value": unit.short_name or unit.name, "rule": rule}
        for name, unit, rule in units
        if unit is not None
    ]


def _line(case: Case, actor: Actor) -> dict[str, Any]:
    sheet = Sheet(case, clock.today(), list(case.task_set.all()), [], [], [], [], [], [])
    return {
        "case": case,
        "light": parts.lamp(sheet.light_for(actor)),
        "state": parts.state_words(sheet),
        "grade": localised(sheet.rules.pack.grade(case.grade, case.procedure).label)
        if case.grade
        else "",
        "due": sheet.item.due_on if sheet.item else None,
    }
