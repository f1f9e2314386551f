"""样表 with the firm's name and code filled in, and nothing else: figures are the firm's own."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from cases.samples import Part, Sample
from reports.documents.content import Cell, Column, Content, Grid, Section, Table, unlinked
from reports.documents.setting import LANGUAGE

# a label of twenty characters in three lines; a credit code in one, whatever font a reader has
PAIRS = (3.2, 3.9, 2.6, 5.2)


def content_of(sample: Sample, firm: str, code: str) -> Content:
    """The paper in Chinese, whatever language the page speaks: it is handed in."""
    with translation.override(LANGUAGE):
        return Content(
            layout="form",
            masthead="",
            title=str(sample.title),
            subtitle=(unlinked(firm), _("Paper no.:　　　　　　") if sample.number else ""),
            sections=(
                *(_section(part, firm, code) for part in sample.parts),
                Section(paragraphs=tuple(_signatures(sample, firm))),
            ),
            words=(unlinked(firm),),
            is_wide=sample.wide,
            skips=("check", "number", "seal"),
        )


def _section(part: Part, firm: str, code: str) -> Section:
    if part.table is not None:
        first, *rest = part.table.columns
        # a number or a day stands first
        columns = (Column(title=first, share=0.6), *(Column(title=title) for title in rest))
        empty = tuple("" for _column in columns)
        return Section(table=Table(columns=columns, rows=(empty,) * part.table.rows))
    if part.fields:
        filled = [_filled(text, firm, code) for text in part.fields]
        rows = tuple(tuple(_cells(filled[at : at + 2])) for at in range(0, len(filled), 2))
        return Section(grid=Grid(shares=PAIRS, rows=rows))
    space = Grid(shares=(1,), rows=((Cell(lines=part.room),),)) if part.room else None
    return Section(paragraphs=(_filled(part.p, firm, code),), grid=space)


def _cells(pair: list[str]) -> Iterator[Cell]:
    """ "企业名称：甲厂" is a name and its answer; without an answer there is room for one."""
    for text in pair:
        name, _colon, value = text.partition("：")
        yield Cell(text=name, is_label=True)
        yield Cell(text=value, span=1 if len(pair) == 2 else 3)


def _filled(text: str, firm: str, code: str) -> str:
    return text.replace("{firm}", unlinked(firm)).replace("{code}", unlinked(code) or "　　　　")


def _signatures(sample: Sample, firm: str) -> Iterator[str]:
    line = _("Person in charge (signature):　　　　　　(seal)　　　　Date:　　　　")
    if sample.sign == "both":
        yield _("Party A: %(firm)s") % {"firm": unlinked(firm)}
        yield line
        yield _("Party B:")
    elif sample.sign == "finance":
        yield _("Head of finance (signature):")
    yield line
