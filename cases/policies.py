"""What the state allows, with the reason and the next step in words.

Pairs: ``check_x()`` raises ``Refused``, ``can_x()`` answers. Who may is in ``permissions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases import permissions, reconciling, witnesses
from cases.dates import long_day_words
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence, WorkItem
from cases.proofs import own_proof_words, proves
from cases.rulebook import calendar, rules_of
from organisations.lengths import check_length
from organisations.models import User
from organisations.roles import Role
from organisations.scope import Actor
from workflows import criteria
from workflows.guard import REOPENED_FROM
from workflows.limits import CaseLimits
from workflows.procedure import Move
from workflows.text import localised

# while the clock stands still only these are legal (design: suspension)
WHILE_SUSPENDED = frozenset(
    {"resume", "suspend", "reassign", "delist", "withdraw", "carry_over", "comment"}
)
# while an assignment is contested only the office's answer is legal
# (and a firm that hands in papers: whose work they are is no matter of its own)
WHILE_DECLINED = frozenset({"hand_in", "reassign", "delist", "withdraw", "comment", "carry_over"})

# characters; the product's own: what a waiver may lack is no city's to decide
WAIVER_REASON = 4


def allows(check: Callable[..., Any], *args: Any) -> bool:
    """Whether a ``check_x`` passes."""
    try:
        check(*args)
    except Refused:
        return False
    return True


def check_open(case: Case) -> None:
    if case.is_finished:
        raise Refused(
            "finished", _("This case is finished. Only the office can reopen it, with a reason.")
        )


def check_clock(case: Case, item: WorkItem | None, verb: str) -> None:
    """Suspended or contested cases accept only a few verbs; some kinds lack a verb altogether."""
    check_open(case)
    check_kind(case, verb)
    if item is None:
        raise Refused("no_item", _("Nothing is open in this case."))
    if item.is_suspended and verb not in WHILE_SUSPENDED:
        raise Refused("suspended", _("The case is suspended. Resume it first."))
    if item.is_declined and verb not in WHILE_DECLINED:
        raise Refused(
            "declined", _("A reassignment was asked for. It waits for the office's answer.")
        )


def check_kind(case: Case, verb: str) -> None:
    """Verbs that the pack keeps from a kind of case: 督办 is not contested, nor does it rest."""
    procedure = rules_of(case).procedure
    if verb not in procedure.without:
        return
    words = {
        "decline": _("“%(kind)s” cannot be contested. Tell the city office your reasons."),
        "suspend": _("“%(kind)s” is not suspended. Ask for an extension, or tell the city office."),
        "request_extension": _("“%(kind)s” is not extended. Leave a remark with the reason."),
        "reassign": _("“%(kind)s” is not handed on."),
        "urge": _("“%(kind)s” is not urged."),
    }[verb]
    raise Refused("not_of_kind", words % {"kind": localised(procedure.title)})


def check_delist(case: Case) -> None:
    """退库 ends what the register opened; an issue or an order has no place on the register."""
    check_open(case)
    if case.is_matter and rules_of(case).procedure.opening("register") is None:
        raise Refused(
            "not_firms_own",
            _(
                "Only a firm's own case ends because the firm left the register. Withdraw what was"
                " opened by mistake."
            ),
        )


def check_move(case: Case, item: WorkItem | None, verb: str, to: str | None) -> Move:
    """The pinned procedure's move for a verb, or why there is none."""
    check_clock(case, item, verb)
    move = rules_of(case).procedure.move(case.stage, verb, to, case.grade or None)
    if move is None:
        raise Refused("no_such_move", _no_move_words(case, verb, to))
    return move


def _no_move_words(case: Case, verb: str, to: str | None) -> str:
    """Why there is no such move, and where the verb leads instead if it leads anywhere."""
    rules = rules_of(case)
    stage = rules.stage
    words = _("This is not possible in the stage “%(stage)s”.") % {
        "stage": localised(stage.title) if stage else ""
    }
    moves = [move for move in rules.moves(case.grade) if move.verb == verb]
    if to is None or not moves:
        return words
    return " ".join([words, _possible(moves)])


def _possible(moves: Iterable[Move]) -> str:
    targets = dict.fromkeys(f"{move.to} {localised(move.label)}" for move in moves)
    known = pgettext("list of names", ", ").join(targets)
    return _("Possible here: %(known)s.") % {"known": known}


def check_target(case: Case, verb: str, to: str | None) -> None:
    """A stage that the verb never leads to from here, whatever the form says of the class."""
    stage = rules_of(case).stage
    moves = [move for move in stage.moves if move.verb == verb] if stage else []
    if to is None or not moves or to in {move.to for move in moves}:
        return
    words = _("“%(to)s” is no stage that this can lead to.") % {"to": to}
    raise Refused("no_such_move", " ".join([words, _possible(moves)]))


