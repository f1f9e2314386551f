"""印证材料: submitted, accepted by the county, returned with a reason, waived, offline.

Nobody accepts a file that he uploaded. Papers lie with the firm's root case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import compulsory, engine, lasting, permissions, policies, witnesses
from cases.actions import corrections, filling, paper_files, remedies, stages
from cases.around import Around, look
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, Evidence
from cases.paper_files import check_acceptable
from cases.rulebook import rules_of
from organisations.days import day_of
from organisations.lengths import check_length
from organisations.roles import Act, Role
from organisations.scope import Actor

State = Evidence.State
OF_WITNESS = 80  # characters of a name, or of a paper's number and date


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
    reuses: Evidence | None = None,
    version: int | None = None,
) -> list[Evidence]:
    """Hand in one or several files for a criterion; an official's upload is marked 代企业上传.

    ``replaces``: the paper of the same item whose place the first of them takes (``lasting``);
    ``reuses``: the accepted paper whose file this is (``actions.reusing``)."""
    step, there = _begin(case_id, Act.SUBMIT_EVIDENCE, criterion, by, version)
    if not papers:
        raise Refused("no_file", _("Choose at least one file."))
    check_length(note)
    compulsory.check_paper(step.case, criterion, paper)
    _check_new([row for row in there.papers if row.criterion == criterion], papers)
    is_clerk = step.case.enterprise_id in by.enterprise_ids
    made = [
        Evidence(
            case=step.case,
            enterprise_id=step.case.firm_id,
            criterion=criterion,
            paper=paper,
            note=note.strip(),
            file=one.file,
            file_name=one.name,
            media_type=one.media_type,
            size=one.size,
            sha256=one.sha256,
            submitted_by=by.user,
            submitted_at=at,
            review_check_at=at,
            on_behalf=not is_clerk,
            reused_from=reuses,
        )
        for one in papers
    ]
    Evidence.objects.bulk_create(made)
    if reuses is None:
        paper_files.note(made)
    lasting.replace(there, criterion, replaces, made[0])
    names = pgettext("list of names", ", ").join(row.file_name for row in made)
    data = {"names": names, "count": len(made)}
    if reuses is not None:
        data["reused_from"] = reuses.case.number
    _record(step, there, "submit_evidence", criterion, data)
    engine.write([step], by=by, at=at)
    return made


@transaction.atomic
def accept(
    evidence_id: int,
    *,
    by: Actor,
    at: datetime,
    seen: Mapping[int, int] | None = None,
    valid_until: date | None = None,
) -> Evidence:
    """县级已审, or 市级认可 where the office reviews. The remedy of the criterion closes with it
    when the reviewer may close it. ``valid_until``: its last day as read on it; without, what the
    forms say of an agreement. What it was handed in to replace is 已更新替换 from now on.
    """
    row, step, there = _review(evidence_id, by, seen)
    check_acceptable(row)
    row.valid_until = lasting.last_day(step.case, row, there, given=valid_until, on=day_of(at))
    row.state = State.CITY_ACCEPTED if _is_city(by, step.case) else State.COUNTY_ACCEPTED
    row.reviewed_by, row.reviewed_at = by.user, at
    row.is_unseen = step.case.applied_by_id is not None
    row.confirmed_by = row.confirmed_at = None
    row.return_reason, row.return_text, row.correct_by = None, "", None
    row.save()
    lasting.take_place(row, there)
    _record(step, there, "accept_evidence", row.criterion, {"names": row.file_name})
    closing = _closing(step, there, row.criterion, by=by, at=at)
    engine.write([step, *closing], by=by, at=at)
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
    found: str | None = None,
) -> Evidence:
    """退回补正 with one of the reasons of the pack and free text; five working days.

    Of a paper that had been accepted too: its remedy, if it was done, starts anew, unless what it
    had replaced proves the same (``lasting.stand_again``). ``found``: the state that the page
    showed; a review leaves the case's version alone, so the paper's own tells.
    """
    row, step, there = _review(evidence_id, by, seen, also=Evidence.ACCEPTED)
    _check_as_found(row, found)
    compulsory.check_number(rules_of(step.case).pack, reason)
    check_length(text)
    was = row.state
    row.state, row.reviewed_by, row.reviewed_at = State.RETURNED, by.user, at
    row.return_reason, row.return_text = reason, text.strip()
    given = corrections.given(step, row.criterion)
    row.correct_by = corrections.correct_by(step.case, day_of(at), given)
    row.save()
    if was in Evidence.ACCEPTED:
        lasting.stand_again(row, there, was, on=day_of(at))
    step.reason = row.return_text
    data = {
        "names": row.file_name,
        "reason": reason,
        "correct_by": row.correct_by.isoformat() if row.correct_by else None,
        "evidence": row.pk,
    }
    _record(step, there, "return_evidence", row.criterion, data)
    again = _reopened(step, there, row.criterion, given, at=at) if was in Evidence.ACCEPTED else []
    again += corrections.give_time(step, row, by=by, on=day_of(at))
    engine.write([step, *again], by=by, at=at)
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
    """免予提交（省系统已有）: the reviewer says so, and the newest provincial facts say it too."""
    step, there = _begin(case_id, Act.REVIEW_EVIDENCE, criterion, by, version)
    policies.check_waiver(by, step.case, criterion, day_of(at))
    policies.check_waiver_reason(reason)
    return _without_file(step, there, criterion, State.WAIVED, by=by, at=at, note=reason.strip())


@transaction.atomic
def verify_offline(
    case_id: int,
    *,
    criterion: str,
    witness: str,
    number: str,
    dated: date,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Evidence:
    """线下核验: a second person saw the paper too; its number and its date are recorded, nothing
    uploaded. ``witness``: his account or name (``witnesses``)."""
    if not witness.strip() or not number.strip():
        raise Refused(
            "offline_incomplete",
            _("Give the second person who saw the paper, and the number and date of the paper."),
        )
    check_length(witness, OF_WITNESS)
    check_length(number, OF_WITNESS)
    witnesses.check_other(by.user, witness)
    step, there = _begin(case_id, Act.REVIEW_EVIDENCE, criterion, by, version)
    on, city = day_of(at), step.case.programme.city_id
    second = witnesses.account_of(witness, city=city, but=by.user, on=on)
    witnesses.check_reads(second, step.case, on)
    return _without_file(
        step,
        there,
        criterion,
        State.VERIFIED_OFFLINE,
        by=by,
        at=at,
        offline_witness=str(second or witness.strip())[:OF_WITNESS],
        offline_witness_account=second,
        offline_number=number.strip(),
        offline_dated=lasting.check_dated(dated, on),
    )


@transaction.atomic
def take_back(evidence_id: int, *, by: Actor, at: datetime) -> Evidence:
    """Whoever handed a file in takes it back while nobody has reviewed it."""
    row, step, there = _find(evidence_id, Act.SUBMIT_EVIDENCE, by)
    if row.state not in (State.SUBMITTED, State.RETURNED):
        raise Refused("reviewed", _("It has been reviewed already and stays on record."))
    if by.user is not None and row.submitted_by_id != by.user.pk:
        raise Refused("not_your_file", _("Only whoever handed it in can take it back."))
    row.state = State.WITHDRAWN
    row.save()
    lasting.give_back_place(row, there)
    _record(step, there, "withdraw_evidence", row.criterion, {"names": row.file_name})
    engine.write([step], by=by, at=at)
    return row


def _begin(
    case_id: int, act: Act, criterion: str, by: Actor, version: int | None
) -> tuple[Step, Around]:
    """The firm's own case with its remedies, under lock, and its papers, which lie with it."""
    seen = {case_id: version} if version is not None else None
    step = engine.lock_family(engine.OF_CASE, case_id, seen)
    if step is None:
        raise Refused("no_case", policies.no_case_words())
    permissions.check(by, act, step.case, step.item)
    policies.check_clock(step.case, step.item, _verb(act, step.case, by))
    if step.case.enterprise_id is None:
        raise Refused("no_firm", _("This case is not about a firm: no papers are asked for."))
    policies.check_known(step.case, [criterion])
    return step, look([step.case, *(child.case for child in step.children)])


