"""What the readers of a document are told: written with the deed, told by the next tick.

The verbs write ``ReceiptNews`` in their own transaction; whoever tells people claims it, tells it
and takes it away in one transaction, so that nothing is lost and nothing told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases.errors import NotYours, Refused
from cases.permissions import refusal
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.hands import writes
from reports.documents.nouns import Document, Receipt, ReceiptNews
from reports.documents.route import OUT, Step
from workflows.models import load_calendar

Kind = ReceiptNews.Kind
A_BATCH = 500
URGE_EVERY = 2  # working days: 同一事项2个工作日内限催办一次


def announce(
    receipts: Iterable[Receipt], kind: Kind, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Into the outbox; inside of the deed's transaction."""
    ReceiptNews.objects.bulk_create(
        ReceiptNews(receipt=one, kind=kind, by=by.user, at=at, reason=reason[:300])
        for one in receipts
    )


@transaction.atomic
def urge(document_id: int, *, by: Actor, at: datetime) -> int:
    """催收 of every copy that nobody has signed for, at most once in two working days; how many."""
    document = Document.objects.select_related("programme__city").filter(pk=document_id).first()
    if document is None or not writes(document, by):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    if document.state not in OUT:
        raise Refused("not_out", _("Only what was issued is urged."))
    rows = Receipt.objects.select_for_update(no_key=True).filter(document=document, signed_at=None)
    waiting = list(rows)
    if not waiting:
        raise Refused("all_signed", _("Everybody has signed for it."))
    found = [row for row in waiting if not _urged_lately(row, at)]
    if not found:
        words = _("The same document is urged at most once in %(n)d working days.")
        raise Refused("urged_lately", words % {"n": URGE_EVERY})
    for row in found:
        row.urged_at, row.urged_by, row.urged_times = at, by.user, row.urged_times + 1
    Receipt.objects.bulk_update(found, ["urged_at", "urged_by", "urged_times"])
    announce(found, Kind.URGED, by=by, at=at)
    return len(found)


def _urged_lately(row: Receipt, at: datetime) -> bool:
    if row.urged_at is None:
        return False
    return load_calendar().between(day_of(row.urged_at), day_of(at)) < URGE_EVERY


def is_waiting() -> bool:
    return ReceiptNews.objects.exists()


def claim() -> list[ReceiptNews]:
    """The oldest, held for this transaction; another worker's are skipped."""
    skip = connection.features.has_select_for_update_skip_locked
    rows = ReceiptNews.objects.select_for_update(of=("self",), skip_locked=skip)
    related = rows.select_related("receipt__document__programme__city", "receipt__unit", "by")
    return list(related.order_by("id")[:A_BATCH])


def told(news: Sequence[ReceiptNews]) -> None:
    ReceiptNews.objects.filter(pk__in=[one.pk for one in news]).delete()


def words_of(news: ReceiptNews) -> tuple[str, str]:
    """Heading and body in the active language."""
    document = news.receipt.document
    parts = {
        "document": _named(document),
        "reason": news.reason.rstrip("。."),
    }
    if news.kind == Kind.WITHDRAWN:
        words = _("%(document)s is withdrawn: %(reason)s. Please do not use it any more.")
        return _("Document withdrawn"), words % parts
    if news.kind == Kind.URGED:
        return _("Please sign for it"), _urged_words(news, document) % parts
    words = _("%(document)s is issued; please sign for it within 1 working day.")
    return _("Document to sign for"), words % parts


def _named(document: Document) -> str:
    """洛研专办〔2026〕18号《关于…的通报》, as one is spoken of."""
    name = pgettext("name of a document", "“%(title)s”") % {"title": document.title}
    if not document.number:
        return name
    words = pgettext("name of a document", "%(number)s %(name)s")
    return words % {"number": document.number, "name": name}


def _urged_words(news: ReceiptNews, document: Document) -> str:
    issued = document.steps.filter(step=Step.ISSUE).last()
    days = 0
    if issued is not None:
        days = load_calendar().between(issued.signed_on, day_of(news.at))
    words = ngettext(
        "%%(document)s was issued %(n)d working day ago and your unit has not signed for it; "
        "please do.",
        "%%(document)s was issued %(n)d working days ago and your unit has not signed for it; "
        "please do.",
        days,
    )
    return words % {"n": days}
