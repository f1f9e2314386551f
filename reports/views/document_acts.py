"""What is done to a document from its page: the form parsed, one verb called."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import scanner, uploads
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.paper_files import infected_words
from organisations import clock
from organisations.markers import ActorRequest
from organisations.numbers_sent import number_of
from reports.documents import actions, kinds, telling
from reports.documents.cells import writable
from reports.documents.content import CopyList
from reports.documents.nouns import Document
from reports.documents.route import ON_PAPER, Step

LABELLED = 3  # 报, 发, 抄送
# how people separate names in a list
COMMAS = re.compile(r"[,，、;；\n]+")
SCANS = ("application/pdf", "image/jpeg", "image/png")


def _given(request: ActorRequest) -> dict[str, Any]:
    version = request.POST.get("version", "")
    return {"by": request.actor, "version": number_of(version)}


def _edit(request: ActorRequest, found: Document) -> Document:
    labels = request.POST.getlist("label")[:LABELLED]
    names = request.POST.getlist("names")[:LABELLED]
    copies = [
        CopyList(label=label[:10], names=tuple(n.strip() for n in COMMAS.split(line) if n.strip()))
        for label, line in zip(labels, names, strict=False)
        if label.strip() and line.strip()
    ]
    done = actions.edit(
        found.pk,
        at=clock.now(),
        title=request.POST.get("title", ""),
        addressee=request.POST.get("addressee", ""),
        text=request.POST.get("text", ""),
        copies=copies,
        countersigners=request.POST.get("countersigners", ""),
        written={
            place: request.POST.get(f"cell-{'-'.join(map(str, place))}", text).replace("\r\n", "\n")
            for place, _label, text in writable(found.said)
        },
        **_given(request),
    )
    messages.success(request, _("Saved."))
    return done


def _relink(request: ActorRequest, found: Document) -> Document:
    if found.kind not in kinds.MAKERS or found.as_of is None:
        raise Refused("no_figures", _("This document has no figures of its own."))
    subject = kinds.Subject(found.programme, found.as_of, clock.today(), found.case)
    compiled = kinds.compiled(Document.Kind(found.kind), subject)
    done = actions.relink(found.pk, compiled=compiled, **_given(request))
    messages.success(request, _("The figures and annexes are those of today; your words stayed."))
    return done


def _advance(request: ActorRequest, found: Document) -> Document:
    step = request.POST.get("step", "")
    if step not in Step.values:
        raise Refused("not_now", _("The document is at another step. Open it again."))
    return actions.advance(
        found.pk,
        at=clock.now(),
        step=Step(step),
        name=request.POST.get("name", ""),
        signed_on=_day(request.POST.get("signed_on", "")),
        number=request.POST.get("number", ""),
        note=request.POST.get("note", ""),
        **_given(request),
    )


def _with_reason(verb: Any) -> Any:
    def act(request: ActorRequest, found: Document) -> Document:
        reason = request.POST.get("reason", "")
        done: Document = verb(found.pk, at=clock.now(), reason=reason, **_given(request))
        return done

    return act


def _sign_for(request: ActorRequest, found: Document) -> Document:
    actions.sign_for(found.pk, by=request.actor, at=clock.now())
    messages.success(request, _("Signed for."))
    return found


def _sign_by_sheet(request: ActorRequest, found: Document) -> Document:
    """The scan of the paper form and what was typed from it: a name and a day a step."""
    post = request.POST
    signed = {
        step: (post.get(f"name-{step.value}", ""), _day(post.get(f"on-{step.value}", "")))
        for step in ON_PAPER
    }
    done = actions.sign_by_sheet(
        found.pk, at=clock.now(), papers=scans_of(request), signed=signed, **_given(request)
    )
    messages.success(request, _("Signed by the paper form; its scan is kept with the document."))
    return done


def scans_of(request: ActorRequest) -> list[Paper]:
    """Pages of a PDF or pictures, as safe as every upload; a scanner is asked at once."""
    files = request.FILES.getlist("files")
    if not files:
        return []
    papers = uploads.check_all(files)
    for paper in papers:
        if paper.media_type not in SCANS:
            raise Refused("kind", _("A scan is a PDF, a JPG or a PNG."))
        _check_virus(paper)
    return papers


def _check_virus(paper: Paper) -> None:
    if not settings.CLAMD:
        return
    try:
        finding = scanner.scan(paper.file.read(), settings.CLAMD)
    except scanner.ScannerAway as error:
        words = _("The virus scanner does not answer. Try again in a few minutes.")
        raise Refused("not_scanned", words) from error
    paper.file.seek(0)
    if finding:
        raise Refused("infected", infected_words(paper.name, finding))


def _urge(request: ActorRequest, found: Document) -> Document:
    n = telling.urge(found.pk, by=request.actor, at=clock.now())
    words = ngettext("Urged: %(n)d unit.", "Urged: %(n)d units.", n)
    messages.success(request, words % {"n": n})
    return found


def _day(text: str) -> date | None:
    """A day as a form sends it, or none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


ACTS = {
    "edit": _edit,
    "relink": _relink,
    "advance": _advance,
    "send_back": _with_reason(actions.send_back),
    "discard": _with_reason(actions.discard),
    "withdraw": _with_reason(actions.withdraw),
    "sign_for": _sign_for,
    "sign_by_sheet": _sign_by_sheet,
    "urge": _urge,
}