def _verb(act: Act, case: Case, by: Actor) -> str:
    """A firm's own deed, or an official's with its papers."""
    own = act == Act.SUBMIT_EVIDENCE and case.enterprise_id in by.enterprise_ids
    return "hand_in" if own else "evidence"


def _check_new(there: Iterable[Evidence], papers: Sequence[Paper]) -> None:
    """The same file twice for one item is one paper: a double submit hands in nothing new."""
    live = (State.SUBMITTED, *Evidence.ACCEPTED)
    known = {row.sha256 for row in there if row.state in live}
    for one in papers:
        if one.sha256 in known:
            raise Refused(
                "upload_twice", _("%(name)s: this file is here already.") % {"name": one.name}
            )


def _is_city(by: Actor, case: Case) -> bool:
    """Whether it is the office that reviews, and not the county."""
    county = (Role.COUNTY_WORKER, Role.COUNTY_LEAD)
    return permissions.acts_as(by, Role.OFFICE, case) and not any(
        permissions.acts_as(by, role, case) for role in county
    )


def _find(
    evidence_id: int, act: Act, by: Actor, seen: Mapping[int, int] | None = None
) -> tuple[Evidence, Step, Around]:
    """``seen``: versions of the pages that were looked at, the case's own or a remedy's."""
    step = engine.lock_family(engine.OF_PAPER, evidence_id, seen)
    if step is None:
        raise Refused("no_evidence", _("This paper does not exist."))
    permissions.check(by, act, step.case, step.item)
    policies.check_clock(step.case, step.item, _verb(act, step.case, by))
    there = look([step.case, *(child.case for child in step.children)])
    row = next(row for row in there.papers if row.pk == evidence_id)
    row.case = step.case
    return row, step, there


