"""What a document says: compiled once, frozen as JSON, printed from nothing else.

Paragraphs name figures in braces (``{填报率}``): the text is edited, the figures stay linked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

ITEM = "# "  # begins the title of a bulletin's item
LINK = re.compile(r"\{([^{}\n]{1,40})\}")
Align = Literal["left", "center", "right"]
# 文件, 信函, 简报, 白头 (no head at all), and house forms (tables under a title)
Layout = Literal["file", "letter", "bulletin", "plain", "form"]


class Part(BaseModel):
    """Frozen as the paper is; an unknown key is an error of ours, not silently dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Part):
    """``share``: of the table's width; wide ones take what the others leave."""

    title: str
    share: float = 1
    align: Align = "center"


class Table(Part):
    """Cells as printed; ``caption`` above it (a zone's name, a unit)."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


class Bar(Part):
    """Of a chart: a county's rate, planned line and target in per cent; ``group``: a zone."""

    group: str
    name: str
    rate: float | None
    planned: float | None = None
    target: float | None = None


class Annex(Part):
    """附件: paragraphs, tables, notes. ``reader``: the region whose addressee alone gets it."""

    title: str
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    is_wide: bool = False
    notes: tuple[str, ...] = ()
    reader: int | None = None
    # pages of one kind (a county each) share a number and are named once, by this
    group: str = ""


class Cell(Part):
    """Of a form; ``is_label``: its name, not its answer. ``lines``: kept free at least so many.

    ``is_free``: the office may write it; ``is_own``: it has written it itself."""

    text: str = ""
    span: int = 1
    is_label: bool = False
    lines: int = 1
    is_free: bool = False
    is_own: bool = False


class Grid(Part):
    """A form's ruled table without a head: ``shares`` of its columns, rows of cells."""

    shares: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Section(Part):
    """Of a form: a heading, paragraphs, then a grid or a table; on a page of its own if asked."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    grid: Grid | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    new_page: bool = False


class Preview(Part):
    """A paper of the evidence whose pages are printed behind the form, by its number and hash."""

    evidence: int
    sha256: str
    caption: str


class CopyList(Part):
    """报, 发, 抄送."""

    label: str
    names: tuple[str, ...]


class Content(Part):
    """A whole document without its number, which comes with 编号."""

    layout: Layout
    masthead: str
    title: str
    addressee: str = ""
    paragraphs: tuple[str, ...] = ()
    figures: dict[str, str] = Field(default_factory=dict)
    signer: str = ""
    dated: date | None = None
    is_sealed: bool = True
    note: str = ""
    annexes: tuple[Annex, ...] = ()
    copies: tuple[CopyList, ...] = ()
    issuer: str = ""
    words: tuple[str, ...] = ()  # names that no title tears apart
    subtitle: tuple[str, ...] = ()  # of a form, under its title: left, right
    sections: tuple[Section, ...] = ()
    previews: tuple[Preview, ...] = ()
    is_wide: bool = False
    # a form that is drawn together to stay on one page
    one_page: bool = False
    # steps of the way that this kind goes without, and the mark of its own series of numbers
    skips: tuple[str, ...] = ()
    series: str = ""


def annex_numbers(annexes: Sequence[Annex]) -> list[str]:
    """附件1, 附件2 …: those that are split per addressee share one number, the last; so
    does a group of pages, in its place."""
    whole = [annex for annex in annexes if annex.reader is None]
    given: dict[str | int, int] = {}
    for place, annex in enumerate(whole):
        given.setdefault(_own(annex, place), len(given) + 1)
    if len(given) + (len(whole) < len(annexes)) < 2:
        return [""] * len(annexes)
    places = iter(range(len(whole)))
    numbers = (
        len(given) + 1 if a.reader is not None else given[_own(a, next(places))] for a in annexes
    )
    return [str(number) for number in numbers]


def _own(annex: Annex, place: int) -> str | int:
    """What a number is given to: the annex, or its group."""
    return annex.group or place


def annexes_named(annexes: Sequence[Annex]) -> list[tuple[str, str]]:
    """(number, title) as the text lists them; several counties' lists are one line."""
    numbers = annex_numbers(annexes)
    split = [annex for annex in annexes if annex.reader is not None]
    whole = [(n, a) for n, a in zip(numbers, annexes, strict=True) if a.reader is None]
    named = list(dict.fromkeys((n, a.group or a.title) for n, a in whole))
    if len(split) > 1:
        named.append((numbers[-1], _("Lists of overdue firms (to each county its own)")))
    elif split:
        named.append((numbers[annexes.index(split[0])], split[0].title))
    return named


def linked(text: str, figures: dict[str, str]) -> str:
    """The text with its figures; a name that is none of them stays as it was written."""
    return LINK.sub(lambda found: figures.get(found[1], found[0]), text)


def unlinked(text: str) -> str:
    """A text of the data: its braces are no names of figures."""
    return text.replace("{", "｛").replace("}", "｝")


def unknown_links(text: str, figures: dict[str, str]) -> list[str]:
    """Braces that name no figure: the office is told before it passes the text on."""
    return [name for name in LINK.findall(text) if name not in figures]
