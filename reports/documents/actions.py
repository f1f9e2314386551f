"""Verbs of a document. Nothing leaves without a person's 签发; what was signed is not changed.

Four eyes: whoever drafted neither checks nor signs, whoever checked does not sign. The head of the
office signs, where that post is held. A signature on the paper form is recorded with its name and
date: so a small office does without a third account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.actions.evidence import Paper
from cases.errors import NotYours, Refused, Stale
from cases.models import Case
from cases.permissions import refusal
from cases.policies import check_reason
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents import cells, telling
from reports.documents.cells import Place
from reports.documents.content import Content, CopyList, linked, unknown_links
from reports.documents.corrections import correction_of
from reports.documents.hands import may_write, writes
from reports.documents.issuers import issuer_of
from reports.documents.nouns import Document, DocumentStep, Receipt, ReceiptNews, SigningSheet
from reports.documents.numbering import number_for
from reports.documents.persons import check_person
from reports.documents.readers import readers_of
from reports.documents.route import ON_PAPER, OUT, UNSIGNED, State, Step
from workflows.models import Programme

LONGEST_TEXT = 20_000
LONGEST_NAME = 60


@transaction.atomic
def draft(
    programme: Programme,
    kind: Document.Kind,
    content: Content,
    *,
    by: Actor,
    at: datetime,
    as_of: date | None = None,
    corrects: Document | None = None,
    case: Case | None = None,
) -> Document:
    """拟稿 begun from compiled content."""
    issuer = corrects.issuer if corrects is not None else issuer_of(kind, case)
    if not may_write(by, programme.city, issuer.pk if issuer is not None else None):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    return Document.objects.create(
        programme=programme,
        kind=kind,
        title=content.title,
        content=content.model_dump(mode="json"),
        as_of=as_of,
        made_by=by.user,
        made_at=at,
        corrects=corrects,
        case=case,
        issuer=issuer,
    )


@transaction.atomic
def edit(
    document_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int,
    title: str,
    addressee: str,
    text: str,
    copies: Sequence[CopyList],
    countersigners: str = "",
    written: Mapping[Place, str] | None = None,
) -> Document:
    """The office's own words; paragraphs by line, cells of a form by their place (``written``).
    Figures stay linked by their names."""
    document = _locked(document_id, by, version)
    if document.state != State.DRAFTING:
        raise Refused("not_drafting", _("Only a draft is edited. Have it sent back first."))
    paragraphs = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not title.strip() or not (paragraphs or document.said.sections):
        raise Refused("no_text", _("A document needs a title and a text."))
    typed = {place: words.strip() for place, words in (written or {}).items()}
    if len(text) + sum(map(len, typed.values())) > LONGEST_TEXT:
        raise Refused("too_long", _("The text is longer than 20,000 characters."))
    said = cells.written(document.said, typed)
    texts = "\n".join([*paragraphs, *typed.values()])
    strays = unknown_links(texts, said.figures)
    if strays:
        raise Refused(
            "unknown_figure",
            _("No figure is called so: %(names)s. Take a name from the list beside the text.")
            % {"names": pgettext("list of names", ", ").join(dict.fromkeys(strays))},
        )
    changed = said.model_copy(
        update={
            "title": title.strip()[:200],
            "addressee": addressee.strip()[:200],
            "paragraphs": paragraphs,
            "copies": tuple(copies),
        }
    )
    document.title, document.content = changed.title, changed.model_dump(mode="json")
    document.countersigners = countersigners.strip()[:200]
    return _saved(document)


@transaction.atomic
def relink(document_id: int, *, by: Actor, version: int, compiled: Content) -> Document:
    """The figures and annexes of today under the office's own words."""
    document = _locked(document_id, by, version)
    if document.state != State.DRAFTING:
        raise Refused("not_drafting", _("Only a draft is edited. Have it sent back first."))
    kept = document.said
    # a figure that there is no more stays as it was printed, marked as one that was typed
    lost = {n: v for n, v in kept.figures.items() if n not in compiled.figures}
    changed: dict[str, Any] = {
        "figures": compiled.figures,
        "annexes": compiled.annexes,
        "words": compiled.words,
        "paragraphs": tuple(linked(text, lost) for text in kept.paragraphs),
    }
    if kept.layout == "form":
        changed["sections"] = cells.kept(kept, compiled).sections
    content = kept.model_copy(update=changed)
    document.content = content.model_dump(mode="json")
    return _saved(document)