def _review(
    evidence_id: int,
    by: Actor,
    seen: Mapping[int, int] | None,
    also: tuple[str, ...] = (),
) -> tuple[Evidence, Step, Around]:
    row, step, there = _find(evidence_id, Act.REVIEW_EVIDENCE, by, seen)
    if row.state not in (State.SUBMITTED, *also):
        raise Refused("reviewed", _("This paper has been reviewed. Look at it again."))
    policies.check_not_own(by.user, row.submitted_by_id, policies.own_upload_words())
    return row, step, there


def _check_as_found(row: Evidence, found: str | None) -> None:
    """Whoever returns a paper that somebody has accepted in this moment knows that he does."""
    if found is not None and row.state != found:
        words = _(
            "This paper has been reviewed meanwhile: %(state)s. Look again before you return it."
        )
        raise Refused("reviewed", words % {"state": row.get_state_display()})


def _without_file(
    step: Step,
    there: Around,
    criterion: str,
    state: str,
    *,
    by: Actor,
    at: datetime,
    **values: Any,
) -> Evidence:
    policies.check_person(by.user)
    papers = [paper for paper in there.papers if paper.criterion == criterion]
    compulsory.check_unmet(step.case, papers, state, by.user)
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
        is_unseen=step.case.applied_by_id is not None,
        **values,
    )
    if state == State.WAIVED:
        lasting.not_needed(papers, row)
    there.papers.append(row)
    said: dict[str, Any] = {
        k: v.isoformat() if isinstance(v, date) else str(v) for k, v in values.items() if v
    }
    if row.offline_witness_account_id is not None:
        # told that he was named: nobody sees a paper without knowing it
        said["readers"] = [row.offline_witness_account_id]
    _record(step, there, f"evidence_{state}", criterion, said)
    closing = _closing(step, there, criterion, by=by, at=at)
    engine.write([step, *closing], by=by, at=at)
    return row


def _record(step: Step, there: Around, verb: str, criterion: str, data: Mapping[str, Any]) -> None:
    """Recompute what is lacking and plan the event; other pages stay valid."""
    if filling.is_surveyed(step.case, there.forms):
        filling.set_lacking(step.case, there.papers)
    step.verb, step.bumps_version = verb, False
    step.data = {"criterion": criterion, **data}


def _reopened(
    step: Step, there: Around, criterion: str, given: date | None, *, at: datetime
) -> list[Step]:
    """What is lacking again: its remedy starts anew, and the case follows it."""
    words = step.reason or corrections.reason_words(step.case, step.data["reason"])
    return remedies.prove_again(step, criterion, there, at=at, correction=words, not_before=given)


def _closing(step: Step, there: Around, criterion: str, *, by: Actor, at: datetime) -> list[Step]:
    """Accepted evidence closes the case: the open remedy of the criterion, where allowed."""
    closing = []
    for child in step.children:
        case = child.case
        if case.criterion != criterion or case.is_finished:
            continue
        if permissions.can(by, stages.act_of(case, "close"), case, child.item):
            # the paper is accepted all the same when the remedy rests
            with suppress(Refused):
                stages.plan_closing(child, there, by=by, at=at)
                closing.append(child)
    return closing
