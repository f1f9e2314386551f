"""What a verb of ``manage.py case`` is called with, and what it takes."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Case
from organisations.scope import Actor


@dataclass(frozen=True)
class Call:
    """One case, who acts, when, and what was typed."""

    case: Case
    by: Actor
    at: datetime
    options: Mapping[str, Any]

    @property
    def base(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at}

    @property
    def versioned(self) -> dict[str, Any]:
        return {**self.base, "version": self.options["version"]}

    @property
    def seen(self) -> dict[str, Any]:
        """The version of the case that was named, for verbs that act on one of its papers."""
        version = self.options["version"]
        return {**self.base, "seen": {self.case.pk: version} if version is not None else None}

    def text(self, name: str) -> str:
        return str(self.options[name] or "")


Option = tuple[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Verb:
    run: Callable[[Call], object]
    help: str
    options: tuple[Option, ...] = ()

    def add_to(self, parser: ArgumentParser) -> None:
        for names, values in self.options:
            parser.add_argument(*names, **values)
