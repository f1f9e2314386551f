"""What became of the papers that a firm sent, in its words, and the one that it takes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.actions import evidence
from cases.dates import day_words
from cases.errors import Refused
from cases.lasting import until_words
from cases.models import Case, Evidence
from cases.sheet import Sheet
from organisations import clock
from organisations.scope import Actor
from workflows.pack_model import Pack
from workflows.text import localised

State = Evidence.State
Part = dict[str, Any]


def take_back(actor: Actor, case: Case, criterion: str, paper: str) -> None:
    """The wrong file, while nobody has decided on it."""
    own = case.evidence.filter(criterion=criterion, submitted_by=actor.user)
    found = own.filter(pk=int(paper)).first() if _is_number(paper) else None
    if found is None:
        raise Refused("no_evidence", _("This paper does not exist."))
    evidence.take_back(found.pk, by=actor, at=clock.now())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def ended(papers: Sequence[Evidence], sheet: Sheet) -> str:
    """Why an accepted paper is asked for again."""
    gone = [p for p in papers if p.state == State.EXPIRED]
    if not gone:
        return ""
    last = gone[-1]
    words = _("“%(name)s” was valid until %(day)s. Please send one that holds now.")
    name = last.file_name or last.offline_number
    return words % {"name": name, "day": day_words(last.valid_until, sheet.on)}


RECEIVED = {
    State.SUBMITTED: "wait",
    State.COUNTY_ACCEPTED: "good",
    State.CITY_ACCEPTED: "good",
    State.WAIVED: "good",
    State.VERIFIED_OFFLINE: "good",
    State.RETURNED: "bad",
    State.EXPIRED: "ended",
    State.NOT_NEEDED: "none",
}


def received_part(sheet: Sheet, pack: Pack, actor: Actor) -> list[Part]:
    names = {have.key: localised(have.label) for have in pack.haves}
    words = {
        "wait": _("being looked at"),
        "good": _("accepted"),
        "bad": _("please complete"),
        "none": str(State.NOT_NEEDED.label),
        "ended": _("expired"),
    }
    unfiled = {
        State.WAIVED: _("The provincial system has it already; nothing is to be sent."),
        State.VERIFIED_OFFLINE: _("Two people have seen it; nothing is to be sent."),
    }
    return [
        {
            "name": paper.file_name or names.get(paper.criterion, ""),
            "item": _and_until(
                unfiled.get(State(paper.state)) or names.get(paper.criterion, ""),
                until_words(paper, pack, sheet.on),
            ),
            "take_back": reverse("portal_upload", args=[sheet.case.pk, paper.criterion])
            if may_take_back(paper, sheet, actor)
            else "",
            "pk": paper.pk,
            "url": reverse("evidence_file", args=[paper.pk]) if paper.file else "",
            "kind": RECEIVED[State(paper.state)],
            "words": words[RECEIVED[State(paper.state)]],
        }
        for paper in sheet.papers
        if paper.state in RECEIVED
    ]


def _and_until(item: str, until: str) -> str:
    return pgettext("list of names", ", ").join(filter(None, [item, until]))


def may_take_back(paper: Evidence, sheet: Sheet, actor: Actor) -> bool:
    """Whoever sent it, while nobody has decided on it."""
    own = actor.user is not None and paper.submitted_by_id == actor.user.pk
    rests = sheet.item is None or sheet.item.is_suspended
    return own and paper.state == State.SUBMITTED and not rests


def history(sheet: Sheet) -> list[Part]:
    """What happened to the firm's papers; the office's own steps are not its business."""
    said = {
        "submit_evidence": _("handed in: %s"),
        "accept_evidence": _("accepted: %s"),
        "return_evidence": _("to be completed: %s"),
        "withdraw_evidence": _("taken back: %s"),
        "expire_evidence": _("expired: %s"),
    }
    return [
        {"at": event.at, "words": said[event.verb] % event.data.get("names", ""), "kind": ""}
        for event in sorted(sheet.events, key=lambda e: (e.at, e.pk), reverse=True)
        if event.verb in said
    ]