@transaction.atomic
def advance(
    document_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int,
    step: Step,
    name: str = "",
    signed_on: date | None = None,
    number: str = "",
    note: str = "",
) -> Document:
    """The next step. ``name`` and ``signed_on``: of a signature on paper, where it may stand.

    ``number``: an outside one, entered by hand; else the next of its series.
    """
    document = _locked(document_id, by, version)
    ahead = document.ahead
    if ahead is None or ahead[0] != step:
        raise Refused("not_now", _("The document is at another step. Open it again."))
    on, written = day_of(at), " ".join(name.split())[:LONGEST_NAME]
    if written and step not in ON_PAPER:
        raise Refused("not_on_paper", _("This step is done here, not on paper."))
    if signed_on is not None and signed_on > on:
        raise Refused("ahead", _("A signature is not dated ahead."))
    check_person(document, step, by, on, written)
    if step == Step.SIGN:
        _sign(document, signed_on or on)
    elif step == Step.NUMBER:
        document.number = number_for(document, number, on)
    elif step == Step.ISSUE:
        _issue(document, by, at)
    document.state = ahead[1]
    _record(document, step, by, at, name=written, signed_on=signed_on, note=note)
    return _saved(document)


@transaction.atomic
def sign_by_sheet(
    document_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int,
    papers: Sequence[Paper],
    signed: Mapping[Step, tuple[str, date | None]],
) -> Document:
    """凭发文稿纸: the scan of the paper form stands for every step up to the signature, with the
    names and days that were typed from it. ``signed``: by step the name and the day."""
    document = _locked(document_id, by, version)
    if document.state not in UNSIGNED:
        raise Refused("not_now", _("The document is at another step. Open it again."))
    if not papers:
        raise Refused("no_sheet", _("Choose the scan of the paper form."))
    _check_new(document, papers)
    on, last = day_of(at), date.min
    typed = []
    while (ahead := document.ahead) is not None and document.state in UNSIGNED:
        step, name, day = ahead[0], "", on
        if step in ON_PAPER:
            name, day = _signed_on_sheet(step, signed, last, on)
            last = day
        check_person(document, step, by, on, name)
        if step == Step.SIGN:
            _sign(document, day)
        document.state = ahead[1]
        row = _record(document, step, by, at, name=name, signed_on=day)
        typed += [row.pk] if name else []
    # last of all: a refusal leaves no file behind
    first, *_more = [_sheet(document, paper, by, at) for paper in papers]
    DocumentStep.objects.filter(pk__in=typed).update(sheet=first)
    return _saved(document)


def _signed_on_sheet(
    step: Step, signed: Mapping[Step, tuple[str, date | None]], last: date, on: date
) -> tuple[str, date]:
    """Who signed a step on the paper form and when; the days follow one another."""
    name, day = signed.get(step, ("", None))
    name = " ".join(name.split())[:LONGEST_NAME]
    label = {"step": step.label}
    if not name or day is None:
        words = _("Who signed on the paper form, and when: %(step)s.")
        raise Refused("lacks_signer", words % label)
    if day > on:
        raise Refused("ahead", _("A signature is not dated ahead."))
    if day < last:
        words = _("%(step)s: this day is before that of the step before.")
        raise Refused("out_of_order", words % label)
    return name, day


def _check_new(document: Document, papers: Sequence[Paper]) -> None:
    hashes = {paper.sha256 for paper in papers}
    if len(hashes) < len(papers) or document.sheets.filter(sha256__in=hashes).exists():
        raise Refused("same_sheet", _("This scan is there already."))


def _sheet(document: Document, paper: Paper, by: Actor, at: datetime) -> SigningSheet:
    return SigningSheet.objects.create(
        document=document,
        file=paper.file,
        file_name=paper.name,
        media_type=paper.media_type,
        size=paper.size,
        sha256=paper.sha256,
        by=by.user,
        at=at,
    )


@transaction.atomic
def send_back(document_id: int, *, by: Actor, at: datetime, version: int, reason: str) -> Document:
    """退回 to whoever drafts, with a reason; before the signature only."""
    check_reason(reason)
    document = _locked(document_id, by, version)
    if document.state not in UNSIGNED - {State.DRAFTING}:
        raise Refused("not_now", _("The document is at another step. Open it again."))
    document.state = State.DRAFTING
    _record(document, Step.SEND_BACK, by, at, note=reason)
    return _saved(document)


