"""The read side of the verbs: which acts a person finds on a case, shut ones with the reason.

Asks the same ``permissions`` and ``policies`` in the same order as the verbs, on what the page has
read already: no query of its own. What the bar offers the verb accepts; what the verb refuses the
bar shows dashed with the same words. Left out are acts of other people, and acts that have no
meaning where the case stands (``SILENT``): signing for what is signed for, resuming what runs,
the leaving of a firm that the bureau's list still names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import contesting, extensions, permissions, policies, register_stays, resting
from cases.actions import measures, remedies, stages
from cases.errors import Refused
from cases.models import Evidence
from cases.rulebook import APPLY
from cases.sheet import Sheet
from cases.stages import CLOSED
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows.procedure import Move
from workflows.text import localised

SILENT = frozenset(
    {"finished", "no_item", "no_such_move", "not_suspended", "not_closed", "decline_child",
     "not_of_kind", "not_firms_own", "answers_itself",
     "reopen_child", "extension_no_date", "extension_stage",
     "extension_decided", "still_listed"}
)  # fmt: skip
FORM = "form"  # filling in the stage's form, which ends in an advance


@dataclass(frozen=True)
class Offer:
    """One act on the bar. ``to``: the stage of a move; ``why``: words of refusal, shut if any."""

    verb: str
    label: str
    to: str = ""
    kind: str = ""
    why: str = ""
    code: str = ""

    @property
    def key(self) -> str:
        return f"{self.verb}-{self.to}" if self.to else self.verb

    @property
    def is_shut(self) -> bool:
        return bool(self.why)


def offers(sheet: Sheet, actor: Actor) -> list[Offer]:
    """The bar from left to right: quiet acts, grave ones, shut ones, the primary one last."""
    found = [*_remarks(sheet, actor), *_people(sheet, actor), *_clock(sheet, actor)]
    found += [
        *_extension(sheet, actor),
        *_remedies(sheet, actor),
        *_papers(sheet, actor),
        *_ends(sheet, actor),
        *_moves(sheet, actor),
    ]
    main = _primary([one for one in found if one.verb != "upload" or _has_to_upload(sheet)])
    rest = [offer for offer in found if offer is not main]
    rest.sort(key=lambda offer: (offer.is_shut, offer.kind == "grave"))
    if main is None:
        return rest
    return [*rest, Offer(main.verb, main.label, main.to, "primary")]


def offer_for(sheet: Sheet, actor: Actor, verb: str, to: str = "") -> Offer | None:
    """The one act that an address names, or nothing where it is not this person's."""
    for offer in offers(sheet, actor):
        if offer.verb == verb and (not to or offer.to == to):
            return offer
    return None


