"""Where every page of a case starts: the rows that this person may see, 404 for the rest."""

from __future__ import annotations

from functools import partial

from django.db.models import QuerySet
from django.http import Http404

from cases import permissions
from cases.ledger_known import known_to
from cases.models import Case, Evidence
from cases.querysets import CaseQuerySet
from organisations.asked_again import kept
from organisations.compiled import Compiled
from organisations.roles import Act
from organisations.scope import Actor

WITH = (
    "standing_note__by",
    "programme__city",
    "enterprise",
    "county",
    "township",
    "responsible_unit",
    "competent_unit",
    "liaison_unit",
    "parent__enterprise",
    "carried_from__programme",
)


def officials_cases(actor: Actor) -> CaseQuerySet:
    """Cases that a post opens; a clerk's own firms are the portal's, not these pages'."""
    rows: CaseQuerySet = Case.objects.visible_to(
        Actor(
            actor.user,
            actor.day,
            actor.standings,
            served_ids=actor.served_ids,
            reading=actor.reading,
        )
    )
    return rows


def case_or_404(actor: Actor, pk: int) -> Case:
    key, made_with = known_to(actor, actor.day)
    asked: Compiled[Case] = kept(
        ("case", key), lambda: Compiled(partial(_case_of, actor), int), by=made_with
    )
    case = next(iter(asked(pk)), None)
    if case is None or not permissions.can(actor, Act.READ, case):
        raise Http404
    return case


def _case_of(actor: Actor, pk: int) -> CaseQuerySet:
    return officials_cases(actor).select_related(*WITH).filter(pk=pk)


def root_or_404(actor: Actor, pk: int) -> Case:
    case = case_or_404(actor, pk)
    if case.parent_id is not None:
        raise Http404
    return case


def papers_of(actor: Actor) -> QuerySet[Evidence]:
    """Papers of the cases that this person may see, a clerk's own among them."""
    return Evidence.objects.filter(case__in=Case.objects.visible_to(actor))


def paper_or_404(actor: Actor, pk: int) -> Evidence:
    rows = papers_of(actor).select_related(
        "case__programme__city",
        "case__enterprise",
        "case__county",
        "enterprise",
        "submitted_by",
        "reviewed_by",
        "confirmed_by",
        "reused_from__case__programme",
        "reused_from__reviewed_by",
    )
    paper = rows.filter(pk=pk).first()
    if paper is None:
        raise Http404
    return paper


def officials_papers(actor: Actor) -> QuerySet[Evidence]:
    """Papers that a post opens, without a clerk's own."""
    return Evidence.objects.filter(case__in=officials_cases(actor))
