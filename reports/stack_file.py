"""Many papers in one go, written in the background: one PDF, or a zip of a PDF each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from cases.errors import Refused
from organisations.files import Tell
from organisations.scope import Actor
from reports.documents import printing
from reports.documents.nouns import Document
from reports.documents.render import NoPdf

# documents from which a stack is not printed inside of the click
AT_ONCE = 10


def write_stack(
    target: BinaryIO, asked: dict[str, Any], by: Actor, at: datetime, tell: Tell
) -> int:
    """``asked``: {"documents": their numbers in order, "apart": a zip}; how many were printed."""
    found = in_order(asked["documents"], by)
    if len(found) < len(asked["documents"]):
        raise Refused("not_yours", _("Some of these documents are no longer yours to print."))
    tell(0, len(found))
    try:
        target.write(printing.stack_of(found, by, apart=bool(asked["apart"]), tell=tell))
    except NoPdf as refusal:
        raise Refused(refusal.code, refusal.words) from refusal
    return len(found)


def in_order(numbers: Sequence[int], by: Actor) -> list[Document]:
    rows = Document.objects.visible_to(by).select_related("programme__city", "corrects")
    held = rows.in_bulk(list(numbers))
    return [held[number] for number in numbers if number in held]