def check_children(case: Case, open_children: Iterable[str]) -> None:
    """A stage is left only when the children that its procedure names are done."""
    stage = rules_of(case).stage
    waiting = [p for p in open_children if stage and p in stage.waits_for]
    if waiting:
        raise Refused("children_open", _children_words(case, len(waiting)))


def _children_words(case: Case, n: int) -> str:
    if case.is_matter:
        words = ngettext("%(n)d part is open. Finish it.", "%(n)d parts are open. Finish them.", n)
        return words % {"n": n}
    return ngettext(
        "%(n)d remedy is still open: the county's reviewer finishes it first.",
        "%(n)d remedies are still open: the county's reviewer finishes them first.",
        n,
    ) % {"n": n}


def check_none_open(case: Case, open_children: Iterable[str]) -> None:
    """Nothing is closed over the head of a child that its procedure waits for, at any stage; an
    issue or a need that a visit left goes on without the case (004-20).
    """
    waits = {name for stage in rules_of(case).procedure.stages for name in stage.waits_for}
    n = sum(name in waits for name in open_children)
    if n:
        raise Refused("children_open", _children_words(case, n))


def lacking(case: Case, evidence: Iterable[Evidence]) -> list[str]:
    """Keys of the closing criteria that accepted evidence does not meet yet."""
    rules = rules_of(case)
    rule = rules.procedure.criteria_for(case.criterion or None)
    if rule is None:
        return []
    met = {e.criterion: True for e in evidence if proves(rules.pack, e)}
    return criteria.unmet(rule, met)


def names_of(case: Case, keys: Iterable[str]) -> str:
    """Criteria as a person reads them: "研发经费、产学研合作"."""
    known = {have.key: have.label for have in rules_of(case).pack.haves}
    return pgettext("list of names", ", ").join(localised(known.get(key, key)) for key in keys)


def check_known(case: Case, keys: Iterable[str]) -> None:
    """Whatever names a criterion names one of the pack's."""
    labels = {have.key: localised(have.label) for have in rules_of(case).pack.haves}
    unknown = [key for key in keys if key not in labels]
    if unknown:
        comma = pgettext("list of names", ", ")
        raise Refused(
            "no_criterion",
            _("This programme has no criterion “%(name)s”. There are: %(known)s")
            % {
                "name": comma.join(unknown),
                "known": comma.join(f"{key} {label}" for key, label in labels.items()),
            },
        )


def check_asked_for(case: Case, keys: Iterable[str]) -> None:
    """Criteria fail only where a procedure closes by them: an issue below a firm's case has none,
    and the firm's papers are not its own.
    """
    rule = rules_of(case).procedure.criteria_for(case.criterion or None)
    if [key for key in keys if rule is None or key not in rule.named()]:
        raise Refused(
            "not_asked_for", _("This case does not close by these criteria. Leave them out.")
        )


def check_criteria(case: Case, evidence: Iterable[Evidence], on: date) -> None:
    """What has ended by that day proves nothing, whether or not a sweep has said so yet."""
    papers = [one for one in evidence if one.valid_until is None or one.valid_until >= on]
    missing = lacking(case, papers)
    waiting = {paper.criterion for paper in papers if paper.state == Evidence.State.SUBMITTED}
    absent = [key for key in missing if key not in waiting]
    if missing and not absent:
        words = _("Apply for closure once the papers are reviewed. They wait for review: %(names)s")
        raise Refused("criteria_unmet", words % {"names": names_of(case, missing)})
    if absent:
        words = _("Apply for closure once the evidence is complete. Still missing: %(names)s")
        words %= {"names": names_of(case, absent)}
        if len(absent) < len(missing):
            held = names_of(case, [key for key in missing if key in waiting])
            words += _("; waiting for review: %(names)s") % {"names": held}
        raise Refused("criteria_unmet", words)


def check_measure(case: Case, lacking: Iterable[str]) -> None:
    """整改事项: measure, owner and date are on record before it is done."""
    keys, rules = list(lacking), rules_of(case)
    if not keys or rules.stage is None:
        return
    form = rules.pack.form_for(rules.stage, case.criterion or None)
    labels = {field.key: localised(field.label) for field in form.inputs} if form else {}
    names = pgettext("list of names", ", ").join(labels.get(key, key) for key in keys)
    words = (
        _("Fill in the form of this remedy first. Still empty: %(names)s")
        if case.criterion
        else _("Fill in the form of this step first. Still empty: %(names)s")
    )
    raise Refused("measure_missing", words % {"names": names})


def check_call_back(case: Case, data: Mapping[str, Any]) -> None:
    """004-18: a firm that is not satisfied has its issue handled again."""
    if rules_of(case).procedure.call_back and data.get("satisfied") == "no":
        raise Refused(
            "not_satisfied",
            _("The firm is not satisfied. Send the matter back to be handled again."),
        )


def check_person(user: User | None) -> None:
    """What four eyes must see, the system cannot do."""
    if user is None:
        raise Refused("needs_person", _("This is decided by a person. Say who acts."))


