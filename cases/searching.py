"""What is typed into the search box of the ledger, as a question about cases."""

from __future__ import annotations

import re
from functools import partial

from django.db.models import Q

from enterprises.importing.folding import fold_name
from enterprises.searching import firms_like, of_words
from workflows.models import Programme

# with any dash, 破折号 (two of them) among them, or as it is said or written in a letter:
# 2026年第00233号, （2026）00233号, whatever the brackets
NUMBER = re.compile(
    r"\(?(\d{4})(?:[-\u2010-\u2015\u2212]{1,2}|\u5e74\u7b2c?|\)\u7b2c?)(\d{0,6})\u53f7?"
)
CASE_SERIAL = re.compile(r"0\d{4}")  # 2026-06277 is a case, 2026-0877 a closing
# one group of either number, as somebody says it: 36, 0003, 第0003号, 2026
GROUP = re.compile(r"\u7b2c?([0-9]{1,6})\u53f7?")
YEAR = re.compile(r"20[0-9]{2}")
# how many digits the serial of each has at least
WIDTHS = {"serial": 5, "closing_serial": 4}


def matches(text: str, *, phones: bool = False) -> Q:
    """Name or part of it, credit code, pinyin, initials, number of the case or of its closing or
    its beginning, or one group of its digits (02991, 第0003号, 2026); several words, each found.
    ``phones``: the end of a contact's number too.
    """
    return of_words(text, partial(_found, phones=phones))


def _found(text: str, *, phones: bool) -> Q:
    folded = fold_name(text)
    if found := NUMBER.fullmatch(folded):
        numbered = _begins("serial", found[2]) if found[2] else Q()
        if found[2] and not CASE_SERIAL.fullmatch(found[2]):
            numbered |= _begins("closing_serial", found[2])
        return numbered & Q(programme__statistical_year=int(found[1]))
    if CASE_SERIAL.fullmatch(folded):
        return _of_group(folded)
    # a firm's case has no title: an index holds the others
    named = firms_like(text, phones=phones) | (~Q(title="") & Q(title__contains=text))
    group = GROUP.fullmatch(folded)
    return named | _of_group(group[1]) if group else named


def _of_group(digits: str) -> Q:
    """Each by an index of programme and serial; a year by its programmes."""
    programmes = Programme.objects.order_by()
    within, number = Q(programme__in=programmes.values("pk")), int(digits)
    found = within & Q(serial=number)
    if not CASE_SERIAL.fullmatch(digits):
        found |= within & Q(closing_serial=number)
    if YEAR.fullmatch(digits):
        of_year = programmes.filter(statistical_year=number)
        found |= Q(programme__in=of_year.values("pk"))
    return found


def _begins(column: str, digits: str) -> Q:
    """The serial as printed begins with these digits, or is this number without its noughts."""
    number, lacks = int(digits), WIDTHS[column] - len(digits)
    if lacks <= 0:
        return Q(**{column: number})
    first, count = number * 10**lacks, 10**lacks
    begins = Q(**{f"{column}__gte": first, f"{column}__lt": first + count})
    # who writes a nought has copied what is printed
    return begins if digits.startswith("0") else begins | Q(**{column: number})
