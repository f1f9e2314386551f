"""What a document says: compiled once, frozen as JSON, printed from nothing else.

Paragraphs name figures in braces (``{填报率}``): the text is edited, the figures stay linked.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

LINK = re.compile(r"\{([^{}\n]{1,40})\}")
Align = Literal["left", "center", "right"]
Layout = Literal["file", "letter"]


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


class Annex(Part):
    """附件: paragraphs, tables, notes. ``reader``: the region whose addressee alone gets it."""

    title: str
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[str, ...] = ()
    is_wide: bool = False
    notes: tuple[str, ...] = ()
    reader: int | None = None


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


def linked(text: str, figures: dict[str, str]) -> str:
    """The text with its figures; a name that is none of them stays as it was written."""
    return LINK.sub(lambda found: figures.get(found[1], found[0]), text)


def unknown_links(text: str, figures: dict[str, str]) -> list[str]:
    """Braces that name no figure: the office is told before it passes the text on."""
    return [name for name in LINK.findall(text) if name not in figures]
