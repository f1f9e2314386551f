"""The page's ledger as a workbook: in the answer, or in the background where it is long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.sheet_columns import sheet_columns
from cases.sheet_lines import SheetLines, rows_of
from cases.sheet_terms import terms_of
from cases.views.ledger import LedgerPage
from cases.workbooks import write_ledger
from organisations.files import Tell
from organisations.markers import ActorRequest
from organisations.scope import Actor


@dataclass(frozen=True)
class _Asked:
    """What a page reads of a request."""

    actor: Actor
    GET: QueryDict


def write_ledger_file(
    target: BinaryIO, asked: dict[str, Any], by: Actor, at: datetime, tell: Tell
) -> int:
    """As the page shows it under this query, for whoever asked."""
    request = _Asked(by, QueryDict(str(asked.get("query", ""))))
    page = LedgerPage(cast(ActorRequest, request), per_page=1, chips=(), remembers=False)
    return write_page(target, page, at, tell)


def write_page(target: BinaryIO, page: LedgerPage, at: datetime, tell: Tell | None = None) -> int:
    head = page.print_head()
    columns = sheet_columns(page.actor)
    made = _("Made by %(who)s, %(at)s") % {
        "who": str(page.actor.user),
        "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
    }
    return write_ledger(
        target,
        title=head["title"],
        facts=[*head["facts"], *filters_of(page), made],
        definition=head["definition"],
        columns=columns,
        rows=rows_of(page.ledger, SheetLines(page.ledger, columns, page.reader.units), tell),
        terms=terms_of(columns),
    )


def filters_of(page: LedgerPage) -> list[str]:
    """What else the list was narrowed by, in the words of its selects: 县区：涧西区."""
    filters = page.filters() if page.asked.active else None
    # the kind of case is named by the scope, without how many there are
    selects = [one for one in filters["selects"] if one["name"] != "procedure"] if filters else []
    told = [(one["label"], dict(one["choices"])) for one in selects]
    chosen = [str(one["value"]) for one in selects]
    named = [
        f"{label}{_(': ')}{words}"
        for (label, choices), value in zip(told, chosen, strict=True)
        for key, words in choices.items()
        if value and str(key) == value
    ]
    return [_("Filter: %(what)s") % {"what": _(", ").join(named)}] if named else []
