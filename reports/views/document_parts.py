"""The page of one document: its words, the form while it is a draft, what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations import clock
from organisations.markers import ActorRequest
from organisations.models import Unit
from organisations.scope import Actor
from reports.documents import hands, printing
from reports.documents.again import again_words, already_out
from reports.documents.cells import filled, writable
from reports.documents.content import ITEM, Content, annexes_named
from reports.documents.kinds import MAKERS
from reports.documents.nouns import Document, Receipt, part_for
from reports.documents.persons import hindrance
from reports.documents.readers import addressees_of
from reports.documents.render import NoPdf, our_fonts
from reports.documents.route import LABELS, ON_PAPER, OUT, UNSIGNED, State, Step
from reports.documents.typed import bits, typed_figures
from reports.documents.workbook import has_tables
from reports.views.document_sheets import sheet_dialog

FIGURES_NAMED = 20


def document_page(
    request: ActorRequest,
    found: Document,
    *,
    error: str = "",
    typed: Any = None,
    status: int = 200,
) -> HttpResponse:
    said = found.said
    writes = hands.writes(found, request.actor)
    edits = writes and found.state == State.DRAFTING
    receipts = list(found.receipts.select_related("unit__region", "opened_by", "signed_by"))
    # the counties' governments first, as the paper names them
    receipts.sort(key=lambda one: one.unit.kind != Unit.Kind.TASK_FORCE)
    named = addressees_of(found, receipts) if writes and receipts else []
    other = already_out(found) if writes else None
    context = {
        "document": found,
        "said": said,
        "parts": [_part(text, said) for text in said.paragraphs],
        # who writes and who checks see what no figure of the data stands behind
        "typed": _typed(said) if writes and found.state in UNSIGNED else None,
        "annexes": annexes_named(part_for(said, printing.regions_of(found, request.actor)).annexes),
        "signed_on": said.dated,
        "error": {"kind": "bad", "words": error, "alert": True} if error else None,
        "writes": writes,
        "edits": edits,
        "fields": _shown(said, _fields(found, typed or {})) if edits else [],
        "figures": said.figures if edits else {},
        "has_figures": edits and found.kind in MAKERS and found.as_of is not None,
        "has_tables": has_tables(said),
        "sections": filled(said).sections,
        "steps": found.steps.select_related("recorded_by"),
        "sheets": found.sheets.select_related("by") if writes else [],
        "sheet": sheet_dialog(found, typed, error) if writes else None,
        **_waiting(found, receipts, named),
        "receipts": [
            {"to": to, "by": by, "copy": receipt}
            for receipt, (to, by) in zip(receipts, named, strict=True)
        ]
        if writes
        else [],
        "signs": found.is_out
        and any(r.signed_at is None and r.unit_id in request.actor.unit_ids for r in receipts),
        "again": _again(other) if other else None,
        "next": _next_dialog(found, request.actor, other) if writes else None,
        "others": _other_dialogs(found, request.actor) if writes else [],
        "hindrances": _hindrances(found, request.actor) if writes else [],
        "missing": _missing(found) if edits else "",
    }
    return render(request, "reports/documents/document.html", context, status=status)


def _part(text: str, said: Content) -> dict[str, Any]:
    """A paragraph as it reads; of a bulletin's item the title without its mark."""
    return {
        "is_title": text.startswith(ITEM),
        "bits": bits(text.removeprefix(ITEM), said.figures),
    }


def _again(other: Document) -> dict[str, Any]:
    """A circular of the same figures is out already: which, and the way to it."""
    url = reverse("document", args=[other.pk])
    return {"kind": "soon", "words": again_words(other), "link": {"url": url, "words": str(other)}}


