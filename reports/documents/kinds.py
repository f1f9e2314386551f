"""The kinds of documents that are compiled from data: what each is about, and who compiles it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Case
from organisations.scope import Actor
from reports.documents import (
    actions,
    assessment_papers,
    firm_papers,
    list_papers,
    matter_papers,
    summary_papers,
    survey_papers,
)
from reports.documents.circulars import circular
from reports.documents.content import Content
from reports.documents.issuers import issuer_of, styled
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
    """``compiled`` reads the data; ``about_case``: whether it needs a case, and which ones fit;
    ``is_of_today``: whether it says how things stand, whatever day was asked for."""

    compiled: Callable[[Subject], Content]
    about_case: Callable[[Case], bool] | None = None
    is_of_today: bool = False


def _of_month(compile_: Callable[[Programme, date, date], Content]) -> Maker:
    return Maker(lambda about: compile_(about.programme, about.as_of, about.today))


def _of_today(compile_: Callable[[Programme, date], Content]) -> Maker:
    return Maker(lambda about: compile_(about.programme, about.today), is_of_today=True)


def _of_case(compile_: Callable[[Case, date], Content], fits: Callable[[Case], bool]) -> Maker:
    def compiled_(about: Subject) -> Content:
        assert about.case is not None
        return compile_(about.case, about.today)

    return Maker(compiled_, fits)


MAKERS: dict[Kind, Maker] = {
    Kind.CIRCULAR: _of_month(circular),
    Kind.BULLETIN: _of_month(list_papers.bulletin),
    Kind.COMMENDATION: _of_month(assessment_papers.commendation),
    Kind.CRITICISM: _of_month(assessment_papers.criticism),
    Kind.SUMMARY_TABLE: _of_month(summary_papers.summary_table),
    Kind.NEEDS_LIST: _of_today(list_papers.needs_list),
    Kind.CLOSING_SHEET: _of_case(firm_papers.closing_sheet, firm_papers.is_main),
    Kind.CASE_FILE: _of_case(firm_papers.case_file, firm_papers.is_main),
    Kind.QUESTIONNAIRE: _of_case(survey_papers.questionnaire, firm_papers.is_main),
    Kind.ORDER_FORM: _of_case(matter_papers.order_form, matter_papers.is_order),
    Kind.MONTHLY_REPORT: _of_case(matter_papers.monthly_report, matter_papers.is_report),
    Kind.PROPOSAL_REPLY: _of_case(matter_papers.proposal_reply, matter_papers.is_proposal),
}


def kinds_about(case: Case) -> list[Kind]:
    """Kinds that can be made about this case."""
    return [k for k, maker in MAKERS.items() if maker.about_case and maker.about_case(case)]


def compiled(kind: Kind, subject: Subject) -> Content:
    """The content of a kind. Raises ``Refused`` where the subject is not what it is about."""
    maker = MAKERS.get(kind)
    if maker is None:
        raise Refused("no_maker", _("Documents of this kind are not compiled by hand."))
    if maker.about_case is not None and (
        subject.case is None or not maker.about_case(subject.case)
    ):
        raise Refused("no_case", _("This kind of document is not made about this."))
    content = maker.compiled(subject)
    return styled(content, kind, subject.programme.city_id, issuer_of(kind, subject.case))


def draft_of(kind: Kind, subject: Subject, *, by: Actor, at: datetime) -> Document:
    """拟稿: compiled from the data of the subject and kept as a draft."""
    return actions.draft(
        subject.programme,
        kind,
        compiled(kind, subject),
        by=by,
        at=at,
        as_of=subject.today if MAKERS[kind].is_of_today else subject.as_of,
        case=subject.case,
    )
