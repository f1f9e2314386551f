"""What a posted dialog brings to a verb, and what a dialog is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.sheet import Sheet
from cases.views import deed_fields
from organisations.roles import Act
from organisations.scope import Actor

Field = deed_fields.Field
Words = Any  # str or a lazy translation


@dataclass(frozen=True)
class Call:
    """What a posted dialog brings to a verb."""

    sheet: Sheet
    actor: Actor
    at: datetime
    version: int | None
    to: str
    post: QueryDict

    @property
    def case_id(self) -> int:
        return self.sheet.case.pk

    @property
    def reason(self) -> str:
        return self.post.get("reason", "").strip()

    @property
    def number(self) -> int:
        """The plan's reason that was picked; 0 for none, and for what is no number."""
        text = self.post.get("number", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0

    def day(self, name: str) -> date:
        try:
            day = parse_date(self.post.get(name, "").strip())
        except ValueError:
            day = None
        if day is None:
            raise Refused("no_date", _("Please choose a date."))
        return day


@dataclass(frozen=True)
class Deed:
    """A dialog. ``lead`` and ``fields`` look at the case; ``note`` is the rule in one line."""

    title: Words
    submit: Words
    done: Words
    run: Callable[[Call], object]
    lead: Callable[[Sheet, str, Actor], str] = lambda _sheet, _to, _actor: ""
    fields: Callable[[Sheet, Actor], Sequence[Field]] = lambda _sheet, _actor: ()
    note: Words = ""
    grave: bool = False
    # acts that have no place on the bar: who may is asked here
    act: Act | None = None
    # what shuts it before anything is typed: sheet, person, criterion
    check: Callable[[Sheet, Actor, str], None] | None = None
