"""A row of the ledger as one line of text, for a chat or a mail."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.columns import Row
from cases.kinds import DASH


def line_of(n: int, row: Row, *, by: bool = False) -> str:
    """“1. 企业 整改 逾期3个工作日 还差：研发经费”, ``by``: with its handler; without the last where
    nothing lacks."""
    said = {"n": n, "firm": row.name, "stage": row.stage, "light": row.light.words}
    said |= {"lack": row.lack_words, "handler": row.handler}
    if row.lack != DASH and by:
        return _("%(n)d. %(firm)s: %(stage)s, %(light)s, %(lack)s (%(handler)s)") % said
    if row.lack != DASH:
        return _("%(n)d. %(firm)s %(stage)s, %(light)s, %(lack)s") % said
    if by:
        return _("%(n)d. %(firm)s: %(stage)s, %(light)s (%(handler)s)") % said
    return _("%(n)d. %(firm)s %(stage)s, %(light)s") % said
