"""样表: the blank papers that firms may take as a pattern, as data of ``samples.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import TypeAdapter

from workflows.text import Rule, Text

FILE = Path(__file__).with_name("samples.yaml")


class Lines(Rule):
    """A list to be filled in by hand: its head, and so many empty rows."""

    columns: tuple[str, ...]
    rows: int


class Part(Rule):
    """One of the three: a paragraph with ``room`` lines below it, fields two a row, a table."""

    p: str = ""
    room: int = 0
    fields: tuple[str, ...] = ()
    table: Lines | None = None


class Sample(Rule):
    """``number``: room for the firm's own number of it; ``sign``: who signs at the end."""

    key: str
    title: Text
    papers: tuple[str, ...]
    number: bool = False
    wide: bool = False
    parts: tuple[Part, ...]
    sign: Literal[True, "both", "finance"]


@cache
def every() -> dict[str, Sample]:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found = TypeAdapter(list[Sample]).validate_python(rows)
    return {sample.key: sample for sample in found}


def for_papers(papers: Collection[str]) -> list[Sample]:
    """The samples of an item's papers, in their order."""
    return [sample for sample in every().values() if set(sample.papers) & set(papers)]
