"""Each small act as data: its dialog in words, and the one verb that it calls.

Acts with a form of the pack (``forms``) and papers (``evidence``) are pages of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import policies
from cases.actions import endings, evidence, pauses, people, proposals, remarks, remedies, stages
from cases.errors import Refused
from cases.models import Case
from cases.sheet import Sheet
from cases.views import deed_fields, deeds_time
from cases.views.deed_call import Call, Deed
from organisations.models import Post, Unit
from organisations.roles import Act
from organisations.scope import Actor

Field = deed_fields.Field

__all__ = ["Call", "Deed", "deed_for"]

# rights of acts that have none of their own name
NAMED_OTHERWISE = {
    "drop_proposal": Act.SUSPEND,
    "grant_extension": Act.DECIDE_EXTENSION,
    "refuse_extension": Act.DECIDE_EXTENSION,
}


def deed_for(verb: str) -> Deed | None:
    return DEEDS.get(verb)


def right_for(deed: Deed, verb: str, case: Case) -> Act:
    """What a person needs for an act, so that he is told before anything is read of what he typed;
    the verb asks the same.
    """
    if verb in NAMED_OTHERWISE:
        return NAMED_OTHERWISE[verb]
    if verb in ("acknowledge", "advance", "send_back", "close"):
        return stages.act_of(case, verb)
    return deed.act or Act(verb)


# --- verbs ---------------------------------------------------------------------------------------
def run_advance(call: Call) -> object:
    return stages.advance(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        to=call.to or None, reason=call.post.get("reason", ""),
    )  # fmt: skip


def run_send_back(call: Call) -> object:
    return stages.send_back(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        to=call.to or None, number=call.number, reason=call.reason,
    )  # fmt: skip


def run_reassign(call: Call) -> object:
    kind, _dash, key = call.post.get("target", "").partition("-")
    allowed = dict(deed_fields.targets(call.sheet, call.actor))
    if f"{kind}-{key}" not in allowed:
        kind = ""  # the verb says what to choose
    unit = Unit.objects.get(pk=key) if kind == "unit" else None
    post = Post.objects.select_related("unit").get(pk=key) if kind == "post" else None
    return people.reassign(
        call.case_id, by=call.actor, at=call.at, version=call.version, reason=call.reason,
        unit=unit, post=post, knowing=call.post.get("elsewhere") == f"{kind}-{key}",
    )  # fmt: skip


def run_suspend(call: Call) -> object:
    policies.check_reason(call.reason)
    return pauses.suspend(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        until=call.day("until"), reason=call.reason,
    )  # fmt: skip


def run_comment(call: Call) -> object:
    """The same words twice within a minute are one remark: a double submit says nothing new."""
    text = call.post.get("reason", "").strip()
    for event in call.sheet.events[:1]:
        mine = call.actor.user is not None and event.by_id == call.actor.user.pk
        recent = call.at - event.at < timedelta(minutes=1)
        if mine and recent and (event.verb, event.reason) == ("comment", text):
            return call.sheet.case
    return remarks.comment(call.case_id, by=call.actor, at=call.at, text=text)


def run_urge(call: Call) -> object:
    return remarks.urge(call.case_id, by=call.actor, at=call.at, text=call.post.get("reason", ""))


def run_delist(call: Call) -> object:
    return endings.delist(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        reason=call.reason, left_on=call.day("left_on"),
    )  # fmt: skip


def run_reopen(call: Call) -> object:
    return endings.reopen(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        reason=call.reason, criteria=_named_criteria(call),
    )  # fmt: skip


def _named_criteria(call: Call) -> list[str]:
    chosen = call.post.getlist("criteria")
    return [have.key for have in call.sheet.rules.pack.haves if have.key in chosen]


def run_spawn(call: Call) -> object:
    return remedies.spawn(
        call.case_id, by=call.actor, at=call.at, version=call.version,
        criterion=call.post.get("criterion", ""), reason=call.reason,
    )  # fmt: skip


def run_waive(call: Call) -> object:
    return evidence.waive(
        call.case_id, criterion=call.post.get("criterion", ""),
        reason=call.post.get("reason", ""), by=call.actor, at=call.at,
    )  # fmt: skip


def run_offline(call: Call) -> object:
    return evidence.verify_offline(
        call.case_id, criterion=call.post.get("criterion", ""),
        witness=call.post.get("witness", ""), number=call.post.get("number", ""),
        dated=_dated(call.post.get("dated", "")), by=call.actor, at=call.at,
    )  # fmt: skip


def _dated(text: str) -> date:
    """线下核验 records the paper's number and date."""
    try:
        found: date | None = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Refused("no_date", _("Give the date that stands on the paper."))
    return found


