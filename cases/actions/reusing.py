"""Verb: hand in again a paper that was accepted for another item or year (沿用已认可材料)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import reuse
from cases.actions import evidence
from cases.actions.evidence import Paper
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence
from cases.rulebook import rules_of
from organisations.days import day_of
from organisations.scope import Actor


@transaction.atomic
def hand_in_again(
    paper_id: int,
    case_id: int,
    *,
    criterion: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Evidence:
    """The file of an accepted paper of the same firm, for an item of a case; it waits for a
    reviewer like any other, and whoever hands it in does not accept it."""
    source = (
        Evidence.objects.filter(pk=paper_id, case__in=Case.objects.visible_to(by))
        .select_related("case__programme", "enterprise")
        .first()
    )
    case = (
        Case.objects.visible_to(by)
        .filter(pk=case_id)
        .select_related("programme", "pack_version", "parent")
        .first()
    )
    if source is None or case is None:
        raise NotYours("no_evidence", _("This paper does not exist."))
    _check(source, case, at)
    plan = rules_of(case).pack.evidence
    kinds = {one.key for p in plan if p.criterion == criterion for one in p.papers}
    [made] = evidence.submit(
        case_id,
        criterion=criterion,
        papers=[
            Paper(source.file, source.file_name, source.media_type, source.size, source.sha256)
        ],
        paper=source.paper if source.paper in kinds else "",
        note=source.note,
        reuses=source,
        by=by,
        at=at,
        version=version,
    )
    return made


def _check(source: Evidence, case: Case, at: datetime) -> None:
    if source.enterprise_id != case.enterprise_id:
        raise Refused("other_firm", _("A paper proves something of its own firm only."))
    if source.state not in reuse.ACCEPTED or not source.file:
        raise Refused("not_accepted", _("Only a paper that was accepted is handed in again."))
    held = reuse.accepted(
        source.enterprise,
        case.programme.city_id,
        on=day_of(at),
        seen_by=Actor.system(),
        for_year=case.programme.statistical_year,
    )
    if not any(one.paper.pk == source.pk and one.holds for one in held):
        raise Refused(
            "expired", _("This paper no longer holds for the year of the case. Ask for a new one.")
        )
