"""A row of the ledger as one line of text, for a chat or a mail."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.columns import Row, sees_counties
from cases.kinds import DASH
from organisations.scope import Actor


def whose(row: Row, actor: Actor) -> str:
    """Whom a line names: the county's own group its handlers, a group of several counties the
    county alone, never a person (practice: units only)."""
    return row.county if sees_counties(actor) else row.handler


def line_of(n: int, row: Row, *, by: str = "") -> str:
    """“1. 企业 整改 逾期3个工作日 还差：研发经费”, ``by``: whose it is; without the last where
    nothing lacks."""
    said = {"n": n, "firm": row.name, "stage": row.stage, "light": row.light.words}
    said |= {"lack": row.lack_words, "whose": by}
    if row.lack != DASH and by:
        return _("%(n)d. %(firm)s: %(stage)s, %(light)s, %(lack)s (%(whose)s)") % said
    if row.lack != DASH:
        return _("%(n)d. %(firm)s %(stage)s, %(light)s, %(lack)s") % said
    if by:
        return _("%(n)d. %(firm)s: %(stage)s, %(light)s (%(whose)s)") % said
    return _("%(n)d. %(firm)s %(stage)s, %(light)s") % said