@transaction.atomic
def discard(document_id: int, *, by: Actor, at: datetime, version: int, reason: str) -> Document:
    """Not issued; it stays on record and takes no number."""
    check_reason(reason)
    document = _locked(document_id, by, version)
    if document.state not in UNSIGNED:
        raise Refused("signed", _("What was signed is issued, and then withdrawn if need be."))
    document.state = State.DISCARDED
    _record(document, Step.DISCARD, by, at, note=reason)
    return _saved(document)


@transaction.atomic
def withdraw(document_id: int, *, by: Actor, at: datetime, version: int, reason: str) -> Document:
    """撤回 of what went out, by the head. Gives the draft of the notice that says so (更正通知)."""
    check_reason(reason)
    document = _locked(document_id, by, version)
    if document.state not in OUT:
        raise Refused("not_out", _("Only what was issued can be withdrawn."))
    check_person(document, Step.WITHDRAW, by, day_of(at))
    document.state = State.WITHDRAWN
    _record(document, Step.WITHDRAW, by, at, note=reason)
    _saved(document)
    got = document.receipts.all()
    telling.announce(got, ReceiptNews.Kind.WITHDRAWN, by=by, at=at, reason=reason)
    notice = correction_of(document, reason)
    kind = Document.Kind.CORRECTION
    return draft(document.programme, kind, notice, by=by, at=at, corrects=document)


@transaction.atomic
def open_copy(document: Document, *, by: Actor, at: datetime) -> None:
    """Somebody of an addressee opened it for the first time; remembered once."""
    mine = document.receipts.filter(unit__in=by.unit_ids, opened_at=None)
    mine.update(opened_at=at, opened_by=by.user)


@transaction.atomic
def sign_for(document_id: int, *, by: Actor, at: datetime) -> int:
    """签收 for the units that one belongs to; how many copies."""
    mine = Receipt.objects.select_for_update(no_key=True).filter(
        document=document_id, unit__in=by.unit_ids, document__state__in=OUT
    )
    rows = [row for row in mine if row.signed_at is None]
    if not rows:
        raise Refused("nothing_to_sign", _("There is nothing to sign for."))
    for row in rows:
        row.opened_at, row.opened_by = row.opened_at or at, row.opened_by or by.user
        row.signed_at, row.signed_by = at, by.user
    Receipt.objects.bulk_update(rows, ["opened_at", "opened_by", "signed_at", "signed_by"])
    return len(rows)


# --- what a step asks for ------------------------------------------------------------------------
def _locked(document_id: int, by: Actor, version: int) -> Document:
    document = (
        Document.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__city", "issuer")
        .filter(pk=document_id)
        .first()
    )
    if document is None:
        raise Refused("no_document", _("This document does not exist."))
    if not writes(document, by):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    if document.version != version:
        raise Stale("stale", _("Somebody else changed the document meanwhile. Look at it again."))
    return document


def _saved(document: Document) -> Document:
    document.version += 1
    document.save()
    return document


def _sign(document: Document, on: date) -> None:
    """签发: the text is frozen with the day of its signature; no machine signs."""
    content = document.said.model_copy(update={"dated": on})
    document.content = content.model_dump(mode="json")
    document.seal = document.fingerprint


def _issue(document: Document, by: Actor, at: datetime) -> None:
    """印发: a copy for each addressee, whose people are told to sign for it."""
    copies = [Receipt(document=document, unit=unit) for unit in readers_of(document)]
    made = Receipt.objects.bulk_create(copies)
    telling.announce(made, ReceiptNews.Kind.ISSUED, by=by, at=at)


def _record(
    document: Document,
    step: Step,
    by: Actor,
    at: datetime,
    *,
    name: str = "",
    signed_on: date | None = None,
    note: str = "",
) -> DocumentStep:
    return DocumentStep.objects.create(
        document=document,
        step=step,
        name=name or str(by.user or ""),
        signed_on=signed_on or day_of(at),
        on_paper=bool(name),
        note=" ".join(note.split())[:300],
        recorded_by=by.user,
        recorded_at=at,
    )