def _typed(said: Content) -> dict[str, Any] | None:
    """手工数字: the figures that were typed, to be checked one by one."""
    found = typed_figures(said)
    if not found:
        return None
    words = ngettext(
        "%(n)d figure of the text was typed by hand and follows no data; it is marked below, please"
        " check it: %(figures)s",
        "%(n)d figures of the text were typed by hand and follow no data; they are marked below,"
        " please check each: %(figures)s",
        len(found),
    )
    comma = pgettext("list of names", ", ")
    shown = comma.join(found[:FIGURES_NAMED]) + ("…" if len(found) > FIGURES_NAMED else "")
    return {"kind": "soon", "words": words % {"n": len(found), "figures": shown}}


def _waiting(
    found: Document, receipts: Sequence[Receipt], named: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Who has not signed for it yet: to be urged, and as words for the chat."""
    if not found.is_out or not named:
        return {}
    lacking = [
        to for receipt, (to, _by) in zip(receipts, named, strict=True) if not receipt.signed_at
    ]
    comma = pgettext("list of names", ", ")
    words = ngettext(
        "%(document)s: %(n)d addressee has not signed for it yet: %(names)s. Please do.",
        "%(document)s: %(n)d addressees have not signed for it yet: %(names)s. Please do.",
        len(lacking),
    )
    said = {"document": str(found), "n": len(lacking), "names": comma.join(lacking)}
    return {"lacking": lacking, "lacking_words": words % said if lacking else ""}


def _shown(said: Content, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A house form has neither addressee, text nor copies."""
    asked = ("title", "countersigners", "cell-")
    return [f for f in fields if f["name"].startswith(asked)] if said.layout == "form" else fields


def _fields(found: Document, typed: Any) -> list[dict[str, Any]]:
    said = found.said
    text = typed.get("text", "\n".join(said.paragraphs))
    is_bulletin = said.layout == "bulletin"
    return [
        {
            "name": "title",
            "kind": "text",
            "label": pgettext("document", "Title"),
            "value": typed.get("title", said.title),
            "maxlength": 200,
        },
        {
            "name": "addressee",
            "kind": "text",
            "label": pgettext("document", "Main addressee"),
            "value": typed.get("addressee", said.addressee),
            "required": False,
            "maxlength": 200,
        },
        {
            "name": "text",
            "kind": "textarea",
            "rows": min(30, text.count("\n") + len(text) // 60 + 2),
            "label": pgettext("document", "Text"),
            "hint": _("One paragraph a line. What stands in braces is filled in from the figures.")
            + (_(" A line that begins with # is the title of an item.") if is_bulletin else ""),
            "value": text,
        },
        {
            "name": "countersigners",
            "kind": "text",
            "label": _("Countersigned by"),
            "hint": _("Left empty, nobody countersigns."),
            "value": typed.get("countersigners", found.countersigners),
            "required": False,
            "maxlength": 200,
        },
        *_cell_fields(said, typed),
        *_copy_fields(found),
    ]


def _cell_fields(said: Content, typed: Any) -> list[dict[str, Any]]:
    """Of a house form: what the office writes, each under its label."""
    return [
        {
            "id": name,
            "name": name,
            "kind": "textarea",
            "rows": min(12, value.count("\n") + len(value) // 40 + 2),
            "label": label,
            "value": value,
            "required": False,
        }
        for place, label, text in writable(said)
        for name in [f"cell-{'-'.join(map(str, place))}"]
        for value in [typed.get(name, text)]
    ]


def _copy_fields(found: Document) -> list[dict[str, Any]]:
    """报, 发, 抄送: always all three, as the copy block prints those that are filled in."""
    comma = pgettext("between addressees", ", ")
    lists = {one.label: comma.join(one.names) for one in found.said.copies}
    labels = [pgettext("copy block", text) for text in ("To", "Sent to", "Copies")]
    return [
        {
            "id": f"names-{n}",
            "name": "names",
            "kind": "text",
            "label": label,
            "copy_label": label,
            "value": lists.get(label, ""),
            "required": False,
        }
        for n, label in enumerate(labels)
    ]


def _hindrances(found: Document, by: Actor) -> list[str]:
    """Why a step that the document waits for is not this person's, and whose it is."""
    ahead = found.ahead
    wanted = [ahead[0]] if ahead else []
    if found.state in OUT:
        wanted.append(Step.WITHDRAW)
    return [words for step in wanted if (words := hindrance(found, step, by, clock.today()))]


def _next_dialog(found: Document, by: Actor, other: Document | None) -> dict[str, Any] | None:
    """The button of the next step and what it asks for; of a step that is for somebody else
    only what they signed on paper is recorded.
    """
    ahead = found.ahead
    if ahead is None:
        return None
    step = ahead[0]
    others = bool(hindrance(found, step, by, clock.today()))
    if others and step not in ON_PAPER:
        return None
    label, lead = str(LABELS[step]), _leads().get(step, "")
    if others:
        label = _("Record on paper: %(step)s") % {"step": step.label}
        lead = _("What somebody else signed on the paper form is recorded here.")
    if other and step in (Step.SIGN, Step.ISSUE):
        lead = again_words(other)
    fields: list[dict[str, Any]] = []
    if step in ON_PAPER:
        fields = [
            {
                "id": "step-name",
                "name": "name",
                "kind": "text",
                "label": _("Signed on the paper form by"),
                "hint": "" if others else _("Leave empty when you do this step yourself."),
                "required": others,
                "maxlength": 60,
            },
            {
                "id": "step-on",
                "name": "signed_on",
                "kind": "date",
                "label": _("Date of the signature"),
                "max": clock.today(),
                "required": False,
            },
        ]
    elif step == Step.NUMBER:
        fields = [
            {
                "id": "step-number",
                "name": "number",
                "kind": "text",
                "label": _("Number of the document"),
                "hint": _("Left empty, it gets the next number of its series."),
                "required": False,
                "maxlength": 40,
            }
        ]
    return {
        "id": "next",
        "title": label,
        "lead": lead,
        "fields": fields,
        "hidden": {"step": step.value},
        "version": found.version,
        "action": reverse("document_act", args=[found.pk, "advance"]),
        "submit": label,
    }


def _leads() -> dict[Step, str]:
    return {
        Step.DRAFT: _("Somebody else checks it; you can have it sent back to edit it again."),
        Step.CHECK: _("Whoever checks it does not sign it: who signs leaves the check to others."),
        Step.SIGN: _("The text is frozen with your signature and the day."),
        Step.ISSUE: _("It goes to its addressees under its number. What went out is not undone."),
        Step.ARCHIVE: _("It stays readable and printable as it is."),
    }


def _other_dialogs(found: Document, by: Actor) -> list[dict[str, Any]]:
    """退回, 不予印发, 撤回: whatever the state allows, each with a reason."""
    wanted = []
    if found.state in UNSIGNED - {State.DRAFTING}:
        wanted.append(("send_back", _("Send back to the author")))
    if found.state in UNSIGNED:
        wanted.append(("discard", pgettext("act on a document", "Do not issue")))
    if found.state in OUT and not hindrance(found, Step.WITHDRAW, by, clock.today()):
        wanted.append(("withdraw", pgettext("act on a document", "Withdraw")))
    return [
        {
            "id": do,
            "title": label,
            "fields": [
                {
                    "id": f"{do}-reason",
                    "name": "reason",
                    "kind": "textarea",
                    "rows": 2,
                    "label": pgettext("of an act on a document", "Reason"),
                }
            ],
            "version": found.version,
            "action": reverse("document_act", args=[found.pk, do]),
            "submit": label,
            "kind": "grave",
        }
        for do, label in wanted
    ]


def _missing(found: Document) -> str:
    """Characters that would print as boxes, named while they can still be changed."""
    try:
        lacking = our_fonts().missing(str(found.content))
    except NoPdf as refusal:
        return refusal.words
    if not lacking:
        return ""
    words = _("No font of this machine has these characters: %(list)s. Replace them or add a font.")
    return words % {"list": " ".join(lacking[:20])}
