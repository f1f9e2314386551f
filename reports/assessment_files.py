"""年度考核 as a workbook and as a printed annex: the page's figures, with their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.workbooks import write_ledger
from organisations.days import long_day
from reports.assessing import Assessed, Named, Sheet, edition_words, rule_words
from reports.documents.content import Column as Printed
from reports.documents.content import Content, Section, Table
from reports.documents.render import our_fonts, render_pdf
from reports.documents.sheets import form_of
from workflows.text import localised


@dataclass(frozen=True)
class _Column:
    title: str | Promise
    text: Callable[[Sheet], str]
    width: int = 12


@dataclass(frozen=True)
class _Number:
    title: str | Promise
    value: Callable[[Sheet], Decimal | int | None]
    width: int = 10

    @property
    def text(self) -> Callable[[Sheet], str]:
        return lambda _sheet: ""


def write_assessment(target: BinaryIO, found: Assessed) -> int:
    """One line a county, each indicator with value, points and arithmetic."""
    columns: list[_Column | _Number] = [
        _Number(_("Rank"), lambda sheet: sheet.rank, 8),
        _Column(_("County"), lambda sheet: sheet.name),
    ]
    for place, one in enumerate(found.rules.indicators if found.rules else ()):
        columns += _columns(localised(one.title), place)
    columns += [
        _Number(_("Total points"), lambda sheet: sheet.total),
        _Column(_("Target"), lambda sheet: reached_words(sheet)),
    ]
    return write_ledger(
        target,
        title=_("Yearly assessment"),
        facts=[str(found.programme), long_day(found.as_of), edition_words(found)],
        columns=columns,
        rows=found.sheets,
        sheet_name=_("Yearly assessment"),
        terms=[("", words) for words in rule_words(found.rules)] if found.rules else (),
    )


def _columns(title: str, place: int) -> list[_Column | _Number]:
    return [
        _Number(title, lambda sheet: sheet.scores[place].value),
        _Number(_("%(name)s, points") % {"name": title}, lambda sheet: sheet.scores[place].points),
        _Column(
            _("%(name)s, computed") % {"name": title},
            lambda sheet: sheet.scores[place].arithmetic,
            26,
        ),
    ]


def reached_words(sheet: Sheet) -> str:
    if sheet.reached is None:
        return "—"
    return pgettext("target", "reached") if sheet.reached else pgettext("target", "missed")


def assessment_paper(found: Assessed) -> bytes:
    """An annex, A4 across. Raises ``NoPdf``."""
    return render_pdf(form_of(_content(found), "", our_fonts(), {}))


def _content(found: Assessed) -> Content:
    sections = [Section(table=score_table(found))]
    for heading, named in (
        (_("Proposed for commendation"), found.commended),
        (_("Proposed for criticism"), found.criticised),
    ):
        sections.append(Section(heading=heading, paragraphs=tuple(named_lines(named))))
    if found.rules:
        rules = tuple(rule_words(found.rules))
        sections.append(Section(heading=_("How points are given"), paragraphs=rules))
    year = found.programme.statistical_year
    return Content(
        layout="form",
        masthead="",
        title=_("Score sheet of the %(year)d assessment") % {"year": year},
        subtitle=(edition_words(found), long_day(found.as_of)),
        sections=tuple(sections),
        is_wide=True,
    )


def score_table(found: Assessed) -> Table:
    """The counties in their order: each indicator as value → points, the sum, the target."""
    given = found.rules.indicators if found.rules else ()
    heads = [Printed(title=_("Rank"), share=0.6), Printed(title=_("County"), share=1.3)]
    heads += [Printed(title=localised(one.title), share=1.6) for one in given]
    heads += [Printed(title=_("Total points")), Printed(title=_("Target"), share=1.1)]
    return Table(columns=tuple(heads), rows=tuple(_cells(sheet) for sheet in found.sheets))


def _cells(sheet: Sheet) -> tuple[str, ...]:
    scores = [f"{_text(one.value)}% → {_text(one.points)}" for one in sheet.scores]
    return (_text(sheet.rank), sheet.name, *scores, _text(sheet.total), reached_words(sheet))


def named_lines(named: Sequence[Named]) -> list[str]:
    """Each county with why; plainly nobody where the rules name none."""
    comma = _(", ")
    words = _("%(county)s: %(why)s")
    lines = [words % {"county": one.sheet.name, "why": comma.join(one.reasons)} for one in named]
    return lines or [_("The rules name no county.")]


def _text(value: Decimal | int | None) -> str:
    return "—" if value is None else str(value)
