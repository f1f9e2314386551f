"""What is typed into a search box, as a question about rows of firms."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from enterprises.importing.findings import REASONS
from enterprises.importing.folding import code_problem, fold_code, fold_name
from enterprises.pairs import named

# as many as sixty signs can hold, which is what a search is cut to
MOST_WORDS = 30
# several names as one pastes them out of a text, and the marks that stand around one
APART, QUOTES = re.compile("[\u3001\uff1b;]"), "\u201c\u201d\u2018\u2019「」『』《》\"' "
SIGNS = re.compile(f"({APART.pattern})")
# what numbers the names of a pasted list: before one (1. （2） 三.), or a part of its own (十一、)
ONE_TO_NINE = r"\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d"
NUMBERED = re.compile(
    rf"^[(\uff08]?(?:\d{{1,2}}|[{ONE_TO_NINE}\u5341]{{1,3}})[.\uff0e)\uff09](?!\d)\s*"
)
ORDINAL = re.compile(rf"\d{{1,2}}|[{ONE_TO_NINE}]?\u5341[{ONE_TO_NINE}]?")
# names asked for at once: as many of two signs as a search can hold
MOST_NAMES = 20
# a whole credit code: whose register, six digits of a place, ten signs (GB 32100)
CODE = re.compile(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}")
CUT_CODE = re.compile(r"[0-9A-Z]{1,17}")
# a part of one; shorter ones would find everybody's
PART_OF_CODE = re.compile(r"[0-9A-Z]{6,18}")
# the last four digits of a number, or all of it, of a mobile or a telephone with or without its
# area's; as it is printed, 0379-6500123
PHONE = re.compile(r"[0-9]{4}|1[0-9]{10}|[0-9]{7,8}|0[0-9]{2,3}-?[0-9]{7,8}")


def of_words(text: str, asked: Callable[[str], Q], *, county: str = "county__name") -> Q:
    """All that was typed as one name; or of several words each in the row or its county's name. Of
    several names with a sign between them (、；) any: the first twenty; of one sign, or such
    as number a list, only where there are no others.

    ``asked``: one word as a question; ``county``: where the row has the name of its county.
    """
    parts = [name for part in APART.split(text) if (name := part.strip(QUOTES))]
    bare = [NUMBERED.sub("", part).strip(QUOTES) for part in parts]
    names = [name for name in bare if len(name) > 1 and not ORDINAL.fullmatch(name)]
    chosen = list(dict.fromkeys(names or parts or [text]))[:MOST_NAMES]
    return reduce(or_, [_of_one(name, asked, county) for name in chosen])


def _of_one(text: str, asked: Callable[[str], Q], county: str) -> Q:
    words = [word.strip(QUOTES) or word for word in text.split()[:MOST_WORDS]]
    if codes := _codes(words):
        return reduce(or_, map(asked, codes))
    if len(words) < 2:
        return asked(text)
    each = [asked(word) | Q(**{f"{county}__contains": word}) for word in words]
    return asked(text) | reduce(and_, each)


def _codes(words: list[str]) -> list[str]:
    """A column of whole credit codes out of a sheet, as no firm has two; what is left of one with
    which the search is cut off is left out."""
    codes = [word for word in words if CODE.fullmatch(fold_code(word))]
    rest = words[len(codes) :]
    is_cut = len(rest) == 1 and bool(CUT_CODE.fullmatch(fold_code(rest[0])))
    is_column = words[: len(codes)] == codes and (not rest or is_cut)
    return codes if len(codes) > 1 and is_column else []


def shown(text: str) -> str:
    """The search as it is repeated in quotes: without those that stood around each name."""
    return "".join(part.strip(QUOTES) or part for part in SIGNS.split(text))


def doubt(text: str) -> str:
    """Why what looks like a whole credit code cannot be one; empty for everything else."""
    code = fold_code(text)
    problem = code_problem(code) if CODE.fullmatch(code) else None
    return _(REASONS[problem]) if problem else ""


def firms_like(word: str, *, phones: bool = False) -> Q:
    """One word as a question about rows that belong to a firm: a part of its name, its code,
    pinyin or initials.

    The firms are found first, once for the whole list, so that no index of theirs has to share an
    OR with the columns of another table. ``phones``: by the last four digits of a contact's number
    too, for who sees it in full elsewhere.
    """
    return Q(enterprise__in=firms_of(word, phones=phones))


def firms_of(word: str, *, phones: bool = False) -> QuerySet[Any, Any]:
    """Their keys."""
    folded = fold_name(word)
    latin, upper = folded.replace("'", ""), folded.upper()
    firms = apps.get_model("enterprises", "Enterprise").objects.order_by()
    if CODE.fullmatch(upper):
        # each by its index; a firm spelled with these digits has them in its name
        return firms.filter(credit_code=upper).values("pk").union(named(folded))
    other = Q()
    if PART_OF_CODE.fullmatch(upper):
        other |= Q(credit_code__contains=upper)
    if latin.isascii() and latin.isalnum():
        other |= Q(pinyin__contains=latin) | Q(initials__contains=latin)
    if phones and PHONE.fullmatch(latin):
        contacts = apps.get_model("enterprises", "Contact").objects.annotate(
            digits=Replace("phone", Value("-"))
        )
        called = contacts.filter(digits__endswith=latin.replace("-", ""))
        other |= Q(pk__in=called.values("enterprise"))
    # what has to read every firm reads its name there
    return (
        firms.filter(Q(folded_name__contains=folded) | other).values("pk")
        if other
        else named(folded)
    )
