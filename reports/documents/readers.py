"""Whom a document goes to here: the units that read it under their own names."""

from __future__ import annotations

from organisations.models import Unit
from reports.documents.nouns import Document

EVERYBODY = (Unit.Kind.TASK_FORCE, Unit.Kind.DEPARTMENT, Unit.Kind.LIAISON_GROUP)


def readers_of(document: Document) -> list[Unit]:
    """A letter's own addressee; a circular's counties, departments and groups; a correction goes
    to whoever got what it corrects."""
    if document.letter is not None:
        return [document.letter.unit]
    if document.corrects is not None:
        got = document.corrects.receipts.select_related("unit")
        return [receipt.unit for receipt in got]
    city = document.programme.city
    return list(Unit.objects.filter(region__path__startswith=city.path, kind__in=EVERYBODY))
