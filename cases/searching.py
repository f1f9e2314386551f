"""What is typed into the search box of the ledger, as a question about cases."""

from __future__ import annotations

import re
from functools import partial

from django.db.models import Q

from enterprises.importing.folding import fold_name
from enterprises.searching import firms_like, of_words

NUMBER = re.compile(r"(\d{4})-(\d{1,6})")
CASE_SERIAL = re.compile(r"0\d{4}")  # 2026-06277 is a case, 2026-0877 a closing


def matches(text: str, *, phones: bool = False) -> Q:
    """Name or part of it, credit code, pinyin, initials, number of the case or of its
    closing; several words, each found. ``phones``: the end of a contact's number too.
    """
    return of_words(text, partial(_found, phones=phones))


def _found(text: str, *, phones: bool) -> Q:
    if found := NUMBER.fullmatch(fold_name(text)):
        year, serial = int(found[1]), int(found[2])
        numbered = Q(serial=serial)
        if not CASE_SERIAL.fullmatch(found[2]):
            numbered |= Q(closing_serial=serial)
        return numbered & Q(programme__statistical_year=year)
    # a firm's case has no title: an index holds the others
    return firms_like(text, phones=phones) | (~Q(title="") & Q(title__contains=text))
