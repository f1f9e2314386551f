"""印证材料: submitted, accepted by the county, returned with one of ten reasons, waived, offline.

Nobody accepts a file that he uploaded. Papers lie with the firm's root case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import engine, permissions, policies
from cases.actions import filling, remedies, stages
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, Evidence
from cases.rulebook import calendar, rules_of
from cases.steps import day_of, follow
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows.deadlines import Phrase
from workflows.text import localised

State = Evidence.State
CORRECT_WITHIN = 5  # working days, 退回补正
CORRECTION = Phrase.parse(f"within: {CORRECT_WITHIN} working_days")


@dataclass(frozen=True)
class Paper:
    """A checked upload: what ``uploads.check`` made of the bytes."""

    file: File[bytes]
    name: str
    media_type: str
    size: int
    sha256: str


@transaction.atomic
def submit(
    case_id: int,
    *,
    criterion: str,
    papers: Sequence[Paper],
    by: Actor,
    at: datetime,
    paper: str = "",
    note: str = "",
    replaces: int | None = None,
    version: int | None = None,
) -> list[Evidence]:
    """Hand in one or several files for a criterion; an official's upload is marked 代企业上传."""
    step = _begin(case_id, Act.SUBMIT_EVIDENCE, criterion, by, version)
    if not papers:
        raise Refused("no_file", _("Choose at least one file."))
    _check_paper(step.case, criterion, paper)
    _check_new(step.case, criterion, papers)
    is_clerk = step.case.enterprise_id in by.enterprise_ids
    made = [
        Evidence(
            case=step.case,
            enterprise_id=step.case.firm_id,
            criterion=criterion,
            paper=paper,
            note=note[:300],
            file=one.file,
            file_name=one.name,
            media_type=one.media_type,
            size=one.size,
            sha256=one.sha256,
            submitted_by=by.user,
            submitted_at=at,
            on_behalf=not is_clerk,
        )
        for one in papers
    ]
    for row in made:
        row.save()
    _replace(step.case, criterion, replaces, made[0])
    names = pgettext("list of names", ", ").join(row.file_name for row in made)
    _record(step, "submit_evidence", criterion, by, at, {"names": names, "count": len(made)})
    return made


@transaction.atomic
def accept(
    evidence_id: int, *, by: Actor, at: datetime, seen: Mapping[int, int] | None = None
) -> Evidence:
    """县级已审, or 市级认可 where the office reviews. The remedy of the criterion closes with it
    when the reviewer may close it.
    """
    row, step = _review(evidence_id, by, seen)
    row.state = State.CITY_ACCEPTED if _is_city(by, step.case) else State.COUNTY_ACCEPTED
    row.reviewed_by, row.reviewed_at = by.user, at
    row.return_reason, row.return_text, row.correct_by = None, "", None
    row.save()
    _record(step, "accept_evidence", row.criterion, by, at, {"names": row.file_name})
    _close_remedy(step, row.criterion, by=by, at=at)
    return row


@transaction.atomic
def return_(
    evidence_id: int,
    *,
    reason: int,
    text: str = "",
    by: Actor,
    at: datetime,
    seen: Mapping[int, int] | None = None,
) -> Evidence:
    """退回补正 with one of the pack's ten reasons (1-based) and free text; five working days.

    Of a paper that had been accepted too: its remedy, if it was done, starts anew.
    """
    row, step = _review(evidence_id, by, seen, also=Evidence.ACCEPTED)
    _check_return_reason(step.case, reason)
    was_accepted = row.state in Evidence.ACCEPTED
    row.state, row.reviewed_by, row.reviewed_at = State.RETURNED, by.user, at
    row.return_reason, row.return_text = reason, text.strip()[:300]
    row.correct_by = calendar().add(day_of(at), CORRECT_WITHIN)
    row.save()
    step.reason = row.return_text
    data = {
        "names": row.file_name,
        "reason": reason,
        "correct_by": row.correct_by.isoformat(),
        "evidence": row.pk,
    }
    _record(step, "return_evidence", row.criterion, by, at, data, reopens=was_accepted)
    return row