# --- moves of the procedure ----------------------------------------------------------------------
def _moves(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    rules, case = sheet.rules, sheet.case
    if rules.stage is None:
        return
    form = rules.pack.form_for(rules.stage, case.criterion or None)
    seen: set[tuple[str, str]] = set()
    for move in rules.stage.moves:
        ends_form = form is not None and move.verb == "advance"
        key = (FORM, "") if ends_form else (move.verb, move.to)
        if key in seen or not (ends_form or move.fits(case.grade or None)):
            continue
        seen.add(key)
        label = localised(move.label)
        if ends_form and form is not None:
            label = _("Fill in: %(form)s") % {"form": localised(form.title)}
        yield from _move(sheet, actor, move, key, label)
    if form is not None and not any(verb in (FORM, APPLY) for verb, _to in seen):
        label = _("Fill in: %(form)s") % {"form": localised(form.title)}
        yield from _gate(
            Offer(FORM, label),
            permissions.can_move(actor, Act.RECORD_FORM, case, sheet.item),
            lambda: policies.check_clock(case, sheet.item, "record_form"),
        )


def _move(
    sheet: Sheet, actor: Actor, move: Move, key: tuple[str, str], label: str
) -> Iterator[Offer]:
    case, item, verb = sheet.case, sheet.item, move.verb
    may = permissions.can_move(actor, stages.act_of(case, verb), case, item)
    to = key[1] if verb in ("advance", "send_back") else ""
    kind = "grave" if verb == "send_back" else ""
    form = measures.form_of(case)

    def check() -> None:
        policies.check_clock(case, item, verb)
        if key[0] != FORM:
            policies.check_move(case, item, verb, move.to)
        if verb in (APPLY, "close"):
            policies.check_criteria(case, sheet.papers, sheet.on)
        if verb in (APPLY, "advance"):
            _check_children(sheet)
        if verb == "advance" and sheet.rules.stage and sheet.rules.stage.owner == "county_lead":
            policies.check_reviewer(case, actor.user)
        if verb == "advance" and case.applied_by_id is not None:
            policies.check_criteria(case, sheet.papers, sheet.on)
        if verb == "close" and not case.criterion:
            policies.check_none_open(case, _open_children(sheet))
            policies.check_closer(case, sheet.papers, actor.user)
        if verb == "close" and case.criterion:
            own = [paper for paper in sheet.papers if paper.criterion == case.criterion]
            policies.check_remedy_closer(own, actor.user)
        if verb == "close" and form is not None:
            record = sheet.record_of(form.key)
            data = record.data if record else {}
            policies.check_measure(case, measures.lacking(case, data))
            policies.check_call_back(case, data)

    yield from _gate(Offer(key[0], label, to, kind), may, check)


def _check_children(sheet: Sheet) -> None:
    if sheet.rules.stage and sheet.rules.stage.waits_for:
        policies.check_children(sheet.case, _open_children(sheet))


def _open_children(sheet: Sheet) -> list[str]:
    return [child.case.procedure for child in sheet.children if not child.case.is_finished]


# --- people, clock, papers, ends -----------------------------------------------------------------
def _remarks(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    case, item = sheet.case, sheet.item
    words = _("Instruction") if actor.has_role(Role.LEADER) else _("Remark")
    yield from _gate(Offer("comment", words), permissions.can(actor, Act.COMMENT, case, item))

    def check() -> None:
        policies.check_clock(case, item, "urge")
        policies.check_urge(sheet.rules.pack.limits, sheet.last("urge"), sheet.on)

    may = permissions.can(actor, Act.URGE, case, item)
    yield from _gate(Offer("urge", _("Urge")), may, check)


def _people(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    case, item = sheet.case, sheet.item

    def check_decline() -> None:
        policies.check_open(case)
        contesting.check_asker(actor, case, item, "decline")
        taken = contesting.taken_on(sheet.last("acknowledge"), sheet.last("reassign"))
        contesting.check_decline(case, item, taken, sheet.on)

    stage, procedure = sheet.rules.stage, sheet.rules.procedure
    first = stage is not None and stage.phase == procedure.phases[0].key
    may = permissions.can(actor, Act.DECLINE, case, item)
    for offer in _gate(Offer("decline", _("Ask for reassignment")), may, check_decline):
        if not offer.is_shut or first:  # later it would hang there, shut, for the rest of the year
            yield offer

    def check_reassign() -> None:
        policies.check_open(case)
        policies.check_clock(case, item, "reassign")
        contesting.check_reach(actor, case)

    may = permissions.can(actor, Act.REASSIGN, case, item) and _has_a_hand(sheet, actor)
    # 改派 between units is the office's; everybody else changes the handler within his own
    label = _("Reassign") if actor.has_role(Role.OFFICE) else _("Change the handler")
    yield from _gate(Offer("reassign", label), may, check_reassign)


def _has_a_hand(sheet: Sheet, actor: Actor) -> bool:
    """A department hands on what lies with it; what lies with a county is not its to hand on."""
    posts = actor.standings_for(Act.REASSIGN)
    only_department = all(s.role == Role.DEPARTMENT_LEAD for s in posts)
    return not only_department or (sheet.item is not None and sheet.item.unit_id in actor.unit_ids)


def _clock(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    case, item = sheet.case, sheet.item
    rests = item is not None and item.is_suspended
    yield from _gate(
        Offer("suspend", _("Suspend longer") if rests else _("Suspend")),
        permissions.can(actor, Act.SUSPEND, case, item),
        lambda: policies.check_clock(case, item, "suspend"),
    )

    if case.proposal and not rests:
        yield from _gate(
            Offer("drop_proposal", _("Go on, no suspension")),
            permissions.can(actor, Act.SUSPEND, case, item),
            lambda: policies.check_clock(case, item, "drop_proposal"),
        )

    def check_resume() -> None:
        policies.check_open(case)
        resting.open_suspension(row for row in sheet.suspensions if row.resumed_on is None)

    may = permissions.can(actor, Act.RESUME, case, item)
    yield from _gate(Offer("resume", _("Resume")), may, check_resume)


def _extension(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    """申请延期; and for whoever may decide, the answer."""
    case, item = sheet.case, sheet.item

    def check_request() -> None:
        contesting.check_asker(actor, case, item, "request_extension")
        extensions.check_askable(case, item, sheet.dating, sheet.on)

    yield from _gate(
        Offer("request_extension", _("Ask for an extension")),
        permissions.can(actor, Act.REQUEST_EXTENSION, case, item),
        check_request,
    )
    row = sheet.dating.waiting
    if row is None:
        return

    def check_answer() -> None:
        extensions.check_decider(actor, case, item, row)
        policies.check_clock(case, item, "decide_extension")

    may = permissions.can(actor, Act.DECIDE_EXTENSION, case, item)
    yield from _gate(Offer("refuse_extension", _("Do not grant the extension")), may, check_answer)
    yield from _gate(Offer("grant_extension", _("Grant the extension")), may, check_answer)


def _remedies(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    """新增整改事项: where something lacks that has no open remedy."""
    case = sheet.case
    if not to_remedy(sheet):
        return
    yield from _gate(
        Offer("spawn", _("Add a remedy")),
        permissions.can(actor, Act.SPAWN, case, sheet.item),
        lambda: policies.check_clock(case, sheet.item, "spawn"),
    )


def to_remedy(sheet: Sheet) -> list[str]:
    """Criteria for which a remedy can be added by hand."""
    case, procedure = sheet.case, sheet.rules.procedure
    surveyed = bool(case.grade) or not sheet.rules.pack.grades
    if case.parent_id is not None or not surveyed or not remedies.kind_of_remedy(procedure):
        return []
    busy = {child.case.criterion for child in sheet.children if not child.case.is_finished}
    return [key for key in case.lacking if key not in busy]


def _papers(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    case, item = sheet.case, sheet.item
    if case.parent_id is not None or sheet.rules.procedure.closes_when is None:
        return

    def check() -> None:
        policies.check_clock(case, item, "evidence")

    may = permissions.can(actor, Act.SUBMIT_EVIDENCE, case, item)
    yield from _gate(Offer("upload", _("Upload for the firm")), may, check)
    waiting = reviewable(sheet, actor)
    if waiting:
        label = ngettext("Review papers (%(n)d)", "Review papers (%(n)d)", len(waiting))
        yield from _gate(Offer("review", label % {"n": len(waiting)}), True, check)


def reviewable(sheet: Sheet, actor: Actor) -> list[Evidence]:
    """Papers that wait for a review by this person; the oldest first, never his own."""
    if not permissions.can(actor, Act.REVIEW_EVIDENCE, sheet.case, sheet.item):
        return []
    mine = actor.user.pk if actor.user else None
    waits = [p for p in sheet.papers if p.state == Evidence.State.SUBMITTED]
    return sorted((p for p in waits if p.submitted_by_id != mine), key=lambda p: p.pk)


def _ends(sheet: Sheet, actor: Actor) -> Iterator[Offer]:
    case, item = sheet.case, sheet.item
    may = permissions.can(actor, Act.WITHDRAW, case, item)
    withdraw = Offer("withdraw", _("Take back the opening"))
    yield from _gate(withdraw, may, lambda: policies.check_open(case))

    def check_delist() -> None:
        policies.check_delist(case)
        register_stays.check_off_register(sheet.stays, sheet.on)

    may = permissions.can(actor, Act.DELIST, case, item)
    delist = Offer("delist", _("Confirm leaving the register"))
    yield from _gate(delist, may, check_delist)

    def check_reopen() -> None:
        policies.check_reopen(case)
        if case.criterion:
            raise Refused("reopen_child", policies.reopen_child_words())
        if case.stage != CLOSED and case.enterprise_id is not None:
            register_stays.check_on_register(sheet.stays, sheet.on)

    counted = case.is_main and case.stage == CLOSED
    label = _("Reopen (one closing less)") if counted else _("Reopen")
    may = permissions.can(actor, Act.REOPEN, case, item)
    yield from _gate(Offer("reopen", label, kind="grave"), may, check_reopen)


def _gate(offer: Offer, may: bool, check: Callable[[], object] | None = None) -> Iterator[Offer]:
    """The offer, shut with the verb's own words, or nothing."""
    if not may:
        return
    if check is not None:
        try:
            check()
        except Refused as refusal:
            if refusal.code not in SILENT:
                yield Offer(
                    offer.verb, offer.label, offer.to, offer.kind, refusal.words, refusal.code
                )
            return
    yield offer


# what a person came for, best first
MAIN = (
    "acknowledge", "close", "grant_extension", APPLY, "advance", FORM, "review", "resume", "upload"
)  # fmt: skip


def _has_to_upload(sheet: Sheet) -> bool:
    """Whether a criterion lacks for which nothing waits for its review either."""
    waiting = {paper.criterion for paper in sheet.papers if paper.state == "submitted"}
    return not waiting.issuperset(sheet.lacking)


def _primary(found: list[Offer]) -> Offer | None:
    legal = [offer for offer in found if not offer.is_shut]
    for verb in MAIN:
        for offer in legal:
            if offer.verb == verb:
                return offer
    return None
