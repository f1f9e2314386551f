"""The links of many invitations as a workbook: a line for each firm, to be sent in the chats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.workbooks import write_ledger
from enterprises.actions.inviting_many import Made
from enterprises.invitation_words import Sheet
from organisations.days import long_day


@dataclass(frozen=True)
class Line:
    made: Made
    sheet: Sheet


@dataclass(frozen=True)
class Column:
    title: str | Promise
    width: int
    text: Callable[[Line], str]


COLUMNS = (
    Column(gettext_lazy("County"), 12, lambda line: line.made.guest.county),
    Column(gettext_lazy("Firm name"), 34, lambda line: line.made.guest.firm.name),
    Column(gettext_lazy("Credit code"), 22, lambda line: line.made.guest.firm.credit_code or ""),
    Column(gettext_lazy("For whom"), 12, lambda line: line.made.guest.person),
    Column(gettext_lazy("Phone"), 16, lambda line: line.made.guest.phone),
    Column(gettext_lazy("Link"), 46, lambda line: line.sheet.url),
    Column(gettext_lazy("Invitation code"), 18, lambda line: line.sheet.typed),
    Column(gettext_lazy("Open until"), 14, lambda line: _last(line.made)),
    Column(gettext_lazy("Words for the chat"), 80, lambda line: line.sheet.words),
)


def write_links(target: BinaryIO, made: Sequence[Made], *, site: str, on: date) -> int:
    """How many lines were written."""
    return write_ledger(
        target,
        title=_("Invitations of firms"),
        facts=[_("Made on: %(day)s") % {"day": long_day(on)}],
        definition=_("Each link is for its own firm only. Delete this file once they are sent."),
        columns=COLUMNS,
        rows=[Line(one, one.sheet(site)) for one in made],
        sheet_name=_("Invitations"),
    )


def as_json(made: Sequence[Made], site: str) -> list[dict[str, Any]]:
    """What the command prints, in the words of inviting one firm."""
    return [
        {
            "firm": one.guest.firm.name,
            "county": one.guest.county,
            "invitation": one.invitation.pk,
            "person": one.guest.person,
            "phone": one.guest.phone,
            "last_on": one.invitation.last_on,
            "code": sheet.typed,
            "address": sheet.url,
            "words": sheet.words,
        }
        for one in made
        for sheet in [one.sheet(site)]
    ]


def _last(made: Made) -> str:
    return made.invitation.last_on.isoformat()