def check_not_own(user: User | None, other_id: int | None, words: str) -> None:
    """Four eyes: not the same person twice."""
    check_person(user)
    if user is not None and user.pk == other_id:
        raise Refused("four_eyes", words)


def check_reviewer(case: Case, user: User | None) -> None:
    """县级审核: not by whoever applied."""
    check_not_own(
        user,
        case.applied_by_id,
        _(
            "What you applied for yourself must be reviewed by somebody else. Where there is one "
            "reviewer only, appoint another or name a stand-in."
        ),
    )


def check_closer(case: Case, papers: Iterable[Evidence], user: User | None) -> None:
    """确认销号: not by whoever reviewed or applied, nor by the only official who has seen what
    decides: who accepted it since they did, or where nobody applies handed it in and accepted it.
    """
    words = _("What you reviewed yourself must be confirmed by somebody else.")
    check_not_own(user, case.reviewed_by_id, words)
    words = _("What you applied for yourself must be confirmed by somebody else.")
    check_not_own(user, case.applied_by_id, words)
    user_id = user.pk if user else None
    if lacking(case, (p for p in papers if _seen_by(case, p, user_id))):
        raise Refused("four_eyes", own_proof_words(late=case.applied_by_id is not None))
    open_ = lacking(case, (p for p in papers if not witnesses.is_awaited(p, user_id)))
    if open_:
        raise Refused("unwitnessed", witnesses.awaited_words(names_of(case, open_)))


def _seen_by(case: Case, paper: Evidence, but: int | None) -> bool:
    """Whether another official has seen the paper as it was decided."""
    if paper.reviewed_by_id != but:
        return True
    if case.applied_by_id is None:
        return paper.on_behalf and paper.submitted_by_id != but
    # a name in free text is nobody who could be asked
    is_named = paper.offline_witness_account_id not in (None, but)
    by_two = is_named or paper.state != Evidence.State.VERIFIED_OFFLINE
    return by_two and not paper.is_unseen


def check_remedy_closer(papers: Iterable[Evidence], user: User | None) -> None:
    """A remedy is not closed by whoever handed in all that proves it; the case to which it belongs
    is confirmed by somebody else all the same."""
    check_person(user)
    user_id = user.pk if user else None
    proof = [p for p in papers if p.state in Evidence.ACCEPTED]
    own = [p for p in proof if p.state not in Evidence.UNFILED and p.submitted_by_id == user_id]
    if proof and len(own) == len(proof):
        raise Refused("four_eyes", own_upload_words())


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("no_reason", _("Please give a reason."))
    check_length(reason)


def check_waiver(by: Actor, case: Case, criterion: str, on: date) -> None:
    """免予提交: by the reviewer, not the handler, and only what the province has already."""
    check_person(by.user)
    if not can_waive(by, case):
        raise NotYours(
            "not_yours", _("Only the county's reviewer or the office waives what a firm hands in.")
        )
    if not reconciling.has_in_province(case, criterion, on):
        raise Refused(
            "not_in_province",
            _(
                "The provincial system does not have this yet, so it cannot be waived. Upload the"
                " papers or verify them offline."
            ),
        )


def can_waive(by: Actor, case: Case) -> bool:
    """Whether the actor reviews what the handler of the case does."""
    return any(permissions.acts_as(by, role, case) for role in (Role.COUNTY_LEAD, Role.OFFICE))


def check_waiver_reason(reason: str) -> None:
    """A waiver has no paper: its reason is all that is left to read."""
    check_reason(reason)
    if len(reason.strip()) < WAIVER_REASON:
        raise Refused(
            "reason_short",
            _("Please give a reason of at least %(n)d characters.") % {"n": WAIVER_REASON},
        )


def check_proposal(case: Case) -> None:
    if not case.proposal:
        raise Refused("no_proposal", _("Nothing has been proposed for this case."))


def check_left_on(left_on: date, on: date, joined_on: date | None) -> None:
    """A firm leaves after it joined, and not in advance: the bureau's list says so afterwards."""
    if left_on > on:
        raise Refused("left_in_future", _("The day of leaving has not come yet."))
    if joined_on is not None and left_on < joined_on:
        words = _("The firm joined the register on %(day)s. It cannot have left before.")
        raise Refused("left_before_joined", words % {"day": long_day_words(joined_on)})


def check_urge(limits: CaseLimits, last_urged_on: date | None, on: date) -> None:
    every = limits.urge_every
    if last_urged_on and calendar().between(last_urged_on, on) < every:
        raise Refused(
            "urged_lately",
            _("The same matter is urged at most once in %(n)d working days.") % {"n": every},
        )


def own_upload_words() -> str:
    return _("What you uploaded yourself is reviewed by somebody else.")


def check_reopen(case: Case) -> None:
    if case.stage not in REOPENED_FROM:
        raise Refused("not_closed", _("Only a closed, delisted or withdrawn case can be reopened."))


def reopen_child_words() -> str:
    return _("Reopen the firm's own case and name what fails; its remedies follow.")


def no_case_words() -> str:
    return _("This case does not exist.")