@transaction.atomic
def waive(
    case_id: int,
    *,
    criterion: str,
    reason: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Evidence:
    """免予提交（省系统已有）."""
    policies.check_reason(reason)
    return _without_file(case_id, criterion, State.WAIVED, by, at, version, note=reason[:300])


@transaction.atomic
def verify_offline(
    case_id: int,
    *,
    criterion: str,
    witness: str,
    number: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Evidence:
    """线下核验: a second person saw the paper too; its number is recorded, nothing uploaded."""
    if not witness.strip() or not number.strip():
        raise Refused(
            "offline_incomplete",
            _("Give the second person who saw the paper, and the number and date of the paper."),
        )
    policies.check_witness(by.user, witness)
    return _without_file(
        case_id,
        criterion,
        State.VERIFIED_OFFLINE,
        by,
        at,
        version,
        offline_witness=witness.strip()[:80],
        offline_number=number.strip()[:80],
    )


@transaction.atomic
def take_back(evidence_id: int, *, by: Actor, at: datetime) -> Evidence:
    """Whoever handed a file in takes it back while nobody has reviewed it."""
    row, step = _find(evidence_id, Act.SUBMIT_EVIDENCE, by)
    if row.state not in (State.SUBMITTED, State.RETURNED):
        raise Refused("reviewed", _("It has been reviewed already and stays on record."))
    if by.user is not None and row.submitted_by_id != by.user.pk:
        raise Refused("not_your_file", _("Only whoever handed it in can take it back."))
    row.state = State.WITHDRAWN
    row.save()
    _record(step, "withdraw_evidence", row.criterion, by, at, {"names": row.file_name})
    return row


def _begin(case_id: int, act: Act, criterion: str, by: Actor, version: int | None) -> Step:
    step = _root(case_id, {case_id: version} if version is not None else None)
    permissions.check(by, act, step.case, step.item)
    policies.check_clock(step.case, step.item, "evidence")
    policies.check_known(step.case, [criterion])
    return step


def _check_paper(case: Case, criterion: str, paper: str) -> None:
    """A paper that is named is one that the pack asks for."""
    papers = rules_of(case).pack.evidence_for(criterion).papers
    if paper and paper not in {one.key for one in papers}:
        known = pgettext("list of names", ", ").join(
            f"{one.key} {localised(one.label)}" for one in papers
        )
        words = _("“%(name)s” is no paper for this item. There are: %(known)s")
        raise Refused("no_paper", words % {"name": paper, "known": known})


def _check_return_reason(case: Case, number: int) -> None:
    reasons = rules_of(case).pack.return_reasons
    if number not in {one.number for one in reasons}:
        known = "\n".join(f"  {one.number} {localised(one.label)}" for one in reasons)
        words = _("Choose one of the reasons for the return:\n%(known)s")
        raise Refused("no_reason", words % {"known": known})


def _check_new(case: Case, criterion: str, papers: Sequence[Paper]) -> None:
    """The same file twice for one item is one paper: a double submit hands in nothing new."""
    live = Evidence.objects.filter(
        case=case, criterion=criterion, state__in=(State.SUBMITTED, *Evidence.ACCEPTED)
    )
    known = set(live.exclude(sha256="").values_list("sha256", flat=True))
    for one in papers:
        if one.sha256 in known:
            raise Refused(
                "upload_twice", _("%(name)s: this file is here already.") % {"name": one.name}
            )


def _root(case_id: int, seen: Mapping[int, int] | None = None) -> Step:
    """The firm's own case with its remedies, under lock; papers lie with it.

    ``seen``: versions of the pages that were looked at, the case's own or a remedy's.
    """
    parent = Case.objects.filter(pk=case_id).values_list("parent_id", flat=True).first()
    found = engine.lock([parent or case_id], seen, with_children=True)
    if not found:
        raise Refused("no_case", policies.no_case_words())
    return found[0]


def _is_city(by: Actor, case: Case) -> bool:
    """Whether it is the office that reviews, and not the county."""
    county = (Role.COUNTY_WORKER, Role.COUNTY_LEAD)
    return permissions.acts_as(by, Role.OFFICE, case) and not any(
        permissions.acts_as(by, role, case) for role in county
    )


def _find(
    evidence_id: int, act: Act, by: Actor, seen: Mapping[int, int] | None = None
) -> tuple[Evidence, Step]:
    row = Evidence.objects.filter(pk=evidence_id).first()
    if row is None:
        raise Refused("no_evidence", _("This paper does not exist."))
    step = _root(row.case_id, seen)
    permissions.check(by, act, step.case, step.item)
    policies.check_clock(step.case, step.item, "evidence")
    row.refresh_from_db()
    row.case = step.case
    return row, step


def _review(
    evidence_id: int,
    by: Actor,
    seen: Mapping[int, int] | None,
    also: tuple[str, ...] = (),
) -> tuple[Evidence, Step]:
    row, step = _find(evidence_id, Act.REVIEW_EVIDENCE, by, seen)
    if row.state not in (State.SUBMITTED, *also):
        raise Refused("reviewed", _("Somebody has reviewed this paper already."))
    policies.check_not_own(by.user, row.submitted_by_id, policies.own_upload_words())
    return row, step


def _without_file(
    case_id: int,
    criterion: str,
    state: str,
    by: Actor,
    at: datetime,
    version: int | None,
    **values: str,
) -> Evidence:
    policies.check_person(by.user)
    step = _begin(case_id, Act.REVIEW_EVIDENCE, criterion, by, version)
    row = Evidence.objects.create(
        case=step.case,
        enterprise_id=step.case.firm_id,
        criterion=criterion,
        state=state,
        submitted_by=by.user,
        submitted_at=at,
        reviewed_by=by.user,
        reviewed_at=at,
        on_behalf=True,
        **values,
    )
    _record(step, f"evidence_{state}", criterion, by, at, dict(values))
    _close_remedy(step, criterion, by=by, at=at)
    return row


def _replace(case: Case, criterion: str, replaces: int | None, new: Evidence) -> None:
    """A new file takes the place of the one named, or of those that were returned."""
    old = Evidence.objects.filter(case=case, criterion=criterion).exclude(pk=new.pk)
    old = old.filter(pk=replaces) if replaces else old.filter(state=State.RETURNED)
    old.filter(state__in=[State.RETURNED, State.SUBMITTED]).update(
        state=State.REPLACED, replaced_by=new
    )


def _record(
    step: Step,
    verb: str,
    criterion: str,
    by: Actor,
    at: datetime,
    data: dict[str, Any],
    *,
    reopens: bool = False,
) -> None:
    """Recompute what is lacking and write the event; other pages stay valid.

    With ``reopens`` the remedies of what is lacking again start anew, and the case follows them.
    """
    case = step.case
    if case.grade:
        filling.set_lacking(case, stages.evidence_of(case))
    step.verb, step.bumps_version = verb, False
    step.data = {"criterion": criterion, **data}
    again: list[Step] = []
    if reopens and criterion in case.lacking:
        step.bumps_version = True
        desks = Desks.for_cases([case])
        again = remedies.renew(
            step, [criterion], desks=desks, by=by, at=at, time=CORRECTION, correction=step.reason
        )
        follow(step, remedies.latest_due(step.children), on=day_of(at))
    engine.write([step, *again], by=by, at=at)


def _close_remedy(step: Step, criterion: str, *, by: Actor, at: datetime) -> None:
    """Accepted evidence closes the case: the open remedy of the criterion, where allowed."""
    for child in step.children:
        case = child.case
        if case.criterion != criterion or case.is_finished:
            continue
        if permissions.can(by, stages.act_of(case, "close"), case, child.item):
            # the paper is accepted all the same when the remedy rests or has open children
            with suppress(Refused):
                stages.close(case.pk, by=by, at=at)
