"""一企一档: the parts of a firm's page that live above the register, each a fragment of its own."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import permissions, reuse
from cases.dossier import years_of
from cases.firm_policies import policies_for
from cases.labels import criterion_label
from cases.models import Case
from cases.outdoors import can_visit
from cases.rulebook import pack_of
from cases.views.rows import officials_cases
from cases.views.whole import part_of
from cases.visits import calls_of, visits_of
from enterprises.models import Enterprise, Membership
from enterprises.querysets import EnterpriseQuerySet
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.scope import Actor
from workflows.text import localised

PAPERS = 60


def seen_by(actor: Actor) -> EnterpriseQuerySet:
    """Firms that one of the actor's posts opens; a clerk's own is the portal's."""
    posts = Actor(
        actor.user,
        actor.day,
        actor.standings,
        served_ids=actor.served_ids,
        reading=actor.reading,
    )
    rows: EnterpriseQuerySet = Enterprise.objects.visible_to(posts)
    return rows


def firm_or_404(actor: Actor, pk: int) -> Enterprise:
    firm = seen_by(actor).filter(pk=pk).first()
    if firm is None:
        raise Http404
    return firm


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def firm_visits(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_visits``: calls of every programme, with the counter of the year."""
    firm = firm_or_404(request.actor, pk)
    context = {
        "firm": firm,
        "visits": visits_of(firm, request.actor, clock.today()),
        "calls": calls_of(firm, request.actor, clock.today()),
        "may_record": can_visit(request.actor, firm),
    }
    return render(request, "cases/firm/visits.html", context)


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def firm_years(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_years``: what happened, by year."""
    actor = request.actor
    # one statement says whether the firm is in sight, and where it was listed
    seen = seen_by(actor).filter(pk=OuterRef("enterprise"))
    rows = Membership.objects.filter(Exists(seen), enterprise=pk, city_id__in=actor.city_ids)
    stays = list(rows.select_related("enterprise", "city", "county").order_by("joined_on", "pk"))
    if not stays:
        raise Http404
    years = years_of(stays[-1].enterprise, actor, clock.today(), stays=stays)
    return render(request, "cases/firm/years.html", {"years": years})


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def firm_papers(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_papers``: accepted papers, who accepted them, until when they hold, and for
    which open item each can be handed in again."""
    firm, actor, on = firm_or_404(request.actor, pk), request.actor, clock.today()
    rows = officials_cases(actor).filter(enterprise=firm, is_main=True).open()
    lacking = [case for case in rows.select_related("programme").order_by("pk") if case.lacking]
    held = [
        one
        for city in sorted(actor.city_ids)
        for one in reuse.accepted(firm, city, on=on, seen_by=actor)
    ][:PAPERS]
    open_cases = [case for case in lacking if permissions.can(actor, Act.SUBMIT_EVIDENCE, case)]
    context = {
        "lines": [_paper(one) for one in held],
        "lacking": [_wanted(case) for case in open_cases] if held else [],
    }
    return render(request, "cases/firm/papers.html", context)


def _paper(one: reuse.Accepted) -> dict[str, Any]:
    paper = one.paper
    return {
        "held": one,
        "paper": paper,
        "item": criterion_label(pack_of(paper.case.pack_version_id), paper.criterion),
        "url": reverse("evidence", args=[paper.pk]),
    }


def _wanted(case: Case) -> dict[str, Any]:
    """An open case with the items that it still lacks, each leading to where papers are reused."""
    pack = pack_of(case.pack_version_id)
    url = reverse("evidence_add", args=[case.pk])
    return {
        "case": case,
        "items": [
            {"name": criterion_label(pack, key), "url": f"{url}?criterion={key}#reuse"}
            for key in case.lacking
        ],
    }


@require_safe
@scoped(Act.READ)
@part_of("firm", gettext_lazy("Firm file"))
def firm_policies(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm_policies``: which policies of the running plans fit the firm (002-12)."""
    firm = firm_or_404(request.actor, pk)
    found = policies_for(firm, request.actor.city_ids, clock.today())
    lines = [
        {
            "title": localised(one.policy.title),
            "programme": one.programme,
            "paper": one.policy.paper,
            "unit": one.policy.leads[0],
            "gives": [f"{localised(part.label)} {part.value}" for part in one.policy.gives],
        }
        for one in found
    ]
    return render(request, "cases/firm/policies.html", {"lines": lines})