def _check_waiver(sheet: Sheet, actor: Actor, criterion: str) -> None:
    policies.check_waiver(actor, sheet.case, criterion, sheet.on)


def _versioned(verb: Callable[..., object]) -> Callable[[Call], object]:
    """A verb that needs no more than the case, the person and the version."""
    return lambda call: verb(call.case_id, by=call.actor, at=call.at, version=call.version)


def _reasoned(verb: Callable[..., object]) -> Callable[[Call], object]:
    return lambda call: verb(
        call.case_id, by=call.actor, at=call.at, version=call.version, reason=call.reason
    )


def _only_reason(_sheet: Sheet, _actor: Actor) -> Sequence[Field]:
    return (deed_fields.reason_field(),)


def _only_text(_sheet: Sheet, _actor: Actor) -> Sequence[Field]:
    return (deed_fields.reason_field(_("Text")),)


def _optional_text(_sheet: Sheet, _actor: Actor) -> Sequence[Field]:
    return (deed_fields.reason_field(_("Text"), required=False),)


DEEDS: Mapping[str, Deed] = {
    "acknowledge": Deed(
        gettext_lazy("Sign for"),
        gettext_lazy("Sign for"),
        gettext_lazy("Signed for."),
        _versioned(stages.acknowledge),
    ),
    "advance": Deed(
        gettext_lazy("Go on"),
        gettext_lazy("Confirm"),
        gettext_lazy("Done."),
        run_advance,
        deed_fields.advance_lead,
        _optional_text,
    ),
    "send_back": Deed(
        gettext_lazy("Send back"),
        gettext_lazy("Send back"),
        gettext_lazy("Sent back."),
        run_send_back,
        deed_fields.send_back_lead,
        deed_fields.send_back_fields,
        grave=True,
    ),
    "close": Deed(
        gettext_lazy("Confirm the closing"),
        gettext_lazy("Confirm the closing"),
        gettext_lazy("Done."),
        _versioned(stages.close),
        deed_fields.close_lead,
    ),
    "decline": Deed(
        gettext_lazy("Ask for reassignment"),
        gettext_lazy("Ask for reassignment"),
        gettext_lazy("Asked; the office answers."),
        _reasoned(people.decline),
        fields=_only_reason,
        note=gettext_lazy(
            "Possible before signing, and within %(decline_within)d working days after it."
        ),
    ),
    "reassign": Deed(
        gettext_lazy("Reassign"),
        gettext_lazy("Reassign"),
        gettext_lazy("Handed on."),
        run_reassign,
        fields=deed_fields.reassign_fields,
        note=gettext_lazy("The clock runs on."),
    ),
    "suspend": Deed(
        gettext_lazy("Suspend"),
        gettext_lazy("Suspend"),
        gettext_lazy("Suspended; the clock stands still."),
        run_suspend,
        fields=deed_fields.suspend_fields,
        note=gettext_lazy(
            "At most %(suspend_days)d working days a time; beyond %(county_suspends)d in all the"
            " city office decides."
        ),
    ),
    "resume": Deed(
        gettext_lazy("Resume"),
        gettext_lazy("Resume"),
        gettext_lazy("Resumed."),
        _versioned(pauses.resume),
        lambda _sheet, _to, _actor: _("The date moves by the working days lost."),
    ),
    "request_extension": Deed(
        gettext_lazy("Ask for an extension"),
        gettext_lazy("Ask for it"),
        gettext_lazy("Asked; the date stays until it is decided."),
        deeds_time.run_request,
        deeds_time.request_lead,
        deeds_time.request_fields,
        note=gettext_lazy("Asked for before the due date, at most %(times)d times in all."),
    ),
    "grant_extension": Deed(
        gettext_lazy("Grant the extension"),
        gettext_lazy("Grant the extension"),
        gettext_lazy("Granted; the date has moved."),
        deeds_time.run_grant,
        deeds_time.decide_lead,
        deeds_time.grant_fields,
        note=gettext_lazy("What you asked for yourself is decided by somebody else."),
    ),
    "refuse_extension": Deed(
        gettext_lazy("Do not grant the extension"),
        gettext_lazy("Do not grant the extension"),
        gettext_lazy("Not granted; the date stays."),
        deeds_time.run_refuse,
        deeds_time.decide_lead,
        deeds_time.refuse_fields,
    ),
    "drop_proposal": Deed(
        gettext_lazy("Go on, no suspension"),
        gettext_lazy("Go on"),
        gettext_lazy("It goes on; the reason is in the history."),
        _reasoned(proposals.drop_proposal),
        fields=_only_reason,
    ),
    "spawn": Deed(
        gettext_lazy("Add a remedy"),
        gettext_lazy("Add"),
        gettext_lazy("Added; it has its own time."),
        run_spawn,
        fields=deed_fields.spawn_fields,
        note=gettext_lazy("What is written here becomes its measure."),
    ),
    "comment": Deed(
        gettext_lazy("Remark"),
        gettext_lazy("Save"),
        gettext_lazy("Saved."),
        run_comment,
        fields=_only_text,
    ),
    "urge": Deed(
        gettext_lazy("Urge"),
        gettext_lazy("Urge"),
        gettext_lazy("Urged."),
        run_urge,
        fields=_optional_text,
        note=gettext_lazy("The same matter is urged at most once in %(urge_every)d working days."),
    ),
    "withdraw": Deed(
        gettext_lazy("Take back the opening"),
        gettext_lazy("Take back the opening"),
        gettext_lazy("Taken back."),
        _reasoned(endings.withdraw),
        fields=_only_reason,
        grave=True,
        note=gettext_lazy("For a case opened by mistake; its remedies end with it."),
    ),
    "delist": Deed(
        gettext_lazy("Confirm leaving the register"),
        gettext_lazy("Confirm leaving the register"),
        gettext_lazy("Left the register."),
        run_delist,
        fields=deed_fields.delist_fields,
        grave=True,
        note=gettext_lazy(
            "The statistics bureau's list decides; this does not count as a closing."
        ),
    ),
    "reopen": Deed(
        gettext_lazy("Reopen"),
        gettext_lazy("Reopen"),
        gettext_lazy("Reopened."),
        run_reopen,
        fields=deed_fields.reopen_fields,
        grave=True,
        note=gettext_lazy("A reason is needed; the county may explain within 5 working days."),
    ),
    "waive": Deed(
        gettext_lazy("Waive (in the provincial system)"),
        gettext_lazy("Waive"),
        gettext_lazy("Waived."),
        run_waive,
        fields=_only_reason,
        act=Act.REVIEW_EVIDENCE,
        check=_check_waiver,
    ),
    "offline": Deed(
        gettext_lazy("Verify offline"),
        gettext_lazy("Verified"),
        gettext_lazy("Verified offline."),
        run_offline,
        fields=deed_fields.offline_fields,
        act=Act.REVIEW_EVIDENCE,
    ),
}
