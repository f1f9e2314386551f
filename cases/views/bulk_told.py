"""What is said of an act upon many rows: whom it reaches, what became of it, as a file too."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from cases.actions.people import BulkResult
from cases.columns import Column, Row
from cases.dates import day_words
from cases.models import Case, CaseEvent
from cases.rulebook import leaves_by
from cases.wording import words_of
from cases.workbooks import write_ledger
from organisations import clock
from organisations.downloads import XLSX
from organisations.roles import Role
from organisations.scope import Actor

NAMED = 8  # people that a preview names; the rest is counted


@dataclass(frozen=True)
class Told(Row):
    """A row with what became of it."""

    outcome: str = ""
    why: str = ""


def told(act: str, rows: Sequence[Row], preview: BulkResult) -> str:
    """将通知谁: by name, before anything is sent."""
    if act == "supervise":
        return _("Nobody is told before the letter is released.")
    if act == "acknowledge":
        return ""
    if act == "extend":
        return _("Who decides is told: the county's reviewer, beyond his limit the city office.")
    done = {case.pk for case in preview.done}
    names = list(dict.fromkeys(r.handler for r in rows if r.pk in done and r.handler))
    if not names:
        return ""
    named = pgettext("list of names", ", ").join(names[:NAMED])
    if len(names) > NAMED:
        n = len(names) - NAMED
        more = npgettext("people", "%(names)s and %(n)d more", "%(names)s and %(n)d more", n)
        named = more % {"names": named, "n": n}
    return _("Will be told: %(names)s.") % {"names": named}


def signed_before(refused: Collection[int], reader: Actor) -> dict[int, str]:
    """By case who signed for it, and when, where that is why it is left out; two statements more
    where something is."""
    cases = Case.objects.visible_to(reader).filter(pk__in=refused, finished=None)
    gone = [
        case.pk
        for case in cases.with_item().select_related("item")
        if not (case.item.is_suspended or case.item.is_declined or leaves_by(case, "acknowledge"))
    ]
    rows = CaseEvent.objects.filter(case__in=gone, verb="acknowledge").order_by("pk")
    words = _("%(what)s (%(when)s)")
    return {
        one.case_id: words % {"what": words_of(one), "when": _moment(one.at)}
        for one in rows.select_related("case", "by", "by_post__unit")
    }


def _moment(at: datetime) -> str:
    told = timezone.localtime(at)
    return f"{day_words(told.date(), clock.today())} {told.hour}:{told:%M}"


def gone_words(n: int) -> str:
    """Of what was ticked and lies outside one's scope by now: nothing else of it may be told."""
    words = ngettext(
        "%(n)d of the chosen rows is not among those that you see any more: it was reassigned or "
        "withdrawn meanwhile. Nothing has been done yet. Go on with the rows below.",
        "%(n)d of the chosen rows are not among those that you see any more: they were reassigned "
        "or withdrawn meanwhile. Nothing has been done yet. Go on with the rows below.",
        n,
    )
    return words % {"n": n}


def nothing_to_undo() -> str:
    """The same words for what somebody else did and for what never was."""
    return _(
        "This is nothing that you did in one go: only whoever did it can take it back, within 30 "
        "minutes. What became of a case stands on its own page."
    )


def done_words(actor: Actor, act: str, n: int) -> str:
    """已催办12件: what was done, and to how many."""
    told = {
        "urge": lambda: ngettext("%(n)d case urged", "%(n)d cases urged", n),
        "reassign": lambda: (
            ngettext("%(n)d case reassigned", "%(n)d cases reassigned", n)
            if actor.has_role(Role.OFFICE)
            else ngettext(
                "The handler of %(n)d case changed", "The handler of %(n)d cases changed", n
            )
        ),
        "acknowledge": lambda: ngettext("%(n)d case acknowledged", "%(n)d cases acknowledged", n),
        "undo": lambda: ngettext("%(n)d reassignment undone", "%(n)d reassignments undone", n),
        "extend": lambda: ngettext(
            "An extension of %(n)d case is asked for", "Extensions of %(n)d cases are asked for", n
        ),
        "take_back": lambda: ngettext("%(n)d request taken back", "%(n)d requests taken back", n),
        "supervise": lambda: ngettext(
            "%(n)d case stands in a letter that waits in the tray",
            "%(n)d cases stand in letters that wait in the tray",
            n,
        ),
    }
    return told[act]() % {"n": n}


def done_title(actor: Actor, act: str) -> str:
    """What was done; how many, the note says."""
    hand_on = _("Reassign") if actor.has_role(Role.OFFICE) else _("Change the handler")
    titles = {
        "urge": _("Urge"),
        "acknowledge": _("Acknowledge"),
        "reassign": hand_on,
        "extend": _("Ask for an extension"),
        "supervise": _("Supervise"),
    }
    return titles.get(act, _("Undo"))


def _columns() -> list[Column]:
    return [
        Column("firm", _("Firm name"), lambda row: row.name, width=38),
        Column("code", _("Credit code"), lambda row: row.code, width=22),
        Column("number", _("Case number"), lambda row: row.number, width=14),
        Column("county", _("County"), lambda row: row.county),
        Column("handler", _("Handler"), lambda row: row.handler),
        Column("outcome", pgettext("of an act", "Result"), lambda row: _told(row).outcome),
        Column("why", _("Reason"), lambda row: _told(row).why, width=40),
    ]


def _told(row: Row) -> Told:
    assert isinstance(row, Told)
    return row


def result_file(act: str, done: Sequence[Row], refused: Sequence[Row], result: BulkResult) -> str:
    """The list of what was done and what was not, as a workbook within the page."""
    lines = [Told(**vars(row), outcome=_("done")) for row in done]
    lines += [
        Told(**vars(row), outcome=_("left out"), why=result.refused[row.pk]) for row in refused
    ]
    book = io.BytesIO()
    write_ledger(
        book,
        title=done_title(Actor.system(), act),
        facts=[],
        columns=_columns(),
        rows=lines,
    )
    return f"data:{XLSX};base64,{base64.b64encode(book.getvalue()).decode()}"
