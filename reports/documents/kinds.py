"""The kinds of documents that are compiled from data: what each is about, and who compiles it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Case
from organisations.scope import Actor
from reports.documents import actions
from reports.documents.circulars import circular
from reports.documents.content import Content
from reports.documents.nouns import Document
from workflows.models import Programme

Kind = Document.Kind


@dataclass(frozen=True)
class Subject:
    """What a document is compiled about: a programme as of a day, or one of its cases."""

    programme: Programme
    as_of: date
    today: date
    case: Case | None = None


@dataclass(frozen=True)
class Maker:
    """``compiled`` reads the data; ``about_case``: whether it needs a case, and which ones fit."""

    compiled: Callable[[Subject], Content]
    about_case: Callable[[Case], bool] | None = None


def _circular(subject: Subject) -> Content:
    return circular(subject.programme, subject.as_of, subject.today)


MAKERS: dict[Kind, Maker] = {Kind.CIRCULAR: Maker(_circular)}


def compiled(kind: Kind, subject: Subject) -> Content:
    """The content of a kind. Raises ``Refused`` where the subject is not what it is about."""
    maker = MAKERS.get(kind)
    if maker is None:
        raise Refused("no_maker", _("Documents of this kind are not compiled by hand."))
    if maker.about_case is not None and (subject.case is None or not maker.about_case(subject.case)):
        raise Refused("no_case", _("This kind of document is not made about this."))
    return maker.compiled(subject)


def draft_of(kind: Kind, subject: Subject, *, by: Actor, at: datetime) -> Document:
    """拟稿: compiled from the data of the subject and kept as a draft."""
    return actions.draft(
        subject.programme,
        kind,
        compiled(kind, subject),
        by=by,
        at=at,
        as_of=subject.as_of,
    )
