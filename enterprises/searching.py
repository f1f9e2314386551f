"""What is typed into a search box, as a question about rows of firms."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import and_

from django.apps import apps
from django.db.models import Q

from enterprises.importing.folding import CODE_LENGTH, fold_name
from enterprises.pairs import contains

MOST_WORDS = 6
# a part of a credit code; shorter ones would find everybody's
PART_OF_CODE = re.compile(r"[0-9A-Z]{6,18}")
# the last four digits of a mobile, or all of it
PHONE = re.compile(r"[0-9]{4}|1[0-9]{10}")


def of_words(text: str, asked: Callable[[str], Q], *, county: str = "county__name") -> Q:
    """All that was typed as one name; or of several words each in the row or its county's name.

    ``asked``: one word as a question; ``county``: where the row has the name of its county.
    """
    words = text.split()[:MOST_WORDS]
    if len(words) < 2:
        return asked(text)
    each = [asked(word) | Q(**{f"{county}__contains": word}) for word in words]
    return asked(text) | reduce(and_, each)


def of_firm(word: str, *, phones: bool = False) -> Q:
    """One word as a question about a firm: a part of its name, its code, pinyin or initials.

    ``phones``: the last four digits of a contact's number too, for who sees it in full elsewhere.
    """
    folded = fold_name(word)
    latin, upper = folded.replace("'", ""), folded.upper()
    asked = contains("folded_name", folded)
    if len(upper) == CODE_LENGTH and PART_OF_CODE.fullmatch(upper):
        asked |= Q(credit_code=upper)  # whole: by its index
    elif PART_OF_CODE.fullmatch(upper):
        asked |= Q(credit_code__contains=upper)
    if latin.isascii() and latin.isalnum():
        asked |= Q(pinyin__contains=latin) | Q(initials__contains=latin)
    if phones and PHONE.fullmatch(latin):
        contacts = apps.get_model("enterprises", "Contact").objects.filter(phone__endswith=latin)
        asked |= Q(pk__in=contacts.values("enterprise"))
    return asked


def firms_like(word: str, *, phones: bool = False) -> Q:
    """The same of rows that belong to a firm. The firms are found first, once for the whole list,
    so that no index of theirs has to share an OR with the columns of another table."""
    firms = apps.get_model("enterprises", "Enterprise").objects.filter(of_firm(word, phones=phones))
    return Q(enterprise__in=firms.order_by().values("pk"))
